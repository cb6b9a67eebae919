"""The cuts of a draft's photos, each made once while its clicks stay the same."""

import threading
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

from pipeline import tasks, traces
from pipeline.config import Config
from pipeline.models import Models
from stages import photo, shape
from stages.contracts import Cutout, Matte, Photo
from stages.find.finder import Finder
from stages.options import PhotoOptions

#: Pixels of the photos whose cuts are remembered: at ten bytes each, about 2 GB.
HELD = 200_000_000
#: Photos that are remembered beside them.
PHOTOS = 3
#: Longer side of the picture that a first look is taken at.
GLANCE = 640


class Cuts:
    """Cuts photos one at a time, and remembers the last ones."""

    def __init__(self, models: Models) -> None:
        """`models` are used by one thread at a time."""
        self.models = models
        self._turn = threading.Lock()
        self._photos: OrderedDict[Path, Photo] = OrderedDict()
        self._held: OrderedDict[str, tuple[Photo, Cutout]] = OrderedDict()

    def photo(self, path: Path, name: str, options: PhotoOptions) -> Photo:
        """Returns a photo; the last ones are remembered, since a draft's files never change."""
        found = self._photos.get(path)
        if found is None:
            found = self._photos[path] = photo.read(path, options, name)
            while len(self._photos) > PHOTOS:
                self._photos.popitem(last=False)
        return found

    def get(self, path: Path, name: str, config: Config) -> tuple[Photo, Cutout]:
        """Returns a photo and what `config` keeps of it. Raises as the task's `cut` does.

        Landmarks that were moved are laid over the cut: moving one cuts nothing again.
        """
        moved = config.segment.landmark
        plain = config.model_copy(update={"segment": config.segment.model_copy(update={"landmark": ()})})
        key = self._key(path, config)
        with self._turn:
            if key not in self._held:
                read = self.photo(path, name, config.photo)
                self._held[key] = (read, tasks.of(config.task).cut(read, plain, self.models))
                self._forget()
            self._held.move_to_end(key)
            read, cutout = self._held[key]
        if moved and not cutout.product:
            cutout = replace(cutout, shape=shape.corrected(cutout.shape, moved, read.width, read.height))
        return read, cutout

    def first(self, path: Path, name: str, config: Config) -> Matte | None:
        """Returns a small first look at what `get` will find, H x W in [0, 1]; None where none is quicker."""
        if self._key(path, config) in self._held:
            return None
        with self._turn:
            segmenter = self.models.segmenter(config.segment)
            if not isinstance(segmenter, Finder):
                return None
            read = self.photo(path, name, config.photo)
            return segmenter.glance(traces.small(read.pixels, read.icc, GLANCE))

    @staticmethod
    def _key(path: Path, config: Config) -> str:
        plain = config.segment.model_copy(update={"landmark": ()})
        return f"{path} {config.task} {config.pose.view} {plain.model_dump_json()}"

    def _forget(self) -> None:
        while len(self._held) > 1 and sum(each.width * each.height for each, _ in self._held.values()) > HELD:
            self._held.popitem(last=False)

    def load(self, config: Config) -> None:
        """Loads what cuts by `config`, so that the first photo need not wait for it."""
        with self._turn:
            self.models.segmenter(config.segment)
