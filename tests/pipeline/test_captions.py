"""Captions say what, who and where, in the receipt and in the file; words of the user's go over them, escaped."""

import io
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline import captions, config, flow
from stages import photo, write
from stages.contracts import Layer
from stages.options import PhotoOptions
from stages.outfit.compose import compose
from tests import fakes
from tests.examples import examples
from tests.fakes import RampModels, tee

ALT = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}AltTextAccessibility"
CAPTION = "{http://purl.org/dc/elements/1.1/}description"


def told(encoded: bytes) -> tuple[str, str]:
    with Image.open(io.BytesIO(encoded)) as file:
        packet = file.info["xmp"]
    root = ElementTree.fromstring(packet)  # noqa: S314 - our own file
    caption, alt = (root.find(f".//{name}") for name in (CAPTION, ALT))
    assert caption is not None
    assert alt is not None
    return "".join(caption.itertext()), "".join(alt.itertext())


def said(task: str = "generate", **flags: object) -> captions.Caption:
    return captions.of(fakes.placed(), config.resolve("house", flags={"task": task, **flags}), "M")


@pytest.mark.parametrize(
    ("flags", "caption", "alt"),
    [
        (
            {"casting": "imani", "scene": "beach"},
            "A top on a woman, size M, on a sandy beach by the sea.",
            "wears a top, on a sandy beach by the sea.",
        ),
        ({"segment": {"garment_text": "orange raincoat"}}, "An orange raincoat on a woman", "wears an orange raincoat"),
        ({"pose": {"view": "back"}}, "A top on a woman", "wears a top, seen from the back"),
        ({"task": "ghost"}, "A top on white.", "A top alone on white"),
        ({"task": "background", "background": {"background": "white"}}, "The photographed subject on white.", "stands"),
    ],
)
def test_garment_person_and_place_are_named(flags: dict[str, Any], caption: str, alt: str) -> None:
    found = said(**flags)
    assert caption in found.caption
    assert alt in found.alt


@pytest.mark.parametrize("name", config.names("castings"))
def test_every_casting_makes_a_sentence(name: str) -> None:
    found = said(casting=name)
    for words in (found.caption, found.alt):
        assert words.endswith(".")
        assert "  " not in words
        assert words[0].isupper()
    assert "hair" in found.alt or "bob" in found.alt or "afro" in found.alt or "shaved" in found.alt


def test_a_kept_photo_of_which_nothing_is_known_gets_no_words() -> None:
    assert said("inpaint") == captions.Caption()


@settings(max_examples=examples(60), deadline=None)
@given(
    words=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn"]), min_size=1, max_size=40)
)
def test_words_come_back_from_the_file(words: str) -> None:
    about = write.About("algorithmicallyEnhanced", words, words)
    pixels = tee(40, 50)
    assert told(write.encode(pixels, None, None, about)) == (words, words)


def test_receipt_and_files_say_the_same() -> None:
    flags = {
        "task": "generate", "generate": {"steps": 1}, "segment": {"segmenter": "finder", "garment": "top"},
        "write": {"format": "jpg", "channel": "instagram"},
    }  # fmt: skip
    of = photo.read(write.encode(tee(), None), PhotoOptions(), "tee.png")
    product = flow.produce(of, config.resolve("house", flags=flags), RampModels())
    receipt = product.receipt
    assert "top" in receipt.alt
    for encoded in (product.png, product.export, product.channels[".instagram.jpg"]):
        assert told(encoded or b"") == (receipt.caption, receipt.alt)
    own = flow.produce(
        of, config.resolve("house", flags={**flags, "write": {"caption": "Tee & <jeans>"}}), RampModels()
    )
    assert (own.receipt.caption, own.receipt.alt) == told(own.png or b"") == ("Tee & <jeans>", "Tee & <jeans>")


def test_all_garments_of_an_outfit_are_named() -> None:
    placed = fakes.placed()
    worn = compose([Layer(placed, kind, at) for at, kind in enumerate(("bottom", "top", "hat"))])  # type: ignore[arg-type]
    found = captions.of(worn, config.resolve("house"), "M")
    assert found.caption.startswith("A top, trousers and a hat on a woman")
    assert "wears a top, trousers and a hat" in found.alt
