"""`onmodel models` and `onmodel doctor` as a user types them, with a cache on disk and no Hub."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from stages.errors import WeightsError
from tests.pipeline.test_weights import Listing, a_model, downloads, put

POSE = "lllyasviel/control_v11p_sd15_openpose"
REVISION = "9ae9f970358db89e211b87c915f9535c6686d5ba"
POSE_FILES = {"config.json": b"{}", "diffusion_pytorch_model.fp16.safetensors": a_model()["unet/config.json"]}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def typed(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, words, input=answer, env={"COLUMNS": "200"})


def test_list_says_licence_size_and_what_is_here(cache: Path) -> None:
    put(cache, POSE, POSE_FILES, commit=REVISION)
    rows = json.loads(typed("models", "list", "sd15", "--json").stdout)
    here = {row["name"]: row["present"] for row in rows}
    assert here[POSE]
    assert not here["stable-diffusion-v1-5/stable-diffusion-inpainting"]
    assert all(row["licence"] and row["gigabytes"] is not None for row in rows)
    assert "CreativeML OpenRAIL-M" in typed("models", "list").stdout


def test_pull_shows_licence_and_size_and_asks_first(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: Listing(dict.fromkeys(a_model(), 10**8)))

    def download(repository: str, **given: object) -> None:
        fetched.append(repository)
        put(cache, repository, a_model())

    downloads(monkeypatch, download)
    refused = typed("models", "pull", "owner/name", answer="n\n")
    assert refused.exit_code == 1
    assert "0.40 GB" in refused.stdout
    assert "unknown: read its card" in refused.stdout
    assert not fetched
    assert typed("models", "pull", "owner/name", "--yes").exit_code == 0
    assert fetched == ["owner/name"]
    assert "Everything is installed already" in typed("models", "pull", "owner/name").stdout


def test_verify_finds_what_broke_and_path_says_where(cache: Path) -> None:
    assert "None of it is installed" in typed("models", "verify", "sd15").stdout
    snapshot = put(cache, POSE, {**POSE_FILES, "config.json": b'{"a": 1}'}, commit=REVISION)
    assert typed("models", "path", POSE).stdout.strip() == str(snapshot)
    (snapshot / "config.json").resolve().write_text("{}")
    result = typed("models", "verify", "sd15")
    assert isinstance(result.exception, WeightsError)
    assert "checksum" in str(result.exception)
    missing = typed("models", "path", "sdxl")
    assert isinstance(missing.exception, WeightsError)
    assert "onmodel models pull sdxl" in str(missing.exception)


def test_doctor_says_how_each_preset_would_run(cache: Path) -> None:
    found = json.loads(typed("doctor", "--json").stdout)
    assert found["versions"]["torch"]
    assert found["device"]["free"].endswith("GB")
    presets = found["presets"]
    assert presets["house"]["missing"] == []
    assert presets["sdxl"]["missing"]
    assert presets["sdxl"]["gigabytes"] > presets["sd15"]["gigabytes"] > 3
    assert {row["precision"] for row in presets.values()} <= {"float32", "float16", "bfloat16"}
    assert "onmodel models pull sdxl" in typed("doctor").stdout
