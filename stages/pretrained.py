"""Promptable models in transformers layout: a local folder or a Hub id, safetensors alone."""

import json
from pathlib import Path
from typing import Any

from stages.errors import WeightsError
from stages.options import SegmentOptions


def family(name: str, revision: str | None) -> str | None:
    """What a model calls itself (`sam2`, `sam3_video`), or None if it is neither a folder nor in the Hub's cache.

    Fetches nothing.
    """
    config = _config(name, revision)
    try:
        return str(json.loads(config.read_text(encoding="utf-8")).get("model_type", "")) if config else None
    except (OSError, UnicodeDecodeError, ValueError, AttributeError):
        return None


def _config(name: str, revision: str | None) -> Path | None:
    if Path(name).is_dir():
        return Path(name) / "config.json"
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        path = try_to_load_from_cache(name, "config.json", revision=revision)
    except HFValidationError:
        return None
    return Path(path) if isinstance(path, str) else None


def load(
    model: Any,
    processor: Any,
    name: str,
    kind: str,
    *,
    revision: str | None = None,
    fetch: bool = False,
    flag: str = "--sam-folder",
) -> tuple[Any, Any]:
    """Returns the processor and the model, in evaluation mode on its device.

    `model` and `processor` are classes of transformers. Raises WeightsError, naming the flag that gives a folder, when
    the weights are missing, or are not those of such a model.
    """
    import torch

    settings = {"revision": revision or "main", "local_files_only": not fetch}
    if not fetch and family(name, revision) is None:
        raise WeightsError(f"{kind} has no weights at {name}: give its folder with {flag}, or pass --fetch-sam.")
    try:
        ready = processor.from_pretrained(name, **settings)
        network, report = model.from_pretrained(name, use_safetensors=True, output_loading_info=True, **settings)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise WeightsError(
            f"{name} could not be loaded as {kind} ({type(error).__name__}); give the right {flag}."
        ) from error
    missing = sorted(report["missing_keys"])
    if missing:
        raise WeightsError(f"{name} is not a whole {kind}: {len(missing)} weights are missing, such as {missing[0]}.")
    return ready, network.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def commit(name: str, model: Any, options: SegmentOptions) -> str | None:
    """Returns the commit of a Hub model as far as it is known; None for a folder."""
    return None if Path(name).is_dir() else getattr(model.config, "_commit_hash", None) or options.sam_revision
