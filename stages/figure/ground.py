"""The figure's shadow on floor and wall: soft where it falls far, dark where the feet touch."""

import cv2
import numpy as np

from stages.figure.assembly import Assembly
from stages.figure.bake import reach
from stages.figure.colours import luminance
from stages.figure.light import Rig, sky_light
from stages.figure.records import Floats, Posed
from stages.figure.vectors import floats, smoothstep

#: The camera looks level; a floor is seen from above. How much of the way into the picture rises on it: a camera at
#: chest height, 4 m away, looks 18 degrees down to the feet.
_RISE = 0.31
#: How far around the figure the floor is looked at, and how finely, in metres.
_AROUND, _STEP = 0.9, 0.022
#: Up to this far over the figure's lowest point, in metres, it touches the floor.
_TOUCHING = 0.02
#: How much darker the floor is where they meet, and how much finer than elsewhere that is drawn.
_CONTACT, _FINER = 0.4, 4
#: Points of a sole lie no farther apart than this, in metres.
_BETWEEN = 0.03
#: Half the way, in metres, over which a floor turns into a wall: studios have a cove there, and skirtings are soft too.
_COVE = 0.06
#: Share of a wall's shadow that light from the floor and the rest of the room fills.
_FILLED = 0.35


def fallen(whole: Assembly, posed: Posed, light: Rig, size: tuple[int, int]) -> Floats:
    """The factor in (0, 1] by which the figure darkens the floor, H x W; 1 everywhere if its feet are cut off."""
    width, height = size
    vertices, scale = whole.mesh.vertices, posed.scale
    low = float(vertices[:, 1].max())
    if low > height:
        return np.ones((height, width), np.float32)
    soles = vertices[vertices[:, 1] > low - _TOUCHING * scale]
    front = float(soles[:, 2].min())
    step, margin = _STEP * scale, _AROUND * scale
    across = floats(np.arange(vertices[:, 0].min() - margin, vertices[:, 0].max() + margin, step))
    away = floats(np.arange(front - margin, soles[:, 2].max() + 1.6 * margin, step))
    x, z = (floats(each) for each in np.meshgrid(across, away))
    points = floats(np.stack([x.ravel(), np.full(x.size, low + 0.001 * scale), z.ravel()], axis=1))
    up = floats(np.tile([0.0, -1.0, 0.0], (len(points), 1)))
    found = reach(points, up, whole.shade.blocked, light, lift=0.0)
    key = luminance(light.colour) * max(float(-light.key[1]), 0.0)
    sky = luminance(sky_light(light.harmonics, up[:1]))[0]
    share = (key * found.key + sky * np.minimum(luminance(found.sky), 1)) / (key + sky)
    share = _softer_afar(floats(share).reshape(x.shape), _standing(soles, across, away))
    # The floor fades out before its samples end.
    edge = np.minimum.reduce([x - x.min(), x.max() - x, z - z.min(), 0.4 * (z.max() - z)]) / (0.35 * margin)
    share = floats(1 - (1 - share) * np.clip(edge, 0, 1))

    rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    at_z = (front + (low - rows) / _RISE - away[0]) / step
    at_x = (columns - across[0]) / step
    x, z = (floats(each) for each in np.meshgrid(at_x, at_z))
    darkened = cv2.remap(share, x, z, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)
    # Right beside the soles, finer than the floor is sampled, hardly any light arrives.
    near = _standing(soles, across, away, _FINER)
    touching = 1 - _CONTACT * np.exp(-near / 0.012)
    x, z = (floats((each + 0.5) * _FINER - 0.5) for each in (x, z))
    darkened *= cv2.remap(floats(touching), x, z, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)
    return floats(np.clip(darkened, 0.18, 1))


def on_wall(cover: Floats, floor: Floats, posed: Posed, light: Rig, away: float) -> Floats:
    """Returns the factor by which the figure darkens a floor and a wall `away` metres behind it, H x W.

    `cover` is what of each pixel figure and garment cover, `floor` what `fallen` gives. The shadow is what the camera
    sees of them, moved as the light falls and blurred by the light's size: from so near they look alike from both.
    """
    height, width = cover.shape
    far = away * posed.scale / max(float(-light.key[2]), 0.2)
    shift = -far * light.key[:2]
    sigma = max(0.5 * light.radius * far, 1.0)
    # A penumbra is wide: a small copy tells it, yet fine enough that no cell of it shows.
    shrink = min(1.0, 16 / sigma)
    small = cv2.resize(cover, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    way = floats([[1, 0, shift[0] * shrink], [0, 1, shift[1] * shrink]])
    moved_cover = cv2.warpAffine(small, way, small.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    blocked = cv2.resize(cv2.GaussianBlur(moved_cover, (0, 0), sigma * shrink), (width, height))
    towards = floats([[0, 0, -1]])
    key = luminance(light.colour) * max(float(-light.key[2]), 0.0)
    sky = luminance(sky_light(light.harmonics, towards))[0]
    wall = 1 - (1 - _FILLED) * key / (key + sky) * blocked
    # The floor ends where the wall begins.
    low = max(float(each.vertices[:, 1].max()) for each in posed.surfaces.values())
    foot = low - _RISE * away * posed.scale
    cove = _COVE * posed.scale
    share = smoothstep(foot - cove, foot + cove, np.arange(height, dtype=np.float32))[:, None]
    return floats(np.clip(wall + share * (floor - wall), 0.18, 1))


def _standing(soles: Floats, across: Floats, away: Floats, finer: int = 1) -> Floats:
    """Returns for each place of the floor, or so many times more, its distance from the soles, in metres."""
    free = np.ones((finer * len(away), finer * len(across)), np.uint8)
    step = across[1] - across[0]
    column, row = (
        np.clip(np.floor(((soles[:, k] - start[0]) / step + 0.5) * finer), 0, finer * len(start) - 1).astype(int)
        for k, start in ((0, across), (2, away))
    )
    free[row, column] = 0
    # What lies between the soles' points touches the floor too.
    side = 1 + 2 * round(0.5 * _BETWEEN * finer / _STEP)
    free = cv2.morphologyEx(free, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return floats(cv2.distanceTransform(free, cv2.DIST_L2, 5) * (_STEP / finer))


def _softer_afar(share: Floats, distance: Floats) -> Floats:
    """Blurs a shadow the more, the farther it falls: what casts it there is higher, and the light has a size."""
    for sigma, far in ((1.2, 0.0), (3.0, 0.08), (7.0, 0.25), (14.0, 0.6)):
        weight = smoothstep(0.5 * far, 1.5 * far + 1e-6, distance)
        share = floats(share + weight * (cv2.GaussianBlur(share, (0, 0), sigma) - share))
    # Light from the floor and the walls around fills what falls far.
    return floats(1 - (1 - share) * (1 - 0.65 * smoothstep(0.1, 1.2, distance)))
