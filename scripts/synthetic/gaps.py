"""Gaps that a garment encloses: straps that meet, hands on hips, legs that touch, cut-outs."""

import numpy as np

from scripts.synthetic.pattern import Pattern, Points


def enclosing(cut: Pattern, rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    """Returns pieces to add to a pattern so that gaps become holes, and openings to cut out of it, in centimetres.

    Straps are joined behind the neck, cuffs rest on the waist, ankles touch; what has none of these gets a cut-out.
    """
    marks = {name: np.array(point, dtype=np.float64) for name, point in cut.landmarks.items()}
    bands: list[Points] = []
    width = rng.uniform(1.2, 3.0)
    if {"right_strap", "left_strap"} <= marks.keys():
        right, left = marks["right_strap"], marks["left_strap"]
        bands.append(_band([right, 0.5 * (right + left) - np.array([0, rng.uniform(0, 6)]), left], width))
    for side in ("right", "left"):
        if {f"{side}_cuff", f"{side}_waist"} <= marks.keys():
            bands.append(_band([marks[f"{side}_cuff"], marks[f"{side}_waist"]], 1.5 * width))
    if "crotch" in marks and {"right_hem", "left_hem"} <= marks.keys():
        bands.append(_band([marks["right_hem"], marks["left_hem"]], 2 * width))
    if bands:
        return bands, []
    points = np.concatenate(cut.pieces)
    (x0, top), (x1, bottom) = points.min(axis=0), points.max(axis=0)
    size = rng.uniform(0.04, 0.08) * (x1 - x0), rng.uniform(0.03, 0.06) * (bottom - top)
    neck = marks.get("collar", np.array([0.5 * (x0 + x1), top]))
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    middle = neck + np.array([0, size[1] + rng.uniform(1.5, 3.0)])
    return [], [middle + np.stack([size[0] * np.cos(turn), size[1] * np.sin(turn)], axis=1)]


def _band(line: list[Points], width: float) -> Points:
    """Returns the outline of a band along a line of points."""
    points = np.asarray(line)
    way = np.gradient(points, axis=0)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    return np.concatenate([points + 0.5 * width * across, (points - 0.5 * width * across)[::-1]])
