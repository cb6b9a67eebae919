"""Reads small files of strangers whole: regular files alone, and no more of them than they may hold."""

import os
import stat
from pathlib import Path

#: Receipts, presets, castings, poses and marks: the largest of them, a receipt, has 10 kB.
SMALL = 16 * 1024**2

#: A photo: 200 megapixels of 16 bits have 1.2 GB, as a file without compression.
LARGE = 1_300_000_000


def is_file(path: str | Path) -> bool:
    """Whether a path is a file's; pathlib raises for names that are too long or loop."""
    return os.path.isfile(path)


def is_there(path: str | Path) -> bool:
    """Whether a path is a file's or a folder's, as `is_file`."""
    return os.path.exists(path)


def contents(path: Path, most: int = SMALL) -> bytes:
    """Returns a file's bytes. Raises OSError when it is missing, no regular file, or longer than `most` bytes.

    Devices and pipes have no end, or make a run wait for ever.
    """
    try:
        with os.fdopen(
            os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
        ) as file:
            about = os.fstat(file.fileno())
            if stat.S_ISDIR(about.st_mode):
                raise IsADirectoryError(21, "it is a folder", str(path))
            if not stat.S_ISREG(about.st_mode):
                raise OSError(22, "it is no regular file", str(path))
            if about.st_size > most:
                raise OSError(27, f"it has {about.st_size / 1e6:.0f} MB, more than {most / 1e6:.0f}", str(path))
            return file.read()
    except ValueError as error:  # a NUL in the name
        raise OSError(22, str(error), str(path)) from None
