"""`auto` takes the best preset that this machine can run, and says why."""

from collections.abc import Iterator

import pytest

from pipeline import choice, config, weights


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


def test_every_candidate_is_a_preset_and_smaller_ones_come_later() -> None:
    listed = choice.candidates()
    assert {each.preset for each in listed} <= set(config.names("presets"))
    assert [each.gpu for each in listed] == sorted((each.gpu for each in listed), reverse=True)


def test_auto_is_not_listed_among_the_presets() -> None:
    assert "auto" not in config.names("presets")


def test_a_recommendation_needs_no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, set(), 16, "GPU")
    found = choice.recommended()
    assert found is not None
    assert found.preset == "sdxl"
    machine(monkeypatch, set(), 1, "main")
    assert choice.recommended() is None
