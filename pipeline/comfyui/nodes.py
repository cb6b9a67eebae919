"""The nodes, as ComfyUI calls them. Pictures between nodes are B x H x W x 3 float32 in [0, 1], masks B x H x W."""

import importlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline import config as configs
from pipeline import tasks
from pipeline.clock import quiet
from pipeline.config import Config
from pipeline.models import Models
from stages import colour, disk, photo, restore, verify, write
from stages.canvas import mask
from stages.contracts import RGB, Cutout, Photo, Placed
from stages.errors import PhotoError, PromiseError
from stages.figure import guide, order
from stages.pose.draw import draw

CATEGORY = "onmodel"
#: Neutral grey, where a model is to paint.
_GREY = 128


@dataclass(frozen=True, slots=True, eq=False)
class Garment:
    """A garment on its way through a graph: its photo, its cut-out and, behind the figure, its place on the canvas."""

    photo: Photo
    cutout: Cutout
    config: Config
    placed: Placed | None = None


@lru_cache(maxsize=1)
def _models() -> Models:
    return Models()


def _tensor(picture: npt.NDArray[Any]) -> Any:
    """Returns H x W x 3 or H x W of 8 bits as ComfyUI holds it. Levels come back exactly: see `_levels`."""
    import torch

    return torch.from_numpy(picture.astype(np.float32) / 255)[None]


def _levels(pictures: Any) -> npt.NDArray[np.uint8]:
    """Returns the first picture of a batch as H x W x 3 levels."""
    found: npt.NDArray[np.uint8] = np.rint(np.asarray(pictures[0].cpu()) * 255).clip(0, 255).astype(np.uint8)
    return found


def _listed(words: str) -> list[str]:
    return [each.strip() for each in words.split(";") if each.strip()]


class LoadPhoto:
    """Reads a photo as it is stored: 16 bits, profile and orientation included, which ComfyUI's own loader drops."""

    CATEGORY, FUNCTION = CATEGORY, "read"
    RETURN_TYPES, RETURN_NAMES = ("ONMODEL_PHOTO", "IMAGE"), ("photo", "image")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - as ComfyUI calls it
        paths = importlib.import_module("folder_paths")
        folder = Path(paths.get_input_directory())
        return {"required": {"image": (sorted(each.name for each in folder.iterdir() if each.is_file()),)}}

    def read(self, image: str) -> tuple[Photo, Any]:
        """Raises PhotoError for what is no photo."""
        path = Path(importlib.import_module("folder_paths").get_annotated_filepath(image))
        found = photo.read(path, Config().photo)
        return found, _tensor(colour.to_srgb(found.pixels, found.icc))


class Cut:
    """Finds the garment, as `onmodel segment` does; a mask of the graph is taken instead where one is given."""

    CATEGORY, FUNCTION = CATEGORY, "cut"
    RETURN_TYPES, RETURN_NAMES = ("ONMODEL_GARMENT", "IMAGE", "MASK", "STRING"), (
        "garment", "foreground", "matte", "doubts",
    )  # fmt: skip

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        return {
            "required": {"photo": ("ONMODEL_PHOTO",)},
            "optional": {
                "matte": ("MASK",),
                "garment_points": ("STRING", {"default": "", "tooltip": "x,y; x,y on parts that were lost"}),
                "not_points": ("STRING", {"default": "", "tooltip": "x,y; x,y on what is not garment"}),
            },
        }

    def cut(
        self, photo: Photo, matte: Any = None, garment_points: str = "", not_points: str = ""
    ) -> tuple[Garment, Any, Any, str]:
        """Raises NotFoundError when there is no garment."""
        said = {"garment_point": _listed(garment_points), "not_point": _listed(not_points)}
        config = configs.resolve("house", flags={"segment": said})
        if matte is not None:
            given = np.asarray(matte[0].cpu(), np.float32).clip(0, 1)
            if given.shape != photo.pixels.shape[:2]:
                raise PhotoError(f"the matte is {given.shape[::-1]}, the photo {photo.width} x {photo.height}")
            photo = Photo(photo.name, photo.pixels, photo.sha256, given, photo.icc, photo.dpi, photo.notes)
            alpha = config.segment.model_copy(update={"alpha": "cut-out"})
            config = config.model_copy(update={"segment": alpha})
        found = tasks.of("generate").cut(photo, config, _models())
        seen = colour.to_srgb(found.foreground, photo.icc)
        doubts = "; ".join(found.doubts)
        return Garment(photo, found, config), _tensor(seen), _tensor(found.matte * 255), doubts


class MakeFigure:
    """Fits an adult body into the garment; gives what a diffusion model is shown of it."""

    CATEGORY, FUNCTION = CATEGORY, "make"
    RETURN_TYPES = ("ONMODEL_GARMENT", "IMAGE", "MASK", "IMAGE", "IMAGE", "IMAGE", "MASK")
    RETURN_NAMES = ("garment", "shown", "generate", "pose", "depth", "figure", "figure_matte")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        return {
            "required": {
                "garment": ("ONMODEL_GARMENT",),
                "casting": (configs.names("castings"),),
                "scene": (configs.names("scenes"),),
                "pose": (["auto", *configs.names("poses")],),
                "view": (["front", "back"],),
                "seed": ("INT", {"default": 0, "min": 0, "max": 2**32 - 1}),
            }
        }

    def make(self, garment: Garment, casting: str, scene: str, pose: str, view: str, seed: int) -> tuple[Any, ...]:
        """Raises NotFoundError when no body fits."""
        task, models = tasks.of("generate"), _models()
        flags = {"casting": casting, "scene": scene, "pose": {"pose": pose, "view": view}, "generate": {"seed": seed},
                 "segment": garment.config.segment.model_dump()}  # fmt: skip
        config = configs.resolve("house", flags=flags)
        placed = task.place(garment.photo, garment.cutout, config)
        skeleton = task.stand(garment.photo, placed, config, models)
        figure = models.figures(lambda done, total: quiet("figure", done, total))(
            placed, skeleton, config.casting, config.scene, config.pose.view, seed
        )
        placed = order.settled(placed, figure.posed)
        width, height = placed.width, placed.height
        there = mask.for_canvas(placed)
        shown = np.full((height, width, 3), _GREY, np.uint8)
        shown[there == 0] = colour.to_srgb(restore.restore(_plain(placed), placed), placed.icc)[there == 0]
        return (
            Garment(garment.photo, garment.cutout, config, placed),
            _tensor(shown),
            _tensor(there),
            _tensor(draw(figure.posed.skeleton, width, height, 4.0 * max(width, height) / 512)),
            _tensor(guide.depth(figure, width, height)),
            _tensor(np.asarray(figure.picture, np.uint8)),
            _tensor(figure.alpha * 255),
        )


class Restore:
    """Puts the garment back, bit for bit, over what was painted; the edge is composited over the new scene."""

    CATEGORY, FUNCTION = CATEGORY, "put_back"
    RETURN_TYPES, RETURN_NAMES = ("ONMODEL_PICTURE", "IMAGE"), ("picture", "image")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        return {"required": {"garment": ("ONMODEL_GARMENT",), "painted": ("IMAGE",)}}

    def put_back(self, garment: Garment, painted: Any) -> tuple["Picture", Any]:
        """What was painted may have any size of the canvas's format. Raises PhotoError before a figure was made."""
        placed = garment.placed
        if placed is None:
            raise PhotoError("the garment has no canvas yet: connect Figure before Restore")
        plate = _levels(painted)
        if plate.shape[:2] != (placed.height, placed.width):
            plate = cv2.resize(plate, (placed.width, placed.height), interpolation=cv2.INTER_LANCZOS4)
        blended = colour.from_srgb(plate, placed.icc, garment.photo.bit_depth)
        picture = restore.restore(blended, placed)
        return Picture(garment, placed, blended, picture), _tensor(colour.to_srgb(picture, placed.icc))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture in the photo's own profile and depth, and what it was made of."""

    garment: Garment
    placed: Placed
    blended: RGB
    pixels: RGB


class SaveProven:
    """Writes the picture as PNG with the photo's profile, after it was proven on the very bytes; else raises."""

    CATEGORY, FUNCTION, OUTPUT_NODE = CATEGORY, "save", True
    RETURN_TYPES, RETURN_NAMES = ("STRING", "STRING"), ("path", "verdict")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        return {
            "required": {"picture": ("ONMODEL_PICTURE",), "filename_prefix": ("STRING", {"default": "onmodel"})},
        }

    def save(self, picture: Picture, filename_prefix: str) -> dict[str, Any]:
        """Raises PromiseError when a kept pixel changed: nothing is written then."""
        source_photo = picture.garment.photo
        options = picture.garment.config
        encoded = write.encode(
            picture.pixels, source_photo.icc, source_photo.dpi, write.About(options.write.digital_source_type)
        )
        verdict = verify.verify(encoded, picture.placed, picture.blended, options.verify)
        if verdict.failures:
            raise PromiseError("; ".join(verdict.failures))
        paths = importlib.import_module("folder_paths")
        height, width = picture.pixels.shape[:2]
        folder, name, counter, below, _ = paths.get_save_image_path(
            filename_prefix, paths.get_output_directory(), width, height
        )
        path = Path(folder) / f"{name}_{counter:05}_.png"
        there = write.encode_mask(mask.for_canvas(picture.placed))
        disk.write_files({path: encoded, path.with_suffix(".mask.png"): there})
        words = "; ".join([f"{verdict.core_pixels:,} kept pixels equal the photo's bit for bit", *verdict.warnings])
        shown = {"filename": path.name, "subfolder": below, "type": "output"}
        return {"ui": {"images": [shown], "text": [words]}, "result": (str(path), words)}


class Verify:
    """Says whether a picture of the graph still holds the garment bit for bit, as 8-bit sRGB: an upscaler's may not."""

    CATEGORY, FUNCTION = CATEGORY, "verify"
    RETURN_TYPES, RETURN_NAMES = ("BOOLEAN", "INT", "STRING"), ("exact", "changed", "words")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        return {"required": {"garment": ("ONMODEL_GARMENT",), "image": ("IMAGE",)}}

    def verify(self, garment: Garment, image: Any) -> tuple[bool, int, str]:
        """Raises PhotoError before a figure was made."""
        placed = garment.placed
        if placed is None:
            raise PhotoError("the garment has no canvas yet: connect Figure before Verify")
        shown = _levels(image)
        core = placed.matte == 1
        total = int(np.count_nonzero(core))
        if shown.shape[:2] != (placed.height, placed.width):
            words = f"it is {shown.shape[1]} x {shown.shape[0]}, the canvas {placed.width} x {placed.height}"
            return False, total, words
        kept = colour.to_srgb(placed.pixels, placed.icc)
        changed = int(np.count_nonzero((shown[placed.window] != kept).any(axis=2) & core))
        return changed == 0, changed, f"{changed:,} of {total:,} kept pixels changed"


def _plain(placed: Placed) -> RGB:
    """Returns a canvas of one grey in the photo's depth."""
    full = np.iinfo(placed.pixels.dtype).max
    return np.full((placed.height, placed.width, 3), round(_GREY / 255 * full), placed.pixels.dtype)


NODE_CLASS_MAPPINGS = {
    "OnmodelPhoto": LoadPhoto,
    "OnmodelCut": Cut,
    "OnmodelFigure": MakeFigure,
    "OnmodelRestore": Restore,
    "OnmodelVerify": Verify,
    "OnmodelSave": SaveProven,
}
NODE_DISPLAY_NAME_MAPPINGS = {
    "OnmodelPhoto": "Garment photo",
    "OnmodelCut": "Cut the garment",
    "OnmodelFigure": "Figure in the garment",
    "OnmodelRestore": "Restore the garment exactly",
    "OnmodelVerify": "Verify the garment",
    "OnmodelSave": "Save, proven",
}
