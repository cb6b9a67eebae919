"""Inpainting with a pose ControlNet, through diffusers: one generator for every family of models.

A model is assembled once (`stages.generate.assemble`), fitted into memory (`stages.generate.memory`), and kept. When
memory runs out while it paints, it is assembled again one rung further down the ladder and paints the same seed anew.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from stages.contracts import ModelCard, Plate, Progress, Request
from stages.errors import NoPlateError
from stages.generate import device, memory
from stages.generate.assemble import assemble
from stages.generate.families import FAMILIES
from stages.generate.weights import Find, on_disk
from stages.options import GenerateOptions

if TYPE_CHECKING:
    import torch

#: Options whose weights are named in the receipt, with the role that they play there.
_ROLES = {"model": "generator", "controlnet": "controlnet", "guard": "controlnet", "vae": "vae"}


def load(options: GenerateOptions, find: Find = on_disk) -> "Diffusion":
    """Loads the model and all that goes with it once.

    Raises WeightsError when weights are missing or are not what they should be, and ConfigError for a device that
    this machine lacks.
    """
    device.prepare()
    where, dtype = device.choose(options)
    if where.type == "cpu":
        device.keep_freed_memory()
    return Diffusion(options, find, where, dtype)


class Diffusion:
    """A loaded pipeline that fulfils `Generator`."""

    def __init__(self, options: GenerateOptions, find: Find, where: "torch.device", dtype: "torch.dtype") -> None:
        """Assembles the pipeline and brings it to its device."""
        self._options, self._find, self._where, self._dtype = options, find, where, dtype
        self._family = FAMILIES[options.family]
        self._identity = False
        self.rung: str = options.memory
        """How the model was fitted into memory; see `stages.generate.memory`."""
        self.seconds: dict[str, float] = {}
        """Where the time of all calls went so far: prompt, encode, steps, decode."""
        self.multiple = self._family.multiple
        self.pixels = options.pixels
        self.cards = _cards(options, find)
        self._encode = lru_cache(maxsize=64)(self._encode_prompt)
        self._embed = lru_cache(maxsize=16)(self._embed_references)
        self._pipe: Any = None
        self._ready()

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        """Gives one plate of the request's size.

        Raises NoPlateError when the safety checker holds it back, or memory runs out even on the lowest rung.
        """
        while True:
            try:
                self._ready()
                return self._paint(request, seed, progress)
            except (RuntimeError, MemoryError) as error:
                self._step_down(error)
            # Outside the handler: the error's traceback holds on to the tensors.
            self._let_go()

    def _paint(self, request: Request, seed: int, progress: Progress) -> Plate:
        import torch

        if bool(request.references) != self._identity:
            self._identity = bool(request.references)
            self._let_go()
            self._ready()
        guided = request.guidance > 1

        def report(_pipe: Any, step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            progress(step + 1, self._pipe.num_timesteps)
            return tensors

        with self._timed("prompt"):
            arguments = self._encode(request.prompt.positive, request.prompt.negative, guided)
            if self._identity:
                arguments = {**arguments, "ip_adapter_image_embeds": self._embed(_Pictures(request.references), guided)}
        before = self.seconds.get("encode", 0) + self.seconds.get("decode", 0)
        began = time.perf_counter()
        result = self._pipe(
            **arguments,
            **self._family.arguments(request, self._options),
            # The CPU's generator gives the same noise whatever device paints.
            generator=torch.Generator("cpu").manual_seed(seed),
            callback_on_step_end=report,
            output_type="np",
        )
        inside = self.seconds.get("encode", 0) + self.seconds.get("decode", 0) - before
        self._add("steps", time.perf_counter() - began - inside)
        if any(getattr(result, "nsfw_content_detected", None) or ()):
            raise NoPlateError("the model's safety checker held the picture back: try another --seed or --prompt")
        plate: Plate = np.rint(result.images[0] * 255).astype(np.uint8)
        return plate

    def _build(self) -> Any:
        """Assembles the pipeline and places it on its device."""
        pipe = assemble(self._options, self._find, self._dtype, identity=self._identity)
        if self.rung == "auto":
            parts = memory.sizes(pipe)
            names = (self._family.denoiser, "controlnet")
            room = memory.free(self._where)
            if self._where.type != "cuda":
                room += sum(parts.values())  # they lie in that memory already
            fits = memory.choose(parts, names, self.pixels, self._dtype.itemsize, room)
            self.rung = fits if fits in memory.rungs(self._where) else memory.rungs(self._where)[-1]
        denoisers = memory.denoisers(pipe, self._family)
        device.lay_out([*denoisers, pipe.vae], self._where)
        memory.place(pipe, self.rung, self._family, self._where, self._dtype)
        if self._options.compile:
            device.compile_blocks(denoisers)
        pipe.vae.encode = _Remembered(self._clocked("encode", pipe.vae.encode))
        pipe.vae.decode = self._clocked("decode", pipe.vae.decode)
        return pipe

    def _ready(self) -> None:
        """Builds the pipeline if there is none, on the first rung from the present one down that it fits on."""
        while self._pipe is None:
            try:
                self._pipe = self._build()
            except (RuntimeError, MemoryError) as error:
                self._step_down(error)
            memory.release()

    def _step_down(self, error: Exception) -> None:
        """Goes one rung down the ladder. Raises the error if it is not about memory, NoPlateError on the last rung."""
        if not memory.ran_out(error):
            raise error
        below = memory.LADDER.index(self.rung) + 1 if self.rung in memory.LADDER else 0
        lower = memory.rungs(self._where)[below:]
        if not lower:
            raise NoPlateError(
                f"there is not enough memory on {self._where} for this model: close other programs, or take a smaller "
                "preset or --device cpu"
            ) from error
        self.rung = lower[0]

    def _let_go(self) -> None:
        """Drops the pipeline before another one is built, since two may not fit."""
        self._pipe = None
        self._embed.cache_clear()
        memory.release()

    def _encode_prompt(self, positive: str, negative: str, guided: bool) -> dict[str, Any]:
        import torch

        with torch.inference_mode():
            return self._family.encode(self._pipe, positive, negative, guided)

    def _embed_references(self, references: "_Pictures", guided: bool) -> Any:
        import torch

        with torch.inference_mode():
            return self._pipe.prepare_ip_adapter_image_embeds(
                [[Image.fromarray(each) for each in references.plates]], None, self._pipe._execution_device, 1, guided
            )

    def _clocked(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def clocked(*given: Any, **named: Any) -> Any:
            with self._timed(name):
                return call(*given, **named)

        return clocked

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._add(name, time.perf_counter() - began)

    def _add(self, name: str, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


class _Pictures:
    """Reference pictures as a key of a cache."""

    def __init__(self, plates: tuple[Plate, ...]) -> None:
        self.plates = plates
        self._key = tuple(hashlib.sha256(each.tobytes()).digest() for each in plates)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pictures) and self._key == other._key


class _Remembered:
    """An autoencoder's `encode` that keeps what it gave for the last pictures, so that candidates share it.

    What is kept is the distribution: each seed still draws its own sample from it.
    """

    def __init__(self, encode: Callable[..., Any], size: int = 4) -> None:
        self._encode, self._size = encode, size
        self._kept: dict[bytes, Any] = {}

    def forget(self) -> None:
        """Lets all of it go."""
        self._kept.clear()

    def __call__(self, picture: Any, **named: Any) -> Any:
        key = hashlib.sha256(picture.detach().float().cpu().numpy().tobytes() + repr(sorted(named)).encode()).digest()
        if key not in self._kept:
            while len(self._kept) >= self._size:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = self._encode(picture, **named)
        return self._kept[key]


def _cards(options: GenerateOptions, find: Find) -> tuple[ModelCard, ...]:
    """Gives what a receipt says of every model that paints."""
    named = [(role, getattr(options, field)) for field, role in _ROLES.items()]
    named += [("lora", lora.weights) for lora in options.loras]
    found = [(role, find(name)) for role, name in named if name is not None]
    return tuple(ModelCard(role, each.id, each.revision, each.licence) for role, each in found)
