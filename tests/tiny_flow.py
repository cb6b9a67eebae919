"""Tiny FLUX.2 klein and Qwen-Image models in their published file layouts."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    QwenImageControlNetModel,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
)
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen3Config, Qwen3ForCausalLM

from scripts.full_size import chat
from tests.tiny import SIDE


def klein(folder: Path) -> Path:
    """Writes a FLUX.2 klein model. Its pipeline reads layers 9, 18 and 27 of the text encoder."""
    torch.manual_seed(0)
    words = chat(folder / "words")
    text = Qwen3Config(
        vocab_size=len(words) + 8, hidden_size=8, intermediate_size=8, num_hidden_layers=27, num_attention_heads=1,
        num_key_value_heads=1, head_dim=8,
    )  # fmt: skip
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 8, 8, 8), latent_channels=4, norm_num_groups=4, layers_per_block=1, sample_size=256
    )
    vae.bn.running_var.fill_(0.5)
    transformer = Flux2Transformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=8, num_attention_heads=2,
        joint_attention_dim=24, timestep_guidance_channels=16, axes_dims_rope=(2, 2, 2, 2), guidance_embeds=False,
    )  # fmt: skip
    Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15),
        vae=vae,
        text_encoder=Qwen3ForCausalLM(text),
        tokenizer=words,
        transformer=transformer,
        is_distilled=True,
    ).save_pretrained(folder / "model", safe_serialization=True)
    return folder / "model"


def qwen(folder: Path) -> tuple[Path, Path]:
    """Writes a Qwen-Image model and its inpainting ControlNet; gives their folders."""
    torch.manual_seed(0)
    words = chat(folder / "words")
    text = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(words) + 8, "hidden_size": SIDE, "intermediate_size": SIDE, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 2, "rope_theta": 1e6,
            "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
        },
        vision_config={
            "depth": 1, "hidden_size": SIDE, "intermediate_size": SIDE, "num_heads": 2, "out_hidden_size": SIDE,
        },
    )  # fmt: skip
    shape = {
        "in_channels": 16, "attention_head_dim": 16, "num_attention_heads": 2, "joint_attention_dim": SIDE,
        "axes_dims_rope": (4, 6, 6),
    }  # fmt: skip
    QwenImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=0.02, max_shift=0.9),
        vae=AutoencoderKLQwenImage(
            base_dim=8, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
            latents_mean=[0.1, -0.1, 0.2, 0.0], latents_std=[0.5, 0.8, 1.0, 1.2],
        ),
        text_encoder=Qwen2_5_VLForConditionalGeneration(text),
        tokenizer=words,
        transformer=QwenImageTransformer2DModel(num_layers=1, out_channels=4, **shape),
    ).save_pretrained(folder / "model", safe_serialization=True)  # fmt: skip
    control = QwenImageControlNetModel(num_layers=1, extra_condition_channels=1 * 4, **shape)
    for name, weight in control.named_parameters():
        if "controlnet_" in name:
            torch.nn.init.normal_(weight, std=0.3)
    control.save_pretrained(folder / "controlnet", safe_serialization=True)
    return folder / "model", folder / "controlnet"
