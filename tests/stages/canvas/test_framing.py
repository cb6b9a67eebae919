"""One framing shows every person alike, whatever the garment, as long as the frame holds it."""

from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stages.canvas.framing import LOOSE, frame
from stages.canvas.place import bounds, place
from stages.casting import Pose
from stages.contracts import Cutout, Framing, Photo, Skeleton
from stages.options import PlaceOptions
from stages.outline import silhouette
from stages.pose.body import EYES, Body, measure
from stages.pose.fit import limbs
from tests.examples import examples
from tests.stages.drawn import GARMENTS, photo_of

FRAMINGS: tuple[Framing, ...] = ("full", "three-quarter", "half")
Case = tuple[tuple[int, int, int, int], Skeleton, Body]

aspects = st.sampled_from((2 / 3, 3 / 4, 1.0, 0.8, 9 / 16, 1.5))


@cache
def drawn(name: str, per_cm: float = 3.0) -> tuple[Photo, Cutout]:
    return photo_of(GARMENTS[name], per_cm=per_cm)


@cache
def case(name: str) -> Case:
    cutout = drawn(name)[1]
    return bounds(cutout.matte), limbs(cutout.shape, silhouette(cutout.matte), Pose()), measure(cutout.shape)


@pytest.mark.parametrize("names", [("tee", "tank", "strap top"), ("dress", "mini dress", "trousers", "shorts")])
@pytest.mark.parametrize("per_cm", [2.0, 4.1])
def test_tops_stand_alike_and_so_do_dresses_whatever_their_photos_size(names: tuple[str, ...], per_cm: float) -> None:
    seen = []
    for name in names:
        placed = place(*drawn(name, per_cm), PlaceOptions())
        body = measure(placed.shape)
        seen.append((body.y(EYES) / placed.height, body.stature / placed.height))
    for eyes, stature in seen:
        assert eyes == pytest.approx(seen[0][0], abs=0.004)
        assert stature == pytest.approx(seen[0][1], rel=0.006)


@settings(max_examples=examples(40), deadline=None)
@given(
    name=st.sampled_from(sorted(GARMENTS)),
    framing=st.sampled_from(FRAMINGS),
    aspect=aspects,
    margin=st.floats(0, 0.2),
    wider=st.floats(1, 3),
)
def test_a_wide_garment_shrinks_the_person_around_the_eyes(
    name: str, framing: Framing, aspect: float, margin: float, wider: float
) -> None:
    (x0, y0, x1, y1), joints, body = case(name)
    _, top, height = frame((x0, y0, x1, y1), joints, body, framing, aspect, margin)
    reach = wider * max(body.x - x0, x1 - body.x)
    wide = (body.x - reach, y0, body.x + reach, y1)
    left, high, tall = frame(wide, joints, body, framing, aspect, margin)
    assert tall >= height - 1e-6
    assert left + margin * aspect * tall <= wide[0] + 1e-6
    # Where a garment's own margin would be given up for it, the eyes move instead.
    own, own_before = (1.001 * margin * each + 1e-6 for each in (tall, height))
    assume(y0 - high > own and y0 - top > own_before)
    assume(high + tall - y1 > own and top + height - y1 > own_before)
    assert (body.y(EYES) - high) / tall == pytest.approx((body.y(EYES) - top) / height, abs=1e-6)


@given(above=st.floats(0, 0.1), aspect=aspects, framing=st.sampled_from(FRAMINGS))
@settings(deadline=None)
def test_a_hat_is_held_with_a_little_of_the_margin(above: float, aspect: float, framing: Framing) -> None:
    garment, joints, body = case("tee")
    crown = body.y(1 + above)
    around = (garment[0], crown, garment[2], garment[3])
    _, top, height = frame(garment, joints, body, framing, aspect, 0.06, around)
    assert crown - top >= LOOSE * 0.06 * height - 1e-6
    assert frame(garment, joints, body, framing, aspect, 0.06)[2] >= 0.9 * height
