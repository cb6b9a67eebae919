"""Inpainting with a pose ControlNet, through diffusers: one generator for every family of models.

A model is assembled once (`stages.generate.assemble`), fitted into memory (`stages.generate.memory`), and kept. When
memory runs out while it paints several pictures at once, it paints half as many; with one, the model is assembled again
one rung further down the ladder. Either way the same seeds are painted anew.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from stages.contracts import ModelCard, Plate, Progress, Request
from stages.errors import NoPlateError, OnmodelError
from stages.generate import batch, device, known, memory, refuse
from stages.generate.assemble import assemble
from stages.generate.encoder_cache import CachedEncoder, PictureKey
from stages.generate.families import FAMILIES
from stages.generate.weights import Find, on_disk
from stages.options import GenerateOptions

#: Options whose weights are named in the receipt, with the role that they play there.
_ROLES = {
    "model": "generator", "controlnet": "controlnet", "depth": "controlnet", "guard": "controlnet", "vae": "vae",
}  # fmt: skip

#: What the identity adapter is shown of people without references, at no weight.
_NOBODY = (np.zeros((8, 8, 3), np.uint8),)


def load(options: GenerateOptions, find: Find = on_disk) -> "Diffusion":
    """Begins to load the model and all that goes with it, in a thread: painting waits for it.

    Raises ConfigError for options that the family cannot heed, WeightsError when weights are missing. What else is
    wrong with them, or a device that this machine lacks, is raised by `Diffusion.wait`, and by painting.
    """
    refuse.check(options)
    device.prepare()
    painter = Diffusion(options, find)
    painter.begin()
    return painter


class Diffusion:
    """A pipeline that fulfils `BatchGenerator`."""

    def __init__(self, options: GenerateOptions, find: Find) -> None:
        """Finds the weights, and loads none of them yet."""
        self._options, self._find = options, find
        self._family = FAMILIES[options.family]
        self._identity = False
        self.rung: str = options.memory
        """How the model was fitted into memory; see `stages.generate.memory`."""
        self.seconds: dict[str, float] = {}
        """Where the time of all calls went so far: load (waiting for it), prompt, encode, steps, decode."""
        self.multiple = self._family.multiple
        self.pixels = options.pixels
        self.cards = _cards(options, find)
        self._most = options.batch if self._family.several else 1
        self._encode = lru_cache(maxsize=64)(self._encode_prompt)
        self._embed = lru_cache(maxsize=16)(self._embed_references)
        self._pipe: Any = None
        self._where: Any = None
        self._dtype: Any = None
        self._loading: Future[None] | None = None
        self._guard = threading.Lock()

    def begin(self) -> None:
        """Begins to load in a thread. What goes wrong there is raised by `wait`."""
        thread = ThreadPoolExecutor(1, "load")
        self._loading = thread.submit(self._ready)
        thread.shutdown(wait=False)

    def wait(self) -> None:
        """Waits until the model is loaded. Raises what went wrong."""
        loading, self._loading = self._loading, None
        if loading is not None:
            loading.result()
        self._ready()

    def at_once(self) -> int:
        """Returns how many pictures are painted at once: as asked for, or as fit; fewer once memory ran out."""
        if not self._most:
            where, dtype = device.choose(self._options)
            self._most = 1
            if where.type == "cuda":
                self.wait()
                if self.rung == "whole":
                    self._most = memory.together(self.pixels, dtype.itemsize, memory.free(where))
        return self._most

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        """Returns one plate of the request's size.

        Raises NoPlateError when the safety checker holds it back, or memory runs out even on the lowest rung.
        """
        return batch.one(self, request, seed, progress)

    def many(self, requests: Sequence[Request], seeds: Sequence[int], progress: Progress) -> list[Plate | NoPlateError]:
        """Returns a plate for each, as many at once as `at_once` says; those that are not alike, one after another."""
        found: dict[int, Plate | NoPlateError] = {}
        waiting = batch.alike(requests)
        while waiting:
            group = waiting.pop(0)
            at_once = self.at_once()
            now, later = group[:at_once], group[at_once:]
            if later:
                waiting.insert(0, later)

            def report(done: int, steps: int, now: list[int] = now) -> None:
                progress(len(found) * steps + done * len(now), len(requests) * steps)

            plates: Sequence[Plate | NoPlateError] | None
            try:
                plates = self._tried([requests[at] for at in now], [seeds[at] for at in now], report)
            except NoPlateError as error:
                plates = [error] * len(now)
            if plates is None:
                waiting.insert(0, now)
            else:
                found.update(zip(now, plates, strict=True))
        return [found[at] for at in range(len(requests))]

    def _tried(
        self, requests: list[Request], seeds: list[int], progress: Progress
    ) -> list[Plate | NoPlateError] | None:
        """Returns the plates of alike requests; None if memory ran out, and there may be enough at the next try.

        Raises NoPlateError if not.
        """
        try:
            with self._timed("load"):
                self.wait()
            return self._paint(requests, seeds, progress)
        except (RuntimeError, MemoryError) as error:
            if len(requests) > 1 and memory.ran_out(error):
                self._most = len(requests) // 2
            else:
                self._step_down(error)
        # Outside the handler: the error's traceback holds on to the tensors.
        if len(requests) > 1:
            memory.release()
        else:
            self._let_go()
        return None

    def _paint(self, requests: list[Request], seeds: list[int], progress: Progress) -> list[Plate | NoPlateError]:
        import torch

        references = requests[0].references
        if references and not self._identity and not self._family.sees_references:
            self._add_identity()
        guided = requests[0].guidance > self._family.guided_above

        def report(pipe: Any, step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            if kept is not None:
                tensors["latents"] = kept(pipe, step, tensors["latents"])
            progress(step + 1, pipe.num_timesteps)
            return tensors

        with self._timed("prompt"):
            words = [self._encode(each.prompt.positive, each.prompt.negative, guided) for each in requests]
            arguments = {name: batch.joined([each[name] for each in words]) for name in words[0]}
            if self._identity:
                # It stays for people without references, whom it changes nothing of: its layers are skipped at scale 0.
                self._pipe.set_ip_adapter_scale(self._options.identity_scale if references else 0.0)
                arguments["ip_adapter_image_embeds"] = self._embed(PictureKey(references or _NOBODY), guided)
        kept = known.of(self._pipe, self._family, requests, seeds)
        arguments |= self._family.arguments(requests, self._options) | ({} if kept is None else kept.arguments)
        before = self.seconds.get("encode", 0) + self.seconds.get("decode", 0)
        began = time.perf_counter()
        result = self._pipe(
            **arguments,
            # The CPU's generator gives the same noise whatever device paints, and one for each picture the same
            # whatever is painted beside it.
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
            callback_on_step_end=report,
            output_type="np",
        )
        inside = self.seconds.get("encode", 0) + self.seconds.get("decode", 0) - before
        self._add("steps", time.perf_counter() - began - inside)
        held_back = getattr(result, "nsfw_content_detected", None) or [False] * len(requests)
        return [
            NoPlateError("the model's safety checker held the picture back: try another --seed or --prompt")
            if held
            else np.rint(picture * 255).astype(np.uint8)
            for picture, held in zip(result.images, held_back, strict=True)
        ]

    def _build(self) -> Any:
        """Assembles the pipeline and places it on its device."""
        with device.BUILDING:
            pipe = assemble(self._options, self._find, self._dtype, identity=self._identity)
        if self.rung == "auto":
            parts = memory.sizes(pipe)
            names = (self._family.denoiser, "controlnet")
            room = memory.free(self._where)
            if self._where.type != "cuda":
                room += sum(parts.values())  # they lie in that memory already
            fits = memory.choose(parts, names, self.pixels, self._dtype.itemsize, room)
            self.rung = fits if fits in memory.rungs(self._where) else memory.rungs(self._where)[-1]
        memory.place(pipe, self.rung, self._family, self._where, self._dtype)
        if self._options.compile:
            device.compile_blocks(memory.denoisers(pipe, self._family))
        if hasattr(pipe.vae, "enable_slicing"):
            pipe.vae.enable_slicing()  # pictures of a batch are decoded one at a time: the decoder needs most memory
        pipe.vae.encode = CachedEncoder(self._clocked("encode", pipe.vae.encode), sampled=self._family.latents.sampled)
        pipe.vae.decode = self._clocked("decode", pipe.vae.decode)
        return pipe

    def _ready(self) -> None:
        """Builds the pipeline if there is none, on the first rung from the present one down that it fits on."""
        with self._guard:
            if self._where is None:
                self._where, self._dtype = device.choose(self._options)
                if self._where.type == "cpu":
                    device.keep_freed_memory()
            while self._pipe is None:
                try:
                    self._pipe = self._build()
                except (RuntimeError, MemoryError) as error:
                    self._step_down(error)
                memory.release()

    def _add_identity(self) -> None:
        """Builds the pipeline anew with the identity adapter. Raises ConfigError or WeightsError without one."""
        self._identity = True
        self._let_go()
        try:
            self._ready()
        except OnmodelError:
            self._identity = False
            raise

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

    def _embed_references(self, references: PictureKey, guided: bool) -> Any:
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


def _cards(options: GenerateOptions, find: Find) -> tuple[ModelCard, ...]:
    """Returns what a receipt says of every model that paints."""
    named = [(role, getattr(options, field)) for field, role in _ROLES.items()]
    named += [("lora", lora.weights) for lora in options.loras]
    found = [(role, find(name)) for role, name in named if name is not None]
    return tuple(ModelCard(role, each.id, each.revision, each.licence) for role, each in found)
