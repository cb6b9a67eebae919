"""Remembers the last cut-out: one subject before many scenes, or one photo in many formats, is cut once."""

import threading

from pipeline import tasks
from pipeline.config import Config
from pipeline.models import Models
from stages.contracts import Cutout, Photo


class LastCut:
    """Caches the last cut-out, for `pipeline.flow.produce` as its `cut`. Threads that share it wait for one another."""

    def __init__(self) -> None:
        """Begins empty."""
        self._last: tuple[object, Cutout] | None = None
        self._guard = threading.Lock()

    def __call__(self, photo: Photo, config: Config, models: Models) -> Cutout:
        """Cuts a photo as the config's task does, unless the last call was for the same photo and options."""
        key = (photo.sha256, config.task, config.segment, config.inpaint, config.fill, config.generate.prompt)
        with self._guard:
            if self._last is None or self._last[0] != key:
                self._last = (key, tasks.of(config.task).cut(photo, config, models))
            return self._last[1]
