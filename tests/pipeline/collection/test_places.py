"""Paths stay in the manifest's folder; a row's files appear all or none, locally and behind a URL."""

import hashlib
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ownership
from pipeline.collection import network, places, record
from pipeline.collection.places import Folder, Root, stamp
from stages.errors import ConfigError, ForeignError, OutputError, PhotoError

PARTS = st.lists(st.sampled_from(["..", ".", "a", "b", "link", "", "%2e%2e"]), min_size=1, max_size=6)


@given(parts=PARTS, slash=st.booleans())
def test_no_path_leaves_the_folder(tmp_path_factory: pytest.TempPathFactory, parts: list[str], slash: bool) -> None:
    top = tmp_path_factory.getbasetemp() / "top"
    folder = top / "manifests"
    (folder / "a" / "b").mkdir(parents=True, exist_ok=True)
    (folder / "link").unlink(missing_ok=True)
    (folder / "link").symlink_to(top)
    name = ("/" if slash else "") + "/".join(parts)
    inside = bool(name) and Path(os.path.realpath(folder / name)).is_relative_to(folder.resolve())
    try:
        found = Root(str(folder / "m.csv")).locate(name)
    except ConfigError:
        assert not inside
    else:
        assert inside
        assert Path(found).resolve() == (folder / name).resolve()
    if name:
        assert Root(str(folder / "m.csv"), outside=True).locate(name)


@pytest.mark.parametrize(
    ("manifest", "name", "found"),
    [
        ("s3://shop/in/m.csv", "a/b.jpg", "s3://shop/in/a/b.jpg"),
        ("s3://shop/in/m.csv", "s3://shop/in/c.jpg", "s3://shop/in/c.jpg"),
        ("s3://shop/in/m.csv", "../c.jpg", None),
        ("s3://shop/in/m.csv", "s3://shop/in/../c.jpg", None),
        ("s3://shop/in/m.csv", "%2e%2e/c.jpg", None),
        ("s3://shop/in/m.csv", "s3://shop/inside/c.jpg", None),
        ("s3://shop/in/m.csv", "/etc/passwd", None),
        ("m.csv", "https://shop.example/a.jpg", None),
        ("m.csv", "file:///etc/passwd", None),
        ("m.csv", "zip://a.jpg::file:///b.zip", None),
        ("m.csv", "a\0b", None),
    ],
)
def test_urls_stay_below_the_manifests(manifest: str, name: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(ConfigError):
            Root(manifest).locate(name)
    else:
        assert Root(manifest).locate(name) == found


def test_what_is_allowed_is_still_no_back_door() -> None:
    root = Root("m.csv", outside=True)
    assert root.locate("https://shop.example/a.jpg")
    for name in ("file:///etc/passwd", "https://x.example/a::file:///etc/passwd", "local:///etc/passwd"):
        with pytest.raises(ConfigError):
            root.locate(name)


@pytest.fixture(params=["local", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    return Folder(str(tmp_path / "out") if request.param == "local" else f"memory://{uuid.uuid4().hex}/out")


def known(*contents: bytes) -> frozenset[str]:
    return frozenset(hashlib.sha256(content).hexdigest() for content in contents)


def test_a_folder_gives_back_what_was_written(folder: Folder) -> None:
    assert folder.sizes() == {}
    assert folder.read("a.json") is None
    folder.write({"a.png": b"picture", ".onmodel/a.jpg": b"small", "a.json": b"{}"})
    folder.write({"a.png": b"another", "a.json": b"[]"}, known(b"picture", b"{}"))
    assert folder.sizes() == {"a.png": 7, "a.json": 2}
    assert (folder.read("a.json"), folder.read(".onmodel/a.jpg")) == (b"[]", b"small")
    folder.write({"a.json": b"gone"}, known(b"[]", b"another"), ["a.png", "none.png"])
    assert folder.sizes() == {"a.json": 4}


def test_what_no_record_names_is_neither_replaced_nor_taken_away(folder: Folder) -> None:
    folder.write({"a.png": b"mine", "b.png": b"mine, too"})
    with pytest.raises(ForeignError, match=r"a\.png"):
        folder.write({"a.png": b"new", "a.json": b"record"}, known(b"other"))
    folder.write({"a.json": b"record"}, known(b"other"), ["a.png", "b.png"])
    assert [folder.read(name) for name in ("a.png", "b.png", "a.json")] == [b"mine", b"mine, too", b"record"]


@pytest.mark.parametrize("killed_at", range(4))
def test_a_row_that_is_cut_off_in_a_store_is_run_again_and_knows_its_files(
    monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    folder = Folder(f"memory://{uuid.uuid4().hex}/out")
    folder.write({"a.png": b"old", "a.json": b"old record"})

    class Killed(BaseException):
        pass

    whole, calls = MemoryFileSystem.pipe_file, iter(range(99))

    def killed(*given: object, **named: object) -> None:
        if next(calls) == killed_at:
            raise Killed
        whole(*given, **named)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", killed)
    with pytest.raises(Killed) if killed_at < 3 else nullcontext():
        folder.write({"a.png": b"new", "a.json": b"new record"}, known(b"old", b"old record"))
    monkeypatch.setattr(MemoryFileSystem, "pipe_file", whole)
    left = folder.read("a.json")
    if killed_at in (1, 2):
        held = record.loaded(left)
        assert held is not None
        assert held.again
        assert known(folder.read("a.png") or b"") <= ownership.hashes(left)
    else:
        assert left == (b"old record" if killed_at == 0 else b"new record")


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        Folder(str(tmp_path / "file")).write({"a.json": b""})
    with pytest.raises(ConfigError):
        Folder("https://shop.example/out")


def test_a_stamp_changes_with_its_file(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    local, remote = tmp_path / "a", f"memory://{uuid.uuid4().hex}/a"
    seen = []
    for content in (b"one", b"three"):
        local.write_bytes(content)
        fsspec.filesystem("memory").pipe_file(remote, content)
        seen.append((stamp(str(local)), stamp(remote)))
    assert all(one != other for one, other in zip(*seen, strict=True))
    assert stamp(str(tmp_path / "none")) is None


@pytest.fixture
def shop() -> Iterator[str]:
    """A server without tags or times, as many are: photo.png is there, 403.png is kept from us, nothing else is."""

    class Shop(BaseHTTPRequestHandler):
        server: ThreadingHTTPServer

        def do_GET(self) -> None:
            status = {"/photo.png": 200, "/403.png": 403, "/away.png": 302}.get(self.path, 404)
            content = b"photo" if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 302:
                self.send_header("Location", f"http://127.0.0.2:{self.server.server_port}/photo.png")
            self.end_headers()
            self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815 - as http.server calls it

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def allowed() -> Iterator[None]:
    network.allow(True)
    yield
    network.allow(False)


def test_photos_of_a_server_without_tags(shop: str, allowed: None) -> None:
    assert places.read(f"{shop}/photo.png") == b"photo"
    assert places.missing(f"{shop}/photo.png") is None
    assert places.stamp(f"{shop}/photo.png") is None
    for name in ("none.png", "403.png"):
        assert "does not exist" in str(places.missing(f"{shop}/{name}"))
    with pytest.raises(PhotoError, match=r"none\.png does not exist"):
        places.read(f"{shop}/none.png")
    with pytest.raises(PhotoError, match=r"403\.png cannot be read \(403"):
        places.read(f"{shop}/403.png")


def test_a_folder_in_memory_is_for_one_process() -> None:
    with pytest.raises(ConfigError, match="one process"):
        Folder("memory://x").check_shared()
    Folder("out").check_shared()


PRIVATE = (
    "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254",  # noqa: S104
    "100.64.0.1",
    "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.1.1.1", "2002:7f00:1::", "64:ff9b::7f00:1", "224.0.0.1",
    "localhost",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public_are_known(address: str) -> None:
    with pytest.raises(network.PrivateAddressError):
        network.check(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_let_through(address: str) -> None:
    network.check(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_this_machine_is_not_read_through_a_url(shop: str, host: str) -> None:
    url = f"{shop.replace('127.0.0.1', host)}/photo.png"
    with pytest.raises(PhotoError):
        places.read(url)
    assert places.missing(url)


def test_a_redirect_to_this_machine_is_not_followed(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that may be read sends the reader to an address that may not."""
    asked: list[str] = []

    def check(address: str) -> None:
        asked.append(address)
        if address != "127.0.0.1":
            raise network.PrivateAddressError(13, f"{address} is no public address")

    monkeypatch.setattr(network, "check", check)
    with pytest.raises(PhotoError, match="no public address"):
        places.read(f"{shop}/away.png")
    assert asked == ["127.0.0.1", "127.0.0.2"]
    assert places.read(f"{shop}/photo.png") == b"photo"


def test_what_has_no_end_is_not_read(shop: str, allowed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST", 3)
    with pytest.raises(PhotoError, match="more than"):
        places.read(f"{shop}/photo.png")
