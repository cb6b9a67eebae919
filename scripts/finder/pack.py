"""Writes the file of weights that the package carries: half precision, and calibrated.

The temperature is the one with the least cross entropy of the categories on the photos that training held out.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from scripts.finder.examples import HELD_OUT
from scripts.finder.sellers import listed, read
from scripts.finder.whole import whole
from stages.find.network import AREA, shrunk
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


def pack(sellers: Path, weights: Path, out: Path, log: Callable[[str], None]) -> Path:
    """Writes the trunk's weights with their temperature to `out`, and returns it."""
    trunk = Trunk().eval()
    trunk.load_state_dict({name: each.float() for name, each in load_file(weights).items()})
    trunk.temperature.fill_(heat := temperature(trunk, sellers))
    log(f"temperature {heat:.2f}")
    halves = {name: (each.half() if each.is_floating_point() else each) for name, each in trunk.state_dict().items()}
    with whole(out) as part:
        save_file({name: each.contiguous() for name, each in halves.items()}, part)
    return out
