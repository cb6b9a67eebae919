"""What a coat hides of what is worn under it."""

from dataclasses import replace

import numpy as np

from stages.contracts import Layer, Placed, Placement, Shape
from stages.outfit.beneath import beneath
from stages.outfit.kinds import Kind


def garment(kind: Kind, top: int, width: int, gap: int = 0) -> Layer:
    """Returns a garment with sloping shoulders, and with an open front `gap` wide, on a canvas of 100 x 100."""
    rows, columns = np.mgrid[:100, :100]
    away = np.abs(columns - 50)
    matte = ((away <= width) & (rows >= top + away // 2) & (rows < 80)).astype(np.float32)
    matte[(away < 8) & (rows < top + 8)] = 0  # the neck
    matte[away < gap] = 0
    marks = {"right_shoulder": (50.0 - width, top + 10.0), "left_shoulder": (50.0 + width, top + 10.0)}
    colours = np.full((100, 100, 3), 90, np.uint8)
    placed = Placed(
        100, 100, Placement(0, 0), (0, 0, 100, 100), colours, colours, None, matte, Shape("top", 1.0, marks), "full",
        np.zeros((18, 3), np.float32),
    )  # fmt: skip
    return Layer(placed, kind, 0)


def test_shoulders_do_not_stand_out_over_a_coat_and_the_open_front_shows_what_is_beneath() -> None:
    top, coat = garment("top", 10, 30), garment("outerwear", 16, 35, gap=10)
    shown = beneath([top, coat])[0].placed.matte
    assert top.placed.matte[22, 70] == 1
    assert shown[22, 70] == 0  # on the shoulder, over the coat's
    assert shown[50, 50] == 1  # in the open front
    assert (shown[:, 45:56] == top.placed.matte[:, 45:56]).all()


def test_without_a_coat_nothing_is_hidden() -> None:
    top = garment("top", 10, 30)
    (found,) = beneath([top])
    assert found is top


def test_what_is_hidden_is_the_same_wherever_the_outfit_lies() -> None:
    def moved(layer: Layer, dx: int) -> Layer:
        placed = layer.placed
        marks = {name: (x + dx, y - 7) for name, (x, y) in placed.shape.landmarks.items()}
        return replace(
            # Before a canvas is known, a box may lie anywhere.
            layer,
            placed=replace(placed, box=(dx, -7, 100 + dx, 93), shape=Shape("top", 1.0, marks), width=1, height=1),
        )

    layers = [garment("top", 10, 30), garment("outerwear", 16, 35, gap=10)]
    here, there = beneath(layers)[0], beneath([moved(each, 37) for each in layers])[0]
    assert (here.placed.matte == there.placed.matte).all()


def test_a_top_does_not_stand_out_beside_a_coat_but_hangs_below_it() -> None:
    top, coat = garment("top", 10, 40), garment("outerwear", 10, 30, gap=10)
    short = coat.placed.matte.copy()
    short[70:] = 0
    shown = beneath([top, replace(coat, placed=replace(coat.placed, matte=short))])[0].placed.matte
    assert top.placed.matte[60, 85] == 1
    assert not shown[60, 82:].any()
    assert shown[75, 85] == 1
