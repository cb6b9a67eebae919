"""Writes the file of weights that the package carries: half precision, and calibrated.

    python -m scripts.finder.pack SELLERS RUN/trunk.safetensors [OUT.safetensors]

The temperature is the one with the least cross entropy of the categories on the photos that training held out.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from scripts.finder.examples import HELD_OUT
from scripts.finder.sellers import listed, read
from stages.find.network import AREA, WEIGHTS, shrunk
from stages.find.planes import CATEGORY, planes
from stages.find.trunk import Trunk


def temperature(trunk: Trunk, sellers: Path) -> float:
    """Returns the best divisor of the garments' logits, in [0.3, 4]."""
    owner = torch.tensor([list(CATEGORY.values()).index(each) for each in CATEGORY.values()])
    rows = [each for number, each in enumerate(listed(sellers, "train")) if number % HELD_OUT == 0]
    wanted = torch.tensor([int(owner[list(CATEGORY).index(each.cloth)]) for each in rows])
    logits = torch.stack([_logits(trunk, each.photo) for each in rows])

    def entropy(heat: float) -> float:
        shares = torch.zeros(len(rows), len(owner)).index_add_(1, owner, (logits / heat).softmax(2).mean(1))
        return float(-shares.gather(1, wanted[:, None]).clamp_min(1e-9).log().mean())

    return float(min(np.exp(np.linspace(-1.2, 1.4, 53)), key=entropy))


def _logits(trunk: Trunk, photo: Path) -> Tensor:
    seen = planes(shrunk(read(photo), AREA))
    with torch.inference_mode():
        logits: Tensor = trunk(torch.from_numpy(np.stack([seen, seen[..., ::-1]])))["cloth"]
    return logits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sellers", type=Path)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=WEIGHTS)
    asked = parser.parse_args()
    trunk = Trunk().eval()
    trunk.load_state_dict({name: each.float() for name, each in load_file(asked.trunk).items()})
    trunk.temperature.fill_(heat := temperature(trunk, asked.sellers))
    print(f"temperature {heat:.2f}")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    halves = {name: (each.half() if each.is_floating_point() else each) for name, each in trunk.state_dict().items()}
    save_file({name: each.contiguous() for name, each in halves.items()}, asked.out)


if __name__ == "__main__":
    main()
