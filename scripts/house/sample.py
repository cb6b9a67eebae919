"""Shows what the house model paints for figures that it never saw, beside the rendered truth.

    python -m scripts.house.sample PIPELINE OUT.png --count 8 --seed 999 --guidance 2 --steps 20

Rows: rendered figure, what the model was given (garment over grey, skeleton drawn over it), what it painted.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetInpaintPipeline

from scripts.house.examples import NEGATIVE, STICK_WIDTH
from scripts.house.render import Figure, render
from stages.contracts import Plate
from stages.pose.draw import draw


def load(folder: Path, dtype: torch.dtype = torch.bfloat16) -> Any:
    """Returns the pipeline of a folder in diffusers layout."""
    controlnet = ControlNetModel.from_pretrained(folder / "controlnet", torch_dtype=dtype)
    pipeline = StableDiffusionControlNetInpaintPipeline.from_pretrained(
        folder, controlnet=controlnet, torch_dtype=dtype
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def paint(pipeline: Any, figures: list[Figure], steps: int, guidance: float, seed: int) -> list[Plate]:
    """Returns what the model paints around each figure's garment."""
    height, width = figures[0].mask.shape
    made = pipeline(
        prompt=[each.caption for each in figures],
        negative_prompt=[NEGATIVE] * len(figures),
        image=[_pil(masked_out(each)) for each in figures],
        mask_image=[_pil(each.mask) for each in figures],
        control_image=[_pil(draw(each.skeleton, width, height, STICK_WIDTH)) for each in figures],
        width=width,
        height=height,
        num_inference_steps=steps,
        guidance_scale=guidance,
        strength=1.0,
        generator=[torch.Generator().manual_seed(seed + number) for number in range(len(figures))],
        output_type="np",
    ).images
    return list(np.round(made * 255).astype(np.uint8))


def masked_out(figure: Figure) -> Plate:
    """Returns the kept garment over neutral grey."""
    return np.where(figure.mask[..., None] > 127, np.uint8(128), figure.picture)


def _pil(pixels: Plate) -> Any:
    from PIL import Image

    return Image.fromarray(pixels)


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes a sheet of unseen figures and what the model makes of them.")
    parser.add_argument("pipeline", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--seed", type=int, default=999)
    parser.add_argument("--guidance", type=float, default=2.0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--width", type=int, default=256)
    options = parser.parse_args()
    size = (options.width, options.width * 3 // 2)
    figures = [render(np.random.default_rng((options.seed, number)), *size) for number in range(options.count)]
    pipeline = load(options.pipeline)
    begun = time.monotonic()
    painted = paint(pipeline, figures, options.steps, options.guidance, options.seed)
    print(f"{(time.monotonic() - begun) / len(figures):.1f} s a picture")
    rows = [
        np.hstack([each.picture for each in figures]),
        np.hstack([np.maximum(masked_out(each), draw(each.skeleton, *size, STICK_WIDTH)) for each in figures]),
        np.hstack(painted),
    ]
    cv2.imwrite(str(options.out), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
