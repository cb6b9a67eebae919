"""Fetches weights from the Hub and checks those that were fetched."""

import json
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.weights import Need, Source, cached, repository_folder, source
from stages.errors import WeightsError
from stages.generate import layout
from stages.generate.weights import PICKLES
from stages.reading import is_there

#: Of a model in one file only these parts of its family's layout are needed beside the settings.
_LAYOUT_PARTS = ("safety_checker/",)


@dataclass(frozen=True, slots=True)
class Fetch:
    """One pending download."""

    need: Need
    source: Source
    files: tuple[str, ...]
    gigabytes: float
    """Of the files, as the Hub lists them."""


def plan(needs: list[Need]) -> list[Fetch]:
    """Asks the Hub which files are needed for what is not installed. Downloads nothing.

    Raises WeightsError when the Hub cannot be reached, or a repository lacks what is needed.
    """
    return [_listed(need, source(need.name)) for need in needs if _missing(need)]


def fetch(wanted: Fetch) -> Path:
    """Downloads into the Hub's cache and returns the path. An interrupted download is resumed."""
    from huggingface_hub import snapshot_download

    with _said(wanted.source.name):
        snapshot_download(wanted.source.repository, revision=wanted.source.revision, allow_patterns=list(wanted.files))
    path = cached(wanted.source, settings=wanted.need.settings)
    if path is None:
        raise WeightsError(f"{wanted.source.name} came in part: type the command again, it goes on where it stopped")
    return path


def check(path: Path, progress: Callable[[str], None] = lambda _: None) -> list[str]:
    """Returns the faults of weights, in words: files whose checksum or length is not what it should be.

    In the Hub's cache a file is a link to a blob named by its checksum: SHA-256 of large files, git's of small ones.
    Files elsewhere have no checksum; safetensors say their own length.
    """
    faults = []
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if not file.is_file():
            if file.is_symlink():
                faults.append(f"{file.name}: its content is gone")
            continue
        progress(file.name)
        expected = file.resolve().name if file.is_symlink() else ""
        if len(expected) in (40, 64) and _checksum(file, expected) != expected:
            faults.append(f"{file.name}: its checksum is wrong")
        elif file.suffix == ".safetensors" and not _whole(file):
            faults.append(f"{file.name}: it is cut short or no safetensors file")
    return faults


def _missing(need: Need) -> bool:
    return not is_there(Path(need.name).expanduser()) and cached(source(need.name), settings=need.settings) is None


def _listed(need: Need, wanted: Source) -> Fetch:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

    with _said(wanted.name):
        tree = HfApi().list_repo_tree(wanted.repository, revision=wanted.revision, recursive=True)
        sizes = {entry.path: int(entry.size) for entry in tree if isinstance(entry, RepoFile)}
    files = wanted.wanted(sizes)
    if need.settings:
        files = [name for name in files if not name.endswith(".safetensors") or name.startswith(_LAYOUT_PARTS)]
    if not files:
        pickled = any(Path(name).suffix in PICKLES for name in sizes)
        reason = "has its weights as pickles alone" if pickled else "holds no weights that can be used"
        raise WeightsError(f"{wanted.name} {reason}: name another model in a config file")
    return Fetch(need, wanted, tuple(files), sum(sizes[name] for name in files) / 1e9)


@contextmanager
def _said(name: str) -> Iterator[None]:
    """Explains an error of the Hub's client in one sentence."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.OfflineModeIsEnabled as error:
        raise WeightsError(f"{name} is not here, and HF_HUB_OFFLINE forbids to fetch it: unset it") from error
    except errors.GatedRepoError as error:
        raise WeightsError(
            f"{name} asks for consent: accept its licence on the Hub and type `hf auth login`"
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise WeightsError(f"the Hub has no {name} (any more): correct the name, or leave out its revision") from error
    except (errors.HfHubHTTPError, httpx2.HTTPError, OSError) as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise WeightsError(
            f"{name} could not be fetched ({reason}): connect and type the command again, it goes on where it stopped; "
            "--preset house needs nothing"
        ) from error


def _checksum(file: Path, expected: str) -> str:
    from huggingface_hub.utils.sha import git_hash, sha_fileobj

    if len(expected) == 40:
        return str(git_hash(file.read_bytes()))
    with file.open("rb") as content:
        return str(sha_fileobj(content).hex())


def _whole(file: Path) -> bool:
    """Whether a safetensors file is as long as its header says."""
    try:
        with file.open("rb") as content:
            (length,) = struct.unpack("<Q", content.read(8))
            if length > file.stat().st_size:
                return False
            header: dict[str, Any] = json.loads(content.read(length))
    except (struct.error, ValueError, OSError):
        return False
    ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
    return file.stat().st_size == 8 + int(length) + max(ends, default=0)


def folder(need: Need) -> Path | None:
    """Path of weights that are installed in full or in part; None if nothing is."""
    own = Path(need.name).expanduser()
    if is_there(own):
        return own
    wanted = source(need.name)
    whole = cached(wanted, settings=need.settings)
    if whole is not None:
        return whole
    snapshots = repository_folder(wanted.repository) / "snapshots"
    found = sorted(snapshots.iterdir()) if snapshots.is_dir() else []
    return next((path / wanted.inside for path in found if (path / wanted.inside).exists()), None)


def whole(need: Need) -> bool:
    """Whether everything that a need lists is installed."""
    path = folder(need)
    return path is not None and (not path.is_dir() or layout.complete(path, settings=need.settings))
