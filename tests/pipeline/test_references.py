"""A casting's reference pictures: of adults who agreed, found beside their file, shown to the model."""

from pathlib import Path

import numpy as np
import pytest

from pipeline import config, weights
from pipeline.flow import produce
from pipeline.models import Models
from stages import photo, write
from stages.casting import Casting
from stages.contracts import Plate, Progress, Request
from stages.errors import ConfigError, PhotoError
from stages.generate.request import LONGEST_REFERENCE, reference
from stages.generate.weights import Weights
from stages.options import GenerateOptions, PhotoOptions
from tests.fakes import Ramp, tee


def casting(folder: Path, more: str = "consent: true\n") -> Path:
    folder.mkdir()
    (folder / "face.png").write_bytes(write.encode(np.full((40, 30, 3), (9, 80, 200), np.uint8), None))
    (folder / "ana.yaml").write_text(f"references: [face.png]\n{more}")
    return folder / "ana.yaml"


class Seeing(Ramp):
    seen: tuple[Plate, ...] = ()

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        self.seen = request.references
        return super().__call__(request, seed, progress)


@pytest.mark.usefixtures("stick_figures")
def test_references_beside_the_castings_file_reach_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = config.resolve(flags={"casting": str(casting(tmp_path / "mine")), "generate": {"steps": 1}})
    assert settings.casting.references == (tmp_path / "mine" / "face.png",)
    painter = Seeing()
    monkeypatch.setattr(Models, "generator", lambda self, options: painter)
    garment = photo.read(write.encode(tee(), None), PhotoOptions())
    receipt = produce(garment, settings, Models()).receipt
    assert len(painter.seen) == 1
    assert painter.seen[0][5, 5].tolist() == [9, 80, 200]
    assert config.resolve(base=receipt.config) == settings


@pytest.mark.usefixtures("stick_figures")
def test_a_receipt_names_the_models_that_references_are_shown_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Models, "generator", lambda self, options: Ramp())
    monkeypatch.setattr(weights, "find", lambda name, settings=False: Weights(name, tmp_path, "abc", "Apache-2.0"))
    garment = photo.read(write.encode(tee(), None), PhotoOptions())

    def named(**flags: object) -> dict[str, str]:
        run = {"generate": {"identity": "me/adapter", "identity_encoder": "me/eyes", "steps": 1}, **flags}
        return {each.role: each.id for each in produce(garment, config.resolve(flags=run), Models()).receipt.models}

    shown = {"identity": "me/adapter", "identity encoder": "me/eyes"}
    assert named(casting=str(casting(tmp_path / "mine"))).items() > shown.items()
    assert not named().keys() & shown.keys()


@pytest.mark.thorough
@pytest.mark.usefixtures("stick_figures")
def test_a_drawn_portrait_stands_in_for_references_if_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    painter = Seeing()
    monkeypatch.setattr(Models, "generator", lambda self, options: painter)
    garment = photo.read(write.encode(tee(), None), PhotoOptions())

    def shown(likeness: str, who: str) -> tuple[Plate, ...]:
        figure = {"figure": "guide", "likeness": likeness}
        settings = config.resolve("house", flags={"casting": who, "figure": figure, "generate": {"steps": 1}})
        produce(garment, settings, Models())
        return painter.seen

    (drawn,) = shown("portrait", "ada")
    assert drawn.shape == (400, 320, 3)
    assert drawn.std() > 20
    assert shown("references", "ada") == ()


def test_references_without_consent_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="consent"):
        config.resolve(flags={"casting": str(casting(tmp_path / "mine", more=""))})


@pytest.mark.parametrize(
    "words",
    [
        "a little girl",
        "as a teenager",
        "TEEN model",
        "schoolboy",
        "with her children",
        "a 9 year old girl",
        "aged 15",
        "seventeen-year-old",
        "16yo",
        "14 years of age",
        "a minor",
    ],
)
def test_people_are_adults(words: str) -> None:
    with pytest.raises(ConfigError, match="adults"):
        config.resolve(flags={"casting": {"wording": words}})
    with pytest.raises(ConfigError, match="adults"):
        config.resolve(flags={"generate": {"prompt": words}})
    with pytest.raises(ConfigError, match="adults"):
        config.resolve(flags={"scene": {"place": f"in a garden, {words}"}})


def test_words_that_only_sound_like_it_are_let_in() -> None:
    assert Casting(wording="nineteen roses, a kid leather bag, 18 years old, aged 21").wording
    assert GenerateOptions(prompt="teal girlish ribbons, 19 year old oak").prompt


def test_large_references_are_shrunk_and_missing_ones_named(tmp_path: Path) -> None:
    big = tmp_path / "big.png"
    big.write_bytes(write.encode(np.zeros((LONGEST_REFERENCE * 2, 300, 3), np.uint8), None))
    assert reference(big).shape == (LONGEST_REFERENCE, 150, 3)
    with pytest.raises(PhotoError, match=r"none\.png"):
        reference(tmp_path / "none.png")
