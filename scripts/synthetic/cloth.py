"""Cloth: how much of each pixel a garment covers, and its colour there."""

import cv2
import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]


def coverage(pieces: list[Points], threads: list[tuple[Points, float]], width: int, height: int, blur: float) -> Field:
    """Returns the coverage in [0, 1], H x W, of closed outlines and of threads (points, width), all in pixels.

    Small pictures are drawn larger and averaged; `blur` is the lens's, in pixels.
    """
    more = max(1, min(4, 4096 // max(width, height)))
    large = np.zeros((height * more, width * more), np.uint8)
    for piece in pieces:
        cv2.fillPoly(large, [_fixed(piece, more)], 255, cv2.LINE_AA, shift=4)
    for points, thick in threads:
        cv2.polylines(
            large, [_fixed(points, more)], False, 255, max(1, round(thick * more)), cv2.LINE_AA, shift=4
        )  # fmt: skip
    small = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA) if more > 1 else large
    return cv2.GaussianBlur(small.astype(np.float32) / np.float32(255), (0, 0), blur)


def _fixed(points: Points, more: int) -> npt.NDArray[np.int32]:
    """Returns points of the drawing, `more` times as large, as OpenCV's fixed-point numbers with 4 bits of fraction."""
    return np.asarray(np.rint(((points + 0.5) * more - 0.5) * 16), dtype=np.int32)


def fringe(hems: list[Points], length: float, unit: float, rng: np.random.Generator) -> list[tuple[Points, float]]:
    """Returns threads that hang from the hems: `length` pixels long, `unit` the pixels of one pixel at 1024."""
    threads = []
    for hem in hems:
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(hem, axis=0).T))])
        for at in np.arange(0, along[-1], 3.2 * unit):
            start = np.array([np.interp(at, along, hem[:, i]) for i in range(2)])
            way = np.array([rng.normal(0, 0.12), 1.0]) * length * rng.uniform(0.75, 1.1)
            t = np.linspace(0, 1, 8)[:, None]
            sway = np.sin(t * rng.uniform(2, 5) + rng.uniform(0, 6)) * (unit * rng.uniform(0.3, 1.5), 0)
            threads.append((start - (0, 2 * unit) + t * way + sway, unit * float(rng.uniform(0.8, 2.0))))
    return threads


def fuzz(pieces: list[Points], unit: float, rng: np.random.Generator) -> list[tuple[Points, float]]:
    """Returns the short loose fibres that stand off a knitted outline."""
    hairs = []
    for piece in pieces:
        way = np.roll(piece, -1, axis=0) - piece
        length = np.hypot(*way.T)
        for index in rng.choice(len(piece), int(length.sum() / (5 * unit)), p=length / length.sum()):
            start = piece[index] + rng.random() * way[index]
            angle, bend = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.25)
            turn = angle + bend * np.arange(5)
            step = np.stack([np.cos(turn), np.sin(turn)], axis=1) * unit * rng.uniform(0.6, 1.8)
            hairs.append((start + np.cumsum(step, axis=0), 0.35 * unit))
    return hairs


def lace(region: Field, unit: float) -> Field:
    """Returns how much of each pixel a net with flowers covers where `region` (H x W in [0, 1]) is 1; 1 elsewhere."""
    y, x = np.mgrid[: region.shape[0], : region.shape[1]].astype(np.float32) / np.float32(unit)
    period, thread = 11.0, 1.1

    def lines(across: Field) -> Field:
        away = np.abs((across + period / 2) % period - period / 2)
        return np.asarray(np.clip((thread - away) * unit + 0.5, 0, 1), dtype=np.float32)

    net = np.maximum(lines(x + y), lines(x - y))
    u, v = x % (4 * period) - 2 * period, y % (4 * period) - 2 * period
    petals = 9 + 4 * np.cos(5 * np.arctan2(v, u))
    flower = np.clip((petals - np.hypot(u, v)) * unit + 0.5, 0, 1)
    net = np.maximum(net, flower)
    return np.asarray(1 - region * (1 - net), dtype=np.float32)


def colour(
    base: tuple[float, float, float], pattern: str, covered: Field, unit: float, rng: np.random.Generator
) -> Field:
    """Returns the colour of the cloth everywhere, H x W x 3 float32 in [0, 255]: pattern, folds, knit, darker rim."""
    height, width = covered.shape
    y, x = np.mgrid[:height, :width].astype(np.float32) / np.float32(unit)
    other = np.clip(np.array(base) * 0.35 + np.array([150, 145, 140]), 0, 245)
    cloth = np.empty((height, width, 3), np.float32)
    cloth[:] = base
    if pattern == "stripes":
        cloth[np.sin(2 * np.pi * (y + 5 * np.sin(x / 90)) / 38) > 0.2] = other
    elif pattern == "check":
        cloth[(np.sin(x / 9) > 0) ^ (np.sin(y / 9) > 0)] = other
    elif pattern == "dots":
        cloth[np.sin(x / 7) * np.sin(y / 7) > 0.5] = other
    light = 1 + 0.045 * smooth_noise(height, width, 30 * unit, rng) + 0.02 * smooth_noise(height, width, 8 * unit, rng)
    light += 0.02 * np.sin(2 * np.pi * x / 3.3) * np.sin(2 * np.pi * y / 4.1)
    rim = cv2.resize(covered, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    rim = cv2.resize(cv2.GaussianBlur(rim, (0, 0), 1.2 * unit), (width, height), interpolation=cv2.INTER_LINEAR)
    cloth *= (light * (0.84 + 0.16 * np.clip(2 * rim - 0.6, 0, 1)))[..., None]
    return np.clip(cloth, 0, 255, out=cloth)


def smooth_noise(height: int, width: int, size: float, rng: np.random.Generator) -> Field:
    """Returns noise with features of `size` pixels, mean 0 and standard deviation 1."""
    small = max(2, round(4 * height / size)), max(2, round(4 * width / size))
    if small[0] >= height or small[1] >= width:
        return rng.standard_normal((height, width), dtype=np.float32)
    noise = cv2.GaussianBlur(rng.standard_normal(small, dtype=np.float32), (0, 0), 1.5)
    noise = (noise - noise.mean()) / (noise.std() + 1e-6)
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
