"""The whole job on a drawn garment, with a generator that is arithmetic."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline import config, flow, tasks
from pipeline.models import Models
from stages import photo, write
from stages.contracts import Cutout, Photo
from stages.errors import NotFoundError
from stages.options import PhotoOptions
from tests import fakes
from tests.fakes import RampModels, tee


@pytest.fixture(scope="module")
def shirt() -> Photo:
    return photo.read(write.encode(tee(), None), PhotoOptions(), "shirt.png")


def options(**sections: object) -> config.Config:
    return config.resolve(flags={"generate": {"steps": 2, "pixels": 64 * 96}, **sections})


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_the_core_equals_the_photo_and_the_rest_is_generated(shirt: Photo) -> None:
    product = flow.produce(shirt, options(figure={"figure": "off"}), RampModels())
    assert product.png is not None
    picture, mask, receipt = decoded(product.png), decoded(product.mask), product.receipt
    rows, columns = np.nonzero(mask == 0)
    x, y = receipt.placement.x, receipt.placement.y
    assert len(rows) == receipt.kept.core_pixels > 0.2 * shirt.width * shirt.height
    np.testing.assert_array_equal(picture[rows, columns], shirt.pixels[rows - y, columns - x])
    far = mask == 255
    assert np.ptp(picture[far].astype(int).max(axis=1) - picture[far].astype(int).min(axis=1)) < 40
    assert receipt.status == "ok"
    assert receipt.kept.changed == 0
    assert receipt.garment is not None
    assert receipt.garment.category == "top"


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(shirt: Photo) -> None:
    first, again, other = (
        flow.produce(shirt, options(generate={"steps": 1, "pixels": 6144, "seed": seed}), RampModels()).png
        for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other


def test_candidates_are_ranked_and_the_best_seed_is_named(shirt: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.verify.faults", lambda plate, placed: abs(int(plate[0, 0, 0]) - 62))
    product = flow.produce(shirt, options(generate={"steps": 1, "pixels": 6144, "candidates": 4}), RampModels())
    assert (product.receipt.seed, product.receipt.candidates) == (2, 4)


def test_a_picture_over_a_limit_is_tried_again_and_the_receipt_says_so(
    shirt: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seed_of(plate: np.ndarray) -> int:
        return int(plate[0, 0, 0]) - 60

    monkeypatch.setattr("stages.verify.exceeds", lambda plate, placed, limits: seed_of(plate) != 2)
    monkeypatch.setattr("stages.verify.faults", lambda plate, placed: float(abs(seed_of(plate) - 2)))
    few = {"steps": 1, "pixels": 6144}
    kept, short, never = (
        flow.produce(shirt, options(generate={**few, "reseed": reseed}), RampModels()).receipt for reseed in (5, 1, 0)
    )
    assert (kept.seed, kept.reseeded) == (2, 2)
    assert (short.seed, short.reseeded) == (1, 1)
    assert (never.seed, never.reseeded) == (0, 0)


def test_layers_over_one_another_give_the_picture(shirt: Photo) -> None:
    product = flow.produce(shirt, options(write={"layers": True}), RampModels())
    assert product.png is not None
    assert product.layers is not None
    composite, picture = fakes.flattened(product.layers), decoded(product.png).astype(int)
    assert np.abs(np.rint(composite) - picture).max() <= 1
    core = decoded(product.mask) == 0
    np.testing.assert_array_equal(np.rint(composite)[core], picture[core])


def test_progress_names_every_stage_and_every_step(shirt: Photo) -> None:
    seen: list[tuple[str, int, int]] = []
    flow.produce(
        shirt,
        options(generate={"steps": 3, "pixels": 6144, "candidates": 2}, figure={"figure": "guide"}),
        RampModels(),
        report=lambda *step: seen.append(step),
    )
    assert [step for step in seen if step[0] == "generate" and step[2] == 6] == [
        ("generate", done, 6) for done in range(1, 7)
    ]
    stages = list(dict.fromkeys(stage for stage, _, _ in seen))
    assert stages == [
        "load",
        "segment",
        "place",
        "pose",
        "figure",
        "mask",
        "generate",
        "upscale",
        "detail",
        "blend",
        "restore",
        "encode",
        "verify",
        "sign",
    ]


def test_a_broken_promise_gives_no_picture(shirt: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(picture: np.ndarray, *rest: Any) -> bytes:
        return write_encode(picture // 2 * 2, *rest)

    write_encode = write.encode
    monkeypatch.setattr("stages.write.encode", forgetful)
    product = flow.produce(shirt, options(), RampModels())
    assert product.png is None
    assert product.export is None
    assert product.receipt.status == "failed"
    assert product.receipt.output is None
    assert product.receipt.kept.changed > 0
    assert product.receipt.failures


def test_an_empty_photo_is_said_to_hold_no_garment() -> None:
    blank = photo.read(write.encode(np.full((200, 160, 3), 230, np.uint8), None), PhotoOptions(), "blank.png")
    with pytest.raises(NotFoundError):
        flow.produce(blank, options(), RampModels())


def test_kept_stages_show_the_flow(shirt: Photo) -> None:
    stages = flow.produce(shirt, options(), RampModels(), keep_stages=True).stages
    assert len(stages) == 11
    assert all(picture.dtype == np.uint8 and picture.shape[2] == 3 for picture in stages.values())
    assert stages["7-plate"].std() > 0


def test_a_cut_that_lost_a_third_of_the_garment_writes_no_picture(shirt: Photo) -> None:
    """Promise 2 in every run: what is kept is held against what the finder sees of the photo, whoever cut it."""

    def shorter(photo: Photo, config: config.Config, models: Models) -> Cutout:
        found = tasks.of("generate").cut(photo, config, models)
        rows = np.flatnonzero((found.matte > 0.5).any(axis=1))
        matte = found.matte.copy()
        matte[rows[0] + len(rows) * 2 // 3 :] = 0
        return Cutout(matte, found.foreground, found.shape, "elsewhere")

    product = flow.produce(shirt, options(), RampModels(), cut=shorter)
    assert product.png is None
    assert product.receipt.status == "failed"
    assert any("of the garment that was found is not kept" in each for each in product.receipt.failures)
