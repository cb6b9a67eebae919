"""SAM 3 (Carion et al., SAM 3: Segment Anything with Concepts, 2025) through transformers: asked with words and a box.

It takes no points: what points say is put right after it has answered.
"""

import cv2
import numpy as np

from stages import pretrained
from stages.contracts import ModelCard, Plate
from stages.find.prompts import Field, Labels, Prompted
from stages.options import SegmentOptions

#: Of the weights (huggingface.co/facebook/sam3): access is granted on request.
LICENCE = "SAM License"
MODEL = "facebook/sam3"
#: What is asked for when the user says nothing.
WORDS = "garment"
#: Of the many answers the best few by score are worth comparing.
BEST = 6


def available(options: SegmentOptions) -> bool:
    """Whether `load` needs to fetch nothing."""
    return (pretrained.family(options.sam_folder or MODEL, options.sam_revision) or "").startswith("sam3")


def load(options: SegmentOptions) -> Prompted:
    """Returns the segmenter. Raises WeightsError when its weights are missing or are not those of a SAM 3."""
    import torch
    from transformers import Sam3Model, Sam3Processor

    name = options.sam_folder or MODEL
    processor, model = pretrained.load(
        Sam3Model, Sam3Processor, name, "SAM 3", revision=options.sam_revision, fetch=options.fetch_sam
    )
    words = options.garment_text or WORDS

    def predict(picture: Plate, box: Field, sets: list[tuple[Field, Labels]]) -> tuple[list[Field], list[float]]:  # noqa: ARG001
        height, width = picture.shape[:2]
        masks: list[Field] = []
        qualities: list[float] = []
        # With the box as an example, and by the words alone: a box around a wrong guess would mislead.
        for boxes in ([[box.tolist()]], None):
            labels = None if boxes is None else [[1]]
            asked = processor(
                images=picture, text=words, input_boxes=boxes, input_boxes_labels=labels, return_tensors="pt"
            ).to(model.device)
            del asked["original_sizes"]
            with torch.inference_mode():
                answer = model(**asked)
            scores = answer.pred_logits[0].float().sigmoid()
            if answer.presence_logits is not None:
                scores = scores * answer.presence_logits[0].float().sigmoid()
            for index in scores.argsort(descending=True)[:BEST].tolist():
                small = answer.pred_masks[0, index].float().cpu().numpy()
                masks.append(np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)))
                qualities.append(float(scores[index]))
        return masks, qualities

    card = ModelCard("segmenter", name, pretrained.commit(name, model, options), LICENCE)
    return Prompted("sam3", card, predict)
