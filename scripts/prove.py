"""Tries to find one core pixel that changes, by a checker that shares no code with the program.

    python -m scripts.prove [--tries 100000] [--jobs 2] [--first SEED]

Exits with 1 if a core pixel changed, if anything raised what is no sentence, or if `verify` and the checker disagree.
"""

import argparse
import collections
import concurrent.futures
import functools
import sys
import tempfile
import time
from pathlib import Path

from scripts.exactness.tries import attempt

_CHUNK = 250


def chunk(first: int, count: int, folder: Path) -> tuple[int, int, int, collections.Counter[str]]:
    """Returns tries, refusals, changed pixels and faults of seeds from `first` on."""
    outcomes = [attempt(seed, folder) for seed in range(first, first + count)]
    faults = collections.Counter(each.fault for each in outcomes if each.fault)
    return count, sum(each.refused for each in outcomes), sum(each.changed for each in outcomes), faults


def main() -> int:
    """Runs the tries and says what they showed; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    asked = parser.parse_args()
    began, tries, refused, changed = time.perf_counter(), 0, 0, 0
    faults: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ProcessPoolExecutor(asked.jobs) as pool:
        starts = range(asked.first, asked.first + asked.tries, _CHUNK)
        counts = [min(_CHUNK, asked.first + asked.tries - start) for start in starts]
        for done in pool.map(functools.partial(chunk, folder=Path(folder)), starts, counts):
            tries, refused, changed = tries + done[0], refused + done[1], changed + done[2]
            faults += done[3]
            if tries % 10_000 < _CHUNK:
                print(f"{tries:,} tries, {changed} core pixels changed, {sum(faults.values())} faults", flush=True)
    for fault, count in faults.most_common(10):
        print(f"{count} x {fault}")
    seconds = time.perf_counter() - began
    print(
        f"{tries:,} tries in {seconds:.0f} s: {changed} core pixels changed, {sum(faults.values())} tracebacks or "
        f"disagreements, {refused:,} refused in words"
    )
    return 1 if changed or faults else 0


if __name__ == "__main__":
    sys.exit(main())
