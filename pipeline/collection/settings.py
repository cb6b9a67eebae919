"""From a row's options to its checked configuration; equal options are worked out once."""

import json
from functools import lru_cache
from typing import Any, get_origin

from pydantic import ValidationError

from pipeline import config as configs
from pipeline.collection.keys import sections
from pipeline.config import Config
from pipeline.models import PER_PICTURE
from stages.errors import ConfigError
from stages.generate import refuse


def check(options: str, seed: int | str | None) -> tuple[str, ...]:
    """Lists everything that is wrong with a row's options, which are JSON, and its seed."""
    wrong = _wrong(options)
    if seed is None:
        return wrong
    return (*wrong, *_wrong_seed(seed))


@lru_cache(maxsize=4096)
def _wrong(options: str) -> tuple[str, ...]:
    try:
        _made(options)
    except ConfigError as error:
        cause = error.__cause__
        if not isinstance(cause, ValidationError):
            return (str(error),)
        return tuple(configs.worded(cause))
    return ()


def _wrong_seed(seed: Any) -> tuple[str, ...]:
    try:
        _seeded(_made("{}"), seed)
    except ValidationError as error:
        return (f"generate.seed: {error.errors()[0]['msg']} (got {seed!r})",)
    return ()


def config(options: str, seed: int | str | None) -> Config:
    """Returns a row's whole configuration."""
    made = _made(options)
    return made if seed is None else _seeded(made, seed)


@lru_cache(maxsize=4096)
def generator(options: str) -> tuple[str, str]:
    """Returns what is equal for rows that the same generator paints, and that generator's name."""
    generate = _made(options).generate
    return generate.model_dump_json(exclude=PER_PICTURE), generate.model


def forget() -> None:
    """Drops cached presets, castings and scenes; called when a manifest is read."""
    for remembered in (_base, _made, _wrong, generator):
        remembered.cache_clear()


def _seeded(made: Config, seed: Any) -> Config:
    kind = type(made.generate)
    checked = kind.model_validate({**made.generate.model_dump(), "seed": seed})
    return made.model_copy(update={"generate": checked})


@lru_cache(maxsize=1024)
def _made(options: str) -> Config:
    given = json.loads(options)
    head = {key: given.pop(key) for key in ("preset", "casting", "scene") if isinstance(given.get(key), str)}
    pose = given["pose"].get("pose") if isinstance(given.get("pose"), dict) else None
    base = _base(json.dumps(head, sort_keys=True), pose if isinstance(pose, str) else None)
    made = configs.resolve(flags=_listed(given), base=base)
    refuse.check(made.generate)
    return made


@lru_cache(maxsize=1024)
def _base(head: str, pose: str | None) -> dict[str, Any]:
    """Returns the options that files decide: read once, since a manifest names few of them many times."""
    named = json.loads(head)
    preset = named.pop("preset", None)
    return configs.resolve(preset, flags={**named, **({"pose": {"pose": pose}} if pose else {})}).model_dump()


def _listed(given: dict[str, Any]) -> dict[str, Any]:
    """Splits at semicolons what a table's cell holds for an option that takes several values."""
    for section, values in given.items():
        kind = sections().get(section)
        for key, value in values.items() if isinstance(values, dict) and kind else ():
            known = kind.model_fields.get(key) if kind else None
            if isinstance(value, str) and known and get_origin(known.annotation) is tuple:
                values[key] = [part.strip() for part in value.split(";") if part.strip()]
    return given
