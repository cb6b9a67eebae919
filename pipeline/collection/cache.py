"""Remembers what was cut from a photo, so that its rows share the work: on disk, by content, up to a size."""

import hashlib
import io
import json
import os
import re
import sqlite3
import stat
import zlib
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline import tasks
from pipeline.config import Config
from pipeline.models import Models
from stages.contracts import Cutout, Photo, Shape

#: Folder below the cache's that this version's entries lie in: a folder that is named may hold other things.
OWN = "cutouts-3"
#: Tasks whose cut-out takes long enough to be worth keeping.
CACHED_TASKS = ("generate", "background", "ghost")
#: What a cache folder that cannot be used raises; it only costs time.
_FAILURES = (OSError, sqlite3.Error)


class CutoutCache:
    """Caches cut-outs, keyed by what they were made from: photo bytes, options, segmenter, and the code itself.

    Rows of one photo that come at the same time wait for the first. Several processes may share one folder.
    """

    def __init__(self, folder: Path | None, gigabytes: float) -> None:
        """Opens the folder, creating it if necessary; with None, or 0 GB, nothing is cached."""
        self._store: Any = None
        if folder is not None and gigabytes > 0:
            diskcache = import_module("diskcache")
            self._failures = (*_FAILURES, diskcache.Timeout)
            own = folder / OWN
            with suppress(*self._failures):  # on a full disk, or in a home that is not to be written to
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                own.mkdir(mode=0o700, exist_ok=True)
                if private(own):
                    size = int(min(gigabytes, 1e6) * 1e9)
                    self._store = diskcache.Cache(
                        str(own), disk=_bytes_alone(), size_limit=size, eviction_policy="least-recently-used"
                    )
        self._busy = [Lock() for _ in range(64)]

    def cut(self, photo: Photo, config: Config, models: Models) -> Cutout:
        """Cuts a photo as its task does, or recalls the cut; for `pipeline.flow.produce`. Raises as that does."""
        own = tasks.of(config.task).cut
        if self._store is None or config.task not in CACHED_TASKS:
            return own(photo, config, models)
        key = _key(photo, config, models)
        with self._busy[int(key[:2], 16) % len(self._busy)]:
            found = self._found(key, photo)
            if found is None:
                found = own(photo, config, models)
                self._keep(key, pack(found, photo))
        return found

    def _found(self, key: str, photo: Photo) -> Cutout | None:
        """Looks a cut-out up. A cache that fails costs only time: it is not used again."""
        try:
            packed = self._store.get(key)
            return None if packed is None else unpack(packed, photo)
        except (*self._failures, ValueError, LookupError, TypeError, AttributeError, zlib.error):
            return None

    def _keep(self, key: str, packed: bytes) -> None:
        with suppress(*self._failures):
            self._store.set(key, packed)

    def close(self) -> None:
        """Lets go of the folder."""
        if self._store is not None:
            self._store.close()


def private(folder: Path) -> bool:
    """Whether a folder belongs to this user and nobody else may put files into it."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode):
        return False
    return not hasattr(os, "getuid") or (about.st_uid == os.getuid() and not about.st_mode & 0o022)


@lru_cache(maxsize=1)
def _bytes_alone() -> Any:
    """Returns a disk for diskcache that holds bytes under words, and unpickles nothing that it finds."""
    core = import_module("diskcache.core")

    class BytesAlone(core.Disk):  # type: ignore[misc, name-defined]
        """Keys are words and values bytes; files lie in the cache's folder, whatever its table says."""

        def put(self, key: Any) -> Any:
            if not isinstance(key, str):
                raise TypeError("keys are words")
            return key, True

        def get(self, key: Any, raw: bool) -> Any:  # noqa: ARG002 - as diskcache calls it
            return key if isinstance(key, str) else ""

        def store(self, value: Any, read: bool, key: Any = core.UNKNOWN) -> Any:
            if read or not isinstance(value, bytes):
                raise TypeError("values are bytes")
            return super().store(value, read, key)

        def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
            if read or mode not in (core.MODE_RAW, core.MODE_BINARY) or not self._inside(filename):
                raise ValueError("an entry that is no bytes")
            return super().fetch(mode, filename, value, read)

        def remove(self, file_path: str) -> None:
            if self._inside(file_path):
                super().remove(file_path)

        def _inside(self, name: str | None) -> bool:
            return not name or bool(_ENTRY.fullmatch(name.replace(os.sep, "/")))

    return BytesAlone


#: How diskcache names its files.
_ENTRY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{28}\.val")


def _key(photo: Photo, config: Config, models: Models) -> str:
    cards = [asdict(card) for card in tasks.of(config.task).finders(config, models)]
    told = config.segment.model_dump(mode="json")
    matte = getattr(config.segment, "matte", None)
    if matte is not None:
        told["matte"] = hashlib.sha256(Path(matte).read_bytes()).hexdigest() if Path(matte).is_file() else None
    told["view"] = config.pose.view
    parts = [photo.sha256, config.task, told, cards, _code()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def _code() -> str:
    """Hashes the source of the stages, so that cuts by an older version are never reused."""
    total = hashlib.sha256()
    root = Path(str(import_module("stages").__path__[0]))
    for path in sorted(root.rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()


def pack(cutout: Cutout, photo: Photo) -> bytes:
    """Serialises a cut-out, leaving out what the photo itself holds; `unpack` restores the same arrays."""
    own = (cutout.foreground == photo.pixels).all(axis=2)
    about = {
        "shape": asdict(cutout.shape),
        "segmenter": cutout.segmenter,
        "notes": cutout.notes,
        "inside": cutout.inside is not None,
        "doubts": cutout.doubts,
        "product": cutout.product,
        "worn": cutout.worn,
        "view": None if cutout.view is None else cutout.view.shape,
    }
    file = io.BytesIO()
    none = np.zeros(0, np.float32)
    np.savez(
        file,
        about=np.frombuffer(json.dumps(about).encode(), np.uint8),
        matte=_squeezed(cutout.matte),
        view=_squeezed(np.zeros(0, np.float32) if cutout.view is None else cutout.view),
        own=_squeezed(np.packbits(own)),
        foreground=_squeezed(cutout.foreground[~own]),
        inside=_squeezed(none if cutout.inside is None else cutout.inside),
    )
    return file.getvalue()


def unpack(packed: bytes, photo: Photo) -> Cutout:
    """Restores what `pack` serialised. Raises ValueError, KeyError or zlib.error for any other bytes."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as parts:
        if any(each.compress_type for each in parts.zip.infolist()):
            raise ValueError("parts that unfold as they are read")
        about = json.loads(parts["about"].tobytes())
        height, width = photo.pixels.shape[:2]  # whatever it says of its size: nothing unfolds beyond the photo's
        pixels = height * width
        matte = _loosened(parts["matte"], np.float32, pixels).reshape(height, width)
        bits = _loosened(parts["own"], np.uint8, -(-pixels // 8))
        own = np.unpackbits(bits, count=pixels).reshape(height, width).astype(bool)
        view = about["view"] and _view(parts["view"], about["view"], pixels)
        foreground = photo.pixels.copy()
        others = 3 * int(np.count_nonzero(~own))
        foreground[~own] = _loosened(parts["foreground"], photo.pixels.dtype, others).reshape(-1, 3)
        inside = _loosened(parts["inside"], np.float32, pixels if about["inside"] else 0)
    behind = inside.reshape(height, width) if inside.size else None
    shape = about["shape"]
    shape["landmarks"] = {name: tuple(point) for name, point in shape["landmarks"].items()}
    return Cutout(
        matte,
        foreground,
        Shape(**shape),
        about["segmenter"],
        tuple(about["notes"]),
        inside=behind,
        view=view,
        doubts=tuple(about["doubts"]),
        product=about["product"],
        worn=about["worn"],
    )


def _view(squeezed: npt.NDArray[np.uint8], size: Any, pixels: int) -> npt.NDArray[Any]:
    """Returns a view of (height, width), of no more pixels than the photo or a small picture has."""
    height, width = (int(side) for side in size)
    if not (height > 0 and width > 0 and height * width <= max(pixels, 2**22)):
        raise ValueError("a view of another size")
    return _loosened(squeezed, np.float32, height * width).reshape(height, width)


def _squeezed(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(zlib.compress(np.ascontiguousarray(array).tobytes(), 1), np.uint8)


def _loosened(squeezed: npt.NDArray[np.uint8], dtype: npt.DTypeLike, count: int) -> npt.NDArray[Any]:
    """Returns `count` values of a type. Raises ValueError where there are others."""
    length = count * np.dtype(dtype).itemsize
    content = zlib.decompressobj().decompress(squeezed.tobytes(), length + 1)
    if len(content) != length:
        raise ValueError("a cut-out of another size")
    return np.frombuffer(content, dtype)
