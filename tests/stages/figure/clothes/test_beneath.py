"""What is worn beneath a garment does not show where it must not: linings, waistbands, and legs through trousers."""

from dataclasses import replace

import numpy as np
import pytest

from stages.figure.anatomy import Anatomy
from stages.figure.clothes import clothes
from stages.figure.records import Posed
from stages.figure.under import dressed
from stages.figure.visibility import Tracer
from tests.stages.figure.clothes.dressed import PEOPLE, People, at, kept


@pytest.mark.parametrize("name", ["woman", "large"])
def test_no_lining_shows_in_a_low_neck(people: People, name: str) -> None:
    posed = people(name)
    garment = kept(posed, "low-necked")
    bust = np.mean([at(posed, f"breast.{side}", True)[1] for side in "LR"])
    linings = [each for each in clothes(posed, garment, PEOPLE[name], 1) if each.name.startswith("lining")]
    assert linings, "the test would see nothing"
    x0, y0, x1, y1 = garment.box
    for each in linings:
        corners = each.vertices[each.faces].reshape(-1, 3)
        away = [np.linalg.norm(corners[:, :2] - at(posed, f"breast.{side}", True)[:2], axis=1) for side in "LR"]
        free = (corners[:, 1] < bust + 0.035 * posed.scale) & (np.min(away, axis=0) > 0.05 * posed.scale)
        x, y = np.rint(corners[free, :2]).astype(int).T
        assert ((x >= x0) & (x < x1) & (y >= y0) & (y < y1)).all()
        assert (garment.matte[y - y0, x - x0] > 0).all()


def test_a_waistband_ends_at_the_hem(people: People) -> None:
    posed = people("large")
    garment = kept(posed, "crop")
    # Drawn in above its hem, as ribbed tops are.
    matte = garment.matte.copy()
    high = len(matte) - round(0.03 * posed.scale)
    matte[:high, : round(0.03 * posed.scale)] = matte[:high, -round(0.03 * posed.scale) :] = 0
    ribbed = replace(garment, matte=matte)
    x0, y0, x1, _ = garment.box
    for each in clothes(posed, ribbed, PEOPLE["large"], 1):
        if each.name in ("trousers", "skirt"):
            corners = each.vertices[each.faces].reshape(-1, 3)
            x, y = np.rint(corners[:, :2]).astype(int).T
            over = (y < y0 + high - 1) & (y >= y0)
            assert (matte[y[over] - y0, np.clip(x[over] - x0, 0, x1 - x0 - 1)] > 0).all()


@pytest.mark.parametrize("name", ["man", "small"])
def test_legs_never_show_through_trousers(people: People, anatomy: Anatomy, name: str) -> None:
    posed = people(name)
    worn = clothes(posed, kept(posed, "narrow"), PEOPLE[name], 1)
    hip, ankle = (at(posed, f"{bone}.L")[1] for bone in ("upperleg01", "foot"))
    legs = anatomy.mostly("upperleg01.L", "upperleg01.R")[anatomy.patches["skin"].vertices]

    def bare_legs(body: Posed) -> int:
        skin = body.surfaces["skin"].drawn
        used = np.unique(skin.faces)
        own = used[legs[used]]
        own = own[(skin.vertices[own, 1] > hip) & (skin.vertices[own, 1] < ankle - 0.06 * posed.scale)]
        first, faces = [skin.vertices], [skin.faces]
        for each in worn:
            faces.append(each.faces + sum(map(len, first)))
            first.append(each.vertices)
        tracer = Tracer(np.concatenate(first), np.concatenate(faces))
        starts = skin.vertices[own] - np.array([0, 0, 3000], np.float32)
        away = tracer.distances(starts, np.tile(np.array([0.0, 0.0, 1.0], np.float32), (len(starts), 1)))
        return int((away > skin.vertices[own, 2] - starts[:, 2] - 0.001 * posed.scale).sum()) if len(own) else 0

    assert bare_legs(posed) > 0, "the test would see nothing"
    assert bare_legs(dressed(anatomy, posed, worn)) == 0


@pytest.mark.parametrize("name", ["woman", "large"])
def test_nothing_hangs_below_a_swimsuit_s_gusset(people: People, name: str) -> None:
    posed = people(name)
    hips = np.mean([at(posed, f"upperleg01.{side}") for side in "LR"], axis=0)
    linings = [each for each in clothes(posed, kept(posed, "bikini"), PEOPLE[name], 1) if "top" not in each.name]
    assert linings, "the test would see nothing"
    for each in linings:
        corners = (each.vertices[each.faces].reshape(-1, 3)[:, :2] - hips[:2]) / posed.scale
        assert corners[:, 1].max() < 0.15
        # The legs stay bare from the outside of the hips to the crotch.
        assert not (corners[:, 1] > 0.14 - np.abs(corners[:, 0])).any()
