"""Textures and reliefs at the size that a picture shows them."""

from dataclasses import replace

import cv2
import numpy as np

from stages.figure.records import Floats, Surface


def tangents(corners: Floats, uv: Floats) -> tuple[Floats, Floats]:
    """Returns how places move with u and with v over triangles: corners T x 3 x 3 and uv T x 3 x 2 give T x 3 each."""
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    d1, d2 = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    area = d1[:, 0] * d2[:, 1] - d2[:, 0] * d1[:, 1]
    area = np.where(np.abs(area) < 1e-12, np.float32(1e-12), area)[:, None]
    return (e1 * d2[:, 1:] - e2 * d1[:, 1:]) / area, (e2 * d1[:, :1] - e1 * d2[:, :1]) / area


def fitted(surface: Surface) -> Surface:
    """Returns a surface whose texture and relief have no texel smaller than a pixel, so that none flickers."""
    if surface.uv is None or (surface.texture is None and surface.bump is None):
        return surface
    lengths = [
        float(np.median(np.linalg.norm(each, axis=1)))
        for each in tangents(surface.vertices[surface.faces], surface.uv[surface.faces])
    ]
    across, down = (max(4, round(length)) for length in lengths)

    def shrunk(values: np.ndarray) -> np.ndarray:
        height, width = values.shape[:2]
        size = min(across, width), min(down, height)
        return values if size == (width, height) else cv2.resize(values, size, interpolation=cv2.INTER_AREA)

    texture = None if surface.texture is None else np.asarray(shrunk(surface.texture), np.uint8)
    bump = None if surface.bump is None else np.asarray(shrunk(surface.bump), np.float32)
    return replace(surface, texture=texture, bump=bump)
