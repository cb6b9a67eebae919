"""From a draft to the jobs that make its pictures."""

import secrets
import shutil
import time
from pathlib import Path, PurePath
from typing import Any

from pipeline.collection import keys
from pipeline.service import further, request_options
from pipeline.service.access import LOCAL
from pipeline.service.jobs import Job
from pipeline.service.service import ENDINGS
from pipeline.studio.drafts import Draft, checked
from pipeline.studio.work import Studio, skeleton

#: Endings of what the studio itself makes for a picture.
_MADE = {"matte": ".png", "mask": ".png", "pose": ".json"}


def generate(studio: Studio, draft: Draft) -> list[Job]:
    """Puts a draft's pictures into the queue, with following seeds. Raises ConfigError or FullError."""
    said = checked(studio.service.kind, draft.choices)
    ready(studio, draft, said)
    first = int(said.get("seed", 0))
    return [_job(studio, draft, {**said, "seed": (first + each) % 2**32}) for each in range(draft.choices.count)]


def ready(studio: Studio, draft: Draft, said: dict[str, Any]) -> None:
    """Raises ConfigError or PhotoError for what cannot be asked for."""
    studio.service.base.config(keys.nested(said))
    if draft.choices.task == "inpaint" and not {"box", "point"} & said.keys():
        studio.region(draft)  # tells what is missing


def _job(studio: Studio, draft: Draft, said: dict[str, Any]) -> Job:
    name = secrets.token_hex(16)
    place = studio.service.queue.photos / name
    place.mkdir()
    try:
        source, options, files = laid(studio, draft, said, place)
        job = Job(
            id=name, owner=LOCAL, photo=str(source), name=draft.name, options=options, files=tuple(files),
            created=time.time(),
        )  # fmt: skip
        return studio.service.queue.add(job)
    except BaseException:
        shutil.rmtree(place)
        raise


def laid(
    studio: Studio, draft: Draft, said: dict[str, Any], place: Path, stem: str = ""
) -> tuple[Path, dict[str, Any], list[tuple[str, str]]]:
    """Copies a draft's files into a folder, their names begun with `stem`.

    Gives the photo's path, the options as {section: {field: value}} with the files in them, and which options hold
    files, as (section.field, path).
    """
    source = place / f"{stem}photo{_ending(draft.name)}"
    shutil.copyfile(studio.path(draft), source)
    options = keys.nested(said)
    found: list[tuple[str, str]] = []
    for key, content in _files(studio, draft).items():
        ending = _MADE[key] if isinstance(content, bytes) else _ending(draft.choices.back.name)  # type: ignore[union-attr]
        path = place / f"{stem}{key}{ending}"
        path.write_bytes(content) if isinstance(content, bytes) else shutil.copyfile(content, path)
        section, option = request_options.FILES[key]
        options.setdefault(section, {})[option] = str(path)
        found.append((f"{section}.{option}", str(path)))
    if words := options.get("outfit", {}).get("with"):
        sent = draft.choices.further
        told = further.parsed(words, [each.name for each in sent])
        for at, each in enumerate(sent):
            path = place / f"{stem}with-{at}{_ending(each.name)}"
            shutil.copyfile(studio.path(draft, each), path)
            told[at].options["photo"] = str(path)
            found.append((f"outfit.with.{at}.photo", str(path)))
            if each.painted:
                matte = place / f"{stem}with-{at}-matte.png"
                matte.write_bytes(studio.matte(studio.garment(draft, each.file)))
                told[at].options["matte"] = str(matte)
                found.append((f"outfit.with.{at}.matte", str(matte)))
        options["outfit"]["with"] = [each.options for each in told]
    return source, options, found


def _files(studio: Studio, draft: Draft) -> dict[str, bytes | Path]:
    """Returns what options of the draft hold, by the option's name: bytes that are made, or files that were sent."""
    found: dict[str, bytes | Path] = {}
    choices = draft.choices
    if choices.cuts and choices.painted:
        found["matte"] = studio.matte(draft)
    if choices.task == "inpaint" and choices.painted:
        found["mask"] = studio.region(draft)
    if choices.task == "generate" and choices.skeleton is not None:
        found["pose"] = skeleton(choices)
    if choices.task == "ghost" and choices.back is not None:
        found["back"] = studio.path(draft, choices.back)
    return found


def _ending(name: str) -> str:
    ending = PurePath(name).suffix.lower()
    return ending if ending in ENDINGS else ".png"
