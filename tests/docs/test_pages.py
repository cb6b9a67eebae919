"""The pages hold together: every one has its place, links lead somewhere, examples in Python run, messages are real."""

import ast
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from ruamel.yaml import YAML

import onmodel
from pipeline import models
from stages import find, write
from stages.casting import Scene
from stages.contracts import Photo
from stages.options import SegmentOptions
from tests.docs.pages import PAGES, ROOT, Block, anchors, blocks, prose
from tests.fakes import RampModels, tee

MADE = ("reference/", "cards/", "portraits/")
PYTHON = [block for block in blocks("python") if "import onmodel" in block.text]


def nav() -> set[str]:
    """Returns the pages that the site's navigation names."""
    found = set()

    def walk(entry: object) -> None:
        if isinstance(entry, str):
            found.add(entry)
        elif isinstance(entry, dict | list):
            for each in entry.values() if isinstance(entry, dict) else entry:
                walk(each)

    walk(YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text())["nav"])
    return found


def test_every_page_has_its_place_in_the_navigation() -> None:
    here = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    named = {name for name in nav() if not name.startswith(MADE)} - {"contributing.md", "changelog.md"}
    assert here == named, "give each page below docs/ a line under `nav` in mkdocs.yml"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        where, _, anchor = unquote(target).partition("#")
        if re.match(r"\w+:", where) or (path.parent / where).as_posix().startswith(f"{ROOT}/docs/reference"):
            continue
        made = where.rpartition("/")[2] == "demo.jpg" or "reference/" in where or "cards/" in where
        page = path if not where else path.parent / where
        assert made or page.exists(), f"{target} is nowhere"
        if anchor and page.suffix == ".md" and page.exists():
            assert anchor in anchors(page), f"{target} has no such heading"


def test_what_contributors_are_pointed_to_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"`((?:stages|pipeline|scripts|tests|configs|docs)/[\w/.-]+)`", text))
    new = {name for name in named if "mine" in name or "courtyard" in name}
    assert len(named) > 10
    assert {name for name in named - new if not (ROOT / name).exists()} == set()
    scene = re.search(r"   ```yaml\n(.*?)```", text, re.DOTALL)
    assert scene
    assert Scene.model_validate(YAML(typ="safe").load(textwrap.dedent(scene[1]))).light_from == "right"


def test_the_segmenter_that_contributors_are_shown_finds_a_garment(monkeypatch: pytest.MonkeyPatch) -> None:
    block = re.search(r"   ```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert block
    module = ModuleType("stages.find.mine")
    exec(compile(textwrap.dedent(block[1]), "mine.py", "exec"), vars(module))  # noqa: S102 - our own page
    monkeypatch.setitem(sys.modules, module.__name__, module)
    chosen: dict[str, Any] = {"segmenter": "mine"}
    options = SegmentOptions.model_construct(**chosen)
    photo = Photo("shirt.png", tee(width=240, height=300), "")
    found = find.subject(photo, options, models.Models().segmenter(options))
    true = find.subject(photo, SegmentOptions(), models.Models().segmenter(SegmentOptions()))
    assert found.segmenter == "mine"
    both = np.minimum(found.matte, true.matte).sum()
    assert both > 0.97 * np.maximum(found.matte, true.matte).sum()


def test_workflows_and_compose_file_are_sound_and_call_what_there_is() -> None:
    yaml = YAML(typ="safe")
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = set()
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        for job in yaml.load(path.read_text())["jobs"].values():
            for step in job["steps"]:
                assert "uses" in step or "run" in step
                called |= set(re.findall(r"^make (.+)$", step.get("run", ""), re.MULTILINE))
    assert {"dist", "docs", "test-slow"} <= called <= targets
    compose = yaml.load((ROOT / "compose.yaml").read_text())["services"]
    for service in compose.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert (ROOT / service["build"].get("dockerfile", "Dockerfile")).exists()
    copied = set(re.findall(r"^COPY ([^-].*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    known = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {name for line in copied for name in line.split()} == known


def test_readme_is_a_front_door() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 130


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: f"{block.page}:{len(block.text)}")
def test_an_example_in_python_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shirt.png").write_bytes(write.encode(tee(width=240, height=300), None))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "Models", RampModels)
    monkeypatch.setitem(vars(onmodel), "Models", RampModels)
    exec(compile(block.text, block.page, "exec"), {})  # noqa: S102 - our own page
    if "save(" in block.text:
        assert list(tmp_path.rglob("*.png")) != [tmp_path / "shirt.png"]


def test_there_are_examples_in_python() -> None:
    assert len(PYTHON) >= 5


def messages() -> list[str]:
    """Returns every text of the code, with what is filled in left out."""
    found = []
    for folder in ("pipeline", "stages"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
                elif isinstance(node, ast.JoinedStr):
                    found.append("".join(str(each.value) for each in node.values if isinstance(each, ast.Constant)))
    return [each.replace("`", "") for each in found]


def test_every_message_that_the_page_of_failures_explains_is_one_that_the_code_says() -> None:
    page = (ROOT / "docs" / "failures.md").read_text()
    explained = re.findall(r"^### `(.*)`$", page, re.MULTILINE)
    assert len(explained) > 30
    said = messages()
    assert [each for each in explained if not any(each in text for text in said)] == []
    bodies = re.split(r"^#{2,3} .*$", page, flags=re.MULTILINE)[1:]
    assert all(body.strip() for body, head in zip(bodies, re.findall(r"^#{2,3} (.*)$", page, re.MULTILINE), strict=True)
               if head.startswith("`"))  # fmt: skip


@pytest.mark.thorough
def test_the_site_builds_without_a_warning() -> None:
    pytest.importorskip("mkdocs")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*words, folder], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        page = (Path(folder) / "reference" / "cli" / "index.html").read_text()
        assert "--not-point" in page
        assert (Path(folder) / "reference" / "receipt.schema.json").exists()
        fetched = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//[^"]+', page)
        assert fetched == [], "the site fetches nothing from elsewhere"
