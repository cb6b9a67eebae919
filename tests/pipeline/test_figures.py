"""A run with a figure: it is what the picture shows, what the painter keeps clear of, and what the receipt tells."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline import config, flow
from stages import photo, write
from stages.contracts import Photo, Plate, Progress, Request
from stages.errors import NotFoundError
from stages.figure.records import Figure
from stages.options import PhotoOptions
from tests.fakes import Ramp, RampModels, StickFigures, tee


@pytest.fixture(scope="module")
def shirt() -> Photo:
    return photo.read(write.encode(tee(), None), PhotoOptions(), "shirt.png")


class Watched(RampModels):
    """Notes what the painter is asked for, and can fail to fit a body."""

    def __init__(self, *, fits: bool = True) -> None:
        super().__init__()
        self.lit: list[bool] = []
        self.asked: list[Request] = []
        self.fits = fits

    def generator(self, options: Any) -> Ramp:
        seen = self.asked

        class Noting(Ramp):
            def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
                seen.append(request)
                return super().__call__(request, seed, progress)

        return Noting()

    def figures(self, progress: Progress) -> StickFigures:
        if not self.fits:
            raise NotFoundError("no body fits into this garment")
        lit = self.lit

        class Lit(StickFigures):
            def __call__(self, *given: Any, **named: Any) -> Figure:
                lit.append(named["lit"])
                return super().__call__(*given, **named)

        return Lit()


def options(**sections: object) -> config.Config:
    return config.resolve(flags={"generate": {"steps": 2, "pixels": 64 * 96}, **sections})


def kept(request: Request) -> int:
    return int((request.mask == 0).sum())


def test_a_drawn_figure_is_in_the_picture_and_the_garment_exact(shirt: Photo) -> None:
    product = flow.produce(shirt, options(), RampModels(), keep_stages=True)
    assert product.png is not None
    picture, mask = (np.asarray(Image.open(io.BytesIO(each))).astype(int) for each in (product.png, product.mask))
    place = product.receipt.placement
    rows, columns = np.nonzero(mask == 0)
    np.testing.assert_array_equal(picture[rows, columns], shirt.pixels[rows - place.y, columns - place.x])
    skin = (np.abs(picture - (198, 134, 66)).max(axis=2) <= 12) & (mask == 255)
    assert skin.sum() > 500
    assert product.receipt.figure is not None
    assert product.receipt.figure.used == "drawn"
    assert any(card.role == "figure" for card in product.receipt.models)
    assert {"3-figure", "3-depth"} <= product.stages.keys()


def test_the_painter_of_the_scene_is_shown_the_figure_as_kept(shirt: Photo) -> None:
    drawing, without = Watched(), Watched()
    flow.produce(shirt, options(), drawing)
    flow.produce(shirt, options(figure={"figure": "off"}), without)
    assert kept(drawing.asked[0]) > kept(without.asked[0])
    assert drawing.asked[0].depth is None


def test_a_guide_leaves_the_mask_alone_and_shows_depth_to_a_model_that_reads_it(shirt: Photo) -> None:
    guided, without = Watched(), Watched()
    product = flow.produce(shirt, options(figure={"figure": "guide"}), guided)
    flow.produce(shirt, options(figure={"figure": "off"}), without)
    np.testing.assert_array_equal(guided.asked[0].mask, without.asked[0].mask)
    assert product.receipt.figure is not None
    assert product.receipt.figure.used == "guide"
    reading = Watched()
    settings = options(figure={"figure": "guide", "figure_start": 0.25})
    both = settings.model_copy(update={"generate": settings.generate.model_copy(update={"shown": "depth"})})
    flow.produce(shirt, both, reading)
    assert (reading.asked[0].control[..., 0] == reading.asked[0].control[..., 1]).all()
    assert reading.asked[0].strength == pytest.approx(0.75)
    assert not np.array_equal(reading.asked[0].image, without.asked[0].image)


@pytest.mark.parametrize(
    ("changed", "kept", "lit"),
    [
        ({"figure": {"figure": "guide"}}, False, False),
        ({"figure": {"figure": "guide"}}, True, True),
        ({"figure": {"figure": "guide", "figure_start": 0.25}}, False, True),
        ({"figure": {"figure": "draw"}}, False, True),
    ],
)
def test_a_figure_is_lit_where_somebody_sees_it(shirt: Photo, changed: dict[str, Any], kept: bool, lit: bool) -> None:
    models = Watched()
    flow.produce(shirt, options(**changed), models, keep_stages=kept)
    assert models.lit == [lit]


@pytest.mark.parametrize(("preset", "shown"), [("sd15", False), ("zimage", False), ("klein", True), ("qwen", True)])
def test_a_preset_that_is_shown_the_figure_sees_it_lit(preset: str, shown: bool) -> None:
    assert config.resolve(preset).shows_figure == shown


def test_a_body_that_does_not_fit_is_said_and_the_skeleton_used_alone(shirt: Photo) -> None:
    product = flow.produce(shirt, options(), Watched(fits=False))
    assert product.png is not None
    assert product.receipt.figure is not None
    assert product.receipt.figure.used == "none"
    assert any("no body fits" in warning for warning in product.receipt.warnings)


def test_other_tasks_have_no_figure(shirt: Photo) -> None:
    product = flow.produce(shirt, options(task="background"), Watched(fits=False))
    assert product.receipt.figure is None
