"""Words as a terminal, a log or a page may show them: names come from strangers."""

import unicodedata

#: What reorders the text around it (Unicode 16, UAX 9): a name could show as another one.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Controls, halves of surrogate pairs (bytes of a name that is not UTF-8), line and paragraph separators.
_RAW = frozenset({"Cc", "Cs", "Zl", "Zp"})


def plain(words: object) -> str:
    r"""Returns words on one line, with all that would steer a terminal or hide text spelled out, such as `\x1b`."""
    return "".join(_spelled(each) if _acts(each) else each for each in str(words))


def _acts(letter: str) -> bool:
    return letter in _TURNS or unicodedata.category(letter) in _RAW


def _spelled(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps the byte of a name that is not UTF-8 (PEP 383)
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
