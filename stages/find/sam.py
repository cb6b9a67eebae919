"""segment-anything (Kirillov et al., Segment Anything, 2023): vit_b, vit_l and vit_h."""

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from stages.contracts import ModelCard, Plate
from stages.errors import WeightsError
from stages.find.prompts import Field, Labels, Predict, Prompted
from stages.options import SegmentOptions

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


def available(options: SegmentOptions) -> Path | None:
    """Returns the checkpoint that `load` takes without fetching: the file that is named, or the one fetched before."""
    if options.sam_weights is not None:
        return options.sam_weights if options.sam_weights.is_file() else None
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(REPOSITORY, f"checkpoints/{FILES[options.sam_model]}")
    return Path(found) if isinstance(found, str) else None


def load(options: SegmentOptions) -> Prompted:
    """Returns the segmenter, from a local file or fetched once into the Hub's cache.

    Raises WeightsError if there is no checkpoint, if its SHA-256 is not that of the published one and
    `allow_unknown_weights` is not set, or if it is not a checkpoint of `sam_model`.
    """
    from segment_anything import SamPredictor, sam_model_registry

    kind = options.sam_model
    path = available(options) or fetch(options, REPOSITORY, f"checkpoints/{FILES[kind]}")
    digest = checked(path, SHA256[kind], kind, options)
    model = filled(sam_model_registry[kind](checkpoint=None), path, kind)
    for block in model.image_encoder.blocks:
        if block.window_size == 0:
            head_by_head(block.attn)
    card = ModelCard("segmenter", f"segment-anything {kind}", f"sha256:{digest}", LICENCE)
    return Prompted(f"sam {kind}", card, asking(SamPredictor(model)))


def head_by_head(attention: Any) -> None:
    """Lets an attention of the image encoder work on one head after another.

    It gives the same; but the maps of all heads of vit_b at once, 4096 x 4096 each, take 2.4 GB with their positions.
    """
    import torch
    from segment_anything.modeling.image_encoder import add_decomposed_rel_pos

    def forward(x: Any) -> Any:
        batch, height, width, _ = x.shape
        heads = attention.qkv(x).reshape(batch, height * width, 3, attention.num_heads, -1).permute(3, 2, 0, 1, 4)
        found = []
        for query, key, value in heads:
            weights = (query * attention.scale) @ key.transpose(-2, -1)
            if attention.use_rel_pos:
                size = height, width
                weights = add_decomposed_rel_pos(weights, query, attention.rel_pos_h, attention.rel_pos_w, size, size)
            found.append(weights.softmax(dim=-1) @ value)
        return attention.proj(torch.stack(found, dim=2).reshape(batch, height, width, -1))

    attention.forward = forward


def fetch(options: SegmentOptions, repository: str, file: str) -> Path:
    """Fetches a checkpoint into the Hub's cache. Raises WeightsError when that is not asked for, or fails."""
    if options.sam_weights is not None:
        raise WeightsError(f"There is no SAM checkpoint at {options.sam_weights}; correct --sam-weights.")
    if not options.fetch_sam:
        raise WeightsError(
            "SAM's weights are not installed; pass --fetch-sam, --sam-weights FILE or --segmenter finder."
        )
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        return Path(hf_hub_download(repository, file))
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        raise WeightsError(
            f"The SAM checkpoint could not be fetched ({type(error).__name__}); pass --sam-weights FILE."
        ) from error


def checked(path: Path, published: str, kind: str, options: SegmentOptions) -> str:
    """A file's SHA-256. Raises WeightsError when it is not the published one and unknown ones are not allowed."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != published and not options.allow_unknown_weights:
        raise WeightsError(
            f"{path.name} is not the published {kind} checkpoint (SHA-256 {digest[:12]}…); "
            "pass --allow-unknown-weights if you trust it."
        )
    return digest


def filled(model: Any, path: Path, kind: str) -> Any:
    """A segment-anything model with a checkpoint's weights, on its device. Raises WeightsError if they misfit."""
    import torch

    try:
        # A .pth is a pickle: only tensors are let in. The library's own loader would run anything.
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except (pickle.UnpicklingError, RuntimeError, EOFError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"{path.name} is not a segment-anything {kind} checkpoint; give the right file or --sam-model."
        ) from error
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def asking(predictor: Any) -> Predict:
    """Returns what asks a SamPredictor."""
    import torch

    def predict(picture: Plate, box: Field, sets: list[tuple[Field, Labels]]) -> tuple[list[Field], list[float]]:
        masks: list[Field] = []
        qualities: list[float] = []
        with torch.inference_mode():
            predictor.set_image(picture)
            for points, labels in sets:
                logits, quality, _ = predictor.predict(
                    point_coords=points.astype(np.float32),
                    point_labels=labels,
                    box=box,
                    multimask_output=True,
                    return_logits=True,
                )
                masks.extend(logits)
                qualities.extend(quality.tolist())
            predictor.reset_image()
        return masks, qualities

    return predict
