"""A picture of where a run's faults are worst: seam red, halo yellow, expansion blue."""

import cv2
import numpy as np

from stages import faults
from stages.contracts import RGB, Placed, Plate

#: Colours of the three measures, and the seam at which red is full: `VerifyOptions.max_seam`.
SEAM, HALO, GROWN, FULL_SEAM = (230, 30, 30), (240, 200, 0), (40, 90, 240), 3.0


def draw(picture: RGB, placed: Placed, plate: RGB) -> Plate:
    """Returns the picture in pale grey with its faults in colour, 8-bit, longer side at most 1024.

    `picture` and `plate` are canvas size, in the photo's profile and depth. Thin faults are widened to be seen; a
    circle marks where the seam is worst.
    """
    small, matte = faults.small(picture, placed)
    height, width = matte.shape
    seam = cv2.dilate(faults.seam_map(small, matte), np.ones((3, 3), np.uint8))
    halo = cv2.dilate(faults.halo_map(picture, placed, plate, (height, width)), np.ones((5, 5), np.uint8))
    grown = faults.grown(small, matte, faults.other_clothes(placed, width, height))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    shown = np.repeat((150 + 0.4 * grey)[..., None], 3, axis=2)
    # A seam like its surroundings, 1, is no fault.
    for weight, colour in ((np.clip((seam - 1) / (FULL_SEAM - 1), 0, 1), SEAM), (halo, HALO), (0.8 * grown, GROWN)):
        shown += weight[..., None].astype(np.float32) * (np.array(colour, np.float32) - shown)
    drawn: Plate = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
    if seam.max() > 1:
        y, x = np.unravel_index(int(np.argmax(seam)), seam.shape)
        cv2.circle(drawn, (int(x), int(y)), max(6, width // 40), SEAM, max(1, width // 300), cv2.LINE_AA)
    return drawn
