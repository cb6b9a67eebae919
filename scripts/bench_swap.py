"""Measures swaps of the backdrop on drawn subjects whose matte is known, before saturated colours, black and white.

    python -m scripts.bench_swap                                # all kinds
    python -m scripts.bench_swap --kinds "fair hair" --seeds 4 --pictures /tmp/swaps

Halo: the share of the pixels around the true outline in which at least `SHOWS` of the old backdrop shows in the swap,
over what the true swap has. Lost: the share of the opaque subject that comes out less than half. Kept: bare backdrop
that comes out more than half, as a share of the subject. Strands: how much of the coverage of what is thinner than
`THIN` pixels is kept. Error: mean difference to the true swap around the outline, in Delta E.
"""

import argparse
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np
import numpy.typing as npt

from scripts.synthetic.subject import KINDS, Subject, draw
from stages import find, photo, write
from stages.contracts import Matte
from stages.find import finder
from stages.find import people as subject
from stages.matte import backdrop
from stages.options import PhotoOptions, SegmentOptions

#: New backdrops, RGB.
COLOURS = {"red": (208, 16, 16), "green": (16, 200, 16), "black": (0, 0, 0), "white": (255, 255, 255)}
#: Around the outline: so far from where the true matte is soft, in pixels.
AROUND = 10
#: A quarter of the old backdrop is seen as a rim; what is thinner than so many pixels is a strand.
SHOWS, THIN = 0.25, 5

Field = npt.NDArray[np.float32]


def cut(drawn: Subject) -> tuple[Matte, Field]:
    """Returns matte and foreground as `onmodel background` finds them."""
    given = photo.read(write.encode(drawn.photo, None), PhotoOptions(), "drawn.png")
    found = find.subject(
        given, SegmentOptions(keep_collar=True, sheer="opaque"), subject.Subject(finder.load(SegmentOptions()))
    )
    matte, front, _ = subject.finish(given, found.matte, found.foreground)
    return matte, front.astype(np.float32)


def swapped(matte: Matte, front: Field, colour: tuple[int, int, int]) -> Field:
    weight = matte[..., None]
    return np.asarray(weight * front + (1 - weight) * np.asarray(colour, np.float32), np.float32)


def measure(drawn: Subject, matte: Matte, front: Field) -> dict[str, float]:
    """Returns halo (the worst colour's), lost, kept, strands and error."""
    around = cv2.dilate(((drawn.matte > 0) & (drawn.matte < 1)).astype(np.uint8), np.ones((2 * AROUND + 1,) * 2)) > 0
    halos, errors = [], []
    for colour in COLOURS.values():
        ours, true = swapped(matte, front, colour), swapped(drawn.matte, drawn.foreground, colour)
        span = drawn.backdrop - np.asarray(colour, np.float32)
        shows = np.sum((ours - true) * span, axis=2) / np.maximum(np.sum(span * span, axis=2), 400)
        # The subject's own colour may lie the same way: only what the true subject does not cover is a rim.
        halos.append(float((shows * (1 - drawn.matte) > SHOWS * 0.5)[around & (drawn.matte < 0.9)].mean()))
        lab = [backdrop.lab(np.clip(np.rint(each), 0, 255).astype(np.uint8)) for each in (ours, true)]
        errors.append(float(np.linalg.norm(lab[0] - lab[1], axis=2)[around].mean()))
    opaque, bare = drawn.matte > 0.98, drawn.matte < 0.02
    solid = cv2.morphologyEx((drawn.matte > 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((THIN, THIN), np.uint8)) > 0
    strands = ~cv2.dilate(solid.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool) & (drawn.matte > 0.1)
    return {
        "halo": max(halos),
        "lost": float((matte < 0.5)[opaque].mean()),
        "kept": float((matte > 0.5)[bare].sum() / (drawn.matte > 0.5).sum()),
        "strands": float(np.minimum(matte, drawn.matte)[strands].sum() / max(1e-6, drawn.matte[strands].sum())),
        "error": fmean(errors),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seeds", type=int, default=3, help="photos of each kind")
    parser.add_argument("--pictures", type=Path, help="folder for photo, swap and true swap, side by side")
    asked = parser.parse_args()
    for kind in asked.kinds:
        rows = []
        for seed in range(asked.seeds):
            drawn = draw(seed, kind)
            matte, front = cut(drawn)
            rows.append(measure(drawn, matte, front))
            if asked.pictures:
                _show(asked.pictures / f"{kind}-{seed}.png", drawn, matte, front)
        print(
            kind.ljust(12),
            *(
                f"{name} {fmean(row[name] for row in rows):.4f} ({max(row[name] for row in rows):.4f})"
                for name in rows[0]
            ),
            flush=True,
        )


def _show(path: Path, drawn: Subject, matte: Matte, front: Field) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    red = COLOURS["red"]
    sheet = np.hstack([drawn.photo, swapped(matte, front, red), swapped(drawn.matte, drawn.foreground, red)])
    cv2.imwrite(str(path), np.clip(np.rint(sheet), 0, 255).astype(np.uint8)[..., ::-1])


if __name__ == "__main__":
    main()
