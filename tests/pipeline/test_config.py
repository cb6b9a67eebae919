"""Defaults < preset < file < flags; every shipped file validates; every fault is one sentence."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline import config, yamls
from stages.casting import Casting, Scene
from stages.errors import ConfigError


@pytest.mark.parametrize("name", config.names("presets"))
def test_every_preset_resolves(name: str) -> None:
    assert config.resolve(name).preset == name


@pytest.mark.parametrize("name", config.names("castings"))
def test_every_casting_validates(name: str) -> None:
    Casting.model_validate(config.read(config.find("castings", name)))


@pytest.mark.parametrize("name", config.names("scenes"))
def test_every_scene_validates(name: str) -> None:
    Scene.model_validate(config.read(config.find("scenes", name)))


@pytest.mark.parametrize("name", config.names("poses"))
def test_every_pose_validates(name: str) -> None:
    assert config.resolve(flags={"pose": {"pose": name}}).stance.model_dump().items() >= config.stance(name).items()


def test_there_is_something_of_each_kind() -> None:
    assert all(config.names(kind) for kind in ("presets", "castings", "scenes", "poses"))


def test_castings_span_the_skin_tones() -> None:
    tones = {config.read(config.find("castings", name)).get("skin") for name in config.names("castings")}
    assert len(tones) >= 5


def test_flags_win_over_the_file_and_the_file_over_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("generate: {steps: 11, guidance: 3.5}\n")
    assert config.resolve(file=file).generate.steps == 11
    merged = config.resolve("sd15", file, {"generate": {"steps": 12}})
    assert (merged.generate.steps, merged.generate.guidance) == (12, 3.5)
    assert merged.generate.model == "stable-diffusion-v1-5/stable-diffusion-inpainting"


def test_a_file_may_name_its_preset_and_a_flag_may_name_another(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("preset: sd15\n")
    assert config.resolve(file=file).preset == "sd15"
    assert config.resolve("house", file).preset == "house"


def test_a_casting_may_be_a_file_or_given_in_place(tmp_path: Path) -> None:
    file = tmp_path / "ana.yaml"
    file.write_text("skin: 9\n")
    assert config.resolve(flags={"casting": str(file)}).casting.skin == 9
    assert config.resolve(flags={"casting": {"skin": 2}}).casting.skin == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("generate: {stepz: 3}", "generate.stepz"),
        ("generate: {steps: 0}", "generate.steps"),
        ("nonsense: 1", "nonsense"),
        ("- a\n- b", "keys and values"),
        ("generate: {steps: [", "not valid YAML"),
        ("casting: nobody", "nobody"),
        ("preset: nothing", "nothing"),
    ],
)
def test_faults_name_the_place(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError) as caught:
        config.resolve(file=file)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_shown_config_is_taken_back(tmp_path: Path) -> None:
    first = config.resolve(flags={"generate": {"seed": 5}, "place": {"size": "800x1200"}})
    file = tmp_path / "again.yaml"
    file.write_text(yamls.dump(first.model_dump(mode="json")))
    assert config.resolve(file=file) == first


def test_a_receipt_keeps_its_pose_when_the_file_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    key, value = next(iter(config.stance(config.names("poses")[0]).items()))
    file.write_text(yamls.dump({key: value}))
    first = config.resolve(flags={"pose": {"pose": str(file)}})
    file.unlink()
    base = first.model_dump(mode="json")
    assert config.resolve(base=base) == first
    assert config.resolve(base=base, flags={"pose": {"pose": "auto"}}).stance == config.resolve().stance


def test_a_receipt_repeats_its_config(tmp_path: Path) -> None:
    first = config.resolve("sd15", flags={"generate": {"seed": 5}})
    file = tmp_path / "shirt.json"
    file.write_text(json.dumps({"config": first.model_dump(mode="json")}))
    base = config.from_receipt(file)
    assert config.resolve(base=base) == first
    assert config.resolve(base=base, flags={"generate": {"seed": 6}}).generate.seed == 6


@pytest.mark.parametrize("content", ["", "[]", '{"config": 3}', "{"])
def test_no_receipt_is_said_so(tmp_path: Path, content: str) -> None:
    file = tmp_path / "shirt.json"
    file.write_text(content)
    with pytest.raises(ConfigError, match="not a receipt"):
        config.from_receipt(file)


@pytest.mark.parametrize("name", config.names("castings"))
def test_every_casting_has_a_portrait(name: str) -> None:
    with Image.open(config.portrait(name)) as picture:
        assert picture.format == "JPEG"
        assert picture.height >= 400


def test_a_skeleton_lies_on_the_canvas_of_the_pose_that_it_began_from(tmp_path: Path) -> None:
    name = config.names("poses")[0]
    path = tmp_path / "mine.pose.json"

    def stance_of(content: object) -> object:
        path.write_text(json.dumps(content))
        return config.resolve(flags={"pose": {"pose": str(path)}}).stance

    named = config.resolve(flags={"pose": {"pose": name}})
    assert named.stance != config.resolve().stance
    assert stance_of({"people": [{}], "pose": name}) == named.stance
    assert stance_of({"config": named.model_dump(mode="json"), "skeleton": []}) == named.stance
    nothing: tuple[object, ...] = ({"people": [{}]}, [], {"config": 3}, {"people": [{}], "pose": 4})
    for says_none in nothing:
        assert stance_of(says_none) == config.resolve().stance
    with pytest.raises(ConfigError, match="names a pose that there is not"):
        stance_of({"people": [{}], "pose": "../castings/imani.yaml"})


@pytest.mark.parametrize("strange", [7, 1.5, True, None, [], {}, ["a"], {"a": 1}, "x" * 300, "a\0b"])
@pytest.mark.parametrize("key", ["preset", "casting", "scene", "pose", "stance", "task", "generate", "segment"])
def test_whatever_stands_where_options_belong_is_one_sentence(key: str, strange: object) -> None:
    """In the place of a section, of its first option, and in the config of a receipt."""
    options: tuple[dict[str, Any], ...] = ({key: strange}, {key: {key: strange}}, {"pose": {"pose": strange}})
    for flags in options:
        with suppress(ConfigError):
            config.resolve(flags=flags)
        with suppress(ConfigError):
            config.resolve(base=flags)
