"""Every model of a process: loaded at first use, loaded once, passed in."""

from importlib import import_module

from pipeline import weights
from stages import upscale
from stages.contracts import Generator, ModelCard, Segmenter, Upscaler
from stages.generate import diffusion
from stages.generate.detail import Detailed
from stages.options import GenerateOptions, SegmentOptions, UpscaleOptions

#: Options that a loaded model takes anew with each picture.
PER_PICTURE = {
    "candidates", "control_scale", "detail", "detail_strength", "guidance", "negative_prompt",
    "prompt", "seed", "steps", "stick_width", "strength",
}  # fmt: skip


class Models:
    """Owns the models of a process. A model is loaded again only when other weights, device or precision are asked for.

    The folder of a stage is the registry of its back-ends: `stages.segment.sam` is what `segmenter: sam` means.
    """

    def __init__(self) -> None:
        """Loads nothing yet."""
        self._segmenters: dict[tuple[object, ...], Segmenter] = {}
        self._upscalers: dict[UpscaleOptions, Upscaler] = {}
        self._generator: tuple[str, Generator] | None = None

    def segmenter(self, options: SegmentOptions) -> Segmenter:
        """Gives the segmenter; `auto` takes SAM when its weights are present."""
        name = options.segmenter
        if name == "auto":
            from stages.segment import sam

            name = "sam" if sam.available(options) else "classical"
        key = (name, options.sam_model, options.sam_weights, options.allow_unknown_weights)
        if key not in self._segmenters:
            self._segmenters[key] = import_module(f"stages.segment.{name}").load(options)
        return self._segmenters[key]

    def generator(self, options: GenerateOptions) -> Generator:
        """Gives the generator. The last one is kept, since two seldom fit a device.

        Raises WeightsError, with the command that fetches them, when weights are missing.
        """
        key = options.model_dump_json(exclude=PER_PICTURE)
        if self._generator is None or self._generator[0] != key:
            self._generator = None
            self._generator = (key, diffusion.load(options, weights.find))
        painter = self._generator[1]
        return Detailed(painter, options) if options.detail else painter

    def upscaler(self, options: UpscaleOptions) -> Upscaler:
        """Gives what brings a plate to canvas size."""
        if options not in self._upscalers:
            self._upscalers[options] = upscale.load(options)
        return self._upscalers[options]

    def cards(self, segment: SegmentOptions, generate: GenerateOptions) -> tuple[ModelCard, ...]:
        """Gives what a receipt says of the models of a run, segmenter first."""
        return (self.segmenter(segment).card, *self.generator(generate).cards)
