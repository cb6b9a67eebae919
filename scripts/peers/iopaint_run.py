"""Paints jobs with IOPaint's own model manager, as its batch command does: photo, mask and prompt in, picture out.

    python iopaint_run.py JOBS OUT

IOPaint finds diffusers models in the Hub's cache alone, by their class, and knows no ControlNet for poses that are not
seen in the photo. Its transformers want a tokenizer's words and merges as files of their own, and a text encoder's
weights under the names of old. So the weights are laid into such a cache beside the jobs. Runs in an environment of its
own; see scripts/bench_peers.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save_file

NAME = "house/house"


def cached(model: Path, cache: Path) -> None:
    """Lays a model into a Hub's cache as an inpainting pipeline without its ControlNet."""
    snapshot = cache / "models--house--house" / "snapshots" / "0"
    snapshot.mkdir(parents=True)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("0")
    index = json.loads((model / "model_index.json").read_text())
    del index["controlnet"]
    (snapshot / "model_index.json").write_text(json.dumps(index | {"_class_name": "StableDiffusionInpaintPipeline"}))
    for part in ("scheduler", "unet", "vae"):
        (snapshot / part).symlink_to(model / part)
    text = snapshot / "text_encoder"
    text.mkdir()
    (text / "config.json").write_text((model / "text_encoder" / "config.json").read_text())
    named = load_file(model / "text_encoder" / "model.safetensors")
    old = {f"text_model.{name}": weight for name, weight in named.items()}
    save_file(old, text / "model.safetensors", metadata={"format": "pt"})
    words = snapshot / "tokenizer"
    words.mkdir()
    (words / "tokenizer_config.json").write_text((model / "tokenizer" / "tokenizer_config.json").read_text())
    told = json.loads((model / "tokenizer" / "tokenizer.json").read_text())["model"]
    (words / "vocab.json").write_text(json.dumps(told["vocab"]))
    merges = [each if isinstance(each, str) else " ".join(each) for each in told["merges"]]
    (words / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")


def main() -> None:
    jobs, out = Path(sys.argv[1]), Path(sys.argv[2])
    asked = json.loads((jobs / "jobs.json").read_text())
    cache = out / "cache"
    cached(Path(asked["model"]), cache)
    os.environ |= {"HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    from iopaint.model_manager import ModelManager
    from iopaint.schema import InpaintRequest, SDSampler

    manager = ModelManager(NAME, "cpu", no_half=True, disable_nsfw=True, local_files_only=True)
    seconds = []
    for job in asked["jobs"]:
        began = time.process_time()
        photo = np.array(Image.open(jobs / f"{job['name']}.photo.png").convert("RGB"))
        mask = np.array(Image.open(jobs / f"{job['name']}.mask.png"))
        request = InpaintRequest(
            prompt=job["prompt"], negative_prompt=job["negative"], sd_seed=job["seed"], sd_steps=job["steps"],
            sd_guidance_scale=job["guidance"], sd_strength=1.0, sd_sampler=SDSampler.ddim,
            sd_scale=max(job["size"]) / max(photo.shape),
        )  # fmt: skip
        picture = cv2.cvtColor(np.asarray(manager(photo, mask, request)).astype(np.uint8), cv2.COLOR_BGR2RGB)
        Image.fromarray(picture).save(out / f"{job['name']}.png")
        seconds.append(time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    (out / "result.json").write_text(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main()
