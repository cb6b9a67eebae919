"""The body that will wear a draft's garment, drawn by the run's own stages at a size that takes seconds."""

import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline import tasks
from pipeline.config import Config
from pipeline.dressed import dressed
from pipeline.studio.drafts import Draft
from pipeline.studio.work import Studio, rgba, skeleton, worn
from stages.contracts import Placed
from stages.errors import NotFoundError
from stages.figure import stand
from stages.figure.records import Figure

#: Longer side of the canvas that the body is drawn on, in pixels: about three seconds of a CPU.
SIDE = 900
#: Bodies that are remembered.
HELD = 4
#: What of a config decides how the body looks.
_DECIDES = {"photo", "segment", "place", "pose", "stance", "figure", "casting", "scene", "outfit"}
_PAINTED = {"strokes", "inverted", "mask", "skeleton", "further"}

Shares = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Body:
    """A drawn body in what it wears."""

    png: bytes
    """With transparency; the garment lies over the body."""
    box: Shares
    """Where the picture lies on the draft's canvas, left, top, right and bottom as shares of its sides."""
    frame: Shares
    """What of that canvas the picture will show: a body is moved up or down with its garment until its eyes are in
    line."""
    size: str
    """Of the body, by EN 13402-3."""


class Bodies:
    """Draws one body at a time, and remembers the last ones."""

    def __init__(self, studio: Studio) -> None:
        """Begins empty."""
        self.studio = studio
        self._turn = threading.Lock()
        self._held: OrderedDict[str, Body] = OrderedDict()

    def get(self, name: str) -> Body:
        """Returns the body of a draft, as the draft is when its turn comes: who waited gets what is newest by then.

        Raises KeyError where there is no such draft, NotFoundError where no body is drawn, and else as the cut does.
        """
        with self._turn:
            draft = worn(self.studio.drafts.get(name))
            key = self._key(draft)
            if key not in self._held:
                self._held[key] = self._drawn(draft)
                if len(self._held) > HELD:
                    self._held.popitem(last=False)
            self._held.move_to_end(key)
            return self._held[key]

    def _key(self, draft: Draft) -> str:
        config = self.studio.config(draft)
        said = config.model_dump_json(include=_DECIDES), draft.choices.model_dump_json(include=_PAINTED)
        return f"{draft.id} {config.generate.seed} {said}"

    def _drawn(self, draft: Draft) -> Body:
        with tempfile.TemporaryDirectory() as folder:
            pose = None
            if draft.choices.skeleton is not None:  # as the run is given it
                path = Path(folder) / "pose.json"
                path.write_bytes(skeleton(draft.choices))
                pose = str(path)
            full = self.studio.config(draft, pose)
            config = _bounded(full)
            placed, pieces, read = self.studio.laid(draft, config)
            if full.place.size == "auto" and placed.placement.scale > 1:  # smaller than what would be drawn
                config = full
                placed, pieces, read = self.studio.laid(draft, config)
            models, task = self.studio.models, tasks.of("generate")
            joints = task.stand(read, placed, config, models)
        figure, unfit, lies = dressed(task, placed, joints, pieces, config, models, lambda *_: None, lit=True)
        if figure is None:
            raise NotFoundError(f"No body is drawn. {unfit or 'The figure is off: a model paints the person alone.'}")
        return _shown(figure, placed, lies, config)


def _bounded(config: Config) -> Config:
    """Returns a config whose canvas is at most `SIDE` long."""
    auto = config.place.size == "auto"
    wide, high = (int(side) for side in (config.place.aspect.split(":") if auto else config.place.size.split("x")))
    shrink = SIDE / max(wide, high)
    if shrink >= 1 and not auto:
        return config
    size = f"{max(1, round(wide * shrink))}x{max(1, round(high * shrink))}"
    return config.model_copy(update={"place": config.place.model_copy(update={"size": size})})


def _shown(figure: Figure, placed: Placed, lies: Placed, config: Config) -> Body:
    both = stand.with_garment(lies, figure)
    sides = np.array([placed.width, placed.height] * 2)
    moved = np.array([lies.placement.x - placed.placement.x, lies.placement.y - placed.placement.y] * 2)
    box = (np.array(both.box) - moved) / sides
    frame = np.array([0, 0, 1, 1]) - moved / sides
    size = str(figure.posed.parameters.get("size", config.casting.size))
    return Body(rgba(both.matte, both.foreground, both.icc, SIDE), _shares(box), _shares(frame), size)


def _shares(found: np.ndarray) -> Shares:
    left, top, right, bottom = (round(float(each), 5) for each in found)
    return left, top, right, bottom
