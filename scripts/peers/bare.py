"""Paints jobs with the bare diffusers call: photo, mask, pose and prompt in, picture out, enlarged to the canvas.

    python bare.py JOBS OUT [--paste]

With `--paste` the photo is then pasted back over it by its soft cut-out, as background removers put a product into a
scene: with the pixels of the photo, old backdrop included. Runs in an environment of its own; see scripts/bench_peers.
"""

import json
import resource
import sys
import time
from pathlib import Path

import torch
from diffusers import StableDiffusionControlNetInpaintPipeline
from PIL import Image


def main() -> None:
    jobs, out, paste = Path(sys.argv[1]), Path(sys.argv[2]), "--paste" in sys.argv
    asked = json.loads((jobs / "jobs.json").read_text())
    pipe = StableDiffusionControlNetInpaintPipeline.from_pretrained(asked["model"], torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    seconds = []
    for job in asked["jobs"]:
        began = time.process_time()
        photo = Image.open(jobs / f"{job['name']}.photo.png").convert("RGB")
        width, height = job["size"]
        plate = pipe(
            prompt=job["prompt"],
            negative_prompt=job["negative"],
            image=photo.resize((width, height), Image.Resampling.LANCZOS),
            mask_image=Image.open(jobs / f"{job['name']}.mask.png").resize((width, height), Image.Resampling.NEAREST),
            control_image=Image.open(jobs / f"{job['name']}.pose.png"),
            width=width,
            height=height,
            num_inference_steps=job["steps"],
            guidance_scale=job["guidance"],
            generator=torch.Generator("cpu").manual_seed(job["seed"]),
        ).images[0]
        plate = plate.resize(photo.size, Image.Resampling.LANCZOS)
        picture = plate
        if paste:
            picture = Image.composite(photo, plate, Image.open(jobs / f"{job['name']}.matte.png"))
        picture.save(out / f"{job['name']}.png")
        seconds.append(time.process_time() - began)
        plate.save(out / f"{job['name']}.plate.png")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    (out / "result.json").write_text(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main()
