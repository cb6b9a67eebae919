"""Measures the finder on photos that it was not trained with, and prints a table.

    python -m scripts.finder.evaluate SELLERS --judged JUDGED.json

On the sellers' validation photos: intersection over union with the judged masks, of what the network says and of the
cut-outs that a run makes, and the categories. On real cut-outs
pasted on paper of nearly their colour, and on drawn photos of fresh seeds: the same, and the parts.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scripts.finder.backdrops import backdrop
from scripts.finder.draw import SIZES, draw
from scripts.finder.example import PLANES
from scripts.finder.sellers import Bytes, listed, read, read_mask
from stages import find
from stages.contracts import Photo, Plate
from stages.errors import NotFoundError
from stages.find.finder import Finder
from stages.find.network import WEIGHTS, Network, Seen, load
from stages.find.planes import CATEGORY
from stages.options import SegmentOptions

#: Confidence from which a wrong category counts as said with conviction.
SURE = 0.9


def found(seen: Seen) -> np.ndarray:
    """Returns the garment, its inside and sheer parts, H x W bool."""
    return np.asarray(seen.cover > 0.5)


def overlap(made: np.ndarray, wanted: np.ndarray) -> float:
    """Returns intersection over union of two H x W bool masks; 1 where both are empty."""
    return float((made & wanted).sum() / max(1, (made | wanted).sum())) if (made | wanted).any() else 1.0


def on_sellers(network: Network, sellers: Path, judged: dict[str, str], split: str, count: int | None) -> list[str]:
    ious, named, worst = [], [], []
    begun, spent = time.process_time(), 0.0
    rows = list(listed(sellers, split))
    for each in rows[:: max(1, len(rows) // count)] if count else rows:
        begun = time.process_time()
        seen = network(photo := read(each.photo))
        spent += time.process_time() - begun
        said = max(seen.categories, key=seen.categories.__getitem__)
        named.append((CATEGORY[each.cloth], said, seen.categories[said]))
        if each.mask is not None and judged.get(each.name, "right") == "right":
            ious.append(overlap(found(seen), read_mask(each.mask) > 127))
            worst.append((ious[-1], each.name))
        del photo
    worst.sort()
    lines = [f"{split}: {len(ious)} photos with judged masks: {_spread(ious)}"]
    lines.append("  worst: " + ", ".join(f"{name[:18]} {value:.2f}" for value, name in worst[:12]))
    lines += _categories(named)
    return [*lines, f"  {spent / max(1, len(named)):.3f} s of CPU a photo"]


def on_cuts(
    network: Network, sellers: Path, judged: dict[str, str], split: str, count: int | None, *, collar: bool
) -> list[str]:
    """Measures cut-outs as a run makes them, not what the network says: backdrop, matte and collar are in it."""
    options, segmenter, ious = SegmentOptions(keep_collar=collar), Finder(network), []
    rows = [each for each in listed(sellers, split) if judged.get(each.name, "right") == "right"]
    for each in rows[:: max(1, len(rows) // count)] if count else rows:
        if each.mask is None:
            continue
        try:
            made = find.subject(Photo(each.name, read(each.photo), ""), options, segmenter).matte > 0.5
        except NotFoundError:
            ious.append(0.0)
        else:
            ious.append(overlap(made, read_mask(each.mask) > 127))
    return [f"cut-outs, collar {'kept' if collar else 'left to the neck'}, {len(ious)} photos: {_spread(ious)}"]


def _spread(values: list[float]) -> str:
    seen = np.array(values or [np.nan])
    return (
        f"IoU median {np.median(seen):.4f}, mean {seen.mean():.4f}, "
        f"at least .95 on {100 * (seen >= 0.95).mean():.1f} %, below .8 on {100 * (seen < 0.8).mean():.1f} %"
    )


def _categories(named: list[tuple[str, str, float]]) -> list[str]:
    lines = []
    worn = {"top", "bottom", "skirt", "dress", "outerwear", "swim"}
    for title, chosen in (
        ("clothes", [each for each in named if each[0] in worn]),
        ("shoes, hats, bags, jewellery", [each for each in named if each[0] not in worn]),
    ):
        if chosen:
            right = np.array([wanted == said for wanted, said, _ in chosen])
            sure = np.array([share >= SURE for *_, share in chosen])
            shares = np.array([share for *_, share in chosen])
            lines.append(
                f"  category of {len(chosen)} {title}: {100 * right.mean():.1f} % right, "
                f"{100 * (~right & sure).mean():.1f} % wrong with {SURE}, "
                f"calibration error {_miscalibrated(shares, right):.3f}"
            )
    missed: dict[str, int] = defaultdict(int)
    for wanted, said, _ in named:
        missed[f"{wanted} called {said}"] += wanted != said
    often = sorted(((count, what) for what, count in missed.items() if count), reverse=True)
    return [*lines, "  " + ", ".join(f"{what} {count}" for count, what in often[:12])]


def _miscalibrated(shares: np.ndarray, right: np.ndarray) -> float:
    """Returns the expected calibration error over ten bins of confidence (Guo et al. 2017)."""
    bins = np.minimum((shares * 10).astype(int), 9)
    return float(
        sum((bins == each).mean() * abs(shares[bins == each].mean() - right[bins == each].mean()) for each in set(bins))
    )


def pale_on_pale(sellers: Path, judged: dict[str, str], count: int) -> Iterator[tuple[Plate, Bytes]]:
    """Yields pale and dark validation garments on paper of nearly their colour, each with its mask."""
    random = np.random.default_rng(2024)
    for each in listed(sellers, "validation"):
        if each.mask is None or judged.get(each.name) != "right" or count <= 0:
            continue
        photo, mask = read(each.photo), read_mask(each.mask)
        tone = np.median(photo[mask > 250], axis=0)
        if 60 < tone.mean() < 165:
            continue
        count -= 1
        paper = backdrop(random, mask.shape[0], mask.shape[1], np.asarray(tone, np.float32))
        cover = np.clip((mask[..., None] / np.float32(255) - 0.6) / 0.35, 0, 1)
        mixed = paper + cover * (photo - paper)
        yield np.clip(mixed + 0.5, 0, 255).astype(np.uint8), mask


def on_pale(network: Network, sellers: Path, judged: dict[str, str], count: int) -> list[str]:
    ious, recalls = [], []
    for photo, mask in pale_on_pale(sellers, judged, count):
        made, wanted = found(network(photo)), mask > 127
        ious.append(overlap(made, wanted))
        recalls.append(float((made & wanted).sum() / wanted.sum()))
    recall = np.array(recalls or [np.nan])
    return [
        f"pale on pale, dark on dark: {len(ious)} photos: {_spread(ious)}",
        f"  recall median {np.median(recall):.3f}, below .9 on {100 * (recall < 0.9).mean():.1f} %",
    ]


def on_drawn(network: Network, seed: int, count: int) -> list[str]:
    ious: dict[str, list[float]] = defaultdict(list)
    parts: dict[str, list[float]] = defaultdict(list)
    named = []
    for each in range(count):
        drawn = draw(np.random.default_rng((seed, 7, each)), *SIZES[0])
        seen = network(drawn.example.photo)
        labels = drawn.example.labels.astype(np.float32) / 255
        ious[drawn.scene].append(overlap(found(seen), labels[..., :3].sum(axis=2) > 0.5))
        planes = np.stack([getattr(seen, name) for name in (*PLANES, "backdrop")], axis=2).argmax(axis=2)
        truth = np.concatenate([labels, 1 - labels.sum(axis=2, keepdims=True)], axis=2).argmax(axis=2)
        for index, name in enumerate(PLANES):
            if (truth == index).mean() > 0.003:
                parts[name].append(overlap(planes == index, truth == index))
        said = max(seen.categories, key=seen.categories.__getitem__)
        named.append((CATEGORY[drawn.cloth], said, seen.categories[said]))
    lines = [f"drawn, seed {seed}: {_spread([value for values in ious.values() for value in values])}"]
    lines += ["  " + ", ".join(f"{scene} {np.median(values):.3f}" for scene, values in sorted(ious.items()))]
    lines += ["  parts: " + ", ".join(f"{name} {np.median(values):.3f}" for name, values in parts.items())]
    return [*lines, *_categories(named)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sellers", type=Path)
    parser.add_argument("--judged", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--split", default="validation")
    parser.add_argument("--count", type=int, help="of the sellers' photos; all if not said")
    parser.add_argument("--pale", type=int, default=60)
    parser.add_argument("--drawn", type=int, default=60)
    parser.add_argument("--seed", type=int, default=90210, help="of the drawn photos")
    asked = parser.parse_args()
    judged = json.loads(asked.judged.read_text()) if asked.judged else {}
    network = load("auto", asked.weights)
    print("\n".join(on_sellers(network, asked.sellers, judged, asked.split, asked.count)), flush=True)
    for collar in (False, True):
        print("\n".join(on_cuts(network, asked.sellers, judged, asked.split, asked.count, collar=collar)), flush=True)
    if asked.pale:
        print("\n".join(on_pale(network, asked.sellers, judged, asked.pale)), flush=True)
    if asked.drawn:
        print("\n".join(on_drawn(network, asked.seed, asked.drawn)), flush=True)


if __name__ == "__main__":
    main()
