"""What a casting wears besides the kept garment."""

import cv2
import numpy as np

from scripts.house.body import Body
from scripts.house.clothes import Cut, plain, skirt_stencil, sleeve, trouser_stencil, trunk
from scripts.house.figure import draw_foot, leg_line
from scripts.house.paint import Array, Easel, f32, tube
from scripts.house.words import Item


def wear_bottom(easel: Easel, body: Body, item: Item, random: np.random.Generator) -> None:
    head = body.head
    cloth = plain(random, easel, head, item.colour, 0.5)
    waist = random.uniform(0.6, 0.75)
    if item.kind == "skirt":
        mask = skirt_stencil(easel, body, waist, random.uniform(1.45, 1.9), 0.05, random.uniform(0.05, 0.35))
        easel.paint(mask, cloth.albedo, 0.35 * head, bumps=cloth.bumps, shadow=0.35)
        return
    reach = random.uniform(0.9, 1.5) if item.kind == "shorts" else random.uniform(3.75, 4.15)
    ease, flare = (
        (random.uniform(0.02, 0.06), 0.0)
        if item.kind == "jeans"
        else (random.uniform(0.03, 0.12), random.choice((0.0, 0.0, 0.1)))
    )
    if item.kind == "shorts":
        ease = random.uniform(0.06, 0.12)
    mask = trouser_stencil(easel, body, reach, ease, flare, waist)
    albedo = cloth.albedo
    if item.kind == "jeans":
        albedo = _denim(random, easel, body, albedo)
    easel.paint(mask, albedo, 0.22 * head, bumps=cloth.bumps, shadow=0.3)
    fly = np.array([body.at(0.0, waist + 0.02), body.at(0.01, 1.0), body.at(0.0, 1.22)])
    easel.dab(tube(easel.stencil(), fly, np.array([0.008, 0.01, 0.02]) * head), cloth.albedo * 0.55, 0.6, 0.012 * head)
    belt = np.array(
        [body.at(-body.width(waist), waist + 0.05), body.at(0, waist + 0.065), body.at(body.width(waist), waist + 0.05)]
    )
    easel.dab(tube(easel.stencil(), belt, np.full(3, 0.008) * head), cloth.albedo * 0.6, 0.5, 0.008 * head)


def _denim(random: np.random.Generator, easel: Easel, body: Body, albedo: Array) -> Array:
    height, width = easel.figure.shape
    worn = np.zeros((height, width), np.uint8)
    for side in (0, 1):
        tube(worn, leg_line(body, side)[:4], np.array([0.1, 0.14, 0.1, 0.06]) * body.head)
    pale = cv2.GaussianBlur(worn, (0, 0), 0.12 * body.head).astype(np.float32)[..., None] / 255
    grain = 0.03 * random.standard_normal((height, width, 1)).astype(np.float32)
    return np.asarray(np.clip(albedo + (0.16 * pale + grain) * (1 - albedo), 0, 1), np.float32)


def wear_top(easel: Easel, body: Body, item: Item, random: np.random.Generator) -> None:
    head = body.head
    cloth = plain(random, easel, head, item.colour)
    loose = {"t-shirt": 0.06, "shirt": 0.08, "jumper": 0.12, "vest top": 0.03}[item.kind]
    cut = Cut(
        neck=random.uniform(0.24, 0.32), drop=random.uniform(0.0, 0.08), pointed=item.kind == "shirt",
        ease=loose, hem=random.uniform(0.85, 1.1), hem_flare=0.0,
        cover=0.45 if item.kind == "vest top" else 1.0, waist=0.6,
    )  # fmt: skip
    reach = {"t-shirt": random.uniform(0.8, 1.4), "shirt": 4.0, "jumper": 3.95, "vest top": 0.0}[item.kind]
    if reach:
        for side in (0, 1):
            mask = sleeve(easel, body, side, reach, loose * 0.6 + 0.015)
            easel.paint(mask, cloth.albedo, 0.14 * head, bumps=cloth.bumps)
    easel.paint(trunk(easel, body, cut), cloth.albedo, 0.3 * head, bumps=cloth.bumps, shadow=0.25)


def wear_shoes(easel: Easel, body: Body, item: Item, skin: Array) -> None:
    head = body.head
    colour = f32(item.colour) / 255
    for side in (0, 1):
        ankle, toes = body.legs[side][2:]
        along = toes - ankle
        if item.kind == "sandals":
            draw_foot(easel, body, side, skin)
            for share in (0.35, 0.75):
                across = np.array([-along[1], along[0]]) * 0.34
                strap = np.array(
                    [ankle + along * share - across, ankle + along * (share + 0.06), ankle + along * share + across]
                )
                easel.paint(tube(easel.stencil(), strap, np.full(3, 0.028) * head), colour, 0.03 * head, 0.1)
            continue
        start = ankle - along * {"boots": 1.3, "trainers": 0.15, "shoes": -0.12}[item.kind]
        shape = np.array([start, ankle + along * 0.2, ankle + along * 0.65, toes])
        wide = np.array([0.145 if item.kind == "boots" else 0.12, 0.14, 0.165, 0.15])
        easel.paint(tube(easel.stencil(), shape, wide * head), colour, 0.1 * head, 0.12)
        if item.kind == "trainers":
            sole = toes + np.array([(-0.12, 0.08), (0, 0.12), (0.12, 0.08)]) * head
            easel.paint(tube(easel.stencil(), sole, np.full(3, 0.04) * head), f32([0.93, 0.93, 0.92]), 0.03 * head)
