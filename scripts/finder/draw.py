"""Draws photos whose every pixel is known, wilder than sellers' own, and keeps them for the training.

python -m scripts.finder.draw SHEET.png --count 96 --seed 1     # to look at
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from scripts.finder.backdrops import Field, Random, any_colour, backdrop
from scripts.finder.example import CLOTHS, UNKNOWN, Bytes, Cloth, Example
from scripts.finder.garments import garment_layer, worn_layer
from scripts.finder.layer import Layer
from scripts.finder.paste import shadow
from scripts.finder.products import product_layer
from scripts.finder.whole import whole
from stages.find.planes import KINDS, VIEWS

CHUNK = 64
SCENES = ("flat", "white", "hanger", "mannequin", "worn", "several", "product")
SHARES = (0.26, 0.14, 0.18, 0.1, 0.1, 0.07, 0.15)
#: Height and width: upright as phones are held, or lying.
SIZES = ((400, 300), (300, 400))


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    example: Example
    cloth: Cloth
    scene: str


def draw(random: Random, height: int, width: int) -> Drawn:
    """Draws one photo; the same for the same state of `random`."""
    scene = SCENES[int(random.choice(len(SCENES), p=SHARES))]
    # Pale on pale, dark on dark: cloth and paper are a few levels apart.
    near = scene == "white" or random.random() < 0.08
    tone = _extreme(random) if near else None
    view, kind = UNKNOWN, KINDS.index("flat")
    if scene == "worn" or (scene == "mannequin" and random.random() < 0.5):
        layer, cloth, seen = worn_layer(random, height, width, plastic=scene == "mannequin")
        view, kind = VIEWS.index(seen), KINDS.index("worn" if scene == "worn" else "ghost")
        layer = layer.moved(random, random.uniform(0.85, 1.2), random.normal(0, 0.03), 0)
    elif scene == "product":
        layer, cloth = product_layer(random, height, width, tone)
        layer = layer.moved(random, random.uniform(0.7, 1.5), random.normal(0, 0.5), random.uniform(0, 0.02) * width)
    else:
        hold = scene if scene in ("hanger", "mannequin") else ""
        layer, cloth = garment_layer(random, height, width, tone, hold)
        if hold:
            kind = KINDS.index("hanger" if scene == "hanger" else "ghost")
        turn = random.normal(0, 0.08) if hold or random.random() < 0.7 else random.uniform(-np.pi, np.pi)
        layer = layer.moved(random, random.uniform(0.85, 1.45), turn, random.uniform(0, 0.03) * width)
    if scene == "several":
        other, _ = garment_layer(random, height, width, None, "")
        side = layer.moved(random, 0.55, random.normal(0, 0.2), 0)
        layer = side.over(other.moved(random, random.uniform(0.4, 0.6), random.normal(0, 0.3), 0.01 * width))
        kind = KINDS.index("several")
    photo, labels = _photographed(layer, tone, random)
    return Drawn(Example(photo, labels, parts=True, view=view, kind=kind), cloth, scene)


def _extreme(random: Random) -> Field:
    level = random.uniform(205, 250) if random.random() < 0.75 else random.uniform(12, 55)
    return np.asarray(np.clip(level + random.normal(0, 2.5, 3), 0, 252), np.float32)


def _photographed(layer: Layer, tone: Field | None, random: Random) -> tuple[Bytes, Bytes]:
    """Returns photo and labels: on a backdrop, with shadows and with what else lies about."""
    height, width = layer.shape
    behind = backdrop(random, height, width, tone)
    if random.random() < 0.25:
        _litter(behind, random)
    cover = layer.cover
    # What see-through cloth covers is in the colour's weight alone.
    weight = np.clip(cover - layer.labels[..., 2], 0, 1)
    behind = behind * shadow(weight, random)[..., None]
    thin = layer.labels[..., 2:3]
    solid = 1 - cover[..., None]
    through = np.clip(1 - layer.colour.max(axis=2, keepdims=True) / 255, 0.2, 0.6) * thin
    picture = layer.colour + (solid + through) * behind
    labels = layer.labels.copy()
    if random.random() < 0.1:
        _watermark(picture, random)
    if random.random() < 0.1:
        _framed(picture, labels, random)
    photo = np.clip(picture + 0.5, 0, 255).astype(np.uint8)
    return photo, np.rint(np.clip(labels, 0, 1) * 255).astype(np.uint8)


def _litter(behind: Field, random: Random) -> None:
    """Things that are not for sale: colour cards, tapes, notes, boxes, at the edges."""
    height, width = behind.shape[:2]
    for _ in range(int(random.integers(1, 4))):
        size = random.uniform(0.06, 0.3, 2) * min(height, width)
        edge = int(random.integers(4))
        at = random.uniform(0, 1, 2) * (width, height)
        at[edge % 2] = (0, width if edge % 2 == 0 else height)[edge // 2]
        box = cv2.boxPoints((at.tolist(), size.tolist(), float(random.uniform(-40, 40))))
        cv2.fillPoly(behind, [np.rint(box).astype(np.int32)], any_colour(random).tolist(), cv2.LINE_AA)
        if random.random() < 0.4:  # the fields of a colour card, the marks of a tape
            for step in np.linspace(0.1, 0.9, int(random.integers(3, 9))):
                spot = box[0] + step * (box[1] - box[0]) + 0.5 * (box[3] - box[0])
                cv2.circle(behind, np.rint(spot).astype(int).tolist(), 4, any_colour(random).tolist(), -1)


def _watermark(picture: Field, random: Random) -> None:
    height, width = picture.shape[:2]
    mark = np.zeros((height, width), np.uint8)
    where = int(random.uniform(-0.1, 0.5) * width), int(random.uniform(0.1, 0.95) * height)
    cv2.putText(
        mark, "SHOP.EXAMPLE", where, cv2.FONT_HERSHEY_SIMPLEX, width / 300 * random.uniform(0.5, 2), 255, 2, cv2.LINE_AA
    )
    turned = cv2.warpAffine(
        mark, cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-40, 40), 1), (width, height)
    )
    level = 255.0 if random.random() < 0.7 else 0.0
    picture += random.uniform(0.2, 0.8) * turned[..., None] / np.float32(255) * (level - picture)


def _framed(picture: Field, labels: Field, random: Random) -> None:
    """A white frame, or bars above and below or at the sides."""
    height, width = picture.shape[:2]
    colour = 255.0 if random.random() < 0.5 else 0.0
    share = random.uniform(0.02, 0.15, 4) * (random.random(4) < 0.75)
    top, bottom, left, right = (share * (height, height, width, width)).astype(int)
    hidden = np.ones((height, width), bool)
    hidden[top : height - bottom, left : width - right] = False
    picture[hidden] = colour
    labels[hidden] = 0


def chunk(seed: int, number: int, folder: Path) -> Path:
    """Draws `CHUNK` photos into one file, unless it is there; photo k of chunk n comes from (seed, n, k)."""
    path = folder / f"drawn-{seed}-{number:03d}.npz"
    if path.exists():
        return path
    height, width = SIZES[1 if number % 6 == 5 else 0]
    made = [draw(np.random.default_rng((seed, number, each)), height, width) for each in range(CHUNK)]
    with whole(path) as part:
        np.savez(
            part,
            photos=np.stack([each.example.photo for each in made]),
            labels=np.stack([each.example.labels for each in made]),
            view=np.array([each.example.view for each in made]),
            kind=np.array([each.example.kind for each in made]),
            cloth=np.array([CLOTHS.index(each.cloth) for each in made]),
        )
    return path


def sheet(made: list[Drawn], columns: int = 12) -> Bytes:
    """Returns photos with their labels in colour, side by side."""
    tints = np.array([(0, 200, 0), (255, 220, 0), (0, 160, 255), (255, 0, 0)], np.float32)
    tiles = []
    for each in made:
        shares = each.example.labels.astype(np.float32) / 255
        tinted = 0.5 * each.example.photo + 0.5 * (shares @ tints)
        tiles.append(np.hstack([each.example.photo, np.asarray(tinted, np.uint8)])[::2, ::2])
    tiles = [tile for tile in tiles if tile.shape == tiles[0].shape]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--count", type=int, default=96)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    made = [draw(np.random.default_rng((asked.seed, 0, each)), *SIZES[0]) for each in range(asked.count)]
    cv2.imwrite(str(asked.sheet), sheet(made)[..., ::-1])


if __name__ == "__main__":
    main()
