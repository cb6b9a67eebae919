"""What the studio works out of a draft: its cuts, the canvas and the skeleton on it."""

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from pipeline import outfits, tasks, traces
from pipeline.collection import keys
from pipeline.config import Config
from pipeline.models import Models
from pipeline.service.service import Service
from pipeline.studio.cuts import Cuts
from pipeline.studio.drafts import Choices, Draft, Drafts, Sent, alone, checked, painted, replace_file
from stages import colour, photo, write
from stages.canvas import mask, region
from stages.contracts import Box, Cutout, Matte, Photo, Placed
from stages.contracts import Skeleton as Joints
from stages.errors import ConfigError, OnmodelError, PhotoError
from stages.layers import straight_alpha
from stages.matte import marks
from stages.options import PhotoOptions
from stages.outfit.pieces import Piece, piece, whole
from stages.pose.draw import draw

#: Longer side of what the page shows, in pixels; of a further garment's picture; of a pose's.
SIDE, SMALL, THUMB = 1600, 320, 160


class Studio:
    """Works for the pages that are open, one thing at a time; pictures are made by the service."""

    def __init__(self, service: Service) -> None:
        """`service` is the one whose queue the pictures go to; its folder holds the drafts."""
        self.service = service
        self.drafts = Drafts(service.queue.folder / "drafts")
        self.models = Models()
        self.cuts = Cuts(self.models)

    def warm(self) -> None:
        """Loads what the first cut needs; the first cut itself says what is wrong with it."""
        with suppress(OnmodelError):
            self.cuts.load(self.service.base.config({}))

    def add(self, name: str, content: bytes) -> Draft:
        """Keeps a photo as a new draft. Raises PhotoError for what is no photo."""
        read = photo.read(content, self._limits(), name)
        folder = self.drafts.place(found := self.drafts.begin())
        (folder / "photo").write_bytes(content)
        draft = Draft(id=found, name=name, file="photo", width=read.width, height=read.height)
        self.drafts.save(draft)
        self.shown(draft)
        return draft

    def send(self, draft: Draft, kind: Literal["photo", "mask"], name: str, content: bytes) -> Sent:
        """Keeps a further photo, or a mask of the draft's photo. Raises PhotoError or ConfigError for what is none."""
        sent = Sent(file=secrets.token_hex(16), name=name.replace("=", "-"))
        path = self.drafts.place(draft.id) / sent.file
        if kind == "photo":
            photo.read(content, self._limits(), name)
        path.write_bytes(content)
        if kind == "mask":
            try:
                self._mask(draft, sent)
            except OnmodelError as error:
                path.unlink()
                raise ConfigError(str(error).replace(sent.file, name)) from error
        return sent

    def _limits(self) -> PhotoOptions:
        return PhotoOptions(max_megapixels=self.service.options.max_photo_megapixels)

    def path(self, draft: Draft, sent: Sent | None = None) -> Path:
        """Returns where the draft's photo, or a file that was sent along, lies."""
        return self.drafts.place(draft.id) / (draft.file if sent is None else sent.file)

    def photo(self, draft: Draft) -> Photo:
        """Returns the draft's photo."""
        return self.cuts.photo(self.path(draft), draft.name, self._limits())

    def garment(self, draft: Draft, file: str | None) -> Draft:
        """Returns one garment of a draft as a draft of its own: a further one by its file, or the first one.

        Raises KeyError where the draft has no such file.
        """
        if file is None:
            return draft
        own = next((each for each in draft.choices.further if each.file == file), None)
        if own is None:
            raise KeyError(file)
        read = self.cuts.photo(self.path(draft, own), own.name, self._limits())
        return alone(draft, own, read.width, read.height)

    def shown(self, draft: Draft) -> bytes:
        """Returns the photo as large as the page shows it, a JPEG, which lies beside the photo."""
        path = self.path(draft).with_suffix(".jpg")
        if not path.is_file():
            read = self.photo(draft)
            replace_file(path, _jpeg(traces.small(read.pixels, read.icc, SIDE)))
        return path.read_bytes()

    def part(self, draft: Draft, box: Box, kind: Literal["photo", "matte"]) -> bytes:
        """Returns a part of the photo, or of the matte without strokes, in its own pixels: a JPEG, or a PNG."""
        x0, y0, x1, y1 = box
        rows, columns = slice(y0, y1), slice(x0, x1)
        if kind == "matte":
            return _png(_levels(self.base(draft)[rows, columns]))
        read = self.photo(draft)
        return _jpeg(colour.to_srgb(read.pixels[rows, columns].copy(), read.icc))

    def config(self, draft: Draft, pose: str | None = None) -> Config:
        """Resolves a draft's options, with the finder's cut in place of a painted one."""
        plain = {"strokes": (), "inverted": False, "mask": None}
        said = checked(self.service.kind, draft.choices.model_copy(update=plain))
        return self.service.base.config(keys.nested({**said, **({"pose": pose} if pose else {})}))

    def cut(self, draft: Draft) -> tuple[Photo, Cutout]:
        """Returns the photo and the cut that finder and clicks give."""
        return self.cuts.get(self.path(draft), draft.name, self.config(draft))

    def edited(self, draft: Draft) -> tuple[Photo, Cutout]:
        """Returns the photo and the cut with what was painted on it."""
        read, cutout = self.cut(draft)
        if not draft.choices.painted:
            return read, cutout
        matte = painted(self.base(draft), draft.choices)
        own = np.where((cutout.matte > 0)[..., None], cutout.foreground, read.pixels)
        return read, Cutout(matte, own, cutout.shape, "own")

    def first(self, draft: Draft) -> bytes | None:
        """Returns a first look at the matte that `cut` will give, a PNG; None where there is no quicker one."""
        found = self.cuts.first(self.path(draft), draft.name, self.config(draft))
        return None if found is None else _png(_levels(found))

    def further(self, draft: Draft, name: str) -> tuple[Piece, ...]:
        """Returns the pieces of one further photo. Raises KeyError where the draft has none of that name."""
        at = next((at for at, each in enumerate(draft.choices.further) if each.file == name), None)
        if at is None:
            raise KeyError(name)
        config = self.config(worn(draft))
        return tuple(self._pieces(draft, at, config))

    def _pieces(self, draft: Draft, at: int, config: Config, first: Photo | None = None) -> list[Piece]:
        read, cutout = self.edited(self.garment(draft, draft.choices.further[at].file))
        return piece(read, cutout, at + 1, first or read, config.outfit.worn[at])

    def further_picture(self, draft: Draft, name: str) -> bytes:
        """Draws the cut-out of a further photo, a small PNG with transparency. Raises KeyError."""
        pieces = self.further(draft, name)
        first = pieces[0]
        matte = np.max([whole(each.cutout) for each in pieces], axis=0)
        return _cut_out(matte, first.cutout, first.photo, SMALL)

    def _mask(self, draft: Draft, sent: Sent) -> Matte:
        """Returns what a mask marks, H x W."""
        path = self.path(draft, sent)
        found = marks.read(path, self.photo(draft), "mask")
        if draft.choices.task == "inpaint":
            return marks.region(found, sent.name, "auto").astype(np.float32)
        return marks.coverage(found, sent.name)

    def base(self, draft: Draft) -> Matte:
        """Returns what strokes are painted on, H x W: a mask that was loaded, or the cut; what box and point mark."""
        if draft.choices.cuts:
            return self.cut(draft)[1].matte if draft.choices.mask is None else self._mask(draft, draft.choices.mask)
        found = np.zeros((draft.height, draft.width), np.float32)
        if draft.choices.mask is not None:
            found = self._mask(draft, draft.choices.mask)
        asked = self.config(draft).inpaint
        if asked.box is not None or asked.point is not None:
            found = np.maximum(found, region.select(self.photo(draft), asked)[0])
        return found

    def matte(self, draft: Draft, side: int | None = None) -> bytes:
        """Returns the matte without strokes, as PNG at most `side` long; in full with the strokes on it."""
        base = self.base(draft)
        if side is None:
            return write.encode_mask(255 - mask.of_matte(painted(base, draft.choices)))
        return _png(_levels(_shrunk(base, side)))

    def region(self, draft: Draft) -> bytes:
        """Returns the region to paint anew as PNG, white where it is marked. Raises PhotoError if nothing is."""
        marked = painted(self.base(draft), draft.choices) >= 0.5
        if not marked.any():
            raise PhotoError("nothing is marked: brush over what is to be painted anew")
        return _png(np.where(marked, 255, 0).astype(np.uint8))

    def placed(self, draft: Draft, pose: str | None = None) -> tuple[Placed, Joints]:
        """Returns the garment or the outfit on its canvas and the skeleton in it, moved joints not heeded."""
        draft = worn(draft)
        config = self.config(draft, pose)
        placed, _, read = self.laid(draft, config)
        return placed, tasks.of("generate").stand(read, placed, config, self.models)

    def laid(self, draft: Draft, config: Config) -> tuple[Placed, list[Piece], Photo]:
        """Returns what `worn(draft)` is dressed in on its canvas, the pieces of an outfit, and the first photo."""
        read, cutout = self.edited(draft)
        if not draft.choices.further:
            return tasks.of("generate").place(read, cutout, config), [], read
        pieces = piece(read, cutout, 0, read)
        for at in range(len(draft.choices.further)):
            pieces += self._pieces(draft, at, config, read)
        return outfits.place(pieces, config), pieces, read

    def pose_picture(self, draft: Draft, pose: str) -> bytes:
        """Draws a pose's skeleton in this garment, a small PNG."""
        placed, joints = self.placed(draft, pose)
        scale = THUMB / max(placed.width, placed.height)
        width, height = round(placed.width * scale), round(placed.height * scale)
        drawn = draw(joints * np.array([scale, scale, 1], np.float32), width, height, 3.0)
        return _png(cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))

    def canvas(self, draft: Draft) -> dict[str, Any]:
        """Describes the canvas and the skeleton on it, for the page to draw."""
        placed, joints = self.placed(draft)
        return {
            "width": placed.width,
            "height": placed.height,
            "box": placed.box,
            "joints": [[round(float(each), 2) for each in joint] for joint in joints],
            "notes": placed.notes,
        }

    def canvas_picture(self, draft: Draft) -> bytes:
        """Draws what is worn, as it lies in `canvas`'s box, a PNG with transparency."""
        placed, _ = self.placed(draft)
        matte = placed.matte if placed.inside is None else np.maximum(placed.matte, placed.inside)
        return rgba(matte, placed.foreground, placed.icc, SIDE)


def skeleton(choices: Choices) -> bytes:
    """Returns the moved joints as OpenPose writes them."""
    moved = choices.skeleton
    if moved is None:
        raise PhotoError("no joint was moved")
    flat = [each for joint in moved.joints for each in joint]
    said = {"canvas_width": moved.width, "canvas_height": moved.height, "people": [{"pose_keypoints_2d": flat}]}
    pose = choices.options.get("pose", "auto")
    if pose != "auto":  # the canvas is the one that this pose makes
        said["pose"] = pose
    return json.dumps(said).encode()


def worn(draft: Draft) -> Draft:
    """Returns a draft as what is worn, whatever task is chosen."""
    return draft.model_copy(update={"choices": draft.choices.model_copy(update={"task": "generate"})})


def _shrunk(picture: npt.NDArray[Any], side: int) -> npt.NDArray[Any]:
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return picture if scale == 1 else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _levels(matte: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.asarray(np.rint(matte * 255), np.uint8)


def _cut_out(matte: Matte, cutout: Cutout, of: Photo, side: int) -> bytes:
    """Returns the part of a photo that its garment fills, a PNG with transparency."""
    x, y, width, height = cv2.boundingRect((matte > 0).astype(np.uint8))
    part = slice(y, y + height), slice(x, x + width)
    return rgba(matte[part], cutout.foreground[part], of.icc, side)


def rgba(matte: Matte, foreground: npt.NDArray[Any], icc: bytes | None, side: int) -> bytes:
    """Returns a cut-out in the profile `icc` as an sRGB PNG with transparency, at most `side` long."""
    small = _shrunk(np.ascontiguousarray(matte, np.float32), side)
    found = straight_alpha(small, colour.to_srgb(_shrunk(np.ascontiguousarray(foreground), side), icc))
    return _png(cv2.cvtColor(found, cv2.COLOR_RGBA2BGRA))


def shown_small(path: Path) -> bytes:
    """Returns a picture as large as the page shows it, a JPEG."""
    read = photo.read(path, PhotoOptions(max_megapixels=4000))
    return _jpeg(traces.small(read.pixels, read.icc, SIDE))


def _jpeg(picture: npt.NDArray[np.uint8]) -> bytes:
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])


def _png(picture: npt.NDArray[Any]) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1])
