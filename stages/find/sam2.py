"""SAM 2.1 (Ravi et al., SAM 2: Segment Anything in Images and Videos, 2024) through transformers."""

import numpy as np

from stages import pretrained
from stages.contracts import ModelCard, Plate
from stages.find.prompts import Field, Labels, Prompted
from stages.options import SegmentOptions

#: Of code and weights alike (github.com/facebookresearch/sam2).
LICENCE = "Apache-2.0"
MODEL = "facebook/sam2.1-hiera-small"


def available(options: SegmentOptions) -> bool:
    """Whether `load` needs to fetch nothing."""
    return (pretrained.family(options.sam_folder or MODEL, options.sam_revision) or "").startswith("sam2")


def load(options: SegmentOptions) -> Prompted:
    """Returns the segmenter. Raises WeightsError when its weights are missing or are not those of a SAM 2.1."""
    import torch
    from transformers import Sam2Model, Sam2Processor

    name = options.sam_folder or MODEL
    processor, model = pretrained.load(
        Sam2Model, Sam2Processor, name, "SAM 2.1", revision=options.sam_revision, fetch=options.fetch_sam
    )

    def predict(picture: Plate, box: Field, sets: list[tuple[Field, Labels]]) -> tuple[list[Field], list[float]]:
        size = [picture.shape[:2]]
        masks: list[Field] = []
        qualities: list[float] = []
        with torch.inference_mode():
            pixels = processor(images=picture, return_tensors="pt")["pixel_values"].to(model.device)
            seen = model.get_image_embeddings(pixels)
            for points, labels in sets:
                asked = processor(
                    original_sizes=size,
                    input_points=[[points.tolist()]],
                    input_labels=[[labels.tolist()]],
                    input_boxes=[[box.tolist()]],
                    return_tensors="pt",
                ).to(model.device)
                del asked["original_sizes"]
                answer = model(image_embeddings=seen, multimask_output=True, **asked)
                large = processor.post_process_masks(answer.pred_masks.float().cpu(), size, binarize=False)[0]
                masks.extend(np.asarray(each, dtype=np.float32) for each in large[0])
                qualities.extend(answer.iou_scores.float().flatten().tolist())
        return masks, qualities

    card = ModelCard("segmenter", name, pretrained.commit(name, model, options), LICENCE)
    return Prompted("sam2", card, predict)
