"""The promise of each task: what is kept does not change by a bit, in any bit depth and colour space."""

import io
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline import config, flow
from pipeline.last_cut import LastCut
from stages import photo, write
from stages.contracts import Photo, Segmenter
from stages.errors import ConfigError, NotFoundError
from stages.options import PhotoOptions, SegmentOptions
from tests.examples import examples
from tests.fakes import RampModels, profile, tee

DEPTHS = st.sampled_from([np.uint8, np.uint16])
PROFILES = st.sampled_from([None, "adobe", "p3"])


@cache
def shirt(kind: type = np.uint8, icc: str | None = None) -> Photo:
    pixels = tee(width=120, height=150)
    if kind is np.uint16:
        grain = np.random.default_rng(4).integers(0, 257, pixels.shape)
        pixels = np.minimum(pixels.astype(np.uint32) * 257 + grain, 65535).astype(np.uint16)
    return photo.read(write.encode(pixels, profile(icc) if icc else None), PhotoOptions(), "shirt.png")


def made(of: Photo, task: str, **sections: object) -> flow.Product:
    chosen = config.resolve(
        flags={"task": task, "generate": {"steps": 1}, "segment": {"segmenter": "finder"}, **sections}
    )
    product = flow.produce(of, chosen, RampModels())
    assert product.png is not None, product.receipt.failures
    assert product.receipt.task == task
    assert product.receipt.kept.changed == 0
    return product


def decoded(product: flow.Product) -> tuple[np.ndarray, np.ndarray]:
    assert product.png is not None
    picture = write.decode(product.png)
    assert picture is not None
    return picture, np.asarray(Image.open(io.BytesIO(product.mask)))


@settings(max_examples=examples(15))
@given(
    kind=DEPTHS,
    icc=PROFILES,
    corner=st.tuples(st.integers(0, 110), st.integers(0, 140)),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    fill=st.sampled_from(["classical", "model"]),
)
def test_inpaint_changes_nothing_outside_the_region(
    kind: type, icc: str | None, corner: tuple[int, int], size: tuple[int, int], fill: str
) -> None:
    of = shirt(kind, icc)
    (x0, y0), (x1, y1) = corner, (corner[0] + size[0], corner[1] + size[1])
    product = made(of, "inpaint", inpaint={"box": f"{x0},{y0},{x1},{y1}"}, fill={"fill": fill})
    picture, mask = decoded(product)
    outside = np.ones(picture.shape[:2], bool)
    outside[y0:y1, x0:x1] = False
    np.testing.assert_array_equal(picture[outside], of.pixels[outside])
    np.testing.assert_array_equal(mask == 0, outside)
    assert write.profile(product.png or b"") == of.icc


@settings(max_examples=examples(10))
@given(
    kind=DEPTHS,
    icc=PROFILES,
    sides=st.tuples(*[st.integers(0, 40)] * 4).filter(any),
    fill=st.sampled_from(["classical", "model"]),
)
def test_outpaint_keeps_the_whole_photo(
    kind: type, icc: str | None, sides: tuple[int, int, int, int], fill: str
) -> None:
    of = shirt(kind, icc)
    left, top, right, bottom = sides
    growth = {"left": str(left), "top": str(top), "right": str(right), "bottom": str(bottom)}
    picture, mask = decoded(made(of, "outpaint", outpaint=growth, fill={"fill": fill}))
    assert picture.shape[:2] == (of.height + top + bottom, of.width + left + right)
    window = (slice(top, top + of.height), slice(left, left + of.width))
    np.testing.assert_array_equal(picture[window], of.pixels)
    assert (mask[window] == 0).all()
    assert (mask == 255).sum() == mask.size - of.width * of.height


@settings(max_examples=4)
@given(kind=DEPTHS, icc=PROFILES, background=st.sampled_from(["white", "#2050a0", ""]))
def test_background_keeps_the_whole_subject(kind: type, icc: str | None, background: str) -> None:
    of = shirt(kind, icc)
    picture, mask = decoded(made(of, "background", background={"background": background}))
    core = mask == 0
    assert 0.2 < core.mean() < 0.6
    np.testing.assert_array_equal(picture[core], of.pixels[core])
    if background == "white":
        assert (picture[:8] == np.iinfo(kind).max).all()


def test_a_given_picture_fills_the_frame(tmp_path: object) -> None:
    of = shirt()
    path = f"{tmp_path}/sea.png"
    wide = np.zeros((60, 200, 3), np.uint8)
    wide[:, 100:] = (0, 200, 0)
    Image.fromarray(wide).save(path)
    picture, mask = decoded(made(of, "background", background={"background": path}, blend={"shadow": 0}))
    bare = mask == 255
    assert (picture[bare][:, 1] > 150).mean() > 0.3
    assert tuple(picture[2, 2]) == (0, 0, 0)
    assert tuple(picture[2, -3]) == (0, 200, 0)


def test_extending_plain_paper_leaves_no_seam() -> None:
    product = made(shirt(), "outpaint", outpaint={"left": "30", "right": "30"})
    assert product.receipt.checks.seam is not None
    assert product.receipt.checks.seam < 1.5
    assert [model.id for model in product.receipt.models] == ["smooth extension"]


def test_words_ask_for_the_model_and_none_for_the_classical_fill() -> None:
    box = {"box": "40,60,60,80"}
    removed = made(shirt(), "inpaint", inpaint=box).receipt
    assert [model.id for model in removed.models] == ["classical fill"]
    assert removed.selection is not None
    assert "copying its surroundings" in removed.selection.notes[0]
    swapped = made(shirt(), "inpaint", inpaint=box, generate={"steps": 1, "prompt": "a pocket"}).receipt
    assert [model.id for model in swapped.models] == ["ramp"]
    assert swapped.prompt == "photo, a pocket"


def test_a_casting_that_was_chosen_is_asked_for_in_words() -> None:
    product = made(shirt(), "outpaint", outpaint={"top": "40"}, casting={"person": "man", "hair_style": "short curly"})
    assert [model.id for model in product.receipt.models] == ["ramp"]
    assert product.receipt.prompt.startswith("photo of an average man with tan skin")
    assert "short curly dark brown hair" in product.receipt.prompt


def test_candidates_are_ranked_by_how_they_go_on() -> None:
    asked = {"steps": 1, "candidates": 3, "seed": 5}
    product = made(shirt(), "outpaint", outpaint={"left": "40"}, fill={"fill": "model"}, generate=asked)
    # The ramp grows lighter with its seed, and the paper is light.
    assert product.receipt.seed == 7


def test_every_task_keeps_its_stages() -> None:
    for task, sections in {
        "inpaint": {"inpaint": {"box": "40,60,60,80"}},
        "outpaint": {"outpaint": {"top": "20"}},
        "background": {"background": {"background": "white"}},
    }.items():
        chosen = config.resolve(flags={"task": task, **sections})
        stages = flow.produce(shirt(), chosen, RampModels(), keep_stages=True).stages
        assert {"1-segment", "2-place", "4-mask", "5-request", "7-plate"} <= set(stages)


def test_a_campaign_cuts_its_subject_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    own = type(RampModels()).segmenter

    def segmenter(self: RampModels, options: SegmentOptions) -> Segmenter:
        calls.append(options)
        return own(self, options)

    monkeypatch.setattr(RampModels, "segmenter", segmenter)
    models, cut = RampModels(), LastCut()
    counts = []
    for background in ("white", "#aa3344", "#22aa44"):
        chosen = config.resolve(flags={"task": "background", "background": {"background": background}})
        before = len(calls)
        assert flow.produce(shirt(), chosen, models, cut=cut).png is not None
        counts.append(len(calls) - before)
    # The receipt asks for the segmenter's card; only the first run also cuts.
    assert counts[0] > counts[1] == counts[2]


@pytest.mark.parametrize(
    ("task", "sections", "error"),
    [
        ("inpaint", {}, ConfigError),
        ("outpaint", {}, ConfigError),
        ("background", {"background": {"background": "nosuchcolour"}}, ConfigError),
    ],
)
def test_what_is_not_said_is_asked_for(task: str, sections: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        flow.produce(shirt(), config.resolve(flags={"task": task, **sections}), RampModels())


def test_a_photo_without_a_subject_is_refused() -> None:
    blank = photo.read(write.encode(np.full((200, 160, 3), 230, np.uint8), None), PhotoOptions(), "blank.png")
    with pytest.raises(NotFoundError):
        flow.produce(
            blank,
            config.resolve(flags={"task": "background", "background": {"background": "white"}}),
            RampModels(),
        )


def test_the_embedded_model_is_told_of_a_body_behind_the_subject() -> None:
    product = made(shirt(), "background", generate={"steps": 1, "detail": True})
    joints = np.array(product.receipt.skeleton)
    _, mask = decoded(product)
    at = np.rint(joints[joints[:, 1] < len(mask), :2]).astype(int)
    assert len(at) > 8
    assert (mask[at[:, 1], at[:, 0]] < 128).all()
    assert "detail" not in product.receipt.seconds
    given = made(shirt(), "background", background={"background": "#c00000"})
    assert not np.array(given.receipt.skeleton).any()
