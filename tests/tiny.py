"""Tiny, randomly initialised models in the file layouts that real ones are published in, some 100 kB each."""

import json
import re
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    ControlNetUnionModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLInpaintPipeline,
    UNet2DConditionModel,
    ZImageControlNetModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from safetensors.torch import load_file, save_file
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    Qwen3Config,
    Qwen3Model,
)

from scripts.full_size import chat

END = "<|endoftext|>"
SIDE = 16
"""Width of text embeddings."""


def tokenizer(folder: Path) -> CLIPTokenizer:
    """Returns a CLIP tokenizer of letters and digits."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [letter + end for letter in "abcdefghijklmnopqrstuvwxyz0123456789,.-'" for end in ("", "</w>")]
    vocabulary = {token: number for number, token in enumerate([*letters, "<|startoftext|>", END])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer.from_pretrained(folder, model_max_length=77)


def _text(words: CLIPTokenizer, *, projected: bool = False) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=2 * SIDE if projected else SIDE,  # single files tell the two of SDXL apart by it
        intermediate_size=SIDE,
        projection_dim=SIDE,
        num_hidden_layers=2,
        num_attention_heads=2,
        bos_token_id=len(words) - 2,
        eos_token_id=len(words) - 1,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def vae(channels: int = 4) -> AutoencoderKL:
    """Returns an autoencoder that shrinks by 8."""
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=channels,
        norm_num_groups=4,
        layers_per_block=1,
        shift_factor=0.1 if channels == 16 else None,
        scaling_factor=0.18,
        sample_size=256,
    )


def _shape(*, xl: bool) -> dict[str, object]:
    shape: dict[str, object] = {
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "attention_head_dim": 4,
        "cross_attention_dim": 3 * SIDE if xl else SIDE,
        "norm_num_groups": 8,
    }
    if xl:
        shape |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 6 * 8 + SIDE,
            "use_linear_projection": True,
            "transformer_layers_per_block": (1, 2),
        }
    return shape


def unet(channels: int, *, xl: bool = False) -> UNet2DConditionModel:
    """Returns a denoiser that heeds its prompt: as drawn, the words would change a picture by one level."""
    model = UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        out_channels=4,
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        **_shape(xl=xl),
    )
    for name, weight in model.named_parameters():
        if "attn2.to_v" in name:
            weight.data *= 300
    return model


def controlnet(folder: Path, *, xl: bool = False, seed: int = 0) -> Path:
    """Writes a ControlNet whose last layers are not zero, as an untrained one's are, so that it changes pictures."""
    torch.manual_seed(seed)
    model = ControlNetModel(in_channels=4, conditioning_embedding_out_channels=(8, 8, 8, 8), **_shape(xl=xl))
    for name, weight in model.named_parameters():
        if "controlnet_" in name:
            torch.nn.init.normal_(weight, std=0.5)
    model.save_pretrained(folder, safe_serialization=True)
    return folder


def union(folder: Path, kinds: int = 8, seed: int = 0) -> Path:
    """Writes an SDXL ControlNet that reads so many kinds of pictures."""
    torch.manual_seed(seed)
    model = ControlNetUnionModel(
        in_channels=4, conditioning_embedding_out_channels=(8, 8, 8, 8), num_control_type=kinds, num_trans_channel=16,
        num_trans_head=2, num_proj_channel=16, **_shape(xl=True),
    )  # fmt: skip
    for name, weight in model.named_parameters():
        if "controlnet_" in name or "spatial_ch_projs" in name:
            torch.nn.init.normal_(weight, std=0.5)
    model.save_pretrained(folder, safe_serialization=True)
    return folder


def sd(folder: Path, channels: int = 9, *, variant: str | None = None) -> Path:
    """Writes a Stable Diffusion 1.x model without a ControlNet."""
    torch.manual_seed(0)
    words = tokenizer(folder / "words")
    StableDiffusionInpaintPipeline(
        vae=vae(),
        text_encoder=_text(words),
        tokenizer=words,
        unet=unet(channels),
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder / "model", safe_serialization=True, variant=variant)
    return folder / "model"


def safety_checker(model: Path) -> None:
    """Adds a safety checker to a Stable Diffusion 1.x folder; it holds every picture back."""
    vision = {
        "hidden_size": SIDE, "intermediate_size": SIDE, "projection_dim": SIDE, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": 32, "patch_size": 16,
    }  # fmt: skip
    text = {"hidden_size": SIDE, "intermediate_size": SIDE, "num_hidden_layers": 1, "num_attention_heads": 2}
    checker = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, text_config=text, projection_dim=SIDE))
    checker.concept_embeds_weights.data.fill_(-2)  # the least likeness to a concept that is held back: any is more
    checker.save_pretrained(model / "safety_checker")
    size = {"height": 32, "width": 32}
    CLIPImageProcessor(size=size, crop_size=size).save_pretrained(model / "feature_extractor")
    index = json.loads((model / "model_index.json").read_text())
    index |= {
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        "feature_extractor": ["transformers", "CLIPImageProcessor"],
    }
    (model / "model_index.json").write_text(json.dumps(index))


def pickled(folder: Path) -> None:
    """Turns the weights of a model of transformers into a pickle."""
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def sdxl(folder: Path, channels: int = 9, *, variant: str | None = None) -> Path:
    """Writes a Stable Diffusion XL model without a ControlNet."""
    torch.manual_seed(0)
    words = tokenizer(folder / "words")
    StableDiffusionXLInpaintPipeline(
        vae=vae(),
        text_encoder=_text(words),
        text_encoder_2=_text(words, projected=True),
        tokenizer=words,
        tokenizer_2=words,
        unet=unet(channels, xl=True),
        scheduler=EulerDiscreteScheduler(),
        add_watermarker=False,
    ).save_pretrained(folder / "model", safe_serialization=True, variant=variant)
    return folder / "model"


def zimage(folder: Path) -> tuple[Path, Path, Path]:
    """Writes a Z-Image model; gives its folder, its ControlNet's single file, and that one's config.json."""
    torch.manual_seed(0)
    words = chat(folder / "words")
    size = {"dim": 32, "n_heads": 2, "n_kv_heads": 2, "n_refiner_layers": 1}
    text = Qwen3Config(
        vocab_size=len(words) + 8,
        hidden_size=SIDE,
        intermediate_size=SIDE,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
    )
    axes = {"axes_dims": [4, 6, 6], "axes_lens": [1024, 64, 64]}
    ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae(16),
        text_encoder=Qwen3Model(text),
        tokenizer=words,
        transformer=ZImageTransformer2DModel(cap_feat_dim=SIDE, n_layers=2, **size, **axes),
    ).save_pretrained(folder / "model", safe_serialization=True)
    control = ZImageControlNetModel(
        control_layers_places=[0], control_refiner_layers_places=[0], control_in_dim=33,
        add_control_noise_refiner="control_noise_refiner", **size,
    )  # fmt: skip
    for weight in control.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    control.save_pretrained(folder / "controlnet", safe_serialization=True)
    file = folder / "union.safetensors"
    (folder / "controlnet" / "diffusion_pytorch_model.safetensors").rename(file)
    return folder / "model", file, folder / "controlnet" / "config.json"


def lora(model: Path, file: Path, strength: float = 1.0) -> Path:
    """Writes a LoRA of rank 2 for every attention projection of a model's UNet."""
    generator = torch.Generator().manual_seed(3)
    state = {}
    for name, value in load_file(model / "unet" / "diffusion_pytorch_model.safetensors").items():
        if re.search(r"attn[12]\.to_[qv]\.weight$", name):
            key = "unet." + name.removesuffix(".weight")
            state[f"{key}.lora_A.weight"] = torch.randn(2, value.shape[1], generator=generator)
            state[f"{key}.lora_B.weight"] = strength * torch.randn(value.shape[0], 2, generator=generator)
    save_file(state, file)
    return file


def ip_adapter(model: Path, folder: Path, *, plus: bool = False) -> tuple[Path, Path]:
    """Writes an IP-Adapter for a model's UNet, and its image encoder; gives the file and the encoder's folder.

    `plus` is the layout of those that look at all of a picture's patches, such as plus-face.
    """
    torch.manual_seed(5)
    folder.mkdir(exist_ok=True)
    config = CLIPVisionConfig(
        hidden_size=SIDE, intermediate_size=SIDE, projection_dim=SIDE, num_hidden_layers=1, num_attention_heads=2,
        image_size=32, patch_size=16,
    )  # fmt: skip
    encoder = CLIPVisionModelWithProjection(config)
    for weight in encoder.parameters():
        if weight.dim() > 1:  # as drawn, it hardly looks at the picture
            torch.nn.init.normal_(weight, std=0.5)
    encoder.save_pretrained(folder / "image_encoder")
    own = UNet2DConditionModel.from_pretrained(model / "unet")
    width = own.config.cross_attention_dim
    projection = _resampler(width) if plus else _projection(width)
    state = {f"image_proj.{name}": value for name, value in projection.items()}
    # Layers are numbered as their processors follow one another; those on text, attn2, have odd numbers.
    for number, name in enumerate(own.attn_processors):
        if "attn2" in name:
            rows = own.get_submodule(name.removesuffix(".processor")).to_k.out_features
            # Values are large, so that pictures of unlike people differ by many levels.
            for letter, strength in (("k", 1), ("v", 30)):
                state[f"ip_adapter.{number}.to_{letter}_ip.weight"] = strength * torch.randn(rows, width)
    save_file(state, folder / "adapter.safetensors")
    return folder / "adapter.safetensors", folder / "image_encoder"


def _projection(width: int) -> dict[str, torch.Tensor]:
    return {
        "proj.weight": torch.randn(4 * width, SIDE),
        "proj.bias": torch.randn(4 * width),
        "norm.weight": torch.ones(width),
        "norm.bias": torch.zeros(width),
    }


def _resampler(width: int) -> dict[str, torch.Tensor]:
    """Returns what makes 4 tokens of an encoder's patches: 4 layers with one head of 64."""
    state = {
        "latents": torch.randn(1, 4, SIDE),
        "proj_in.weight": torch.randn(SIDE, SIDE),
        "proj_out.weight": torch.randn(width, SIDE),
    }
    norms = {"norm_out": width}
    for layer in range(4):
        attention, feed = f"layers.{layer}.0", f"layers.{layer}.1"
        state |= {
            f"{attention}.to_q.weight": torch.randn(64, SIDE),
            f"{attention}.to_kv.weight": torch.randn(128, SIDE),
            f"{attention}.to_out.weight": torch.randn(SIDE, 64),
            f"{feed}.1.weight": torch.randn(4 * SIDE, SIDE),
            f"{feed}.3.weight": torch.randn(SIDE, 4 * SIDE),
        }
        norms |= {f"{attention}.norm1": SIDE, f"{attention}.norm2": SIDE, f"{feed}.0": SIDE}
    state |= {f"{name}.bias": torch.zeros(size) for name, size in {"proj_in": SIDE, "proj_out": width, **norms}.items()}
    return state | {f"{name}.weight": torch.ones(size) for name, size in norms.items()}
