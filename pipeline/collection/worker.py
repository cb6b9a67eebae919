"""A worker makes rows' pictures: it holds the models of one device, and several rows at once."""

import hashlib
import io
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
from PIL import Image

from pipeline.collection import network, places, record, safe
from pipeline.collection.cache import CutoutCache
from pipeline.collection.places import Folder
from pipeline.collection.record import Doing, Outcome, Work
from pipeline.flow import Product, produce
from pipeline.models import Models
from pipeline.receipt import Place
from pipeline.shared_models import SharedModels
from pipeline.unexpected import explained, out_of_memory
from stages import colour, photo
from stages.contracts import Photo
from stages.errors import ForeignError, OnmodelError, OutputError

_Files = dict[str, bytes]
#: Longer side of the report's small pictures, and their JPEG quality: about 15 kB each.
THUMB, THUMB_QUALITY = 384, 80
#: Exit code in the record of a cancelled row: that of an interruption.
CANCELLED = 130


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker needs to begin, in this process or another."""

    out: str
    models: Callable[[], Models] = Models
    cache: Path | None = None
    cache_gb: float = 0
    device: str | None = None
    """Instead of the device that rows ask for; None leaves theirs."""
    keep: frozenset[str] = frozenset()
    """Names in the output folder that the manifest reads."""
    allow_private: bool = False
    faults: bool = False
    """Whether a small picture of where faults are worst is written as well."""
    cancelled: Path | None = None
    """Folder in which a file of a row's id ends that row; None where nobody cancels rows."""


class Cancelled(Exception):  # noqa: N818 - no fault: somebody asked for it
    """A row was cancelled while it was made."""


class Worker:
    """Makes pictures. `run` may be called by several threads: models are used by one at a time, the rest overlaps."""

    def __init__(self, setup: Setup) -> None:
        """Loads nothing yet."""
        self.setup = setup
        network.allow(setup.allow_private)
        self.folder = Folder(setup.out)
        self.cache = CutoutCache(setup.cache, setup.cache_gb)
        self._models = SharedModels(setup.models())
        self._doing: dict[int, Doing] = {}

    def doing(self) -> tuple[Doing, ...]:
        """Lists what each thread is doing."""
        return tuple(self._doing.copy().values())

    def run(self, work: Work) -> Outcome:
        """Makes one row's files: picture, mask and receipt, or a record of what went wrong.

        Never raises for what is wrong with a row. A folder that cannot be written to gives an outcome that is `full`,
        and leaves the row unfinished.
        """
        began = time.perf_counter()
        thread = threading.get_ident()

        def report(stage: str, done: int, total: int) -> None:
            self._doing[thread] = Doing(work.id, stage, done, total)
            if self.setup.cancelled is not None and (self.setup.cancelled / work.id).exists():
                raise Cancelled

        try:
            with self._models.job():
                status, error, files = self._made(work, report)
            self._doing[thread] = Doing(work.id, "write")
            self._write(work.id, files)
        except ForeignError as problem:  # somebody put a file there meanwhile: it stays, and costs this row alone
            return Outcome(work.id, "error", time.perf_counter() - began, error=str(problem))
        except OutputError as problem:
            return Outcome(work.id, "error", time.perf_counter() - began, error=str(problem), full=True)
        finally:
            self._doing.pop(thread, None)
        return Outcome(work.id, status, time.perf_counter() - began, sum(map(len, files.values())), error)

    def _made(self, work: Work, report: Callable[[str, int, int], None]) -> tuple[record.Status, str | None, _Files]:
        """Returns a row's status, what went wrong, and its files with the record last."""
        config = work.config
        if self.setup.device is not None:
            generate = config.generate.model_copy(update={"device": self.setup.device})
            config = config.model_copy(update={"generate": generate})
        stamp, sha256, again, trace = None, "missing", False, None
        try:
            report("read", 0, 1)
            stamp = places.stamp(work.photo)
            source = photo.read(places.read(work.photo), config.photo, work.name.rpartition("/")[2])
            sha256 = source.sha256
            others = [
                photo.read(places.read(each.photo), config.photo, each.photo.partition("?")[0].rpartition("/")[2])
                for each in config.outfit.worn
            ]
            product = produce(
                source,
                config,
                self._models,
                name=work.id,
                report=report,
                preview=THUMB,
                faults=self.setup.faults,
                cut=self.cache.cut,
                others=others,
            )
        except Cancelled:
            error, code = "cancelled", CANCELLED
        except OnmodelError as problem:
            error, code = str(problem), problem.exit_code
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with one row must not stop the others
            again = out_of_memory(problem)
            error, code = str(explained(problem)), OnmodelError.exit_code
            trace = traceback.format_exc(limit=-4)
            _give_back_memory()
        else:
            return _finished(work, product, source, stamp)
        sha256 = sha256 if sha256 != "missing" else places.sha256(work.photo)
        entry = record.about(work, sha256, stamp, {})
        text = record.failure(config, error, code, entry, again=again, trace=trace)
        return "error", error, {f"{work.id}.json": text}

    def _write(self, name: str, files: _Files) -> None:
        safe.write_row(self.folder, name, files, self.setup.keep)

    def close(self) -> None:
        """Ends the models' threads and closes the cache."""
        self._models.close()
        self.cache.close()


def _finished(
    work: Work, product: Product, source: Photo, stamp: str | None
) -> tuple[record.Status, str | None, _Files]:
    receipt = product.receipt
    pictures: _Files = {}
    if product.png is not None:
        pictures = {f"{work.id}.png": product.png, f"{work.id}.mask.png": product.mask}
        if product.joined is not None:
            pictures[f"{work.id}.back.mask.png"] = product.joined
        if product.export is not None:
            pictures[f"{work.id}.{work.config.write.format}"] = product.export
        pictures |= {f"{work.id}{each}": content for each, content in product.channels.items()}
        if product.layers is not None:
            pictures[f"{work.id}.ora"] = product.layers
        if product.garments is not None:
            pictures[f"{work.id}.garments.png"] = product.garments
    entry = record.about(work, source.sha256, stamp, pictures)

    def text() -> _Files:
        files = {name: hashlib.sha256(content).hexdigest() for name, content in pictures.items()}
        return {f"{work.id}.json": receipt.model_copy(update={"collection": entry, "files": files}).text().encode()}

    if product.png is None:
        return "failed", "; ".join(receipt.failures), text()
    if product.preview is not None and receipt.output and receipt.output.width:
        after = Image.fromarray(product.preview)
        shown = {"before": before(source, receipt.placement, receipt.output.width, after.size), "after": after}
        if product.faults is not None:
            shown["faults"] = Image.fromarray(product.faults)
        pictures |= {f"{places.OWN}/{work.id}.{kind}.jpg": _jpeg(picture) for kind, picture in shown.items()}
    return "ok", None, {**pictures, **text()}


def before(source: Photo, placement: Place, width: int, size: tuple[int, int]) -> Image.Image:
    """Returns a canvas of `width` pixels made small, to `size`: the photo where it was placed, on grey."""
    factor = size[0] / width
    part = tuple(max(1, round(factor * placement.scale * side)) for side in (source.width, source.height))
    shrunk = colour.to_srgb(cv2.resize(source.pixels, part, interpolation=cv2.INTER_AREA), source.icc)
    canvas = Image.new("RGB", size, (128, 128, 128))
    canvas.paste(Image.fromarray(shrunk), (round(placement.x * factor), round(placement.y * factor)))
    return canvas


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=THUMB_QUALITY)
    return file.getvalue()


def _give_back_memory() -> None:
    """Empties torch's cache after a failure, if torch was loaded at all, so that the next row finds room."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
