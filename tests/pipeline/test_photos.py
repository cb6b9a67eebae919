"""Real photos through the whole flow but for the diffusion; skips unless ONMODEL_PHOTOS names a folder of them."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import config, engine, flow, proof
from pipeline.models import Models
from stages import photo
from tests.fakes import RampModels


@pytest.fixture(scope="module")
def models() -> Models:
    return RampModels()


def test_every_photo_keeps_its_garment(photos: Path, models: Models) -> None:
    settings = config.resolve(flags={"generate": {"steps": 1}})
    with (photos / "labels.csv").open(newline="") as file:
        labels = {row["file"]: row["category"] for row in csv.DictReader(file)}
    wrong = []
    for path in sorted((photos / "garments").iterdir()):
        product = flow.produce(photo.read(path, settings.photo), settings, models)
        receipt = product.receipt
        assert receipt.status == "ok", (path, receipt.failures)
        assert product.png is not None
        with Image.open(path) as source, Image.open(io.BytesIO(product.png)) as picture:
            before, after = np.asarray(source.convert("RGB")), np.asarray(picture)
        rows, columns = np.nonzero(np.asarray(Image.open(io.BytesIO(product.mask))) == 0)
        kept = before[rows - receipt.placement.y, columns - receipt.placement.x]
        np.testing.assert_array_equal(after[rows, columns], kept, err_msg=str(path))
        assert receipt.garment is not None
        if receipt.garment.category != labels.get(f"garments/{path.name}", receipt.garment.category):
            wrong.append(path.name)
    assert not wrong


def test_every_worn_photo_verifies_before_another_background(photos: Path, tmp_path: Path) -> None:
    """The proof cuts the photo again and must take soft hair for what it is, not for a part that was lost."""
    settings = config.resolve(flags={"task": "background", "background": {"background": "#c04030"}})
    models = Models()
    for path in sorted((photos / "worn").iterdir()):
        output = tmp_path / f"{path.stem}.png"
        engine.run(path, output, settings, models)
        assert not proof.prove(output, path).failures, path.name
