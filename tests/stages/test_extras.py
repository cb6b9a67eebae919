"""Whoever lacks an extra is told a command that works for how the program was installed."""

import json
import re
import shlex
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from stages import extras

ROOT = Path(__file__).parents[2]


class Installed:
    """A distribution with a direct_url.json, or none."""

    def __init__(self, origin: dict[str, object] | None) -> None:
        self.origin = origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self.origin is None else json.dumps(self.origin)


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (None, ["onmodel[heic]"]),
        ({"url": "file:///src/on%20model", "dir_info": {"editable": True}}, ["--editable", "/src/on model[heic]"]),
        ({"url": "file:///src/onmodel", "dir_info": {}}, ["/src/onmodel[heic]"]),
        (
            {"url": "file:///wheels/onmodel-0.1.0-py3-none-any.whl", "archive_info": {}},
            ["/wheels/onmodel-0.1.0-py3-none-any.whl[heic]"],
        ),
        (
            {"url": "https://host/it.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            ["onmodel[heic] @ git+https://host/it.git@abc"],
        ),
        ({"url": "https://host/onmodel.whl", "archive_info": {}}, ["onmodel[heic] @ https://host/onmodel.whl"]),
    ],
    ids=["index", "linked checkout", "checkout", "wheel", "git", "address"],
)
def test_the_command_names_where_the_program_is_from(
    origin: dict[str, object] | None, words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(extras, "distribution", lambda name: Installed(origin))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert shlex.split(extras.install("heic")) == ["pip", "install", *words]


@pytest.mark.parametrize(
    ("file", "begin"), [("uv-receipt.toml", "uv tool install --force"), ("pipx_metadata.json", "pipx install --force")]
)
def test_what_was_installed_as_a_tool_is_installed_so_again(
    file: str, begin: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / file).touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(extras, "distribution", lambda name: Installed(None))
    assert extras.install("mcp") == f"{begin} 'onmodel[mcp]'"


def test_sources_that_nobody_installed_are_installed_from_their_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(extras, "distribution", missing)
    assert extras.install("serve").endswith(" '.[serve]'")


def test_no_message_says_a_command_of_its_own_and_every_extra_that_is_named_exists() -> None:
    known = (ROOT / "pyproject.toml").read_text()
    asked = set()
    for folder in ("pipeline", "stages", "onmodel"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert path.name == "extras.py" or "pip install" not in text, path
            asked |= set(re.findall(r"extras\.install\([\"'](\w+)[\"']\)", text))
    assert len(asked) >= 9
    assert all(f"\n{extra} = [" in known for extra in asked)
