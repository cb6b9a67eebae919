"""What people type or a spreadsheet holds for boxes, points, sizes and formats: read as meant, or refused with why.

Like `stages.options`, this module imports pydantic and the standard library alone.
"""

import re
from fractions import Fraction
from typing import Any

from pydantic import AfterValidator, BeforeValidator

#: No picture is wider than this many times its height, nor higher: beyond it is a slip, and no model paints it.
LONGEST = 10
#: Sides of a picture that may be asked for, in pixels.
SMALLEST, LARGEST = 32, 30_000
#: Growth of a frame by more than ten times the photo is a slip, too.
MOST_PERCENT = 1000

#: Places on a garment by which a body is fitted into it; right is the wearer's right.
LANDMARKS = (
    "collar", "right_shoulder", "left_shoulder", "right_strap", "left_strap", "right_armpit", "left_armpit",
    "right_cuff", "left_cuff", "right_waist", "left_waist", "right_hem", "left_hem", "crotch",
)  # fmt: skip

_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.0+)?")


def _joined(given: Any) -> Any:
    """Takes the list that YAML and JSON write for what a flag writes with commas."""
    return ",".join(map(str, given)) if isinstance(given, list | tuple) else given


def number(text: str) -> str | float:
    """Returns the number that YAML 1.2 keeps as it is written, such as 8.5e-4; any other words as they are."""
    return float(text) if re.fullmatch(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,3})?", text) else text


def pixels(form: str) -> tuple[BeforeValidator, AfterValidator]:
    """Returns the check of as many numbers as `form` names, such as x0,y0,x1,y1; they come back with commas between."""
    count = len(form.split(","))

    def check(text: str | None) -> str | None:
        if text is None:
            return None
        parts = [each for each in re.split(r"[\s,]+", text.strip("()[] \t")) if each]
        if len(parts) != count or not all(_NUMBER.fullmatch(each) for each in parts):
            raise ValueError(f"write {form}, in pixels of the photo, without spaces or in quotes")
        if count == 2:
            return ",".join(parts)
        (x0, x1), (y0, y1) = (sorted(parts[at::2], key=float) for at in (0, 1))  # any two opposite corners are a box
        if float(x0) == float(x1) or float(y0) == float(y1):
            raise ValueError(f"this box is empty: write {form}, two opposite corners")
        return ",".join((x0, y0, x1, y1))

    return BeforeValidator(_joined), AfterValidator(check)


def _landmark(text: str) -> str:
    name, _, at = text.replace(":", "=", 1).partition("=")
    if name.strip() not in LANDMARKS:
        raise ValueError(f"write name=x,y with a name of {', '.join(LANDMARKS)}")
    parts = [each for each in re.split(r"[\s,]+", at.strip("()[] \t")) if each]
    if len(parts) != 2 or not all(_NUMBER.fullmatch(each) for each in parts):
        raise ValueError(f"write {name.strip()}=x,y, in pixels of the photo, without spaces or in quotes")
    return f"{name.strip()}={','.join(parts)}"


def _aspect(text: str | None) -> str | None:
    if text is None:
        return None
    if _CLOCK.fullmatch(text):
        raise ValueError("a spreadsheet took this for a time of day: format its cells as text, and write such as 4:5")
    parts = re.split(r"\s*[:x/]\s*", text.strip())
    if len(parts) != 2 or not all(re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", each) for each in parts):
        raise ValueError("write width:height, such as 4:5 or 1.91:1")
    across, down = (Fraction(each) for each in parts)
    if not across or not down:
        raise ValueError("a format has two sides, neither of them 0")
    if max(across / down, down / across) > LONGEST:
        raise ValueError(f"no side may be more than {LONGEST} times the other")
    ratio = (across / down).limit_denominator(999)
    whole = across.denominator == down.denominator == 1
    return f"{across}:{down}" if whole else f"{ratio.numerator}:{ratio.denominator}"


def _size(text: str) -> str:
    sides = re.fullmatch(r"\s*([0-9]{1,6})\s*[xX\u00d7]\s*([0-9]{1,6})\s*", text)
    if text == "auto":
        return text
    if not sides:
        raise ValueError("write WIDTHxHEIGHT in pixels, such as 1200x1800, or auto")
    across, down = int(sides[1]), int(sides[2])
    if min(across, down) < SMALLEST or max(across, down) > LARGEST:
        raise ValueError(f"a side has {SMALLEST} to {LARGEST} pixels")
    if max(across, down) > LONGEST * min(across, down):
        raise ValueError(f"no side may be more than {LONGEST} times the other")
    return f"{across}x{down}"


def _growth(text: str) -> str:
    found = re.fullmatch(r"\s*([0-9]{1,5}([.,][0-9]{1,3})?)\s*(%|px)?\s*", text)
    if not found:
        raise ValueError("write pixels, such as 200, or a share of the photo, such as 10%")
    amount, share = found[1].replace(",", "."), found[3] == "%"
    if float(amount) > (MOST_PERCENT if share else LARGEST):
        raise ValueError(f"a frame grows by {MOST_PERCENT}% or {LARGEST} pixels at most")
    return f"{amount}%" if share else amount


LANDMARK = AfterValidator(_landmark)
ASPECT, SIZE, GROWTH = AfterValidator(_aspect), AfterValidator(_size), AfterValidator(_growth)


def listed(given: Any) -> Any:
    """Takes what a spreadsheet's cell holds for a list, with semicolons between, or one thing alone."""
    if isinstance(given, str):
        return [each.strip() for each in given.split(";") if each.strip()]
    return [given] if isinstance(given, dict) else given


def worded(text: str, file: bool = True) -> dict[str, Any]:
    """Returns what words such as `trousers.jpg scale=1.12` tell: the file under `photo`, and the rest by its name.

    A name that is given twice holds a list. A file's name may hold spaces: what is told are the last words, as far as
    they have equals signs. Without `file` all words are told of, and none names one.
    """
    told: list[tuple[str, str]] = []
    left = text.strip()
    while found := _TOLD.search(left if not file else left[_first(left) :]):
        told.append((found[1], found[2]))
        left = left[: len(left) - len(found[0])].rstrip()
    every: dict[str, list[str]] = {}
    for name, value in reversed(told):
        every.setdefault(name, []).append(value)
    words = {name: values[0] if len(values) == 1 else values for name, values in every.items()}
    return {"photo": left, **words} if left else words


def _first(text: str) -> int:
    """Returns where the first word ends."""
    return len(text.partition(" ")[0])


#: One thing that is told, at the end of words.
_TOLD = re.compile(r"(?:^|\s)\s*([a-z_]+)=(\S+)$")
