"""The files of a model in diffusers layout: which of a repository's are needed, and whether a folder has them all."""

import json
import re
from collections import defaultdict
from pathlib import Path, PurePosixPath

#: Weights under the names that diffusers and transformers load: variant and shard may come in either order.
_WEIGHTS = re.compile(
    r"^(diffusion_pytorch_model|model)(-\d+-of-\d+)?(\.(?P<variant>[a-z]\w*))?(-\d+-of-\d+)?\.safetensors$"
)
_INDEX = re.compile(r"^(diffusion_pytorch_model|model)\.safetensors\.index(\.(?P<variant>\w+))?\.json$")
#: Small files that configure a model or a tokenizer.
_SETTINGS = {".json", ".txt", ".model", ".jinja"}
#: Weights in other formats: a folder that has only these cannot be used.
_OTHERS = {".bin", ".ckpt", ".h5", ".msgpack", ".onnx", ".onnx_data", ".pb", ".pt", ".pth", ".safetensors"}


def wanted(files: list[str], inside: str = "") -> list[str]:
    """Chooses, from the paths of a repository, what loading needs: the smallest safetensors weights and all settings.

    Half-precision variants are taken where every folder or this one has them. With `inside`, only that folder's. A
    folder with a model_index.json needs the folders below it; another is one model by itself. Folders whose weights
    are all in other formats, such as pickles, are left out, and so `complete` finds them missing.
    """
    root = PurePosixPath(inside)
    folders: dict[PurePosixPath, list[str]] = defaultdict(list)
    for file in files:
        path = PurePosixPath(file)
        if path.is_relative_to(root) and len(path.relative_to(root).parts) <= 2:
            folders[path.parent].append(path.name)
    if "model_index.json" in folders.get(root, []):
        chosen = [str(root / "model_index.json")]
        rest = [folder for folder in folders if folder != root]
    else:
        chosen, rest = [], [root]
    for folder in sorted(rest):
        chosen += [str(folder / name) for name in _of_folder(folders[folder])]
    return chosen


def variants(names: list[str]) -> set[str | None]:
    """Returns the variants in which one folder's weights come, None for plain ones."""
    return {match["variant"] for name in names if (match := _WEIGHTS.match(name))}


def _of_folder(names: list[str]) -> list[str]:
    """Chooses from one folder's file names: one set of weights, with its index, and the settings."""
    weights = {name: match["variant"] for name in names if (match := _WEIGHTS.match(name))}
    if not weights and any(PurePosixPath(name).suffix in _OTHERS for name in names):
        return []
    variant = "fp16" if "fp16" in weights.values() else None
    kept = [name for name, own in weights.items() if own == variant]
    for name in names:
        index = _INDEX.match(name)
        if index["variant"] == variant if index else PurePosixPath(name).suffix in _SETTINGS:
            kept.append(name)
    return sorted(kept)


def complete(folder: Path, *, settings: bool = False) -> bool:
    """Whether a folder holds a whole model: each part's settings, and weights with no shard missing.

    With `settings` these alone count: weights that come from a single file need no more.
    """
    index = folder / "model_index.json"
    if not index.is_file():
        return _whole(folder, weights=not settings)
    try:
        parts = json.loads(index.read_text(encoding="utf-8"))
    except ValueError:
        return False
    named = {name: part for name, part in parts.items() if isinstance(part, list) and part[0] is not None}
    return all(_whole(folder / name, weights=not settings and _has_weights(part[1])) for name, part in named.items())


def _has_weights(kind: str) -> bool:
    """Whether a class of diffusers or transformers has weights, by its name."""
    return not kind.endswith(("Scheduler", "Tokenizer", "TokenizerFast", "Processor", "Extractor"))


def _whole(folder: Path, *, weights: bool = True) -> bool:
    if not folder.is_dir():
        return False
    names = [path.name for path in folder.iterdir() if path.exists()]
    if not weights:
        return any(PurePosixPath(name).suffix in _SETTINGS for name in names)
    found = [name for name in names if _WEIGHTS.match(name)]
    indices = [name for name in names if _INDEX.match(name)]
    shards: set[str] = set()
    for index in indices:
        try:
            shards |= set(json.loads((folder / index).read_text(encoding="utf-8"))["weight_map"].values())
        except (ValueError, KeyError):
            return False
    return "config.json" in names and bool(found) and shards <= set(names)
