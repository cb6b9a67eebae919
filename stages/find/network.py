"""The finder: an embedded network that sees where a garment is and what it is, in any photo.

    network = load()
    seen = network(picture)
    garment = seen.garment + seen.inside + seen.sheer > 0.5

Weights and what they were trained on: `weights/README.md`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from stages.contracts import Matte, Plate
from stages.errors import WeightsError
from stages.find.planes import KINDS, VIEWS, Planes, planes

if TYPE_CHECKING:
    import torch

WEIGHTS = Path(__file__).parent / "weights" / "finder.safetensors"
#: Pixels that the network looks at, whatever the photo's size; about those it was trained with last.
AREA = 320 * 416
#: Its sides are multiples of this, the trunk's deepest stride.
MULTIPLE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the network sees in one photo.

    The first five are probabilities, H x W float32 in [0, 1] at the picture's own size, and sum to 1 in every pixel.
    """

    garment: Matte
    """Opaque cloth that is seen from outside, or the product: a shoe, a hat, a bag."""
    inside: Matte
    """Parts of the garment that lie behind the body when worn: the inner back collar, a lining."""
    sheer: Matte
    """See-through cloth."""
    holder: Matte
    """What holds the garment: hanger, clip, mannequin, person."""
    backdrop: Matte
    subject: Matte
    """H x W float32 in [0, 1]: the whole subject, as `background` keeps it: clothes with who or what wears them."""
    categories: dict[str, float]
    """Calibrated probabilities, summing to 1: the names of `contracts.Category`, and shoes, hat, bag and jewellery."""
    view: dict[str, float]
    """front, back."""
    kind: dict[str, float]
    """flat, hanger, ghost (mannequin, seen or not), worn, several."""


class Network:
    """The finder's network on a device; call it with a picture."""

    def __init__(self, trunk: Any, namer: Any, device: "torch.device") -> None:
        self._trunk, self._namer, self.device = trunk, namer, device

    def __call__(self, picture: Plate) -> Seen:
        """Gives what is seen in a picture, H x W x 3 uint8 sRGB, both sides at least 16 pixels.

        The picture is looked at together with its mirror image, so that both give the same. Raises ValueError for
        another shape or type.
        """
        import torch

        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or min(picture.shape[:2]) < 16:
            raise ValueError(f"a picture is H x W x 3 uint8 of at least 16 pixels, not {picture.dtype} {picture.shape}")
        height, width = picture.shape[:2]
        size = own_size(height, width)
        small = np.asarray(cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        both = torch.from_numpy(_both_ways(planes(small))).to(self.device, memory_format=torch.channels_last)
        with torch.inference_mode():
            made = self._trunk(both)
            shares = _averaged(made["pixels"].float().softmax(1))
            subject = _averaged(made["subject"].float().sigmoid())
            cover = np.ascontiguousarray(shares[:3].sum(axis=0))
            named = self._namer.named(small, cover, self.device)
            said = {name: made[name].float().softmax(1).mean(0).cpu().numpy() for name in ("view", "kind")}
        large = [cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR) for each in (*shares, subject)]
        total = np.sum(large[:5], axis=0)
        parts = [np.asarray(each / total, np.float32) for each in large[:5]]
        for each in (*parts, large[5]):
            each.setflags(write=False)
        garment, inside, sheer, holder, backdrop = parts
        return Seen(
            garment=garment,
            inside=inside,
            sheer=sheer,
            holder=holder,
            backdrop=backdrop,
            subject=large[5],
            categories=named,
            view=dict(zip(VIEWS, map(float, said["view"]), strict=True)),
            kind=dict(zip(KINDS, map(float, said["kind"]), strict=True)),
        )


def own_size(height: int, width: int) -> tuple[int, int]:
    """Gives the height and width at which the network looks at a picture: `AREA` pixels, nearly the same shape."""
    # Banners are squeezed to four times as long as wide: the trunk has never seen longer ones.
    shape = min(max(height / width, 0.25), 4)
    tall, wide = (round((AREA * ratio) ** 0.5 / MULTIPLE) * MULTIPLE for ratio in (shape, 1 / shape))
    return tall, wide


def load(device: str = "auto", weights: Path = WEIGHTS) -> Network:
    """Loads the network: `device` is auto, cpu, cuda, cuda:N or mps.

    Raises WeightsError if the weights are missing or do not fit, ConfigError for a device that is not here.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from stages.find.namer import Namer
    from stages.find.trunk import Trunk
    from stages.generate.device import choose, prepare
    from stages.options import GenerateOptions

    prepare()
    place, _ = choose(GenerateOptions(device=device))
    trunk, namer = Trunk(), Namer()
    try:
        state = load_file(weights)
        trunk.load_state_dict(_part(state, "trunk."))
        namer.load_state_dict(_part(state, "namer."))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise WeightsError(f"{weights.name} is missing or is not the finder's: install onmodel again") from error
    for each in (trunk, namer):
        each.float().eval().to(place, memory_format=torch.channels_last)
    return Network(trunk, namer, place)


def _part(state: "dict[str, torch.Tensor]", prefix: str) -> "dict[str, torch.Tensor]":
    # Files hold half precision; batch normalisation counts whole numbers.
    floats = {name: each.float() if each.is_floating_point() else each for name, each in state.items()}
    return {name.removeprefix(prefix): each for name, each in floats.items() if name.startswith(prefix)}


def _both_ways(seen: Planes) -> Planes:
    return np.stack([seen, seen[..., ::-1]])


def _averaged(made: "torch.Tensor") -> Planes:
    """Gives the mean of a picture's result and its mirror image's, turned back."""
    return np.asarray((made[0] + made[1].flip(-1)).cpu().numpy() / 2, np.float32)
