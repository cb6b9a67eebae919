"""Paths stay in the manifest's folder; a row's files appear all or none, locally and behind a URL."""

import os
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collection import places
from pipeline.collection.places import Folder, Root, stamp
from stages.errors import ConfigError, OutputError, PhotoError

PARTS = st.lists(st.sampled_from(["..", ".", "a", "b", "link", "", "%2e%2e"]), min_size=1, max_size=6)


@given(parts=PARTS, slash=st.booleans())
def test_no_path_leaves_the_folder(tmp_path_factory, parts: list[str], slash: bool) -> None:
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


def test_a_folder_gives_back_what_was_written(folder: Folder) -> None:
    assert folder.sizes() == {}
    assert folder.read("a.json") is None
    folder.write({"a.png": b"picture", ".onmodel/a.jpg": b"small", "a.json": b"{}"})
    folder.write({"a.png": b"another", "a.json": b"[]"})
    assert folder.sizes() == {"a.png": 7, "a.json": 2}
    assert (folder.read("a.json"), folder.read(".onmodel/a.jpg")) == (b"[]", b"small")
    folder.remove(["a.png", "gone.png"])
    assert folder.sizes() == {"a.json": 2}


def test_a_row_that_is_cut_off_has_no_record(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write({"a.png": b"old", "a.json": b"old"})

    class Killed(BaseException):
        pass

    def killed(*given: object, **named: object) -> None:
        raise Killed

    if folder.path is not None:
        monkeypatch.setattr("stages.write.write_files", killed)
    else:
        monkeypatch.setattr("fsspec.implementations.memory.MemoryFileSystem.pipe_file", killed)
    with pytest.raises(Killed):
        folder.write({"a.png": b"new", "a.json": b"new"})
    assert folder.read("a.json") is None


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
        def do_GET(self) -> None:
            status = {"/photo.png": 200, "/403.png": 403}.get(self.path, 404)
            content = b"photo" if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815 - as http.server calls it

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_photos_of_a_server_without_tags(shop: str) -> None:
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
