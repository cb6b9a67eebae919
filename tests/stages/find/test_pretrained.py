"""SAM 2.1, SAM 3 and MobileSAM: the real loading code on tiny random checkpoints in the real layout."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.models import Models
from stages.contracts import ModelCard, Plate, Prompts
from stages.errors import WeightsError
from stages.find import mobile_sam, sam2, sam3
from stages.find.prompts import Prompted
from stages.options import SegmentOptions
from tests.stages.find.drawn import draw

TOKENIZER = Path(__file__).parents[3] / "stages" / "generate" / "house" / "tokenizer"


@pytest.fixture(scope="module")
def sam2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import Sam2Config, Sam2ImageProcessor, Sam2Model, Sam2Processor

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("sam2")
    backbone = {
        "model_type": "sam2_hiera_det_model", "hidden_size": 8, "num_attention_heads": 1, "image_size": [128, 128],
        "blocks_per_stage": [1, 1, 2, 1], "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 2, 4, 8], "window_size_per_stage": [8, 4, 4, 4],
        "global_attention_blocks": [3],
    }  # fmt: skip
    config = Sam2Config(
        vision_config={
            "backbone_config": backbone, "backbone_channel_list": [64, 32, 16, 8], "fpn_hidden_size": 32,
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 128, "mask_input_channels": 4},
        mask_decoder_config={"hidden_size": 32, "mlp_dim": 32, "num_attention_heads": 4, "iou_head_hidden_dim": 32},
    )  # fmt: skip
    Sam2Model(config).save_pretrained(folder)
    shape = Sam2ImageProcessor(size={"height": 128, "width": 128}, mask_size={"height": 32, "width": 32})
    Sam2Processor(shape).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def sam3_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import AutoTokenizer, Sam3Config, Sam3ImageProcessor, Sam3Model, Sam3Processor

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("sam3")
    words = AutoTokenizer.from_pretrained(TOKENIZER)
    small = {"hidden_size": 32, "num_attention_heads": 2}
    layer = {**small, "num_layers": 1, "intermediate_size": 32}
    backbone = {
        **small, "model_type": "sam3_vit_model", "intermediate_size": 32, "num_hidden_layers": 2, "image_size": 112,
        "patch_size": 14, "window_size": 4, "global_attn_indexes": [1], "pretrain_image_size": 56,
    }  # fmt: skip
    text = {
        **small, "intermediate_size": 32, "num_hidden_layers": 1, "max_position_embeddings": 32, "projection_dim": 32,
        "vocab_size": len(words), "bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id,
    }  # fmt: skip
    config = Sam3Config(
        vision_config={
            "backbone_config": backbone, "fpn_hidden_size": 32,
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
        },
        text_config=text,
        geometry_encoder_config=layer,
        detr_encoder_config=layer,
        detr_decoder_config={**layer, "num_queries": 8},
        mask_decoder_config={**small, "num_upsampling_stages": 3},
    )  # fmt: skip
    Sam3Model(config).save_pretrained(folder)
    Sam3Processor(Sam3ImageProcessor(size={"height": 112, "width": 112}), words).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def mobile_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    from controlnet_aux.segment_anything.build_sam import sam_model_registry

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("mobile") / "mobile_sam.pt"
    torch.save(sam_model_registry["vit_t"](checkpoint=None).state_dict(), path)
    yield path
    path.unlink()


def picture() -> Plate:
    return draw("tee", height=256).pixels


def test_sam2_loads_answers_and_heeds_points(sam2_folder: Path) -> None:
    segmenter = sam2.load(SegmentOptions(sam_folder=str(sam2_folder)))
    first = segmenter(picture())
    assert first.shape == (256, 192)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, segmenter(picture()))
    assert segmenter.card == ModelCard("segmenter", str(sam2_folder), None, "Apache-2.0")


def test_sam3_answers_to_words(sam3_folder: Path) -> None:
    words = (SegmentOptions(sam_folder=str(sam3_folder), garment_text=each) for each in ("a red shirt", "blue jeans"))
    shirt, jeans = (sam3.load(options) for options in words)
    first = shirt(picture())
    assert first.shape == (256, 192)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, shirt(picture()))
    assert shirt.name == "sam3"
    assert jeans(picture()).shape == (256, 192)


def test_a_mobile_sam_that_is_not_the_published_one_is_refused_and_another_file_too(tmp_path: Path) -> None:
    path = tmp_path / "mobile_sam.pt"
    torch.save({"image_encoder.patch_embed": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match="allow-unknown-weights"):
        mobile_sam.load(SegmentOptions(sam_weights=path))
    with pytest.raises(WeightsError, match="not a segment-anything MobileSAM"):
        mobile_sam.load(SegmentOptions(sam_weights=path, allow_unknown_weights=True))
    with pytest.raises(WeightsError, match="sam-weights"):
        mobile_sam.load(SegmentOptions(sam_weights=tmp_path / "none.pt"))


@pytest.mark.slow
def test_mobile_sam_loads_its_own_format_and_answers(mobile_file: Path) -> None:
    segmenter = mobile_sam.load(SegmentOptions(sam_weights=mobile_file, allow_unknown_weights=True))
    assert segmenter(picture()).shape == (256, 192)
    assert segmenter.card.revision is not None


@pytest.mark.parametrize("module", [sam2, sam3])
def test_a_folder_without_the_model_says_what_to_do(module: ModuleType, tmp_path: Path) -> None:
    options = SegmentOptions(sam_folder=str(tmp_path))
    assert not module.available(options)
    with pytest.raises(WeightsError, match="sam-folder"):
        module.load(options)


def test_half_a_model_is_refused(sam2_folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for path in sam2_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = load_file(tmp_path / "model.safetensors")
    for name in [name for name in weights if name.startswith("mask_decoder")]:
        del weights[name]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WeightsError, match="missing"):
        sam2.load(SegmentOptions(sam_folder=str(tmp_path)))


def test_pickled_weights_are_not_read(sam2_folder: Path, tmp_path: Path) -> None:
    for path in sam2_folder.iterdir():
        if path.suffix == ".json":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(WeightsError, match="sam-folder"):
        sam2.load(SegmentOptions(sam_folder=str(tmp_path)))


def test_auto_takes_the_best_whose_weights_are_there(sam2_folder: Path, sam3_folder: Path, tmp_path: Path) -> None:
    def taken(**options: object) -> str:
        return Models().segmenter(SegmentOptions(**options)).name

    assert taken(sam_folder=str(sam3_folder)) == "sam3"
    assert taken(sam_folder=str(sam2_folder)) == "sam2"
    assert taken() == "finder"
    with pytest.raises(WeightsError, match="sam-folder"):
        taken(sam_folder=str(tmp_path))


def test_the_family_is_read_from_the_model_itself(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "sam3_video"}))
    options = SegmentOptions(sam_folder=str(tmp_path))
    assert sam3.available(options)
    assert not sam2.available(options)


def test_the_users_points_and_box_reach_the_model() -> None:
    seen = []

    def predict(picture: Plate, box: np.ndarray, sets: list[Any]) -> tuple[list[np.ndarray], list[float]]:
        seen.append((box, sets))
        return [np.zeros(picture.shape[:2], np.float32)], [1.0]

    segmenter = Prompted("fake", ModelCard("segmenter", "fake", None, "none"), predict)
    segmenter.prompted(picture(), Prompts((20, 10, 180, 250), inside=((96, 130),), outside=((30, 20),)))
    box, ((points, labels), (positive, ones)) = seen[0]
    assert box.tolist() == [20, 10, 180, 250]
    assert points[-2:].tolist() == [[96, 130], [30, 20]]
    assert labels[-2:].tolist() == [1, 0]
    assert ones.all()
    assert positive.tolist() == points[labels > 0].tolist()
