"""Proves on real photos that a collection's run can be killed at any moment, and that all engines give the same bytes.

    python -m scripts.prove_collection PHOTOS OUT

Three runs of the same manifest, as a user types them: one left alone, one killed with SIGKILL at five random moments
and resumed, one by the ray engine. Then every row is checked: its files are there, whole, as its receipt says, made
once, and equal bit for bit. Two tables say so; the exit code is 0 only if all of it holds.
"""

import argparse
import csv
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

#: Walked through by rows, chosen to lie far apart.
CASTINGS = ("ada", "imani", "hari", "lena")
SCENES = ("studio-grey", "beach", "street", "garden", "living-room")
_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")


def manifest(photos: Path, out: Path, rows: int) -> Path:
    """Writes a manifest of so many rows, each photo in turn with another casting, scene and seed; gives its path."""
    found = sorted(path.resolve() for path in photos.iterdir() if path.suffix.lower() in _ENDINGS)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "manifest.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("id", "photo", "casting", "scene", "seed"))
        for at in range(rows):
            table.writerow(
                (f"r{at:03}", found[at % len(found)], CASTINGS[at % len(CASTINGS)], SCENES[at % len(SCENES)], at)
            )
    return path


def command(table: Path, out: Path, steps: int | None, *more: str) -> list[str]:
    """Returns the words of one run."""
    asked = ("--steps", str(steps)) if steps else ()
    words = ("collection", "run", str(table), "-o", str(out), "--allow-outside", "--quiet")
    return [sys.executable, "-c", "from pipeline.cli import main; main()", *words, *asked, *more]


@contextmanager
def begun(words: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Begins a run in a process group of its own, which ends with the block."""
    process = subprocess.Popen(words, start_new_session=True)  # noqa: S603 - our own words
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Sends SIGKILL to a run and all that it began."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def records(out: Path) -> dict[str, int]:
    """Returns when each row's record was written, in nanoseconds, by row."""
    return {path.stem: path.stat().st_mtime_ns for path in out.glob("r*.json")}


def killed(words: list[str], out: Path, rows: int, kills: int, pause: float, dice: random.Random) -> Counter[str]:
    """Kills a run at random moments and resumes it to its end; counts, by row, how often its record was written.

    The run is cut into parts, one kill in each: at a random count of ended rows, and a random part of `pause` seconds
    later, which is about what a row takes.
    """
    written: Counter[str] = Counter()
    seen: dict[str, int] = {}

    def look() -> None:
        now = records(out)
        written.update(name for name, then in now.items() if seen.get(name) != then)
        seen.update(now)

    for number in range(1, kills + 1):
        share = (number - dice.random()) / (kills + 1)
        with begun(words) as process:
            began = time.monotonic()
            while process.poll() is None and len(records(out)) < share * rows:
                look()
                time.sleep(0.01)
            time.sleep(dice.random() * pause)
            early = process.poll() is not None
            kill(process)
            seconds = time.monotonic() - began
        look()
        cut_off = sorted(path.name for path in out.glob(".*") if path.is_file())
        lone = sorted(path.name for path in out.glob("r*.png") if path.name.partition(".")[0] not in seen)
        print(
            f"kill {number}: {'too late' if early else f'after {seconds:5.1f} s'}, {len(seen):3} rows ended, "
            f"{len(cut_off)} files cut off, {len(lone)} pictures without a record",
            flush=True,
        )
    with begun(words) as process:
        while process.poll() is None:
            look()
            time.sleep(0.01)
    look()
    return written


def faults(out: Path, name: str) -> list[str]:
    """Returns what is wrong with one row's files: missing, not as the receipt says, or no picture."""
    try:
        held = json.loads((out / f"{name}.json").read_text())
        if held["status"] != "ok":
            return [f"{held['status']}: {held.get('error')}"]
        wrong = []
        for part in ("output", "mask"):
            path = out / held[part]["name"]
            if hashlib.sha256(path.read_bytes()).hexdigest() != held[part]["sha256"]:
                wrong.append(f"{path.name} is not what its receipt says")
            with Image.open(path) as picture:
                picture.load()
    except (OSError, ValueError, KeyError) as error:
        return [f"{type(error).__name__}: {error}"]
    return wrong


def same(one: Path, other: Path, name: str) -> bool:
    """Whether a row's picture and mask are equal bit for bit in two folders."""
    pairs = [(one / f"{name}{ending}", other / f"{name}{ending}") for ending in (".png", ".mask.png")]
    return all(a.is_file() and b.is_file() and a.read_bytes() == b.read_bytes() for a, b in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kills and resumes a collection's run, and compares engines.")
    parser.add_argument("photos", type=Path, help="folder of garment photos")
    parser.add_argument("out", type=Path, help="folder for three runs, emptied first")
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--steps", type=int, help="denoising steps, otherwise the preset's")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7, help="of the moments")
    parser.add_argument("--address", help="of a Ray cluster that runs already")
    given = parser.parse_args()
    folders = {name: given.out / name for name in ("whole", "killed", "ray")}
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
    table = manifest(given.photos, given.out, given.rows)
    names = [f"r{at:03}" for at in range(given.rows)]

    def alone(name: str, *more: str) -> float:
        began = time.monotonic()
        with begun(command(table, folders[name], given.steps, *more)) as process:
            process.wait()
        seconds = time.monotonic() - began
        print(f"{name}: {len(records(folders[name]))} rows ended in {seconds:.1f} s", flush=True)
        return seconds

    pause = alone("whole") / given.rows
    dice = random.Random(given.seed)
    written = killed(
        command(table, folders["killed"], given.steps), folders["killed"], given.rows, given.kills, pause, dice
    )
    alone("ray", "--engine", "ray", *(("--address", given.address) if given.address else ()))

    print("\nrun     rows  lost  twice  broken  cut off  equal bytes")
    bad = 0
    for name, folder in folders.items():
        there = records(folder)
        lost = sum(each not in there for each in names)
        twice = sum(count > 1 for count in written.values()) if name == "killed" else 0
        wrong = {each: found for each in names if (found := faults(folder, each))}
        cut_off = sum(path.is_file() for path in folder.glob(".*"))
        equal = sum(same(folders["whole"], folder, each) for each in names)
        print(
            f"{name:7} {len(there):4} {lost:5} {twice:6} {len(wrong):7} {cut_off:8}  {equal} of {given.rows}",
        )
        for each, found in wrong.items():
            print(f"    {each}: {'; '.join(found)}")
        bad += lost + twice + len(wrong) + cut_off + given.rows - equal + len(there) - given.rows
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
