from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.figure.anatomy import Anatomy
from stages.figure.physique import Physique, amounts, shaped
from tests.examples import examples

SHARE = st.floats(0, 1)


@given(years=st.one_of(st.floats(-1e6, 1e6), st.sampled_from([nan, inf, -inf, 0.0, 17.999])), male=SHARE, weight=SHARE)
@settings(max_examples=examples(60))
def test_whatever_the_age_the_body_is_an_adults(anatomy: Anatomy, years: float, male: float, weight: float) -> None:
    made = amounts(Physique(male=male, years=years, weight=weight), anatomy.names)
    adult = amounts(Physique(male=male, years=25, weight=weight), anatomy.names)
    old = amounts(Physique(male=male, years=90, weight=weight), anatomy.names)
    assert made.keys() <= adult.keys() | old.keys()
    for name, amount in made.items():
        least, most = sorted((adult.get(name, 0.0), old.get(name, 0.0)))
        assert least - 1e-9 <= amount <= most + 1e-9


@given(years=st.floats(-100, 25))
@settings(max_examples=examples(20))
def test_no_age_gives_a_body_younger_than_a_grown_adult(anatomy: Anatomy, years: float) -> None:
    np.testing.assert_array_equal(shaped(anatomy, Physique(years=years)), shaped(anatomy, Physique(years=25)))


def test_bodies_are_as_tall_as_adults(anatomy: Anatomy) -> None:
    tall = [np.ptp(shaped(anatomy, Physique(male=m, height=h))[:13380, 2]) for m in (0, 1) for h in (0.25, 0.5, 0.75)]
    assert 1.4 < min(tall) < max(tall) < 2.3


def test_weights_of_the_universal_shapes_sum_to_one(anatomy: Anatomy) -> None:
    made = amounts(Physique(male=0.3, years=50, muscle=0.7, weight=0.2), anatomy.names)
    plain = [amount for name, amount in made.items() if name.count("-") == 3 and "macro:" in name]
    assert sum(plain) == pytest.approx(1)


def test_a_local_shape_goes_both_ways(anatomy: Anatomy) -> None:
    wide, narrow = (shaped(anatomy, Physique(local={"chin-width": way})) for way in (1.0, -1.0))
    plain = shaped(anatomy, Physique())
    assert np.ptp(wide[(wide != plain).any(axis=1), 0]) > np.ptp(narrow[(narrow != plain).any(axis=1), 0])
    with pytest.raises(KeyError):
        amounts(Physique(local={"third-ear": 1.0}), anatomy.names)
