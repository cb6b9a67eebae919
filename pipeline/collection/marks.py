"""Approve and reject: marks from report.html, and the seeds that rejected pictures are made again with."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from pipeline import ownership
from pipeline.collection.places import Folder
from pipeline.receipt import Record, Sha256
from stages.errors import ConfigError, OutputError
from stages.reading import contents

SEEDS = ".onmodel/seeds.json"


class _Mark(BaseModel):
    id: str
    sha256: str


class _Marks(BaseModel):
    rejected: list[_Mark]


class _Rejected(Record):
    rejected: dict[str, Annotated[list[Sha256], Field(max_length=10_000)]] = Field(default_factory=dict)


def rejected(path: Path) -> dict[str, str]:
    """Reads the SHA-256 of each rejected picture, by row id. Raises ConfigError if the file does not hold marks."""
    try:
        marks = _Marks.model_validate_json(contents(path)).rejected
    except (OSError, ValidationError) as error:
        raise ConfigError(f"{path} holds no marks: save them from report.html") from error
    return {mark.id: mark.sha256 for mark in marks}


class Seeds:
    """Counts how often each row's picture was rejected, which is how far its seed has moved; kept in the output folder.

    A picture counts once however often its marks are given, so that a killed run can be repeated word for word.
    """

    def __init__(self, folder: Folder) -> None:
        """Reads the counts of earlier runs. Raises OutputError if the file is damaged."""
        self.folder = folder
        self._content = folder.read(SEEDS)
        self.rejected: dict[str, list[str]] = {}
        if self._content is not None:
            try:
                self.rejected = dict(_Rejected.model_validate_json(self._content).rejected)
            except ValidationError as error:
                raise OutputError(f"{SEEDS} in {folder.out} is damaged: move it away, or choose another -o") from error

    def reject(self, marks: dict[str, str]) -> None:
        """Adds marks and keeps them at once, before any picture is made anew."""
        for name, sha256 in marks.items():
            before = self.rejected.setdefault(name, [])
            if sha256 not in before:
                before.append(sha256)
        kept = _Rejected(schema_=1, task=None, status="ok", rejected=dict(sorted(self.rejected.items())))
        content = kept.text().encode()
        self.folder.write({SEEDS: content}, ownership.hashes(self._content))
        self._content = content

    def seed(self, name: str, generate: Any) -> int | None:
        """Returns the seed that a row has now, beyond the candidates of those rejected; None if it is its own still."""
        times = len(self.rejected.get(name, ()))
        return (int(generate.seed) + times * int(generate.candidates)) % 2**32 if times else None
