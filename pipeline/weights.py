"""Weights on the Hub: which a preset needs, which are here, and fetching and checking them.

A run never downloads: `find` looks at the disk and the Hub's cache alone, and says the command that fetches what is
missing.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline import config as configs
from stages.errors import WeightsError
from stages.generate import device, layout
from stages.generate.weights import PICKLES, Weights, on_disk
from stages.options import GenerateOptions
from stages.reading import is_there

_NAME = re.compile(r"^(?P<repository>[\w.-]+/[\w.-]+)(?:/(?P<inside>[^@]+))?(?:@(?P<revision>[\w./-]+))?$")


class Published(BaseModel):
    """An entry of configs/models/published.yaml: what is known of weights before they are downloaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    licence: str
    commercial: bool
    """Whether the licence allows commercial use."""
    gigabytes: float
    denoiser: float | None = None
    """Of these, those of the denoiser; None for what is one model by itself."""
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A place of weights on the Hub."""

    name: str
    """As the options name them."""
    repository: str
    inside: str = ""
    """A file or folder in the repository; empty for all of it."""
    revision: str | None = None
    """A commit, tag or branch; None for the newest."""
    published: Published | None = None

    @property
    def licence(self) -> str:
        return self.published.licence if self.published else "unknown: read its card"

    def wanted(self, sizes: dict[str, int]) -> list[str]:
        """Chooses from a repository's files, by path with bytes, those to fetch."""
        if Path(self.inside).suffix:
            return [self.inside] if self.inside in sizes else []
        return layout.wanted(list(sizes), self.inside)


@dataclass(frozen=True, slots=True)
class Need:
    """One dependency of a preset."""

    role: str
    name: str
    optional: bool = False
    """Needed by castings with references alone."""

    @property
    def settings(self) -> bool:
        """Whether the big weights come from elsewhere."""
        return self.role == "layout"


@lru_cache(maxsize=1)
def published() -> dict[str, Published]:
    """Loads the known weights, by name."""
    content = configs.read(configs.home() / "models" / "published.yaml")
    return {name: Published.model_validate(entry) for name, entry in content.items()}


def source(name: str) -> Source:
    """Parses a name of weights on the Hub. Raises WeightsError if it cannot be one."""
    parts = _NAME.match(name)
    if not parts or name.startswith("."):
        raise WeightsError(f"{name!r} is neither a folder nor a file here, nor a Hub id such as owner/name: correct it")
    known = published().get(name.partition("@")[0]) or published().get(parts["repository"])
    revision = parts["revision"] or (known.revision if known else None)
    return Source(name, parts["repository"], (parts["inside"] or "").strip("/"), revision, known)


def needs(options: GenerateOptions) -> list[Need]:
    """Returns what the options name, in the order of loading; nothing for the embedded model."""
    single = Path(options.model).suffix in {".safetensors", *PICKLES}
    found = [
        Need("model", options.model),
        *([Need("layout", options.layout or _layout(options.family))] if single else []),
        *[
            Need(role.replace("_", " "), name)
            for role in ("controlnet", "controlnet_layout", "depth", "guard", "vae")
            if (name := getattr(options, role)) is not None
        ],
        *[Need("lora", lora.weights) for lora in options.loras],
        *[
            Need(role.replace("_", " "), name, optional=True)
            for role in ("identity", "identity_encoder")
            if (name := getattr(options, role)) is not None
        ],
    ]
    return [need for need in found if need.name != "house"]


def _layout(family: str) -> str:
    from stages.generate.families import FAMILIES  # which imports NumPy: `config show` starts without it

    return FAMILIES[family].layout


def find(name: str, *, settings: bool = False) -> Weights:
    """Returns weights that are on this machine: the embedded ones, a folder, a file, or the Hub's cache.

    With `settings` a model in diffusers layout needs no weights. Raises WeightsError, with the command that fetches
    them, when they are missing or were fetched in part.
    """
    if name == "house" or is_there(Path(name).expanduser()):
        return on_disk(name)
    wanted = source(name)
    path = cached(wanted, settings=settings)
    if path is None:
        raise WeightsError(
            f"the weights {name} are not on this machine: type `onmodel models pull {_preset_of(name)}`, "
            "or use --preset house, which needs none"
        )
    commit = path.parts[path.parts.index("snapshots") + 1]
    return Weights(name, path, commit, wanted.licence)


def present(name: str, *, settings: bool = False) -> bool:
    """Whether weights are on this machine, whole; with `settings`, as `find` says."""
    try:
        find(name, settings=settings)
    except WeightsError:
        return False
    return True


def cached(wanted: Source, *, settings: bool = False) -> Path | None:
    """Path of weights, or of their settings alone, in the Hub's cache; None if they are incomplete."""
    snapshot = _snapshot(wanted)
    if snapshot is None:
        return None
    path = snapshot / wanted.inside
    if Path(wanted.inside).suffix:
        return path if path.is_file() else None
    return path if layout.complete(path, settings=settings) else None


def _snapshot(wanted: Source) -> Path | None:
    """Returns the folder of a repository's commit in the Hub's cache, whole or in part; None when there is none."""
    from huggingface_hub import errors, snapshot_download

    try:
        found: str = snapshot_download(
            wanted.repository, revision=wanted.revision, cache_dir=cache(), local_files_only=True
        )
    except (errors.LocalEntryNotFoundError, errors.HFValidationError):
        return None
    return Path(found)


def repository_folder(repository: str) -> Path:
    """Returns a repository's folder in the Hub's cache."""
    from huggingface_hub.file_download import repo_folder_name

    name: str = repo_folder_name(repo_id=repository, repo_type="model")
    return cache() / name


def cache() -> Path:
    """Returns the Hub's cache, which HF_HOME and HF_HUB_CACHE move."""
    device.prepare()
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _preset_of(name: str) -> str:
    """Finds the preset that needs the weights, or else gives their name: the argument for `models pull`."""
    for preset in configs.names("presets"):
        for need in needs(configs.resolve(preset).generate):
            if need.name == name:
                return f"{preset} --references" if need.optional else preset
    return name
