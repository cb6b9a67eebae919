"""What a picture says of where it comes from, for people: signature, claims, IPTC's source type, watermark."""

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.provenance import credentials, manifest
from pipeline.provenance.credentials import Credentials
from stages import extras, photo, watermark
from stages.errors import PhotoError
from stages.options import PhotoOptions
from stages.plain import plain

#: IPTC's digital source type as XMP writes it, as attribute or as element.
_SOURCE_TYPE = re.compile(rb"DigitalSourceType[^>]{0,3}[=>][^<]{0,3}?(http://cv\.iptc\.org/newscodes/[\w/]+)")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was found in one file."""

    name: str
    credentials: Credentials | None
    unread: bool
    """Whether there are credentials that only the extra can read."""
    source_type: str | None
    """IPTC's digital source type of the file's XMP."""
    watermark: bool | None
    """Whether the picture carries this program's mark."""


def of(path: Path, anchors: Path | None = None) -> Provenance:
    """Reads all provenance from a picture. Raises PhotoError if it cannot be read."""
    given = photo.read(path, PhotoOptions())
    data = path.read_bytes()
    if credentials.kind(data) is None:
        raise PhotoError(f"{path.name} is not a PNG, JPEG or WebP: only those can carry credentials.")
    there = manifest.available()
    said = _SOURCE_TYPE.search(data)
    return Provenance(
        name=path.name,
        credentials=credentials.read(data, anchors) if there else None,
        unread=not there and credentials.present(data),
        source_type=said.group(1).decode() if said else None,
        watermark=watermark.carries(given.pixels),
    )


def lines(found: Provenance) -> list[str]:
    """Puts the report into words, without control characters."""
    signed = found.credentials
    if found.unread:
        out = [f"credentials: there, but not read: {extras.install('c2pa')}"]
    elif signed is None:
        out = ["credentials: none"]
    else:
        state = "as it was signed" if signed.valid else f"NOT as it was signed ({', '.join(signed.faults)})"
        who = (
            "self-made, proves no identity"
            if signed.development
            else "trusted"
            if signed.trusted
            else "not vouched for"
        )
        out = [
            f"credentials: {state}",
            f"  signed by {signed.signer} ({who}){f', {signed.time}' if signed.time else ', no timestamp'}",
            *([f"  source type: {signed.source_type}"] if signed.source_type else []),
            *(f"  {claim}" for claim in signed.claims),
        ]
        if signed.run:
            out.append(f"  photo SHA-256 {signed.run.get('photo')}, {signed.run.get('corePixels')} pixels kept of it")
            models = signed.run.get("models") or []
            out += [f"  {each.get('role')}: {each.get('id')} ({each.get('licence')})" for each in models]
            out.append(f"  {signed.run.get('disclosure')}")
    out.append(f"IPTC source type: {found.source_type or 'none'}")
    word = {True: "this program's, in generated pixels", False: "none of this program's", None: "too small to tell"}
    out.append(f"watermark: {word[found.watermark]}")
    return [plain(line) for line in out]
