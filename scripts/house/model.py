"""The house model's architecture: five parts in diffusers and transformers format, made from scratch."""

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderTiny,
    ControlNetModel,
    DDIMScheduler,
    StableDiffusionControlNetInpaintPipeline,
    UNet2DConditionModel,
)
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

#: Widths of the three levels of UNet and ControlNet (strides 8, 16 and 32 of the picture).
WIDTHS = (64, 128, 224)
TEXT_WIDTH = 256
VAE_WIDTH = 32


def make_vae() -> AutoencoderTiny:
    """Returns an untrained autoencoder: stride 8, 4 latent channels, no normalisation layers (it keeps flat colour)."""
    return AutoencoderTiny(
        encoder_block_out_channels=(VAE_WIDTH,) * 4,
        decoder_block_out_channels=(VAE_WIDTH,) * 4,
        num_encoder_blocks=(0, 2, 2, 2),
        num_decoder_blocks=(3, 3, 2, 1),
        latent_channels=4,
        force_upcast=False,
    )


def make_text_encoder(vocabulary: int, end: int) -> CLIPTextModel:
    """Returns an untrained CLIP text encoder; `end` is the id of the end-of-text token, which also pads."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=TEXT_WIDTH,
            intermediate_size=2 * TEXT_WIDTH,
            projection_dim=TEXT_WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=77,
            bos_token_id=end - 1,
            eos_token_id=end,
            pad_token_id=end,
        )
    )


#: Common to UNet and ControlNet; attention only where it is cheap, heads 32 wide.
SHAPE: dict[str, Any] = {
    "block_out_channels": WIDTHS,
    "layers_per_block": 1,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "attention_head_dim": tuple(width // 32 for width in WIDTHS),
    "cross_attention_dim": TEXT_WIDTH,
    "norm_num_groups": 16,
}


def make_unet() -> UNet2DConditionModel:
    """Returns an untrained inpainting UNet: noisy latents 4, mask 1, latents of the masked picture 4 -> velocity 4."""
    up = ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D")
    return UNet2DConditionModel(sample_size=32, in_channels=9, out_channels=4, up_block_types=up, **SHAPE)


def make_controlnet() -> ControlNetModel:
    """Returns an untrained pose ControlNet whose residuals fit the UNet; it sees noisy latents and the skeleton."""
    return ControlNetModel(in_channels=4, conditioning_embedding_out_channels=(8, 16, 32, 64), **SHAPE)


def make_scheduler() -> DDIMScheduler:
    """Returns DDIM with v-prediction, zero terminal SNR and trailing steps (Lin et al., arXiv 2305.08891)."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
    )


def make_modules(vocabulary: int, end: int) -> dict[str, nn.Module]:
    """Returns the parts that are trained together: unet, controlnet and text_encoder."""
    return {
        "unet": make_unet(),
        "controlnet": make_controlnet(),
        "text_encoder": make_text_encoder(vocabulary, end),
    }


def export(folder: Path, vae: AutoencoderTiny, modules: dict[str, Any], tokenizer: CLIPTokenizer) -> None:
    """Writes the whole pipeline as fp16 safetensors in diffusers layout."""
    pipeline = StableDiffusionControlNetInpaintPipeline(
        vae=vae,
        **modules,
        tokenizer=tokenizer,
        scheduler=make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(torch.float16).save_pretrained(folder, safe_serialization=True)
