"""What a run shows: progress on stderr, results on stdout."""

import json
import traceback
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from pipeline.cli.console import console
from pipeline.receipt import Receipt
from pipeline.unexpected import UnexpectedError
from stages.contracts import Cutout
from stages.errors import OnmodelError
from stages.plain import plain

#: What the kept pixels are of, by task.
KEPT = {"generate": "garment", "background": "subject", "inpaint": "photo", "outpaint": "photo", "ghost": "garment"}


class Display:
    """Shows one command's photos one after another. A context manager: the progress bar lives within it."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False, as_json: bool = False) -> None:
        """Shows progress only on a terminal, and neither with `quiet` nor with `as_json`."""
        self.quiet, self.verbose, self.as_json = quiet, verbose, as_json
        self.out = console()
        self.err = console(stderr=True)
        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.err,
            transient=True,
            disable=quiet or as_json or not self.err.is_terminal,
        )
        self.task = self.progress.add_task("", total=1)

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def step(self, photo: Path, stage: str, done: int, total: int) -> None:
        """Shows where a photo's run stands."""
        self.progress.update(self.task, description=plain(f"{photo.name}: {stage}"), completed=done, total=total)

    def finished(self, photo: Path, output: Path, receipt: Receipt) -> None:
        """Shows one result; warnings and failures in words."""
        if self.as_json:
            self._line({"photo": plain(photo), "path": str(output), **receipt.model_dump(mode="json", by_alias=True)})
            return
        for failure in receipt.failures:
            self.err.print(Text.assemble(("failed: ", "red"), plain(f"{photo}: {failure}")))
        if self.quiet:
            return
        for warning in receipt.warnings:
            self.err.print(Text.assemble(("warning: ", "yellow"), plain(f"{photo.name}: {warning}")))
        if receipt.output is not None:
            size = f"{receipt.output.width} x {receipt.output.height}"
            exact = f"{receipt.kept.core_pixels:,} {KEPT[receipt.task]} pixels exact"
            self.out.print(f"{plain(output)}  {size}  {exact}  {receipt.seconds['total']:.1f} s", markup=False)
        for note in receipt.selection.notes if receipt.selection else ():
            self.out.print(f"  {note}", markup=False)
        if self.verbose:
            if receipt.garment is not None:
                garment = receipt.garment
                self.out.print(f"  {garment.category}, {garment.framing}, {garment.segmenter}")
            for note in receipt.source.notes + (receipt.garment.notes if receipt.garment else ()):
                self.out.print(f"  {note}", markup=False)
            chosen = receipt.config.get("chosen")
            self.out.print(f"  preset {receipt.config['preset']}{f': {chosen}' if chosen else ''}", markup=False)
            self.out.print(f"  {receipt.prompt}", markup=False)
            self.out.print("  " + ", ".join(f"{stage} {each:.1f} s" for stage, each in receipt.seconds.items()))

    def cut(self, photo: Path, output: Path, cutout: Cutout) -> None:
        """Shows one cut-out."""
        shape = cutout.shape
        if self.as_json:
            said = {
                "category": cutout.product or shape.category,
                "confidence": shape.confidence,
                "segmenter": cutout.segmenter,
            }
            notes = {"notes": cutout.notes, "doubts": cutout.doubts}
            self._line({"photo": plain(photo), "path": str(output), "status": "ok", **said, **notes})
        elif not self.quiet:
            self.out.print(
                f"{plain(output)}  {cutout.product or shape.category} ({shape.confidence:.2f}), {cutout.segmenter}",
                markup=False,
            )
            for doubt in cutout.doubts:
                self.err.print(Text.assemble(("warning: ", "yellow"), plain(f"{photo.name}: {doubt}")))
            for note in cutout.notes:
                self.out.print(f"  {note}", markup=False)

    def failed(self, photo: Path, error: OnmodelError) -> None:
        """Shows why one photo of several gave nothing."""
        if self.as_json:
            self._line({"photo": plain(photo), "status": "error", "exit_code": error.exit_code, "error": str(error)})
        else:
            self.err.print(Text.assemble(("onmodel: ", "red"), plain(error)))
            if self.verbose and error.__cause__ is not None and isinstance(error, UnexpectedError):
                self.err.print("".join(traceback.format_exception(error.__cause__)).rstrip(), markup=False)

    def _line(self, content: dict[str, object]) -> None:
        self.out.out(json.dumps(content), highlight=False)
