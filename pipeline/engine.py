"""From photo files to written files: what the command line and the web studio call."""

from collections.abc import Sequence
from pathlib import Path

from pipeline import tasks
from pipeline.config import Config
from pipeline.flow import Cut, Report, produce, quiet
from pipeline.models import Models
from pipeline.receipt import Receipt
from stages import find, layers, photo, write
from stages.canvas import mask
from stages.contracts import Cutout
from stages.errors import ConfigError, OutputError


def outputs(photos: Sequence[Path], out: str) -> list[Path]:
    """Gives the picture's path for each photo.

    `out` is a .png file for one photo; a folder when it ends in a slash, is one already, or there are several photos.
    Raises ConfigError when a name fits neither, or two photos would write the same file.
    """
    target = Path(out)
    if len(photos) == 1 and not out.endswith(("/", "\\")) and not target.is_dir():
        if target.suffix.lower() != ".png":
            raise ConfigError(f"-o {out} must end in .png (the lossless master), or in / for a folder")
        return [target]
    if target.suffix.lower() == ".png" and not target.is_dir():
        raise ConfigError(f"-o {out} is one file but there are {len(photos)} photos: give a folder, ending in /")
    paths = [target / f"{path.stem}.png" for path in photos]
    twice = {path.name for path in paths if paths.count(path) > 1}
    if twice:
        raise ConfigError(f"several photos would write {', '.join(sorted(twice))}: rename them or run them apart")
    return paths


def check_free(paths: Sequence[Path], source: Path, overwrite: bool) -> None:
    """Raises OutputError when a run would overwrite a file unasked, or its own photo at all."""
    if any(path.resolve() == source.resolve() for path in paths):
        raise OutputError(f"{source} would be overwritten by its own picture: choose another -o")
    taken = [path for path in paths if path.exists()]
    if taken and not overwrite:
        raise OutputError(f"{taken[0]} exists already: choose another -o, or pass --overwrite")


def written(output: Path, config: Config, keep_stages: bool = False) -> list[Path]:
    """Gives every path that a run with this output writes."""
    paths = [output, output.with_suffix(".json"), output.with_suffix(".mask.png")]
    if config.write.format != "png":
        paths.append(output.with_suffix(f".{config.write.format}"))
    if config.write.layers:
        paths.append(output.with_suffix(".ora"))
    if keep_stages:
        paths.append(output.with_suffix(".stages"))
    return paths


def run(
    source: Path,
    output: Path,
    config: Config,
    models: Models,
    *,
    report: Report = quiet,
    overwrite: bool = False,
    keep_stages: bool = False,
    cut: Cut | None = None,
) -> Receipt:
    """Runs one photo and writes its files, all or none; `cut` is as `pipeline.flow.produce` takes it.

    A run that broke a promise writes its receipt alone; an earlier picture of that name is then removed, since it
    would stand beside a receipt that is not its own.
    """
    check_free(written(output, config, keep_stages), source, overwrite)
    if tasks.of(config.task).imagines(config) and source.is_file():
        models.generator(config.generate)  # loads while the photo is read and cut
    product = produce(
        photo.read(source, config.photo),
        config,
        models,
        name=output.stem,
        report=report,
        keep_stages=keep_stages,
        cut=cut,
    )
    receipt = {output.with_suffix(".json"): product.receipt.text().encode()}
    if product.png is None:
        write.write_files(receipt, overwrite=overwrite)
        for path in written(output, config):
            if path not in receipt:
                path.unlink(missing_ok=True)
        return product.receipt
    files = {output: product.png, output.with_suffix(".mask.png"): product.mask, **receipt}
    if product.export is not None:
        files[output.with_suffix(f".{config.write.format}")] = product.export
    if product.layers is not None:
        files[output.with_suffix(".ora")] = product.layers
    for name, picture in product.stages.items():
        files[output.with_suffix(".stages") / f"{name}.png"] = write.encode(picture, None, None)
    write.write_files(files, overwrite=overwrite)
    return product.receipt


def cut(source: Path, output: Path, config: Config, models: Models, *, overwrite: bool = False) -> Cutout:
    """Writes a photo's cut-out: straight-alpha RGBA as `output`, and its matte as `.matte.png` beside it."""
    matte_path = output.with_suffix(".matte.png")
    check_free((output, matte_path), source, overwrite)
    taken = photo.read(source, config.photo)
    cutout = find.subject(taken, config.segment, models.segmenter(config.segment))
    files = {
        output: write.encode(layers.straight_alpha(cutout.matte, cutout.foreground), taken.icc, taken.dpi),
        matte_path: write.encode_mask(255 - mask.of_matte(cutout.matte)),
    }
    write.write_files(files, overwrite=overwrite)
    return cutout
