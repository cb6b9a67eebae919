"""The finder: an embedded network that sees where a garment is and what it is, in any photo.

    network = load()
    seen = network(picture)
    garment = seen.cover > 0.5

Weights and what they were trained on: `weights/README.md`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import cv2
import numpy as np

from stages.contracts import Matte, Plate
from stages.errors import WeightsError
from stages.find.planes import CATEGORY, KINDS, VIEWS, Planes, planes

if TYPE_CHECKING:
    import torch

WEIGHTS = Path(__file__).parent / "weights" / "finder.safetensors"
#: Pixels that the network looks at, whatever the photo's size: finely for outlines, and coarsely for what is what. Of
#: 61 validation photos: median IoU .957 finely, .956 coarsely, .969 with the mean of both.
AREA, COARSE = 320 * 416, 144 * 192
#: Its sides are multiples of this, the trunk's deepest stride.
MULTIPLE = 32
#: The least side of a picture that it looks at, in pixels.
LEAST = 16


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
    """All else: 1 less this is the whole subject, as `background` keeps it."""
    categories: dict[str, float]
    """Calibrated probabilities, summing to 1: the names of `contracts.Category`, and shoes, hat, bag and jewellery."""
    view: dict[str, float]
    """front, back."""
    kind: dict[str, float]
    """flat, hanger, ghost (mannequin, seen or not), worn, several."""

    @property
    def cover(self) -> Matte:
        """All of the garment, H x W in [0, 1]: `garment`, `inside` and `sheer` together."""
        return np.asarray(np.clip(self.garment + self.inside + self.sheer, 0, 1), np.float32)


class Network:
    """The finder's network on a device; call it with a picture."""

    def __init__(self, trunk: Any, device: "torch.device") -> None:
        self._trunk, self.device = trunk, device

    def __call__(self, picture: Plate) -> Seen:
        """Returns what is seen in a picture, H x W x 3 uint8 sRGB, both sides at least 16 pixels.

        The picture is looked at together with its mirror image, so that both give the same. Raises ValueError for
        another shape or type.
        """
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or min(picture.shape[:2]) < LEAST:
            asked = f"a picture is H x W x 3 uint8 of at least {LEAST} pixels"
            raise ValueError(f"{asked}, not {picture.dtype} {picture.shape}")
        height, width = picture.shape[:2]
        looks = [self._look(shrunk(picture, area)) for area in (AREA, COARSE)]
        fine = looks[0].parts.shape[:2]
        parts = np.asarray(
            sum(cv2.resize(each.parts, fine[::-1]) for each in looks) / np.float32(len(looks)), np.float32
        )
        large = cv2.resize(parts, (width, height), interpolation=cv2.INTER_LINEAR)
        garment, inside, sheer, holder, backdrop = (np.ascontiguousarray(each) for each in cv2.split(large))
        for each in (garment, inside, sheer, holder, backdrop):
            each.setflags(write=False)
        view, kind, cloth = (np.mean([getattr(each, name) for each in looks], axis=0) for name in _Look.WHOLE)
        named = dict.fromkeys(CATEGORY.values(), 0.0)
        for category, share in zip(CATEGORY.values(), cloth, strict=True):
            named[category] += float(share)
        return Seen(
            garment=garment,
            inside=inside,
            sheer=sheer,
            holder=holder,
            backdrop=backdrop,
            categories=named,
            view=dict(zip(VIEWS, map(float, view), strict=True)),
            kind=dict(zip(KINDS, map(float, kind), strict=True)),
        )

    def _look(self, small: Plate) -> "_Look":
        """Returns what the trunk makes of a picture of its own size and of its mirror image, in the mean."""
        import torch

        seen = planes(small)
        both = torch.from_numpy(np.stack([seen, seen[..., ::-1]]))
        with torch.inference_mode():
            made = self._trunk(both.to(self.device, memory_format=torch.channels_last))
            shares = made["pixels"].float().softmax(1)
            mean = (shares[0] + shares[1].flip(-1)) / 2
            made["cloth"] = made["cloth"] / self._trunk.temperature
            whole = {name: made[name].float().softmax(1).mean(0).cpu().numpy() for name in _Look.WHOLE}
        return _Look(np.ascontiguousarray(mean.permute(1, 2, 0).cpu().numpy()), **whole)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    parts: Planes
    """H x W x 5 at the trunk's size, in the order of `planes.CLASSES`."""
    view: Planes
    kind: Planes
    cloth: Planes
    WHOLE: ClassVar = ("view", "kind", "cloth")
    """What is said of the whole photo."""


def own_size(height: int, width: int, area: int = AREA) -> tuple[int, int]:
    """Returns the height and width at which the network looks at a picture: `area` pixels, nearly the same shape."""
    # Banners are squeezed to four times as long as wide: the trunk has never seen longer ones.
    shape = min(max(height / width, 0.25), 4)
    tall, wide = (round((area * ratio) ** 0.5 / MULTIPLE) * MULTIPLE for ratio in (shape, 1 / shape))
    return tall, wide


def shrunk(picture: Plate, area: int) -> Plate:
    height, width = own_size(picture.shape[0], picture.shape[1], area)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def load(device: str = "auto", weights: Path = WEIGHTS) -> Network:
    """Loads the network: `device` is auto, cpu, cuda, cuda:N or mps.

    Raises WeightsError if the weights are missing or do not fit, ConfigError for a device that is not here.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    from stages.find.trunk import Trunk
    from stages.generate.device import choose, prepare
    from stages.options import GenerateOptions

    prepare()
    place, _ = choose(GenerateOptions(device=device))
    trunk = Trunk()
    try:
        # Files hold half precision; batch normalisation counts whole numbers.
        state = {name: each.float() if each.is_floating_point() else each for name, each in load_file(weights).items()}
        trunk.load_state_dict(state, assign=True)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise WeightsError(f"{weights.name} is missing or is not the finder's: install onmodel again") from error
    for part in trunk.eval().modules():
        if isinstance(part, torch.nn.Sequential) and len(part) > 1 and isinstance(part[1], torch.nn.BatchNorm2d):
            # A trained network's normalising is a factor and a summand, which the convolution before it takes over.
            part[0], part[1] = fuse_conv_bn_eval(part[0], part[1]), torch.nn.Identity()
    trunk.to(place, memory_format=torch.channels_last)
    return Network(trunk, place)
