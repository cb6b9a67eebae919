"""Approve and reject: marks from report.html, and the seeds that rejected pictures are made again with."""

import json
from pathlib import Path
from typing import Any

from pipeline.collection.places import Folder
from stages.errors import ConfigError

SEEDS = ".onmodel/seeds.json"


def rejected(path: Path) -> dict[str, str]:
    """Gives the SHA-256 of each rejected picture by row id. Raises ConfigError when the file is no such marks."""
    try:
        marks = json.loads(path.read_text(encoding="utf-8"))["rejected"]
        found = {str(mark["id"]): str(mark["sha256"]) for mark in marks}
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} holds no marks: save them from report.html") from error
    return found


class Seeds:
    """How often each row's picture was rejected, and so how far its seed has moved; kept in the output folder.

    A picture counts once however often its marks are given, so that a killed run can be repeated word for word.
    """

    def __init__(self, folder: Folder) -> None:
        """Reads what earlier runs kept."""
        self.folder = folder
        content = folder.read(SEEDS)
        self.rejected: dict[str, list[str]] = json.loads(content) if content else {}

    def reject(self, marks: dict[str, str]) -> None:
        """Adds marks and keeps them at once, before any picture is made anew."""
        for name, sha256 in marks.items():
            before = self.rejected.setdefault(name, [])
            if sha256 not in before:
                before.append(sha256)
        self.folder.write({SEEDS: (json.dumps(self.rejected, indent=1, sort_keys=True) + "\n").encode()})

    def seed(self, name: str, generate: Any) -> int | None:
        """Gives the seed that a row has now, beyond the candidates of those rejected; None if it is its own still."""
        times = len(self.rejected.get(name, ()))
        return (int(generate.seed) + times * int(generate.candidates)) % 2**32 if times else None
