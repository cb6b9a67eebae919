"""Weights in the Hub's cache layout: what is wanted, what is here, what is broken; no Hub is reached."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest

from pipeline import config, hub, weights
from pipeline.models import Models
from pipeline.weights import Need, source
from stages.errors import WeightsError
from stages.generate import layout
from stages.options import GenerateOptions

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAMES = {"model.safetensors": 10, "model.fp16.safetensors": 5, "config.json": 1, "pytorch_model.bin": 10}


def safetensors(values: bytes = b"abcd") -> bytes:
    header = json.dumps({"x": {"dtype": "U8", "shape": [len(values)], "data_offsets": [0, len(values)]}}).encode()
    return len(header).to_bytes(8, "little") + header + values


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def put(cache: Path, repository: str, files: dict[str, bytes], revision: str = "main", commit: str = COMMIT) -> Path:
    """Lays files into the cache as the Hub's client does: blobs by checksum, links to them, a reference."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    (folder / "refs" / revision).write_text(commit)
    for name, content in files.items():
        blob = folder / "blobs" / hashlib.sha256(content).hexdigest()
        blob.parent.mkdir(exist_ok=True)
        blob.write_bytes(content)
        link = folder / "snapshots" / commit / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return folder / "snapshots" / commit


def a_model(variant: str = "") -> dict[str, bytes]:
    parts = {"unet": ["diffusers", "UNet2DConditionModel"], "scheduler": ["diffusers", "DDIMScheduler"],
             "safety_checker": [None, None]}  # fmt: skip
    return {
        "model_index.json": json.dumps({"_class_name": "X", **parts}).encode(),
        "unet/config.json": b"{}",
        f"unet/diffusion_pytorch_model{variant}.safetensors": safetensors(),
        "scheduler/scheduler_config.json": b"{}",
    }


def test_weights_in_the_cache_are_found_with_commit_and_licence(cache: Path) -> None:
    with pytest.raises(WeightsError, match="onmodel models pull owner/name"):
        weights.find("owner/name")
    snapshot = put(cache, "owner/name", a_model())
    found = weights.find("owner/name")
    assert (found.path, found.revision) == (snapshot, COMMIT)
    assert weights.find(f"owner/name@{COMMIT}").path == snapshot
    assert not weights.present("owner/name@another")
    assert weights.find("owner/name/unet/config.json").path == snapshot / "unet" / "config.json"
    assert weights.find("owner/name/unet").path == snapshot / "unet"


@pytest.mark.parametrize("lost", list(a_model()))
def test_a_model_that_came_in_part_is_not_here(cache: Path, lost: str) -> None:
    snapshot = put(cache, "owner/name", a_model())
    assert weights.present("owner/name")
    (snapshot / lost).unlink()
    assert not weights.present("owner/name")


def test_a_missing_shard_is_noticed(tmp_path: Path) -> None:
    shards = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    (tmp_path / "config.json").write_text("{}")
    index = {"weight_map": {"a": shards[0], "b": shards[1]}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    (tmp_path / shards[0]).write_bytes(safetensors())
    assert not layout.complete(tmp_path)
    (tmp_path / shards[1]).write_bytes(safetensors())
    assert layout.complete(tmp_path)


def test_one_set_of_safetensors_is_wanted_and_no_pickle() -> None:
    files = [f"{folder}/{name}" for folder in ("unet", "vae") for name in NAMES]
    files += ["model_index.json", "README.md", "v1-5.safetensors", "v1-5.ckpt", "scheduler/scheduler_config.json"]
    files += [
        "tokenizer/vocab.json",
        "tokenizer/merges.txt",
        "text_encoder/pytorch_model.bin",
        "text_encoder/config.json",
    ]
    assert sorted(layout.wanted(files)) == [
        "model_index.json", "scheduler/scheduler_config.json", "tokenizer/merges.txt", "tokenizer/vocab.json",
        "unet/config.json", "unet/model.fp16.safetensors", "vae/config.json", "vae/model.fp16.safetensors",
    ]  # fmt: skip
    weights_file = "diffusion_pytorch_model.safetensors"
    assert layout.wanted(["config.json", weights_file, "diffusion_pytorch_model_twins.safetensors"]) == [
        "config.json",
        weights_file,
    ]
    assert layout.wanted(["a/config.json", "a/model.safetensors", "b/model.safetensors"], "a") == [
        "a/config.json", "a/model.safetensors",
    ]  # fmt: skip
    sharded = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]
    assert sorted(layout.wanted(sharded)) == sorted(sharded)


def test_what_is_wanted_makes_a_whole_model(tmp_path: Path) -> None:
    files = a_model(".fp16") | {"unet/diffusion_pytorch_model.bin": b"", "README.md": b""}
    for name in layout.wanted(list(files)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(files[name])
    assert layout.complete(tmp_path)
    assert not list(tmp_path.rglob("*.bin"))


@pytest.mark.parametrize("name", ["nonsense", "a/b/../c@", "./here", "a b/c", ""])
def test_what_is_no_name_is_said_so(name: str) -> None:
    with pytest.raises(WeightsError, match="correct it"):
        source(name)


def test_a_run_without_weights_says_the_one_command(cache: Path) -> None:
    for preset in ("sd15", "sdxl", "zimage"):
        with pytest.raises(WeightsError, match=f"onmodel models pull {preset}`.*--preset house") as caught:
            Models().generator(config.resolve(preset, flags={"generate": {"device": "cpu"}}).generate)
        assert "\n" not in str(caught.value)
    with pytest.raises(WeightsError, match="onmodel models pull sd15 --references`"):
        weights.find("h94/IP-Adapter/models/image_encoder")


class Listing:
    """A Hub of one repository."""

    def __init__(self, files: dict[str, int]) -> None:
        self.files = files

    def list_repo_tree(self, repository: str, revision: str | None, recursive: bool) -> list[Any]:
        from huggingface_hub.hf_api import RepoFile

        return [RepoFile(path=path, size=size, oid="0" * 40) for path, size in self.files.items()]


def downloads(monkeypatch: pytest.MonkeyPatch, download: Callable[..., object]) -> None:
    """Puts a function in the place of what fetches from the Hub; looking into its cache stays real."""
    real = huggingface_hub.snapshot_download

    def asked(repo_id: str, **given: Any) -> object:
        return real(repo_id, **given) if given.get("local_files_only") else download(repo_id, **given)

    monkeypatch.setattr("huggingface_hub.snapshot_download", asked)


def test_sizes_are_known_before_a_byte_is_fetched(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = dict.fromkeys(a_model(), 10**9)
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: Listing(sizes))
    asked: list[dict[str, Any]] = []

    def download(repository: str, **given: Any) -> None:
        asked.append(given)
        put(cache, repository, a_model())

    downloads(monkeypatch, download)
    (wanted,) = hub.plan([Need("model", "owner/name")])
    assert wanted.gigabytes == 4
    assert not asked
    assert layout.complete(hub.fetch(wanted))
    assert sorted(asked[0]["allow_patterns"]) == sorted(a_model())
    assert hub.plan([Need("model", "owner/name")]) == []


def test_of_a_single_files_layout_the_big_weights_are_left_out(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = dict.fromkeys([*a_model(), "safety_checker/config.json", "safety_checker/model.safetensors"], 1)
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: Listing(sizes))
    (wanted,) = hub.plan([Need("layout", "owner/name")])
    assert "safety_checker/model.safetensors" in wanted.files
    assert "unet/config.json" in wanted.files
    assert not any(name.startswith("unet/diff") for name in wanted.files)
    given = {name: content for name, content in a_model().items() if name in wanted.files}
    downloads(monkeypatch, lambda repository, **_: put(cache, repository, given))
    assert hub.fetch(wanted) == weights.find("owner/name", settings=True).path
    assert not weights.present("owner/name")


def test_repositories_of_pickles_alone_are_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: Listing({"pytorch_model.bin": 1, "config.json": 1}))
    with pytest.raises(WeightsError, match="pickles alone"):
        hub.plan([Need("model", "owner/name")])


def _failures() -> list[tuple[Callable[[], Exception], str]]:
    import httpx2
    from huggingface_hub import errors

    def answered(kind: type[Exception]) -> Callable[[], Exception]:
        request = httpx2.Request("GET", "https://example.org")
        return lambda: kind("no", response=httpx2.Response(404, request=request))  # type: ignore[call-arg]

    return [
        (lambda: httpx2.ConnectError("no route"), "connect and type the command again"),
        (lambda: TimeoutError("timed out"), "connect and type the command again"),
        (lambda: errors.OfflineModeIsEnabled("offline"), "HF_HUB_OFFLINE"),
        (answered(errors.RepositoryNotFoundError), "the Hub has no"),
        (answered(errors.GatedRepoError), "accept its licence"),
    ]


@pytest.mark.parametrize(("failure", "said"), _failures())
def test_a_failing_network_is_one_sentence(
    cache: Path, monkeypatch: pytest.MonkeyPatch, failure: Callable[[], Exception], said: str
) -> None:
    def fail(*given: object, **named: object) -> None:
        raise failure()

    monkeypatch.setattr("huggingface_hub.HfApi", lambda: SimpleNamespace(list_repo_tree=fail))
    with pytest.raises(WeightsError, match=said) as caught:
        hub.plan([Need("model", "owner/name")])
    assert "\n" not in str(caught.value)


def test_a_broken_fetch_is_said_so_and_what_came_is_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: Listing(dict.fromkeys(a_model(), 1)))

    def half(repository: str, **given: Any) -> None:
        put(cache, repository, dict(list(a_model().items())[:2]))

    downloads(monkeypatch, half)
    (wanted,) = hub.plan([Need("model", "owner/name")])
    with pytest.raises(WeightsError, match="came in part"):
        hub.fetch(wanted)
    assert hub.folder(wanted.need) is not None
    assert not hub.whole(wanted.need)


@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
def test_broken_files_are_found_by_checksum(cache: Path, how: str) -> None:
    snapshot = put(cache, "owner/name", a_model())
    assert hub.check(snapshot) == []
    file = snapshot / "unet" / "diffusion_pytorch_model.safetensors"
    blob = file.resolve()
    content = bytearray(blob.read_bytes())
    if how == "gone":
        blob.unlink()
    else:
        content[-1] ^= 1
        blob.write_bytes(content if how == "changed" else content[:-2])
    (fault,) = hub.check(snapshot)
    assert file.name in fault


def test_own_files_are_checked_for_their_length(tmp_path: Path) -> None:
    own = tmp_path / "mine.safetensors"
    own.write_bytes(safetensors())
    assert hub.check(own) == []
    own.write_bytes(safetensors()[:-1])
    assert hub.check(own)
    own.write_bytes(b"\xff" * 16)
    assert hub.check(own)


def test_a_second_picture_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[GenerateOptions] = []

    def load(options: GenerateOptions, find: object) -> object:
        loaded.append(options)
        return object()

    monkeypatch.setattr("stages.generate.diffusion.load", load)
    monkeypatch.setattr("pipeline.weights.find", lambda name, settings=None: name)
    models = Models()
    first = models.generator(config.resolve("sd15", flags={"generate": {"seed": 1, "detail": False}}).generate)
    again = models.generator(
        config.resolve("sd15", flags={"generate": {"seed": 2, "prompt": "a hat", "steps": 5, "detail": True}}).generate
    )
    assert first is again
    assert len(loaded) == 1
    models.generator(config.resolve("sd15-fast").generate)
    assert len(loaded) == 2
