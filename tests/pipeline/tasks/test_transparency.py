"""A photo's transparency through inpaint and outpaint: kept to the level, and nothing hidden under it bleeds."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import config, engine
from pipeline.proof import prove
from stages import write
from stages.contracts import RGB
from tests.fakes import Depth, RampModels, cloth


def photo(path: Path, dtype: Depth, *, cut_out: bool) -> RGB:
    """Writes a photo with a clear corner, or clear all round, and hidden colours that shout."""
    full = int(np.iinfo(dtype).max)
    pixels: np.ndarray = np.full((96, 80, 4), full, dtype)
    pixels[..., :3] = cloth(96, 80, (70, 110, 160), dtype)
    clear = np.zeros((96, 80), bool)
    clear[:12, :12] = True
    if cut_out:
        clear[:] = True
        clear[14:82, 16:64] = False
    pixels[clear] = (full, 0, full, 0)
    pixels[40, 40, 3] = full // 2
    path.write_bytes(write.encode(pixels, None))
    return pixels


def run(tmp_path: Path, task: str, **flags: dict[str, str]) -> tuple[RGB, RGB, Path]:
    source, output = tmp_path / "p.png", tmp_path / "o.png"
    chosen = config.resolve(flags={"task": task, **flags})
    receipt = engine.run(source, output, chosen, RampModels())
    assert receipt.status == "ok"
    picture, alpha = write.decode(output.read_bytes()), write.decode_alpha(output.read_bytes())
    assert picture is not None
    assert alpha is not None
    assert receipt.selection is not None
    assert any("transparency is kept" in note for note in receipt.selection.notes)
    proof = prove(output, source)
    assert proof.failures == ()
    with Image.open(output) as seen:
        assert seen.mode == "RGBA"
    return picture, alpha, output


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("cut_out", [False, True])
def test_inpaint_keeps_transparency(tmp_path: Path, dtype: Depth, cut_out: bool) -> None:
    given = photo(tmp_path / "p.png", dtype, cut_out=cut_out)
    picture, alpha, _ = run(tmp_path, "inpaint", inpaint={"box": "30,30,50,60"})
    assert np.array_equal(alpha, given[..., 3])
    kept = given[..., 3] > 0
    kept[30:60, 30:50] = False
    assert np.array_equal(picture[kept], given[kept, :3])
    # Magenta was hidden: nothing like it is seen, nor lies under the clear part.
    assert (picture[..., 1].astype(int) > picture[..., 0].astype(int) - 60 * (257 if dtype == np.uint16 else 1)).all()


@pytest.mark.parametrize("cut_out", [False, True])
def test_outpaint_grows_a_cut_out_clear_and_all_else_opaque(tmp_path: Path, cut_out: bool) -> None:
    given = photo(tmp_path / "p.png", np.uint8, cut_out=cut_out)
    picture, alpha, output = run(tmp_path, "outpaint", outpaint={"left": "20", "top": "10"}, fill={"fill": "classical"})
    assert np.array_equal(alpha[10:, 20:], given[..., 3])
    assert (alpha[:10] == (0 if cut_out else 255)).all()
    assert (alpha[:, :20] == (0 if cut_out else 255)).all()
    kept = given[..., 3] > 0
    assert np.array_equal(picture[10:, 20:][kept], given[kept, :3])
    assert (picture[..., 1].astype(int) > picture[..., 0].astype(int) - 60).all()
    # Whoever makes the picture opaque is found out.
    Image.fromarray(picture).save(output)
    assert any("transparency" in failure for failure in prove(output, tmp_path / "p.png").failures)


def test_exports_show_white_or_keep_it(tmp_path: Path) -> None:
    photo(tmp_path / "p.png", np.uint8, cut_out=False)
    for kind in ("jpg", "webp"):
        source, output = tmp_path / "p.png", tmp_path / kind / "o.png"
        chosen = config.resolve(flags={"task": "inpaint", "inpaint": {"box": "30,30,50,60"}, "write": {"format": kind}})
        engine.run(source, output, chosen, RampModels())
        with Image.open(output.with_suffix(f".{kind}")) as seen:
            shown = np.asarray(seen.convert("RGBA"))
        assert (shown[4, 4, :3] > 240).all() if kind == "jpg" else shown[4, 4, 3] == 0
