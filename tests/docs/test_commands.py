"""Every command that README and docs show exists, with those flags; those that need no weights are run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from pipeline.cli import main
from pipeline.cli.app import app
from tests.docs.pages import PAGES, ROOT, Block, blocks

#: What a reader's shell knows beside onmodel, and what else is checked of it.
OTHERS = {"pip", "uv", "pipx", "hf", "curl", "docker", "mkdir", "ln", "openssl", "id=$(python3", "export"}
#: Commands that need nothing but the package, and write nothing: they are run.
QUICK = ("list ", "config show", "models list", "models path")


def lines(block: Block) -> list[str]:
    """Returns the commands of a block of shell."""
    joined = block.text.replace("\\\n", " ")
    return [each.strip() for each in joined.splitlines() if each.strip() and not each.strip().startswith("#")]


SHELL = [(block.page, line) for block in blocks("sh") for line in lines(block)]
OURS = sorted({line for _, line in SHELL if line.startswith("onmodel ")})


def test_the_pages_show_commands() -> None:
    assert len(OURS) > 50
    assert len({page for page, _ in SHELL}) > 12


@pytest.mark.parametrize("line", OURS)
def test_a_command_of_ours_takes_what_it_is_shown_with(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: Any = typer.main.get_command(app)
    path = []
    while hasattr(command, "commands") and not words[0].startswith("-"):
        path.append(words.pop(0))
        command = command.commands[path[-1]]
    command.make_context(" ".join(path) or "onmodel", words, resilient_parsing=words in (["--help"], ["--version"]))


@pytest.mark.parametrize(("page", "line"), [each for each in SHELL if not each[1].startswith("onmodel ")])
def test_any_other_command_is_one_that_there_is(page: str, line: str) -> None:
    first, *rest = line.split("#", maxsplit=1)[0].split()
    while "=" in first and rest and not first.startswith("id="):  # VARIABLE=value before a command
        first, *rest = rest
    if first == "make":
        targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        assert {each for each in rest if "=" not in each} <= targets
    elif first.removeprefix(".venv/bin/") == "python" and rest[:1] == ["-m"]:
        assert (ROOT / (rest[1].replace(".", "/") + ".py")).exists() or (ROOT / rest[1].replace(".", "/")).is_dir()
    elif first.removeprefix(".venv/bin/") == "python":
        assert (ROOT / rest[0]).exists()
    elif "pip install" in line:  # the package is on no index: from a checkout
        extra = re.search(r'^pip install "\.\[(\w+)\]"', line)
        if extra is None:
            assert line.split("#", maxsplit=1)[0].strip() == "pip install ."
            return
        assert f"\n{extra[1]} = [" in (ROOT / "pyproject.toml").read_text()
    else:
        assert first in OTHERS or first.startswith("-"), f"{page} shows {line!r}: run it here, or add it to OTHERS"


@pytest.mark.parametrize("line", [each for each in OURS if each.removeprefix("onmodel ").startswith(QUICK)])
def test_a_command_that_needs_nothing_runs(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(line, comments=True)[1:]
    for block in blocks("yaml"):
        if block.title and block.title in words:
            (tmp_path / block.title).write_text(block.text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["onmodel", *words])
    with pytest.raises(SystemExit) as end:
        main()
    shown = capsys.readouterr()
    assert not end.value.code, shown.err
    assert len(shown.out) > 50


@pytest.mark.slow
@pytest.mark.parametrize("page", ["first-picture", "collection", "campaign", "own-casting"])
def test_a_tutorial_works_as_it_is_written(page: str, tmp_path: Path) -> None:
    """Files are saved as they are shown, commands are typed in order; only `pip install` is left out."""
    (path,) = (each for each in PAGES if each.stem == page and each.parent.name == "tutorials")
    pictures = 0
    for block in blocks("sh", "yaml", "csv", pages=[path]):
        if block.title:
            (tmp_path / block.title).write_text(block.text)
        elif block.kind == "sh" and "norun" not in block.about:
            for line in lines(block):
                if line.startswith("pip "):
                    continue
                words = [sys.executable, "-m", "onmodel", *shlex.split(line, comments=True)[1:]]
                done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
                pictures += "-o" in words
    assert pictures >= 1
    assert list(tmp_path.glob("*/*.json"))
