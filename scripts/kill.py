"""Kills commands at random moments, and looks at what is left: `python -m scripts.kill --count 100`.

After each kill the inputs are as they were and every output file is whole; after the next run of the same command
nothing half-written is left, no lock is held, and the picture verifies. Half of the kills wait until files are written.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import torch

from pipeline import demo
from pipeline.cli import loop  # noqa: F401 - imported once, for all that are forked
from scripts.fuzz import typed
from stages import write

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
MANIFEST = "".join(
    f'{{"id": "r{at}", "photo": "photo.png", "task": "inpaint", "box": "{10 + at},14,22,22"}}\n' for at in range(6)
)
#: Seconds that a command may take: the machine may do other things beside.
PATIENCE = 3600.0
#: Commands that load no diffusion model.
QUICK = {
    "inpaint": ["inpaint", "photo.png", "--mask", "mask.png", "-o", "out/a.png", "--format", "jpg", "--keep-stages"],
    "outpaint": ["outpaint", "photo.png", "--aspect", "1:1,4:5", "--fill", "classical", "-o", "out/"],
    "background": ["background", "photo.png", "--background", "white", "--layers", "-o", "out/b.png"],
    "ghost": ["ghost", "photo.png", "--channel", "amazon,google", "-o", "out/e.png"],
    "segment": ["segment", "photo.png", "-o", "out/c.png"],
    "collection": ["collection", "run", "m.jsonl", "-o", "rows", "--cache", "cache"],
    "report": ["collection", "report", "m.jsonl", "-o", "rows", "--layout", "lookbook", "--contact-sheet"],
    "verify": ["verify", "out/a.png", "--source", "photo.png"],
}
OVERWRITES = ("inpaint", "outpaint", "background", "ghost", "segment", "generate")
SLOW = {
    "generate": ["generate", "photo.png", "-o", "out/d.png", "--steps", "1", "--format", "webp"],
    "demo": ["demo"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--commands", nargs="+", choices=[*QUICK, *SLOW], default=[*QUICK, *SLOW])
    given = parser.parse_args()
    faults = kill(given.count, given.seed, {name: (QUICK | SLOW)[name] for name in given.commands})
    print("\n".join(faults) or f"{given.count} kills, nothing lost and nothing left")
    return 1 if faults else 0


def kill(count: int, seed: int, commands: dict[str, list[str]]) -> list[str]:
    """Returns what was wrong after any of `count` kills."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)  # imported once for all that are forked, before it has threads
    dice, faults, ended = random.Random(seed), [], Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        inputs = _lay(folder)
        # A smaller photo of the demo's: as many files are written.
        mock.patch.object(demo, "draw", return_value=cv2.imread(str(folder / "photo.png"))).start()
        lengths = {name: _whole(words, folder) for name, words in commands.items()}
        for number in range(count):
            name, signal_ = list(commands)[number % len(commands)], dice.choice(SIGNALS)
            words = commands[name] + (["--overwrite"] if name in OVERWRITES else [])
            if name == "collection":
                (folder / "m.jsonl").write_text(MANIFEST.replace("22,22", f"{24 + number % 9},22"))
                inputs["m.jsonl"] = (folder / "m.jsonl").read_bytes()
            code = _killed(words, folder, signal_, dice.random() * lengths[name], writing=dice.random() < 0.5)
            ended[f"{signal_.name} {code}"] += 1
            found = _broken(folder, inputs)
            result = typed(words, folder, PATIENCE)
            if result.code:
                found.append(f"the next run ended with {result.code}: {result.said[-300:]}")
            found += [f"{each.relative_to(folder)} was left" for each in folder.rglob(".onmodel-*")]
            found += _broken(folder, inputs)
            found += _foreign(folder)
            faults += [f"{number} {name} {signal_.name}: {each}" for each in found]
            print(number, name, signal_.name, code, "; ".join(found) or "well", flush=True)
    print(", ".join(f"{name}: {many}" for name, many in sorted(ended.items())))
    return faults


def _lay(folder: Path) -> dict[str, bytes]:
    photo = np.full((240, 200, 3), 205, np.uint8)
    photo[50:200, 60:150] = (150, 40, 60)
    mask = np.zeros((240, 200), np.uint8)
    mask[90:110, 90:110] = 255
    (folder / "photo.png").write_bytes(write.encode(photo, None))
    (folder / "mask.png").write_bytes(write.encode_mask(mask))
    (folder / "m.jsonl").write_text(MANIFEST)
    (folder / "out").mkdir()
    (folder / "out" / "mine.part").write_text("foreign")
    return {name: (folder / name).read_bytes() for name in ("photo.png", "mask.png", "m.jsonl", "out/mine.part")}


def _whole(words: list[str], folder: Path) -> float:
    """Runs a command to its end; gives how long it took."""
    began = time.monotonic()
    result = typed(words, folder, PATIENCE)
    if result.code:
        raise SystemExit(f"{words} ended with {result.code}: {result.said}")
    return time.monotonic() - began


def _killed(words: list[str], folder: Path, signal_: signal.Signals, after: float, *, writing: bool) -> int:
    """Begins a command and kills it after so many seconds, or at a moment after it begins to write; gives its code."""
    child = os.fork()
    if child == 0:
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        os.chdir(folder)
        os.environ["OMP_NUM_THREADS"] = "1"
        from pipeline import cli

        sys.argv = ["onmodel", *words]
        code = 70
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        finally:
            os._exit(code)
    until = time.monotonic() + after
    while time.monotonic() < until + (30 if writing else 0):
        if writing and any(folder.glob("*/.onmodel-*")):
            time.sleep(0.003 * (after % 0.01) * 100)
            break
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(child, signal_)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _broken(folder: Path, inputs: dict[str, bytes]) -> list[str]:
    """Returns the inputs that changed, and the outputs that are cut off."""
    found = [f"{name} changed" for name, content in inputs.items() if (folder / name).read_bytes() != content]
    for path in folder.rglob("*"):
        if path.is_file() and ".onmodel-" not in str(path):
            content = path.read_bytes()
            if path.suffix == ".png" and cv2.imdecode(np.frombuffer(content, np.uint8), -1) is None:
                found.append(f"{path.name} is cut off")
            if path.suffix == ".json":
                try:
                    json.loads(content)
                except ValueError:
                    found.append(f"{path.name} is cut off")
    return found


def _foreign(folder: Path) -> list[str]:
    """Returns the files that are not those that their receipts name."""
    found = []
    for receipt in sorted(folder.glob("*/*.json")):
        for name, digest in json.loads(receipt.read_text()).get("files", {}).items():
            if hashlib.sha256((receipt.parent / name).read_bytes()).hexdigest() != digest:
                found.append(f"{name} is not what its receipt names")
    return found


if __name__ == "__main__":
    sys.exit(main())
