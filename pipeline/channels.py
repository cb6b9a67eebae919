"""Shops and platforms by name: what they ask of a picture (configs/channels/), and the files that are made for them."""

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from pipeline import config as configs
from pipeline.config import Config
from pipeline.receipt import Channel, Receipt
from stages import channel, colour, write
from stages.canvas import mask
from stages.channel import Rules
from stages.contracts import RGB, Placed, Plate
from stages.errors import ConfigError
from stages.reading import LARGE, contents

#: Tasks whose product stands alone before plain paper, so that the frame may close in on it.
_ALONE = ("ghost", "background")


def suffix(name: str) -> str:
    """Returns the ending of a channel's file beside the master."""
    return f".{name}.jpg"


@lru_cache(maxsize=64)
def rules(name: str) -> Rules:
    """Loads a channel's requirements. Raises ConfigError if there is no file for it."""
    try:
        return Rules.model_validate(configs.read(configs.find("channels", name)))
    except ValidationError as error:
        raise ConfigError(f"channels/{name}.yaml: {configs.worded(error)[0]}") from error


def export(
    picture: RGB, alpha: RGB | None, placed: Placed, config: Config, about: write.About
) -> dict[str, channel.Made]:
    """Returns each channel's file of a picture, H x W x 3 in the photo's profile; transparency is shown on white."""
    if not config.write.channels:
        return {}
    seen = write.on_white(colour.to_srgb(picture, placed.icc), alpha)
    core = mask.for_canvas(placed) == 0
    alone = config.task in _ALONE
    # A margin is free of person and garment, and so is most of it.
    spare = 0.7 * config.place.margin if config.task == "generate" else 0.0
    return {
        name: channel.make(seen, placed.box, rules(name), about, core, alone=alone, spare=spare)
        for name in config.write.channels
    }


def records(name: str, made: dict[str, channel.Made]) -> tuple[Channel, ...]:
    """Describes the files for the receipt; `name` is the picture's stem."""
    return tuple(
        Channel(
            channel=each,
            name=name + suffix(each),
            sha256=hashlib.sha256(file.encoded).hexdigest(),
            width=file.width,
            height=file.height,
            bytes=len(file.encoded),
            window=file.window,
            unmet=file.unmet,
            said=file.said,
        )
        for each, file in made.items()
    )


def warnings(made: dict[str, channel.Made]) -> tuple[str, ...]:
    """Lists what to warn about: requirements that a file does not meet, and changes made to the picture."""
    return tuple(f"{rules(name).about}: {words}" for name, file in made.items() for words in (*file.unmet, *file.said))


def prove(output: Path, picture: RGB, icc: bytes | None, core: npt.NDArray[np.bool_], record: Receipt) -> list[str]:
    """Opens each channel's file again and gives what is wrong with it, of what its receipt and its rules say.

    `core` is what the mask keeps of `picture`. What the receipt says is not met is no news.
    """
    wrong: list[str] = []
    seen: Plate | None = None
    ys, xs = np.nonzero(core)
    keep = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1) if len(ys) else (0, 0, 1, 1)
    for each in record.channels:
        try:
            encoded = contents(output.parent / Path(each.name).name, LARGE)
            asked = rules(each.channel)
        except (OSError, ConfigError) as error:
            wrong.append(f"{each.name} cannot be read ({error})")
            continue
        if hashlib.sha256(encoded).hexdigest() != each.sha256:
            wrong.append(f"{each.name} is not the file that the receipt was written for")
        if seen is None:
            seen = write.on_white(colour.to_srgb(picture, icc), write.decode_alpha(contents(output, LARGE)))
        size = each.width, each.height
        moved = channel.moved(keep, each.window, size)
        found = channel.check(encoded, asked, size, moved, alone=record.task in _ALONE)
        wrong += [f"{each.name}: {words}" for words in found if _kind(words) not in map(_kind, each.unmet)]
        if channel.likeness(encoded, seen, each.window, size, core) < channel.LIKE:
            wrong.append(f"{each.name} does not show the garment of the master")
    return wrong


def _kind(words: str) -> str:
    """Returns a complaint without its figures."""
    return "".join(letter for letter in words if not letter.isdigit())
