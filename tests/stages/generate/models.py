"""Tiny models of every kind, loaded by the real code, and what they are asked for."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from stages.contracts import Plate, Prompt, Request
from stages.generate import diffusion
from stages.options import GenerateOptions
from tests import single_file, tiny, tiny_flow


def folder(root: Path) -> Path:
    """Writes every tiny model that tests load."""
    tiny.controlnet(root / "pose")
    tiny.controlnet(root / "guard", seed=4)
    tiny.controlnet(root / "depth", seed=5)
    for channels in (4, 9):
        tiny.sd(root / f"sd{channels}", channels)
        single_file.write(root / f"sd{channels}" / "model", root / f"sd{channels}.safetensors")
    tiny.sdxl(root / "xl")
    single_file.write(root / "xl" / "model", root / "xl.safetensors")
    tiny.controlnet(root / "xl-pose", xl=True)
    tiny.controlnet(root / "xl-guard", xl=True, seed=4)
    tiny.lora(root / "sd9" / "model", root / "lora.safetensors", strength=3)
    tiny.ip_adapter(root / "sd9" / "model", root / "identity")
    for kind in ("sd9", "xl"):
        tiny.ip_adapter(root / kind / "model", root / f"{kind}-face", plus=True)
    return root


def asked(**changed: object) -> Request:
    mask = np.full((96, 64), 255, np.uint8)
    mask[32:64, 16:48] = 0
    given: dict[str, Any] = {
        "image": np.where(mask[..., None] == 0, np.array([200, 40, 40], np.uint8), np.uint8(128)).astype(np.uint8),
        "mask": mask,
        "control": np.zeros((96, 64, 3), np.uint8),
        "prompt": Prompt("photo of a woman", "blurry"),
        "steps": 2,
        "guidance": 2.0,
        "strength": 1.0,
        "control_scale": 1.0,
    }
    return Request(**{**given, **changed})


def silent(done: int, total: int) -> None:
    pass


def options(folder: Path, model: str = "sd9/model", **options: Any) -> GenerateOptions:
    named = {"controlnet": "pose", **options}
    for key in ("controlnet", "depth", "guard", "layout", "vae", "identity", "identity_encoder"):
        if named.get(key):
            named[key] = str(folder / named[key])
    return GenerateOptions(model=str(folder / model), device="cpu", dtype="float32", **named)


def load(folder: Path, model: str = "sd9/model", **named: Any) -> diffusion.Diffusion:
    painter = diffusion.load(options(folder, model, **named))
    painter.wait()
    return painter


def paint(generator: diffusion.Diffusion, seed: int = 1, **changed: object) -> Plate:
    return generator(asked(**changed), seed, silent)


@cache
def plain(folder: Path, model: str = "sd9/model") -> Plate:
    """Paints what a model paints without anything else, once: loading one takes ten times as long as painting."""
    return paint(load(folder, model))


def zimage(folder: Path, **options: Any) -> diffusion.Diffusion:
    if not (folder / "z").exists():
        tiny.zimage(folder / "z")
    return load(
        folder / "z", family="zimage", model="model", controlnet="union.safetensors",
        controlnet_layout=str(folder / "z" / "controlnet" / "config.json"), **options,
    )  # fmt: skip


def union(folder: Path, **options: Any) -> diffusion.Diffusion:
    if not (folder / "union").exists():
        tiny.sdxl(folder / "xl4", 4)
        tiny.union(folder / "union")
    given = {"shown": "both", "scheduler": "dpm++", "scheduler_config": {"algorithm_type": "sde-dpmsolver++"}}
    return load(folder, "xl4/model", family="sdxl-union", controlnet="union", **{**given, **options})


def klein(folder: Path, **options: Any) -> diffusion.Diffusion:
    if not (folder / "klein").exists():
        tiny_flow.klein(folder / "klein")
    return load(folder, "klein/model", family="klein", controlnet=None, shown="figure", guidance=1.0, **options)


def qwen(folder: Path, **options: Any) -> diffusion.Diffusion:
    if not (folder / "qwen").exists():
        tiny_flow.qwen(folder / "qwen")
    return load(folder, "qwen/model", family="qwen", controlnet="qwen/controlnet", **options)


KINDS: dict[str, Callable[[Path], diffusion.Diffusion]] = {
    "4 channels": lambda folder: load(folder, "sd4/model"),
    "9 channels": load,
    "xl, with guard and sampler": lambda folder: load(
        folder, "xl/model", family="sdxl", controlnet="xl-pose", guard="xl-guard", scheduler="euler_a"
    ),
    "xl, one controlnet for all": union,
    "z-image": zimage,
    "klein": klein,
    "qwen": qwen,
}
