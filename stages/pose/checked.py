"""Finds a pose detector's weights on this machine, and makes sure that they are the published ones."""

import hashlib
from pathlib import Path

from stages.errors import WeightsError
from stages.reading import is_file


def find(named: Path | None, repository: str, file: str) -> Path | None:
    """Returns the file that was named, or the one that was fetched before into the Hub's cache; None without either."""
    if named is not None:
        return named if is_file(named) else None
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, file)
    return Path(found) if isinstance(found, str) else None


def require(found: Path | None, repository: str, file: str, sha256: str, *, allow_unknown: bool) -> Path:
    """Returns the file if it is there and its SHA-256 is the published one, or unknown weights are allowed.

    Raises WeightsError, with what to do, otherwise. It is to be called before anything reads the file.
    """
    if found is None:
        raise WeightsError(
            f"the pose detector's weights are not on this machine: type `hf download {repository} {file}`, "
            f"or name a copy of {file} with --pose-weights"
        )
    with found.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != sha256 and not allow_unknown:
        raise WeightsError(
            f"{found} is not the published {file}: fetch it again, or pass --allow-unknown-weights if you trust it"
        )
    return found
