"""Measures the house model on figures it never saw and prints tables in Markdown.

    python -m scripts.house.evaluate --out FOLDER --count 40 --detector "python detect.py"

Every measure is also taken of the rendered truth: no model trained on such figures can be expected to do better.
Pictures are painted, enlarged and finished as the preset `house` does. `--detector` is a command that is given a folder
of pictures (see scripts/house/found.py); without one, pose is judged by the overlap of silhouettes alone. `--changes N`
asks for another scene, hair or skin alone; `--sweep N` tries steps and guidance scales.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import stages
from pipeline.config import resolve
from scripts.house import evaluate_changes, measure
from scripts.house.evaluate_paint import paint, table, unseen, write_sheet
from scripts.house.found import detect, score
from scripts.house.render import Figure
from scripts.house.silhouette import overlap, silhouette
from stages import faults
from stages.contracts import Generator, Plate
from stages.generate.diffusion import load
from stages.options import GenerateOptions

#: Width of the figures that the model was trained on.
TRAINED = 384
HOUSE = Path(stages.__file__).parent / "generate" / "house"


def attributes(pictures: list[Plate], figures: list[Figure]) -> dict[str, str]:
    """Returns skin, hair, clothes, scene, silhouette, expansion and seam of pictures of figures, in words."""
    both = list(zip(pictures, figures, strict=True))
    skins = [measure.skin_difference(p, f, f.casting) for p, f in both]
    hair = [measure.right(measure.hair_colour(p, f), f.casting.hair_colour) for p, f in both]
    clothes = [
        measure.right(measure.clothes_colour(p, f), measure.clothes_asked(f.casting, f.category))
        for p, f in both
        if f.category in measure.OTHER
    ]
    kept = [(p, (f.mask == 0).astype(np.float32)) for p, f in both]
    outlines = [overlap(silhouette(p, f), f.person > 0) for p, f in both]
    known = [each for each in skins if each is not None]
    return {
        "skin, median ΔE00 to the Monk tone": (
            f"{np.median(known):.1f} (90 % below {np.percentile(known, 90):.1f})" if known else "-"
        ),
        "hair of the asked colour": measure.share(hair),
        "clothes of the asked colour": measure.share(clothes),
        "place recognised": measure.share([measure.right(measure.scene_of(p, f), f.scene.place) for p, f in both]),
        "silhouette, overlap with the truth": f"{measure.mean(outlines):.3f}",
        "garment expansion": f"{measure.mean(faults.expansion(*each) for each in kept):.4f}",
        "seam": f"{measure.mean(faults.seam(*each) for each in kept):.2f}",
    }


def sweep(
    generator: Generator, figures: list[Figure], settings: GenerateOptions, steps: list[int], guidances: list[float]
) -> str:
    """Returns a table of steps and guidance scales."""
    rows = []
    for count in steps:
        for guidance in guidances:
            begun = time.monotonic()
            now = settings.model_copy(update={"steps": count, "guidance": guidance})
            painted = [paint(generator, f, now) for f in figures]
            seconds = (time.monotonic() - begun) / len(figures)
            found = attributes(painted, figures)
            rows.append([str(count), f"{guidance:g}", *found.values(), f"{seconds:.1f}"])
    return table(["steps", "guidance", *found, "s a picture"], rows)


def reconstruction(weights: Path, pictures: list[Plate]) -> float:
    """Returns the mean PSNR in dB of pictures that were encoded and decoded by the weights' autoencoder."""
    import diffusers
    import torch

    from scripts.house.train_vae import psnr

    kind = json.loads((weights / "vae" / "config.json").read_text())["_class_name"]
    vae: Any = getattr(diffusers, kind).from_pretrained(weights / "vae", torch_dtype=torch.float32)
    size = (TRAINED, TRAINED * 3 // 2)
    small = [cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in pictures]
    return float(np.mean([psnr(vae, each[None]) for each in small]))


def judge(pictures: list[Plate], figures: list[Figure], detector: str | None, out: Path) -> dict[str, str]:
    """Returns all measures of pictures of figures, in words."""
    found = attributes(pictures, figures)
    if detector:
        asked = [each.skeleton for each in figures]
        height, width = figures[0].mask.shape
        joints = detect(detector, out, pictures, asked)
        found["pose by detector"] = str(score(joints, asked, (width, height)))
        # Detectors take many a back for a front, and then right for left: that is not the model's fault.
        front = [number for number, each in enumerate(figures) if each.view == "front"]
        both = [joints[each] for each in front], [asked[each] for each in front]
        found["pose by detector, front views"] = str(score(*both, (width, height)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the house model on figures it never saw.")
    parser.add_argument("--weights", type=Path, default=HOUSE, help="a folder in diffusers layout")
    parser.add_argument("--out", type=Path, required=True, help="for pictures and sheets")
    parser.add_argument("--detector", help="command of an independent pose detector, which is given a folder")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=990, help="of the figures; training uses others")
    parser.add_argument("--width", type=int, default=768, help="of the pictures; the height is half as much again")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--no-detail", action="store_true", help="do not paint face and hands again")
    parser.add_argument("--truth", action="store_true", help="judge the rendered figures alone, paint nothing")
    parser.add_argument("--changes", type=int, default=0, metavar="N", help="change one thing alone on N figures")
    parser.add_argument("--sweep", type=int, default=0, metavar="N", help="try settings on N figures")
    parser.add_argument("--sweep-steps", type=int, nargs="+", default=[8, 12, 20, 30])
    parser.add_argument("--sweep-guidance", type=float, nargs="+", default=[1.0, 1.5, 2.0, 3.0])
    options = parser.parse_args()
    cv2.setNumThreads(1)
    figures = unseen(max(options.count, options.changes, options.sweep), options.width, options.seed)
    judged = figures[: options.count]
    truth = judge([each.picture for each in judged], judged, options.detector, options.out / "truth")
    if options.truth:
        print(table(["measure", "rendered"], [[*row] for row in truth.items()]))
        return
    asked = {"steps": options.steps, "guidance": options.guidance, "detail": False if options.no_detail else None}
    chosen = {"model": str(options.weights), **{name: value for name, value in asked.items() if value is not None}}
    settings = resolve("house", flags={"generate": chosen}).generate
    generator = load(settings)
    begun = time.monotonic()
    painted = [paint(generator, each, settings) for each in judged]
    seconds = (time.monotonic() - begun) / len(judged)
    write_sheet(options.out / "sheet.png", [[each.picture for each in judged], painted])
    found = judge(painted, judged, options.detector, options.out / "painted")
    rows = [[name, truth[name], value] for name, value in found.items()]
    rows.append(
        ["autoencoder, PSNR", "-", f"{reconstruction(options.weights, [f.picture for f in judged[:16]]):.2f} dB"]
    )
    said = f"{seconds:.1f} s a picture, {settings.steps} steps, guidance {settings.guidance:g}"
    rows.append(["time", "-", said])
    print(table(["measure", "rendered", "painted"], rows))
    if options.changes:
        few = figures[: options.changes]
        print(evaluate_changes.compare(generator, few, settings, options.detector, options.out))
    if options.sweep:
        few = figures[: options.sweep]
        print(sweep(generator, few, settings, options.sweep_steps, options.sweep_guidance))


if __name__ == "__main__":
    main()
