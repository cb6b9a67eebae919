"""A log that goes to the terminal and to a file."""

from datetime import UTC, datetime
from pathlib import Path


class Log:
    """Call it with a line: it is printed, and appended to `path` with the time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, line: str) -> None:
        stamped = f"{datetime.now(UTC):%H:%M:%S} {line}"
        print(stamped, flush=True)
        with self.path.open("a") as file:
            file.write(stamped + "\n")
