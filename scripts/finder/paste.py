"""Pastes real cut-outs on other backdrops, drawn or real; above all pale cloth on pale paper."""

from dataclasses import replace

import cv2
import numpy as np

from scripts.finder.backdrops import Field, Random, backdrop
from scripts.finder.example import Example


def pasted(front: Example, behind: Example, random: Random) -> Example:
    """Returns the garment of `front` on a backdrop: a drawn one, or what surrounds the garment of `behind`."""
    height, width = front.photo.shape[:2]
    cover = front.labels[..., 0].astype(np.float32) / np.float32(255)
    # The outermost pixels hold the old backdrop's colour.
    cover = np.clip((cv2.GaussianBlur(cover, (0, 0), 0.8) - 0.6) / 0.35, 0, 1)
    cloth = front.photo.astype(np.float32)
    tone = np.median(cloth[cover > 0.95], axis=0) if (cover > 0.95).any() else np.full(3, 128.0)
    likeness = 0.55 if tone.mean() > 165 or tone.mean() < 60 else 0.12
    if random.random() < likeness:
        scene = backdrop(random, height, width, np.asarray(tone, np.float32))
    elif random.random() < 0.5:
        scene = surroundings(behind, height, width, random)
    else:
        scene = backdrop(random, height, width)
    scene = scene * shadow(cover, random)[..., None]
    picture = scene + cover[..., None] * (cloth - scene)
    labels = np.zeros_like(front.labels)
    labels[..., 0] = np.rint(cover * 255)
    return replace(front, photo=np.clip(picture + 0.5, 0, 255).astype(np.uint8), labels=labels)


def shadow(cover: Field, random: Random) -> Field:
    """Returns what the garment's shadow leaves of the light, H x W in (0, 1]."""
    unit = cover.shape[0] / 400
    made = np.ones_like(cover)
    for reach, depth in (
        (random.uniform(1, 4), random.uniform(0, 0.35)),
        (random.uniform(5, 25), random.uniform(0, 0.3)),
    ):
        move = np.array([[1, 0, random.normal(0, reach)], [0, 1, random.normal(0.5 * reach, reach)]]) * 1.0
        move[:, 2] *= unit
        soft = cv2.GaussianBlur(cover, (0, 0), max(0.5, reach * unit * random.uniform(0.4, 1)))
        cast = cv2.warpAffine(soft, move, cover.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        made *= 1 - np.float32(depth if random.random() < 0.7 else 0) * cast
    return made


def surroundings(example: Example, height: int, width: int, random: Random) -> Field:
    """Returns a photo's backdrop without its garment: the largest strip beside it, mirrored to fill the picture."""
    photo, taken = example.photo, example.labels.max(2) > 20
    rows, columns = np.flatnonzero(taken.any(1)), np.flatnonzero(taken.any(0))
    if len(rows) == 0:
        return photo.astype(np.float32)
    strips = [
        photo[: rows[0]], photo[rows[-1] + 1 :], photo[:, : columns[0]], photo[:, columns[-1] + 1 :],
    ]  # fmt: skip
    strip = max(strips, key=lambda each: min(each.shape[:2]))
    if min(strip.shape[:2]) < 12:
        return backdrop(random, height, width)
    short = np.pad(strip, ((0, height), (0, width), (0, 0)), mode="symmetric")
    y, x = int(random.integers(0, strip.shape[0])), int(random.integers(0, strip.shape[1]))
    return np.asarray(short[y : y + height, x : x + width], np.float32)
