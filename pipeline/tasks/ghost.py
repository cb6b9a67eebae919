"""`ghost` keeps a garment, the inside of its neck too, on plain paper: as on a mannequin that nobody sees."""

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks.task import Painted, Task, missing, refuse_worn
from stages import blend, cast, find, restore
from stages.canvas import alone, join
from stages.canvas.join import Joined
from stages.contracts import RGB, Cutout, Generator, ModelCard, Photo, Placed, Plate, Prompt, Request
from stages.errors import NotFoundError
from stages.generate import fixed_background
from stages.options import BlendOptions, SegmentOptions
from stages.photo import read


def _kept(options: SegmentOptions) -> SegmentOptions:
    return options.model_copy(update={"keep_collar": True})


class Ghost(Task):
    """Keeps the garment and the inside of its neck."""

    def imagines(self, config: Config) -> bool:  # noqa: ARG002
        """Whether a model paints: never."""
        return False

    def cut(self, photo: Photo, config: Config, models: Models) -> Cutout:
        cutout = find.subject(photo, _kept(config.segment), models.segmenter(config.segment))
        refuse_worn(photo, cutout)
        return cutout

    def lost(self, photo: Photo, cutout: Cutout, config: Config, models: Models) -> tuple[str, ...]:
        return missing(photo, cutout, config, models.segmenter(config.segment))

    def place(self, photo: Photo, cutout: Cutout, config: Config) -> Placed:
        return alone.place(photo, cutout, config.place)

    def join(
        self, photo: Photo, placed: Placed, config: Config, models: Models
    ) -> tuple[Joined | None, tuple[str, ...]]:
        """Cuts the photo of the back, which nothing that was said of the front steers, and brings both together."""
        if config.ghost.back is None:
            return None, ()
        back = join.matched(read(config.ghost.back, config.photo), photo.icc, photo.bit_depth)
        plain = SegmentOptions(segmenter=config.segment.segmenter, matting=config.segment.matting, keep_collar=True)
        try:
            cutout = find.subject(back, plain, models.segmenter(config.segment))
            joined = join.join(placed, back, cutout)
        except NotFoundError as error:
            return None, (f"nothing of {back.name} is shown: {str(error).rstrip('.')}",)
        return joined, joined.doubts

    def painter(self, photo: Photo, config: Config, models: Models) -> Generator:  # noqa: ARG002
        return fixed_background.read(config.background.background or "white")

    def finders(self, config: Config, models: Models) -> tuple[ModelCard, ...]:
        return (models.segmenter(config.segment).card,)

    def words(self, placed: Placed, config: Config) -> Prompt:  # noqa: ARG002
        return Prompt("", "")

    def faults(self, plate: Plate, asked: Request, seen: Placed) -> float:  # noqa: ARG002
        return 0.0

    def blend(self, canvas: RGB, painted: Painted, config: Config) -> RGB:
        shade = cast.shadow(painted.placed, config.blend.shadow, config.scene.light_from)
        only = BlendOptions(match_light=1, shadow=0, grain=0)
        shaded = blend.blend(canvas, painted.placed, only, "front", painted.seed, shade)
        return shaded if painted.joined is None else restore.restore(shaded, painted.joined.placed)
