"""From photo files to written files: what the command line and the web studio call."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline import channels, ownership, tasks
from pipeline.clock import Report, quiet
from pipeline.config import Config
from pipeline.flow import Cut, Product, produce
from pipeline.models import Models
from pipeline.receipt import CutRecord, Receipt
from pipeline.writeup import cut_out
from stages import disk, find, layers, photo, write
from stages.canvas import mask
from stages.contracts import Cutout
from stages.errors import ConfigError
from stages.plain import plain
from stages.reading import is_file


def outputs(photos: Sequence[Path], out: str) -> list[Path]:
    """Returns the picture's path for each photo.

    `out` is a .png file for one photo; a folder when it ends in a slash, is one already, or there are several photos.
    Raises ConfigError when a name fits neither, or is none that a receipt can hold.
    """
    target = Path(out)
    if plain(out) != out:
        raise ConfigError(f"-o {out} has control characters or bytes that are no UTF-8: choose another name")
    if len(photos) == 1 and not out.endswith(("/", "\\")) and not os.path.isdir(out):
        if target.suffix.lower() != ".png":
            raise ConfigError(f"-o {out} must end in .png (the lossless master), or in / for a folder")
        return [target]
    if target.suffix.lower() == ".png" and not os.path.isdir(out):
        raise ConfigError(f"-o {out} is one file but there are {len(photos)} photos: give a folder, ending in /")
    return [target / f"{plain(path.stem).replace(chr(92), '_')}.png" for path in photos]


def check_apart(jobs: Iterable[tuple[Path, Path]], each_writes: Sequence[str]) -> None:
    """Raises ConfigError when two (photo, picture) of one call would write the same file, whatever its case.

    `each_writes` are the endings of what is written for one photo.
    """
    owners: dict[tuple[Path, str], tuple[Path, Path]] = {}
    for photo_, picture in jobs:
        for ending in each_writes:
            path = picture.with_suffix(ending)
            other = owners.setdefault((path.parent, ownership.folded(path.name)), (photo_, picture))
            if other != (photo_, picture):
                raise ConfigError(f"{other[0]} and {photo_} would both write {path}: rename one, or run them apart")


def endings(config: Config, keep_stages: bool = False) -> list[str]:
    """Lists the suffixes of all files that a run writes, including the receipt's."""
    found = [".png", ".mask.png", ".json"]
    if config.write.format != "png":
        found.append(f".{config.write.format}")
    if config.task == "ghost" and config.ghost.back is not None:
        found.append(".back.mask.png")
    found += [channels.suffix(name) for name in config.write.channels]
    if config.write.layers:
        found.append(".ora")
    if config.outfit.worn:
        found.append(".garments.png")
    return [*found, ".stages"] if keep_stages else found


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
    reads: ownership.Reads | None = None,
) -> Receipt:
    """Runs one photo and writes its files, all or none; `cut` is as `pipeline.flow.produce` takes it.

    Files of an earlier run of that name are replaced with `overwrite`, where that run's receipt names them by hash;
    those that are not written again go, since they would stand beside a receipt that is not their own. So a run that
    broke a promise leaves its receipt alone. `reads` are the files that the whole call reads, where there are more than
    this photo and those of `config`.

    Raises OutputError before any work when a file would be overwritten that is read, or that no receipt names.
    """
    reads = reads or ownership.Reads([source, *ownership.named(config)])
    known = ready(output, endings(config, keep_stages), overwrite, reads)
    task = tasks.of(config.task)
    if task.imagines(config) and is_file(source):
        task.finders(config, models)  # small, and quick to load: else they would wait for the painter
        models.generator(config.generate)  # loads while the photo is read and cut
    product = produce(
        photo.read(source, config.photo),
        config,
        models,
        name=output.stem,
        report=report,
        keep_stages=keep_stages,
        cut=cut,
        others=[photo.read(Path(each.photo), config.photo) for each in config.outfit.worn],
    )
    return store(product, output, known, reads)


def store(product: Product, output: Path, known: frozenset[str] | None, reads: ownership.Reads) -> Receipt:
    """Writes what `pipeline.flow.produce` made as `output` and beside it, all files or none; `known` is from `ready`.

    The names in the receipt are those of `output` only if it was made with its stem as its name.
    """
    files: dict[Path, bytes] = {}
    if product.png is not None:
        files = {output: product.png, output.with_suffix(".mask.png"): product.mask}
        if product.joined is not None:
            files[output.with_suffix(".back.mask.png")] = product.joined
        if product.export is not None:
            suffix = f".{product.receipt.config['write']['format']}"
            files[output.with_suffix(suffix)] = product.export
        files |= {output.with_suffix(each): content for each, content in product.channels.items()}
        if product.layers is not None:
            files[output.with_suffix(".ora")] = product.layers
        if product.garments is not None:
            files[output.with_suffix(".garments.png")] = product.garments
        for name, picture in product.stages.items():
            files[output.with_suffix(".stages") / f"{name}.png"] = write.encode(picture, None, None)
    receipt = product.receipt.model_copy(update={"files": _hashes(files, output.parent)})
    _written({**files, output.with_suffix(".json"): receipt.text().encode()}, output, known, reads)
    return receipt


def cut(
    source: Path,
    output: Path,
    config: Config,
    models: Models,
    *,
    overwrite: bool = False,
    reads: ownership.Reads | None = None,
) -> Cutout:
    """Writes a photo's cut-out: straight-alpha RGBA as `output`; beside it its matte, `.matte.png`, and its record.

    Raises OutputError as `run` does.
    """
    reads = reads or ownership.Reads([source, *ownership.named(config)])
    known = ready(output, CUT_ENDINGS, overwrite, reads)
    source_photo = photo.read(source, config.photo)
    cutout = find.subject(source_photo, config.segment, models.segmenter(config.segment))
    files = {
        output: write.encode(
            layers.straight_alpha(cutout.matte, cutout.foreground), source_photo.icc, source_photo.dpi
        ),
        output.with_suffix(".matte.png"): write.encode_mask(255 - mask.of_matte(cutout.matte)),
    }
    record: CutRecord = cut_out(source_photo, cutout, config, _hashes(files, output.parent))
    _written({**files, output.with_suffix(".json"): record.text().encode()}, output, known, reads)
    return cutout


#: Suffixes of what `cut` writes.
CUT_ENDINGS = (".png", ".matte.png", ".json")


def ready(output: Path, each_writes: Sequence[str], overwrite: bool, reads: ownership.Reads) -> frozenset[str] | None:
    """Sees that a run may write its files; gives the hashes of those that it may replace, None without `overwrite`.

    Raises OutputError when a path is that of a file that is read, is taken, or cannot be one.
    """
    paths = [output.with_suffix(ending) for ending in each_writes]
    reads.refuse(paths)
    disk.check_folder(output.parent)
    disk.recover(output.parent)
    known = ownership.by(output.with_suffix(".json")) if overwrite else None
    for path in paths:
        # Of a folder of stages, what is replaced are its pictures: they begin with a digit.
        inside = path.suffix == ".stages" and overwrite and os.path.isdir(path)
        disk.check(path.glob("[0-9]-*.png") if inside else [path], known)
    return known


def _hashes(files: dict[Path, bytes], folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(data).hexdigest() for path, data in files.items()}


def _written(files: dict[Path, bytes], output: Path, known: frozenset[str] | None, reads: ownership.Reads) -> None:
    """Writes files, and takes away what an earlier run of that name wrote and this one did not."""
    earlier = ownership.names(ownership.at(output.with_suffix(".json"))) if known else ()
    stale = [output.parent / name for name in earlier if Path(name).parts[0].startswith(f"{output.stem}.")]
    disk.write_files(files, known, [path for path in stale if reads.same(path) is None])
