"""What the parts of the figure hand to each other.

The camera is orthographic. Points are (x, y, z) in canvas pixels: x to the right, y down, z away from the viewer, with
z = 0 at the body's frontal plane through the hips. Unit vectors use the same axes. Colours are sRGB.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from stages.contracts import Matte, Placed, Sealed, Skeleton, View

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

Material = Literal["skin", "eye", "lash", "teeth", "hair", "cloth", "denim", "knit", "leather", "rubber"]

#: What a pixel of the figure shows; `Figure.parts` holds indices into this.
PARTS = ("nothing", "skin", "face", "hand", "foot", "eye", "hair", "clothes", "shoes")


@dataclass(frozen=True, slots=True, eq=False)
class Surface(Sealed):
    """A triangle mesh of one material."""

    name: str
    """skin, eye.L, eye.R, lashes, teeth, tights, skirt, hair cap; or of clothes: trousers, top, shoe.L ..."""
    material: Material
    vertices: Floats
    """N x 3."""
    normals: Floats
    """N x 3, unit length, outward."""
    faces: Indices
    """T x 3."""
    parts: Bytes
    """T: what each face is, an index into PARTS; what is "nothing" is not drawn, but cloth may lie on it."""
    uv: Floats | None = None
    """N x 2 in [0, 1], v up; None where nothing is textured."""
    colour: tuple[int, int, int] = (128, 128, 128)
    texture: Bytes | None = None
    """h x w x 3 over `uv`, in place of `colour`."""
    bump: Floats | None = None
    """h x w over `uv`: height in canvas pixels."""

    @property
    def drawn(self) -> "Surface":
        """The surface without the faces that are nothing."""
        kept = self.parts != PARTS.index("nothing")
        return self if kept.all() else replace(self, faces=self.faces[kept], parts=self.parts[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Strands(Sealed):
    """Hairs as polylines."""

    name: str
    """hair, brows, lashes, beard."""
    points: Floats
    """P x 3, strand after strand, root first."""
    starts: Indices
    """S + 1: strand i is points[starts[i]:starts[i + 1]]."""
    colours: Bytes
    """S x 3."""
    width: float
    """Of one hair, in canvas pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Posed(Sealed):
    """The body in its pose, in front of the camera."""

    surfaces: dict[str, Surface]
    """By name: skin, eye.L, eye.R, lashes.L, lashes.R, teeth; and, not to be drawn as they are, tights, skirt and
    hair cap: what clothes and hair are made from."""
    joints: dict[str, tuple[Floats, Floats]]
    """Head and tail of each bone, by the body model's names."""
    head: Floats
    """4 x 4: from the head's own rest frame (metres; x to the person's left, y backwards, z up, origin between the
    eyes) to the canvas."""
    scale: float
    """Canvas pixels for a metre."""
    skeleton: Skeleton
    """The fitted joints as OpenPose body-18 keypoints."""
    view: View = "front"
    parameters: dict[str, float | str] = field(default_factory=dict)
    """Of the body's shape, by the body model's names, and its measurements in centimetres: for the receipt."""
    residuals: dict[str, float] = field(default_factory=dict)
    """Distance of each joint from where the garment or the skeleton asks for it, in shares of the torso's length."""
    sticking_out: int = 0
    """Canvas pixels of covered parts of the body that lie outside the garment."""


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """The light of a scene."""

    direction: tuple[float, float, float]
    """From the figure towards the key light, unit length."""
    colour: tuple[float, float, float] = (1.0, 0.98, 0.95)
    """Of the key light, linear."""
    ambient: tuple[float, float, float] = (0.5, 0.51, 0.53)
    """Of the sky or room, linear."""
    softness: float = 0.5
    """0 is a point, such as the sun; 1 is a large softbox."""
    wall: float | None = None
    """Metres behind the figure at which a wall takes its shadow; None where none is near."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure(Sealed):
    """The drawn figure, at canvas size."""

    picture: Bytes
    """H x W x 3 sRGB, meaningful where `alpha` > 0; not multiplied by it."""
    alpha: Matte
    """H x W: coverage of the figure, with hair and clothes."""
    depth: Floats
    """H x W: z of the nearest surface in canvas pixels; +inf where there is none."""
    normals: Floats
    """H x W x 3; 0 where there is none."""
    parts: Bytes
    """H x W, indices into PARTS."""
    shadow: Matte
    """H x W: the factor in (0, 1] by which figure and garment darken floor and wall."""
    posed: Posed
    placed: Placed | None = None
    """What it wears of photos, with accessories where this body holds them."""
