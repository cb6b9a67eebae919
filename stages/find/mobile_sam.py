"""MobileSAM (Zhang et al., Faster Segment Anything, 2023): SAM's decoder behind the TinyViT of controlnet_aux."""

import warnings
from pathlib import Path

from stages.contracts import ModelCard
from stages.errors import WeightsError
from stages.find import sam
from stages.find.prompts import Prompted
from stages.options import SegmentOptions

#: Of code and weights alike (github.com/ChaoningZhang/MobileSAM).
LICENCE = "Apache-2.0"
#: As published there, 40,728,226 bytes.
FILE = "mobile_sam.pt"
SHA256 = "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f"


def available(options: SegmentOptions) -> Path | None:
    """Returns the checkpoint that is named, if it is there and is called as MobileSAM's is."""
    path = options.sam_weights
    return path if path is not None and path.is_file() and path.stem.startswith(Path(FILE).stem) else None


def load(options: SegmentOptions) -> Prompted:
    """Returns the segmenter from a local checkpoint.

    Raises WeightsError if there is none, if its SHA-256 is not that of the published one and `allow_unknown_weights`
    is not set, or if it is not one of MobileSAM.
    """
    path = options.sam_weights
    if path is None or not path.is_file():
        raise WeightsError(
            f"MobileSAM's weights are not installed; pass --sam-weights with {FILE}, "
            "from github.com/ChaoningZhang/MobileSAM."
        )
    digest = sam.checked(path, SHA256, "MobileSAM", options)
    with warnings.catch_warnings():
        # It registers its TinyViT in timm under names that timm has too, and imports what scipy has moved.
        warnings.simplefilter("ignore")
        from controlnet_aux.segment_anything.build_sam import sam_model_registry
        from controlnet_aux.segment_anything.predictor import SamPredictor

    model = sam.filled(sam_model_registry["vit_t"](checkpoint=None), path, "MobileSAM")
    card = ModelCard("segmenter", "MobileSAM", f"sha256:{digest}", LICENCE)
    return Prompted("mobile_sam", card, sam.asking(SamPredictor(model)))
