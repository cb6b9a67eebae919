"""What the finder's network is shown of a photo: its colours, and what the backdrop's physics say of them."""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Plate

Planes = npt.NDArray[np.float32]

#: What the network says of each pixel and of the photo, in the order of its channels.
CLASSES = ("garment", "inside", "sheer", "holder", "backdrop")
VIEWS = ("front", "back")
KINDS = ("flat", "hanger", "ghost", "worn", "several")
#: The garments that the network tells apart, and the category of each.
CATEGORY = {
    "t-shirt": "top", "longsleeve": "top", "shirt": "top", "jacket": "outerwear", "trousers": "bottom",
    "shorts": "bottom", "skirt": "skirt", "dress": "dress", "swim": "swim", "shoes": "shoes", "hat": "hat",
    "bag": "bag", "jewellery": "jewellery",
}  # fmt: skip

#: RGB, Lab less the backdrop, the same compressed, gradient, place.
COUNT = 12


def planes(picture: Plate) -> Planes:
    """Returns the network's input, `COUNT` x H x W float32 of about unit range.

    RGB in [-1, 1]; CIE Lab less a backdrop fitted to the picture's border, once in steps of 50 and once through tanh,
    so that white cloth on white paper, a step or two apart, is seen as well; the gradient of L; and the place: distance
    from the vertical axis and height. A mirrored picture gives mirrored planes.

    Parameters
    ----------
    picture
        H x W x 3 uint8 sRGB, both sides at least 16.
    """
    height, width = picture.shape[:2]
    lab = cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)
    away = lab - backdrop(lab)
    found = np.empty((COUNT, height, width), np.float32)
    found[:3] = np.moveaxis(picture, 2, 0) / np.float32(127.5) - 1
    found[3:6] = np.moveaxis(away, 2, 0) / 50
    # Noise of a phone's camera is about 2 in L and 1.5 in a and b.
    found[6:9] = np.tanh(np.moveaxis(away, 2, 0) / np.array([6, 4, 4], np.float32)[:, None, None])
    light = np.ascontiguousarray(lab[..., 0])
    slope = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))
    found[9] = np.log1p(slope) / 2 - 1
    found[10] = np.abs(np.linspace(-1, 1, width, dtype=np.float32))
    found[11] = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    return found


def backdrop(lab: Planes) -> Planes:
    """Returns the backdrop's Lab colours, H x W x 3: a plane through most of the picture's border.

    Iteratively reweighted least squares with Cauchy weights: a garment that reaches the border weighs little.
    """
    height, width = lab.shape[:2]
    edge = max(1, min(height, width) // 40)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    rim = np.ones((height, width), bool)
    rim[edge:-edge, edge:-edge] = False
    terms = np.stack([np.ones_like(x), x, y], axis=2)
    known, seen = terms[rim].astype(np.float64), lab[rim].astype(np.float64)
    weight = np.ones(len(seen))
    plane = np.zeros((3, 3))
    plane[0] = np.median(seen, axis=0)
    for turn in range(4):
        error = np.linalg.norm(seen - known @ plane, axis=1)
        weight = 1 / (1 + np.square(error / max(2.0, float(np.median(error)))))
        scaled = known * weight[:, None]
        # The slope is held back: a border that is half garment must not tilt the backdrop.
        plane = np.linalg.solve(scaled.T @ known + np.diag([0, 1, 1]) * 0.1 * weight.sum(), scaled.T @ seen)
        del turn
    return np.asarray(terms @ plane.astype(np.float32), np.float32)
