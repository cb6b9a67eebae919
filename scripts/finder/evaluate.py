"""Measures the finder on photos that it was not trained with, and prints a table.

    python -m scripts.finder.evaluate SELLERS --judged JUDGED.json

On the sellers' validation photos: intersection over union with the judged masks, of what the network says and of the
cut-outs that a run makes, and the categories. On real cut-outs pasted on paper of nearly their colour, and on drawn
photos of fresh seeds: the same, and the parts.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scripts.finder.backdrops import backdrop
from scripts.finder.draw import SIZES, draw
from scripts.finder.example import PLANES
from scripts.finder.judge import WRONG, by_eye
from scripts.finder.sellers import Bytes, Listed, listed, read, read_mask
from stages import find
from stages.contracts import Photo, Plate
from stages.errors import NotFoundError
from stages.find.finder import Finder
from stages.find.network import WEIGHTS, Network, Seen, load
from stages.find.planes import CATEGORY
from stages.options import SegmentOptions

#: Confidence from which a wrong category counts as said with conviction.
SURE = 0.9

Row = tuple[str, str]
"""Of the table: what is measured, and what it is."""


def found(seen: Seen) -> np.ndarray:
    """Returns the garment, its inside and sheer parts, H x W bool."""
    return np.asarray(seen.cover > 0.5)


def overlap(made: np.ndarray, wanted: np.ndarray) -> float:
    """Returns intersection over union of two H x W bool masks; 1 where both are empty."""
    return float((made & wanted).sum() / max(1, (made | wanted).sum())) if (made | wanted).any() else 1.0


def on_sellers(network: Network, rows: list[Listed], measured: list[Listed]) -> Iterator[Row]:
    """Measures what the network says of photos, of which `measured` have right masks."""
    ious, named, spent = {}, [], 0.0
    for each in rows:
        begun = time.process_time()
        seen = network(photo := read(each.photo))
        spent += time.process_time() - begun
        said = max(seen.categories, key=seen.categories.__getitem__)
        named.append((CATEGORY[each.cloth], said, seen.categories[said]))
        if each.mask is not None and each in measured:
            ious[each.name] = overlap(found(seen), read_mask(each.mask) > 127)
        del photo
    yield f"sellers' photos, {len(ious)} with right masks", _spread(list(ious.values()))
    yield "worst", _worst(ious)
    yield from _categories(named)
    yield "time", f"{spent / max(1, len(named)):.2f} s of CPU a photo"


def on_cuts(network: Network, measured: list[Listed], *, collar: bool) -> Iterator[Row]:
    """Measures cut-outs as a run makes them, not what the network says: backdrop, matte and collar are in it."""
    options, segmenter, ious = SegmentOptions(keep_collar=collar), Finder(network), {}
    lost = 0
    for each in measured:
        wanted = read_mask(each.mask) > 127 if each.mask else np.zeros((1, 1), bool)
        try:
            made = find.subject(Photo(each.name, read(each.photo), ""), options, segmenter).matte > 0.5
        except NotFoundError:
            made, lost = np.zeros_like(wanted), lost + 1
        ious[each.name] = overlap(made, wanted)
    title = f"cut-outs, collar {'kept' if collar else 'left to the neck'}"
    yield title, f"{_spread(list(ious.values()))}, nothing found on {lost}"
    yield "worst", _worst(ious)


def _worst(ious: dict[str, float]) -> str:
    return ", ".join(f"{name[:18]} {ious[name]:.2f}" for name in sorted(ious, key=ious.__getitem__)[:12])


def _spread(values: list[float]) -> str:
    seen = np.array(values or [np.nan])
    return (
        f"IoU median {np.median(seen):.4f}, mean {seen.mean():.4f}, "
        f"at least .95 on {100 * (seen >= 0.95).mean():.1f} %, below .8 on {100 * (seen < 0.8).mean():.1f} %"
    )


def _categories(named: list[tuple[str, str, float]]) -> Iterator[Row]:
    worn = {"top", "bottom", "skirt", "dress", "outerwear", "swim"}
    for title, chosen in (
        ("clothes", [each for each in named if each[0] in worn]),
        ("shoes, hats, bags, jewellery", [each for each in named if each[0] not in worn]),
    ):
        if chosen:
            right = np.array([wanted == said for wanted, said, _ in chosen])
            sure = np.array([share >= SURE for *_, share in chosen])
            shares = np.array([share for *_, share in chosen])
            yield (
                f"category of {len(chosen)} {title}",
                f"{100 * right.mean():.1f} % right, {100 * (~right & sure).mean():.1f} % wrong with {SURE}, "
                f"calibration error {_miscalibrated(shares, right):.3f}",
            )
    missed: dict[str, int] = defaultdict(int)
    for wanted, said, _ in named:
        missed[f"{wanted} called {said}"] += wanted != said
    often = sorted(((count, what) for what, count in missed.items() if count), reverse=True)
    yield "mistaken", ", ".join(f"{what} {count}" for count, what in often[:12])


def _miscalibrated(shares: np.ndarray, right: np.ndarray) -> float:
    """Returns the expected calibration error over ten bins of confidence (Guo et al. 2017)."""
    bins = np.minimum((shares * 10).astype(int), 9)
    return float(
        sum((bins == each).mean() * abs(shares[bins == each].mean() - right[bins == each].mean()) for each in set(bins))
    )


def pale_on_pale(measured: list[Listed], count: int) -> Iterator[tuple[Plate, Bytes]]:
    """Yields pale and dark validation garments on paper of nearly their colour, each with its mask."""
    random = np.random.default_rng(2024)
    for each in measured:
        if each.mask is None or count <= 0:
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


def on_pale(network: Network, measured: list[Listed], count: int) -> Iterator[Row]:
    ious, recalls = [], []
    for photo, mask in pale_on_pale(measured, count):
        made, wanted = found(network(photo)), mask > 127
        ious.append(overlap(made, wanted))
        recalls.append(float((made & wanted).sum() / wanted.sum()))
    recall = np.array(recalls or [np.nan])
    below = 100 * (recall < 0.9).mean()
    said = f"{_spread(ious)}; recall median {np.median(recall):.3f}, below .9 on {below:.1f} %"
    yield f"{len(ious)} real garments on paper of nearly their colour", said


def on_drawn(network: Network, seed: int, count: int) -> Iterator[Row]:
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
    yield f"{count} drawn photos, seed {seed}", _spread([value for values in ious.values() for value in values])
    yield "their scenes", ", ".join(f"{scene} {np.median(values):.3f}" for scene, values in sorted(ious.items()))
    yield "their parts", ", ".join(f"{name} {np.median(values):.3f}" for name, values in parts.items())
    yield from _categories(named)


def evaluate(
    weights: Path, sellers: Path, masks: Path | None, judged: dict[str, str], *, step: int = 1, count: int = 60,
    seed: int = 90210,
) -> Iterator[Row]:  # fmt: skip
    """Yields the table's rows, of every `step`-th validation photo and of `count` photos of the other sorts."""
    network = load("auto", weights)
    rows = list(listed(sellers, "validation", masks))[::step]
    measured = [each for each in rows if each.mask and judged.get(each.name, "right") == "right"]
    verdicts = Counter(judged.get(each.name, "right") for each in rows if each.mask)
    yield "masks left out", ", ".join(f"{verdicts[each]} {each}" for each in ("wrong", *WRONG.values()))
    yield from on_sellers(network, rows, measured)
    for collar in (False, True):
        yield from on_cuts(network, measured, collar=collar)
    if count:
        yield from on_pale(network, measured, count)
        yield from on_drawn(network, seed, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sellers", type=Path)
    parser.add_argument("--judged", type=Path, help="WORK/judged.json of scripts.finder.make")
    parser.add_argument("--masks", type=Path, help="further masks: WORK/masks of scripts.finder.make")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--step", type=int, default=1, help="of the sellers' photos, take every so many")
    parser.add_argument("--count", type=int, default=60, help="of pale and of drawn photos")
    parser.add_argument("--seed", type=int, default=90210, help="of the drawn photos")
    asked = parser.parse_args()
    judged = (json.loads(asked.judged.read_text()) if asked.judged else {}) | by_eye()
    print("| what | measured |\n| --- | --- |")
    for what, measured in evaluate(
        asked.weights, asked.sellers, asked.masks, judged, step=asked.step, count=asked.count, seed=asked.seed
    ):
        print(f"| {what} | {measured} |", flush=True)


if __name__ == "__main__":
    main()
