"""A visible label for an extra export: the disclosure in words, below the picture. The master never carries one."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from stages.contracts import Plate

#: Height of the letters, as a share of the picture's shorter side, and at least in pixels: readable when shown small.
_LETTERS, _LEAST = 0.022, 11
_PAPER, _INK = (255, 255, 255), (20, 20, 20)


def strip(width: int, height: int, words: str) -> Plate:
    """A strip of words, H x `width` x 3 sRGB, to lie below a picture of width x height: none of it is covered."""
    size = max(_LEAST, round(_LETTERS * min(width, height)))
    font = ImageFont.load_default(size)
    lines = _wrapped(words, font, width - 2 * size)
    paper = Image.new("RGB", (width, round(1.4 * size * len(lines) + size)), _PAPER)
    draw = ImageDraw.Draw(paper)
    for at, line in enumerate(lines):
        draw.text((size, 0.5 * size + 1.4 * size * at), line, fill=_INK, font=font)
    return np.asarray(paper, np.uint8)


def _wrapped(words: str, font: "ImageFont.FreeTypeFont | ImageFont.ImageFont", width: int) -> list[str]:
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
