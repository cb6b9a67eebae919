"""Marks, labels and signs what a run made, and writes into its receipt what was done and what was switched off."""

import os
from dataclasses import dataclass

from pipeline.config import Config
from pipeline.provenance import label, manifest
from pipeline.provenance import signer as signers
from pipeline.receipt import Provenance, Receipt, sha256
from stages import watermark
from stages.canvas import mask as masks
from stages.contracts import RGB, Mask, ModelCard, Placed, Plate
from stages.errors import ConfigError, OutputError
from stages.options import ProvenanceOptions
from stages.photo import png as chunks

#: Set to off it leaves out the signature, as --no-c2pa does: for whole machines, and tests.
SWITCH = "ONMODEL_C2PA"

#: What receipts say of what was done.
SIGNED = "signed"
MARKED = "in generated pixels"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A run's files as they are written."""

    png: bytes | None
    export: bytes | None
    receipt: Receipt


def ready(config: Config) -> signers.Signer | None:
    """Gives who signs, None if nobody does. Raises ConfigError for what cannot be used, before any work is done."""
    if config.provenance.label and config.write.format == "png":
        raise ConfigError("--label goes on an extra export alone: add --format jpg or webp")
    return None if _unsigned(config.provenance) else signers.load(config.provenance)


def foot(picture: RGB, options: ProvenanceOptions) -> Plate | None:
    """Gives the label of an export of a picture, H x W x 3, where one is asked for."""
    return label.strip(picture.shape[1], picture.shape[0], options.disclosure) if options.label else None


def mark(blended: RGB, placed: Placed, cards: tuple[ModelCard, ...], options: ProvenanceOptions) -> tuple[RGB, str]:
    """Gives the canvas with the watermark in what a model generated, and what the receipt says of it."""
    if not options.watermark:
        return blended, "switched off by --no-watermark"
    if not any(card.role == "generator" for card in cards):
        return blended, "none: no model generated a pixel"
    there = masks.for_canvas(placed)
    marked = watermark.embed(blended, there)
    if not watermark.carries(marked, there):
        return blended, "none: too little was generated to carry one"
    return marked, MARKED


def seal(
    png: bytes | None,
    export: bytes | None,
    mask: Mask,
    receipt: Receipt,
    config: Config,
    by: signers.Signer | None,
    marked: str,
) -> Sealed:
    """Signs picture and export, and says so in the receipt. `png` is None in a failed run.

    Raises OutputError if signing changed the picture's own bytes, ConfigError if the certificate cannot be used.
    """
    options = config.provenance
    said = Provenance(
        c2pa=_unsigned(options) or SIGNED,
        signer=None if by is None else manifest.who(by),
        watermark=marked,
        label=export is not None and options.label,
        disclosure=options.disclosure,
    )
    receipt = receipt.model_copy(update={"provenance": said})
    if by is None or png is None or receipt.output is None:
        return Sealed(png, export, receipt)
    signed = manifest.sign(png, "png", receipt, mask, by)
    if chunks.bare(signed)[0] != chunks.bare(png)[0]:
        raise OutputError("signing changed the picture: pass --no-c2pa")
    if export is not None:
        export = manifest.sign(export, config.write.format, receipt, mask, by)
    output = receipt.output.model_copy(update={"sha256": sha256(signed)})
    return Sealed(signed, export, receipt.model_copy(update={"output": output}))


def _unsigned(options: ProvenanceOptions) -> str:
    """Gives why nothing is signed, or nothing."""
    if not options.c2pa:
        return "switched off by --no-c2pa"
    if os.environ.get(SWITCH, "").lower() in ("off", "0", "no", "false"):
        return f"switched off by {SWITCH}"
    return "" if manifest.available() else 'not signed: the extra c2pa is not installed (pip install "onmodel[c2pa]")'
