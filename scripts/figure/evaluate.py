"""Measures figures on garments that nothing was tuned on, drawn by this project or photographed, and prints a table.

    python -m scripts.figure.evaluate OUT --count 40 --detector "python detect.py"
    python -m scripts.figure.evaluate OUT --photos FOLDER --steps 8 --detector "python detect.py"

Each picture has a garment, casting, scene and pose of its own, drawn from the seed. `--detector` is a command that is
given a folder of pictures (see scripts/house/found.py); beside found.json it may write faces.json: by picture the
landmarks of the face, an empty list where it found a face without them, null where it found none. `OUT/sheet.jpg` shows
all pictures: they decide first.
"""

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from pipeline import config as configs
from pipeline import flow
from pipeline.models import Models
from pipeline.receipt import Receipt
from scripts.house.found import detect, score
from scripts.run_photos import sheet
from scripts.synthetic import garment
from scripts.synthetic.pattern import CATEGORIES
from stages import write
from stages.contracts import KEYPOINTS, Photo, Plate, Skeleton
from stages.options import PhotoOptions
from stages.photo import read

#: Width that a crop is scaled to before its detail is measured, and that of the eyes' crop in eye distances.
CROP, AROUND = 160, 2.4
#: Half the width of a hand's crop, and how far its middle lies beyond the wrist, in lengths of the forearm: a hand has
#: 0.68 of them (`stages.pose.body`). Shorter forearms, in pixels, point at the camera.
HALF, BEYOND, LEAST = 0.4, 0.3, 12


class Shot(NamedTuple):
    """One picture and what was asked for."""

    name: str
    casting: str
    picture: Plate
    skeleton: Skeleton
    receipt: Receipt
    seconds: float


def photos(folder: Path | None, count: int, seed: int) -> list[Photo]:
    """Returns garment photos: those of a folder, or drawn ones that nothing else draws."""
    if folder is not None:
        return [read(path, PhotoOptions()) for path in sorted(folder.iterdir()) if path.is_file()][:count]
    found = []
    for number in range(count):
        drawn = garment.draw(seed + number, "plain", CATEGORIES[number % len(CATEGORIES)])
        found.append(Photo(f"drawn-{number}", drawn.photo, sha256=f"{number:064x}"))
    return found


def shoot(photo: Photo, number: int, seed: int, steps: int, models: Models, fixed: str | None) -> Shot | None:
    """Returns one picture in a casting, scene and pose of its own; None where the run failed, which is said."""
    random = np.random.default_rng((seed, number))
    named = {kind: str(random.choice(configs.names(kind))) for kind in ("castings", "scenes", "poses")}
    casting = fixed or named["castings"]
    flags = {
        "casting": casting,
        "scene": named["scenes"],
        "pose": {"pose": named["poses"]},
        "generate": {"steps": steps},
    }
    began = time.perf_counter()
    product = flow.produce(photo, configs.resolve("house", flags=flags), models)
    seconds = time.perf_counter() - began
    if product.png is None:
        print(f"{photo.name}: {product.receipt.failures}")
        return None
    picture = write.decode(product.png)
    assert picture is not None  # noqa: S101 - it was written a moment ago
    joints = np.array(product.receipt.skeleton, np.float32)
    return Shot(photo.name, casting, np.asarray(picture, np.uint8), joints, product.receipt, seconds)


def detail(picture: Plate, joints: Skeleton) -> float | None:
    """Returns the detail of a crop about the eyes; None where they are not in the frame."""
    eyes = joints[[KEYPOINTS.index("right_eye"), KEYPOINTS.index("left_eye")]]
    across = float(np.hypot(*(eyes[0, :2] - eyes[1, :2])))
    if eyes[:, 2].min() == 0 or across < 4:
        return None
    return sharpness(picture, eyes[:, :2].mean(axis=0), AROUND * across / 2)


def hands(picture: Plate, joints: Skeleton) -> list[float]:
    """Returns the detail of a crop about each hand that is in the frame."""
    found = []
    for side in ("right", "left"):
        elbow, wrist = (joints[KEYPOINTS.index(f"{side}_{name}")] for name in ("elbow", "wrist"))
        forearm = wrist[:2] - elbow[:2]
        long = float(np.hypot(*forearm))
        if min(elbow[2], wrist[2]) < 0.5 or long < LEAST:
            continue
        sharp = sharpness(picture, wrist[:2] + BEYOND * forearm, HALF * long)
        if sharp is not None:
            found.append(sharp)
    return found


def sharpness(picture: Plate, middle: npt.NDArray[np.floating], half: float) -> float | None:
    """Returns the 95th percentile of the lightness gradient (Sobel, 3 x 3) of a square, scaled to `CROP` pixels across.

    None where the square reaches over the picture.
    """
    x, y = middle
    box = [round(float(v)) for v in (y - half, y + half, x - half, x + half)]
    if min(box[0], box[2]) < 0 or box[1] > picture.shape[0] or box[3] > picture.shape[1]:
        return None
    crop = cv2.resize(picture[box[0] : box[1], box[2] : box[3]], (CROP, CROP), interpolation=cv2.INTER_AREA)
    lightness = cv2.cvtColor(crop, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32)
    gradient = np.hypot(cv2.Sobel(lightness, cv2.CV_32F, 1, 0), cv2.Sobel(lightness, cv2.CV_32F, 0, 1))
    return float(np.percentile(gradient, 95))


def photographed(folder: Path, command: str, out: Path) -> str:
    """Returns the same two measures of photographs of people, whose joints the detector finds."""
    pictures = [read(path, PhotoOptions()).pixels for path in sorted(folder.iterdir()) if path.is_file()]
    plates = [np.ascontiguousarray(each, np.uint8) for each in pictures]
    found = detect(command, out, plates, [np.zeros((len(KEYPOINTS), 3), np.float32)] * len(plates))
    seen = [(plate, joints) for plate, joints in zip(plates, found, strict=True) if joints is not None]
    eyes = sorted(round(each) for plate, joints in seen if (each := detail(plate, joints)) is not None)
    held = sorted(round(each) for plate, joints in seen for each in hands(plate, joints))
    return f"photographs: eyes {eyes}, hands {held}"


def unlike(faces: list[npt.NDArray[np.float64]]) -> float:
    """Returns how far faces differ from their mean after Procrustes alignment, in shares of a face's size."""
    shapes = []
    for face in faces:
        centred = face - face.mean(axis=0)
        shapes.append(centred / np.linalg.norm(centred))
    aligned = []
    for shape in shapes:
        u, _, vt = np.linalg.svd(shape.T @ shapes[0])
        aligned.append(shape @ (u @ vt))
    return float(np.mean(np.linalg.norm(np.array(aligned) - np.mean(aligned, axis=0), axis=(1, 2))))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures figures.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--photos", type=Path, help="a folder of garment photos; else they are drawn")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--casting", help="one casting for all: are its faces alike?")
    parser.add_argument("--detector")
    parser.add_argument("--photographs", type=Path, help="a folder of photos of people: how sharp are eyes and hands?")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    models = Models()
    shots: list[Shot] = []
    for number, photo in enumerate(photos(given.photos, given.count, given.seed)):
        shot = shoot(photo, number, given.seed, given.steps, models, given.casting)
        if shot is None:
            continue
        shots.append(shot)
        Image.fromarray(shot.picture).save(given.out / f"{len(shots) - 1:03d}.png")
        figure, checks = shot.receipt.figure, shot.receipt.checks
        worst = max(figure.residuals.values(), default=0) if figure else 0
        print(
            f"{len(shots) - 1:03d} {shot.name:14} {shot.casting:8} {figure.used if figure else '-':6} joint {worst:.3f}"
            f"  out {figure.sticking_out if figure else 0:6}  seam {checks.seam:.2f}  halo {checks.halo:.3f}"
            f"  expansion {checks.expansion:.3f}  {shot.seconds:5.1f} s  {'; '.join(shot.receipt.warnings)}",
            flush=True,
        )
    tiles = [cv2.resize(shot.picture, (round(540 * shot.picture.shape[1] / shot.picture.shape[0]), 540),
                        interpolation=cv2.INTER_AREA) for shot in shots]  # fmt: skip
    sheet(tiles, columns=8).save(given.out / "sheet.jpg", quality=88)
    sharp = [each for shot in shots if (each := detail(shot.picture, shot.skeleton)) is not None]
    print(f"detail about the eyes: median {np.median(sharp):.0f} of {len(sharp)} faces")
    held = [each for shot in shots for each in hands(shot.picture, shot.skeleton)]
    print(f"detail about the hands: median {np.median(held):.0f} of {len(held)} hands")
    if given.detector:
        found = detect(given.detector, given.out / "detect", [s.picture for s in shots], [s.skeleton for s in shots])
        size = max(s.picture.shape[1] for s in shots), max(s.picture.shape[0] for s in shots)
        print(score(found, [shot.skeleton for shot in shots], size))
        written = given.out / "detect" / "faces.json"
        if written.is_file():
            faces = json.loads(written.read_text())
            front = [n for n, shot in enumerate(shots) if _shows_face(shot)]
            print(f"faces: {sum(faces[f'{n:03d}'] is not None for n in front)} of {len(front)} that are in the frame")
            alike = [np.array(faces[f"{n:03d}"]) for n in front if faces[f"{n:03d}"]]
            if given.casting and len(alike) > 1:
                print(f"faces of {given.casting} differ by {unlike(alike):.4f} of their size")
        if given.photographs:
            print(photographed(given.photographs, given.detector, given.out / "photographs"))


def _shows_face(shot: Shot) -> bool:
    x, y, there = shot.skeleton[KEYPOINTS.index("nose")]
    return bool(there and 0 <= x < shot.picture.shape[1] and 0 <= y < shot.picture.shape[0])


if __name__ == "__main__":
    main()
