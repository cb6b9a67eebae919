"""Layers over one another: each core is its own photo's, upper ones are over lower ones, and edges are mixed."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import restore
from stages.canvas import mask
from stages.contracts import Layer, Placed, Placement, Shape
from stages.outfit.compose import CREASE, compose, numbered
from stages.outfit.kinds import Kind
from tests.examples import examples
from tests.fakes import Depth

WIDTH, HEIGHT = 24, 30


def layer(seed: int, kind: Kind, source: int, depth: Depth = np.uint8) -> Layer:
    """Returns a layer of random size, place and colours, with holes, an opaque middle and a soft rim."""
    rng = np.random.default_rng(seed)
    wide, tall = (int(each) for each in rng.integers(3, 20, 2))
    x, y = int(rng.integers(0, WIDTH - wide)), int(rng.integers(0, HEIGHT - tall))
    matte = np.clip(rng.normal(0.7, 0.6, (tall, wide)), 0, 1).astype(np.float32)
    pixels: np.ndarray = rng.integers(0, np.iinfo(depth).max, (tall, wide, 3), dtype=depth, endpoint=True)
    foreground = np.where((matte == 1)[..., None], pixels, rng.integers(0, 255, pixels.shape).astype(depth))
    marks = {"right_hem": (float(x), float(y + tall)), "left_hem": (float(x + wide), float(y + tall))}
    placed = Placed(
        WIDTH, HEIGHT, Placement(x, y), (x, y, x + wide, y + tall), pixels, foreground, None, matte,
        Shape("top", 1.0, marks), "full", np.zeros((18, 3), np.float32),
    )  # fmt: skip
    return Layer(placed, kind, source)


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.sampled_from([np.uint8, np.uint16]))
def test_every_visible_core_is_its_own_photos_and_edges_are_mixed_from_back_to_front(
    seed: int, count: int, depth: type
) -> None:
    kinds: tuple[Kind, ...] = ("bottom", "top", "outerwear", "bag")
    layers = [layer(seed + 7 * at, kinds[at], at, depth) for at in range(count)]
    placed = compose(layers)
    plate: np.ndarray = np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(depth)
    picture = restore.restore(plate, placed)
    whose = numbered(placed)
    kept = mask.for_canvas(placed)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            # By hand, pixel by pixel: what lies here, from the front.
            stack = []
            for number, each in reversed(list(enumerate(layers, 1))):
                x0, y0, x1, y1 = each.placed.box
                if x0 <= x < x1 and y0 <= y < y1 and each.placed.matte[y - y0, x - x0] > 0:
                    at = each.placed.matte[y - y0, x - x0], each.placed.foreground[y - y0, x - x0]
                    stack.append((number, float(at[0]), at[1].astype(np.float64)))
                    if at[0] == 1:
                        break
            if stack and stack[0][1] == 1:
                assert whose[y, x] == stack[0][0]
                assert kept[y, x] == 0
                assert (picture[y, x] == stack[0][2]).all()
            else:
                assert whose[y, x] == 0
                assert kept[y, x] > 0
                cloth, cover = np.zeros(3), 0.0
                for _, share, colour in reversed(stack):
                    under = (1 - share) * cover
                    cloth = share * colour + (1 - share) * (1 - CREASE * share) * cloth  # times its cover
                    cover = share + under
                wanted = cloth + (1 - cover) * plate[y, x]
                assert np.abs(picture[y, x] - wanted).max() <= 1.01
                assert bool(stack) == (kept[y, x] < 255)


def test_an_edge_over_an_opaque_garment_needs_no_painter() -> None:
    lower, upper = layer(3, "bottom", 0), layer(3, "top", 1)
    lower = Layer(_filled(lower.placed), "bottom", 0)
    placed = compose([lower, upper])
    plates = [np.full((HEIGHT, WIDTH, 3), level, np.uint8) for level in (0, 255)]
    dark, light = (restore.restore(each, placed) for each in plates)
    assert (dark[lower.placed.window] == light[lower.placed.window]).all()
    assert ((upper.placed.matte > 0) & (upper.placed.matte < 1)).any()


def test_a_hem_darkens_what_it_lies_on_along_its_edge_and_nowhere_else() -> None:
    lower, upper = layer(3, "bottom", 0), layer(3, "top", 1)
    soft = upper.placed.matte
    flat = np.full_like(upper.placed.pixels, 200)
    lower = Layer(replace(lower.placed, matte=np.ones_like(soft), pixels=flat, foreground=flat), "bottom", 0)
    upper = Layer(replace(upper.placed, pixels=flat, foreground=flat), "top", 1)
    found = compose([lower, upper]).pixels[..., 0].astype(float)
    edge = (soft > 0) & (soft < 1)
    assert (found[~edge] == 200).all()
    # Half covered it is darkest, by an eighth; towards the lower garment's own pixels the shadow fades.
    assert np.abs(found - 200 * (1 - CREASE * soft * (1 - soft)))[edge].max() <= 0.51
    assert found.min() >= 200 * (1 - CREASE / 4) - 0.51


def _filled(placed: Placed) -> Placed:
    return replace(placed, matte=np.ones_like(placed.matte), foreground=placed.pixels)
