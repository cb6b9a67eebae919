"""Makes each example another photo: mirrored, turned, scaled, cropped, recoloured, compressed again."""

from dataclasses import replace

import cv2
import numpy as np

from scripts.finder.example import Example, Shape
from stages.contracts import Plate

Random = np.random.Generator


def moved(example: Example, shape: Shape, random: Random) -> Example:
    """Returns the example at `shape` (height, width), as another photographer might have framed it."""
    move = _move(example.photo.shape[:2], shape, random)
    framed = random.random() < 0.12
    edge = cv2.BORDER_CONSTANT if framed else cv2.BORDER_REFLECT_101
    if framed:
        shrink = random.uniform(0.72, 0.95)
        middle = np.array([shape[1] / 2, shape[0] / 2])
        move = np.hstack([shrink * move[:, :2], (shrink * move[:, 2] + (1 - shrink) * middle)[:, None]])
    size = shape[1], shape[0]
    colour = (255, 255, 255) if random.random() < 0.6 else (0, 0, 0) if random.random() < 0.6 else _any(random)
    # Averages where the photo is shrunk, or its grain would not be a camera's.
    scale = float(np.sqrt(abs(np.linalg.det(move[:, :2]))))
    photo = example.photo if scale > 0.8 else cv2.GaussianBlur(example.photo, (0, 0), 0.4 / scale)
    photo = cv2.warpAffine(photo, move, size, flags=cv2.INTER_LINEAR, borderMode=edge, borderValue=colour)
    labels = cv2.warpAffine(example.labels, move, size, flags=cv2.INTER_LINEAR, borderMode=edge)
    return replace(example, photo=np.asarray(photo, np.uint8), labels=np.asarray(labels, np.uint8))


def _move(before: Shape, after: Shape, random: Random) -> np.ndarray:
    """Returns the 2 x 3 matrix from a photo's pixels to the example's."""
    scale = np.array([after[1] / before[1], after[0] / before[0]])
    zoom = float(np.exp(random.uniform(-0.03, 0.28))) if random.random() < 0.7 else 1.0
    aspect = float(np.exp(random.normal(0, 0.05)))
    turn = random.normal(0, 0.07) if random.random() < 0.8 else random.uniform(-0.5, 0.5)
    cos, sin = np.cos(turn), np.sin(turn)
    shape = np.array([[cos, -sin], [sin, cos]]) * zoom @ np.diag(scale * [aspect, 1 / aspect])
    if random.random() < 0.5:
        shape[:, 0] *= -1
    middle = np.array([before[1], before[0]]) / 2
    reach = max(0.03, (zoom - 1) / 2) * np.array([after[1], after[0]])
    place = np.array([after[1], after[0]]) / 2 + random.uniform(-1, 1, 2) * reach
    return np.hstack([shape, (place - shape @ middle)[:, None]])


def _any(random: Random) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in random.integers(0, 256, 3))
    return red, green, blue


def recoloured(example: Example, random: Random) -> Example:
    """Returns the example in other light, through another camera, saved again."""
    photo = _light(_colours(example.photo, random), random)
    chance = random.random()
    if chance < 0.25:
        photo = cv2.GaussianBlur(photo, (0, 0), random.uniform(0.4, 1.3))
    elif chance < 0.4:
        photo = cv2.addWeighted(photo, 1.6, cv2.GaussianBlur(photo, (0, 0), 1.2), -0.6, 0)
    if random.random() < 0.4:
        grain = np.float32(random.uniform(0.7, 10)) * random.standard_normal(photo.shape, np.float32)
        photo = np.clip(photo + grain, 0, 255).astype(np.uint8)
    if random.random() < 0.5:
        _, data = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 96))])
        photo = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return replace(example, photo=np.asarray(photo, np.uint8))


def _colours(photo: Plate, random: Random) -> Plate:
    """Saturation, white balance, exposure and contrast; at times grey, or with channels swapped."""
    grey = np.full((3, 3), 1 / 3)
    chance = random.random()
    keep = 0.0 if chance < 0.1 else random.uniform(0.5, 1.5) if chance < 0.8 else 1.0
    mix = grey + keep * (np.eye(3) - grey)
    if random.random() < 0.15:
        mix = mix[random.permutation(3)]
    mix *= np.exp(random.normal(0, 0.14) + random.normal(0, 0.05, 3))[:, None]
    curve = 255 * (np.arange(256) / 255) ** np.exp(random.normal(0, 0.2))
    return np.asarray(cv2.LUT(cv2.transform(photo, mix), np.rint(curve).astype(np.uint8)), np.uint8)


def _light(photo: Plate, random: Random) -> Plate:
    """Light that falls off to one side."""
    if random.random() > 0.3:
        return photo
    height, width = photo.shape[:2]
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    way = random.normal(0, 0.15, 2)
    fall = (1 + way[0] * x + way[1] * y)[..., None].astype(np.float32)
    return np.asarray(np.clip(photo * fall, 0, 255), np.uint8)
