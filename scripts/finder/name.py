r"""Trains the finder's namer: which garment it is, from the crop around it and its silhouette.

    OMP_NUM_THREADS=1 python -m scripts.finder.name SELLERS --judged JUDGED.json --drawn FOLDER --run FOLDER

Silhouettes are the judged masks; where there are none, what the trunk of `--run` finds. Resumes from `RUN/namer.pt`;
the averaged weights, with the temperature that fits a tenth of the photos held out, go to `RUN/namer.safetensors`.
"""

import argparse
import json
import time
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from scripts.finder.augment import recoloured
from scripts.finder.example import CLOTHS, Bytes, Example
from scripts.finder.sellers import listed, read, read_mask
from scripts.finder.train import _follow, rate_at
from scripts.house.log import Log
from stages.contracts import Plate
from stages.find.namer import CATEGORY, MARGIN, SIDE, Namer, crop, cropped
from stages.find.network import MULTIPLE
from stages.find.planes import Planes, planes
from stages.find.trunk import Trunk

#: Side of the squares that are kept around garments, in pixels, and the margin in them, for turned ones.
KEPT, ROOM = 112, 0.2
#: Shorter side at which the trunk looks for garments without a mask: their outlines need not be fine.
SHORTER = 192
#: Every tenth photo sets the temperature.
HELD_OUT = 10


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    photo: Plate
    """`KEPT` x `KEPT` x 3 uint8: the square around the garment."""
    cover: Bytes
    """`KEPT` x `KEPT` uint8, 255 = garment."""
    cloth: int


def silhouettes(sellers: Path, judged: dict[str, str], run: Path) -> list[Named]:
    """Gives all training photos; what the trunk finds is kept in `RUN/found`."""
    kept = run / "found"
    kept.mkdir(exist_ok=True)
    trunk = Trunk().eval()
    trunk.load_state_dict({name: each.float() for name, each in load_file(run / "trunk.safetensors").items()})
    found = []
    for each in listed(sellers, "train"):
        photo = read(each.photo, SHORTER)
        if each.mask is not None and judged.get(each.name) == "right":
            cover = read_mask(each.mask, SHORTER)
        else:
            path = kept / f"{each.photo.stem}.png"
            if not path.exists():
                cv2.imwrite(str(path), _found(trunk, photo))
            cover = read_mask(path)
        found.append(_named(photo, cover, CLOTHS.index(each.cloth)))
    return found


def _named(photo: Plate, cover: Bytes, cloth: int) -> Named:
    square, shape = cropped(photo, np.asarray(cover / np.float32(255), np.float32), KEPT, ROOM)
    return Named(square, np.rint(255 * shape).astype(np.uint8), cloth)


def _found(trunk: Trunk, photo: Plate) -> Bytes:
    height, width = photo.shape[:2]
    size = tuple(round(side / MULTIPLE) * MULTIPLE for side in (width, height))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    with torch.inference_mode():
        shares = trunk(torch.from_numpy(planes(small))[None])["pixels"].softmax(1)[0, :3].sum(0).numpy()
    return np.asarray(np.rint(255 * cv2.resize(shares, (width, height), interpolation=cv2.INTER_LINEAR)), np.uint8)


def drawn(folder: Path) -> list[Named]:
    found: list[Named] = []
    for chunk in sorted(folder.glob("*.npz")):
        with np.load(chunk) as data:
            for photo, labels, cloth in zip(data["photos"], data["labels"], data["cloth"], strict=True):
                cover = labels[..., :3].astype(np.uint16).sum(axis=2).clip(0, 255).astype(np.uint8)
                found.append(_named(photo, cover, int(cloth)))
    return found


def seen(named: Named, random: np.random.Generator) -> Planes:
    """Gives a crop of a photo made another, its silhouette as uncertain as the trunk's."""
    turn = random.normal(0, 0.12) if random.random() < 0.93 else random.uniform(-np.pi, np.pi)
    zoom = SIDE / KEPT * (1 + 2 * ROOM) / (1 + 2 * MARGIN) * np.exp(random.normal(-0.03, 0.08))
    aspect = np.exp(random.normal(0, 0.06)) * np.array([random.choice([-1, 1]), 1])
    cos, sin = np.cos(turn), np.sin(turn)
    shape = zoom * np.array([[cos, -sin], [sin, cos]]) @ np.diag([aspect[0], 1 / abs(aspect[0])])
    place = SIDE / 2 + random.normal(0, 0.03 * SIDE, 2) - shape @ np.full(2, KEPT / 2)
    move = np.hstack([shape, place[:, None]])
    photo = cv2.warpAffine(named.photo, move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(named.cover, move, (SIDE, SIDE))
    labels = np.zeros((SIDE, SIDE, 4), np.uint8)
    photo = recoloured(Example(np.asarray(photo, np.uint8), labels, parts=False), random).photo
    if random.random() < 0.3:
        spread = cv2.dilate if random.random() < 0.5 else cv2.erode
        cover = spread(cover, np.ones((3, 3), np.uint8))
    for value in (0, 255):  # a piece that is missed, or too much
        if random.random() < 0.08:
            x, y = random.integers(0, SIDE, 2)
            cover[y : y + 16, x : x + 16] = value
    return np.concatenate([np.moveaxis(photo, 2, 0) / np.float32(127.5) - 1, cover[None] / np.float32(127.5) - 1])


def temperature(model: Namer, held: list[Named]) -> float:
    """Gives the temperature with the least cross entropy of the categories on photos held out."""
    owner = torch.tensor([list(CATEGORY.values()).index(each) for each in CATEGORY.values()])
    with torch.inference_mode():
        logits = torch.cat([_both(model, each) for each in held])
    wanted = torch.tensor([int(owner[each.cloth]) for each in held])
    tried = np.exp(np.linspace(-1, 1.2, 45))

    def entropy(heat: float) -> float:
        shares = torch.zeros(len(held), len(owner)).index_add_(1, owner, (logits / heat).softmax(1))
        return float(-shares.gather(1, wanted[:, None]).clamp_min(1e-9).log().mean())

    return float(min(tried, key=entropy))


def _both(model: Namer, named: Named) -> Tensor:
    made = crop(named.photo, np.asarray(named.cover / np.float32(255), np.float32))
    logits: Tensor = model(torch.from_numpy(np.stack([made, made[..., ::-1]]))).mean(0, keepdim=True)
    return logits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sellers", type=Path)
    parser.add_argument("--judged", type=Path, required=True)
    parser.add_argument("--drawn", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--draw", type=float, default=0.25, help="share of drawn photos")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    torch.manual_seed(asked.seed)
    random = np.random.default_rng(asked.seed)
    log = Log(asked.run / "namer.log")
    real = silhouettes(asked.sellers, json.loads(asked.judged.read_text()), asked.run)
    held = real[::HELD_OUT]
    shown = [each for number, each in enumerate(real) if number % HELD_OUT]
    made = drawn(asked.drawn)
    log(f"{len(shown)} real photos, {len(held)} held out, {len(made)} drawn")
    model = Namer().to(memory_format=torch.channels_last)
    average = deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=asked.rate, weight_decay=0.05, betas=(0.9, 0.98))
    checkpoint, step = asked.run / "namer.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        random.bit_generator.state = state["random"]
        step = state["step"]

    # Rare classes are shown more often, by the root of how rare they are.
    rarity = [np.bincount([each.cloth for each in pool], minlength=len(CLOTHS)) for pool in (shown, made)]
    odds = [
        np.array([counts[each.cloth] ** -0.5 for each in pool])
        for pool, counts in zip((shown, made), rarity, strict=True)
    ]
    odds = [each / each.sum() for each in odds]

    def save() -> None:
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save(state | {"random": random.bit_generator.state, "step": step}, checkpoint)
        average.eval()
        average.temperature.fill_(temperature(average, held))
        with torch.inference_mode():
            said = [int(_both(average, each).argmax()) for each in held]
        right = np.mean(
            [list(CATEGORY.values())[a] == list(CATEGORY.values())[b.cloth] for a, b in zip(said, held, strict=True)]
        )
        log(f"step {step}: {100 * right:.1f} % of held-out right, temperature {float(average.temperature):.2f}")
        save_file(
            {name: each.contiguous() for name, each in average.state_dict().items()}, asked.run / "namer.safetensors"
        )

    losses: list[float] = []
    begun = time.monotonic()
    while step < asked.steps:
        chosen = [
            (made, odds[1]) if random.random() < asked.draw and made else (shown, odds[0]) for _ in range(asked.batch)
        ]
        batch = [pool[int(random.choice(len(pool), p=share))] for pool, share in chosen]
        crops = torch.from_numpy(np.stack([seen(each, random) for each in batch])).to(memory_format=torch.channels_last)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step / asked.steps, step, asked.rate)
        logits = model(crops)
        loss = nn.functional.cross_entropy(logits, torch.tensor([each.cloth for each in batch]), label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        _follow(average, model, min(0.995, (1 + step) / (10 + step)))
        losses = [*losses[-99:], float(loss.detach())]
        if step % 50 == 0:
            log(f"step {step} seconds {time.monotonic() - begun:.0f} loss {np.mean(losses):.3f}")
        if step % 400 == 0:
            save()
    save()


if __name__ == "__main__":
    main()
