"""The node pack, imported as ComfyUI imports it, with a stub of what it calls of ComfyUI."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
import torch

import pipeline.comfyui
from stages import write
from stages.errors import PhotoError, PromiseError
from tests import pictures
from tests.fakes import RampModels, tee


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Returns the classes of the pack by name; photos lie in `input`, pictures go to `output`."""
    paths = ModuleType("folder_paths")
    paths.get_input_directory = lambda: str(tmp_path / "input")  # type: ignore[attr-defined]
    paths.get_output_directory = lambda: str(tmp_path / "output")  # type: ignore[attr-defined]
    paths.get_annotated_filepath = lambda name: str(tmp_path / "input" / name)  # type: ignore[attr-defined]
    paths.get_save_image_path = lambda prefix, folder, width, height: (folder, prefix, 1, "", prefix)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "folder_paths", paths)
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "tee.png").write_bytes(write.encode(tee(), None))
    (tmp_path / "input" / "deep.png").write_bytes(write.encode(tee().astype(np.uint16) * 257, None))
    folder = Path(pipeline.comfyui.__path__[0])
    spec = importlib.util.spec_from_file_location("/custom_nodes/onmodel", folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    pack = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pack)
    monkeypatch.setattr("pipeline.comfyui.nodes._models", RampModels)
    return dict(pack.NODE_CLASS_MAPPINGS)


def run(node: type[Any], **given: Any) -> Any:
    """Calls a node as ComfyUI does, with what its INPUT_TYPES name."""
    types = node.INPUT_TYPES()
    assert set(types["required"]) <= set(given) <= set(types["required"]) | set(types.get("optional", {}))
    answer = getattr(node(), node.FUNCTION)(**given)
    result = answer["result"] if isinstance(answer, dict) else answer
    assert len(result) == len(node.RETURN_TYPES) == len(node.RETURN_NAMES)
    for kind, value in zip(node.RETURN_TYPES, result, strict=True):
        if kind in ("IMAGE", "MASK"):
            assert value.dtype == torch.float32
            assert value.ndim == (4 if kind == "IMAGE" else 3)
            assert 0 <= value.min() <= value.max() <= 1
    return result


def figure(nodes: dict[str, Any], name: str) -> Any:
    photo, _ = run(nodes["OnmodelPhoto"], image=name)
    garment, _, matte, _ = run(nodes["OnmodelCut"], photo=photo)
    assert 0.1 < matte.mean() < 0.6
    chosen = {"casting": "imani", "scene": "beach", "pose": "auto", "view": "front", "seed": 3}
    return run(nodes["OnmodelFigure"], garment=garment, **chosen)


@pytest.mark.parametrize(("name", "depth"), [("tee.png", np.uint8), ("deep.png", np.uint16)])
def test_what_was_painted_gets_its_garment_back_and_the_file_is_exact(
    nodes: dict[str, Any], tmp_path: Path, name: str, depth: Any
) -> None:
    garment, shown, generate, pose, *_ = figure(nodes, name)
    assert shown.shape == pose.shape
    painted = torch.rand(shown.shape, generator=torch.Generator().manual_seed(1))
    picture, image = run(nodes["OnmodelRestore"], garment=garment, painted=painted)
    exact, changed, _ = run(nodes["OnmodelVerify"], garment=garment, image=image)
    assert (exact, changed) == (True, 0)
    path, words = run(nodes["OnmodelSave"], picture=picture, filename_prefix="shirt")
    assert "bit for bit" in words
    written = write.decode(Path(path).read_bytes())
    source = write.decode((tmp_path / "input" / name).read_bytes())
    assert written is not None
    assert source is not None
    assert written.dtype == depth
    x, y = garment.placed.placement.x, garment.placed.placement.y
    mask = pictures.read(Path(path).with_suffix(".mask.png"), cv2.IMREAD_UNCHANGED)
    rows, columns = np.nonzero(mask == 0)
    assert len(rows) > 5000
    assert (written[rows, columns] == source[rows - y, columns - x]).all()
    assert (np.rint(generate[0].numpy() * 255) == mask).all()


def test_a_changed_garment_is_told_of_and_not_saved(nodes: dict[str, Any], tmp_path: Path) -> None:
    garment, shown, *_ = figure(nodes, "tee.png")
    picture, image = run(nodes["OnmodelRestore"], garment=garment, painted=shown)
    y, x = (int(each) for each in np.argwhere(garment.placed.matte == 1)[1000])
    window = garment.placed.window
    spoilt = image.clone()
    spoilt[0, window[0].start + y, window[1].start + x] += 2 / 255 * (1 if spoilt[0, 0, 0, 0] < 0.9 else -1)
    assert run(nodes["OnmodelVerify"], garment=garment, image=spoilt.clip(0, 1))[:2] == (False, 1)
    assert run(nodes["OnmodelVerify"], garment=garment, image=image[:, :-8])[0] is False
    broken = picture.pixels.copy()
    broken[window][y, x] ^= 1
    wrong = type(picture)(picture.garment, picture.placed, picture.blended, broken)
    with pytest.raises(PromiseError):
        run(nodes["OnmodelSave"], picture=wrong, filename_prefix="shirt")
    assert not (tmp_path / "output").exists()


def test_a_matte_of_the_graph_is_taken_and_one_of_another_size_refused(nodes: dict[str, Any]) -> None:
    photo, image = run(nodes["OnmodelPhoto"], image="tee.png")
    given = torch.zeros(image.shape[:3])
    given[:, 80:240, 80:160] = 1
    *_, matte, _ = run(nodes["OnmodelCut"], photo=photo, matte=given)
    assert ((matte > 0.5) == (given > 0.5)).float().mean() > 0.99
    with pytest.raises(PhotoError):
        run(nodes["OnmodelCut"], photo=photo, matte=given[:, :-1])
    garment, *_ = run(nodes["OnmodelCut"], photo=photo)
    with pytest.raises(PhotoError):
        run(nodes["OnmodelRestore"], garment=garment, painted=image)
