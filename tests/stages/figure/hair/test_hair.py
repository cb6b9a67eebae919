"""Hair grows outside the skull and, unless asked, behind what is worn."""

from collections.abc import Callable

import numpy as np
import pytest

from pipeline import config
from stages.casting import Casting
from stages.figure.anatomy import Anatomy
from stages.figure.hair import colours, hair, head, styles
from stages.figure.person import posed_standing
from stages.figure.records import Posed, Strands

#: Styles that grow unlike one another: these first.
UNLIKE = ("long wavy", "afro", "ponytail", "short curly", "bald")


@pytest.fixture(scope="module")
def bodies(anatomy: Anatomy) -> dict[str, Posed]:
    made = {view: posed_standing(anatomy, Casting(), 400, 600, view=view) for view in ("front", "back")}
    return {**made, "man": posed_standing(anatomy, Casting(person="man"), 400, 600)}


@pytest.fixture(scope="module")
def grown(bodies: dict[str, Posed]) -> Callable[..., np.ndarray]:
    """Returns the points of a style's hair on one of the bodies, each grown once."""
    made: dict[tuple[str, str, bool], np.ndarray] = {}

    def get(style: str, body: str = "front", front: bool = False) -> np.ndarray:
        key = style, body, front
        if key not in made:
            made[key] = _points(hair(bodies[body], Casting(hair_style=style, hair_front=front), 1))
        return made[key]

    return get


def _points(strands: tuple[Strands, ...], name: str = "hair") -> np.ndarray:
    return np.concatenate([np.zeros((0, 3), np.float32), *(each.points for each in strands if each.name == name)])


def _depth(posed: Posed) -> np.ndarray:
    """How near the viewer the body is, by blocks of 4 x 4 pixels; -inf where none is."""
    nearest = np.full((200, 150), np.inf)
    vertices = posed.surfaces["skin"].vertices
    cells = np.clip((vertices[:, :2] / 4).astype(int), 0, [149, 199])
    np.minimum.at(nearest, (cells[:, 1], cells[:, 0]), vertices[:, 2])
    return np.where(np.isfinite(nearest), nearest, -np.inf)


@pytest.mark.sampled(len(UNLIKE))
@pytest.mark.parametrize("style", [*UNLIKE, *sorted(styles.STYLES.keys() - set(UNLIKE))])
def test_hair_is_outside_the_skull(bodies: dict[str, Posed], grown: Callable[..., np.ndarray], style: str) -> None:
    posed = bodies["front"]
    skull = head.measure(posed)
    points = grown(style)
    if style == "bald":
        assert len(points) == 0
        return
    inverse = np.linalg.inv(posed.head.astype(np.float64))
    away = points @ inverse[:3, :3].T + inverse[:3, 3] - head.CENTRE
    away = away[away[:, 2] > -0.03]  # ears and neck are no part of the skull
    distance = np.linalg.norm(away, axis=1)
    sunk = skull.radius(away / distance[:, None]) - distance
    assert (sunk > 0.004).mean() < 0.004
    assert distance.max() < 0.30, "strands fly off"


@pytest.mark.sampled(4)
@pytest.mark.parametrize("view", ["front", "back"])
@pytest.mark.parametrize("style", ["long straight", "long wavy", "long curly", "shoulder-length", "ponytail", "braids"])
def test_long_hair_falls_behind_the_shoulders(
    bodies: dict[str, Posed], grown: Callable[..., np.ndarray], view: str, style: str
) -> None:
    posed = bodies[view]
    below = np.mean([posed.joints[f"upperarm01.{side}"][0][1] for side in "LR"])
    before = _depth(posed)

    def covering(front: bool) -> float:
        points = grown(style, view, front)
        points = points[points[:, 1] > below]
        cells = np.clip((points[:, :2] / 4).astype(int), 0, [149, 199])
        return float((points[:, 2] < before[cells[:, 1], cells[:, 0]]).sum() / max(1, len(points)))

    assert covering(False) < 0.01
    if style.startswith("long"):
        assert covering(True) > 0.1


def test_the_same_seed_gives_the_same_bytes(bodies: dict[str, Posed]) -> None:
    casting = Casting(person="man", hair_style="short curly", beard="short")
    first, again, other = (hair(bodies["man"], casting, seed) for seed in (1, 1, 2))
    assert {each.name for each in first} == {"hair", "brows", "lashes", "beard"}
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(one.points, two.points)
        assert np.array_equal(one.colours, two.colours)
    assert not np.array_equal(_points(first)[:100], _points(other)[:100])


@pytest.mark.parametrize("name", sorted(config.names("castings")))
def test_words_of_castings_are_known(name: str) -> None:
    casting = Casting(**config.read(config.find("castings", name)))
    assert casting.hair_style in styles.STYLES
    assert casting.hair_colour in colours.SHADES


def test_words_that_name_no_style_get_the_nearest() -> None:
    assert styles.style("Long, wavy hair".replace(",", "")) == styles.STYLES["long wavy"]
    assert styles.style("buzz cut") == styles.STYLES["shaved"]
    assert styles.style("something else") == styles.STYLES["short"]


def test_colours_are_told_apart_and_greys_are_mixed(bodies: dict[str, Posed]) -> None:
    random = np.random.default_rng(0)
    lightness = {}
    for words, chosen in colours.SHADES.items():
        tints = colours.paint(chosen, np.zeros(4000, int), np.full(4000, 0.5), random)
        lightness[words] = float(tints.mean())
    assert lightness["black"] < lightness["dark brown"] < lightness["brown"] < lightness["blonde"] < lightness["white"]
    tints = colours.paint(colours.SHADES["salt and pepper"], np.zeros(4000, int), np.full(4000, 0.5), random)
    assert 0.3 < (tints.mean(1) > 150).mean() < 0.55


def test_beards_leave_the_lips_free(bodies: dict[str, Posed]) -> None:
    posed = bodies["man"]
    corners = [posed.joints[f"oris03.{side}"][1] for side in "LR"]
    middle = np.mean(corners, 0)
    for kind in ("stubble", "short", "goatee"):
        strands = next(each for each in hair(posed, Casting(person="man", beard=kind), 1) if each.name == "beard")
        roots = strands.points[strands.starts[:-1]]
        lips = np.abs(roots[:, :2] - middle[:2]) < np.array([0.012, 0.004]) * posed.scale
        assert lips.all(1).mean() < 0.01
    assert not [each for each in hair(posed, Casting(beard="full"), 1) if each.name == "beard"]


@pytest.mark.sampled(len(UNLIKE))
@pytest.mark.parametrize("style", [*UNLIKE, *sorted(styles.STYLES.keys() - set(UNLIKE))])
def test_no_hair_hangs_before_the_eyes(bodies: dict[str, Posed], grown: Callable[..., np.ndarray], style: str) -> None:
    posed = bodies["front"]
    points = grown(style)
    for side in "LR":
        eye = posed.surfaces[f"eye.{side}"].vertices
        low, high = eye.min(0)[:2], eye.max(0)[:2]
        before = ((points[:, :2] > low) & (points[:, :2] < high)).all(1) & (points[:, 2] < eye[:, 2].mean())
        assert before.sum() < 10


def test_no_lock_of_a_ponytail_hangs_beside_the_neck(
    bodies: dict[str, Posed], grown: Callable[..., np.ndarray]
) -> None:
    posed = bodies["front"]
    points = grown("ponytail")
    neck = posed.joints["neck01"][0]
    between = (points[:, 1] > posed.joints["head"][0][1] + 0.02 * posed.scale) & (points[:, 1] < neck[1])
    assert between.any()
    assert np.abs(points[between, 0] - neck[0]).max() < 0.062 * posed.scale


@pytest.mark.parametrize("person", ["front", "man"])
def test_brows_lie_over_the_eyes_and_below_the_forehead(bodies: dict[str, Posed], person: str) -> None:
    posed = bodies[person]
    for face in range(6):
        who = Casting(face=face, person="man" if person == "man" else "woman", hair_style="bald")
        brows = _points(hair(posed, who, 1), "brows")
        for side in "LR":
            eye = posed.surfaces[f"eye.{side}"].vertices
            middle = 0.5 * (eye.min(axis=0) + eye.max(axis=0))
            own = brows[np.abs(brows[:, 0] - middle[0]) < 0.03 * posed.scale]
            above = (middle[1] - own[:, 1]) / posed.scale
            assert above.min() > 0.008
            assert 0.013 < np.median(above) < 0.023
