"""Judges the teacher's masks, so that nothing wrong is taught or measured with.

    python -m scripts.finder.judge SELLERS JUDGED.json

For each mask: its size; how much of it is undecided; how its outline lies on the picture's edges; and whether a cut by
colour alone (GrabCut, Rother et al. 2004, begun from the mask) adds or takes away a large piece. Photos whose masks are
left out are "wrong"; the rest of the file's names are not judged.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from scripts.finder.sellers import Bytes, listed, read, read_mask
from stages.contracts import Plate

#: Shorter side at which masks are judged, in pixels.
SIDE = 200

#: Least and most that a right mask shows, from looking at the 200 worst of 1,720: where the teacher keeps a print and
#: doubts the shirt, a third and more of the mask is undecided; where it drops a sleeve, GrabCut finds it again.
SOFT, GAINED, LOST, SIZE, SLOPE = 0.3, 0.08, 0.15, 0.02, 1.0


def verdict(found: dict[str, float]) -> str:
    """Returns "right" or "wrong"."""
    doubtful = found["soft"] > SOFT or found["gained"] > GAINED or found["lost"] > LOST
    return "wrong" if doubtful or found["size"] < SIZE or found["edge"] < SLOPE else "right"


def measures(photo: Plate, mask: Bytes) -> dict[str, float]:
    """Returns `size`, `soft`, `edge`, `gained` and `lost`, as shares; photo H x W x 3, mask H x W, uint8."""
    sure = mask > 127
    area = max(1, int(sure.sum()))
    soft = float(((mask > 40) & (mask < 215)).sum() / area)
    rim = cv2.morphologyEx(sure.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    grey = cv2.GaussianBlur(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    edge = float(np.median(slope[rim]) / (np.median(slope) + 4)) if rim.any() else 0.0
    gained, lost = _by_colour(photo, sure)
    return {"size": area / mask.size, "soft": soft, "edge": edge, "gained": gained, "lost": lost}


def _by_colour(photo: Plate, sure: np.ndarray) -> tuple[float, float]:
    """Returns the largest piece that GrabCut adds and takes away, as shares of the mask."""
    state = np.where(sure, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    state[cv2.erode(sure.astype(np.uint8), disc, iterations=3) > 0] = cv2.GC_FGD
    state[cv2.dilate(sure.astype(np.uint8), disc, iterations=9) == 0] = cv2.GC_BGD
    if not (state == cv2.GC_PR_FGD).any() or not (state == cv2.GC_PR_BGD).any():
        return 1.0, 1.0
    cv2.grabCut(photo, state, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    cut = (state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD)
    return _largest(cut & ~sure) / max(1, int(sure.sum())), _largest(sure & ~cut) / max(1, int(sure.sum()))


def _largest(piece: np.ndarray) -> int:
    # A thin line along the outline is no piece.
    opened = cv2.morphologyEx(piece.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sellers", type=Path)
    parser.add_argument("judged", type=Path, help="the file to write; what it has judged already stays")
    parser.add_argument("--masks", type=Path, help="folder of the masks; SELLERS/masks if not said")
    asked = parser.parse_args()
    found: dict[str, str] = json.loads(asked.judged.read_text()) if asked.judged.exists() else {}
    for split in ("train", "validation"):
        for each in listed(asked.sellers, split, asked.masks):
            if each.mask is not None and each.name not in found:
                found[each.name] = verdict(measures(read(each.photo, SIDE), read_mask(each.mask, SIDE)))
    asked.judged.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
