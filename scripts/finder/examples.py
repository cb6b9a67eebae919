"""Returns the batches that the finder is trained with."""

from pathlib import Path

import numpy as np

from scripts.finder.augment import moved, recoloured
from scripts.finder.example import CLOTHS, Bytes, Example, Shape
from scripts.finder.paste import pasted
from scripts.finder.sellers import listed, read, read_mask

#: Shorter side at which real photos are kept in memory, in pixels.
SHORTER = 320
#: Every so many photos one is kept out of the training: it sets the temperature.
HELD_OUT = 15
#: Shares of drawn photos, of pasted ones, and of photos without a right mask, which only say what garment they show.
DRAWN, PASTED, NAMED = 0.25, 0.25, 0.12


class Examples:
    """Real photos, pasted ones and drawn ones; batches are of one shape."""

    def __init__(self, sellers: Path, masks: Path | None, judged: dict[str, str], drawn: list[Path]) -> None:
        """Takes chunks of drawn photos, and what `real` takes."""
        found = [each for number, each in enumerate(real(sellers, "train", judged, masks)) if number % HELD_OUT]
        self.real, self.named = (_Pool([each for each in found if each.masked == masked]) for masked in (True, False))
        self.drawn = _Pool([each for chunk in drawn for each in load_drawn(chunk)])

    def batch(self, count: int, longer: int, random: np.random.Generator) -> list[Example]:
        """Returns examples of one shape: most are upright, as photos are, with `longer` as the longer side."""
        lying = random.random() < 0.12
        shorter = round(0.75 * longer / 32) * 32
        shape = (shorter, longer) if lying else (longer, shorter)
        return [self._one(shape, random) for _ in range(count)]

    def _one(self, shape: Shape, random: np.random.Generator) -> Example:
        chance = random.random()
        if self.drawn.all and chance < DRAWN:
            return recoloured(moved(self.drawn.like(shape, random), shape, random), random)
        if self.named.all and chance > 1 - NAMED:
            return recoloured(moved(self.named.like(shape, random), shape, random), random)
        found = moved(self.real.like(shape, random), shape, random)
        if chance < DRAWN + PASTED:
            behind = moved(self.real.like(shape, random), shape, random)
            found = pasted(found, behind, random)
        return recoloured(found, random)


class _Pool:
    def __init__(self, examples: list[Example]) -> None:
        self.all = examples
        counts = np.bincount([1 + max(-1, each.cloth) for each in examples], minlength=len(CLOTHS) + 1)
        # Rare garments are shown more often, by the root of how rare they are.
        odds = np.array([counts[1 + max(-1, each.cloth)] ** -0.5 for each in examples])
        self._sums = np.cumsum(odds / odds.sum()) if examples else odds

    def like(self, shape: Shape, random: np.random.Generator) -> Example:
        """One that lies or stands as the batch does, if a few tries find it: garments are not to be squeezed."""
        for _ in range(12):
            found = self.all[min(int(np.searchsorted(self._sums, random.random())), len(self.all) - 1)]
            height, width = found.photo.shape[:2]
            if 0.8 < (height / width) / (shape[0] / shape[1]) < 1.25:
                break
        return found


def real(sellers: Path, split: str, judged: dict[str, str], masks: Path | None = None) -> list[Example]:
    """Returns the photos; those without a right mask say their class alone."""
    found = []
    for each in listed(sellers, split, masks):
        photo = read(each.photo, SHORTER)
        labels = np.zeros((*photo.shape[:2], 4), np.uint8)
        masked = each.mask is not None and judged.get(each.name) == "right"
        if each.mask is not None and masked:
            labels[..., 0] = read_mask(each.mask, SHORTER)
        cloth = CLOTHS.index(each.cloth)
        found.append(Example(photo, labels, parts=False, masked=masked, cloth=cloth))
    return found


def load_drawn(chunk: Path) -> list[Example]:
    with np.load(chunk) as data:
        photos: Bytes = data["photos"]
        labels: Bytes = data["labels"]
        said = zip(photos, labels, data["cloth"], data["view"], data["kind"], strict=True)
        return [
            Example(photo, label, parts=True, cloth=int(cloth), view=int(view), kind=int(kind))
            for photo, label, cloth, view, kind in said
        ]
