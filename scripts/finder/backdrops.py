"""Draws what sellers lay or hang garments on: paper, sheets, tiles, wood, carpet, doors, grass, prints."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
Random = np.random.Generator


def backdrop(random: Random, height: int, width: int, near: Field | None = None) -> Field:
    """Returns H x W x 3 float32 in [0, 255]; with `near`, an RGB colour, plain paper close to it."""
    if near is not None:
        tone = near + random.normal(0, 5) + random.normal(0, 1.5, 3)
        made = paper(random, height, width, np.asarray(tone, np.float32))
    else:
        made = PAINTERS[int(random.choice(len(PAINTERS), p=SHARES))](random, height, width)
        if random.random() < 0.15:  # another surface below or beside: the floor below a wall, the edge of a table
            made = _joined(made, PAINTERS[int(random.integers(len(PAINTERS)))](random, height, width), random)
    made = made * _light(random, height, width, 0.05 if near is not None else 0.12)[..., None]
    return np.asarray(np.clip(made, 0, 255), np.float32)


def any_colour(random: Random) -> Field:
    """Returns an RGB colour as rooms and cloth have them: pale and greyish more often than strong."""
    kind = random.random()
    if kind < 0.35:
        level = random.uniform(175, 252)
        return np.asarray(np.clip(level + random.normal(0, 6, 3), 0, 255), np.float32)
    if kind < 0.5:
        return np.asarray(np.clip(random.uniform(8, 90) + random.normal(0, 5, 3), 0, 255), np.float32)
    hsv = np.array([[[random.integers(180), random.integers(20, 230), random.integers(40, 250)]]], np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0], np.float32)


def noise(random: Random, height: int, width: int, across: float, along: float | None = None) -> Field:
    """Returns smooth noise of mean 0 and deviation 1, its grains `across` pixels wide and `along` high."""
    along = across if along is None else along
    small = max(2, round(height / along)), max(2, round(width / across))
    coarse = random.standard_normal(small).astype(np.float32)
    made = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((made - made.mean()) / (made.std() + 1e-6), np.float32)


def paper(random: Random, height: int, width: int, colour: Field | None = None) -> Field:
    base = any_colour(random) if colour is None else colour
    made = np.tile(base.astype(np.float32), (height, width, 1))
    return made + (random.uniform(0, 2) * noise(random, height, width, 2.5))[..., None]


def sheet(random: Random, height: int, width: int) -> Field:
    """Cloth with folds and creases, plain or printed."""
    made = paper(random, height, width) if random.random() < 0.6 else prints(random, height, width)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    shade = np.zeros((height, width), np.float32)
    warp = noise(random, height, width, 90) * random.uniform(5, 25)
    for _ in range(int(random.integers(2, 8))):
        turn = random.uniform(0, np.pi)
        across = x * np.cos(turn) + y * np.sin(turn) + warp - random.uniform(-0.2, 1) * max(height, width)
        wide = random.uniform(3, 25)
        shade += random.uniform(-1, 1) * np.tanh(across / wide) * np.exp(-np.square(across / (3 * wide)))
    shade = random.uniform(0.03, 0.2) * shade + random.uniform(0, 0.05) * noise(random, height, width, 20)
    return made * (1 + shade)[..., None]


def tiles(random: Random, height: int, width: int) -> Field:
    """Floor tiles with joints, in the perspective of a phone held over them."""
    cell = random.uniform(25, 120)
    x, y = _leaning(random, height, width)
    joint = random.uniform(0.8, 3.5)
    base = any_colour(random)
    made = paper(random, height, width, base) + (random.uniform(0, 9) * noise(random, height, width, 25))[..., None]
    row, column = np.floor(y / cell).astype(int), np.floor(x / (cell * random.choice([1, 1, 2]))).astype(int)
    shade = random.normal(0, random.uniform(0, 0.06), 997)[(row * 31 + column * 17) % 997]
    if random.random() < 0.15:
        shade = np.where((row + column) % 2, -0.4, 0.1)
    made = made * (1 + shade)[..., None].astype(np.float32)
    lines = (np.abs(y % cell) < joint) | (np.abs(x % cell) < joint)
    made[lines] *= random.uniform(0.55, 1.2)
    return np.asarray(made, np.float32)


def wood(random: Random, height: int, width: int) -> Field:
    """Boards or laminate, any way round."""
    x, y = _leaning(random, height, width)
    if random.random() < 0.5:
        x, y = y, x
    board = random.uniform(22, 90)
    base = np.array([176, 142, 104], np.float32) * random.uniform(0.35, 1.3) * random.uniform(0.9, 1.1, 3)
    base = base + random.uniform(0, 0.8) * (base.mean() - base)
    row = np.floor(y / board).astype(int) % 97
    offset = random.uniform(0, 400, 97)[row]
    shade = (
        random.uniform(0.8, 1.15, 97)[row]
        * random.uniform(0.93, 1.07, 997)[(np.floor((x + offset) / 250).astype(int) * 13 + row * 7) % 997]
    )
    grain = noise(random, height, width, 60, 2) if random.random() < 0.5 else noise(random, height, width, 2, 60)
    lines = np.where(y % board < random.uniform(0.8, 2), random.uniform(0.5, 1), 1)
    made = base * (shade * lines * (1 + random.uniform(0.02, 0.12) * grain))[..., None]
    return np.asarray(np.clip(made, 0, 255), np.float32)


def carpet(random: Random, height: int, width: int) -> Field:
    base = prints(random, height, width) if random.random() < 0.4 else paper(random, height, width)
    pile = noise(random, height, width, random.uniform(2, 5)) + 0.7 * noise(random, height, width, 12)
    return np.asarray(base * (1 + random.uniform(0.05, 0.25) * pile)[..., None], np.float32)


def prints(random: Random, height: int, width: int) -> Field:
    """Flowers, checks, stripes, ornaments: bedspreads and tablecloths."""
    made = paper(random, height, width)
    x, y = _leaning(random, height, width)
    kind, cell = int(random.integers(4)), random.uniform(10, 70)
    for _ in range(int(random.integers(1, 4))):
        other = any_colour(random)
        if kind == 0:
            where = noise(random, height, width, cell) > random.uniform(0.2, 1.2)
        elif kind == 1:
            where = np.sin(2 * np.pi * x / cell) > random.uniform(-0.5, 0.9)
        elif kind == 2:
            where = (np.sin(2 * np.pi * x / cell) > random.uniform(0, 0.9)) ^ (np.sin(2 * np.pi * y / cell) > 0.5)
        else:
            shape = np.sin(2 * np.pi * x / cell) * np.sin(2 * np.pi * y / cell) + 0.4 * np.sin(
                4 * np.pi * (x + y) / cell
            )
            where = np.abs(shape - random.uniform(-0.5, 0.8)) < random.uniform(0.1, 0.4)
        made[where] += random.uniform(0.4, 1) * (other - made[where])
        cell *= random.uniform(0.5, 1.4)
    return made


def door(random: Random, height: int, width: int) -> Field:
    """A door, wardrobe or radiator: upright panels with bevels, a handle."""
    made = paper(random, height, width) if random.random() < 0.6 else wood(random, height, width)
    for _ in range(int(random.integers(1, 7))):
        x0, y0 = random.uniform(-0.2, 0.8) * width, random.uniform(-0.2, 0.8) * height
        x1, y1 = x0 + random.uniform(0.1, 0.7) * width, y0 + random.uniform(0.2, 1) * height
        for inset, gain in ((0, random.uniform(0.6, 0.95)), (2, random.uniform(0.95, 1.2))):
            mask = np.zeros((height, width), np.uint8)
            cv2.rectangle(mask, (int(x0) + inset, int(y0) + inset), (int(x1) - inset, int(y1) - inset), 255, 2)
            made[mask > 0] *= gain
    if random.random() < 0.4:
        at = (int(random.uniform(0, width)), int(random.uniform(0.2, 0.8) * height))
        cv2.circle(made, at, int(random.integers(4, 12)), any_colour(random).tolist(), -1)
    return made


def grass(random: Random, height: int, width: int) -> Field:
    base = np.array([92, 122, 58], np.float32) * random.uniform(0.5, 1.3) * random.uniform(0.85, 1.15, 3)
    blades = (
        noise(random, height, width, 2.5, 7) + noise(random, height, width, 7, 3) + noise(random, height, width, 40)
    )
    return np.asarray(base * (1 + 0.2 * blades)[..., None], np.float32)


def bricks(random: Random, height: int, width: int) -> Field:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    tall = random.uniform(10, 26)
    row = np.floor(y / tall).astype(int)
    x = x + (row % 2) * tall * 1.2
    column = np.floor(x / (2.4 * tall)).astype(int)
    base = any_colour(random) if random.random() < 0.5 else np.array([158, 96, 76], np.float32)
    made = base * random.uniform(0.8, 1.2, 997)[(row * 37 + column * 11) % 997][..., None]
    made[(y % tall < 2) | (x % (2.4 * tall) < 2)] = random.uniform(120, 210)
    return np.asarray(made * (1 + 0.06 * noise(random, height, width, 3))[..., None], np.float32)


def _leaning(random: Random, height: int, width: int) -> tuple[Field, Field]:
    """Returns coordinates in pixels that are turned and, at times, recede."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    turn = random.normal(0, 0.1) if random.random() < 0.7 else random.uniform(0, np.pi)
    x, y = x * np.cos(turn) - y * np.sin(turn) + 1e3, x * np.sin(turn) + y * np.cos(turn) + 1e3
    if random.random() < 0.3:
        far = 1 + random.uniform(0, 0.8) * (1 - np.mgrid[:height, :width][0] / height)
        x, y = (x - 1e3 - width / 2) * far + 1e3, (y - 1e3) * far + 1e3
    return x.astype(np.float32), y.astype(np.float32)


def _joined(upper: Field, lower: Field, random: Random) -> Field:
    height, width = upper.shape[:2]
    turn = random.normal(0, 0.08) + (np.pi / 2 if random.random() < 0.25 else 0)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    side = (y - height * random.uniform(0.1, 0.95)) * np.cos(turn) + (x - width * random.uniform(0.1, 0.9)) * np.sin(
        turn
    )
    made = np.where((side > 0)[..., None], lower, upper)
    if random.random() < 0.6:  # a skirting board, or the shade of a table's edge
        made[np.abs(side) < random.uniform(1, 8)] *= random.uniform(0.5, 1.3)
    return np.asarray(made, np.float32)


def _light(random: Random, height: int, width: int, depth: float) -> Field:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    way = random.normal(0, depth, 2)
    fall = 1 + way[0] * x + way[1] * y - abs(random.normal(0, depth)) * (x * x + y * y) / 2
    if random.random() < 0.3:  # the photographer's own shadow, or a window's light
        fall = fall * (1 + random.normal(0, depth) * np.tanh(3 * noise(random, height, width, width / 2)))
    return np.asarray(fall, np.float32)


Painter = Callable[[Random, int, int], Field]
PAINTERS: tuple[Painter, ...] = (paper, sheet, tiles, wood, carpet, prints, door, grass, bricks)
SHARES = (0.18, 0.19, 0.1, 0.13, 0.13, 0.13, 0.08, 0.02, 0.04)
