"""Reads and checks content credentials: who signed, whether the file is as it was signed, and what it claims."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.provenance.manifest import LABEL
from pipeline.provenance.signer import DEVELOPMENT
from stages import extras
from stages.errors import ConfigError

#: First bytes by format; what else is there is not read.
_KINDS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"RIFF", "image/webp"))
#: What is said of certificates that no anchor vouches for: no sign that the file was changed.
_UNTRUSTED = "signingCredential.untrusted"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a file's manifest says, once checked."""

    valid: bool
    """Whether signature and hashes hold: the file is what was signed."""
    trusted: bool
    """Whether the certificate leads to one of the given anchors."""
    signer: str
    """Who signed, by the certificate."""
    development: bool
    """Whether that is a self-made development certificate."""
    time: str | None
    """When, by a timestamp authority; None without one."""
    faults: tuple[str, ...] = ()
    """C2PA's codes of what does not hold."""
    run: dict[str, Any] = field(default_factory=dict)
    """Our own assertion."""
    source_type: str | None = None
    claims: tuple[str, ...] = ()
    """Actions and ingredients, in words."""


def kind(data: bytes) -> str | None:
    """Returns the media type of a file that can carry credentials."""
    return next((form for magic, form in _KINDS if data.startswith(magic)), None)


def present(data: bytes) -> bool:
    """Whether a file carries a manifest, without the extra: by the JUMBF box that holds it."""
    return b"jumb" in data and b"c2pa" in data


def read(data: bytes, anchors: Path | None = None) -> Credentials | None:
    """Returns a file's credentials, None if it has none. `anchors` is a PEM file of certificates to trust.

    Raises ConfigError when the extra is missing or the anchors cannot be read.
    """
    form = kind(data)
    if form is None:
        return None
    try:
        import c2pa
    except ImportError:
        raise ConfigError(f"content credentials need the extra c2pa: {extras.install('c2pa')}") from None
    settings: dict[str, Any] = {"verify": {"ocsp_fetch": False, "remote_manifest_fetch": False}}
    if anchors is not None:
        try:
            settings |= {"trust": {"user_anchors": anchors.read_text()}}
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--trust {anchors} cannot be read as PEM certificates: {error}") from error
    try:
        with c2pa.Context(c2pa.Settings.from_dict(settings)) as context:
            reader = c2pa.Reader.try_create(form, io.BytesIO(data), context=context)
            if reader is None:
                return None
            found, state = json.loads(reader.json()), str(reader.get_validation_state())
    except c2pa.C2paError as error:
        if not present(data):
            return None
        return Credentials(False, False, "unknown", False, None, (str(error)[:200],))
    return _of(found, state)


def _of(found: dict[str, Any], state: str) -> Credentials:
    active = found.get("manifests", {}).get(found.get("active_manifest"), {})
    signature = active.get("signature_info", {})
    assertions = {each.get("label"): each.get("data") for each in active.get("assertions", [])}
    actions = (assertions.get("c2pa.actions.v2") or assertions.get("c2pa.actions") or {}).get("actions", [])
    faults = tuple(
        dict.fromkeys(
            each.get("code", "") for each in found.get("validation_status", []) if each.get("code") != _UNTRUSTED
        )
    )
    names = [signature.get("issuer"), signature.get("common_name")]
    claims = [str(each.get("action")) for each in actions]
    claims += [f"{each.get('relationship')}: {each.get('title')}" for each in active.get("ingredients", [])]
    run = assertions.get(LABEL)
    return Credentials(
        valid=state in ("Valid", "Trusted"),
        trusted=state == "Trusted",
        signer=", ".join(str(name) for name in names if name) or "unknown",
        development=DEVELOPMENT in str(signature.get("issuer")),
        time=signature.get("time"),
        faults=faults,
        run=run if isinstance(run, dict) else {},
        source_type=next((each["digitalSourceType"] for each in actions if each.get("digitalSourceType")), None),
        claims=tuple(claims),
    )
