"""`auto` takes the best preset that this machine can run, and says why."""

from collections.abc import Iterator

import pytest

from pipeline import choice, config, presets, weights


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    choice.best.cache_clear()
    yield
    choice.best.cache_clear()


def machine(monkeypatch: pytest.MonkeyPatch, presets: set[str], room: float, kind: str) -> None:
    """Pretends that the weights of some presets are here, and so much memory."""
    here = {need.name for preset in presets for need in choice.needs(preset)}
    monkeypatch.setattr(weights, "present", lambda name, settings=False: name in here)
    monkeypatch.setattr(choice, "_room", lambda: (room, kind))


@pytest.mark.parametrize(
    ("presets", "room", "kind", "expected"),
    [
        (set(), 80, "GPU", "house"),
        ({"sd15"}, 80, "GPU", "sd15"),
        ({"sd15", "sdxl"}, 80, "GPU", "sdxl"),
        ({"sd15", "sdxl", "zimage"}, 80, "GPU", "zimage"),
        ({"sd15", "sdxl", "zimage"}, 16, "GPU", "sdxl"),
        ({"sd15", "sdxl", "zimage"}, 6, "GPU", "sd15"),
        ({"sd15", "sdxl", "zimage"}, 3, "GPU", "house"),
        ({"sd15", "sdxl"}, 12, "main", "sd15"),
        ({"sd15"}, 4, "main", "house"),
        ({"zimage", "zimage-quality"}, 80, "GPU", "zimage"),
        ({"zimage-quality", "sdxl"}, 80, "GPU", "zimage-quality"),
        ({"sdxl-union", "sdxl"}, 16, "GPU", "sdxl-union"),
        ({"klein", "sd15"}, 16, "GPU", "klein"),
        ({"klein", "sd15"}, 12, "GPU", "sd15"),
        ({"qwen", "klein"}, 80, "GPU", "qwen"),
        ({"qwen", "klein"}, 24, "GPU", "klein"),
        ({"qwen"}, 24, "GPU", "house"),
    ],
)
def test_the_best_that_fits_is_taken(
    monkeypatch: pytest.MonkeyPatch, presets: set[str], room: float, kind: str, expected: str
) -> None:
    machine(monkeypatch, presets, room, kind)
    settled = config.resolve()
    assert settled.preset == expected
    assert settled.chosen
    assert settled.generate == config.resolve(expected).generate


def test_a_half_fetched_preset_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, {"sd15"}, 80, "GPU")
    lost = next(need.name for need in choice.needs("sd15") if need.role == "controlnet")
    whole = weights.present
    monkeypatch.setattr(weights, "present", lambda name, settings=False: name != lost and whole(name))
    assert config.resolve("auto").preset == "house"


def test_the_reason_names_what_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, {"sd15"}, 3, "GPU")
    assert "sd15 wants" in config.resolve().chosen
    assert config.resolve("house").chosen == ""


def test_every_preset_with_weights_is_a_candidate_once() -> None:
    listed = [each.preset for each in choice.candidates()]
    assert sorted(listed) == sorted(set(config.names("presets")) - {"house", "sd15-fast", "sdxl-fast"})


def test_what_a_candidate_wants_is_what_its_ladder_can_do_with() -> None:
    for each in choice.candidates():
        wanted = presets.sheet(each.preset).memory
        assert wanted["fp8"] < each.gpu, each.preset
        assert each.main > wanted["tiled"], each.preset


def test_auto_is_not_listed_among_the_presets() -> None:
    assert "auto" not in config.names("presets")


def test_a_recommendation_needs_no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, set(), 16, "GPU")
    found = choice.recommended()
    assert found is not None
    assert found.preset == "sdxl-union"
    machine(monkeypatch, set(), 1, "main")
    assert choice.recommended() is None
