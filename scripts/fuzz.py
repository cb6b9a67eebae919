"""Hostile files and words for every reader, each in a process of its own: `make fuzz`, and a short form with the tests.

A case is well when it ends in a documented exit code with one sentence, within 20 seconds of processor time and 2 GB,
with its inputs as they were and nothing half-written. `python -m scripts.fuzz --kinds png --count 200` asks so many of
one kind.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from pipeline import cli
from pipeline.cli import loop  # noqa: F401 - imported once, for all that are forked
from scripts import hostile
from scripts.hostile_photos import PHOTOS
from stages import write

SECONDS, GIGABYTES = 20, 2.0
KNOWN = frozenset(range(2, 11)) | {0}
KINDS = (*PHOTOS, "mask", "receipt", "manifest", "config", "options", "words", "name")


@dataclass(frozen=True, slots=True)
class Result:
    """How one case ended."""

    code: int
    """The exit code; -N for a signal."""
    seconds: float
    """Of processor time: the machine may do other things beside."""
    gigabytes: float
    said: str
    """What went to stderr and stdout."""

    def faults(self) -> list[str]:
        """Returns what is wrong with it."""
        found = [] if self.code in KNOWN else [f"it ended with {self.code}"]
        if "Traceback" in self.said:
            found.append("a traceback")
        if self.code and "onmodel: " not in self.said and "Error" not in self.said and "cannot" not in self.said:
            found.append("no sentence")
        if self.seconds > SECONDS:
            found.append(f"{self.seconds:.0f} s")
        if self.gigabytes > GIGABYTES:
            found.append(f"{self.gigabytes:.1f} GB")
        if any(ord(each) < 32 and each not in "\n" for each in self.said):
            found.append("control characters")
        return found


def typed(words: list[str], folder: Path, seconds: float = 15 * SECONDS) -> Result:
    """Runs one command line in a forked process within a folder; it is killed after so many seconds."""
    out = folder / "said.txt"
    child = os.fork()
    if child == 0:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        sys.stdout, sys.stderr = (os.fdopen(each, "w", encoding="utf-8", errors="backslashreplace") for each in (1, 2))
        os.chdir(folder)
        sys.argv = ["onmodel", *words]
        signal.alarm(int(seconds))
        code = 70
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status, used = os.wait4(child, 0)
    said = out.read_bytes().decode("utf-8", "backslashreplace")
    out.unlink()
    # Linux counts kilobytes.
    return Result(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6, said)


class Place:
    """A folder with sound files, beside which a case lies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        photo = np.full((48, 40, 3), 200, np.uint8)
        photo[10:40, 12:30] = (150, 40, 60)
        (folder / "photo.png").write_bytes(write.encode(photo, None))
        made = typed(["inpaint", "photo.png", "--box", "14,14,22,22", "-o", "made.png"], folder)
        if made.code:
            raise SystemExit(f"the sound run failed: {made.said}")
        self.sound = {each.name: each.read_bytes() for each in folder.iterdir()}

    def again(self) -> None:
        """Puts everything back as it was."""
        for each in self.folder.iterdir():
            if each.name not in self.sound:
                shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
        for name, content in self.sound.items():
            (self.folder / name).write_bytes(content)

    def case(self, kind: str, dice: random.Random) -> tuple[list[str], dict[str, bytes]]:
        """Returns a command line, and the hostile files that it reads."""
        if kind in PHOTOS:
            content = hostile.broken(PHOTOS[kind](dice), dice)
            name = f"case.{kind}"
            return ["inpaint", name, "--box", "2,2,6,6", "-o", "out.png"], {name: content}
        if kind == "mask":
            content = hostile.broken(PHOTOS[dice.choice(list(PHOTOS))](dice), dice)
            flags = dice.choice([["inpaint", "--mask"], ["segment", "--matte"]])
            return [flags[0], "photo.png", *flags[1:], "mask.png", "-o", "out.png"], {"mask.png": content}
        if kind == "receipt":
            return ["verify", "made.png", "--source", "photo.png"], {
                "made.json": hostile.receipt(self.sound["made.json"], dice)
            }
        if kind == "manifest":
            ending, content = hostile.manifest(dice, "photo.png")
            return ["collection", "plan", f"m{ending}"], {f"m{ending}": content}
        if kind == "config":
            config = hostile.receipt(self.sound["made.json"], dice)
            flag = dice.choice(("--config", "--from", "--casting", "--scene"))
            name = "c.json" if flag == "--from" else "c.yaml"
            return ["config", "show", flag, name], {name: config}
        if kind == "options":
            options = hostile.receipt(b'{"segment": {"garment_box": "1,2,3,4"}, "place": {"size": "auto"}}', dice)
            return ["segment", "photo.png", "-o", "out.png", "--config", "c.yaml"], {"c.yaml": options}
        if kind == "name":
            path = hostile.named(Path(), dice)
            return [dice.choice(("inpaint", "segment")), f"./{path}", "-o", "out/"], {path.name: b"no photo"}
        return hostile.words(dice, "photo.png"), {}

    def run(self, kind: str, seed: int) -> tuple[list[str], list[str], Result]:
        """Returns the command line of a case, what is wrong with it, and how it ended."""
        dice = random.Random(f"{kind} {seed}")
        words, files = self.case(kind, dice)
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        given = {**self.sound, **files}
        result = typed(words, self.folder)
        faults = result.faults()
        faults += [f"{name} changed" for name, content in given.items() if (self.folder / name).read_bytes() != content]
        faults += [f"{each.name} was left" for each in self.folder.rglob(".onmodel-*")]
        return words, faults, result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--count", type=int, default=20, help="cases of each kind, where no minutes are given")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for the files of cases with faults")
    given = parser.parse_args()
    faulty, _ = fuzz(given.kinds, given.count, given.minutes, given.seed, given.keep)
    return 1 if faulty else 0


def fuzz(
    kinds: list[str], count: int, minutes: float = 0, seed: int = 0, keep: Path | None = None
) -> tuple[list[str], Counter[str]]:
    """Runs `count` cases of each kind, or new ones for some minutes; gives those with faults, and how all ended."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)  # imported once for all that are forked, before it has threads
    until, faulty, ends, worst = time.monotonic() + 60 * minutes, [], Counter[str](), [0.0, 0.0]
    with tempfile.TemporaryDirectory() as place:
        here = Place(Path(place))
        for number in range(seed, sys.maxsize):
            if (minutes and time.monotonic() > until) or (not minutes and number >= seed + count):
                break
            for kind in kinds:
                words, faults, result = here.run(kind, number)
                ends[f"{kind} {result.code}"] += 1
                worst = [max(worst[0], result.seconds), max(worst[1], result.gigabytes)]
                if faults:
                    typed_as = " ".join(words)[:200]
                    said = f"{kind} {number}: {'; '.join(faults)}: onmodel {typed_as!r}: {result.said[-600:]!r}"
                    faulty.append(said)
                    print(said, flush=True)
                    if keep is not None:
                        shutil.copytree(here.folder, keep / f"{kind}-{number}", dirs_exist_ok=True)
                here.again()
    print(f"{sum(ends.values())} cases, {len(faulty)} with faults; at most {worst[0]:.1f} s and {worst[1]:.2f} GB")
    print(", ".join(f"{name}: {many}" for name, many in sorted(ends.items())))
    return faulty, ends


if __name__ == "__main__":
    sys.exit(main())
