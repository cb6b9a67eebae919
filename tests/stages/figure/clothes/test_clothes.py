"""Nobody is shown naked, whatever garment is kept; clothes stay under it, and shoes stand on the floor."""

from itertools import cycle, product

import numpy as np
import pytest

from pipeline import config
from stages.casting import Casting
from stages.contracts import Framing, Placed, View
from stages.figure.clothes import clothes, tops, tube, words
from stages.figure.records import Posed, Surface
from stages.figure.visibility import Tracer
from tests.stages.figure.clothes.dressed import KINDS, PEOPLE, People, at, kept


def private(posed: Posed, kind: str) -> np.ndarray:
    """Returns the skin, N x 3, that must be covered: the breasts, and from under them to the middle of the thighs.

    Swimwear and what is shorter than that leave the waist and the thighs bare.
    """
    skin = posed.surfaces["skin"].vertices.astype(float)
    scale = posed.scale
    bust = 0.5 * (at(posed, "breast.L", True) + at(posed, "breast.R", True))
    hip = 0.5 * (at(posed, "upperleg01.L") + at(posed, "upperleg01.R"))
    knee = 0.5 * (at(posed, "lowerleg01.L") + at(posed, "lowerleg01.R"))
    ways = [(at(posed, f"{a}.{side}"), at(posed, f"{b}.{side}")) for side in "LR" for a, b in
            (("upperarm01", "lowerarm01"), ("lowerarm01", "wrist"))]  # fmt: skip
    ways += [(at(posed, f"wrist.{side}"), at(posed, f"finger3-3.{side}", True)) for side in "LR"]
    arm = np.min([_from_line(skin, a, b) for a, b in ways], axis=0) < 0.085 * scale
    y = skin[:, 1]
    thighs = hip[1] + (0.5 * (knee[1] - hip[1]) if kind not in ("mini", "bikini", "trunks") else 0.115 * scale)
    if kind in ("bikini", "trunks"):
        parts = (y > hip[1]) & (y < hip[1] + 0.09 * scale) & (np.abs(skin[:, 0] - hip[0]) < 0.02 * scale)
    else:
        parts = (y > bust[1] + 0.05 * scale) & (y < thighs)
    for side in "LR":
        parts |= np.linalg.norm(skin - at(posed, f"breast.{side}", True), axis=1) < 0.035 * scale
    return np.asarray(skin[parts & ~arm])


def _from_line(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    way = b - a
    share = np.clip((points - a) @ way / (way @ way), 0, 1)
    return np.asarray(np.linalg.norm(points - a - share[:, None] * way, axis=1))


def bare(posed: Posed, worn: tuple[Surface, ...], garment: Placed | None, kind: str) -> float:
    """Returns the share of private skin that the viewer sees."""
    points = private(posed, kind)
    skin = posed.surfaces["skin"]
    vertices, faces = [skin.vertices], [skin.faces]
    for each in worn:
        faces.append(each.faces + sum(map(len, vertices)))
        vertices.append(each.vertices)
    tracer = Tracer(np.concatenate(vertices), np.concatenate(faces))
    starts = points - [0, 0, 3000]
    away = tracer.distances(starts, np.tile([0.0, 0.0, 1.0], (len(starts), 1)))
    seen = away > 3000 - 0.0015 * posed.scale
    if garment is not None:
        x, y = np.round(points[:, :2]).astype(int).T
        x0, y0, x1, y1 = garment.box
        within = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
        covered = np.zeros(len(points), bool)
        covered[within] = garment.matte[y[within] - y0, x[within] - x0] > 0.5
        seen &= ~covered
    return float(seen.mean())


#: Every kind once, on people in turn; then every kind on everybody.
FIRST = [*zip(cycle(PEOPLE), KINDS, strict=False)]


@pytest.mark.sampled(len(FIRST))
@pytest.mark.parametrize(("name", "kind"), [*FIRST, *(each for each in product(PEOPLE, KINDS) if each not in FIRST)])
def test_nobody_is_naked(people: People, name: str, kind: str) -> None:
    posed = people(name)
    garment = kept(posed, kind) if kind else None
    assert bare(posed, (), garment, kind) > 0.01 or kind in ("bottom", "top"), "the test would see nothing"
    assert bare(posed, clothes(posed, garment, PEOPLE[name], 1), garment, kind) < 0.002


@pytest.mark.sampled(7)
@pytest.mark.parametrize(
    ("framing", "view", "kind"),
    [("half", "front", ""), ("lower", "front", ""), *product(["full"], ["back"], KINDS[::-1])],
)
def test_nor_in_other_frames_and_views(people: People, framing: Framing, view: View, kind: str) -> None:
    posed = people("woman", framing, view)
    garment = kept(posed, kind) if kind else None
    assert bare(posed, clothes(posed, garment, PEOPLE["woman"], 1), garment, kind) < 0.002


@pytest.mark.parametrize("shoes", ["white trainers", "black shoes", "brown boots", "brown sandals", "bare feet"])
@pytest.mark.parametrize("name", ["woman", "large"])
def test_soles_stand_on_the_floor(people: People, name: str, shoes: str) -> None:
    posed = people(name)
    worn = clothes(posed, None, PEOPLE[name].model_copy(update={"shoes": shoes}), 1)
    floor = posed.surfaces["skin"].vertices[:, 1].max()
    lowest = max(float(each.vertices[:, 1].max()) for each in worn)
    assert lowest < floor + 0.004 * posed.scale
    soles = [each for each in worn if each.name.startswith("sole")]
    assert len(soles) == (0 if shoes == "bare feet" else 2)
    for sole in soles:
        assert sole.vertices[:, 1].max() > floor - 0.012 * posed.scale


def test_trousers_stay_under_the_hem(people: People) -> None:
    posed = people("large")
    garment = kept(posed, "top")
    for each in clothes(posed, garment, PEOPLE["large"], 1):
        if each.name in ("trousers", "skirt"):
            row = np.round(each.vertices[:, 1]).astype(int)
            above = each.vertices[row < garment.box[3] - 1]
            assert len(above)
            assert above[:, 0].min() >= garment.box[0] - 1
            assert above[:, 0].max() <= garment.box[2] + 1


def test_the_same_seed_gives_the_same_bytes(people: People) -> None:
    posed = people("small")
    first, again = (clothes(posed, None, PEOPLE["small"], 5) for _ in range(2))
    for one, two in zip(first, again, strict=True):
        assert one.name == two.name
        assert np.array_equal(one.vertices, two.vertices)
        assert one.texture is None or (two.texture is not None and np.array_equal(one.texture, two.texture))
    other = clothes(posed, None, PEOPLE["small"], 6)
    assert any(not np.array_equal(one.vertices, two.vertices) for one, two in zip(first, other, strict=True))


@pytest.mark.sampled(6)
@pytest.mark.parametrize("kind", KINDS)
def test_normals_are_unit_and_point_outward(people: People, kind: str) -> None:
    posed = people("woman")
    for each in clothes(posed, kept(posed, kind) if kind else None, PEOPLE["woman"], 1):
        assert np.isfinite(each.vertices).all()
        assert np.allclose(np.linalg.norm(each.normals, axis=1), 1, atol=1e-3), each.name
        corners = each.vertices[each.faces]
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        agree = np.einsum("ij,ij->i", flat, each.normals[each.faces].sum(1))
        # A lining that is pressed into a narrow outline folds over along it.
        assert (agree >= -1e-6).mean() > (0.97 if each.name.startswith("lining") else 0.98), each.name


@pytest.mark.parametrize("name", sorted(config.names("castings")))
def test_words_of_castings_are_known(name: str) -> None:
    casting = Casting(**config.read(config.find("castings", name)))
    for read, said in ((words.top, casting.top), (words.bottom, casting.bottom), (words.shoes, casting.shoes)):
        assert read(said).known, said


def test_words_are_read_by_their_longest_match() -> None:
    assert words.bottom("light blue jeans").colour == words.DENIM["light blue"]
    assert words.top("a light blue shirt").colour == words.COLOURS["light blue"]
    assert words.top("a white vest top").kind == "vest top"
    assert words.shoes("bare feet").kind == "bare feet"
    assert not words.top("something").known


def test_black_and_white_cloth_keep_room_for_light() -> None:
    assert min(words.COLOURS["black"]) >= 30
    assert max(words.COLOURS["white"]) <= 240


@pytest.mark.parametrize("view", ["front", "back"])
@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_a_shirts_neckline_lies_at_the_nape_and_falls_to_the_collar_bones(
    people: People, name: str, view: View
) -> None:
    dressed = tube.body(people(name, "full", view))
    nape = dressed.joint("neck01")
    neckline = tops._trunk(dressed, tops.CUTS["shirt"], nape[1] + 0.4 * dressed.scale, np.random.default_rng(0)).points[
        0
    ]
    low = (neckline[:, 1] - nape[1]) / dressed.scale
    quarter = len(low) // 4
    assert abs(low[3 * quarter]) < 0.03  # behind
    assert 0.02 < low[quarter] < 0.07  # in front
    # It closes behind: no column there lies much lower or higher than those beside it.
    assert np.abs(np.diff(low[2 * quarter + 6 : -6])).max() < 0.015
