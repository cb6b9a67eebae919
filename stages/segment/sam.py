"""segment-anything (Kirillov et al., Segment Anything, 2023): vit_b, vit_l and vit_h, prompted by the classical result.

SAM knows what belongs together, the classical segmenter where the outline runs: SAM is asked with the box of the
classical result, points deep inside it and points in the backdrop, and its mask is taken with the classical outline
wherever the two nearly agree.
"""

import hashlib
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Mask, Matte, ModelCard, Plate
from stages.errors import WeightsError
from stages.options import SegmentOptions
from stages.segment import classical

#: Of code and weights alike (github.com/facebookresearch/segment-anything).
LICENCE = "Apache-2.0"
#: A Hub repository with the published files; what comes from it is held against SHA256.
REPOSITORY = "ybelkada/segment-anything"
FILES = {
    "vit_b": "sam_vit_b_01ec64.pth",
    "vit_l": "sam_vit_l_0b3195.pth",
    "vit_h": "sam_vit_h_4b8939.pth",
}
#: Of the published checkpoints.
SHA256 = {
    "vit_b": "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    "vit_l": "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
    "vit_h": "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
}
#: Points inside the garment, and in the backdrop.
POINTS, NEGATIVES = 5, 4
#: SAM's masks are 256 px wide: nearer than this share of the longer side to its outline the classical one is finer.
OUTLINE = 0.012

Flags = npt.NDArray[np.bool_]


def available(options: SegmentOptions) -> Path | None:
    """Gives the checkpoint that `load` takes without fetching: the file that is named, or the one fetched before."""
    if options.sam_weights is not None:
        return options.sam_weights if options.sam_weights.is_file() else None
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(REPOSITORY, f"checkpoints/{FILES[options.sam_model]}")
    return Path(found) if isinstance(found, str) else None


def load(options: SegmentOptions) -> "Sam":
    """Gives the segmenter, from a local file or fetched once into the Hub's cache.

    Raises WeightsError if there is no checkpoint, if its SHA-256 is not that of the published one and
    `allow_unknown_weights` is not set, or if it is not a checkpoint of `sam_model`.
    """
    path = available(options) or _fetch(options)
    digest = _sha256(path)
    if digest != SHA256[options.sam_model] and not options.allow_unknown_weights:
        raise WeightsError(
            f"{path.name} is not the published {options.sam_model} checkpoint (SHA-256 {digest[:12]}…); "
            "pass --allow-unknown-weights if you trust it."
        )
    return Sam(_model(path, options.sam_model), options.sam_model, digest)


def _fetch(options: SegmentOptions) -> Path:
    if options.sam_weights is not None:
        raise WeightsError(f"There is no SAM checkpoint at {options.sam_weights}; correct --sam-weights.")
    if not options.fetch_sam:
        raise WeightsError("SAM has no weights here; pass --fetch-sam, --sam-weights FILE or --segmenter classical.")
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        return Path(hf_hub_download(REPOSITORY, f"checkpoints/{FILES[options.sam_model]}"))
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        raise WeightsError(
            f"The SAM checkpoint could not be fetched ({type(error).__name__}); pass --sam-weights FILE."
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _model(path: Path, kind: str) -> Any:
    import torch
    from segment_anything import sam_model_registry

    try:
        # A .pth is a pickle: only tensors are let in. The library's own loader would run anything.
        weights = torch.load(path, map_location="cpu", weights_only=True)
        model = sam_model_registry[kind](checkpoint=None)
        model.load_state_dict(weights)
    except (pickle.UnpicklingError, RuntimeError, EOFError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"{path.name} is not a segment-anything {kind} checkpoint; give the right file or --sam-model."
        ) from error
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


class Sam:
    def __init__(self, model: Any, kind: str, digest: str) -> None:
        """Takes a segment-anything model on its device."""
        from segment_anything import SamPredictor

        self.name = f"sam {kind}"
        self.card = ModelCard("segmenter", f"segment-anything {kind}", f"sha256:{digest}", LICENCE)
        self._predictor = SamPredictor(model)
        self._classical = classical.load(SegmentOptions())

    def __call__(self, picture: Plate) -> Matte:
        """Gives the probability of garment, H x W float32, of an H x W x 3 uint8 sRGB picture."""
        import torch

        guess = self._classical(picture) > 0.5
        points, labels = prompt_points(guess)
        masks, qualities = [], []
        with torch.inference_mode():
            self._predictor.set_image(picture)
            for chosen in (labels >= 0, labels > 0):
                logits, quality, _ = self._predictor.predict(
                    point_coords=points[chosen].astype(np.float32),
                    point_labels=labels[chosen],
                    box=prompt_box(guess),
                    multimask_output=True,
                    return_logits=True,
                )
                masks.extend(logits)
                qualities.extend(quality)
        probability = 1 / (1 + np.exp(-np.clip(masks[choose(masks, qualities, guess)], -30, 30)))
        return merge(probability.astype(np.float32), guess)


def prompt_box(guess: Flags) -> npt.NDArray[np.float32]:
    """Gives the box (x0, y0, x1, y1) around a guess, 1 % of the longer side wider; the whole picture without one."""
    height, width = guess.shape
    if not guess.any():
        return np.array([0, 0, width, height], dtype=np.float32)
    x, y, w, h = cv2.boundingRect(guess.astype(np.uint8))
    pad = 0.01 * max(height, width)
    box = [max(0, x - pad), max(0, y - pad), min(width, x + w + pad), min(height, y + h + pad)]
    return np.array(box, dtype=np.float32)


def prompt_points(guess: Flags) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """Gives N x 2 points (x, y) and their labels: 1 deep inside the guess, 0 in the backdrop inside its box.

    Holes and gaps, being backdrop inside the box, get their points too. Without a guess: the middle.
    """
    height, width = guess.shape
    if not guess.any():
        return np.array([[width / 2, height / 2]], dtype=np.float32), np.array([1], dtype=np.int32)
    x0, y0, x1, y1 = (int(v) for v in prompt_box(guess))
    boxed = np.zeros_like(guess)
    boxed[y0:y1, x0:x1] = True
    inside, outside = _deepest(guess, POINTS), _deepest(boxed & ~guess, NEGATIVES)
    labels = [1] * len(inside) + [0] * len(outside)
    return np.array(inside + outside, dtype=np.float32), np.array(labels, dtype=np.int32)


def _deepest(region: Flags, count: int) -> list[tuple[float, float]]:
    """Gives up to `count` points far from the region's edge and from each other."""
    framed = cv2.copyMakeBorder(region.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1].copy()
    points: list[tuple[float, float]] = []
    for _ in range(count):
        _, deep, _, (x, y) = cv2.minMaxLoc(depth)
        if deep < 3:
            break
        points.append((float(x), float(y)))
        cv2.circle(depth, (x, y), round(1.5 * deep), 0.0, -1)
    return points


def choose(masks: list[npt.NDArray[np.float32]], qualities: list[float], guess: Flags) -> int:
    """Gives the index of the mask (logits, H x W) with the best sum of predicted IoU and IoU with the guess."""
    scores = []
    for logits, quality in zip(masks, qualities, strict=True):
        mask = logits > 0
        union = max(1, int(np.count_nonzero(mask | guess)))
        scores.append(float(quality) + int(np.count_nonzero(mask & guess)) / union)
    return int(np.argmax(scores))


def merge(probability: Matte, guess: Flags) -> Matte:
    """Gives SAM's probability with the guess's outline where the two outlines nearly agree, and the guess's holes."""
    mask = (probability > 0.5).astype(np.uint8)
    reach = OUTLINE * max(guess.shape)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    near = np.maximum(inside, outside) <= reach
    merged = np.where(near, guess.astype(np.float32), probability)
    return np.asarray(np.where(_holes(guess), 0, merged), dtype=np.float32)


def _holes(guess: Flags) -> Flags:
    """Tells the backdrop that a guess encloses."""
    free: Mask = np.pad((~guess).astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(free, None, (0, 0), 0)
    return np.asarray(free[1:-1, 1:-1] > 0, dtype=bool)
