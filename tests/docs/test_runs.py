"""The commands of onmodel that README and docs show are run, on drawn files of the names that they give."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.cli import main
from scripts.synthetic.garment import draw
from tests.docs.pages import blocks
from tests.docs.test_commands import OURS, QUICK
from tests.fakes import Ramp, sneakers, tee, trousers
from tests.pipeline.test_pose_from_photo import Told

#: Run elsewhere, by what answers them: servers by tests/pipeline/service and tests/browser, the assistants' by
#: tests/pipeline/test_mcp_server.py; `models pull` by tests/pipeline/cli/test_models.py, on a Hub that is drawn.
ELSEWHERE = ("serve", "studio", "mcp", "models pull")
HERE = [each for each in OURS if not each.removeprefix("onmodel ").startswith((*ELSEWHERE, *QUICK))]
#: Of each of these `make test` runs one.
TASKS = ("generate top.jpg --with", "background", "ghost", "inpaint", "outpaint", "collection report")
FIRST = [next(each for each in HERE if each.startswith(f"onmodel {task}")) for task in TASKS]
#: Photos by the flag whose pixels they have to hold, since the pages tell of a camera's.
SIZES = {"--garment-box": (1500, 1950), "--not-point": (700, 900)}
DRAWN: dict[str, Callable[..., np.ndarray]] = {
    "trousers.jpg": trousers, "shoes.jpg": sneakers, "shoe.jpg": sneakers, "hat.jpg": sneakers, "bag.jpg": sneakers,
    "top.jpg": lambda: draw(1, "plain", "top", 480, 640).photo,
    "dress.jpg": lambda: draw(1, "plain", "dress", 480, 640).photo,
    "coat.jpg": lambda: draw(1, "plain", "outerwear", 480, 640).photo,
}  # fmt: skip
#: What a command reads that another has made.
BEFORE = {
    "out/shirt.png": "onmodel generate shirt.jpg -o out/shirt.png",
    "out/top.png": "onmodel generate demo/photo.png -o out/top.png",
    "out/top.json": "onmodel generate demo/photo.png -o out/top.png",
    "look.png": "onmodel generate shirt.jpg --with trousers.jpg -o look.png",
}
SIGNED = "onmodel generate shirt.jpg -o out/shirt.png --sign-cert chain.pem --sign-key key.pem"


@pytest.mark.sampled(len(FIRST))
@pytest.mark.parametrize("line", [*FIRST, *(each for each in HERE if each not in FIRST)])
def test_a_command_of_the_pages_does_what_it_says(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stick_figures: None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.models.Models.generator", lambda self, options: Ramp())
    monkeypatch.setattr("pipeline.models.Models.poser", lambda self, options, **_: Told())
    lay(line, monkeypatch)
    if "--trust" in line:
        typed(SIGNED, monkeypatch)
    else:
        for made, command in BEFORE.items():
            reads = made in shlex.split(line, comments=True) and f"-o {made}" not in line
            if reads and not Path(made).exists():
                typed(command, monkeypatch)
    if line.startswith("onmodel collection report"):
        typed("onmodel collection run spring.csv -o out/ --steps 1", monkeypatch)
    before = {path for path in Path().rglob("*") if path.is_file()}
    typed(line, monkeypatch)
    words = shlex.split(line, comments=True)
    if "-o" in words:
        out = Path(words[words.index("-o") + 1])
        assert out.is_dir() or out.is_file()
        there = {path for path in Path().rglob("*") if path.is_file()}
        assert there > before or words[1:3] == ["collection", "report"]  # which writes the run's own page again


def typed(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Types a command, its patterns of names filled in as a shell does; it has to end well."""
    words = shlex.split(line, comments=True)[1:]
    words = [each for word in words for each in (sorted(map(str, Path().glob(word))) if "*" in word else [word])]
    monkeypatch.setattr("sys.argv", ["onmodel", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code, line


def lay(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes the files that a command reads: those that the pages show, and drawn ones."""
    for block in blocks("yaml", "csv"):
        if block.title and "mine" not in block.title:
            Path(block.title).write_text(block.text)
    pixels = (640, 1000) if re.search(r"\d{3}", line) else (320, 500)
    width, height = next((size for flag, size in SIZES.items() if flag in line), pixels)
    names = {word.partition(" ")[0].removeprefix("photo:") for word in shlex.split(line, comments=True)}
    table = [cell for block in blocks("yaml", "csv") if block.title for cell in block.text.replace(",", " ").split()]
    pictures = {
        name
        for name in (*names, *table, "shirt.jpg", "trousers.jpg")
        if name.endswith((".jpg", ".png")) and "*" not in name
    }
    for name in pictures | {"demo/photo.png"}:
        if name not in BEFORE and f"-o {name}" not in line and line != "onmodel demo":  # which draws its own
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            picture = DRAWN[name]() if name in DRAWN else tee(width, height)
            if "--point" in line:  # a stain
                picture = cv2.circle(picture.copy(), (395, 672), 14, (20, 200, 90), -1)
            assert cv2.imwrite(name, picture[..., ::-1])
    marked = np.zeros((height, width), np.uint8)
    cv2.rectangle(marked, (width // 2, height // 2), (width // 2 + 30, height // 2 + 30), 255, -1)
    cv2.imwrite("marked.png", marked)
    cloth = np.abs(tee(width, height).astype(int) - 235).max(axis=2) > 60
    cv2.imwrite("mine.png", cloth.astype(np.uint8) * 255)
    Path("mine.yaml").write_text("generate: {steps: 1}\n")
    Path("marks.json").write_text(json.dumps({"rejected": []}))
    joints = Told()(np.zeros((1500, 1000, 3), np.uint8))[0]
    keypoints = [float(value) for joint in joints for value in joint]
    person = {"canvas_width": 1000, "canvas_height": 1500, "people": [{"pose_keypoints_2d": keypoints}]}
    Path("skeleton.json").write_text(json.dumps(person))
    if "--sign-cert" in line or "--trust" in line:
        provenance = pytest.importorskip("tests.pipeline.test_provenance")
        provenance.operator(Path(), provenance.ec.generate_private_key(provenance.ec.SECP256R1()))
        monkeypatch.delenv("ONMODEL_C2PA")
