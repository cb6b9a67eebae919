"""Further photos of an outfit, as a request tells of them: files sent along, or addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.service.request_options import URL
from stages.errors import ConfigError
from stages.outfit.options import LENGTHS
from stages.typed import worded

#: What may be told of a photo: nothing that names a file of the server.
TOLD = {"photo", "kind", "scale", "px_per_cm", "side", "box", "point", "not_point", "landmark", *LENGTHS}


@dataclass(frozen=True, slots=True)
class Further:
    """One further photo that is asked for."""

    options: dict[str, Any]
    """As `stages.options.Worn` has them; of a file that was sent `photo` is the name that it calls itself."""
    sent: int | None
    """Which of the files sent along; None for an address."""


def parsed(words: Sequence[str], files: Sequence[str]) -> list[Further]:
    """Returns the further photos: those that words tell of, in their order, then the files of which none do.

    `files` are the names of those that were sent along. Raises ConfigError for words of what was not sent.
    """
    found: list[Further] = []
    left = dict(enumerate(files))
    for each in words:
        options: dict[str, Any] = worded(each)
        unknown = sorted(options.keys() - TOLD)
        name = options.get("photo", "")
        if unknown or not name:
            raise ConfigError(
                f"with: {each[:100]!r} tells {', '.join(unknown) or 'of no photo'}: write NAME scale=1.12"
            )
        sent = next((at for at, file in left.items() if file == name), None)
        if sent is None and not re.match(URL, name):
            raise ConfigError(f"with: no file named {name[:100]!r} was sent along, and it is no http or https address")
        if sent is not None:
            del left[sent]
        found.append(Further(options, sent))
    return found + [Further({"photo": name}, at) for at, name in left.items()]
