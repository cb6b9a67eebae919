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
from stages.typed import ASPECT, GROWTH, LANDMARK, SIZE, number, pixels

FILE_ONLY = {"file_only": True}
#: Marks options of the machine's owner, such as where weights lie or who signs: nobody sets them over HTTP.
LOCAL_ONLY = {"local_only": True}

Size = Literal["XS", "S", "M", "L", "XL", "2XL", "3XL", "4XL"]
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
    """What finds the garment. auto takes the first of sam3, sam2, mobile_sam and sam whose weights are installed,
    otherwise the embedded finder."""
    garment: Literal["auto", "top", "bottom", "skirt", "dress", "outerwear", "swim", "shoes", "hat", "bag", "necklace",
                     "scarf", "belt", "earrings", "glasses", "watch", "ring"] = "auto"  # fmt: skip
    """The kind of garment; auto infers it from the shape. Accessories need a garment to go with: see --with."""
    sam_model: Literal["vit_b", "vit_l", "vit_h"] = "vit_b"
    """Model size of segment-anything."""
    sam_weights: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A checkpoint of segment-anything (.pth) or MobileSAM (.pt); defaults to the one fetched earlier, if any."""
    sam_folder: Annotated[str | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A folder or Hub id of SAM 2.1 or SAM 3 in transformers layout; defaults to the published one."""
    sam_revision: Annotated[str | None, Field(json_schema_extra=FILE_ONLY)] = None
    """Hub revision of SAM 2.1 or SAM 3."""
    onnx_weights: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A salient-object network in one of rembg's formats, for the segmenter onnx: isnet-general-use.onnx, u2net.onnx,
    birefnet-general.onnx."""
    fetch_sam: Annotated[bool, Field(json_schema_extra=LOCAL_ONLY)] = False
    """Download SAM's weights if they are missing."""
    allow_unknown_weights: Annotated[bool, Field(json_schema_extra=LOCAL_ONLY)] = False
    """Load checkpoints even if their SHA-256 matches no published one."""
    matting: Literal["auto", "closed-form", "vitmatte"] = "auto"
    """How the soft edge is computed: closed-form matting in a band along the outline, or ViTMatte; auto uses vitmatte
    on busy backdrops if its weights are installed."""
    sheer: Literal["auto", "opaque", "blend"] = "auto"
    """Sheer cloth and lace: auto blends cloth that certainly shows the backdrop into the new scene, blend also cloth
    that might; opaque keeps every pixel as it is."""
    vitmatte_folder: Annotated[str | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """A folder or Hub id of ViTMatte in transformers layout; defaults to the published one."""
    matte: Path | None = None
    """Your own matte, the same size as the photo: white is garment, black is not, grey is the soft edge."""
    alpha: Literal["auto", "cut-out", "decoration"] = "auto"
    """What transparency in the photo means: the garment's outline, or decoration such as rounded corners, which is
    ignored; auto decides by which parts are transparent."""
    garment_box: Annotated[str | None, *pixels("x0,y0,x1,y1")] = None
    """x0,y0,x1,y1 in photo pixels: nothing outside this box is garment."""
    garment_text: str = ""
    """A description of the garment, such as "red dress", for segmenters that take text (sam3)."""
    garment_point: tuple[Annotated[str, *pixels("x,y")], ...] = ()
    """x,y in photo pixels, on a part of the garment that was missed; repeatable."""
    not_point: tuple[Annotated[str, *pixels("x,y")], ...] = ()
    """x,y in photo pixels, on something that is not garment (hanger, clip, mannequin, label); repeatable."""
    landmark: tuple[Annotated[str, LANDMARK], ...] = ()
    """name=x,y in photo pixels, such as left_cuff=812,640: where a landmark of the garment is, by which the body is
    fitted into it; repeatable. By default landmarks are read from the outline."""
    strict: bool = False
    """Stop with exit code 10 when the cut-out may be wrong; by default the run continues and warns."""
    keep_collar: bool = False
    """Keep the inner back collar that shows through the neck opening. By default it is generated, as a neck hides
    it."""
    category_confidence: Annotated[float, Field(ge=0, le=1, json_schema_extra=FILE_ONLY)] = 0.6
    """Below this confidence the run warns that it guessed the category and asks for --garment."""


class PlaceOptions(Options):
    framing: Literal["auto", "full", "three-quarter", "half", "lower"] = "auto"
    """How much of the person is in the frame: auto shows tops to mid-thigh and everything else head to toe; lower, for
    trousers and skirts, crops the head: chest to feet."""
    size: Annotated[str, SIZE] = "auto"
    """Output size as WIDTHxHEIGHT, for which the garment is resampled once; auto keeps the photo's own pixels."""
    aspect: Annotated[str, ASPECT] = "2:3"
    """Aspect ratio of the canvas, width:height."""
    margin: Annotated[float, Field(ge=0, le=0.5)] = 0.06
    """Free space around person and garment, as a fraction of the canvas's height and width."""
    max_megapixels: Annotated[float, Field(gt=0, le=4000, json_schema_extra=FILE_ONLY)] = 400
    """Larger canvases are refused."""


class PoseOptions(Options):
    pose: str = "auto"
    """auto fits arms and legs to the garment; otherwise the name of a pose (onmodel list poses) or a skeleton's JSON
    file. detect uses the pose of the person in a worn photo; photo:FILE adapts the pose in another photo."""
    view: Literal["front", "back"] = "front"
    """Whether the garment is seen from the front or from the back."""
    pose_detector: Literal["auto", "dwpose", "openpose"] = "auto"
    """The pose detector; auto takes the one whose weights are installed. OpenPose is for non-commercial use."""
    pose_weights: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """The detector's checkpoint, dw-ll_ucoco_384.onnx or body_pose_model.pth; defaults to the one fetched earlier."""


class FigureOptions(Options):
    figure: Literal["auto", "draw", "guide", "off"] = "auto"
    """How the body fitted into the garment is used: draw renders it into the picture, guide shows its depth and pose to
    the model that paints the person, off uses only the skeleton. auto draws for the embedded model and guides
    others."""
    figure_start: Annotated[float, Field(ge=0, lt=1)] = 0
    """For guided models: how much of the drawn figure remains in the noise they start from; 0 is none."""
    likeness: Literal["references", "portrait"] = "references"
    """What keeps the person consistent with a guided model: the casting's reference pictures or, where it has none, a
    drawn portrait; both need what `models pull --references` downloads."""

    size_of_model: Size | None = None
    """Size of the person's body by EN 13402-3, in place of the casting's own. The garment stays as photographed; a body
    that it cannot hold becomes the largest that it can, and the run says so."""


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
    """Pictures generated with consecutive seeds; the one with the fewest measured faults is kept."""
    reseed: Annotated[int, Field(ge=0, le=16)] = 2
    """Additional seeds to try while the picture exceeds a quality limit; the best is kept and the receipt says so."""
    steps: Annotated[int, Field(ge=1, le=200)] = 20
    """Denoising steps."""
    guidance: Annotated[float, Field(ge=0, le=30)] = 2.0
    """Classifier-free guidance scale."""
    strength: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Fraction of the noise schedule to run."""
    control_scale: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Weight of the pose ControlNet."""
    device: Annotated[str, Field(json_schema_extra=LOCAL_ONLY)] = "auto"
    """auto, cpu, cuda, cuda:N or mps."""
    dtype: Annotated[Literal["auto", "float32", "float16", "bfloat16"], Field(json_schema_extra=LOCAL_ONLY)] = "auto"
    """Precision of the model; auto depends on the device."""
    batch: Annotated[int, Field(ge=0, le=64, json_schema_extra=LOCAL_ONLY)] = 1
    """Pictures per model call, across photos and candidates; 0 fits as many as the GPU holds. With 1, a seed always
    gives the same file; with more, results differ by rounding."""


class UpscaleOptions(Options):
    upscaler: Literal["auto", "lanczos", "learned"] = "auto"
    """How the generated picture is enlarged to canvas size; auto uses learned when its weights are given."""
    upscale_weights: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """Weights of a super-resolution model (.safetensors or .pth) that spandrel can load."""


class BlendOptions(Options):
    match_light: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How strongly the generated side's light follows the garment's along the outline."""
    match_colour: Annotated[float, Field(ge=0, le=1)] = 0.7
    """How strongly the generated side takes on the colour of the photo's light, told by a plain, greyish backdrop."""
    shadow: Annotated[float, Field(ge=0, le=1)] = 0.35
    """Depth of the contact shadow that the garment casts on the generated side."""
    grain: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Grain of the generated side, as a multiple of the photo's own."""


class BackgroundOptions(Options):
    background: str = ""
    """A picture file, a colour such as #rrggbb, or white, to put behind the subject; by default the scene is
    generated, and a ghost is put on white."""


class GhostOptions(Options):
    back: Path | None = None
    """A second photo, of the inside of the garment's back: its collar is shown in the neck, behind the front."""


class InpaintOptions(Options):
    mask: Path | None = None
    """A mask the same size as the photo: white is repainted, black is kept."""
    mask_white: Literal["auto", "generate", "keep"] = "auto"
    """What white means in --mask; auto takes it as what to repaint, and asks if that is nearly everything."""
    box: Annotated[str | None, *pixels("x0,y0,x1,y1")] = None
    """The region as x0,y0,x1,y1 in pixels, end exclusive."""
    point: Annotated[str | None, *pixels("x,y")] = None
    """Selects the thing under x,y, such as a clip, a label or a stain."""


Growth = Annotated[str, GROWTH]


class OutpaintOptions(Options):
    left: Growth = "0"
    """Growth to the left, in pixels or as a share of the photo's width, such as 10%."""
    right: Growth = "0"
    """Growth to the right."""
    top: Growth = "0"
    """Growth upwards, in pixels or as a share of the photo's height."""
    bottom: Growth = "0"
    """Growth downwards."""
    aspect: Annotated[str | None, ASPECT, Field(json_schema_extra=FILE_ONLY)] = None
    """Aspect ratio to grow the frame to, equally on both sides, after the growth above."""


class FillOptions(Options):
    fill: Literal["auto", "classical", "model"] = "auto"
    """What fills a region or a border: classical copies the surroundings, model paints with diffusion; auto uses
    classical with the embedded model unless there is a prompt."""


class VerifyOptions(Options):
    max_seam: Annotated[float, Field(ge=0, json_schema_extra=FILE_ONLY)] = 3.0
    """Warn about seams above this."""
    max_halo: Annotated[float, Field(ge=0, json_schema_extra=FILE_ONLY)] = 0.1
    """Warn about halos above this."""
    max_expansion: Annotated[float, Field(ge=0, json_schema_extra=FILE_ONLY)] = 0.1
    """Warn when the garment grows by more than this share of its area."""


class ProvenanceOptions(Options):
    c2pa: bool = True
    """Sign the picture and its export with C2PA content credentials (extra c2pa); the receipt says if they are off."""
    sign_cert: Annotated[Path | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """Your certificate chain (PEM, leaf first); defaults to ONMODEL_SIGN_CERT, then to a self-signed development
    one."""
    sign_key: Annotated[str | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """Its private key: a PEM file, or pkcs11:token=NAME;object=KEY (extra pkcs11); defaults to ONMODEL_SIGN_KEY."""
    timestamp: Annotated[str | None, Field(json_schema_extra=LOCAL_ONLY)] = None
    """URL of an RFC 3161 timestamp authority to contact for each picture; none by default."""
    watermark: bool = True
    """Watermark generated pixels imperceptibly, never those of the photo; the receipt says if it is off."""
    label: bool = False
    """Print the disclosure on the extra export (--format jpg or webp), never on the master."""
    disclosure: Annotated[str, Field(max_length=300)] = ""
    """Your wording of the disclosure in receipt, report and label; by default it fits the task."""


class WriteOptions(Options):
    format: Literal["png", "jpg", "webp"] = "png"
    """Write an additional JPEG or WebP export in sRGB next to the PNG master."""
    quality: Annotated[int, Field(ge=1, le=100)] = 92
    """Quality of the extra export."""
    digital_source_type: Literal["compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"] = (
        "compositeWithTrainedAlgorithmicMedia"
    )
    """IPTC digital source type that declares the picture partly generated."""
    channel: Annotated[str, Field(pattern=r"^([a-z0-9-]+(, ?[a-z0-9-]+)*)?$")] = ""
    """Shops and platforms to write a file for beside the master, with commas between: amazon,instagram."""
    caption: Annotated[str, Field(max_length=2000)] = ""
    """Your own words for what the picture shows: caption and alt text in receipt and metadata; otherwise they are made
    from garment, casting and scene."""
    layers: bool = False
    """Also write the picture in layers for retouching: plate, shadow and garment, as OpenRaster (.ora)."""

    @property
    def channels(self) -> tuple[str, ...]:
        """The names in `channel`, each once."""
        return tuple(dict.fromkeys(each.strip() for each in self.channel.split(",") if each.strip()))
