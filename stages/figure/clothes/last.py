"""The last: the shape of a foot that a shoe is built on, in the foot's own frame."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from stages.figure.clothes.tube import Body
from stages.figure.vectors import floats, unit

Floats = npt.NDArray[Any]

#: Stations from the heel (0) to the tips of the toes (1).
_STATIONS = 48


@dataclass(frozen=True, slots=True, eq=False)
class Last:
    """A foot in its own frame: metres along it from the heel, across it to the person's left, up from the floor."""

    origin: Floats
    """Canvas place of the heel's end on the floor."""
    axes: Floats
    """3 x 3, rows: forward, left, up, unit vectors of the canvas."""
    scale: float
    length: float
    middle: Floats
    """Per station: where the middle of the foot is, across."""
    half: Floats
    """Per station: half its width."""
    height: Floats
    """Per station: its top above the floor; over the ankle that of the leg's front."""
    ankle: float
    """Height of the ankle joint."""
    instep: float
    """Metres along at which the front of the leg meets the foot."""

    def to_canvas(self, along: Floats, across: Floats, up: Floats) -> Floats:
        """Returns places of the frame as canvas points ... x 3."""
        own = np.stack(np.broadcast_arrays(along, across, up), -1) * self.scale
        return floats(self.origin + own @ self.axes)

    def at(self, values: Floats, along: Floats) -> Floats:
        """Returns what is known per station at places along the foot."""
        return np.interp(np.asarray(along) / self.length, np.linspace(0, 1, _STATIONS), values)


def last(body: Body, side: Literal["L", "R"]) -> Last:
    """Measures a foot."""
    scale = body.scale
    ankle, toe = body.joint(f"foot.{side}"), body.joint(f"toe2-3.{side}", tail=True)
    vertices = body.posed.surfaces["skin"].vertices.astype(np.float64)
    reach = 1.25 * float(np.linalg.norm(toe - ankle))
    other = body.joint(f"foot.{'R' if side == 'L' else 'L'}")
    near = np.linalg.norm(vertices - ankle, axis=1) < reach
    near &= np.linalg.norm(vertices - ankle, axis=1) < np.linalg.norm(vertices - other, axis=1)
    shank = unit(body.joint(f"lowerleg01.{side}") - ankle)
    foot = vertices[near & ((vertices - ankle) @ shank < 0.06 * scale)]
    # The sole's plane: level across, through the lowest of the heel and of the ball.
    forward = (toe - ankle) * [1, 0, 1]
    forward = unit(forward)
    along = (foot - ankle) @ forward
    heel = foot[along < np.quantile(along, 0.3)]
    ball = foot[along > np.quantile(along, 0.6)]
    heel_low, ball_low = heel[heel[:, 1].argmax()], ball[ball[:, 1].argmax()]
    pitch = (ball_low[1] - heel_low[1]) / max((ball_low - heel_low) @ forward, 1e-3)
    forward = unit(forward + np.array([0, np.clip(pitch, -1.2, 1.2), 0]))
    left = unit(np.cross(forward, [0.0, -1.0, 0.0]))
    left = left * np.sign(left @ body.left)
    up = np.cross(forward, left)
    up = up * (-np.sign(up[1]))
    axes = np.stack([forward, left, up])
    own = (foot - ankle) @ axes.T / scale
    floor = own[:, 2].min()
    low = own[own[:, 2] < floor + 0.075]
    back, tip = low[:, 0].min(), low[:, 0].max()
    length = float(tip - back)
    station = (low[:, 0] - back) / length
    grid = np.linspace(0, 1, _STATIONS)
    middle, half = np.zeros(_STATIONS), np.zeros(_STATIONS)
    for k, s in enumerate(grid):
        inside = low[np.abs(station - s) < 0.05]
        middle[k], half[k] = (
            0.5 * (inside[:, 1].max() + inside[:, 1].min()),
            0.5 * (inside[:, 1].max() - inside[:, 1].min()),
        )
    own_station = (own[:, 0] - back) / length
    height = np.array([(own[np.abs(own_station - s) < 0.05, 2].max(initial=floor) - floor) for s in grid])
    blur = np.exp(-0.5 * (np.arange(-4, 5) / 1.8) ** 2)
    blur /= blur.sum()
    soft = [np.convolve(np.pad(each, 4, mode="edge"), blur, "valid") for each in (middle, half, height)]
    front = own_station[(own[:, 2] - floor > -floor + 0.015)]
    return Last(
        origin=ankle + (back * forward + floor * up) * scale,
        axes=axes,
        scale=scale,
        length=length,
        middle=soft[0],
        half=np.maximum(soft[1], 0.85 * half),
        height=np.maximum(soft[2], height),
        ankle=float(-floor),
        instep=float(front.max(initial=0.4)) * length,
    )
