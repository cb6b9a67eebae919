"""Draws garments as sellers show them: lying, on hangers, on mannequins, worn."""

import cv2
import numpy as np

from scripts.finder.backdrops import Field, Random, any_colour, noise, prints
from scripts.finder.example import PLANES, Cloth
from scripts.finder.layer import HOLDER, Layer, Points
from scripts.house.backdrops import light_of
from scripts.house.figure import draw_skin
from scripts.house.kept import draw_kept
from scripts.house.paint import Easel
from scripts.house.render import _draw_person, imagine
from scripts.synthetic import garment
from scripts.synthetic.pattern import Category, Sleeve
from stages.contracts import Point

GARMENT, INSIDE, SHEER = (PLANES.index(name) for name in ("garment", "inside", "sheer"))
#: What each of the drawn patterns is called, with its share.
CUTS: dict[Cloth, tuple[Category, Sleeve | None, float]] = {
    "t-shirt": ("top", "short", 0.2), "longsleeve": ("top", "long", 0.12), "shirt": ("top", "none", 0.08),
    "jacket": ("outerwear", None, 0.1), "trousers": ("bottom", None, 0.17), "skirt": ("skirt", None, 0.1),
    "dress": ("dress", None, 0.13), "swim": ("swim", None, 0.1),
}  # fmt: skip
HARD: tuple[garment.Kind, ...] = ("plain", "knit", "fringe", "lace", "straps", "sheer", "white")
HARD_SHARES = (0.42, 0.12, 0.06, 0.07, 0.11, 0.12, 0.1)


def garment_layer(random: Random, height: int, width: int, tone: Field | None, hold: str) -> tuple[Layer, Cloth]:
    """Draws a garment, of the colour `tone` if that is given; `hold` is "", "hanger" or "mannequin"."""
    names = list(CUTS)
    cloth = names[int(random.choice(len(names), p=[CUTS[name][2] for name in names]))]
    category, sleeve, _ = CUTS[cloth]
    hard = HARD[int(random.choice(len(HARD), p=HARD_SHARES))]
    # Room for a hook, and for garments that are turned.
    inner = round(0.8 * height), round(0.8 * width)
    collar = hold == "mannequin" or random.random() < 0.6
    made = garment.draw(int(random.integers(1 << 30)), hard, category, inner[1], inner[0], sleeve, collar)
    room = (height - inner[0]) // 2, (width - inner[1]) // 2
    pad = ((room[0], height - inner[0] - room[0]), (room[1], width - inner[1] - room[1]))
    matte, inside = (np.pad(each, pad) for each in (made.matte, made.collar))
    front = np.pad(made.foreground, (*pad, (0, 0)), mode="edge")
    marks = {name: (x + room[1], y + room[0]) for name, (x, y) in made.landmarks.items()}
    front = _dyed(front, hard, tone, random)
    if random.random() < 0.35 and category in ("top", "dress", "outerwear"):
        _print_on(front, marks, random)
    layer = Layer(height, width)
    if hold == "mannequin":
        _mannequin(layer, marks, category, random)
    layer.paint(inside, front * random.uniform(0.6, 0.95), INSIDE)
    if hold == "hanger":
        _hanger(layer, marks, category, random)
    opaque = np.clip(matte - inside, 0, 1)
    thin = _thin(matte) if hard in ("lace", "sheer") else np.zeros_like(matte)
    layer.paint(opaque, front, GARMENT)
    # See-through cloth is labelled whole, however little of the pixel its threads cover.
    shown = thin * np.clip(1 - layer.labels[..., INSIDE], 0, 1)
    layer.labels *= 1 - shown[..., None]
    layer.labels[..., SHEER] += shown
    if hold == "hanger" and category in ("bottom", "skirt"):
        _clips(layer, marks, random)
    named: Cloth = "shorts" if cloth == "trousers" and _short(marks) else cloth
    return layer, named


def _short(marks: dict[str, Point]) -> bool:
    """Whether legs end above the knee: their length below the crotch is less than what is above it, and a half."""
    waist, fork, hem = marks["right_waist"][1], marks["crotch"][1], marks["right_hem"][1]
    return hem - fork < 1.2 * (fork - waist)


def _dyed(front: Field, hard: garment.Kind, tone: Field | None, random: Random) -> Field:
    """Returns the cloth in other colours, with folds; its knit and its shade stay."""
    height, width = front.shape[:2]
    if tone is not None or random.random() < 0.75:
        grey = front.mean(axis=2, keepdims=True)
        light = grey / max(1.0, float(np.median(grey))) if hard in ("white", "knit", "lace", "sheer") else 1.0
        if tone is not None:
            front = light * (tone + random.normal(0, 4) + random.normal(0, 1.5, 3)).astype(np.float32)
        elif random.random() < 0.35:
            front = light * prints(random, height, width)
        else:
            front = light * np.broadcast_to(any_colour(random), front.shape)
    folds = 1 + random.uniform(0, 0.1) * noise(random, height, width, 50, 25)
    for _ in range(int(random.integers(0, 6))):
        turn, wide = random.uniform(0, np.pi), random.uniform(2, 12)
        y, x = np.mgrid[:height, :width].astype(np.float32)
        across = x * np.cos(turn) + y * np.sin(turn) + 6 * noise(random, height, width, 60)
        across -= random.uniform(-0.3, 1.2) * width
        folds += random.uniform(-0.22, 0.22) * np.tanh(across / wide) * np.exp(-np.square(across / (3 * wide)))
    return np.asarray(np.clip(front * folds[..., None], 0, 255), np.float32)


def _print_on(front: Field, marks: dict[str, Point], random: Random) -> None:
    """Prints words or a picture on the chest: what it shows is not the garment's outline."""
    middle, unit = np.array(marks["collar"]), front.shape[1] / 10
    at = middle + (random.normal(0, 0.3) * unit, random.uniform(1, 3.5) * unit)
    ink = any_colour(random).tolist()
    if random.random() < 0.5:
        words = "".join(random.choice(list("ABCDEFGHKLMNORSTUVWXY "), int(random.integers(3, 9))))
        size = unit * random.uniform(0.02, 0.05)
        mark = np.zeros(front.shape[:2], np.uint8)
        for line in range(int(random.integers(1, 4))):
            where = int(at[0] - 1.6 * unit), int(at[1] + line * 1.1 * unit)
            face = int(
                random.choice([cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX])
            )
            cv2.putText(mark, words, where, face, size, 255, int(random.integers(1, 4)), cv2.LINE_AA)
        weight = mark[..., None] / np.float32(255)
        front += weight * (np.asarray(ink, np.float32) - front)
        return
    for _ in range(int(random.integers(2, 9))):
        spot = at + random.normal(0, 0.6, 2) * unit
        reach = random.uniform(0.2, 1.3) * unit
        turns = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 12))))
        shape = spot + reach * random.uniform(0.4, 1, (len(turns), 1)) * np.stack([np.cos(turns), np.sin(turns)], 1)
        cv2.fillPoly(front, [np.rint(shape).astype(np.int32)], any_colour(random).tolist(), cv2.LINE_AA)


def _thin(matte: Field) -> Field:
    """Returns 1 where cloth lets the backdrop through, away from the outline."""
    whole = cv2.morphologyEx((matte > 0.2).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    mean = cv2.blur(matte, (5, 5))
    return np.asarray(whole * (cv2.erode(whole, np.ones((5, 5), np.uint8)) * mean < 0.93) * (mean < 0.93), np.float32)


def _tops(marks: dict[str, Point]) -> tuple[Points, Points]:
    """Returns the wearer's right and left shoulder, strap or waist, in pixels."""
    for name in ("shoulder", "strap", "waist"):
        if f"right_{name}" in marks:
            return np.array(marks[f"right_{name}"]), np.array(marks[f"left_{name}"])
    return np.array(marks["collar"]) - (40, 0), np.array(marks["collar"]) + (40, 0)


def _hanger(layer: Layer, marks: dict[str, Point], category: Category, random: Random) -> None:
    right, left = _tops(marks)
    wide = float(np.linalg.norm(left - right))
    middle = 0.5 * (left + right)
    waist = category in ("bottom", "skirt")
    rise = (0.1 if waist else random.uniform(0.1, 0.3)) * wide
    top = middle - (0, rise)
    thick = float(random.choice([1.5, 3, random.uniform(4, 9)]))
    colour = any_colour(random) if random.random() < 0.6 else np.array([150, 110, 70], np.float32)
    reach = 0.46 if waist else random.uniform(0.42, 0.55)
    ends = [middle - (reach * wide, -0.02 * wide), middle + (reach * wide, 0.02 * wide)]
    if waist:
        ends = [top - (0.4 * wide, 0), top + (0.4 * wide, 0)]
    layer.paint(layer.outlines([], [(np.array([ends[0], top, ends[1]]), thick)]), colour, HOLDER)
    if not waist and random.random() < 0.6:  # the bar
        drop = middle + (0, random.uniform(0.05, 0.25) * wide)
        bar = np.array([ends[0], drop - (reach * wide, 0), drop + (reach * wide, 0), ends[1]])
        layer.paint(layer.outlines([], [(bar, max(1.2, 0.6 * thick))]), 0.9 * colour, HOLDER)
    turns = np.linspace(np.pi, -0.35 * np.pi, 14)
    size = random.uniform(0.05, 0.1) * wide
    hook = top - (0, random.uniform(0.03, 0.12) * wide + size)
    curve = hook + size * np.stack([-np.cos(turns), -np.sin(turns)], 1)
    stem = np.vstack([top[None], hook[None] + (0, size), curve])
    metal = np.full(3, random.uniform(60, 230)) if random.random() < 0.7 else colour
    layer.paint(layer.outlines([], [(stem, max(1.2, 0.4 * thick))]), metal, HOLDER)


def _clips(layer: Layer, marks: dict[str, Point], random: Random) -> None:
    colour = any_colour(random)
    for side, way in (("right", 1), ("left", -1)):
        x, y = marks[f"{side}_waist"]
        at = np.array([x + way * random.uniform(4, 16), y])
        size = np.array([random.uniform(2, 5), random.uniform(5, 11)])
        box = at + size * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        layer.paint(layer.outlines([box], []), colour, HOLDER)


def _mannequin(layer: Layer, marks: dict[str, Point], category: Category, random: Random) -> None:
    """A bust or a pair of legs behind the garment."""
    right, left = _tops(marks)
    middle, wide = 0.5 * (left + right), float(np.linalg.norm(left - right))
    tone = (
        any_colour(random)
        if random.random() < 0.4
        else np.array([225, 205, 185], np.float32) * random.uniform(0.2, 1.1)
    )
    pieces: list[Points] = []
    lines: list[tuple[Points, float]] = []
    if category in ("bottom", "skirt"):
        pieces.append(middle + wide * np.array([(-0.45, -0.5), (0.45, -0.5), (0.5, 0.6), (-0.5, 0.6)]))
        lines += [
            (np.array([middle + (s * 0.28 * wide, 0), middle + (s * 0.33 * wide, 9 * wide)]), 0.3 * wide)
            for s in (-1, 1)
        ]
    else:
        neck = 0.16 * wide
        body = [(-neck, -0.55 * wide), (neck, -0.55 * wide), (1.1 * neck, -0.1 * wide), (0.5 * wide, 0.05 * wide),
                (0.42 * wide, 1.3 * wide), (-0.42 * wide, 1.3 * wide), (-0.5 * wide, 0.05 * wide),
                (-1.1 * neck, -0.1 * wide)]  # fmt: skip
        pieces.append(middle + np.array(body))
        if random.random() < 0.4:
            turns = np.linspace(0, 2 * np.pi, 24)
            pieces.append(middle + wide * np.stack([0.2 * np.cos(turns), 0.28 * np.sin(turns) - 0.75], 1))
    light = 1 + 0.12 * noise(random, *layer.shape, 40)
    layer.paint(layer.outlines(pieces, lines), np.clip(tone * light[..., None], 0, 255), HOLDER)


def worn_layer(random: Random, height: int, width: int, *, plastic: bool) -> tuple[Layer, Cloth, str]:
    """Draws a person, or a mannequin without a head, in a garment; gives the view too."""
    more = 1.5
    tall, wide = round(height * more), round(width * more)
    shot = imagine(random, wide, tall)
    easel = Easel(np.zeros((tall, wide, 3), np.float32), light_of(random, shot.scene))
    if plastic:
        tone = np.full(3, random.uniform(0.1, 0.95), np.float32) * random.uniform(0.9, 1.05, 3).astype(np.float32)
        draw_skin(easel, shot.body, tone, random)
    else:
        _draw_person(easel, shot.body, shot.casting, shot.category, shot.wanted, random)
    _, cover = draw_kept(easel, shot.body, shot.category, shot.wanted, random)
    size = (width, height)
    layer = Layer(height, width)
    layer.colour = np.asarray(
        cv2.resize(np.clip(easel.pixels, 0, 1), size, interpolation=cv2.INTER_AREA) * 255, np.float32
    )
    kept, figure = (
        np.clip(cv2.resize(each, size, interpolation=cv2.INTER_AREA), 0, 1) for each in (cover, easel.figure)
    )
    layer.labels[..., GARMENT] = kept
    layer.labels[..., HOLDER] = np.clip(figure - kept, 0, 1)
    named: dict[str, Cloth] = {"top": "t-shirt", "bottom": "trousers", "outerwear": "jacket"}
    cloth = named.get(shot.category, shot.category)
    return layer, cloth, shot.view  # type: ignore[return-value]
