"""Checkpoints in one file, as Stable Diffusion was first released and as most fine-tuned models are."""

import re
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def write(model: Path, file: Path) -> Path:
    """Writes a Stable Diffusion folder's weights, 1.x or XL, as one file, under the names of the original release.

    The mapping is the reverse of diffusers' `single_file_utils`; the tiny UNet has one layer a block.
    """
    state = {}
    xl = (model / "text_encoder_2").is_dir()
    for name, value in load_file(model / "unet" / "diffusion_pytorch_model.safetensors").items():
        state["model.diffusion_model." + _unet_name(name)] = value
    for name, value in load_file(model / "vae" / "diffusion_pytorch_model.safetensors").items():
        conv = "attentions" in name and name.endswith("weight") and "group_norm" not in name
        state["first_stage_model." + _vae_name(name)] = value[..., None, None].contiguous() if conv else value
    for name, value in load_file(model / "text_encoder" / "model.safetensors").items():
        first = "conditioner.embedders.0" if xl else "cond_stage_model"
        state[f"{first}.transformer.text_model." + name.removeprefix("text_model.")] = value
    if xl:
        second = load_file(model / "text_encoder_2" / "model.safetensors")
        state |= {f"conditioner.embedders.1.model.{name}": value for name, value in _open_clip(second).items()}
    save_file(state, file)
    return file


def _open_clip(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Returns a text encoder under the names of OpenCLIP, where a layer's query, key and value are one matrix."""
    found = {}
    for name, value in state.items():
        if "q_proj" in name:
            joined = torch.cat([state[name.replace("q_proj", f"{letter}_proj")] for letter in "qkv"])
            found[name.replace("q_proj.", "in_proj_")] = joined
        elif "k_proj" not in name and "v_proj" not in name:
            found[name] = value.T.contiguous() if name == "text_projection.weight" else value
    pairs = [
        (r"^text_projection\.weight", "text_projection"), (r"^text_model\.", ""),
        (r"^embeddings\.position_embedding\.weight", "positional_embedding"),
        (r"^embeddings\.token_embedding", "token_embedding"), (r"^final_layer_norm", "ln_final"),
        (r"^encoder\.layers", "transformer.resblocks"), ("layer_norm", "ln_"), (r"self_attn", "attn"),
        ("fc1", "c_fc"), ("fc2", "c_proj"),
    ]  # fmt: skip
    return {_renamed(name, pairs): value for name, value in found.items()}


def _renamed(name: str, pairs: list[tuple[str, str]]) -> str:
    for old, new in pairs:
        name = re.sub(old, new, name)
    return name


def _unet_name(name: str) -> str:
    def at(first: int, last: str) -> "re._typing.Callable[[re.Match[str]], str]":  # type: ignore[name-defined]
        return lambda match: f"{first + 2 * int(match[1]) + int(match[2])}.{last}."

    inner = [
        (r"\.norm1\.(?!.*ff)", ".in_layers.0."), (r"\.conv1\.", ".in_layers.2."), (r"\.norm2\.", ".out_layers.0."),
        (r"\.conv2\.", ".out_layers.3."), (r"\.time_emb_proj\.", ".emb_layers.1."),
        (r"\.conv_shortcut\.", ".skip_connection."),
    ]  # fmt: skip
    if "resnets" in name:
        name = _renamed(name, inner)
    name = re.sub(r"down_blocks\.(\d)\.resnets\.(\d)\.", lambda m: "input_blocks." + at(1, "0")(m), name)
    name = re.sub(r"down_blocks\.(\d)\.attentions\.(\d)\.", lambda m: "input_blocks." + at(1, "1")(m), name)
    name = re.sub(r"up_blocks\.(\d)\.resnets\.(\d)\.", lambda m: "output_blocks." + at(0, "0")(m), name)
    name = re.sub(r"up_blocks\.(\d)\.attentions\.(\d)\.", lambda m: "output_blocks." + at(0, "1")(m), name)
    return _renamed(
        name,
        [
            (r"^down_blocks\.0\.downsamplers\.0\.conv", "input_blocks.2.0.op"),
            (r"^up_blocks\.0\.upsamplers\.0\.conv", "output_blocks.1.2.conv"),
            (r"^mid_block\.resnets\.0", "middle_block.0"), (r"^mid_block\.attentions\.0", "middle_block.1"),
            (r"^mid_block\.resnets\.1", "middle_block.2"),
            (r"^add_embedding\.linear_1", "label_emb.0.0"), (r"^add_embedding\.linear_2", "label_emb.0.2"),
            (r"^time_embedding\.linear_1", "time_embed.0"), (r"^time_embedding\.linear_2", "time_embed.2"),
            (r"^conv_in", "input_blocks.0.0"), (r"^conv_norm_out", "out.0"), (r"^conv_out", "out.2"),
        ],
    )  # fmt: skip


def _vae_name(name: str) -> str:
    name = re.sub(r"up_blocks\.(\d)", lambda match: f"up.{3 - int(match[1])}", name)
    return _renamed(
        name,
        [
            (r"down_blocks", "down"), (r"\.resnets\.(\d)", r".block.\1"), (r"mid_block\.block\.0", "mid.block_1"),
            (r"mid_block\.block\.1", "mid.block_2"), (r"mid_block\.attentions\.0", "mid.attn_1"),
            (r"downsamplers\.0", "downsample"), (r"upsamplers\.0", "upsample"), (r"conv_shortcut", "nin_shortcut"),
            (r"conv_norm_out", "norm_out"), (r"group_norm", "norm"), (r"\.to_([qkv])\.", r".\1."),
            (r"\.to_out\.0\.", ".proj_out."),
        ],
    )  # fmt: skip
