r"""Measures generated pictures against real ones, as FashionMAC does (arXiv 2511.14031): FID, KID, CLIP-i, LPIPS on the
garment, and how many of the garment's pixels are exact.

    python -m scripts.evaluate generated/ real/ --masks masks/ --clip clip-vit-large-patch14 \
        --inception weights-inception-2015-12-05-6726825d.pth --backbone alexnet-owt-7be5be79.pth

Pictures belong together by the stem of their names. Masks are those that onmodel writes: 0 where the garment is kept,
255 where all is generated; without --masks those beside the generated pictures (NAME.mask.png) are taken. A measure
whose weights are not given is left out. Nothing is fetched. Needs the extra `evaluate`.

Settings: FID and KID on the 2048 features of Inception v3 as torch-fidelity has it (KID by 100 subsets of 50), CLIP-i
the mean cosine of image embeddings, LPIPS with AlexNet on pictures whose generated part is blacked out, 512 high.
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

Picture = npt.NDArray[np.uint8]
ENDINGS = {".png", ".jpg", ".jpeg", ".webp"}
#: Height that LPIPS compares at.
HEIGHT = 512
SUBSETS, SUBSET = 100, 50


@dataclass(frozen=True, slots=True)
class Pair:
    generated: Path
    real: Path
    mask: Path | None


def pairs(generated: Path, real: Path, masks: Path | None = None) -> list[Pair]:
    """Returns what belongs together. Raises SystemExit with a sentence where a picture has no counterpart."""
    found = []
    known = _pictures(real)
    for stem, path in sorted(_pictures(generated).items()):
        if stem not in known:
            raise SystemExit(f"{path.name} has no picture of that name in {real}")
        own = (masks or generated) / (f"{stem}.png" if masks else f"{stem}.mask.png")
        if masks and not own.is_file():
            raise SystemExit(f"{own} is missing")
        found.append(Pair(path, known[stem], own if own.is_file() else None))
    if len(found) < 2:
        raise SystemExit(f"{generated} holds {len(found)} pictures: two are needed at least")
    return found


def _pictures(folder: Path) -> dict[str, Path]:
    return {
        path.stem: path
        for path in folder.iterdir()
        if path.suffix.lower() in ENDINGS and not path.stem.endswith(".mask")
    }


def read(path: Path) -> Picture:
    with Image.open(path) as stored:
        return np.asarray(stored.convert("RGB"))


def both(pair: Pair) -> tuple[Picture, Picture, Picture | None]:
    """Returns both pictures and the mask at the generated one's size."""
    generated, real = read(pair.generated), read(pair.real)
    size = generated.shape[1], generated.shape[0]
    if real.shape != generated.shape:
        real = cv2.resize(real, size, interpolation=cv2.INTER_AREA)
    if pair.mask is None:
        return generated, real, None
    with Image.open(pair.mask) as stored:
        mask = np.asarray(stored.convert("L").resize(size, Image.Resampling.NEAREST))
    return generated, real, mask


def exactness(given: list[Pair]) -> dict[str, float]:
    """Returns the garment's pixels (mask 0) and how many of them differ; pictures of unlike sizes are left out."""
    pixels = changed = left_out = 0
    for pair in given:
        with Image.open(pair.generated) as one, Image.open(pair.real) as other:
            alike = one.size == other.size
        generated, real, mask = both(pair)
        if mask is None or not alike:
            left_out += 1
            continue
        kept = mask == 0
        pixels += int(kept.sum())
        changed += int((generated != real).any(axis=2)[kept].sum())
    return {"garment_pixels": pixels, "garment_pixels_changed": changed, "exactness_left_out": left_out}


def inception(given: list[Pair], weights: Path, features: int = 2048) -> dict[str, float]:
    """Returns FID (arXiv 1706.08500) and KID (1801.01401) on features of Inception v3."""
    from torchmetrics.image.fid import FrechetInceptionDistance, NoTrainInceptionV3
    from torchmetrics.image.kid import KernelInceptionDistance

    torch.load(weights, map_location="meta", weights_only=True)  # its loader would run what a pickle says
    network = NoTrainInceptionV3("inception-v3-compat", [str(features)], str(weights))
    network.num_features = features
    fid = FrechetInceptionDistance(network)
    kid = KernelInceptionDistance(network, subsets=SUBSETS, subset_size=min(SUBSET, len(given)))
    for pair in given:
        generated, real, _ = both(pair)
        for picture, is_real in ((generated, False), (real, True)):
            shown = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None]
            fid.update(shown, real=is_real)
            kid.update(shown, real=is_real)
    torch.manual_seed(0)  # of the subsets
    mean, deviation = kid.compute()
    return {"fid": float(fid.compute()), "kid": float(mean), "kid_deviation": float(deviation)}


def clip(given: list[Pair], folder: Path) -> dict[str, float]:
    """Returns the mean cosine of CLIP's embeddings of both pictures; `folder` holds CLIP in transformers layout."""
    from transformers import CLIPImageProcessor, CLIPVisionModelWithProjection

    model = CLIPVisionModelWithProjection.from_pretrained(folder, use_safetensors=True).eval()
    process = CLIPImageProcessor.from_pretrained(folder)
    found = []
    with torch.inference_mode():
        for pair in given:
            shown = process([Image.fromarray(each) for each in both(pair)[:2]], return_tensors="pt")
            one, other = model(**shown).image_embeds
            found.append(float(torch.nn.functional.cosine_similarity(one, other, dim=0)))
    return {"clip_i": float(np.mean(found))}


def lpips(given: list[Pair], backbone: Path) -> dict[str, float]:
    """Returns LPIPS (arXiv 1801.03924) of the garment alone; `backbone` is torchvision's AlexNet, a state dict."""
    model = _perceptual(backbone)
    found = []
    with torch.inference_mode():
        for generated, real in _garments(given):
            shown = [torch.from_numpy(each).permute(2, 0, 1)[None].float() / 127.5 - 1 for each in (generated, real)]
            found.append(float(model(*shown)))
    return {"mp_lpips": float(np.mean(found))} if found else {}


def _perceptual(backbone: Path) -> Any:
    from torchmetrics.functional.image.lpips import _LPIPS

    model = _LPIPS(net="alex", pnet_rand=True)  # its linear layers come with torchmetrics
    state = torch.load(backbone, map_location="cpu", weights_only=True)
    layers = [layer for part in model.net.children() for layer in part.children() if isinstance(layer, torch.nn.Conv2d)]
    for layer, number in zip(layers, (0, 3, 6, 8, 10), strict=True):
        layer.load_state_dict({name: state[f"features.{number}.{name}"] for name in ("weight", "bias")})
    return model


def _garments(given: list[Pair]) -> Iterator[tuple[Picture, Picture]]:
    """Yields both pictures of each pair with the generated part blacked out, as high as they are compared."""
    for pair in given:
        generated, real, mask = both(pair)
        if mask is None:
            continue
        height, width = mask.shape
        size = max(1, round(width * HEIGHT / height)), HEIGHT
        shown = [np.where(mask[..., None] == 0, each, 0).astype(np.uint8) for each in (generated, real)]
        one, other = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in shown)
        yield one, other


def measure(
    given: list[Pair],
    inception_weights: Path | None = None,
    clip_folder: Path | None = None,
    backbone: Path | None = None,
    features: int = 2048,
) -> dict[str, float]:
    """Returns every measure whose weights are given."""
    found: dict[str, float] = {"pictures": len(given), **exactness(given)}
    if inception_weights is not None:
        found |= inception(given, inception_weights, features)
    if clip_folder is not None:
        found |= clip(given, clip_folder)
    if backbone is not None:
        found |= lpips(given, backbone)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures generated pictures against real ones.")
    parser.add_argument("generated", type=Path)
    parser.add_argument("real", type=Path)
    parser.add_argument("--masks", type=Path, help="NAME.png, 0 where the garment is; else NAME.mask.png is looked for")
    parser.add_argument("--inception", type=Path, help="Inception v3 of torch-fidelity, for FID and KID")
    parser.add_argument("--clip", type=Path, help="a folder of CLIP in transformers layout, for CLIP-i")
    parser.add_argument("--backbone", type=Path, help="AlexNet of torchvision, for LPIPS")
    given = parser.parse_args()
    for path in (given.generated, given.real, given.masks, given.inception, given.clip, given.backbone):
        if path is not None and not path.exists():
            raise SystemExit(f"{path} does not exist")
    warnings.filterwarnings("ignore", module="torchmetrics")
    found = measure(pairs(given.generated, given.real, given.masks), given.inception, given.clip, given.backbone)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
