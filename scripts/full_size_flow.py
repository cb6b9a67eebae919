"""Random weights of full size of the models of flow matching: Z-Image, FLUX.2 klein and Qwen-Image.

Shapes are those of the published configurations: Tongyi-MAI/Z-Image-Turbo with alibaba-pai's ControlNet of version 2.1,
black-forest-labs/FLUX.2-klein-4B, and Qwen/Qwen-Image with InstantX/Qwen-Image-ControlNet-Inpainting.
"""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    Flux2Transformer2DModel,
    QwenImageControlNetModel,
    QwenImageTransformer2DModel,
    ZImageControlNetModel,
    ZImageTransformer2DModel,
)
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen3Config, Qwen3ForCausalLM, Qwen3Model

from scripts import full_size

#: What klein reads of its text encoder ends at this layer.
READ = 27


def _qwen3(layers: int) -> Qwen3Config:
    """Returns the configuration of Qwen3-4B."""
    return Qwen3Config(
        hidden_size=2560, intermediate_size=9728, num_hidden_layers=layers, num_attention_heads=32,
        num_key_value_heads=8, head_dim=128, tie_word_embeddings=True, max_position_embeddings=40960,
    )  # fmt: skip


def _index(model: Path, cls: str, parts: dict[str, Any], scheduler: Any, dtype: torch.dtype, **further: Any) -> None:
    words = full_size.chat(model.parent / "words")
    index = full_size.pipeline(model, parts, words, scheduler, dtype)
    (model / "model_index.json").write_text(json.dumps({"_class_name": cls, **index, **further}))


def zimage(folder: Path, dtype: torch.dtype, layers: int = 0) -> None:
    """Writes Z-Image, and its ControlNet as one file, whose blocks stand at every second layer."""
    depth = full_size.most(layers, 30)
    parts = {
        "text_encoder": lambda: Qwen3Model(_qwen3(full_size.most(layers, 36))),
        "vae": lambda: full_size.autoencoder(
            1024, 0.3611, latent_channels=16, shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False
        ),
        "transformer": lambda: ZImageTransformer2DModel(n_layers=depth),
    }
    _index(folder / "model", "ZImagePipeline", parts, FlowMatchEulerDiscreteScheduler(shift=3.0), dtype)
    control = full_size.filled(
        lambda: ZImageControlNetModel(
            control_layers_places=list(range(0, depth, 2)),
            control_refiner_layers_places=[0, 1],
            control_in_dim=33,
            add_control_noise_refiner="control_noise_refiner",
        ),
        dtype,
    )
    control.save_pretrained(folder / "controlnet", max_shard_size="20GB")
    (folder / "controlnet" / "diffusion_pytorch_model.safetensors").rename(folder / "union.safetensors")


def klein(folder: Path, dtype: torch.dtype, layers: int = 0) -> None:
    """Writes FLUX.2 klein. Its text encoder keeps the layers that are read."""
    parts = {
        "text_encoder": lambda: Qwen3ForCausalLM(_qwen3(36 if not layers else max(READ, full_size.most(layers, 36)))),
        "vae": AutoencoderKLFlux2,
        "transformer": lambda: Flux2Transformer2DModel(
            num_layers=full_size.most(layers, 5), num_single_layers=full_size.most(layers, 20), num_attention_heads=24,
            joint_attention_dim=3 * 2560, guidance_embeds=False,
        ),
    }  # fmt: skip
    scheduler = FlowMatchEulerDiscreteScheduler(
        use_dynamic_shifting=True, shift=3.0, base_shift=0.5, max_shift=1.15, time_shift_type="exponential"
    )
    _index(folder / "model", "Flux2KleinPipeline", parts, scheduler, dtype, is_distilled=True)


def qwen(folder: Path, dtype: torch.dtype, layers: int = 0) -> None:
    """Writes Qwen-Image and its ControlNet for inpainting."""
    text = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": full_size.most(layers, 28),
            "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064, "rope_theta": 1e6,
            "rope_scaling": {"mrope_section": [16, 24, 24], "rope_type": "default", "type": "default"},
            "tie_word_embeddings": False,
        },
        vision_config={
            "depth": full_size.most(layers, 32), "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16,
            "out_hidden_size": 3584,
        },
    )  # fmt: skip
    parts = {
        "text_encoder": lambda: Qwen2_5_VLForConditionalGeneration(text),
        "vae": AutoencoderKLQwenImage,
        "transformer": lambda: QwenImageTransformer2DModel(num_layers=full_size.most(layers, 60)),
    }
    scheduler = FlowMatchEulerDiscreteScheduler(
        use_dynamic_shifting=True, base_shift=0.5, max_shift=0.9, base_image_seq_len=256, max_image_seq_len=8192,
        shift_terminal=0.02, time_shift_type="exponential",
    )  # fmt: skip
    _index(folder / "model", "QwenImagePipeline", parts, scheduler, dtype)
    control = full_size.filled(
        lambda: QwenImageControlNetModel(num_layers=full_size.most(layers, 6), extra_condition_channels=4), dtype
    )
    control.save_pretrained(folder / "controlnet", max_shard_size="20GB")
