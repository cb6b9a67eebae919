"""Gives the batches that the finder is trained with."""

from pathlib import Path

import numpy as np

from scripts.finder.augment import moved, recoloured
from scripts.finder.example import Bytes, Example, Shape
from scripts.finder.paste import pasted
from scripts.finder.sellers import listed, read, read_mask

#: Shorter side at which real photos are kept in memory, in pixels.
SHORTER = 320


class Examples:
    """Real photos, pasted ones and drawn ones; batches are of one shape."""

    def __init__(self, sellers: Path, judged: dict[str, str], drawn: Path, paste: float, draw: float) -> None:
        self.real = real(sellers, "train", judged)
        self.drawn: list[Example] = []
        self.folder, self.paste, self.draw = drawn, paste, draw
        self.seen: set[str] = set()
        self.refresh()

    def refresh(self) -> None:
        """Reads what has been drawn since."""
        for chunk in sorted(self.folder.glob("*.npz")):
            if chunk.name not in self.seen:
                self.drawn += load_drawn(chunk)
                self.seen.add(chunk.name)

    def batch(self, count: int, longer: int, random: np.random.Generator) -> list[Example]:
        """Gives examples of one shape: most are upright, as photos are, with `longer` as the longer side."""
        lying = random.random() < 0.12
        shorter = round(0.75 * longer / 32) * 32
        shape = (shorter, longer) if lying else (longer, shorter)
        return [self._one(shape, random) for _ in range(count)]

    def _one(self, shape: Shape, random: np.random.Generator) -> Example:
        chance = random.random()
        if self.drawn and chance < self.draw:
            return recoloured(moved(self._like(self.drawn, shape, random), shape, random), random)
        found = moved(self._like(self.real, shape, random), shape, random)
        if chance < self.draw + self.paste and found.garment:
            behind = moved(self.real[int(random.integers(len(self.real)))], shape, random)
            found = pasted(found, behind, random)
        return recoloured(found, random)

    @staticmethod
    def _like(pool: list[Example], shape: Shape, random: np.random.Generator) -> Example:
        """Gives one that lies or stands as the batch does, if a few tries find it: garments are not to be squeezed."""
        for _ in range(12):
            found = pool[int(random.integers(len(pool)))]
            height, width = found.photo.shape[:2]
            if 0.8 < (height / width) / (shape[0] / shape[1]) < 1.25:
                break
        return found


def real(sellers: Path, split: str, judged: dict[str, str]) -> list[Example]:
    """Gives the photos whose masks were not judged "wrong"; those judged "worn" show the whole subject."""
    found = []
    for each in listed(sellers, split):
        verdict = judged.get(each.name, "right")
        if each.mask is None or verdict == "wrong":
            continue
        mask = read_mask(each.mask, SHORTER)
        labels = np.zeros((*mask.shape, 4), np.uint8)
        labels[..., 0] = mask
        found.append(Example(read(each.photo, SHORTER), labels, parts=False, garment=verdict != "worn"))
    return found


def load_drawn(chunk: Path) -> list[Example]:
    with np.load(chunk) as data:
        photos: Bytes = data["photos"]
        labels: Bytes = data["labels"]
        return [
            Example(photo, label, parts=True, view=int(view), kind=int(kind))
            for photo, label, view, kind in zip(photos, labels, data["view"], data["kind"], strict=True)
        ]
