"""Writes random weights of full size, in the published file layout: for timing and for memory, with no download.

    python -m scripts.full_size sd15 /tmp/sd15              # 3.1 GB
    python -m scripts.full_size sdxl /tmp/sdxl              # 9.6 GB: its ControlNets are one file under three names
    python -m scripts.full_size sdxl-union /tmp/union       # 9.6 GB
    python -m scripts.full_size zimage /tmp/zimage          # 27 GB
    python -m scripts.full_size klein /tmp/klein            # 16 GB
    python -m scripts.full_size qwen /tmp/qwen --layers 4   # 9 GB; 62 GB with all layers

The shapes are those of the published configurations; `--layers N` leaves out all but N layers of each stack of a
transformer. Pictures made with such weights are noise. `named` gives the settings that load them.
"""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    ControlNetUnionModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    Qwen2Tokenizer,
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


def most(layers: int, all_of_them: int) -> int:
    """Returns how many layers a stack keeps; 0 asks for all."""
    return min(layers, all_of_them) if layers else all_of_them


def large_text(layers: int = 0) -> CLIPTextModel:
    """Returns the text encoder of CLIP ViT-L/14."""
    return CLIPTextModel(
        CLIPTextConfig(
            hidden_size=768, intermediate_size=3072, num_hidden_layers=most(layers, 12), num_attention_heads=12
        )
    )


def big_text(layers: int = 0) -> CLIPTextModelWithProjection:
    """Returns the text encoder of OpenCLIP ViT-bigG/14."""
    return CLIPTextModelWithProjection(
        CLIPTextConfig(
            hidden_size=1280,
            intermediate_size=5120,
            num_hidden_layers=most(layers, 32),
            num_attention_heads=20,
            projection_dim=1280,
            hidden_act="gelu",
        )
    )


SD15 = {"cross_attention_dim": 768, "attention_head_dim": 8}
SDXL: dict[str, Any] = {
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


def named(kind: str, folder: Path) -> dict[str, Any]:
    """Returns the settings of a generator that load what `write` wrote, beside those of the preset `kind`."""
    found: dict[str, Any] = {"model": str(folder / "model")}
    if kind == "zimage":
        settings = folder / "controlnet" / "config.json"
        return found | {"controlnet": str(folder / "union.safetensors"), "controlnet_layout": str(settings)}
    if kind == "klein":
        return found
    found["controlnet"] = str(folder / "controlnet")
    if kind == "qwen":
        return found
    found |= {"vae": None, "identity": None, "identity_encoder": None}
    if kind == "sdxl-union":
        return found
    found |= {"controlnet": str(folder / "pose"), "depth": str(folder / "depth")}
    return found | {"guard": str(folder / "guard") if kind == "sdxl" else None}


def write(kind: str, folder: Path, dtype: torch.dtype = torch.bfloat16, layers: int = 0) -> None:
    """Writes all models of one kind, one after another: never two in memory."""
    if kind in ("zimage", "klein", "qwen"):
        from scripts import full_size_flow

        getattr(full_size_flow, kind)(folder, dtype, layers)
        return
    xl = kind != "sd15"
    up: dict[str, Any] = {}
    parts: dict[str, Callable[[], Any]] = {"text_encoder": lambda: large_text(layers)}
    shape: dict[str, Any] = SD15
    if xl:
        deep = tuple(most(layers, each) for each in SDXL["transformer_layers_per_block"])
        shape = {**SDXL, "transformer_layers_per_block": deep}
        up = {"up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), "sample_size": 128}
        parts["text_encoder_2"] = lambda: big_text(layers)
    parts["vae"] = lambda: autoencoder(1024 if xl else 512, 0.13025 if xl else 0.18215)
    channels = 4 if kind == "sdxl-union" else 9
    parts["unet"] = lambda: UNet2DConditionModel(in_channels=channels, **shape, **up)
    betas = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
    scheduler = EulerDiscreteScheduler(**betas) if xl else DDIMScheduler(clip_sample=False, **betas)
    words = tokenizer(folder / "words")
    index: dict[str, Any] = {
        "_class_name": CLASSES[kind], **pipeline(folder / "model", parts, words, scheduler, dtype, 2 if xl else 1)
    }  # fmt: skip
    if not xl:
        index |= {
            "requires_safety_checker": False, "safety_checker": [None, None], "feature_extractor": [None, None],
        }  # fmt: skip
    (folder / "model" / "model_index.json").write_text(json.dumps(index))
    if kind == "sdxl-union":
        filled(lambda: ControlNetUnionModel(num_control_type=8, **shape), dtype).save_pretrained(
            folder / "controlnet", max_shard_size="20GB"
        )
        return
    filled(lambda: ControlNetModel(**shape), dtype).save_pretrained(folder / "pose", max_shard_size="20GB")
    for name in ("depth", "guard") if xl else ("depth",):
        (folder / name).mkdir(exist_ok=True)
        for file in (folder / "pose").iterdir():
            os.link(file, folder / name / file.name)  # ControlNets of one shape: random weights are as good thrice


CLASSES = {
    "sd15": "StableDiffusionInpaintPipeline",
    "sdxl": "StableDiffusionXLInpaintPipeline",
    "sdxl-union": "StableDiffusionXLPipeline",
}


def pipeline(
    folder: Path,
    parts: dict[str, Callable[[], Any]],
    words: Any,
    scheduler: Any,
    dtype: torch.dtype,
    tokenizers: int = 1,
) -> dict[str, Any]:
    """Writes the parts of a pipeline, large ones in shards; gives what its model_index.json says of them."""
    index: dict[str, Any] = {}
    for name, build in parts.items():
        part = filled(build, dtype)
        part.save_pretrained(folder / name, safe_serialization=True, max_shard_size="5GB")
        index[name] = [type(part).__module__.partition(".")[0], type(part).__name__]
        del part
    for name in ("tokenizer", "tokenizer_2")[:tokenizers]:
        words.save_pretrained(folder / name)
        index[name] = ["transformers", type(words).__name__]
    scheduler.save_pretrained(folder / "scheduler")
    return index | {"scheduler": ["diffusers", type(scheduler).__name__]}


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes random weights of full size.")
    parser.add_argument("kind", choices=["sd15", "sdxl", "sdxl-union", "zimage", "klein", "qwen"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layers", type=int, default=0, help="of each stack of a transformer; all when not given")
    given = parser.parse_args()
    write(given.kind, given.folder, layers=given.layers)


if __name__ == "__main__":
    main()
