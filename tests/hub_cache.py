"""A Hub cache that holds tiny models under the names of the published ones."""

import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

from pipeline import weights
from tests import tiny, tiny_flow


def write(root: Path) -> Path:
    """Writes what every preset needs, optional parts apart; gives the cache's folder."""
    built = {
        "stable-diffusion-v1-5/stable-diffusion-inpainting": tiny.sd(root / "sd", variant="fp16"),
        "lllyasviel/control_v11p_sd15_openpose": tiny.controlnet(root / "pose"),
        "lllyasviel/control_v11f1p_sd15_depth": tiny.controlnet(root / "depth", seed=5),
        "xinsir/controlnet-depth-sdxl-1.0": tiny.controlnet(root / "xl-depth", xl=True, seed=5),
        "diffusers/stable-diffusion-xl-1.0-inpainting-0.1": tiny.sdxl(root / "xl", variant="fp16"),
        "xinsir/controlnet-openpose-sdxl-1.0": tiny.controlnet(root / "xl-pose", xl=True),
        "alimama-creative/EcomXL_controlnet_inpaint": tiny.controlnet(root / "guard", xl=True, seed=4),
    }
    tiny.vae().save_pretrained(root / "vae")
    built["madebyollin/sdxl-vae-fp16-fix"] = root / "vae"
    for kind, repository in (("sd", "lcm-lora-sdv1-5"), ("xl", "lcm-lora-sdxl")):
        folder = root / repository
        folder.mkdir()
        plain = root / kind / "plain" / "unet"
        plain.mkdir(parents=True)
        state = load_file(root / kind / "model" / "unet" / "diffusion_pytorch_model.fp16.safetensors")
        save_file(state, plain / "diffusion_pytorch_model.safetensors")
        tiny.lora(plain.parent, folder / "pytorch_lora_weights.safetensors")
        built[f"latent-consistency/{repository}"] = folder
    model, union, settings = tiny.zimage(root / "z")
    (root / "z-union").mkdir()
    shutil.copy(union, root / "z-union" / "Z-Image-Turbo-Fun-Controlnet-Union-2.1-2602-8steps.safetensors")
    built |= {
        "Tongyi-MAI/Z-Image-Turbo": model,
        "alibaba-pai/Z-Image-Turbo-Fun-Controlnet-Union-2.1": root / "z-union",
        "hlky/Z-Image-Turbo-Fun-Controlnet-Union-2.1": settings.parent,
    }
    quality, union, settings = tiny.zimage(root / "z-quality")
    (root / "z-quality-union").mkdir()
    shutil.copy(union, root / "z-quality-union" / "Z-Image-Fun-Controlnet-Union-2.1.safetensors")
    large, inpainting = tiny_flow.qwen(root / "qwen")
    built |= {
        "Tongyi-MAI/Z-Image": quality,
        "alibaba-pai/Z-Image-Fun-Controlnet-Union-2.1": root / "z-quality-union",
        "SG161222/RealVisXL_V5.0": tiny.sdxl(root / "xl-plain", 4, variant="fp16"),
        "OzzyGT/controlnet-union-promax-sdxl-1.0": tiny.union(root / "union"),
        "black-forest-labs/FLUX.2-klein-4B": tiny_flow.klein(root / "klein"),
        "Qwen/Qwen-Image": large,
        "InstantX/Qwen-Image-ControlNet-Inpainting": inpainting,
    }
    for repository, folder in built.items():
        known = weights.published().get(repository)
        commit = (known and known.revision) or "0" * 40
        there = root / "hub" / f"models--{repository.replace('/', '--')}"
        shutil.copytree(folder, there / "snapshots" / commit)
        (there / "refs").mkdir()
        (there / "refs" / "main").write_text(commit)
    return root / "hub"
