"""Trains the house model's autoencoder on crops of rendered figures.

    python -m scripts.house.train_vae --data FOLDER --run FOLDER --steps 6000

Resumes from `RUN/vae.pt`; `--start FOLDER` begins from an exported autoencoder instead of from noise. A share of the
crops lies around heads: they are a fiftieth of a picture, and what people, and detectors of people, look at first.
Colour first: the encoder is led, for the first steps, to put the patch's mean luma and
chroma into three of its four latents, because a decoder learns colours one by one, each after a plateau, without it.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor
from torch.nn import functional

from scripts.house.corpus import Corpus, read_shard, shards
from scripts.house.log import Log
from scripts.house.model import make_vae

#: From RGB in [0, 1] to luma and two chroma differences (BT.601), the latter enlarged: errors of hue are seen first.
YCC = torch.tensor([[0.299, 0.587, 0.114], [-0.338, -0.662, 1.0], [1.0, -0.838, -0.162]])


def ycc(pictures: Tensor) -> Tensor:
    return torch.einsum("oc,bchw->bohw", YCC, pictures)


#: The share of crops that lie around a head.
HEADS = 0.5
EARS = (16, 17)
#: How many pictures of the first shard are held out, to measure.
HELD = 8


def crops(parts: list[Corpus], random: np.random.Generator, batch: int, size: int) -> Tensor:
    """Returns batch x 3 x size x size in [0, 1] out of shards, half flipped, some recoloured, some around heads."""
    chosen = []
    for number in random.integers(0, sum(len(part.captions) for part in parts), batch):
        part = parts[number % len(parts)]
        index = number // len(parts) % len(part.captions)
        height, width = part.pictures.shape[1:3]
        y, x = random.integers(0, height - size + 1), random.integers(0, width - size + 1)
        head_x, head_y = part.skeletons[index, EARS, :2].mean(0)
        if random.random() < HEADS and 0 <= head_x < width and 0 <= head_y < height:
            shift_x, shift_y = random.integers(-size // 4, size // 4 + 1, 2)
            x = int(np.clip(head_x - size / 2 + shift_x, 0, width - size))
            y = int(np.clip(head_y - size / 2 + shift_y, 0, height - size))
        crop = part.pictures[index, y : y + size, x : x + size]
        crop = crop[:, ::-1] if random.random() < 0.5 else crop
        crop = crop[..., random.permutation(3)] if random.random() < 0.1 else crop
        chosen.append(crop)
    return torch.from_numpy(np.stack(chosen)).permute(0, 3, 1, 2).float() / 255


def loss_of(made: Tensor, wanted: Tensor) -> Tensor:
    """L1 and its gradients, plus low-pass terms that carry colour (see HOUSE in the model card)."""
    a, b = ycc(made), ycc(wanted)
    loss = functional.l1_loss(a, b) + 2 * functional.mse_loss(a, b)
    for axis in (2, 3):
        loss = loss + 0.5 * functional.l1_loss(a[:, :1].diff(dim=axis), b[:, :1].diff(dim=axis))
    for factor in (4, 16):
        loss = loss + 2 * functional.l1_loss(functional.avg_pool2d(a, factor), functional.avg_pool2d(b, factor))
    return loss


def lead(latents: Tensor, wanted: Tensor) -> Tensor:
    """The distance of three latents from the patch's mean colour, scaled to about unit variance."""
    mean = functional.avg_pool2d(ycc(wanted), 8)
    target = torch.cat([(mean[:, :1] - 0.55) * 4, mean[:, 1:] * 5], 1)
    return functional.mse_loss(latents[:, :3], target)


def psnr(vae: Any, pictures: np.ndarray) -> float:
    """Returns the mean PSNR in dB over whole pictures."""
    batch = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        made = vae.decode(vae.encode(batch * 2 - 1).latents).sample.clamp(-1, 1) / 2 + 0.5
    errors = ((made - batch) ** 2).mean(dim=(1, 2, 3))
    return float((-10 * torch.log10(errors)).mean())


def _without_first(part: Corpus, count: int) -> Corpus:
    return replace(
        part, pictures=part.pictures[count:], skeletons=part.skeletons[count:], captions=part.captions[count:]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the autoencoder of the house model.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="an exported autoencoder to begin from, instead of from noise")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=96)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="stop after this long, the rate having fallen by then"
    )
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    options.run.mkdir(parents=True, exist_ok=True)
    log = Log(options.run / "vae.log")

    vae = make_vae() if options.start is None else AutoencoderTiny.from_pretrained(options.start, dtype=torch.float32)
    vae = vae.to(memory_format=torch.channels_last)
    average = torch.optim.swa_utils.AveragedModel(vae, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998))
    optimizer = torch.optim.AdamW(vae.parameters(), lr=options.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    step, spent = 0, 0.0
    checkpoint = options.run / "vae.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        vae.load_state_dict(state["vae"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
        random.bit_generator.state = state["random"]
    known: list[Path] = []
    parts: list[Corpus] = []
    begun = time.monotonic() - spent
    total = 0.0
    while step < options.steps and (time.monotonic() - begun) / 60 < options.minutes:
        if step % 250 == 0 or not parts:
            fresh = [path for path in shards(options.data) if path not in known]
            known += fresh
            loaded = [read_shard(path) for path in fresh]
            if not parts:
                held, loaded[0] = loaded[0].pictures[:HELD], _without_first(loaded[0], HELD)
            parts += loaded
        spent = time.monotonic() - begun
        share = max(step / options.steps, spent / 60 / options.minutes)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 100) * max(0.02, 1 - share)
        wanted = crops(parts, random, options.batch, options.crop).to(memory_format=torch.channels_last)
        led = max(0.0, 1 - step / 600) if options.start is None else 0.0
        with torch.autocast("cpu", torch.bfloat16):
            latents = vae.encode(wanted * 2 - 1).latents
            # A little noise keeps near-by latents meaning near-by pictures: the UNet's output is never exact.
            made = vae.decode(latents + 0.03 * torch.randn_like(latents)).sample.float() / 2 + 0.5
        loss = loss_of(made, wanted) + led * lead(latents.float(), wanted)
        loss = loss + 0.01 * functional.relu(latents.float().abs() - 2.5).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(vae)
        total += loss.item()
        step += 1
        if step % 100 == 0:
            log(f"step {step} minutes {spent / 60:.1f} loss {total / 100:.4f} shards {len(known)}")
            total = 0.0
        if step % 1000 == 0:
            log(f"step {step} PSNR {psnr(vae, held):.2f} dB, averaged {psnr(average.module, held):.2f} dB, "
                f"latent deviation {latents.float().std(dim=(0, 2, 3)).tolist()}")  # fmt: skip
            state = {"vae": vae.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save({**state, "step": step, "spent": spent, "random": random.bit_generator.state}, checkpoint)
    average.module.save_pretrained(options.run / "vae")
    log(f"done: {step} steps, {(time.monotonic() - begun) / 60:.1f} minutes, PSNR {psnr(average.module, held):.2f} dB")


if __name__ == "__main__":
    main()
