"""`ghost` keeps a garment, the inside of its neck too, on plain paper: as on a mannequin that nobody sees."""

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks import continued
from pipeline.tasks.task import Painted, Task
from stages import blend, cast, find, restore
from stages.canvas import alone, join
from stages.contracts import RGB, Cutout, Generator, ModelCard, Photo, Placed, Plate, Prompt, Request
from stages.errors import DoubtError, NotFoundError
from stages.generate import fixed_background
from stages.options import BlendOptions, SegmentOptions
from stages.photo import read


def _kept(options: SegmentOptions) -> SegmentOptions:
    return options.model_copy(update={"keep_collar": True})


def _cut(photo: Photo, config: Config, models: Models) -> Cutout:
    cutout = find.subject(photo, _kept(config.segment), models.segmenter(config.segment))
    if cutout.worn:
        raise DoubtError(
            f"{photo.name} shows the garment on somebody, and the embedded finder tells cloth from skin roughly: give "
            "--matte, mark the garment with --garment-box and --not-point, or take --segmenter sam."
        )
    return cutout


def _lost(photo: Photo, cutout: Cutout, config: Config, models: Models) -> tuple[str, ...]:
    view = cutout.view
    if view is None and photo.alpha is None and config.segment.matte is None:
        view = find.view(photo, config.segment, models.segmenter(config.segment))
    return find.lost(cutout, view)


def _place(photo: Photo, cutout: Cutout, config: Config) -> Placed:
    return alone.place(photo, cutout, config.place)


def _join(photo: Photo, placed: Placed, config: Config, models: Models) -> tuple[join.Joined | None, tuple[str, ...]]:
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


def _painter(photo: Photo, config: Config, models: Models) -> Generator:  # noqa: ARG001
    return fixed_background.read(config.background.background or "white")


def _finders(config: Config, models: Models) -> tuple[ModelCard, ...]:
    return (models.segmenter(config.segment).card,)


def _all(placed: Placed, painter: Generator) -> Placed:  # noqa: ARG001
    return placed


def _words(placed: Placed, config: Config) -> Prompt:  # noqa: ARG001
    return Prompt("", "")


def _faults(plate: Plate, asked: Request, seen: Placed) -> float:  # noqa: ARG001
    return 0.0


def _blend(canvas: RGB, painted: Painted, config: Config) -> RGB:
    shade = cast.shadow(painted.placed, config.blend.shadow, config.scene.light_from)
    only = BlendOptions(match_light=1, shadow=0, grain=0)
    shaded = blend.blend(canvas, painted.placed, only, "front", painted.seed, shade)
    return shaded if painted.joined is None else restore.restore(shaded, painted.joined.placed)


TASK = Task(
    cut=_cut,
    lost=_lost,
    place=_place,
    join=_join,
    imagines=lambda _: False,
    painter=_painter,
    finders=_finders,
    seen=_all,
    stand=continued.nobody,
    words=_words,
    faults=_faults,
    clear=continued.clear,
    blend=_blend,
    goes_on=False,
    people=False,
)
