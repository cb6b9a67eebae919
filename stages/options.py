"""Every option of every stage, written once: flags, YAML keys, help texts and forms come from these fields.

This module imports pydantic and the standard library alone, so that `onmodel --help` stays quick. A field whose
`json_schema_extra` holds `file_only` has no flag, and one that holds `local_only` cannot be set over HTTP. Lengths are
pixels unless their name says otherwise.
What the files of castings, scenes and poses say stands in `stages.casting`.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from stages.adults import of_adults
from stages.typed import ASPECT, GROWTH, SIZE, number, pixels

FILE_ONLY = {"file_only": True}
#: Marks options of the machine's owner, such as where weights lie or who signs: nobody sets them over HTTP.
LOCAL_ONLY = {"local_only": True}

Task = Literal["generate", "background", "inpaint", "outpaint", "ghost"]


class Options(BaseModel):
    """Base of all option classes: unknown keys are errors, values are fixed once read."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,  # YAML takes `model: 15` for a number
        str_max_length=20_000,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _text(cls, given: Any) -> Any:
        """Raises ValueError for words and names that no receipt could hold: bytes that are no UTF-8, or a NUL."""
        words = str(given) if isinstance(given, str | Path) else ""
        if "\0" in words or any("\ud800" <= each <= "\udfff" for each in words):
            raise ValueError("it holds a NUL, or bytes that are no UTF-8: write it another way, or rename the file")
        return given


class PhotoOptions(Options):
    max_megapixels: Annotated[float, Field(gt=0, le=4000, json_schema_extra=FILE_ONLY)] = 200
    """Larger photos are refused: a small file can unpack into more memory than there is."""


class SegmentOptions(Options):
    segmenter: Literal["auto", "finder", "onnx", "sam", "mobile_sam", "sam2", "sam3"] = "auto"
    """How the garment is found; auto takes the first of sam3, sam2, mobile_sam and sam whose weights are
    present, else the embedded finder."""
    garment: Literal["auto", "top", "bottom", "skirt", "dress", "outerwear", "swim"] = "auto"
    """What the garment is; auto reads it from the shape."""
    sam_model: Literal["vit_b", "vit_l", "vit_h"] = "vit_b"
    """Size of segment-anything."""
    sam_weights: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A local checkpoint of segment-anything (.pth) or MobileSAM (.pt); otherwise the one fetched before, if any."""
    sam_folder: Annotated[str | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A folder or Hub id of SAM 2.1 or SAM 3 in transformers layout; else the published one."""
    sam_revision: Annotated[str | None, Field(json_schema_extra=FILE_ONLY)] = None
    """Hub revision of SAM 2.1 or SAM 3."""
    onnx_weights: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A salient-object network in one of rembg's formats, for the segmenter onnx: isnet-general-use.onnx, u2net.onnx,
    birefnet-general.onnx."""
    fetch_sam: Annotated[bool, Field(json_schema_extra=LOCAL_ONLY)] = False
    """Fetch SAM's weights once if they are missing."""
    allow_unknown_weights: Annotated[bool, Field(json_schema_extra=LOCAL_ONLY)] = False
    """Load a checkpoint whose SHA-256 is not that of a published one."""
    matting: Literal["auto", "closed-form", "vitmatte"] = "auto"
    """How the soft edge is solved: closed-form in the band along the outline; auto takes vitmatte on busy backdrops if
    its weights are there."""
    sheer: Literal["auto", "opaque", "blend"] = "auto"
    """Sheer cloth and lace: auto blends with the new scene what surely shows the backdrop, blend also what may show it;
    opaque keeps every pixel as it is."""
    vitmatte_folder: Annotated[str | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A folder or Hub id of ViTMatte in transformers layout; otherwise the published one."""
    matte: Path | None = None
    """Your own matte, of the photo's size: white is garment, black is not, grey is its soft edge."""
    alpha: Literal["auto", "cut-out", "decoration"] = "auto"
    """What a photo's own transparency means: the garment's outline, or rounded corners and the like, which are left
    out; auto tells by where it is clear."""
    garment_box: Annotated[str | None, *pixels("x0,y0,x1,y1")] = None
    """x0,y0,x1,y1 in pixels of the photo: nothing outside this box is garment."""
    garment_text: str = ""
    """What the garment is, in words, for a segmenter that takes them (sam3): red dress."""
    garment_point: tuple[Annotated[str, *pixels("x,y")], ...] = ()
    """x,y in pixels of the photo, on a part of the garment that was lost; may be given again."""
    not_point: tuple[Annotated[str, *pixels("x,y")], ...] = ()
    """x,y in pixels of the photo, on what is not garment: hanger, clip, mannequin, label; may be given again."""
    strict: bool = False
    """End the run, with exit code 10, where what was found may be wrong; otherwise it goes on and says so."""
    keep_collar: bool = False
    """Keep the inside of a back collar that is seen through the neck. A person's neck hides it, so it is generated."""
    category_confidence: Annotated[float, Field(ge=0, le=1, json_schema_extra=FILE_ONLY)] = 0.6
    """Below this confidence a run says that it guessed the category, and asks for --garment."""


class PlaceOptions(Options):
    framing: Literal["auto", "full", "three-quarter", "half", "lower"] = "auto"
    """How much of the person is in the frame; auto goes by category."""
    size: Annotated[str, SIZE] = "auto"
    """Output size as WIDTHxHEIGHT; the garment is then resampled once. auto keeps the photo's own pixels."""
    aspect: Annotated[str, ASPECT] = "2:3"
    """Width to height of the canvas."""
    margin: Annotated[float, Field(ge=0, le=0.5)] = 0.06
    """Free space around the person and the garment, as a share of the canvas's height and width."""
    max_megapixels: Annotated[float, Field(gt=0, le=4000, json_schema_extra=FILE_ONLY)] = 400
    """Larger canvases are refused."""


class PoseOptions(Options):
    pose: str = "auto"
    """auto fits arms and legs to the garment; or the name of a pose (onmodel list poses), or a skeleton's JSON file;
    detect takes the pose of the person in a worn photo, photo:FILE fits another photo's pose to the garment."""
    view: Literal["front", "back"] = "front"
    """Whether the garment is seen from the front or from the back."""
    pose_detector: Literal["auto", "dwpose", "openpose"] = "auto"
    """What finds the pose of a person; auto takes the one whose weights are there. OpenPose is non-commercial."""
    pose_weights: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """The detector's checkpoint: dw-ll_ucoco_384.onnx or body_pose_model.pth; otherwise the one fetched before."""


class FigureOptions(Options):
    figure: Literal["auto", "draw", "guide", "off"] = "auto"
    """The body fitted into the garment: draw puts it into the picture, guide shows its depth and pose to the model that
    paints the person, off goes by the skeleton alone. auto draws for the embedded model and guides others."""
    figure_start: Annotated[float, Field(ge=0, lt=1)] = 0
    """Of a guided model: how much of the drawn figure is left in the noise that it starts from; 0 is none."""
    likeness: Literal["references", "portrait"] = "references"
    """What keeps a guided model's person the same: the casting's reference pictures, or, where it has none, a drawn
    portrait of it too, which needs what --references fetches."""


class Lora(Options):
    """Low-rank weights that are added to a model's, such as a style or a few-step distillation."""

    weights: str
    """A .safetensors file, or one on the Hub as owner/name/file.safetensors."""
    scale: Annotated[float, Field(ge=-2, le=2)] = 1.0
    """How much of them is added."""


Weights = Annotated[str | None, Field(json_schema_extra=FILE_ONLY)]


class GenerateOptions(Options):
    """Weights are named by a folder, a .safetensors file, or on the Hub: owner/name, owner/name@revision,
    owner/name/folder or owner/name/file.safetensors.
    """

    family: Annotated[
        Literal["sd", "sdxl", "sdxl-union", "zimage", "klein", "qwen"], Field(json_schema_extra=FILE_ONLY)
    ] = "sd"
    """Architecture of the model: Stable Diffusion 1.x, Stable Diffusion XL with a ControlNet for each picture or with
    one for all, Z-Image, FLUX.2 klein, or Qwen-Image."""
    model: Annotated[str, Field(json_schema_extra=FILE_ONLY)] = "house"
    """The model's weights, as a folder in diffusers layout or as a single file; `house` is the embedded one."""
    layout: Weights = None
    """For a model in a single file: where its configuration and tokenizers are; None takes the family's own."""
    controlnet: Weights = None
    """The pose ControlNet; None if it lies in the model's folder as `controlnet`."""
    controlnet_layout: Weights = None
    """For a ControlNet in a single file: where its configuration is."""
    guard: Weights = None
    """A second ControlNet, trained on inpainting, that keeps the garment from growing."""
    guard_scale: Annotated[float, Field(ge=0, le=2, json_schema_extra=FILE_ONLY)] = 0.5
    """Weight of the second ControlNet, or of the picture that a ControlNet for all is shown."""
    depth: Weights = None
    """A further ControlNet, which is shown the figure's depth."""
    depth_scale: Annotated[float, Field(ge=0, le=2, json_schema_extra=FILE_ONLY)] = 0.5
    """Weight of the depth ControlNet, or of the depth that a ControlNet for all is shown."""
    shown: Annotated[Literal["pose", "depth", "both", "figure"], Field(json_schema_extra=FILE_ONLY)] = "pose"
    """What `controlnet` is shown of a figure: its skeleton, its depth, or both, where one model reads them; figure
    shows it as drawn to a model that takes pictures for reference."""
    vae: Weights = None
    """Another autoencoder in place of the model's own."""
    loras: Annotated[tuple[Lora, ...], Field(json_schema_extra=FILE_ONLY)] = ()
    """Merged into the model in this order when it is loaded."""
    identity: Weights = None
    """The IP-Adapter that a casting's references are shown through."""
    identity_encoder: Weights = None
    """The IP-Adapter's image encoder."""
    identity_scale: Annotated[float, Field(ge=0, le=1, json_schema_extra=FILE_ONLY)] = 0.6
    """Weight of the references."""
    scheduler: Annotated[
        Literal["ddim", "dpm++", "euler", "euler_a", "lcm", "unipc"] | None, Field(json_schema_extra=FILE_ONLY)
    ] = None
    """The sampler; None keeps the model's own."""
    scheduler_config: Annotated[
        dict[str, bool | int | float | Annotated[str, AfterValidator(number)]], Field(json_schema_extra=FILE_ONLY)
    ] = {}
    """Settings of the sampler that differ from the model's, by diffusers' names."""
    allow_pickle: Annotated[tuple[str, ...], Field(json_schema_extra=FILE_ONLY)] = ()
    """Names of pickled weight files (.bin, .ckpt, .pt, .pth) that may be loaded; others are refused."""
    safety_checker: Annotated[bool, Field(json_schema_extra=FILE_ONLY)] = True
    """Keep the model's own safety checker, where it has one."""
    memory: Annotated[
        Literal["auto", "whole", "tiled", "model", "fp8", "group", "sequential"], Field(json_schema_extra=FILE_ONLY)
    ] = "auto"
    """How the model is fitted into memory, fastest first; auto goes by what is free."""
    quantise: Annotated[Literal["int8"] | None, Field(json_schema_extra=FILE_ONLY)] = None
    """Round a transformer's weights (zimage, klein, qwen) to 8 bits as it is loaded, with the extra `quantise`; None
    keeps them."""
    compile: Annotated[bool, Field(json_schema_extra=FILE_ONLY)] = False
    """Compile the model's repeated blocks: slower first picture, faster later ones."""
    pixels: Annotated[int, Field(ge=64**2, le=2**26, json_schema_extra=FILE_ONLY)] = 256 * 384
    """Width x height that the model paints best."""
    stick_width: Annotated[float, Field(gt=0, le=100, json_schema_extra=FILE_ONLY)] = 4.0
    """Limb width of the drawn skeleton, in pixels of what the model paints, as the ControlNet was trained."""
    detail: bool = False
    """Paint face and hands once more, at higher resolution."""
    detail_strength: Annotated[float, Field(gt=0, le=1, json_schema_extra=FILE_ONLY)] = 0.4
    """Share of the noise schedule that face and hands are painted again with."""
    detail_pixels: Annotated[int, Field(ge=0, le=2**26, json_schema_extra=FILE_ONLY)] = 0
    """Width x height that face and hands are painted at; 0 takes what the model paints best."""
    prompt: Annotated[str, AfterValidator(of_adults)] = ""
    """Words added to the prompt that casting and scene make."""
    negative_prompt: str = ""
    """Words added to the negative prompt."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """The same seed gives the same file."""
    candidates: Annotated[int, Field(ge=1, le=64)] = 1
    """Pictures generated with following seeds; the one with the least measured faults is kept."""
    reseed: Annotated[int, Field(ge=0, le=16)] = 2
    """Further seeds tried while the picture exceeds a limit; the best is kept, and the receipt says so."""
    steps: Annotated[int, Field(ge=1, le=200)] = 20
    """Denoising steps."""
    guidance: Annotated[float, Field(ge=0, le=30)] = 2.0
    """Classifier-free guidance scale."""
    strength: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the noise schedule that is run."""
    control_scale: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Weight of the pose ControlNet."""
    device: Annotated[str, Field(json_schema_extra=LOCAL_ONLY)] = "auto"
    """auto, cpu, cuda, cuda:N or mps."""
    dtype: Annotated[Literal["auto", "float32", "float16", "bfloat16"], Field(json_schema_extra=LOCAL_ONLY)] = "auto"
    """Precision of the model; auto goes by device."""
    batch: Annotated[int, Field(ge=0, le=64, json_schema_extra=LOCAL_ONLY)] = 1
    """Pictures painted at once, of several photos or candidates; 0 as many as fit a GPU. With 1 a seed gives the same
    file whatever is painted beside it, with more the same but for rounding."""


class UpscaleOptions(Options):
    upscaler: Literal["auto", "lanczos", "learned"] = "auto"
    """How the plate is brought to canvas size; auto takes learned when its weights are given."""
    upscale_weights: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A super-resolution model's file (.safetensors or .pth) that spandrel reads."""


class BlendOptions(Options):
    match_light: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How far the generated side's light follows the garment's near the outline."""
    shadow: Annotated[float, Field(ge=0, le=1)] = 0.35
    """Depth of the contact shadow that the garment casts on the generated side."""
    grain: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Grain of the generated side, as a multiple of the photo's own."""


class BackgroundOptions(Options):
    background: str = ""
    """A picture's file, a colour as #rrggbb, or white: what the subject is put before. Else the scene is
    generated, and a ghost hangs before white."""


class GhostOptions(Options):
    back: Path | None = None
    """A second photo, of the inside of the garment's back: its collar is shown in the neck, behind the front."""


class InpaintOptions(Options):
    mask: Path | None = None
    """A picture of the photo's size: what is white there is generated anew, what is black is kept."""
    mask_white: Literal["auto", "generate", "keep"] = "auto"
    """What white means in --mask; auto takes it for what is generated, and asks where that is nearly everything."""
    box: Annotated[str | None, *pixels("x0,y0,x1,y1")] = None
    """The region as x0,y0,x1,y1 in pixels, end exclusive."""
    point: Annotated[str | None, *pixels("x,y")] = None
    """Selects the thing under x,y, such as a clip, a label or a stain."""


Growth = Annotated[str, GROWTH]


class OutpaintOptions(Options):
    left: Growth = "0"
    """Pixels to grow by to the left, or a share of the photo's width, as 10%."""
    right: Growth = "0"
    """Growth to the right."""
    top: Growth = "0"
    """Growth upwards, in pixels or as a share of the photo's height."""
    bottom: Growth = "0"
    """Growth downwards."""
    aspect: Annotated[str | None, ASPECT, Field(json_schema_extra=FILE_ONLY)] = None
    """Width to height that the frame is grown to, on both sides alike, after the growth above."""


class FillOptions(Options):
    fill: Literal["auto", "classical", "model"] = "auto"
    """What paints a region or a border: classical copies the surroundings, model imagines; auto takes classical for
    the embedded model where nothing was asked for in words."""


class VerifyOptions(Options):
    max_seam: Annotated[float, Field(ge=0, json_schema_extra=FILE_ONLY)] = 3.0
    """Seams above this are warned of."""
    max_halo: Annotated[float, Field(ge=0, json_schema_extra=FILE_ONLY)] = 0.1
    """Halos above this are warned of."""
    max_expansion: Annotated[float, Field(ge=0, json_schema_extra=FILE_ONLY)] = 0.1
    """Growth of the garment above this share of its area is warned of."""


class ProvenanceOptions(Options):
    c2pa: bool = True
    """Sign picture and export with C2PA content credentials (extra c2pa); left out, the receipt says so."""
    sign_cert: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """Your certificate chain, PEM, the signer's own first; else ONMODEL_SIGN_CERT, else a self-made development one."""
    sign_key: Annotated[str | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """Its key: a PEM file, or pkcs11:token=NAME;object=KEY (extra pkcs11); else ONMODEL_SIGN_KEY."""
    timestamp: Annotated[str | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """Address of an RFC 3161 timestamp authority that is asked for each picture; none is by default."""
    watermark: bool = True
    """Mark what a model generated imperceptibly, never a pixel of the photo; left out, the receipt says so."""
    label: bool = False
    """Write the disclosure visibly on the extra export (--format jpg or webp), never on the master."""
    disclosure: Annotated[str, Field(max_length=300)] = ""
    """Your own words of disclosure for receipt, report and label; otherwise ones that fit the task."""


class WriteOptions(Options):
    format: Literal["png", "jpg", "webp"] = "png"
    """jpg and webp write an extra export in sRGB beside the PNG master."""
    quality: Annotated[int, Field(ge=1, le=100)] = 92
    """Quality of the extra export."""
    digital_source_type: Literal["compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"] = (
        "compositeWithTrainedAlgorithmicMedia"
    )
    """IPTC digital source type that marks the picture as partly generated."""
    layers: bool = False
    """Also write the picture as layers for a retoucher: plate, shadow and garment in OpenRaster (.ora)."""
