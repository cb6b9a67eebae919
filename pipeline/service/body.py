"""Takes what is sent: no more bytes than allowed, files under names of the server's own."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.service import problems, request_options
from stages.errors import ConfigError
from stages.options import Options

#: Fields of a form, and bytes of one that is no file.
FIELDS, FIELD_BYTES = 200, 100_000
#: Photos of an outfit beside the first.
MOST_FURTHER = 12
#: Longest name of a photo that is kept, in characters.
NAME = 200


class BodyLimit:
    """Refuses requests that are longer than allowed, whatever length they declare."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        """`most` bytes are allowed."""
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        words = f"the request has more than the {self.most / 1e6:g} MB allowed"
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.most:
            return await problems.answer(413, words, {"Connection": "close"})(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most:
                raise HTTPException(413, words, {"Connection": "close"})
            return message

        return await self.app(scope, counted, send)


@dataclass(slots=True)
class Sent:
    """Content of a request."""

    options: dict[str, Any]
    """By bare names, checked."""
    uploads: dict[str, UploadFile] = field(default_factory=dict)
    """By name: photo, matte, mask, background, pose."""
    further: list[UploadFile] = field(default_factory=list)
    """Photos of an outfit beside the first."""


async def sent(request: Request, kind: type[Options]) -> Sent:
    """Reads a request as JSON or as a form. Raises ConfigError or HTTPException for what cannot be taken."""
    media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media == "multipart/form-data":
        return await _form(request, kind)
    if media == "application/json":
        try:
            given = await request.json()
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"the body is not valid JSON: {error}") from error
        if not isinstance(given, Mapping):
            raise ConfigError("the body must be one JSON object of options")
        return Sent(request_options.checked(kind, given))
    raise HTTPException(415, "send multipart/form-data with a photo, or application/json with its address")


async def _form(request: Request, kind: type[Options]) -> Sent:
    files = len(request_options.FILES) + 1 + MOST_FURTHER
    form = await request.form(max_files=files, max_fields=FIELDS, max_part_size=FIELD_BYTES)
    uploads: dict[str, UploadFile] = {}
    further: list[UploadFile] = []
    words: list[tuple[str, str]] = []
    for name, value in form.multi_items():
        if isinstance(value, str):
            words.append((name, value))
        elif name == request_options.FURTHER and len(further) < MOST_FURTHER:
            further.append(value)
        elif name in uploads or name not in {"photo", *request_options.FILES}:
            known = ", ".join(("photo", request_options.FURTHER, *request_options.FILES))
            raise ConfigError(f"{name} takes no file, or was sent twice: files are {known}")
        else:
            uploads[name] = value
    both = [name for name, _ in words if name in uploads]
    if both:
        raise ConfigError(f"{both[0]} is sent both as a file and as words: one of them")
    return Sent(request_options.checked(kind, request_options.of_form(kind, words)), uploads, further)


def named(upload: UploadFile) -> str:
    """Name of an uploaded file. Raises ConfigError for a name that holds a path."""
    name = upload.filename or "photo"
    if any(each in name for each in "/\\\0") or name in (".", "..") or len(name) > NAME:
        raise ConfigError(f"{name[:60]!r} is not a file name: send one without a path, of at most {NAME} characters")
    return name


def keep(upload: UploadFile, folder: Path, stem: str, ending: str) -> Path:
    """Writes a file under a name of the server's own, and gives its path."""
    path = folder / f"{stem}{ending}"
    upload.file.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file, 2**20)
    return path
