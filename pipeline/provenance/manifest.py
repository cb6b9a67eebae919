"""C2PA content credentials (C2PA specification 2.2) of one run, signed into its picture and export.

The claim: a composite with media of a trained algorithm, of which the photo is a part, placed where the mask says. An
assertion of our own holds what binds the three files: the hashes of mask, core and photo, and the receipt's digest.
"""

import io
import json
from typing import Any

import cv2
import numpy as np

from pipeline.provenance.signer import Signer
from pipeline.receipt import Receipt
from pipeline.writeup import versions
from stages.contracts import Mask
from stages.errors import ConfigError

#: Label of our assertion.
LABEL = "org.onmodel.run"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
#: IPTC's word for what was cut or filled by a program that is no generative model.
EDITED = "algorithmicallyEnhanced"
FORMATS = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
#: The kept region is told by polygons: no more than so many, each of an outline no farther than this share of the
#: longer side from the true one.
_POLYGONS, _SLACK = 12, 0.002


def available() -> bool:
    """Whether the extra is installed."""
    from importlib.util import find_spec

    return find_spec("c2pa") is not None


def sign(picture: bytes, kind: str, receipt: Receipt, mask: Mask, signer: Signer) -> bytes:
    """Returns an encoded picture with its manifest in it; `kind` is png, jpg or webp, `mask` the canvas's, 0 = kept.

    Raises ConfigError when the certificate cannot be used.
    """
    import c2pa

    form = FORMATS[kind]
    settings = c2pa.Settings.from_dict(
        {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}
    )
    out = io.BytesIO()
    try:
        with c2pa.Context(settings) as context, _signer(signer) as tool:
            builder = c2pa.Builder(json.dumps(_manifest(form, receipt, mask)), context)
            builder.sign(tool, form, io.BytesIO(picture), out)
    except c2pa.C2paError as error:
        raise ConfigError(f"the picture cannot be signed ({error}): check --sign-cert, or pass --no-c2pa") from error
    return out.getvalue()


def who(signer: Signer) -> str:
    """Name of the signer, as the certificate states it."""
    from cryptography import x509

    subject = x509.load_pem_x509_certificates(signer.chain.encode())[0].subject
    organisations = [str(each.value) for each in subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)]
    return ", ".join(organisations) or subject.rfc4514_string()


def _signer(signer: Signer) -> Any:
    import c2pa

    algorithm = getattr(c2pa.C2paSigningAlg, signer.algorithm.upper())
    return c2pa.Signer.from_callback(signer.sign, algorithm, signer.chain, signer.timestamp)


def bound(receipt: Receipt) -> dict[str, Any]:
    """Builds our assertion about a run: what its three files must be."""
    return {
        "receipt": receipt.digest(),
        "mask": receipt.mask.sha256 if receipt.mask else None,
        "core": receipt.kept.core_sha256,
        "corePixels": receipt.kept.core_pixels,
        "photo": receipt.source.sha256,
        **({"photos": [each.sha256 for each in receipt.sources]} if receipt.sources else {}),
        "models": [each.model_dump(mode="json") for each in receipt.models],
        "disclosure": receipt.provenance.disclosure if receipt.provenance else "",
    }


def _manifest(form: str, receipt: Receipt, mask: Mask) -> dict[str, Any]:
    generated = receipt.task == "generate" or any(each.role == "generator" for each in receipt.models)
    said = str(receipt.config.get("write", {}).get("digital_source_type", ""))
    kind = SOURCE_TYPES + (said if generated else EDITED)
    name = receipt.output.name if receipt.output else "picture"
    photos = {f"photo-{at}" if at else "photo": each for at, each in enumerate(receipt.sources or (receipt.source,))}
    placed: dict[str, Any] = {
        "action": "c2pa.placed",
        "parameters": {"ingredientIds": list(photos)},
        "changes": _regions(mask),
    }
    return {
        "claim_generator_info": [{"name": "onmodel", "version": versions()["onmodel"]}],
        "title": name,
        "format": form,
        "ingredients": [
            {
                "title": photo.name,
                "relationship": "componentOf",
                "instance_id": label,
                "label": label,
                "format": "application/octet-stream",
                "description": f"the photograph, SHA-256 {photo.sha256}; it is not contained in this file",
            }
            for label, photo in photos.items()
        ],
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": kind}, placed]},
            },
            {"label": LABEL, "data": bound(receipt)},
        ],
    }


def _regions(mask: Mask) -> list[dict[str, Any]]:
    """Returns the kept region as polygons (regions of interest, 18.2): the part that no algorithm made."""
    contours, _ = cv2.findContours((mask == 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = sorted(contours, key=lambda each: -float(cv2.contourArea(each)))[:_POLYGONS]
    slack = _SLACK * max(mask.shape)
    polygons = [cv2.approxPolyDP(each, slack, closed=True).reshape(-1, 2) for each in largest]
    return [
        {
            "region": [
                {
                    "type": "spatial",
                    "shape": {
                        "type": "polygon",
                        "unit": "pixel",
                        "origin": {"x": 0.0, "y": 0.0},
                        "vertices": [{"x": float(x), "y": float(y)} for x, y in points],
                    },
                }
            ],
            "description": "from the photograph, bit for bit; not AI-made (this outline is rounded, the mask exact)",
        }
        for points in polygons
        if len(points) > 2
    ]
