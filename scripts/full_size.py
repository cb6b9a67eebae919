"""Writes random weights of full size, in the published file layout: for timing and for memory, with no download.

    python -m scripts.full_size sd15 /tmp/sd15        # 3.1 GB: model/, pose/, depth/
    python -m scripts.full_size sdxl /tmp/sdxl        # 14 GB: model/, pose/, depth/, guard/
    python -m scripts.full_size zimage /tmp/zimage    # 27 GB: model/, controlnet/

The shapes are those of the published configurations. Pictures made with them are noise.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    UNet2DConditionModel,
    ZImageControlNetModel,
    ZImageTransformer2DModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    Qwen2Tokenizer,
    Qwen3Config,
    Qwen3Model,
)

END = "<|endoftext|>"
VOCABULARY = 49408


def filled(build: Callable[[], Any], dtype: torch.dtype) -> Any:
    """Builds a model and fills it from one bank of random numbers, which is quicker than drawing each weight."""
    with torch.device("meta"):
        model = build()
    model = model.to(dtype).to_empty(device="cpu")
    bank = torch.randn(1 << 22, generator=torch.Generator().manual_seed(0)).to(dtype)
    with torch.no_grad():
        for name, weight in [*model.named_parameters(), *model.named_buffers()]:
            flat = weight.view(-1)
            if name.endswith("position_ids"):
                flat.copy_(torch.arange(flat.numel()))
            elif weight.dim() < 2:
                flat.fill_(1.0 if "norm" in name and name.endswith("weight") else 0.0)
            else:
                for start in range(0, flat.numel(), bank.numel()):
                    piece = flat[start : start + bank.numel()]
                    piece.copy_(bank[: piece.numel()])
                weight.mul_(0.5 * weight[0].numel() ** -0.5)
    return model


def tokenizer(folder: Path) -> CLIPTokenizer:
    """Returns a tokenizer of letters whose special tokens have the published numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [letter + end for letter in "abcdefghijklmnopqrstuvwxyz0123456789,.-'" for end in ("", "</w>")]
    vocabulary = {token: number for number, token in enumerate(letters)}
    vocabulary |= {f"<unused{number}>": number for number in range(len(letters), VOCABULARY - 2)}
    vocabulary |= {"<|startoftext|>": VOCABULARY - 2, END: VOCABULARY - 1}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer.from_pretrained(folder, model_max_length=77)


def autoencoder(side: int, scaling: float, **further: Any) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        sample_size=side,
        scaling_factor=scaling,
        **further,
        force_upcast=False,  # as in the SDXL autoencoder that is mended for half precision, which the preset takes
    )


def large_text() -> CLIPTextModel:
    """Returns the text encoder of CLIP ViT-L/14."""
    return CLIPTextModel(
        CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
    )


def big_text() -> CLIPTextModelWithProjection:
    """Returns the text encoder of OpenCLIP ViT-bigG/14."""
    return CLIPTextModelWithProjection(
        CLIPTextConfig(
            hidden_size=1280,
            intermediate_size=5120,
            num_hidden_layers=32,
            num_attention_heads=20,
            projection_dim=1280,
            hidden_act="gelu",
        )
    )


SD15 = {"cross_attention_dim": 768, "attention_head_dim": 8}
SDXL = {
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
    "use_linear_projection": True,
}


def zimage(folder: Path, dtype: torch.dtype = torch.bfloat16) -> None:
    """Writes Z-Image and its ControlNet of version 2.1, whose blocks stand at every second layer."""
    text = Qwen3Config(
        hidden_size=2560, intermediate_size=9728, num_hidden_layers=36, num_attention_heads=32, num_key_value_heads=8,
        head_dim=128, tie_word_embeddings=True,
    )  # fmt: skip
    places: dict[str, Any] = {"control_layers_places": list(range(0, 30, 2)), "control_refiner_layers_places": [0, 1]}
    parts: dict[str, tuple[str, Callable[[], Any]]] = {
        "text_encoder": ("transformers", lambda: Qwen3Model(text)),
        "vae": ("diffusers", lambda: autoencoder(1024, 0.3611, latent_channels=16, shift_factor=0.1159)),
        "transformer": ("diffusers", ZImageTransformer2DModel),
    }
    index: dict[str, Any] = {"_class_name": "ZImagePipeline"}
    model = folder / "model"
    for name, (library, build) in parts.items():
        part = filled(build, dtype)
        part.save_pretrained(model / name, safe_serialization=True, max_shard_size="20GB")
        index[name] = [library, type(part).__name__]
        del part
    chat(folder / "words").save_pretrained(model / "tokenizer")
    FlowMatchEulerDiscreteScheduler(shift=3.0).save_pretrained(model / "scheduler")
    index |= {
        "tokenizer": ["transformers", "Qwen2Tokenizer"], "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    }  # fmt: skip
    (model / "model_index.json").write_text(json.dumps(index))
    places |= {"control_in_dim": 33, "add_control_noise_refiner": "control_noise_refiner"}
    control = filled(lambda: ZImageControlNetModel(**places), dtype)
    control.save_pretrained(folder / "controlnet", max_shard_size="20GB")


def chat(folder: Path) -> Qwen2Tokenizer:
    """Returns a tokenizer of letters with the markers of a chat."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [chr(code) for code in range(33, 127)] + ["Ġ", "Ċ"]
    tokens = {letter: number for number, letter in enumerate(letters)}
    (folder / "vocab.json").write_text(json.dumps({**tokens, END: len(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    words = Qwen2Tokenizer.from_pretrained(folder)
    words.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    words.chat_template = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>{% endfor %}"
    return words


def write(kind: str, folder: Path, dtype: torch.dtype = torch.bfloat16) -> None:
    """Writes all models of one kind, one after another: never two in memory."""
    if kind == "zimage":
        zimage(folder, dtype)
        return
    up: dict[str, Any] = {}
    parts: dict[str, Callable[[], Any]] = {"text_encoder": large_text}
    index: dict[str, Any] = {"_class_name": "StableDiffusionInpaintPipeline", "requires_safety_checker": False}
    shape: dict[str, Any] = SD15
    if kind == "sdxl":
        shape = SDXL
        up = {"up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), "sample_size": 128}
        parts["text_encoder_2"] = big_text
        index = {"_class_name": "StableDiffusionXLInpaintPipeline"}
    parts["vae"] = lambda: autoencoder(1024 if kind == "sdxl" else 512, 0.13025 if kind == "sdxl" else 0.18215)
    parts["unet"] = lambda: UNet2DConditionModel(in_channels=9, **shape, **up)
    model = folder / "model"
    for name, build in parts.items():
        part = filled(build, dtype)
        part.save_pretrained(model / name, safe_serialization=True, max_shard_size="20GB")
        index[name] = ["diffusers" if name in ("unet", "vae") else "transformers", type(part).__name__]
        del part
    words = tokenizer(folder / "words")
    for name in ("tokenizer", "tokenizer_2") if kind == "sdxl" else ("tokenizer",):
        words.save_pretrained(model / name)
        index[name] = ["transformers", "CLIPTokenizer"]
    betas = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
    scheduler = EulerDiscreteScheduler(**betas) if kind == "sdxl" else DDIMScheduler(clip_sample=False, **betas)
    scheduler.save_pretrained(model / "scheduler")
    index["scheduler"] = ["diffusers", type(scheduler).__name__]
    if kind == "sd15":
        index |= {"safety_checker": [None, None], "feature_extractor": [None, None]}
    (model / "model_index.json").write_text(json.dumps(index))
    for name in ("pose", "depth", "guard") if kind == "sdxl" else ("pose", "depth"):
        filled(lambda: ControlNetModel(**shape), dtype).save_pretrained(folder / name, max_shard_size="20GB")


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes random weights of full size.")
    parser.add_argument("kind", choices=["sd15", "sdxl", "zimage"])
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    write(given.kind, given.folder)


if __name__ == "__main__":
    main()
