"""What the service refuses, and that nothing of it stays."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from stages.errors import ConfigError
from tests.pipeline.service.asking import ask, photo

Served = Callable[..., TestClient]


def png_bomb() -> bytes:
    """Returns a PNG of 60,000 x 60,000 pixels that is short as a file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(2_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("shirt.png", bytes(50_000_000))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bomb.png", png_bomb(), "megapixels"),
        ("bomb.png", zip_bomb(), "not a photo"),
        ("bomb.zip", zip_bomb(), "not a photo"),
        ("empty.png", b"", "empty"),
        ("page.png", b"<svg onload=alert(1)>", "not a photo"),
        ("../../shirt.png", photo(), "not a file name"),
        ("..\\shirt.png", photo(), "not a file name"),
        ("/etc/shirt.png", photo(), "not a file name"),
        ("x" * 300 + ".png", photo(), "not a file name"),
    ],
)
def test_files_that_are_no_photo_leave_nothing_behind(
    served: Served, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    client = served()
    answer = client.post("/v1/pictures", files={"photo": (name, content, "image/png")})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not list((tmp_path / "served" / "photos").iterdir())
    assert not list((tmp_path / "served" / "jobs").iterdir())


@pytest.mark.parametrize(
    "options",
    [
        {"seed": "-1"},
        {"seed": ["1", "2"]},
        {"unknown": "1"},
        {"device": "cpu"},
        {"sign_key": "/etc/passwd"},
        {"sam_weights": "/etc/passwd"},
        {"upscale_weights": "/etc/passwd"},
        {"timestamp": "http://10.0.0.1/"},
        {"matte": "/etc/passwd"},
        {"mask": "/etc/passwd"},
        {"background": "/etc/passwd"},
        {"pose": "photo:/etc/passwd"},
        {"pose": "/etc/pose.json"},
        {"casting": "/srv/mine.yaml"},
        {"casting": '{"references": ["/etc/passwd"], "consent": true}'},
        {"casting": '{"age": 12}'},
        {"casting": "{"},
        {"scene": "../scenes/beach"},
        {"preset": "/srv/mine.yaml"},
        {"prompt": "a 12 year old girl"},
        {"steps": "200", "candidates": "64"},
        {"webhook": "https://example.com/done"},
        {"photo": "https://example.com/shirt.png"},
    ],
)
def test_options_that_reach_the_server_or_are_none_are_refused(served: Served, options: dict[str, Any]) -> None:
    client = served()
    answer = ask(client, **options)
    assert answer.status_code == 422, answer.text
    assert client.get("/v1/pictures").json() == {"pictures": []}
    assert len(answer.json()["detail"]) > 10


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "s3://bucket/a.png", "memory://a.png", "ftp://host/a.png", "a.png"]
)
def test_a_photo_is_read_from_http_alone(served: Served, address: str) -> None:
    answer = served().post("/v1/pictures", json={"photo": address})
    assert answer.status_code == 422


def test_an_address_of_this_machine_is_not_read(served: Served) -> None:
    from tests.pipeline.service.asking import ended

    client = served()
    said = ended(client, client.post("/v1/pictures", json={"photo": "http://127.0.0.1:9/shirt.png"}).json()["id"])
    assert said["state"] == "error"
    assert "no public address" in said["error"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_that_is_too_long_is_refused(served: Served, tmp_path: Path, chunked: bool) -> None:
    client = served(max_mb=0.2)
    boundary = "b0undary"
    head = (f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n').encode()
    sent = 0

    def parts() -> Iterator[bytes]:
        nonlocal sent
        yield head
        for _ in range(1000):
            sent += 1
            yield bytes(10_000)

    content: Any = parts() if chunked else b"".join([head, bytes(10_000_000)])
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = client.post("/v1/pictures", content=content, headers=kind)
    assert answer.status_code == 413
    assert not list((tmp_path / "served" / "photos").iterdir())


def test_a_length_of_a_gigabyte_is_refused_before_a_byte_is_read(served: Served) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": "1000000000"}
    answer = served().post("/v1/pictures", content=b"", headers=headers)
    assert answer.status_code == 413


def test_the_right_key_alone_opens_and_shows_its_own_pictures(served: Served, tmp_path: Path) -> None:
    import hashlib

    keys = tmp_path / "keys"
    digest = hashlib.sha256(b"another-key-of-the-shop").hexdigest()
    keys.write_text(f"# who may ask\nshop a-key-of-the-shop-1\n\nstudio sha256:{digest}\n")
    client = served(keys=keys, client="http://onmodel.example")
    one, two = ({"Authorization": f"Bearer {key}"} for key in ("a-key-of-the-shop-1", "another-key-of-the-shop"))
    for headers in ({}, {"Authorization": "Bearer a-key-of-the-shop-2"}, {"X-API-Key": "shop"}, {"X-API-Key": "é"}):
        for path in ("/v1/pictures", "/v1/castings", "/metrics"):
            answer = client.get(path, headers=[(name.encode(), value.encode()) for name, value in headers.items()])
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    client.headers.update(one)
    name = ask(client).json()["id"]
    assert client.get(f"/v1/pictures/{name}").status_code == 200
    client.headers.pop("Authorization")
    for path in ("", "/events", "/picture", "/receipt", "/proof"):
        assert client.get(f"/v1/pictures/{name}{path}", headers=two).status_code == 404
    assert client.delete(f"/v1/pictures/{name}", headers=two).status_code == 404
    assert client.get("/v1/pictures", headers={"X-API-Key": "another-key-of-the-shop"}).json() == {"pictures": []}
    assert client.get("/healthz").status_code == 200


def test_guessing_keys_is_slowed(served: Served, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("shop a-key-of-the-shop-1\n")
    client = served(keys=keys)
    codes = [client.get("/v1/castings", headers={"X-API-Key": f"guess {each}"}).status_code for each in range(25)]
    assert codes == [401] * 20 + [429] * 5


@pytest.mark.parametrize("words", ["", "# nothing\n", "shop short\n", "shop sha256:00\n"])
def test_a_file_without_good_keys_is_refused_at_the_start(served: Served, tmp_path: Path, words: str) -> None:
    (tmp_path / "keys").write_text(words)
    with pytest.raises(ConfigError):
        served(keys=tmp_path / "keys")


def test_too_many_pictures_are_answered_with_429(served: Served) -> None:
    client = served(rate="3/hour")
    codes = [ask(client, level=each) for each in range(5)]
    assert [each.status_code for each in codes] == [202] * 3 + [429] * 2
    assert 0 < int(codes[-1].headers["Retry-After"]) <= 3600


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://shop.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "rebound.example"},
        {"Host": "rebound.example:8765"},
    ],
)
def test_without_keys_no_web_page_reaches_a_server_on_this_machine(served: Served, headers: dict[str, str]) -> None:
    client = served()
    answer = client.post("/v1/pictures", files={"photo": ("a.png", photo(), "image/png")}, headers=headers)
    assert answer.status_code in (403, 421)
    own = {"Origin": "http://127.0.0.1:8765", "Sec-Fetch-Site": "same-origin"}
    assert client.get("/v1/pictures", headers=own).json() == {"pictures": []}
