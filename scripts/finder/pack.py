"""Joins trained parts to the file of weights that the package carries.

python -m scripts.finder.pack TRUNK.safetensors NAMER.safetensors [OUT.safetensors]
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file

from stages.find.network import WEIGHTS


def pack(trunk: Path, namer: Path, out: Path = WEIGHTS) -> None:
    """Writes half precision; the counters that batch normalisation keeps stay whole numbers."""
    state = {f"trunk.{name}": each for name, each in load_file(trunk).items()}
    state |= {f"namer.{name}": each for name, each in load_file(namer).items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    halves = {name: (each.half() if each.is_floating_point() else each).contiguous() for name, each in state.items()}
    save_file(halves, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("namer", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=WEIGHTS)
    asked = parser.parse_args()
    pack(asked.trunk, asked.namer, asked.out)


if __name__ == "__main__":
    main()
