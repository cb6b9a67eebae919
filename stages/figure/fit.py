"""Fits a person into a placed garment, in canvas pixels.

The garment tells how tall its wearer is and where the shoulders, or the waist, are; the body keeps its own
proportions, however wide the garment lies. Sleeves lead the arms that they hold, free limbs follow the skeleton, and
what the garment covers is brought inside it. In closed form but for a few passes: the same garment, the same body.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from stages.casting import Casting, Size
from stages.contracts import KEYPOINTS, Placed, Point, Skeleton, View
from stages.errors import NotFoundError
from stages.figure import reach
from stages.figure.anatomy import Anatomy
from stages.figure.body import Camera, Rest, bend, landmarks, moved, show
from stages.figure.covered import cover
from stages.figure.person import person
from stages.figure.records import PARTS, Posed
from stages.figure.sizes import SIZES
from stages.figure.stance import SIDES, Stance, rotations
from stages.figure.tuck import tightness
from stages.pose.body import HIPS, SHOULDERS

#: Shorter torsos, in pixels, are no torsos.
LEAST = 24
#: Share of the arm's length from which a sleeve leads the whole arm.
LONG = 0.8
#: How far the body may be moved up or down to bring its shoulders under the garment's, a share of stature; and how deep
#: below the cloth they lie.
RAISE, CLOTH = 0.03, 0.004
#: Half the breadth of a collar's middle, a share of stature, and the most that a neck is lengthened in it.
COLLAR, NECK = 0.015, 1.4
PASSES = 3
#: A garment holds a body of whose trunk it has this share of the width: cloth stretches, and flesh gives way.
HOLDS = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """What a fit is asked for."""

    joints: Skeleton
    """18 x 3, all of them known."""
    stature: float
    """Of the wearer, in canvas pixels."""
    view: View
    led: frozenset[str]
    """Sides whose arms the garment or the photo leads to the wrist."""
    trousers: bool = False
    """Whether trouser legs lead the legs to the ankle."""

    def at(self, name: str) -> npt.NDArray[np.float64]:
        return self.joints[KEYPOINTS.index(name), :2].astype(np.float64)

    def middle(self, name: str) -> npt.NDArray[np.float64]:
        return 0.5 * (self.at(f"right_{name}") + self.at(f"left_{name}"))

    @property
    def turn(self) -> float:
        return 1.0 if self.view == "front" else -1.0


def fit(
    anatomy: Anatomy, placed: Placed, skeleton: Skeleton, casting: Casting, view: View = "front", *, exact: bool = False
) -> Posed:
    """Returns a casting's body in the garment.

    Garment and skeleton lie on one canvas; joints that the skeleton lacks are those of `placed.body`. `exact` says that
    the skeleton is a person's own, found in a worn photo: arms are then brought to its joints, not only to its angles.
    Raises NotFoundError where the skeleton has no torso that a body could have.
    """
    goal = _goal(placed, skeleton, view, exact)
    size, body = _worn(anatomy, placed, casting, goal)
    camera = _camera(anatomy, body, goal, placed.shape.from_waist)
    for _ in range(PASSES):
        transforms = _posed(anatomy, body, camera, goal)
        camera = _anchored(anatomy, body, camera, transforms, goal, placed)
    transforms = _posed(anatomy, body, camera, goal)
    longer = _neck(anatomy, body, camera, transforms, goal, placed)
    transforms = _posed(anatomy, body, camera, goal, longer)
    vertices = moved(anatomy, body, transforms)
    inside = cover(anatomy, body, transforms, vertices, camera, placed, goal.stature)
    found = show(anatomy, body, transforms, camera, inside.vertices)
    skin = found.surfaces["skin"]
    parts = np.where(inside.kept, skin.parts, np.uint8(PARTS.index("nothing")))
    surfaces = found.surfaces | {"skin": replace(skin, parts=parts)}
    return replace(
        found,
        surfaces=surfaces,
        parameters={**found.parameters, "size": size},
        residuals=_residuals(found, goal),
        sticking_out=inside.sticking_out,
    )


def _worn(anatomy: Anatomy, placed: Placed, casting: Casting, goal: Goal) -> tuple[Size, Rest]:
    """Returns the casting's size, or the largest below it whose body the garment holds, and that body."""
    cloth = np.zeros((placed.height, placed.width), bool)
    cloth[placed.window] = placed.matte > 0.5
    for size in reversed(SIZES[: SIZES.index(casting.size) + 1]):
        body = person(anatomy, casting.model_copy(update={"size": size}))
        matrix = _camera(anatomy, body, goal, placed.shape.from_waist).matrix
        seen = body.vertices @ matrix[:2, :3].T + matrix[:2, 3]
        room = tightness(anatomy, seen, cloth, goal.stature, placed)
        if room is None or room >= HOLDS:
            break
    return size, body


def _goal(placed: Placed, skeleton: Skeleton, view: View, exact: bool) -> Goal:
    joints = skeleton.astype(np.float32).copy()
    # Joints outside the frame keep their places at confidence 0; those that a detector missed lie at the origin.
    missing = (joints[:, 2] <= 0) & ((joints[:, 0] == 0) & (joints[:, 1] == 0))
    joints[missing] = placed.body[missing]
    goal = Goal(joints, 1.0, view, frozenset())
    torso = float(np.linalg.norm(goal.middle("shoulder") - goal.middle("hip")))
    if not np.isfinite(joints[:, :2]).all() or torso < LEAST:
        raise NotFoundError("The skeleton has no torso that a body could stand in.")
    stature = torso / (SHOULDERS - HIPS)
    marks = placed.shape.landmarks
    led = {side for side in SIDES if exact}
    for side in SIDES:
        if not placed.shape.from_waist and f"{side}_cuff" in marks:
            sleeve = float(np.linalg.norm(np.array(marks[f"{side}_cuff"]) - goal.at(f"{side}_shoulder")))
            if sleeve > LONG * (0.172 + 0.145) * stature:
                led.add(side)
    legs = placed.shape.from_waist or any(each.kind == "bottom" for each in placed.layers)
    trousers = legs and {"crotch", "right_hem", "left_hem"} <= marks.keys()
    return replace(goal, stature=stature, led=frozenset(led), trousers=trousers)


def _camera(anatomy: Anatomy, body: Rest, goal: Goal, from_waist: bool) -> Camera:
    scale = goal.stature / body.stature
    x, y = goal.middle("hip")
    if not from_waist:
        high = np.mean([body.heads[anatomy.bone(f"upperarm01.{side}")][2] for side in "LR"])
        x, y = goal.middle("shoulder")
        y += scale * float(high)
    return Camera(scale, float(x), float(y), goal.view)


def _posed(anatomy: Anatomy, body: Rest, camera: Camera, goal: Goal, neck: float = 1.0) -> npt.NDArray[np.float64]:
    stance, stretches = _stance(anatomy, body, camera, goal)
    stretches |= {f"neck0{part}": neck for part in (1, 2, 3)}
    return bend(anatomy, body, rotations(anatomy, body, stance), stretches)


def _stance(anatomy: Anatomy, body: Rest, camera: Camera, goal: Goal) -> tuple[Stance, dict[str, float]]:
    matrix = camera.matrix

    def seen(bone: str) -> npt.NDArray[np.float64]:
        return np.asarray(matrix[:2, :3] @ body.heads[anatomy.bone(bone)] + matrix[:2, 3])

    def length(first: str, second: str) -> float:
        apart = body.heads[anatomy.bone(first)] - body.heads[anatomy.bone(second)]
        return camera.scale * float(np.linalg.norm(apart))

    arms: dict[str, reach.Reach] = {}
    legs: dict[str, reach.Reach] = {}
    stretches: dict[str, float] = {}
    for side, end in SIDES.items():
        shoulder = seen(f"upperarm01.{end}")
        lengths = (
            length(f"upperarm01.{end}", f"lowerarm01.{end}"),
            length(f"lowerarm01.{end}", f"wrist.{end}"),
        )
        joints = tuple(goal.at(f"{side}_{name}") for name in ("shoulder", "elbow", "wrist"))
        if side in goal.led:
            arms[side] = reach.arm_to((shoulder, joints[1], joints[2]), lengths, goal.turn)
        else:
            arms[side] = reach.free((joints[0], joints[1], joints[2]), goal.turn)
        for bone, factor in zip(("upperarm0", "lowerarm0"), arms[side].stretch, strict=True):
            stretches |= {f"{bone}{part}.{end}": factor for part in (1, 2)}
        hip, knee, ankle = (goal.at(f"{side}_{name}") for name in ("hip", "knee", "ankle"))
        if goal.trousers:
            hip = seen(f"upperleg01.{end}")
            own = length(f"upperleg01.{end}", f"lowerleg01.{end}"), length(f"lowerleg01.{end}", f"foot.{end}")
            for bone, bone_end, asked in zip(("upperleg0", "lowerleg0"), own, (knee - hip, ankle - knee), strict=True):
                factor = float(np.clip(np.linalg.norm(asked) / bone_end, 2 - reach.STRETCH, reach.STRETCH))
                stretches |= {f"{bone}{part}.{end}": factor for part in (1, 2)}
        legs[side] = reach.free((hip, knee, ankle), goal.turn, -0.03)
    stance = Stance(
        {side: arm.upper for side, arm in arms.items()},
        {side: arm.lower for side, arm in arms.items()},
        {side: leg.upper for side, leg in legs.items()},
        {side: leg.lower for side, leg in legs.items()},
    )
    return stance, {bone: factor for bone, factor in stretches.items() if factor != 1}


def _anchored(
    anatomy: Anatomy, body: Rest, camera: Camera, transforms: npt.NDArray[np.float64], goal: Goal, placed: Placed
) -> Camera:
    """Moves the body up or down until its shoulders lie just under the garment's."""
    if placed.shape.from_waist:
        return camera
    rise = _rise(anatomy, body, camera, transforms, goal, placed)
    start = _camera(anatomy, body, goal, from_waist=False)
    low, high = start.y - RAISE * goal.stature, start.y + RAISE * goal.stature
    return replace(camera, y=float(np.clip(camera.y + rise, low, high)))


def _rise(
    anatomy: Anatomy, body: Rest, camera: Camera, transforms: npt.NDArray[np.float64], goal: Goal, placed: Placed
) -> float:
    ends = _slope(placed, goal)
    if not ends:
        return 0.0
    matrix = camera.matrix
    seen = moved(anatomy, body, transforms) @ matrix[:2, :3].T + matrix[:2, 3]
    points = seen[anatomy.mostly("spine05") & ~anatomy.mostly("neck01")]
    gaps = []
    step = max(2.0, 0.004 * goal.stature)
    for x, top in ends:
        near = points[np.abs(points[:, 0] - x) < step]
        if len(near):
            gaps.append(float(near[:, 1].min()) - top)
    # The lowest quarter of the gaps: little of the shoulders stands out, and cloth may stand off elsewhere.
    return CLOTH * goal.stature - float(np.quantile(gaps, 0.25)) if gaps else 0.0


def _neck(
    anatomy: Anatomy, body: Rest, camera: Camera, transforms: npt.NDArray[np.float64], goal: Goal, placed: Placed
) -> float:
    """Returns by how much the neck is lengthened so that the chin stands above a stand-up collar."""
    matrix, spots = camera.matrix, landmarks(anatomy, body)
    head = transforms[anatomy.bone("head")]
    chin = matrix[:2, :3] @ (head[:3, :3] @ body.vertices[spots["chin"]] + head[:3, 3]) + matrix[:2, 3]
    reach_ = COLLAR * goal.stature
    columns = np.arange(round(chin[0] - reach_), round(chin[0] + reach_) + 1) - placed.box[0]
    columns = columns[(columns >= 0) & (columns < placed.matte.shape[1])]
    cloth = placed.matte[:, columns] > 0.5
    cloth = cloth[:, cloth.any(axis=0)]
    if placed.shape.from_waist or goal.view == "back" or not cloth.size:
        return 1.0
    top = placed.box[1] + float(np.median(cloth.argmax(axis=0)))
    lacking = chin[1] + CLOTH * goal.stature - top
    ends = [body.heads[anatomy.bone(name)][2] for name in ("neck01", "head")]
    return float(np.clip(1 + lacking / (camera.scale * (ends[1] - ends[0])), 1.0, NECK))


def _slope(placed: Placed, goal: Goal) -> list[Point]:
    """Returns points along the garment's upper outline on either shoulder, from beside the neck outwards."""
    marks, matte = placed.shape.landmarks, placed.matte > 0.5
    x0, y0 = placed.box[:2]
    found: list[Point] = []
    for side in SIDES:
        name = next((f"{side}_{kind}" for kind in ("strap", "shoulder") if f"{side}_{kind}" in marks), None)
        if name is None:
            continue
        outer, middle = marks[name][0], float(goal.middle("shoulder")[0])
        columns = np.arange(round(min(outer, middle)), round(max(outer, middle)) + 1) - x0
        columns = columns[(columns >= 0) & (columns < matte.shape[1])]
        columns = columns[matte[:, columns].any(axis=0)]
        if not len(columns):
            continue
        tops = matte[:, columns].argmax(axis=0)
        # Beside the neck the outline is highest; nearer to the middle lies the neckline.
        peak = columns[int(tops.argmin())]
        beside = np.abs(columns + x0 - middle) >= abs(peak + x0 - middle)
        found += [(float(x + x0), float(y + y0)) for x, y in zip(columns[beside], tops[beside], strict=True)]
    return found[:: max(1, len(found) // 60)]


def _residuals(found: Posed, goal: Goal) -> dict[str, float]:
    torso = (SHOULDERS - HIPS) * goal.stature
    apart = np.linalg.norm(found.skeleton[:, :2] - goal.joints[:, :2], axis=1) / torso
    return {name: round(float(each), 4) for name, each in zip(KEYPOINTS, apart, strict=True)}
