"""Renders training figures: a person in a casting and a scene, wearing one garment that is to be kept.

    python -m scripts.house.render OUT.png --count 24 --seed 0

writes a contact sheet. Pictures are painted larger and reduced, so that edges are as soft as in photos.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from scripts.house import words
from scripts.house.backdrops import LIGHTS, PLACES, backdrop, light_of
from scripts.house.body import ANKLE, SOLE, Body, place_body, pose_body, skeleton_of
from scripts.house.figure import draw_arm, draw_skin, skin_colour
from scripts.house.flatlay import Design
from scripts.house.hair import draw_back_hair, draw_hair, hair_texture
from scripts.house.head import draw_head
from scripts.house.kept import design, draw_kept
from scripts.house.outfit import wear_bottom, wear_shoes, wear_top
from scripts.house.paint import Array, Easel, f32, tube
from scripts.house.regions import Keeps, mask_of, sample_keeps
from stages.casting import Casting, Scene
from stages.contracts import Category, Framing, Mask, Plate, Skeleton, View
from stages.generate.prompt import build

T = TypeVar("T")

OVERSAMPLING = 1.34

#: What is kept, by share of figures.
CATEGORIES: dict[Category, float] = {
    "top": 0.36, "bottom": 0.18, "skirt": 0.07, "dress": 0.27, "outerwear": 0.08, "swim": 0.04,
}  # fmt: skip

FRAMINGS: dict[Category, tuple[tuple[Framing, float], ...]] = {
    "top": (("three-quarter", 0.66), ("half", 0.12), ("full", 0.22)),
    "bottom": (("lower", 0.7), ("full", 0.3)),
    "skirt": (("lower", 0.7), ("full", 0.3)),
    "dress": (("full", 0.85), ("three-quarter", 0.15)),
    "outerwear": (("full", 0.7), ("three-quarter", 0.3)),
    "swim": (("full", 0.8), ("three-quarter", 0.2)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """One training picture with all that is known of it."""

    picture: Plate
    mask: Mask
    """255 = generate, 0 = keep; a garment or a subject is kept from a pixel inside its outline."""
    person: Mask
    """255 where the person, the garment included, covers the backdrop."""
    skeleton: Skeleton
    casting: Casting
    scene: Scene
    category: Category
    keeps: Keeps
    framing: Framing
    view: View
    caption: str


def _pick(random: np.random.Generator, options: Sequence[T]) -> T:
    return options[int(random.integers(0, len(options)))]


def sample_casting(random: np.random.Generator) -> Casting:
    """Returns any person in any clothes of the vocabulary."""
    person = _pick(random, ("woman", "woman", "man"))
    styles = [
        style
        for style in words.HAIR_STYLES
        if person == "woman" or style in ("short", "cropped", "curly", "afro", "bun")
    ]
    items = words.all_items()
    bottoms = [each for each in items if words.item(each).kind in words.BOTTOMS]
    return Casting(
        person=person,
        build=_pick(random, ("slim", "average", "average", "curvy", "athletic")),
        skin=int(random.integers(1, 11)),
        hair_style=_pick(random, styles if person == "woman" else [*styles, "short", "cropped"]),
        hair_colour=_pick(random, list(words.HAIR_COLOURS)),
        top=_pick(random, [each for each in items if words.item(each).kind in words.TOPS]),
        bottom=_pick(random, [each for each in bottoms if person == "woman" or "skirt" not in each]),
        shoes=_pick(random, [each for each in items if words.item(each).kind in words.SHOES]),
    )  # fmt: skip


def sample_scene(random: np.random.Generator) -> Scene:
    side = ("left", "right", "front")[random.integers(0, 3)]
    return Scene(place=PLACES[random.integers(0, len(PLACES))], light=LIGHTS[side][0], light_from=side)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What a picture is to show: who, where, wearing what, and how the body stands in a frame of given size."""

    category: Category
    framing: Framing
    view: View
    casting: Casting
    scene: Scene
    wanted: Design
    body: Body


def imagine(random: np.random.Generator, width: int, height: int) -> Shot:
    """Returns any shot for a frame of width x height pixels."""
    categories = list(CATEGORIES)
    category = categories[int(random.choice(len(categories), p=list(CATEGORIES.values())))]
    framings = FRAMINGS[category]
    framing = framings[int(random.choice(len(framings), p=[share for _, share in framings]))][0]
    view: View = "back" if random.random() < 0.15 else "front"
    casting, scene = sample_casting(random), sample_scene(random)
    wanted = design(random, category)
    body = place_body(random, pose_body(random, casting, view, wanted.sleeves, wanted.spread), framing, width, height)
    return Shot(category, framing, view, casting, scene, wanted, body)


def render(random: np.random.Generator, width: int = 256, height: int = 384, keeps: Keeps | None = None) -> Figure:
    """Returns one figure; the same generator state gives the same figure.

    `keeps` says what its mask keeps; None leaves that to chance.
    """
    w, h = round(width * OVERSAMPLING), round(height * OVERSAMPLING)
    shot = imagine(random, w, h)
    easel = set_up(random, shot.body, shot.scene, w, h)
    return draw(random, shot, shot.body, easel, width, height, keeps)


def draw(
    random: np.random.Generator, shot: Shot, body: Body, easel: Easel, width: int, height: int, keeps: Keeps | None
) -> Figure:
    """Draws a shot's person, where `body` stands, over what the easel shows, and reduces it to width x height."""
    _draw_person(easel, body, shot.casting, shot.category, shot.wanted, random)
    _, cover = draw_kept(easel, body, shot.category, shot.wanted, random)
    pixels = cv2.resize(np.clip(easel.pixels, 0, 1), (width, height), interpolation=cv2.INTER_AREA)
    garment, person = (_reduced(each, width, height) for each in (cover, easel.figure))
    chosen = keeps or sample_keeps(random)
    skeleton = skeleton_of(body)
    skeleton[:, :2] *= width / easel.figure.shape[1]
    return Figure(
        picture=np.round(pixels * 255).astype(np.uint8),
        mask=mask_of(random, chosen, garment, person),
        person=np.where(person > 127, 255, 0).astype(np.uint8),
        skeleton=skeleton,
        casting=shot.casting,
        scene=shot.scene,
        category=shot.category,
        keeps=chosen,
        framing=shot.framing,
        view=shot.view,
        caption=build(shot.casting, shot.scene, shot.category, shot.framing, shot.view).positive,
    )


def _reduced(cover: Array, width: int, height: int) -> Mask:
    small = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(np.round(np.clip(small, 0, 1) * 255), np.uint8)


def set_up(random: np.random.Generator, body: Body, scene: Scene, width: int, height: int) -> Easel:
    """Returns the empty scene with the shadows that the person will cast on the floor."""
    feet = max(leg[2][1] for leg in body.legs) + (SOLE - ANKLE) * body.head
    horizon = feet - random.uniform(0.25, 1.0) * body.head
    light = light_of(random, scene)
    easel = Easel(backdrop(random, scene, width, height, horizon), light)
    dark = f32([0.1, 0.1, 0.12])
    away = -np.sign(light.direction[0]) if scene.light_from != "front" else 0.0
    for side in (0, 1):
        toes = body.legs[side][3]
        spot = toes + np.array([(-0.16, 0), (0.16, 0)]) * body.head
        easel.dab(tube(easel.stencil(), spot, np.full(2, 0.09) * body.head), dark, 0.65, 0.06 * body.head)
        fall = np.array(
            [
                toes,
                toes + np.array([away * 1.3 + 0.01, -0.2]) * body.head,
                toes + np.array([away * 2.4, -0.35]) * body.head,
            ]
        )
        easel.dab(tube(easel.stencil(), fall, np.array([0.14, 0.2, 0.25]) * body.head), dark, 0.3, 0.14 * body.head)
    return easel


def _draw_person(
    easel: Easel, body: Body, casting: Casting, category: Category, wanted: Design, random: np.random.Generator
) -> None:
    """Draws the person in the clothes that are not kept, back to front."""
    skin = skin_colour(random, casting)
    hair = hair_texture(easel, body, casting, random)
    if body.view == "front":
        draw_back_hair(easel, body, casting, hair, random)
    draw_skin(easel, body, skin, random)
    wear_shoes(easel, body, words.item(casting.shoes), skin)
    if category in ("top", "outerwear"):
        wear_bottom(easel, body, words.item(casting.bottom), random)
    if wanted.opened and body.view == "front":
        wear_top(easel, body, words.item(casting.top), random)
    for side in (0, 1):
        draw_arm(easel, body, side, skin)
    if category in ("bottom", "skirt"):
        wear_top(easel, body, words.item(casting.top), random)
    draw_head(easel, body, skin, casting, random)
    if body.view == "back":
        draw_back_hair(easel, body, casting, hair, random)
    draw_hair(easel, body, casting, hair, random)


def contact_sheet(figures: list[Figure], columns: int = 8) -> Plate:
    """Returns the pictures side by side, row by row."""
    height, width = figures[0].picture.shape[:2]
    rows = -(-len(figures) // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for number, figure in enumerate(figures):
        row, column = divmod(number, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = figure.picture
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes a contact sheet of training figures.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--width", type=int, default=256, help="of one figure; the height is half as much again")
    options = parser.parse_args()
    size = (options.width, options.width * 3 // 2)
    figures = [render(np.random.default_rng((options.seed, number)), *size) for number in range(options.count)]
    cv2.imwrite(str(options.out), cv2.cvtColor(contact_sheet(figures), cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
