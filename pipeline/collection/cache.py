"""Remembers what was cut from a photo, so that its rows share the work: on disk, by content, up to a size."""

import hashlib
import io
import json
import sqlite3
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

#: Tasks whose cut-out takes long enough to be worth keeping.
REMEMBERED = ("generate", "background")
#: What a cache folder that cannot be used raises; it only costs time.
_FAILURES = (OSError, sqlite3.Error)


class CutoutCache:
    """Cut-outs by what they were made from: the photo's bytes, the options, the segmenter, and the code itself.

    Rows of one photo that come at the same time wait for the first. Several processes may share one folder.
    """

    def __init__(self, folder: Path | None, gigabytes: float) -> None:
        """Opens the folder, making it if need be; None, or no gigabytes, remembers nothing."""
        self._store: Any = None
        if folder is not None and gigabytes > 0:
            diskcache = import_module("diskcache")
            self._failures = (*_FAILURES, diskcache.Timeout)
            with suppress(*self._failures):  # on a full disk, or in a home that is not to be written to
                self._store = diskcache.Cache(
                    str(folder), size_limit=int(gigabytes * 1e9), eviction_policy="least-recently-used"
                )
        self._busy = [Lock() for _ in range(64)]

    def cut(self, photo: Photo, config: Config, models: Models) -> Cutout:
        """Gives what the config's task keeps of a photo; fits `pipeline.flow.produce`. Raises what the task raises."""
        own = tasks.of(config.task).cut
        if self._store is None or config.task not in REMEMBERED:
            return own(photo, config, models)
        key = _key(photo, config, models)
        with self._busy[int(key[:2], 16) % len(self._busy)]:
            found = self._found(key, photo)
            if found is None:
                found = own(photo, config, models)
                self._keep(key, pack(found, photo))
        return found

    def _found(self, key: str, photo: Photo) -> Cutout | None:
        """Gives what is remembered. A cache that fails only costs time: it is then asked for nothing."""
        try:
            packed = self._store.get(key)
            return None if packed is None else unpack(packed, photo)
        except (*self._failures, ValueError, KeyError, zlib.error):
            return None

    def _keep(self, key: str, packed: bytes) -> None:
        with suppress(*self._failures):
            self._store.set(key, packed)

    def close(self) -> None:
        """Lets go of the folder."""
        if self._store is not None:
            self._store.close()


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
    """Gives a hash of the stages' source: what an older one cut is not taken for what this one would cut."""
    total = hashlib.sha256()
    root = Path(str(import_module("stages").__path__[0]))
    for path in sorted(root.rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()


def pack(cutout: Cutout, photo: Photo) -> bytes:
    """Gives a cut-out of a photo as bytes, without what the photo itself holds; `unpack` gives the same arrays back."""
    own = (cutout.foreground == photo.pixels).all(axis=2)
    about = {
        "shape": asdict(cutout.shape),
        "segmenter": cutout.segmenter,
        "notes": cutout.notes,
        "doubts": cutout.doubts,
        "product": cutout.product,
        "view": None if cutout.view is None else cutout.view.shape,
        "size": cutout.matte.shape,
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
    """Gives what `pack` was given. Raises ValueError, KeyError or zlib.error when the bytes are no such thing."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as parts:
        about = json.loads(parts["about"].tobytes())
        height, width = about["size"]
        matte = _loosened(parts["matte"], np.float32).reshape(height, width)
        view = about["view"] and _loosened(parts["view"], np.float32).reshape(about["view"])
        own = np.unpackbits(_loosened(parts["own"], np.uint8), count=height * width).reshape(height, width).astype(bool)
        foreground = photo.pixels.copy()
        foreground[~own] = _loosened(parts["foreground"], photo.pixels.dtype).reshape(-1, 3)
        inside = _loosened(parts["inside"], np.float32)
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
    )


def _squeezed(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(zlib.compress(np.ascontiguousarray(array).tobytes(), 1), np.uint8)


def _loosened(squeezed: npt.NDArray[np.uint8], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.frombuffer(zlib.decompress(squeezed.tobytes()), dtype)
