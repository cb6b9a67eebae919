"""The functions of `import onmodel`. Each imports what it needs when it is called, so that importing them is quick."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from onmodel import options
    from pipeline.config import Config
    from pipeline.flow import Product
    from pipeline.models import Models
    from pipeline.proof import Proof
    from stages.contracts import Cutout, Photo
    from stages.options import Task

    Source: TypeAlias = Photo | str | Path
    Report: TypeAlias = Callable[[str, int, int], None]


def read(path: str | Path) -> Photo:
    """Reads a photo: upright, in the colour space and bit depth of its file.

    Raises OnmodelError when the file is missing, broken, or larger than 200 megapixels.
    """
    from pipeline.config import Config
    from stages import photo

    return photo.read(Path(path), Config().photo)


def configure(
    *, config_file: str | Path | None = None, base: Config | None = None, **named: Unpack[options.AnyOptions]
) -> Config:
    """Merges defaults, a preset, a YAML file and options by name into one checked `Config`.

    `base` takes the place of the preset: options that are not named stay as they are in it. Raises OnmodelError that
    names the first option that is unknown or cannot have its value.
    """
    from pipeline import config as configs
    from pipeline.collection import keys

    given: dict[str, Any] = {name: str(each) if isinstance(each, Path) else each for name, each in named.items()}
    preset = given.pop("preset", None)
    earlier = None if base is None else base.model_dump(mode="json")
    file = None if config_file is None else Path(config_file)
    return configs.resolve(preset, file, keys.nested(given), earlier)


def cut(
    photo: Source,
    *,
    config: Config | None = None,
    models: Models | None = None,
    **named: Unpack[options.CutOptions],
) -> Cutout:
    """Finds the garment of a photo: its matte, and its own colours along the soft edge.

    Raises OnmodelError when no garment can be found. `rgba` makes a picture of what is found.
    """
    from pipeline.models import Models
    from stages import find

    settings = configure(base=config, preset=_preset(config), **named)
    return find.subject(_read(photo), settings.segment, (models or Models()).segmenter(settings.segment))


def rgba(cutout: Cutout) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """Turns a cut-out into a picture: H x W x 4, straight alpha, in the bit depth and colour space of its photo."""
    from stages import layers

    return layers.straight_alpha(cutout.matte, cutout.foreground)


def generate(
    photo: Source,
    *,
    config: Config | None = None,
    models: Models | None = None,
    name: str | None = None,
    report: Report | None = None,
    keep_stages: bool = False,
    further: Sequence[Source | Mapping[str, Any]] = (),
    **named: Unpack[options.GenerateOptions],
) -> Product:
    """Generates a person and a scene around a garment, whose pixels stay exact.

    Parameters
    ----------
    photo
        A file's path, or what `read` gave.
    config
        From `configure`; options named beside it go over it. By default the best preset whose weights are here.
    models
        Kept between calls, so that later photos pay no loading; by default ones of this call alone.
    name
        Stem of the files that `save` writes and the receipt names; the photo's own by default.
    report
        Called with stage, steps done and steps in all as the work goes on.
    keep_stages
        Also give one picture per stage.
    further
        Further garments and accessories of an outfit, as `--with` takes them: `"trousers.jpg scale=1.12"`, a photo that
        `read` gave, or a mapping such as `{"photo": shoes, "kind": "shoes", "length_cm": 29}`.
    named
        Any option of `onmodel generate`, by its flag's name with underscores: `casting="imani"`, `not_point=["8,9"]`.

    Returns
    -------
    Product
        The PNG's bytes, its mask and its receipt, in memory. A product whose `png` is None broke the promise, and
        `receipt.failures` says how.

    Raises
    ------
    OnmodelError
        No garment was found, weights are missing, or an option cannot be.
    """
    return _made("generate", photo, config, models, name, report, keep_stages, dict(named), further)


def background(
    photo: Source,
    *,
    config: Config | None = None,
    models: Models | None = None,
    name: str | None = None,
    report: Report | None = None,
    keep_stages: bool = False,
    **named: Unpack[options.BackgroundOptions],
) -> Product:
    """Swaps what stands behind people or products, which stay exact; otherwise as `generate`.

    `scene="beach"` paints a scene; `background` is `"white"`, `"#rrggbb"` or a picture's path.
    """
    return _made("background", photo, config, models, name, report, keep_stages, dict(named))


def inpaint(
    photo: Source,
    *,
    config: Config | None = None,
    models: Models | None = None,
    name: str | None = None,
    report: Report | None = None,
    keep_stages: bool = False,
    **named: Unpack[options.InpaintOptions],
) -> Product:
    """Paints a marked region anew, and leaves all else exact; otherwise as `generate`.

    The region is `point="x,y"` on the thing to remove, `box="x0,y0,x1,y1"`, or `mask`, a picture's path.
    """
    return _made("inpaint", photo, config, models, name, report, keep_stages, dict(named))


def outpaint(
    photo: Source,
    *,
    config: Config | None = None,
    models: Models | None = None,
    name: str | None = None,
    report: Report | None = None,
    keep_stages: bool = False,
    **named: Unpack[options.OutpaintOptions],
) -> Product:
    """Grows the frame around a photo, which stays exact; otherwise as `generate`.

    `left`, `right`, `top` and `bottom` are pixels or shares such as `"10%"`; `aspect="4:5"` grows to a format.
    """
    return _made("outpaint", photo, config, models, name, report, keep_stages, dict(named))


def ghost(
    photo: Source,
    *,
    config: Config | None = None,
    models: Models | None = None,
    name: str | None = None,
    report: Report | None = None,
    keep_stages: bool = False,
    **named: Unpack[options.GhostOptions],
) -> Product:
    """Cuts a garment out on plain paper with a soft shadow, the inside of its neck kept; otherwise as `generate`.

    `back` is a photo of the inside of its back, which is shown in the neck where the two fit.
    """
    named.setdefault("preset", _preset(config))
    return _made("ghost", photo, config, models, name, report, keep_stages, dict(named))


def save(product: Product, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Writes a product's picture, mask and receipt into a folder, all of them or none; gives the picture's path.

    The files have the name that the product was made with. A product that broke the promise leaves its receipt alone.
    With `overwrite` the files of an earlier run of that name are replaced, and no others.
    Raises OnmodelError when a file is in the way or cannot be written.
    """
    from pipeline import engine, ownership
    from pipeline.config import Config

    picture = Path(folder) / f"{product.name}.png"
    config = Config.model_validate(product.receipt.config)
    reads = ownership.Reads(ownership.named(config))
    known = engine.ready(picture, engine.endings(config, bool(product.stages)), overwrite, reads)
    engine.store(product, picture, known, reads)
    return picture


def verify(
    picture: str | Path,
    photo: str | Path | Sequence[str | Path],
    *,
    matte: str | Path | None = None,
    garment_box: str | None = None,
    garment_point: Sequence[str] = (),
    not_point: Sequence[str] = (),
    trust: str | Path | None = None,
    back: str | Path | None = None,
) -> Proof:
    """Proves from the files alone that a picture holds the garment of its photo, bit for bit and whole.

    Mask and receipt must lie beside the picture. The photo is cut again; a run that was steered is proven with the same
    `matte`, `garment_box` and points. Of an outfit `photo` are all photos, the one that those are of first. `back` is a
    ghost's second photo, `trust` a PEM file: whoever its certificates do not vouch for fails.
    Raises OnmodelError when a file cannot be read; what is wrong with the picture stands in the proof's `failures`.
    """
    from pipeline.garment_check import Steering
    from pipeline.proof import prove

    said = Steering(None if matte is None else Path(matte), garment_box, tuple(garment_point), tuple(not_point))
    photos = [Path(photo)] if isinstance(photo, str | Path) else [Path(each) for each in photo]
    steered = [said, *[Steering()] * (len(photos) - 1)]
    anchors, second = (None if each is None else Path(each) for each in (trust, back))
    return prove(Path(picture), photos, steered, anchors, second)


def _made(
    task: Task,
    photo: Source,
    config: Config | None,
    models: Models | None,
    name: str | None,
    report: Report | None,
    keep_stages: bool,
    named: Mapping[str, Any],
    further: Sequence[Source | Mapping[str, Any]] = (),
) -> Product:
    from pipeline import clock, flow
    from pipeline.models import Models

    told, others = _outfit(further)
    given: dict[str, Any] = {**named, "with": told} if told else dict(named)
    settings = configure(base=config, task=task, **given)
    if not told:
        others = [read(each.photo) for each in settings.outfit.worn]
    return flow.produce(
        _read(photo),
        settings,
        models or Models(),
        name=name,
        report=report or clock.quiet,
        keep_stages=keep_stages,
        others=others,
    )


def _outfit(further: Sequence[Source | Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Photo]]:
    """Returns what is told of the further photos of an outfit, and the photos."""
    from stages.typed import worded

    told: list[dict[str, Any]] = []
    others: list[Photo] = []
    for each in further:
        one: dict[str, Any] = worded(each) if isinstance(each, str) else {"photo": each}
        one = dict(each) if isinstance(each, Mapping) else one
        photo = _read(one["photo"])
        told.append({**one, "photo": str(one["photo"]) if isinstance(one["photo"], str | Path) else photo.name})
        others.append(photo)
    return told, others


def _read(photo: Source) -> Photo:
    return read(photo) if isinstance(photo, str | Path) else photo


def _preset(config: Config | None) -> str | None:
    """Cutting needs no preset, so none is looked for."""
    return "house" if config is None else None
