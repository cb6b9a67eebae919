"""The outermost pixel of a subject before a plain backdrop: skin and cloth have a darker line there.

Taken for skin that is a little grey, a pixel half of such a line and half of backdrop would keep the backdrop: before a
strong colour the outline is then dotted with grey. The backdrop is known, so alpha follows from how far the pixel lies
from there towards the pixel just inside it (Smith and Blinn, Blue Screen Matting, 1996).
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths, nearest
from stages.contracts import RGB, Matte
from stages.matte.backdrop import Flags
from stages.matte.sampling import sampled

Field = npt.NDArray[np.float32]

#: Pixels that far outside of the pixel that they are compared with are looked at, in pixels at 1024.
_INSIDE, _OUTERMOST = 1.5, 1.2
#: Least distance between the two colours, of 1, and the most of a pixel's from the line between them.
_CONTRAST, _OFF = 0.12, 0.08
#: Alpha this near to 0 or 1 is noise; less than the second below what it was, nothing was wrong.
_NOISE, _LESS = 0.07, 0.1


def mend(pixels: RGB, matte: Matte, foreground: RGB, behind: Field, hair: Flags) -> tuple[Matte, RGB]:
    """Returns matte and foreground, H x W (x 3), with less of the backdrop in the outermost pixels.

    `behind` is the backdrop's colour in [0, 1] and `hair` what is left alone, both of any smaller size. Alpha only ever
    falls, and only in pixels that touch the backdrop.
    """
    height, width = matte.shape
    unit = max(1.0, max(height, width) / 1024)
    region = matte > 0.5
    depth = cv2.distanceTransform(cv2.copyMakeBorder(region.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE),
                                  cv2.DIST_L2, 5)[1:-1, 1:-1]  # fmt: skip
    inner = depth >= _INSIDE * unit + 0.5
    alone = cv2.resize(hair.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    rim = (matte > 0) & (depth <= _OUTERMOST * unit + 0.5) & ~alone
    ys, xs = np.nonzero(rim)
    if not len(ys) or not inner.any():
        return matte, foreground
    away, place = nearest(inner, (ys, xs))
    full = np.float32(np.iinfo(pixels.dtype).max)
    front, here = (each.astype(np.float32) / full for each in (pixels.reshape(-1, 3)[place], pixels[ys, xs]))
    x = (xs + 0.5) * (behind.shape[1] / width) - 0.5
    y = (ys + 0.5) * (behind.shape[0] / height) - 0.5
    back = sampled(behind, x, y)
    span = front - back
    contrast = np.sum(span * span, axis=1)
    share = np.sum((here - back) * span, axis=1) / np.maximum(contrast, 1e-6)
    off = lengths(here - back - share[:, None] * span)
    alpha = np.clip((share - _NOISE) / (1 - 2 * _NOISE), 0, 1).astype(np.float32)
    wrong = (contrast > _CONTRAST**2) & (off < _OFF) & (alpha < matte[ys, xs] - _LESS)
    wrong &= away < (_INSIDE + _OUTERMOST) * unit + 0.5
    ys, xs, alpha = ys[wrong], xs[wrong], alpha[wrong]
    weight = alpha[:, None]
    rest = here[wrong] - weight * front[wrong] - (1 - weight) * back[wrong]
    colour = front[wrong] + rest * weight / (np.square(weight) + np.square(1 - weight))
    new_matte, new_foreground = matte.copy(), foreground.copy()
    new_matte[ys, xs] = alpha
    new_foreground[ys, xs] = np.rint(np.clip(colour, 0, 1) * full).astype(pixels.dtype)
    return new_matte, new_foreground
