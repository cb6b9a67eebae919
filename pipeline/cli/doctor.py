"""`onmodel doctor`: what this machine has, and how each preset would run on it."""

from typing import TYPE_CHECKING, Any

from pipeline.cli.shared import Json

if TYPE_CHECKING:
    import torch

    from pipeline.config import Config

#: Packages that are not always installed, and what for.
EXTRAS = {"spandrel": "learned upscaling", "torchao": "transformers in 8 bits", "ray": "collections on many machines"}


def doctor(as_json: Json = False) -> None:
    """Print versions, devices and free memory, and how each preset would run here."""
    import json

    from rich.table import Table

    from pipeline.cli.console import console

    found = examine()
    out = console()
    if as_json:
        out.out(json.dumps(found), highlight=False)
        return
    for name in ("versions", "device", "extras"):
        out.print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in found[name].items()), markup=False)
    table = Table("preset", "weights", "precision", "memory", box=None, padding=(0, 3, 0, 0))
    for preset, row in found["presets"].items():
        missing = row["missing"]
        table.add_row(
            preset,
            f"onmodel models pull {preset} ({row['gigabytes']:.1f} GB)" if missing else "here",
            row["precision"],
            row["memory"],
        )
    out.print(table)


def examine() -> dict[str, Any]:
    """Collects what the command prints, in a form for JSON."""
    from importlib.util import find_spec

    import torch

    from pipeline import config as configs
    from pipeline.writeup import versions
    from stages.generate import device, memory

    where, _ = device.choose(configs.resolve().generate)
    name = torch.cuda.get_device_name(where) if where.type == "cuda" else where.type
    free = memory.free(where)
    return {
        "versions": versions(),
        "device": {"kind": name, "free": f"{free / 1e9:.1f} GB", "threads": torch.get_num_threads()},
        "extras": {each: "here" if find_spec(each) else f"missing ({use})" for each, use in EXTRAS.items()},
        "presets": {preset: _preset(configs.resolve(preset), free) for preset in configs.names("presets")},
    }


def _preset(config: "Config", free: int) -> dict[str, Any]:
    """Predicts how a preset would run here, from the published sizes of its weights."""
    from pipeline.weights import needs, present, source
    from stages.generate import device

    wanted = [need for need in needs(config.generate) if not need.optional]
    known = [source(need.name).published for need in wanted]
    where, dtype = device.choose(config.generate)
    return {
        "missing": [need.name for need in wanted if not present(need.name, settings=need.settings)],
        "gigabytes": round(sum(each.gigabytes for each in known if each), 2),
        "precision": str(dtype).removeprefix("torch."),
        "memory": _fit(config, where, dtype, free),
    }


def _fit(config: "Config", where: "torch.device", dtype: "torch.dtype", free: int) -> str:
    from pipeline import presets
    from stages.generate import memory

    if config.generate.memory != "auto":
        return f"{config.generate.memory} (asked for)"
    parts = presets.parts(config.generate, dtype.itemsize)
    rung = memory.choose(parts, presets.DENOISERS, config.generate.pixels, dtype.itemsize, free)
    allowed = memory.rungs(where)
    if rung in allowed:
        return rung
    return f"{allowed[-1]}, and it may not fit"
