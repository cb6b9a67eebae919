"""The routes of collections: rows, marks, and the run."""

import shlex
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, HTTPException, Query
from fastapi import Path as At
from fastapi.responses import FileResponse

from pipeline.collection.row import ID
from pipeline.studio.collections import Collections, Entry, Mark
from pipeline.studio.drafts import NAME, Part
from pipeline.studio.running import Running

Name = Annotated[str, At(pattern=NAME.pattern)]
Row = Annotated[str, At(pattern=ID.pattern)]
Show = Literal["all", "unmarked", "approved", "rejected", "ok", "failed", "pending"]
Found = TypeVar("Found")


class Begun(Part):
    """A collection to begin."""

    name: str


class Elsewhere(Part):
    """A collection to open."""

    manifest: str
    out: str


class Judged(Part):
    """A mark to give, or to take back."""

    id: str
    sha256: str
    mark: Mark | None


class Chosen(Part):
    """The draft to add."""

    draft: str


def make(collections: Collections, running: Running) -> APIRouter:
    """Returns the routes."""
    router = APIRouter(prefix="/studio/collections", include_in_schema=False)

    def known(work: Callable[[], Found]) -> Found:
        try:
            return work()
        except KeyError:
            raise HTTPException(404, "there is no such collection, row or draft") from None

    def own(name: str) -> Entry:
        return known(lambda: collections.get(name))

    def said(entry: Entry) -> dict[str, Any]:
        marks = collections.marks_file(entry)
        words = ["onmodel", "collection", "run", entry.manifest, "-o", entry.out]
        return {
            **entry.model_dump(),
            **running.progress(entry).model_dump(),
            "command": shlex.join([*words, "--rejected", str(marks)] if marks.is_file() else words),
        }

    @router.get("")
    def every() -> list[dict[str, Any]]:
        return [said(each) for each in collections.all()]

    @router.post("", status_code=201)
    def begin(asked: Begun) -> dict[str, Any]:
        return said(collections.begin(asked.name))

    @router.post("/open", status_code=201)
    def open_(asked: Elsewhere) -> dict[str, Any]:
        return said(collections.open(asked.manifest, asked.out))

    @router.get("/{name}")
    def one(name: Name) -> dict[str, Any]:
        return said(own(name))

    @router.post("/{name}/rows", status_code=201)
    def add(name: Name, asked: Chosen) -> dict[str, Any]:
        draft = known(lambda: collections.studio.drafts.get(asked.draft))
        return {"rows": collections.add(own(name), draft)}

    @router.get("/{name}/rows")
    def rows(
        name: Name,
        start: Annotated[int, Query(ge=0)] = 0,
        count: Annotated[int, Query(ge=1, le=200)] = 60,
        show: Show = "all",
    ) -> dict[str, Any]:
        every = collections.rows(own(name))
        counts = {kind: sum(_is(row, kind) for row in every) for kind in Show.__args__}  # type: ignore[attr-defined]
        shown = [row for row in every if _is(row, show)]
        return {"counts": counts, "rows": [asdict(row) for row in shown[start : start + count]]}

    @router.get("/{name}/rows/{row}/{kind}")
    def small(name: Name, row: Row, kind: Literal["before", "after", "png", "json"]) -> FileResponse:
        entry = own(name)
        return FileResponse(known(lambda: collections.small(entry, row, kind)), headers={"Cache-Control": "no-cache"})

    @router.put("/{name}/marks")
    def mark(name: Name, asked: Judged) -> dict[str, Any]:
        collections.mark(own(name), asked.id, asked.sha256, asked.mark)
        return {}

    @router.post("/{name}/run", status_code=202)
    def run(name: Name) -> dict[str, Any]:
        entry = own(name)
        running.begin(entry)
        return said(entry)

    @router.delete("/{name}/run", status_code=202)
    def stop(name: Name) -> dict[str, Any]:
        entry = own(name)
        running.stop(entry)
        return said(entry)

    return router


def _is(row: Any, show: str) -> bool:
    if show in ("approved", "rejected"):
        return bool(row.mark == show)
    if show == "unmarked":
        return row.status == "ok" and not row.mark
    if show == "failed":
        return row.status in ("failed", "error")
    return show in ("all", row.status)
