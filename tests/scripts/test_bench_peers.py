"""The comparison gives every tool the same, and measures what each wrote by the same rule."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scripts import bench_peers
from scripts.peers import iopaint_run
from stages.contracts import Placed


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Placed]]:
    jobs = tmp_path_factory.mktemp("jobs")
    return jobs, bench_peers.prepare(jobs, 2, bench_peers.settings(2, "off"))


@pytest.mark.thorough
def test_jobs_lay_the_photo_on_its_canvas_and_mask_all_but_the_garment(prepared: tuple[Path, list[Placed]]) -> None:
    jobs, placed = prepared
    listed = json.loads((jobs / "jobs.json").read_text())["jobs"]
    for job, laid in zip(listed, placed, strict=True):
        canvas, mask = (np.asarray(Image.open(jobs / f"{job['name']}.{kind}.png")) for kind in ("photo", "mask"))
        np.testing.assert_array_equal(canvas[laid.window][laid.matte == 1], laid.pixels[laid.matte == 1])
        kept = np.zeros(mask.shape, bool)
        kept[laid.window] = laid.matte > 0.51
        assert mask[kept].max() == 0
        assert mask[~kept].min() == 255 or (mask[~kept] == 0).sum() < 0.01 * kept.sum()
        assert Image.open(jobs / f"{job['name']}.pose.png").size == tuple(job["size"])
        assert job["prompt"]


@pytest.mark.thorough
def test_pictures_that_change_what_is_kept_are_told(prepared: tuple[Path, list[Placed]], tmp_path: Path) -> None:
    jobs, placed = prepared
    for number in range(2):
        canvas = cv2.imread(str(jobs / f"{number:02d}.photo.png"))
        if number == 1:
            canvas = cv2.add(canvas, (1, 0, 0, 0))
        cv2.imwrite(str(tmp_path / f"{number:02d}.png"), canvas)
        cv2.imwrite(str(tmp_path / f"{number:02d}.plate.png"), np.full_like(canvas, (200, 60, 20)))
    (tmp_path / "result.json").write_text(json.dumps({"seconds": [3.0, 5.0], "peak": 1.5}))
    row = bench_peers.measure("tool", tmp_path, placed)
    assert (row.tool, row.seconds, row.peak) == ("tool", 4.0, 1.5)
    assert row.changed == pytest.approx(0.5, abs=0.05)
    # The photo's own backdrop stands about the garment, where the plate has another.
    assert row.halo > 0.2
    assert str(row).count("|") == bench_peers.HEAD.splitlines()[0].count("|")


def test_the_house_weights_are_laid_into_a_cache_as_an_inpainting_pipeline(tmp_path: Path) -> None:
    from diffusers import StableDiffusionInpaintPipeline

    iopaint_run.cached(bench_peers.HOUSE, tmp_path)
    snapshot = tmp_path / "models--house--house" / "snapshots" / "0"
    pipe = StableDiffusionInpaintPipeline.from_pretrained(str(snapshot), safety_checker=None)
    assert pipe.unet.config.in_channels == 9
    own = json.loads((bench_peers.HOUSE / "tokenizer" / "tokenizer.json").read_text())["model"]["vocab"]
    assert json.loads((snapshot / "tokenizer" / "vocab.json").read_text()) == own


def test_a_folder_with_files_of_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs.txt").write_text("theirs")
    monkeypatch.setattr("sys.argv", ["bench_peers", str(tmp_path)])
    with pytest.raises(SystemExit, match="not empty"):
        bench_peers.main()
    assert (tmp_path / "theirs.txt").read_text() == "theirs"
