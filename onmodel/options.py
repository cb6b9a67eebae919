"""Options by name, for `import onmodel`. Written by `python -m scripts.keywords`: do not edit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

from stages.casting import Casting, Scene
from stages.options import Task


class NamedFiles(TypedDict, total=False):
    preset: str | None
    """Which models with which settings: a name (`onmodel list presets`) or a YAML file; the best by default."""
    casting: str | Path | Casting | Mapping[str, Any]
    """Who the model is: a name (`onmodel list castings`), a YAML file, or what such a file says."""
    scene: str | Path | Scene | Mapping[str, Any]
    """Where the picture is taken: a name (`onmodel list scenes`), a YAML file, or what such a file says."""


class PhotoSection(TypedDict, total=False):
    pass


class SegmentSection(TypedDict, total=False):
    segmenter: Literal["auto", "finder", "onnx", "sam", "mobile_sam", "sam2", "sam3"]
    """How the garment is found; auto takes the first of sam3, sam2, mobile_sam and sam whose weights are present, else
    the embedded finder."""
    garment: Literal["auto", "top", "bottom", "skirt", "dress", "outerwear", "swim"]
    """What the garment is; auto reads it from the shape."""
    sam_model: Literal["vit_b", "vit_l", "vit_h"]
    """Size of segment-anything."""
    sam_weights: str | Path | None
    """A local checkpoint of segment-anything (.pth) or MobileSAM (.pt); otherwise the one fetched before, if any."""
    sam_folder: str | None
    """A folder or Hub id of SAM 2.1 or SAM 3 in transformers layout; else the published one."""
    sam_revision: str | None
    """Hub revision of SAM 2.1 or SAM 3."""
    onnx_weights: str | Path | None
    """A salient-object network in one of rembg's formats, for the segmenter onnx: isnet-general-use.onnx, u2net.onnx,
    birefnet-general.onnx."""
    fetch_sam: bool
    """Fetch SAM's weights once if they are missing."""
    allow_unknown_weights: bool
    """Load a checkpoint whose SHA-256 is not that of a published one."""
    matting: Literal["auto", "closed-form", "vitmatte"]
    """How the soft edge is solved: closed-form in the band along the outline; auto takes vitmatte on busy backdrops if
    its weights are there."""
    sheer: Literal["auto", "opaque", "blend"]
    """Sheer cloth and lace: auto blends with the new scene what surely shows the backdrop, blend also what may show it;
    opaque keeps every pixel as it is."""
    vitmatte_folder: str | None
    """A folder or Hub id of ViTMatte in transformers layout; otherwise the published one."""
    matte: str | Path | None
    """Your own matte, of the photo's size: white is garment, black is not, grey is its soft edge."""
    alpha: Literal["auto", "cut-out", "decoration"]
    """What a photo's own transparency means: the garment's outline, or rounded corners and the like, which are left
    out; auto tells by where it is clear."""
    garment_box: str | None
    """x0,y0,x1,y1 in pixels of the photo: nothing outside this box is garment."""
    garment_text: str
    """What the garment is, in words, for a segmenter that takes them (sam3): red dress."""
    garment_point: Sequence[str]
    """x,y in pixels of the photo, on a part of the garment that was lost; may be given again."""
    not_point: Sequence[str]
    """x,y in pixels of the photo, on what is not garment: hanger, clip, mannequin, label; may be given again."""
    strict: bool
    """End the run, with exit code 10, where what was found may be wrong; otherwise it goes on and says so."""
    keep_collar: bool
    """Keep the inside of a back collar that is seen through the neck. A person's neck hides it, so it is generated."""
    category_confidence: float
    """Below this confidence a run says that it guessed the category, and asks for --garment."""


class PlaceSection(TypedDict, total=False):
    framing: Literal["auto", "full", "three-quarter", "half", "lower"]
    """How much of the person is in the frame; auto goes by category."""
    size: str
    """Output size as WIDTHxHEIGHT; the garment is then resampled once. auto keeps the photo's own pixels."""
    aspect: str
    """Width to height of the canvas."""
    margin: float
    """Free space around the person and the garment, as a share of the canvas's height and width."""


class PoseSection(TypedDict, total=False):
    pose: str
    """auto fits arms and legs to the garment; or the name of a pose (onmodel list poses), or a skeleton's JSON file;
    detect takes the pose of the person in a worn photo, photo:FILE fits another photo's pose to the garment."""
    view: Literal["front", "back"]
    """Whether the garment is seen from the front or from the back."""
    pose_detector: Literal["auto", "dwpose", "openpose"]
    """What finds the pose of a person; auto takes the one whose weights are there. OpenPose is non-commercial."""
    pose_weights: str | Path | None
    """The detector's checkpoint: dw-ll_ucoco_384.onnx or body_pose_model.pth; otherwise the one fetched before."""


class StanceSection(TypedDict, total=False):
    right_upper_arm: float
    """Shoulder to elbow of the person's right arm."""
    right_forearm: float
    """Elbow to wrist of the right arm."""
    left_upper_arm: float
    """Shoulder to elbow of the left arm."""
    left_forearm: float
    """Elbow to wrist of the left arm."""
    right_thigh: float
    """Hip to knee of the right leg."""
    right_shank: float
    """Knee to ankle of the right leg."""
    left_thigh: float
    """Hip to knee of the left leg."""
    left_shank: float
    """Knee to ankle of the left leg."""


class FigureSection(TypedDict, total=False):
    figure: Literal["auto", "draw", "guide", "off"]
    """The body fitted into the garment: draw puts it into the picture, guide shows its depth and pose to the model that
    paints the person, off goes by the skeleton alone. auto draws for the embedded model and guides others."""
    figure_start: float
    """Of a guided model: how much of the drawn figure is left in the noise that it starts from; 0 is none."""
    likeness: Literal["references", "portrait"]
    """What keeps a guided model's person the same: the casting's reference pictures, or, where it has none, a drawn
    portrait of it too, which needs what --references fetches."""


class GenerateSection(TypedDict, total=False):
    family: Literal["sd", "sdxl", "sdxl-union", "zimage", "klein", "qwen"]
    """Architecture of the model: Stable Diffusion 1.x, Stable Diffusion XL with a ControlNet for each picture or with
    one for all, Z-Image, FLUX.2 klein, or Qwen-Image."""
    model: str
    """The model's weights, as a folder in diffusers layout or as a single file; `house` is the embedded one."""
    layout: str | None
    """For a model in a single file: where its configuration and tokenizers are; None takes the family's own."""
    controlnet: str | None
    """The pose ControlNet; None if it lies in the model's folder as `controlnet`."""
    controlnet_layout: str | None
    """For a ControlNet in a single file: where its configuration is."""
    guard: str | None
    """A second ControlNet, trained on inpainting, that keeps the garment from growing."""
    guard_scale: float
    """Weight of the second ControlNet, or of the picture that a ControlNet for all is shown."""
    depth: str | None
    """A further ControlNet, which is shown the figure's depth."""
    depth_scale: float
    """Weight of the depth ControlNet, or of the depth that a ControlNet for all is shown."""
    shown: Literal["pose", "depth", "both", "figure"]
    """What `controlnet` is shown of a figure: its skeleton, its depth, or both, where one model reads them; figure
    shows it as drawn to a model that takes pictures for reference."""
    vae: str | None
    """Another autoencoder in place of the model's own."""
    loras: Sequence[Mapping[str, Any]]
    """Merged into the model in this order when it is loaded."""
    identity: str | None
    """The IP-Adapter that a casting's references are shown through."""
    identity_encoder: str | None
    """The IP-Adapter's image encoder."""
    identity_scale: float
    """Weight of the references."""
    scheduler: Literal["ddim", "dpm++", "euler", "euler_a", "lcm", "unipc"] | None
    """The sampler; None keeps the model's own."""
    scheduler_config: Mapping[str, bool | int | float | str]
    """Settings of the sampler that differ from the model's, by diffusers' names."""
    allow_pickle: Sequence[str]
    """Names of pickled weight files (.bin, .ckpt, .pt, .pth) that may be loaded; others are refused."""
    safety_checker: bool
    """Keep the model's own safety checker, where it has one."""
    memory: Literal["auto", "whole", "tiled", "model", "fp8", "group", "sequential"]
    """How the model is fitted into memory, fastest first; auto goes by what is free."""
    quantise: Literal["int8"] | None
    """Round a transformer's weights (zimage, klein, qwen) to 8 bits as it is loaded, with the extra `quantise`; None
    keeps them."""
    compile: bool
    """Compile the model's repeated blocks: slower first picture, faster later ones."""
    pixels: int
    """Width x height that the model paints best."""
    stick_width: float
    """Limb width of the drawn skeleton, in pixels of what the model paints, as the ControlNet was trained."""
    detail: bool
    """Paint face and hands once more, at higher resolution."""
    detail_strength: float
    """Share of the noise schedule that face and hands are painted again with."""
    detail_pixels: int
    """Width x height that face and hands are painted at; 0 takes what the model paints best."""
    prompt: str
    """Words added to the prompt that casting and scene make."""
    negative_prompt: str
    """Words added to the negative prompt."""
    seed: int
    """The same seed gives the same file."""
    candidates: int
    """Pictures generated with following seeds; the one with the least measured faults is kept."""
    reseed: int
    """Further seeds tried while the picture exceeds a limit; the best is kept, and the receipt says so."""
    steps: int
    """Denoising steps."""
    guidance: float
    """Classifier-free guidance scale."""
    strength: float
    """Share of the noise schedule that is run."""
    control_scale: float
    """Weight of the pose ControlNet."""
    device: str
    """auto, cpu, cuda, cuda:N or mps."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"]
    """Precision of the model; auto goes by device."""
    batch: int
    """Pictures painted at once, of several photos or candidates; 0 as many as fit a GPU. With 1 a seed gives the same
    file whatever is painted beside it, with more the same but for rounding."""


class BackgroundSection(TypedDict, total=False):
    background: str
    """A picture's file, a colour as #rrggbb, or white: what the subject is put before. Else the scene is generated, and
    a ghost hangs before white."""


class GhostSection(TypedDict, total=False):
    back: str | Path | None
    """A second photo, of the inside of the garment's back: its collar is shown in the neck, behind the front."""


class InpaintSection(TypedDict, total=False):
    mask: str | Path | None
    """A picture of the photo's size: what is white there is generated anew, what is black is kept."""
    mask_white: Literal["auto", "generate", "keep"]
    """What white means in --mask; auto takes it for what is generated, and asks where that is nearly everything."""
    box: str | None
    """The region as x0,y0,x1,y1 in pixels, end exclusive."""
    point: str | None
    """Selects the thing under x,y, such as a clip, a label or a stain."""


class OutpaintSection(TypedDict, total=False):
    left: str
    """Pixels to grow by to the left, or a share of the photo's width, as 10%."""
    right: str
    """Growth to the right."""
    top: str
    """Growth upwards, in pixels or as a share of the photo's height."""
    bottom: str
    """Growth downwards."""


class FillSection(TypedDict, total=False):
    fill: Literal["auto", "classical", "model"]
    """What paints a region or a border: classical copies the surroundings, model imagines; auto takes classical for the
    embedded model where nothing was asked for in words."""


class UpscaleSection(TypedDict, total=False):
    upscaler: Literal["auto", "lanczos", "learned"]
    """How the plate is brought to canvas size; auto takes learned when its weights are given."""
    upscale_weights: str | Path | None
    """A super-resolution model's file (.safetensors or .pth) that spandrel reads."""


class BlendSection(TypedDict, total=False):
    match_light: float
    """How far the generated side's light follows the garment's near the outline."""
    shadow: float
    """Depth of the contact shadow that the garment casts on the generated side."""
    grain: float
    """Grain of the generated side, as a multiple of the photo's own."""


class VerifySection(TypedDict, total=False):
    max_seam: float
    """Seams above this are warned of."""
    max_halo: float
    """Halos above this are warned of."""
    max_expansion: float
    """Growth of the garment above this share of its area is warned of."""


class ProvenanceSection(TypedDict, total=False):
    c2pa: bool
    """Sign picture and export with C2PA content credentials (extra c2pa); left out, the receipt says so."""
    sign_cert: str | Path | None
    """Your certificate chain, PEM, the signer's own first; else ONMODEL_SIGN_CERT, else a self-made development one."""
    sign_key: str | None
    """Its key: a PEM file, or pkcs11:token=NAME;object=KEY (extra pkcs11); else ONMODEL_SIGN_KEY."""
    timestamp: str | None
    """Address of an RFC 3161 timestamp authority that is asked for each picture; none is by default."""
    watermark: bool
    """Mark what a model generated imperceptibly, never a pixel of the photo; left out, the receipt says so."""
    label: bool
    """Write the disclosure visibly on the extra export (--format jpg or webp), never on the master."""
    disclosure: str
    """Your own words of disclosure for receipt, report and label; otherwise ones that fit the task."""


class WriteSection(TypedDict, total=False):
    format: Literal["png", "jpg", "webp"]
    """jpg and webp write an extra export in sRGB beside the PNG master."""
    quality: int
    """Quality of the extra export."""
    digital_source_type: Literal["compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"]
    """IPTC digital source type that marks the picture as partly generated."""
    layers: bool
    """Also write the picture as layers for a retoucher: plate, shadow and garment in OpenRaster (.ora)."""


class CutOptions(SegmentSection, total=False):
    pass


class GenerateOptions(NamedFiles, SegmentSection, PlaceSection, PoseSection, FigureSection, GenerateSection, UpscaleSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    pass


class BackgroundOptions(NamedFiles, BackgroundSection, SegmentSection, GenerateSection, UpscaleSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    pass


class InpaintOptions(NamedFiles, InpaintSection, FillSection, GenerateSection, UpscaleSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    pass


class OutpaintOptions(NamedFiles, OutpaintSection, FillSection, GenerateSection, UpscaleSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    aspect: str | None
    """Width to height that the frame is grown to, on both sides alike, after the growth above."""


class GhostOptions(NamedFiles, GhostSection, BackgroundSection, SegmentSection, PlaceSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    pass


class AnyOptions(NamedFiles, PhotoSection, SegmentSection, PlaceSection, PoseSection, StanceSection, FigureSection, GenerateSection, BackgroundSection, GhostSection, InpaintSection, OutpaintSection, FillSection, UpscaleSection, BlendSection, VerifySection, ProvenanceSection, WriteSection, total=False):
    task: Task
