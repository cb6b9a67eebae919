"""Scenes: a softly out-of-focus backdrop for the words of each place, with its light."""

from collections.abc import Callable

import cv2
import numpy as np

from scripts.house.paint import Array, Light, f32, noise
from stages.casting import Scene

#: A colour, sRGB in [0, 1].
Tint = tuple[float, float, float]

#: Wall colours of the studios, sRGB 0-255.
STUDIOS = {
    "white": (240, 240, 240), "light grey": (208, 209, 211), "dark grey": (92, 94, 98), "beige": (219, 204, 182),
    "pale blue": (186, 206, 222), "pink": (230, 192, 194), "sage green": (172, 188, 164), "terracotta": (188, 118, 92),
}  # fmt: skip

PLACES = (
    *(f"in a {colour} photo studio" for colour in STUDIOS),
    "on a city street", "in a bright living room", "on a sandy beach by the sea", "in a green garden",
    "in front of a brick wall", "on a city street in the evening", "in an autumn park", "on a sunny terrace",
)  # fmt: skip

LIGHTS = {
    "left": ("soft light from the left", (-0.55, -0.42)),
    "right": ("soft light from the right", (0.55, -0.42)),
    "front": ("soft frontal light", (0.0, -0.38)),
}

WIDE = 96
"""Backdrops are painted this wide, then enlarged: they are out of focus anyway."""


def light_of(random: np.random.Generator, scene: Scene) -> Light:
    """Returns the scene's light: direction by its words, colour by its place."""
    x, y = LIGHTS[scene.light_from][1]
    x, y = x + random.normal(0, 0.06), y + random.normal(0, 0.05)
    key, fill, contrast = (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 0.5
    if "evening" in scene.place:
        key, fill, contrast = (1.0, 0.82, 0.62), (0.5, 0.55, 0.75), 0.66
    elif "studio" not in scene.place:
        key, fill, contrast = (1.03, 1.0, 0.94), (0.93, 0.98, 1.06), 0.56
    return Light(
        (x, y, float(np.sqrt(max(0.1, 1 - x * x - y * y)))),
        f32(key),
        f32(fill),
        contrast + random.normal(0, 0.04),
    )


def backdrop(random: np.random.Generator, scene: Scene, width: int, height: int, horizon: float) -> Array:
    """Returns H x W x 3 in [0, 1]; `horizon` is the row where floor meets wall, beyond `height` if out of frame."""
    w, h = WIDE, round(height * WIDE / width)
    row = horizon * WIDE / width
    name = scene.place.split(" ", 2)[2]
    if "studio" in name:
        return _studio(random, name.removesuffix(" photo studio"), scene, width, height, horizon)
    painter = PAINTERS[name]
    small = painter(random, w, h, row)
    large = cv2.resize(np.clip(small, 0, 1), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large + 0.002 * random.standard_normal((height, width, 1), np.float32), 0, 1), np.float32)


def _studio(random: np.random.Generator, colour: str, scene: Scene, width: int, height: int, horizon: float) -> Array:
    wall = f32(STUDIOS[colour]) / 255 * random.normal(1, 0.015)
    y, x = np.indices((round(height * WIDE / width), WIDE), np.float32) * np.float32(width / WIDE)
    centre = {"left": 0.2, "right": 0.8, "front": 0.5}[scene.light_from] * width
    glow = np.exp(-(((x - centre) / (0.9 * width)) ** 2) - ((y - 0.35 * height) / (0.8 * height)) ** 2)
    value = 0.86 + 0.17 * glow
    # A paper sweep: the floor turns towards the light and is a little brighter than the wall.
    value += 0.07 / (1 + np.exp(-(y - horizon) / (0.035 * height)))
    value -= 0.035 * np.exp(-(((y - horizon) / (0.05 * height)) ** 2))
    large = cv2.resize(value, (width, height), interpolation=cv2.INTER_LINEAR)[..., None] * wall
    return np.asarray(np.clip(large + 0.002 * random.standard_normal((height, width, 1), np.float32), 0, 1), np.float32)


def _rect(picture: Array, x0: float, y0: float, x1: float, y1: float, colour: Tint) -> None:
    cv2.rectangle(picture, (int(x0), int(y0)), (int(x1), int(y1)), colour, -1)


def _tint(random: np.random.Generator, colour: Tint, spread: float = 0.04) -> Tint:
    r, g, b = np.clip(np.array(colour) * random.normal(1, spread) + random.normal(0, spread / 3, 3), 0, 1).tolist()
    return r, g, b


def _ground(
    random: np.random.Generator,
    picture: Array,
    row: float,
    near: Tint,
    far: Tint,
) -> None:
    height, width = picture.shape[:2]
    start = int(max(0, row))
    if start >= height:
        return
    t = np.linspace(0, 1, height - start, dtype=np.float32)[:, None, None]
    picture[start:] = (1 - t) * f32(far) + t * f32(near)
    picture[start:] += 0.012 * noise(random, height - start, width, (9, 2))[..., None]


def _soften(picture: Array, blur: float) -> Array:
    return cv2.GaussianBlur(picture, (0, 0), blur)


def street(random: np.random.Generator, w: int, h: int, row: float, evening: bool = False) -> Array:
    """Facades that recede to both sides, sky between them, pavement."""
    dark: Tint = (0.12, 0.13, 0.18) if evening else (0.42, 0.46, 0.5)
    near: Tint = (0.2, 0.19, 0.21) if evening else (0.62, 0.61, 0.6)
    far: Tint = (0.27, 0.25, 0.27) if evening else (0.68, 0.67, 0.66)
    picture = np.empty((h, w, 3), np.float32)
    picture[:] = _tint(random, (0.22, 0.25, 0.38) if evening else (0.80, 0.87, 0.94))
    for side in (0, 1):
        edge = 0.0
        while edge < 0.42 * w:
            wide = random.uniform(0.13, 0.28) * w
            x0, x1 = (edge, edge + wide) if side == 0 else (w - edge - wide, w - edge)
            top = random.uniform(0.0, 0.25) * h + edge * 0.8
            stone = random.choice(
                np.array([(0.72, 0.66, 0.58), (0.62, 0.6, 0.6), (0.7, 0.55, 0.46), (0.78, 0.75, 0.7)])
            )
            _rect(picture, x0, top, x1, h, _tint(random, tuple(stone * (0.32 if evening else 1)), 0.06))
            for wy in np.arange(top + 5, min(row, h) - 8, 15):
                for wx in np.arange(x0 + 3, x1 - 5, 9):
                    lit = evening and random.random() < 0.5
                    _rect(picture, wx, wy, wx + 4, wy + 8, (1.0, 0.78, 0.42) if lit else dark)
            edge += wide
    _ground(random, picture, row, near, far)
    picture = _soften(picture, 1.5)
    if evening:
        for _ in range(random.integers(5, 11)):
            spot = (int(random.uniform(0, w)), int(random.uniform(0.1, 0.9) * min(row, h)))
            cv2.circle(picture, spot, int(random.integers(1, 4)), _tint(random, (1.0, 0.75, 0.45)), -1)
        picture = _soften(picture, 0.8)
    return picture


def living_room(random: np.random.Generator, w: int, h: int, row: float) -> Array:
    """A pale wall, a window or a picture, a sofa or a plant, wooden floor."""
    picture = np.empty((h, w, 3), np.float32)
    picture[:] = _tint(random, (0.90, 0.88, 0.84))
    x = random.choice((random.uniform(0.0, 0.12), random.uniform(0.62, 0.72))) * w
    _rect(picture, x, 0.08 * h, x + 0.3 * w, 0.5 * h, (0.97, 0.98, 1.0))
    _rect(picture, x + 0.145 * w, 0.08 * h, x + 0.16 * w, 0.5 * h, (0.8, 0.79, 0.77))
    _rect(picture, x, 0.28 * h, x + 0.3 * w, 0.295 * h, (0.8, 0.79, 0.77))
    _ground(random, picture, row, (0.66, 0.52, 0.38), (0.72, 0.6, 0.46))
    base = min(row, h) + 0.05 * h
    sofa = _tint(random, tuple(random.choice(np.array([(0.55, 0.6, 0.62), (0.68, 0.6, 0.5), (0.42, 0.5, 0.46)]))))
    left = random.choice((-0.2, 0.62)) * w
    _rect(picture, left, base - 0.24 * h, left + 0.6 * w, base, sofa)
    _rect(picture, left, base - 0.13 * h, left + 0.6 * w, base, (sofa[0] * 0.9, sofa[1] * 0.9, sofa[2] * 0.9))
    plant = random.choice((0.08, 0.92)) * w
    for _ in range(9):
        end = (int(plant + random.normal(0, 0.09) * w), int(base - random.uniform(0.15, 0.45) * h))
        cv2.line(picture, (int(plant), int(base)), end, _tint(random, (0.34, 0.46, 0.3), 0.06), 4)
    return _soften(picture, 1.3)


def beach(random: np.random.Generator, w: int, h: int, row: float) -> Array:
    """Sky, sea and sand."""
    picture = np.empty((h, w, 3), np.float32)
    t = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    picture[:] = (1 - t) * f32(_tint(random, (0.52, 0.72, 0.9))) + t * f32((0.93, 0.95, 0.95))
    picture += 0.03 * np.clip(noise(random, h, w, (24, 6)), 0, 2)[..., None]
    sea = min(row, h * 1.02) - random.uniform(0.10, 0.22) * h
    _rect(picture, 0, sea, w, h, _tint(random, (0.28, 0.52, 0.62)))
    picture[int(max(0, sea)) :] += 0.02 * noise(random, h - int(max(0, sea)), w, (12, 1.5))[..., None]
    _ground(random, picture, row, (0.88, 0.79, 0.64), (0.80, 0.72, 0.58))
    return _soften(picture, 0.9)


#: Leaves in light and shade, sky between them, lawn near and far.
SEASONS = {
    "summer": (((0.36, 0.50, 0.27), (0.46, 0.60, 0.33), (0.28, 0.40, 0.22)), (0.86, 0.92, 0.90),
               (0.50, 0.63, 0.32), (0.42, 0.55, 0.28)),
    "autumn": (((0.78, 0.52, 0.22), (0.70, 0.40, 0.18), (0.84, 0.64, 0.30)), (0.93, 0.89, 0.80),
               (0.66, 0.52, 0.33), (0.58, 0.45, 0.28)),
}  # fmt: skip


def garden(random: np.random.Generator, w: int, h: int, row: float, season: str = "summer") -> Array:
    """Bright sky, a few round trees with trunks, a hedge, lawn."""
    leaves, sky, near, far = SEASONS[season]
    picture = np.empty((h, w, 3), np.float32)
    picture[:] = _tint(random, sky)
    base = min(row, h)
    for _ in range(random.integers(4, 7)):
        x, y = random.uniform(-0.05, 1.05) * w, random.uniform(0.05, 0.45) * base
        trunk = int(random.integers(2, 4))
        _rect(picture, x - trunk, y, x + trunk, base, _tint(random, (0.36, 0.29, 0.22), 0.08))
        shade = leaves[random.integers(0, 3)]
        for _ in range(5):
            spot = (int(x + random.normal(0, 0.1) * w), int(y + random.normal(0, 0.06) * h))
            cv2.circle(picture, spot, int(random.uniform(0.1, 0.2) * w), _tint(random, shade, 0.05), -1)
    hedge = base - random.uniform(0.1, 0.25) * h
    dark = f32(leaves[2]) * (0.85 if season == "summer" else 0.75)
    _rect(picture, 0, hedge, w, h, _tint(random, (float(dark[0]), float(dark[1]), float(dark[2]))))
    for x in range(0, w + 8, 8):
        spot = (x, int(hedge + random.normal(0, 1.5)))
        cv2.circle(picture, spot, 7, _tint(random, (float(dark[0]), float(dark[1]), float(dark[2])), 0.05), -1)
    _ground(random, picture, row, near, far)
    return _soften(picture, 2.2)


def brick_wall(random: np.random.Generator, w: int, h: int, row: float) -> Array:
    """Rows of bricks, pavement."""
    picture = np.empty((h, w, 3), np.float32)
    picture[:] = (0.70, 0.60, 0.54)
    tall, wide = 6, 15
    brick = _tint(random, (0.63, 0.40, 0.32), 0.04)
    for number, y in enumerate(range(0, h, tall)):
        for x in range(-(number % 2) * wide // 2, w, wide):
            _rect(picture, x, y, x + wide - 2, y + tall - 2, _tint(random, brick, 0.035))
    _ground(random, picture, row, (0.60, 0.59, 0.57), (0.54, 0.53, 0.51))
    return _soften(picture, 0.8)


def terrace(random: np.random.Generator, w: int, h: int, row: float) -> Array:
    """White walls, blue sky, pots of plants, stone floor."""
    picture = np.empty((h, w, 3), np.float32)
    picture[:] = _tint(random, (0.46, 0.68, 0.88))
    wall = random.uniform(0.12, 0.4) * h
    _rect(picture, 0, wall, w, h, _tint(random, (0.93, 0.91, 0.87)))
    picture[int(wall) :] *= np.linspace(1.03, 0.92, w, dtype=np.float32)[None, :, None]
    _ground(random, picture, row, (0.84, 0.76, 0.66), (0.76, 0.68, 0.58))
    base = min(row, h) + 0.03 * h
    for x in np.array([random.uniform(0, 0.2), random.uniform(0.8, 1)]) * w:
        _rect(picture, x - 7, base - 12, x + 7, base, _tint(random, (0.72, 0.42, 0.3)))
        for _ in range(9):
            spot = (int(x + random.normal(0, 5)), int(base - 21 + random.normal(0, 6)))
            cv2.circle(picture, spot, 6, _tint(random, (0.36, 0.52, 0.3), 0.06), -1)
    return _soften(picture, 1.2)


Painter = Callable[[np.random.Generator, int, int, float], Array]

PAINTERS: dict[str, Painter] = {
    "city street": street,
    "city street in the evening": lambda random, w, h, row: street(random, w, h, row, evening=True),
    "bright living room": living_room,
    "sandy beach by the sea": beach,
    "green garden": garden,
    "of a brick wall": brick_wall,
    "autumn park": lambda random, w, h, row: garden(random, w, h, row, "autumn"),
    "sunny terrace": terrace,
}
