"""Judges the teacher's masks, so that nothing wrong is taught or measured with.

For each mask: its size; how much of it is undecided; how its outline lies on the picture's edges; and whether a cut by
colour alone (GrabCut, Rother et al. 2004, begun from the mask) adds or takes away a large piece. What a person saw is
in `faults.csv`: of each photo looked at, which is wrong (mask, cut, both or neither) and why.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from scripts.finder.sellers import SPLITS, Bytes, listed, read, read_mask
from scripts.finder.whole import whole
from stages.contracts import Plate

#: What a verdict by eye is called where the mask is wrong, with a right cut-out or with a wrong one.
WRONG = {"mask": "wrong by eye", "both": "wrong by eye as the cut-out is"}
FAULTS = Path(__file__).with_name("faults.csv")
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


def judge(sellers: Path, masks: Path | None, out: Path, log: Callable[[str], None]) -> dict[str, str]:
    """Returns and writes verdicts by name, those by eye instead of measured ones; what OUT holds already stays."""
    found: dict[str, str] = json.loads(out.read_text()) if out.exists() else {}
    missing = [
        each for split in SPLITS for each in listed(sellers, split, masks) if each.mask and each.name not in found
    ]
    for number, each in enumerate(missing, 1):
        assert each.mask  # noqa: S101
        found[each.name] = verdict(measures(read(each.photo, SIDE), read_mask(each.mask, SIDE)))
        if number % 50 == 0 or number == len(missing):
            log(f"judged: {number} of {len(missing)}")
            with whole(out) as part:
                part.write_text(json.dumps(found, indent=1))
    return found | {name: seen for name, seen in by_eye().items() if name in found}


def by_eye() -> dict[str, str]:
    """Returns the verdicts of a person who looked at photo, mask and cut-out: "right" or one of `WRONG`."""
    with FAULTS.open(newline="") as file:
        return {row["name"]: WRONG.get(row["wrong"], "right") for row in csv.DictReader(file)}
