"""The user's files are never touched: whatever is typed, the bytes of inputs and foreign files are the same after."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from stages import write
from stages.contracts import Cutout, Shape
from tests.fakes import Ramp
from tests.pipeline.collection import rows

PICTURES = ("in/a.png", "in/b.png", "in/A.png", "in/a.jpg", "in/mask.png", "in/caf\u00e9.png", "in/bad.png")
#: What somebody may have put where a run writes.
FOREIGN = (
    "in/a.json", "in/a.mask.png", "in/a.matte.png", "in/b.ora", "in/r1.png", "in/r2.jpg", "in/r1.json",
    "in/results.csv",
    "in/report.html", "in/x.old", "in/.a.png.1234.part", "in/line-2.json", "in/line-4.png", "in/.onmodel/seeds.json",
    "in/.onmodel/lock", "in/.onmodel/r1.before.jpg", "in/.onmodel-12345678/commit.json", "out/a.png", "out/a.json",
    "out/a.stages/1-segment.png", "out/a-1x1.png", "out/results.parquet", "out/.onmodel/tables.json", "demo/photo.png",
    "demo/demo.json", "in/cafe\u0301.json", "out/r2.webp", "out/A.mask.png",
)  # fmt: skip
OUTPUTS = (
    "in/",
    "out/",
    "in",
    "link/",
    "in/a.png",
    "in/A.png",
    "in/new.png",
    "out/a.png",
    "in/mask.png",
    "in/b.png",
    "hard.png",
)
#: What an earlier call may have written, and a later one reads.
MADE = ("out/a.png", "out/b.png", "in/new.png", "out/A.png")
MANIFESTS = {
    "in/results.csv": "id,photo,format\nr1,a.png,\nr2,b.png,jpg\n,nothing.png,\n",
    "in/m.csv": "id,photo,format,mask,task\nr1,a.png,jpg,,\na,b.png,webp,,\nm,a.png,,mask.png,inpaint\n../x,a.png,,,\n",
    "in/m.yaml": "matrix: {photo: ['*.png'], format: [png, jpg]}\n",
    "in/n.jsonl": '{"id": "b", "photo": "a.png", "background": "b.png", "task": "background"}\n{"photo": "x"}\n',
}  # fmt: skip
LINKS = {"link": "in", "in/r2.png": "a.png", "out/a.mask.png": "../in/b.png", "in/loop.png": "loop.png"}


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Painting and cutting are arithmetic; all that touches the disk is real."""

    def produce(photo: Any, config: Any, models: Any, **named: Any) -> Any:
        named = {"name": named["name"]}
        product = rows.produce(photo, config, models, **named)
        failed = photo.pixels.mean() % 5 < 1
        export = None if config.write.format == "png" else b"export of " + (product.png or b"")
        if failed:
            receipt = product.receipt.model_copy(update={"status": "failed", "output": None, "failures": ("broken",)})
            return type(product)(None, product.mask, receipt)
        stages = {"1-segment": photo.pixels}
        return type(product)(
            product.png, product.mask, product.receipt, preview=photo.pixels, stages=stages, export=export
        )

    def cut(photo: Any, *rest: Any) -> Cutout:
        matte = np.ones(photo.pixels.shape[:2], np.float32)
        return Cutout(matte, photo.pixels, Shape("top", 1.0), "classical", ())

    monkeypatch.setattr("pipeline.engine.produce", produce)
    monkeypatch.setattr("pipeline.collection.worker.produce", produce)
    monkeypatch.setattr("stages.find.subject", cut)
    monkeypatch.setattr("pipeline.models.Models.generator", lambda self, options: Ramp())
    monkeypatch.setattr("pipeline.demo.draw", lambda: np.full((8, 8, 3), 90, np.uint8))


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def lay(foreign: set[str], links: set[str]) -> None:
    for at, name in enumerate(PICTURES):
        Path(name).parent.mkdir(exist_ok=True)
        content = b"no picture" if "bad" in name else write.encode(np.full((6, 5, 3), 31 * at + 7, np.uint8), None)
        Path(name).write_bytes(content)
    for name, text in MANIFESTS.items():
        Path(name).write_text(text)
    for at, name in enumerate(sorted(foreign)):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        if not Path(name).exists():
            Path(name).write_bytes(b'{"schema": 1, "status": "ok"}' if at % 2 else f"mine {name}".encode())
    for name in sorted(links):
        Path(name).parent.mkdir(exist_ok=True)
        if not os.path.lexists(name):
            Path(name).symlink_to(LINKS[name])
    os.link("in/a.png", "hard.png")


def held() -> dict[str, tuple[bytes, int]]:
    """Returns each file by its name: its bytes, or where a link leads."""
    found = {}
    for folder, _, names in os.walk("."):
        for name in names:
            path = Path(folder) / name
            content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
            found[os.path.relpath(path)] = (content, path.lstat().st_ino)
    return found


@st.composite
def calls(draw: st.DrawFn) -> list[str]:
    named = st.sampled_from((*PICTURES, "in/loop.png", "in/none.png", "link/a.png", "hard.png", *MADE))
    photos = draw(st.lists(named, min_size=1, max_size=3))
    out = ["-o", draw(st.sampled_from(OUTPUTS))]
    more = draw(st.sampled_from([["--overwrite"], ["--overwrite"], []]))
    more += draw(st.sampled_from([[], ["--format", "jpg"], ["--layers"], ["--format", "webp"]]))
    stages = ["--keep-stages"] if draw(st.booleans()) else []
    manifest = draw(st.sampled_from(sorted(MANIFESTS)))
    return draw(
        st.sampled_from(
            [
                ["generate", *photos, *out, *more, *stages],
                ["background", *photos, *out, *more, "--background", draw(named)],
                ["background", *photos, *out, *more, "--matte", "in/mask.png", "--scene", "beach,street"],
                ["inpaint", *photos, *out, *more, *stages, "--mask", draw(named)],
                ["outpaint", *photos, *out, *more, "--aspect", "1:1,4:5"],
                ["segment", *photos, *out, *more[:1]],
                ["verify", photos[0], "--source", photos[-1]],
                ["demo"],
                ["collection", "run", manifest, "-o", out[1], "--cache-gb", "0"],
                ["collection", "run", manifest, "-o", "in", "--format", "jpg", "--cache-gb", "0"],
                ["collection", "plan", manifest, "-o", out[1]],
                ["collection", "report", manifest, "-o", out[1]],
            ]
        )
    )


EXAMPLES = settings().max_examples // 2


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    foreign=st.one_of(st.just(set()), st.sets(st.sampled_from(FOREIGN), min_size=8)),
    links=st.sets(st.sampled_from(sorted(LINKS))),
    typed=st.lists(calls(), min_size=2, max_size=4),
)
def test_no_call_touches_what_it_reads_or_what_is_not_its_own(
    tmp_path_factory: pytest.TempPathFactory, fast: None, foreign: set[str], links: set[str], typed: list[list[str]]
) -> None:
    with inside(tmp_path_factory.mktemp("work")):
        lay(foreign, links)
        before = held()
        for words in typed:
            target = words[words.index("-o") + 1] if "-o" in words else None
            then = held()
            read = {name: then[name] for each in words if each != target and (name := os.path.normpath(each)) in then}
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("sys.argv", ["onmodel", *words])
                with pytest.raises(SystemExit) as end:
                    main()
            assert end.value.code in (0, 2, 3, 4, 5, 6, 7, 8, 9, 10)
            now = held()
            touched = [name for name, content in (before | read).items() if now.get(name) != content]
            assert not touched, (words, touched)
            assert not [name for name in now if ".onmodel-" in name and name not in before], words


def test_a_collection_in_its_photos_own_folder_leaves_them(
    tmp_path: Path, fast: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As issue 16 found it: the photo is no stale export, no refused row's picture, and no output."""
    monkeypatch.chdir(tmp_path)
    lay(set(), set())
    Path("in/results.csv").unlink()
    before = held()
    Path("in/m.csv").write_text("id,photo,seed\na,a.jpg,\nb,b.png,none\nc,a.png,\n")
    for command in ("plan", "run"):
        monkeypatch.setattr("sys.argv", ["onmodel", "collection", command, "in/m.csv", "-o", "in"])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 4
        assert "a.png is an input of this run and would be overwritten" in capsys.readouterr().err
    Path("in/m.csv").write_text("id,photo,seed\nd,mask.png,\nb,b.png,none\ne,a.png,\n")
    monkeypatch.setattr("sys.argv", ["onmodel", "collection", "run", "in/m.csv", "-o", "in", "--cache-gb", "0"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 8
    assert Path("in/d.png").is_file()
    assert {name: held()[name] for name in before if name != "in/m.csv"} == {
        name: content for name, content in before.items() if name != "in/m.csv"
    }


@pytest.mark.parametrize(
    "words",
    [
        ["generate", "out/a.png", "-o", "out/a.png"],
        ["generate", "out/a.png", "-o", "out/A.png"],
        ["generate", "hard link", "-o", "out/a.png"],
        ["generate", "in/b.png", "out/a.png", "-o", "out/"],
        ["generate", "in/b.png", "out/a.mask.png", "-o", "out/a.png"],
        ["inpaint", "in/b.png", "--mask", "out/a.mask.png", "-o", "out/a.png"],
        ["background", "in/b.png", "--background", "out/a.jpg", "-o", "out/a.png"],
        ["outpaint", "out/a.jpg", "--aspect", "1:1", "-o", "out/a.png"],
        ["segment", "out/a.jpg", "-o", "out/a.png"],
        ["segment", "in/b.png", "--matte", "out/a.png", "-o", "out/a.png"],
        ["generate", "in/b.png", "--from", "out/a.json", "-o", "out/a.png"],
        ["generate", "in/b.png", "--pose", "photo:out/a.jpg", "-o", "out/a.png"],
    ],
)
def test_a_picture_of_ours_that_is_read_is_neither_replaced_nor_taken_away(
    tmp_path: Path, fast: None, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """The receipt names these files, so that --overwrite may replace them: unless this call reads them."""
    monkeypatch.chdir(tmp_path)
    lay(set(), set())

    def typed(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["onmodel", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0)

    assert typed("generate", "in/a.png", "-o", "out/a.png", "--format", "jpg") == 0
    if words[1] == "hard link":
        os.link("out/a.png", "again.png")
        words = [words[0], "again.png", *words[2:]]
    named = [each.removeprefix("photo:") for each in words]
    name = next(each for each in named if each.startswith(("out/a.", "again")))
    before = held()
    typed(*words, "--overwrite")
    assert held()[os.path.normpath(name)] == before[os.path.normpath(name)]
