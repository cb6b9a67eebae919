"""Shows the inside of a garment's back, from a photo of its own, in the neck of its front.

The two photos are brought together by the ends of their necks: one scale, no rotation, a whole number of pixels. Only
what is seen through the neck is shown; where front and back do not fit, nothing is, and the reason is said.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from stages import colour
from stages.canvas.place import bounds, resample
from stages.contracts import Cutout, Photo, Placed, Placement, Point
from stages.errors import NotFoundError
from stages.find.neck import ends

Flags = npt.NDArray[np.bool_]

#: Necks fit when the scale that brings their ends together is the shoulders' own within this share.
_SHOULDERS = 0.15
#: Front and back hang level within so many degrees.
_TILT = 4.0
#: The back is seen, and without a gap to the front, over at least these shares of the neck's width.
_SEEN, _CLOSED = 0.4, 0.97
#: Less than this share of the neck's width squared is nothing that a shopper would see.
_LEAST = 0.01
#: Cloth of one garment differs by less than this in two photos, in Delta E between the medians.
_UNLIKE = 18.0


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """The back in the neck of the front."""

    photo: Photo
    """The back's, in the front's colours."""
    placed: Placed
    """What of it is seen, on the front's canvas; its matte goes on under the front's soft edge."""
    said: str
    """What a receipt says of how it fits."""
    doubts: tuple[str, ...] = ()


def matched(back: Photo, icc: bytes | None, depth: int) -> Photo:
    """Returns a photo in another's profile and bit depth; itself where it has them."""
    if back.icc == icc and back.bit_depth == depth:
        return back
    pixels = colour.matched(back.pixels, back.icc, icc, 16 if depth == 16 else 8)
    return replace(back, pixels=pixels, icc=icc)


def join(front: Placed, back: Photo, cut: Cutout) -> Joined:
    """Returns the back in the front's neck; `back` is in the front's colours, `cut` its cut-out.

    Raises NotFoundError, with the reason, where they do not fit.
    """
    left, right, scale, corner = _fit(front, cut, back.name)
    pixels, how = resample(back.pixels, scale)
    matte = np.clip(resample(cut.matte, scale)[0], 0, 1)
    matte = np.where(matte > 1 - 1e-4, np.float32(1), np.where(matte < 1e-4, np.float32(0), matte))
    colours = np.where((matte == 1)[..., None], pixels, resample(cut.foreground, scale)[0])
    x, y = corner
    canvas = np.zeros((front.height, front.width), np.float32)
    canvas[front.window] = front.matte
    there = np.zeros_like(canvas)
    on, of = _overlap(there.shape, matte.shape, corner)
    there[on] = matte[of]
    seen = _neck(canvas, there, left, right, back.name)
    x0, y0, x1, y1 = bounds(np.where(seen, there, np.float32(0)))
    window = slice(y0, y1), slice(x0, x1)
    own = slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)
    placed = replace(
        front,
        placement=Placement(x, y, scale, how),
        box=(x0, y0, x1, y1),
        pixels=pixels[own].copy(),
        foreground=colours[own].copy(),
        matte=np.where(seen, there, np.float32(0))[window].copy(),
        inside=None,
    )
    resampled = f", resampled once by {scale:.3f}" if scale != 1 else ""
    said = f"The inside of the neck is that of {back.name}{resampled}."
    return Joined(back, placed, said, _unlike(front, back, cut))


def uncovered(joined: Placed, front: Placed) -> Placed:
    """Returns what of the back no pixel of the front covers, not even in part: what stays as photographed."""
    canvas = np.zeros((front.height, front.width), np.float32)
    canvas[front.window] = front.matte
    return replace(joined, matte=np.where(canvas[joined.window] > 0, np.float32(0), joined.matte))


def _fit(front: Placed, cut: Cutout, name: str) -> tuple[Point, Point, float, tuple[int, int]]:
    """Returns the ends of the front's neck on the canvas, and the back's scale and corner there."""
    x0, y0 = front.box[:2]
    marks = {key: (x - x0, y - y0) for key, (x, y) in front.shape.landmarks.items()}
    ours = ends(front.matte > 0.5, replace(front.shape, landmarks=marks))
    theirs = ends(cut.matte > 0.5, cut.shape)
    if ours is None or theirs is None:
        which = "this garment" if ours is None else name
        raise NotFoundError(f"no open neck between two shoulders is found in {which}")
    left, right = ((each[0] + x0, each[1] + y0) for each in ours)
    tilt = [np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0])) for a, b in (ours, theirs)]
    if abs(tilt[0] - tilt[1]) > _TILT:
        raise NotFoundError(f"{name} hangs {abs(tilt[0] - tilt[1]):.0f} degrees aslant of it")
    scale = (right[0] - left[0]) / (theirs[1][0] - theirs[0][0])
    wide = [abs(each["left_shoulder"][0] - each["right_shoulder"][0]) for each in (marks, cut.shape.landmarks)]
    apart = wide[0] / (scale * wide[1])
    if abs(np.log(apart)) > np.log(1 + _SHOULDERS):
        how = "narrower" if apart > 1 else "wider"
        raise NotFoundError(f"where the necks meet, the shoulders of {name} are {abs(1 / apart - 1):.0%} {how}")
    scale = 1.0 if abs(scale - 1) < 0.005 else float(scale)
    x = 0.5 * (left[0] + right[0]) - 0.5 * scale * (theirs[0][0] + theirs[1][0])
    # As low as the lower of both ends asks for: no step stands out over a shoulder.
    y = max(left[1] - scale * theirs[0][1], right[1] - scale * theirs[1][1])
    return left, right, scale, (round(x), round(y))


def _neck(front: npt.NDArray[np.float32], back: npt.NDArray[np.float32], left: Point, right: Point, name: str) -> Flags:
    """Returns where the back may be seen on the canvas: over the front's edge, between the ends of the neck."""
    a, b = round(left[0]), round(right[0])
    solid = front == 1
    first = np.where(solid.any(axis=0), solid.argmax(axis=0), front.shape[0])
    rows = np.arange(front.shape[0])[:, None]
    region = (rows < first[None, :]) & (np.arange(front.shape[1]) >= a) & (np.arange(front.shape[1]) <= b)
    shown = region & (back > 0.5) & (front < 0.5)
    columns = shown[:, a : b + 1].any(axis=0)
    if shown.sum() < _LEAST * (b - a) ** 2:
        raise NotFoundError("the photo shows the inside of its own neck, which is kept")
    # From its upper outline down to the front there is cloth of the back, or of the front, everywhere.
    top = np.where(shown.any(axis=0), shown.argmax(axis=0), front.shape[0])
    gaps = region & (rows >= top[None, :]) & (back <= 0.5) & (front <= 0.5)
    closed = 1 - float(gaps[:, a : b + 1].any(axis=0)[columns].mean())
    if columns.mean() < _SEEN or closed < _CLOSED:
        words = f"seen over {columns.mean():.0%} of the neck, closed over {closed:.0%} of that"
        raise NotFoundError(f"the back of {name} does not close the neck ({words})")
    return np.asarray(region)


def _unlike(front: Placed, back: Photo, cut: Cutout) -> tuple[str, ...]:
    first, second = (
        np.median(cv2.cvtColor(colour.to_srgb(each[None], back.icc).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0], 0)
        for each in (front.pixels[front.matte == 1], back.pixels[cut.matte == 1])
    )
    apart = float(np.linalg.norm(first - second))
    if apart <= _UNLIKE:
        return ()
    return (
        f"{back.name} differs in colour (Delta E {apart:.0f}): it may be a lining, other light, or another garment",
    )


def _overlap(
    canvas: tuple[int, ...], size: tuple[int, ...], corner: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Returns where a part of `size` with its corner there lies on the canvas, as slices of both."""
    x, y = corner
    x0, y0, x1, y1 = max(0, x), max(0, y), min(canvas[1], x + size[1]), min(canvas[0], y + size[0])
    return (slice(y0, max(y0, y1)), slice(x0, max(x0, x1))), (
        slice(y0 - y, max(y0, y1) - y),
        slice(x0 - x, max(x0, x1) - x),
    )
