"""Every model of a process: loaded at first use, loaded once, passed in."""

from importlib import import_module

from pipeline import weights
from stages import upscale
from stages.contracts import Generator, ModelCard, Poser, Progress, Segmenter, Upscaler
from stages.errors import WeightsError
from stages.figure import make
from stages.figure.make import FigureMaker
from stages.generate import device, diffusion, refuse
from stages.generate.device import BUILDING
from stages.options import GenerateOptions, PoseOptions, SegmentOptions, UpscaleOptions

#: Options that a loaded model takes anew with each picture.
PER_PICTURE = {
    "candidates", "control_scale", "detail", "detail_pixels", "detail_strength", "guidance",
    "negative_prompt", "prompt", "reseed", "seed", "steps", "stick_width", "strength",
}  # fmt: skip

#: Segmenters with weights, best first; the embedded finder comes after them. MobileSAM's file has a name of its own,
#: and is the user's choice where it is given.
AUTOMATIC = ("sam3", "sam2", "mobile_sam", "sam")


class Models:
    """Owns the models of a process. A model is loaded again only when other weights, device or precision are asked for.

    The folder of a stage is the registry of its back-ends: `stages.find.sam` is what `segmenter: sam` means.
    """

    def __init__(self) -> None:
        """Loads nothing yet."""
        device.prepare()
        self._segmenters: dict[tuple[object, ...], Segmenter] = {}
        self._posers: dict[tuple[object, ...], Poser] = {}
        self._upscalers: dict[tuple[UpscaleOptions, str], Upscaler] = {}
        self._generator: tuple[str, Generator] | None = None
        self._figures: FigureMaker | None = None

    def segmenter(self, options: SegmentOptions) -> Segmenter:
        """Returns the segmenter; `auto` takes the first of `AUTOMATIC` whose weights are present."""
        name: str = options.segmenter
        if name == "auto":
            name = _automatic(options)
        key = (
            name, options.sam_model, options.sam_weights, options.sam_folder, options.sam_revision,
            options.allow_unknown_weights, options.garment_text, options.onnx_weights,
        )  # fmt: skip
        if key not in self._segmenters:
            with BUILDING:
                self._segmenters[key] = import_module(f"stages.find.{name}").load(options)
        return self._segmenters[key]

    def poser(self, options: PoseOptions, *, allow_unknown: bool = False) -> Poser:
        """Returns the pose detector; `auto` takes the one whose weights are present, DWPose first.

        Raises WeightsError, with what to do, when there are none.
        """
        name = options.pose_detector
        if name == "auto":
            from stages.pose import dwpose, openpose

            name = "openpose" if openpose.available(options) and not dwpose.available(options) else "dwpose"
        key = (name, options.pose_weights, allow_unknown)
        if key not in self._posers:
            with BUILDING:
                self._posers[key] = import_module(f"stages.pose.{name}").load(options, allow_unknown=allow_unknown)
        return self._posers[key]

    def can_pose(self, options: PoseOptions) -> bool:
        """Whether `poser` would find weights."""
        from stages.pose import dwpose, openpose

        known = {"dwpose": dwpose, "openpose": openpose}
        return any(known[name].available(options) for name in known if options.pose_detector in {"auto", name})

    def generator(self, options: GenerateOptions) -> Generator:
        """Returns the generator, which may be loading still. The last one is kept, since two seldom fit a device.

        Raises ConfigError for options that the model cannot heed, and WeightsError, with the command that fetches
        them, when weights are missing.
        """
        refuse.check(options)
        key = options.model_dump_json(exclude=PER_PICTURE)
        if self._generator is None or self._generator[0] != key:
            self._generator = None
            for need in weights.needs(options):
                if not need.optional:
                    weights.find(need.name, settings=need.settings)
            self._generator = (key, diffusion.load(options, weights.find))
        return self._generator[1]

    def figures(self, progress: Progress) -> FigureMaker:
        """Loads what fits bodies into garments and draws them.

        `progress` shows how the body is read for the very first time on a machine, which takes a while.
        """
        if self._figures is None:
            self._figures = make.load(progress)
        return self._figures

    def upscaler(self, options: UpscaleOptions, device: str) -> Upscaler:
        """Loads what enlarges a plate to canvas size; `device` as in `GenerateOptions`."""
        key = (options, device)
        if key not in self._upscalers:
            with BUILDING:
                self._upscalers[key] = upscale.load(options, device)
        return self._upscalers[key]

    def identity(self, options: GenerateOptions) -> tuple[ModelCard, ...]:
        """Lists, for the receipt, the models through which a casting's reference pictures are shown."""
        found = [(need.role, weights.find(need.name)) for need in weights.needs(options) if need.optional]
        return tuple(ModelCard(role, each.id, each.revision, each.licence) for role, each in found)


def _automatic(options: SegmentOptions) -> str:
    """Picks the best segmenter whose weights are installed. Raises WeightsError if named weights are missing."""
    found = [name for name in AUTOMATIC if import_module(f"stages.find.{name}").available(options)]
    named = options.sam_weights or options.sam_folder
    if named and not found:
        raise WeightsError(f"There is no SAM at {named}: correct --sam-weights or --sam-folder, or leave it out.")
    return found[0] if found else "finder"
