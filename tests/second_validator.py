"""Validates content credentials by the text of the C2PA specification 2.2; shares no code with what signs them.

It reads what this program writes: one manifest store in a PNG, JPEG or WebP, bound by `c2pa.hash.data`. It trusts no
anchor: whether the file is what was signed is all that it tells.
"""

import hashlib
import itertools
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

#: COSE's algorithms (RFC 9053, 8152): the hash of each.
_ALGORITHMS = {-7: hashes.SHA256(), -35: hashes.SHA384(), -36: hashes.SHA512(), -37: hashes.SHA256(), -8: None}
_X5CHAIN = 33  # RFC 9360


class InvalidError(Exception):
    """What does not hold, in words."""


@dataclass
class Box:
    """A JUMBF superbox (ISO 19566-5): its label, its content boxes by type, the superboxes in it."""

    label: str
    payload: bytes
    """All but the superbox's own header: what C2PA hashes (8.4.2.3)."""
    content: dict[bytes, bytes] = field(default_factory=dict)
    inner: list["Box"] = field(default_factory=list)

    def find(self, label: str) -> "Box":
        found = [each for each in self.inner if each.label == label]
        if len(found) != 1:
            raise InvalidError(f"{len(found)} boxes are called {label}")
        return found[0]


def validate(data: bytes) -> dict[str, Any]:
    """Returns the assertions of a file's active manifest by label. Raises InvalidError where anything does not hold."""
    store, spans = _store(data)
    try:
        _, top, _ = next(_boxes(store))
        manifest = _superbox(top).inner[-1]  # the active one is the last (11.1.4.2)
        claim = manifest.find("c2pa.claim.v2").content[b"cbor"]
        _signature(claim, cbor2.loads(manifest.find("c2pa.signature").content[b"cbor"]))
        assertions = _assertions(manifest, cbor2.loads(claim))
        _bound(data, assertions["c2pa.hash.data"], spans)
    except (KeyError, IndexError, ValueError, TypeError, StopIteration, cbor2.CBORDecodeError) as error:
        raise InvalidError(f"the manifest cannot be read: {error!r}") from error
    return assertions


def manifest_spans(data: bytes) -> list[tuple[int, int]]:
    """Returns where manifest stores lie in a file, as (start, end)."""
    return [(start, end) for _, start, end in _parts(data)]


def _signature(claim: bytes, signed: Any) -> None:
    protected, unprotected, payload, signature = signed.value if isinstance(signed, cbor2.CBORTag) else signed
    if payload is not None:
        raise InvalidError("the claim is not detached")
    header = cbor2.loads(protected)
    chain = header.get(_X5CHAIN) or unprotected[_X5CHAIN]
    chain = [x509.load_der_x509_certificate(each) for each in (chain if isinstance(chain, (list, tuple)) else [chain])]
    message = cbor2.dumps(["Signature1", protected, b"", claim])  # RFC 9052, 4.4
    key, digest = chain[0].public_key(), _ALGORITHMS[header[1]]
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif digest is None:
            raise InvalidError("the algorithm is not one of the key")
        elif isinstance(key, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            r, s = (int.from_bytes(each, "big") for each in (signature[:half], signature[half:]))
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        else:
            raise InvalidError(f"keys of {type(key).__name__} are not allowed")
        for below, above in itertools.pairwise(chain):
            below.verify_directly_issued_by(above)
    except InvalidSignature as error:
        raise InvalidError("the claim is not what was signed") from error


def _assertions(manifest: Box, claim: dict[str, Any]) -> dict[str, Any]:
    found, there = {}, manifest.find("c2pa.assertions")
    for each in [*claim["created_assertions"], *claim.get("gathered_assertions", [])]:
        label = each["url"].rpartition("/")[2]
        box = there.find(label)
        if hashlib.new(each.get("alg", claim["alg"]), box.payload).digest() != each["hash"]:
            raise InvalidError(f"{label} is not what was signed")
        found[label] = cbor2.loads(box.content[b"cbor"])
    if len(found) != len(there.inner):
        raise InvalidError("an assertion is not in the claim")
    return found


def _bound(data: bytes, binding: dict[str, Any], spans: list[tuple[int, int]]) -> None:
    """Raises InvalidError unless the file's bytes are those that were hashed, all but the manifest's own."""
    digest, at = hashlib.new(binding["alg"]), 0
    for left_out in binding["exclusions"]:
        start, end = left_out["start"], left_out["start"] + left_out["length"]
        if (start, end) not in spans or start < at:
            raise InvalidError("more is left out of the hash than the manifest")
        digest.update(data[at:start])
        at = end
    digest.update(data[at:])
    if digest.digest() != binding["hash"]:
        raise InvalidError("the picture is not what was signed")


def _boxes(data: bytes) -> Any:
    """Yields type, payload and whole length of ISO boxes beside each other."""
    at = 0
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > len(data):
            raise ValueError(f"a box of {length} bytes")
        yield kind, data[at + 8 : at + length], length
        at += length


def _superbox(payload: bytes) -> Box:
    boxes = list(_boxes(payload))
    kind, description, _ = boxes[0]
    if kind != b"jumd" or not description[16] & 2:
        raise ValueError("a superbox without a label")
    made = Box(description[17 : description.index(b"\0", 17)].decode(), payload)
    for kind, inner, _ in boxes[1:]:
        if kind == b"jumb":
            made.inner.append(_superbox(inner))
        else:
            made.content[kind] = inner
    return made


def _store(data: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    """Returns the manifest store, and where its container lies in the file."""
    parts = _parts(data)
    if len(parts) != 1:
        raise InvalidError(f"{len(parts)} manifest stores")
    return parts[0][0], [parts[0][1:]]


def _parts(data: bytes) -> list[tuple[bytes, int, int]]:
    """Returns each manifest store with the start and end of what holds it (C2PA 2.2, A.3)."""
    try:
        if data.startswith(b"\x89PNG"):
            return [(body, at, end) for kind, body, at, end in _chunks(data, 8, ">I4s", 4) if kind == b"caBX"]
        if data.startswith(b"RIFF"):
            return [(body, at, end) for kind, body, at, end in _chunks(data, 12, "<4sI", 0) if kind == b"C2PA"]
        return _segments(data)
    except (struct.error, IndexError) as error:
        raise InvalidError(f"the file cannot be read: {error}") from error


def _chunks(data: bytes, at: int, header: str, checksum: int) -> Any:
    """Yields type, body, start and end of the chunks of a PNG, or of a RIFF file, which begins each at an even byte."""
    while at < len(data):
        first, second = struct.unpack_from(header, data, at)
        kind, length = (first, second) if isinstance(first, bytes) else (second, first)
        end = at + 8 + length + checksum
        yield kind, data[at + 8 : at + 8 + length], at, end
        # The byte that fills a chunk of RIFF up is none of the chunk's own: it is hashed as the rest of the file is.
        at = end if checksum else end + length % 2


def _segments(data: bytes) -> list[tuple[bytes, int, int]]:
    """Returns the manifest stores of a JPEG: a box in APP11 segments that follow each other, numbered by instance."""
    stores: dict[bytes, tuple[bytes, int, int]] = {}
    at = 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xEB and data[at + 4 : at + 6] == b"JP":
            # Marker, length, "JP", instance and number come first; each further segment repeats the box's header.
            instance, number = data[at + 6 : at + 8], int.from_bytes(data[at + 8 : at + 12], "big")
            before, start, _ = stores.get(instance, (b"", at, 0)) if number > 1 else (b"", at, 0)
            if number == 1 and instance in stores:
                instance += bytes([len(stores)])
            stores[instance] = (before + data[at + (20 if number > 1 else 12) : end], start, end)
        at = end
    return list(stores.values())
