"""Where weights lie on this machine, and what may be loaded of them.

A stage never downloads: it is given a `Find`, which turns the name of some weights into files. `on_disk` knows folders
and files; the pipeline's own also knows the Hub's cache.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stages.errors import WeightsError
from stages.generate import layout

HOUSE = Path(__file__).parent / "house"
PICKLES = {".bin", ".ckpt", ".pt", ".pth"}


@dataclass(frozen=True, slots=True)
class Weights:
    """Some weights on this machine."""

    id: str
    """As the options name them, for people and the receipt."""
    path: Path
    """A folder in diffusers layout, or one file."""
    revision: str | None = None
    licence: str = "unknown"


class Find(Protocol):
    """Returns the weights of a name, or raises WeightsError that says what to do. With `settings` those may be missing
    that a single file brings itself.
    """

    def __call__(self, name: str, *, settings: bool = False) -> Weights: ...


def on_disk(name: str, *, settings: bool = False) -> Weights:  # noqa: ARG001 - as Find says
    """Returns the weights of a folder or file, or the embedded model's for `house`."""
    if name == "house":
        return Weights(name, HOUSE, licence="Apache-2.0")
    path = Path(name).expanduser()
    if not path.exists():
        raise WeightsError(f"{name!r} is neither a folder nor a file here: correct it, or use --preset house")
    return Weights(name, path)


def check(path: Path, allowed: tuple[str, ...]) -> None:
    """Raises WeightsError for a pickle that is not allowed by name: unpickling runs whatever its author wrote."""
    if path.suffix.lower() in PICKLES and path.name not in allowed:
        raise WeightsError(
            f"{path.name} is a pickle, which can run code when it is read: take a .safetensors file, or name it in "
            "allow_pickle if you trust it"
        )


def only_safe(folder: Path, allowed: tuple[str, ...]) -> bool | None:
    """Returns diffusers' `use_safetensors` for a folder: True, or None where its pickles are all allowed by name."""
    if not allowed:
        return True
    for path in folder.rglob("*"):
        check(path, allowed)
    return None


def variant(folder: Path) -> str | None:
    """The variant, such as fp16, in which a folder or one of its parts comes alone; None if each comes plain."""
    for part in sorted({path.parent for path in folder.rglob("*.safetensors")}):
        variants = layout.variants([path.name for path in part.iterdir()])
        if variants and None not in variants:
            return sorted(str(each) for each in variants)[0]
    return None


def channels(file: Path) -> int:
    """Returns how many channels the denoiser of a single-file checkpoint takes: 4, or 9 for an inpainting model.

    Read from the header alone (safetensors: 8 bytes of length, then JSON). Raises WeightsError when there is no
    denoiser in the file.
    """
    if file.suffix.lower() in PICKLES:
        import torch

        state = torch.load(file, map_location="meta", weights_only=True)
        shapes = {name: list(value.shape) for name, value in state.get("state_dict", state).items()}
    else:
        try:
            with file.open("rb") as content:
                header = json.loads(content.read(struct.unpack("<Q", content.read(8))[0]))
        except (struct.error, ValueError, OSError, OverflowError, MemoryError) as error:
            raise WeightsError(f"{file.name} is not a safetensors file: fetch it again") from error
        shapes = {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
    for name in ("model.diffusion_model.input_blocks.0.0.weight", "conv_in.weight"):
        if name in shapes:
            return int(shapes[name][1])
    raise WeightsError(f"{file.name} holds no denoiser: give a whole Stable Diffusion checkpoint")
