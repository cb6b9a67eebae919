"""The size of the body: what is asked for reaches the figure, and what a garment cannot hold is said."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from pipeline import config, flow
from pipeline.collection.manifest import rows
from pipeline.collection.places import Root
from pipeline.collection.row import Job, Reader
from stages import photo, write
from stages.casting import Casting
from stages.contracts import Placed, Progress, Skeleton
from stages.figure.records import Figure
from stages.options import PhotoOptions
from tests.fakes import RampModels, StickFigures, tee


class HeldFigures(StickFigures):
    """Figures in a garment that holds size M at most."""

    def __call__(self, placed: Placed, skeleton: Skeleton, casting: Casting, *given: Any, **more: Any) -> Figure:
        figure = super().__call__(placed, skeleton, casting, *given, **more)
        worn = casting.size if casting.size in ("XS", "S", "M") else "M"
        return dataclasses.replace(figure, posed=dataclasses.replace(figure.posed, parameters={"size": worn}))


class Holding(RampModels):
    def figures(self, progress: Progress) -> HeldFigures:
        return HeldFigures()


def made(**flags: object) -> flow.Product:
    given = {"task": "generate", "generate": {"steps": 1}, "segment": {"segmenter": "finder"}, **flags}
    of = photo.read(write.encode(tee(), None), PhotoOptions(), "tee.png")
    return flow.produce(of, config.resolve("house", flags=given), Holding())


@pytest.mark.parametrize(("size", "worn"), [("S", "S"), ("M", "M"), ("3XL", "M")])
def test_the_size_goes_over_the_castings_own(size: str, worn: str) -> None:
    receipt = made(casting="rosa", figure={"size_of_model": size}).receipt
    assert receipt.config["casting"]["size"] == size
    assert receipt.figure is not None
    assert (receipt.figure.size_asked, receipt.figure.parameters["size"]) == (size, worn)
    said = [words for words in receipt.warnings if "holds a body of size" in words]
    assert bool(said) == (size != worn)
    if said:
        assert f"size {worn} at most" in said[0]
        assert f"not {size}" in said[0]


def test_a_casting_that_the_garment_does_not_hold_is_said_without_the_option() -> None:
    receipt = made(casting="rosa").receipt
    assert any("not 4XL" in words for words in receipt.warnings)
    assert not [words for words in made(casting="kai").receipt.warnings if "holds a body" in words]


def test_a_matrix_takes_sizes(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(write.encode(tee(), None))
    manifest = tmp_path / "m.yaml"
    manifest.write_text("defaults: {preset: house}\nmatrix:\n  photo: [a.png]\n  size_of_model: [S, M, XL]\n")
    reader = Reader(Root(str(manifest)))
    read = [reader.read(each) for each in rows(str(manifest))]
    jobs = [each for each in read if isinstance(each, Job)]
    assert [each.config.casting.size for each in jobs] == ["S", "M", "XL"]
    assert [each.id for each in jobs] == ["a_S", "a_M", "a_XL"]
