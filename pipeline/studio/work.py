"""What the studio works out of a draft: the cut, the canvas and the skeleton, and the job that makes its picture."""

import json
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from pathlib import PurePath
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline import tasks, traces
from pipeline.collection import keys
from pipeline.models import Models
from pipeline.service import request_options
from pipeline.service.access import LOCAL
from pipeline.service.jobs import Job
from pipeline.service.service import ENDINGS, Service
from pipeline.studio.drafts import Choices, Draft, Drafts, checked, painted
from stages import photo, write
from stages.canvas import mask
from stages.contracts import Cutout, Photo, Placed
from stages.contracts import Skeleton as Joints
from stages.errors import PhotoError
from stages.options import PhotoOptions
from stages.pose.draw import draw

#: Longer side of what the page shows, in pixels.
SIDE = 1600
#: Cut-outs that are remembered.
HELD = 4
#: Size of a pose's small picture.
THUMB = 160


class Studio:
    """Works for the pages that are open, one thing at a time; pictures are made by the service."""

    def __init__(self, service: Service) -> None:
        """`service` is the one whose queue the pictures go to; its folder holds the drafts."""
        self.service = service
        self.drafts = Drafts(service.queue.folder / "drafts")
        self.models = Models()
        self._turn = threading.Lock()
        self._cuts: OrderedDict[str, tuple[Photo, Cutout]] = OrderedDict()

    def add(self, name: str, content: bytes) -> Draft:
        """Keeps a photo as a new draft. Raises PhotoError for what is no photo."""
        limits = PhotoOptions(max_megapixels=self.service.options.max_photo_megapixels)
        read = photo.read(content, limits, name)
        folder = self.drafts.place(found := self.drafts.begin())
        (folder / "photo").write_bytes(content)
        shown = traces.small(read.pixels, read.icc, SIDE)
        (folder / "photo.jpg").write_bytes(_jpeg(shown))
        draft = Draft(id=found, name=name, file="photo", width=read.width, height=read.height)
        self.drafts.save(draft)
        return draft

    def cut(self, draft: Draft) -> tuple[Photo, Cutout]:
        """Returns the photo and the cut that finder and clicks give; the same clicks are cut once."""
        said = checked(self.service.kind, draft.choices.model_copy(update={"strokes": (), "inverted": False}))
        said.pop("pose", None)
        key = json.dumps(
            [draft.id, said.get("garment_point"), said.get("not_point"), said.get("garment"), said["task"]]
        )
        with self._turn:
            if key not in self._cuts:
                config = self.service.base.config(keys.nested(said))
                read = photo.read(self.drafts.place(draft.id) / draft.file, config.photo, draft.name)
                self._cuts[key] = (read, tasks.of(config.task).cut(read, config, self.models))
                while len(self._cuts) > HELD:
                    self._cuts.popitem(last=False)
            self._cuts.move_to_end(key)
            return self._cuts[key]

    def matte(self, draft: Draft, side: int | None = None) -> bytes:
        """Returns the matte that finder and clicks give, as PNG at most `side` long; in full with the strokes on it."""
        _, cutout = self.cut(draft)
        if side is None:
            return write.encode_mask(255 - mask.of_matte(painted(cutout.matte, draft.choices)))
        height, width = cutout.matte.shape
        scale = min(1.0, side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        return _png(np.rint(cv2.resize(cutout.matte, size, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8))

    def placed(self, draft: Draft, pose: str | None = None) -> tuple[Placed, Joints, Photo]:
        """Returns the garment on its canvas and the skeleton in it, moved joints not heeded."""
        worn = draft.model_copy(update={"choices": draft.choices.model_copy(update={"task": "generate"})})
        read, cutout = self.cut(worn)
        said = checked(self.service.kind, worn.choices)
        config = self.service.base.config(keys.nested({**said, **({"pose": pose} if pose else {})}))
        task = tasks.of("generate")
        placed = task.place(read, cutout, config)
        return placed, task.stand(read, placed, config, self.models), read

    def pose_picture(self, draft: Draft, pose: str) -> bytes:
        """Returns a pose's skeleton in this garment, a small PNG."""
        placed, joints, _ = self.placed(draft, pose)
        scale = THUMB / max(placed.width, placed.height)
        width, height = round(placed.width * scale), round(placed.height * scale)
        drawn = draw(joints * np.array([scale, scale, 1], np.float32), width, height, 3.0)
        return _png(cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))

    def canvas(self, draft: Draft) -> dict[str, Any]:
        """Returns what the page needs to draw the skeleton over the garment."""
        placed, joints, _ = self.placed(draft)
        where = placed.placement
        return {
            "width": placed.width,
            "height": placed.height,
            "placement": {"x": where.x, "y": where.y, "scale": where.scale},
            "joints": [[round(float(each), 2) for each in joint] for joint in joints],
        }

    def generate(self, draft: Draft) -> list[Job]:
        """Puts a draft's pictures into the queue, with following seeds. Raises ConfigError or FullError."""
        said = checked(self.service.kind, draft.choices)
        self.service.base.config(keys.nested(said))
        first = int(said.get("seed", 0))
        return [self._job(draft, {**said, "seed": (first + each) % 2**32}) for each in range(draft.choices.count)]

    def _job(self, draft: Draft, said: dict[str, Any]) -> Job:
        name = secrets.token_hex(16)
        place = self.service.queue.photos / name
        place.mkdir()
        try:
            source = place / f"photo{_ending(draft.name)}"
            shutil.copyfile(self.drafts.place(draft.id) / draft.file, source)
            options = keys.nested(said)
            files = []
            for key, content in self._files(draft).items():
                path = place / f"{key}{'.json' if key == 'pose' else '.png'}"
                path.write_bytes(content)
                section, option = request_options.FILES[key]
                options.setdefault(section, {})[option] = str(path)
                files.append((f"{section}.{option}", str(path)))
            job = Job(
                id=name, owner=LOCAL, photo=str(source), name=draft.name, options=options, files=tuple(files),
                created=time.time(),
            )  # fmt: skip
            return self.service.queue.add(job)
        except BaseException:
            shutil.rmtree(place)
            raise

    def _files(self, draft: Draft) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        choices = draft.choices
        if choices.task in ("generate", "background") and choices.painted:
            found["matte"] = self.matte(draft)
        if choices.task == "inpaint":
            found["mask"] = region(draft)
        if choices.task == "generate" and choices.skeleton is not None:
            found["pose"] = skeleton(choices)
        return found


def region(draft: Draft) -> bytes:
    """Returns the region to paint anew as PNG, white where strokes mark it. Raises PhotoError if none is."""
    marked = painted(np.zeros((draft.height, draft.width), np.float32), draft.choices) >= 0.5
    if not marked.any():
        raise PhotoError("nothing is marked: brush over what is to be painted anew")
    return _png(np.where(marked, 255, 0).astype(np.uint8))


def skeleton(choices: Choices) -> bytes:
    """Returns the moved joints as OpenPose writes them."""
    moved = choices.skeleton
    if moved is None:
        raise PhotoError("no joint was moved")
    flat = [each for joint in moved.joints for each in joint]
    said = {"canvas_width": moved.width, "canvas_height": moved.height, "people": [{"pose_keypoints_2d": flat}]}
    return json.dumps(said).encode()


def _ending(name: str) -> str:
    ending = PurePath(name).suffix.lower()
    return ending if ending in ENDINGS else ".png"


def _jpeg(picture: npt.NDArray[np.uint8]) -> bytes:
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])


def _png(picture: npt.NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1])
