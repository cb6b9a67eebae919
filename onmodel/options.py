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
    """What finds the garment. auto takes the first of sam3, sam2, mobile_sam and sam whose weights are installed,
    otherwise the embedded finder."""
    garment: Literal["auto", "top", "bottom", "skirt", "dress", "outerwear", "swim", "shoes", "hat", "bag", "necklace", "scarf", "belt", "earrings", "glasses", "watch", "ring"]
    """The kind of garment; auto infers it from the shape. Accessories need a garment to go with: see --with."""
    sam_model: Literal["vit_b", "vit_l", "vit_h"]
    """Model size of segment-anything."""
    sam_weights: str | Path | None
    """A checkpoint of segment-anything (.pth) or MobileSAM (.pt); defaults to the one fetched earlier, if any."""
    sam_folder: str | None
    """A folder or Hub id of SAM 2.1 or SAM 3 in transformers layout; defaults to the published one."""
    sam_revision: str | None
    """Hub revision of SAM 2.1 or SAM 3."""
    onnx_weights: str | Path | None
    """A salient-object network in one of rembg's formats, for the segmenter onnx: isnet-general-use.onnx, u2net.onnx,
    birefnet-general.onnx."""
    fetch_sam: bool
    """Download SAM's weights if they are missing."""
    allow_unknown_weights: bool
    """Load checkpoints even if their SHA-256 matches no published one."""
    matting: Literal["auto", "closed-form", "vitmatte"]
    """How the soft edge is computed: closed-form matting in a band along the outline, or ViTMatte; auto uses vitmatte
    on busy backdrops if its weights are installed."""
    sheer: Literal["auto", "opaque", "blend"]
    """Sheer cloth and lace: auto blends cloth that certainly shows the backdrop into the new scene, blend also cloth
    that might; opaque keeps every pixel as it is."""
    vitmatte_folder: str | None
    """A folder or Hub id of ViTMatte in transformers layout; defaults to the published one."""
    matte: str | Path | None
    """Your own matte, the same size as the photo: white is garment, black is not, grey is the soft edge."""
    alpha: Literal["auto", "cut-out", "decoration"]
    """What transparency in the photo means: the garment's outline, or decoration such as rounded corners, which is
    ignored; auto decides by which parts are transparent."""
    garment_box: str | None
    """x0,y0,x1,y1 in photo pixels: nothing outside this box is garment."""
    garment_text: str
    """A description of the garment, such as "red dress", for segmenters that take text (sam3)."""
    garment_point: Sequence[str]
    """x,y in photo pixels, on a part of the garment that was missed; repeatable."""
    not_point: Sequence[str]
    """x,y in photo pixels, on something that is not garment (hanger, clip, mannequin, label); repeatable."""
    landmark: Sequence[str]
    """name=x,y in photo pixels, such as left_cuff=812,640: where a landmark of the garment is, by which the body is
    fitted into it; repeatable. By default landmarks are read from the outline."""
    strict: bool
    """Stop with exit code 10 when the cut-out may be wrong; by default the run continues and warns."""
    keep_collar: bool
    """Keep the inner back collar that shows through the neck opening. By default it is generated, as a neck hides
    it."""
    category_confidence: float
    """Below this confidence the run warns that it guessed the category and asks for --garment."""


class PlaceSection(TypedDict, total=False):
    framing: Literal["auto", "full", "three-quarter", "half", "lower"]
    """How much of the person is in the frame: auto shows tops to mid-thigh and everything else head to toe; lower, for
    trousers and skirts, crops the head: chest to feet."""
    size: str
    """Output size as WIDTHxHEIGHT, for which the garment is resampled once; auto keeps the photo's own pixels."""
    aspect: str
    """Aspect ratio of the canvas, width:height."""
    margin: float
    """Free space around person and garment, as a fraction of the canvas's height and width."""


class OutfitSection(TypedDict, total=False):
    order: str
    """Layer order of an outfit: kinds separated by commas, innermost first; those left out keep their usual place.
    `tucked` stands for top,bottom and top,skirt."""
    measured: Mapping[str, Any]
    """A known length in the first photo, such as shoulder_cm=42 or px_per_cm=9, for other photos that are scaled in
    centimetres; defaults to the casting's height."""


class PoseSection(TypedDict, total=False):
    pose: str
    """auto fits arms and legs to the garment; otherwise the name of a pose (onmodel list poses) or a skeleton's JSON
    file. detect uses the pose of the person in a worn photo; photo:FILE adapts the pose in another photo."""
    view: Literal["front", "back"]
    """Whether the garment is seen from the front or from the back."""
    pose_detector: Literal["auto", "dwpose", "openpose"]
    """The pose detector; auto takes the one whose weights are installed. OpenPose is for non-commercial use."""
    pose_weights: str | Path | None
    """The detector's checkpoint, dw-ll_ucoco_384.onnx or body_pose_model.pth; defaults to the one fetched earlier."""


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
    """How the body fitted into the garment is used: draw renders it into the picture, guide shows its depth and pose to
    the model that paints the person, off uses only the skeleton. auto draws for the embedded model and guides
    others."""
    figure_start: float
    """For guided models: how much of the drawn figure remains in the noise they start from; 0 is none."""
    likeness: Literal["references", "portrait"]
    """What keeps the person consistent with a guided model: the casting's reference pictures or, where it has none, a
    drawn portrait; both need what `models pull --references` downloads."""
    size_of_model: Literal["XS", "S", "M", "L", "XL", "2XL", "3XL", "4XL"] | None
    """Size of the person's body by EN 13402-3, in place of the casting's own. The garment stays as photographed; a body
    that it cannot hold becomes the largest that it can, and the run says so."""


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
    """Pictures generated with consecutive seeds; the one with the fewest measured faults is kept."""
    reseed: int
    """Additional seeds to try while the picture exceeds a quality limit; the best is kept and the receipt says so."""
    steps: int
    """Denoising steps."""
    guidance: float
    """Classifier-free guidance scale."""
    strength: float
    """Fraction of the noise schedule to run."""
    control_scale: float
    """Weight of the pose ControlNet."""
    device: str
    """auto, cpu, cuda, cuda:N or mps."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"]
    """Precision of the model; auto depends on the device."""
    batch: int
    """Pictures per model call, across photos and candidates; 0 fits as many as the GPU holds. With 1, a seed always
    gives the same file; with more, results differ by rounding."""


class BackgroundSection(TypedDict, total=False):
    background: str
    """A picture file, a colour such as #rrggbb, or white, to put behind the subject; by default the scene is generated,
    and a ghost is put on white."""


class GhostSection(TypedDict, total=False):
    back: str | Path | None
    """A second photo, of the inside of the garment's back: its collar is shown in the neck, behind the front."""


class InpaintSection(TypedDict, total=False):
    mask: str | Path | None
    """A mask the same size as the photo: white is repainted, black is kept."""
    mask_white: Literal["auto", "generate", "keep"]
    """What white means in --mask; auto takes it as what to repaint, and asks if that is nearly everything."""
    box: str | None
    """The region as x0,y0,x1,y1 in pixels, end exclusive."""
    point: str | None
    """Selects the thing under x,y, such as a clip, a label or a stain."""


class OutpaintSection(TypedDict, total=False):
    left: str
    """Growth to the left, in pixels or as a share of the photo's width, such as 10%."""
    right: str
    """Growth to the right."""
    top: str
    """Growth upwards, in pixels or as a share of the photo's height."""
    bottom: str
    """Growth downwards."""


class FillSection(TypedDict, total=False):
    fill: Literal["auto", "classical", "model"]
    """What fills a region or a border: classical copies the surroundings, model paints with diffusion; auto uses
    classical with the embedded model unless there is a prompt."""


class UpscaleSection(TypedDict, total=False):
    upscaler: Literal["auto", "lanczos", "learned"]
    """How the generated picture is enlarged to canvas size; auto uses learned when its weights are given."""
    upscale_weights: str | Path | None
    """Weights of a super-resolution model (.safetensors or .pth) that spandrel can load."""


class BlendSection(TypedDict, total=False):
    match_light: float
    """How strongly the generated side's light follows the garment's along the outline."""
    match_colour: float
    """How strongly the generated side takes on the colour of the photo's light, told by a plain, greyish backdrop."""
    shadow: float
    """Depth of the contact shadow that the garment casts on the generated side."""
    grain: float
    """Grain of the generated side, as a multiple of the photo's own."""


class VerifySection(TypedDict, total=False):
    max_seam: float
    """Warn about seams above this."""
    max_halo: float
    """Warn about halos above this."""
    max_expansion: float
    """Warn when the garment grows by more than this share of its area."""


class ProvenanceSection(TypedDict, total=False):
    c2pa: bool
    """Sign the picture and its export with C2PA content credentials (extra c2pa); the receipt says if they are off."""
    sign_cert: str | Path | None
    """Your certificate chain (PEM, leaf first); defaults to ONMODEL_SIGN_CERT, then to a self-signed development
    one."""
    sign_key: str | None
    """Its private key: a PEM file, or pkcs11:token=NAME;object=KEY (extra pkcs11); defaults to ONMODEL_SIGN_KEY."""
    timestamp: str | None
    """URL of an RFC 3161 timestamp authority to contact for each picture; none by default."""
    watermark: bool
    """Watermark generated pixels imperceptibly, never those of the photo; the receipt says if it is off."""
    label: bool
    """Print the disclosure on the extra export (--format jpg or webp), never on the master."""
    disclosure: str
    """Your wording of the disclosure in receipt, report and label; by default it fits the task."""


class WriteSection(TypedDict, total=False):
    format: Literal["png", "jpg", "webp"]
    """Write an additional JPEG or WebP export in sRGB next to the PNG master."""
    quality: int
    """Quality of the extra export."""
    digital_source_type: Literal["compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"]
    """IPTC digital source type that declares the picture partly generated."""
    channel: str
    """Shops and platforms to write a file for beside the master, with commas between: amazon,instagram."""
    caption: str
    """Your own words for what the picture shows: caption and alt text in receipt and metadata; otherwise they are made
    from garment, casting and scene."""
    layers: bool
    """Also write the picture in layers for retouching: plate, shadow and garment, as OpenRaster (.ora)."""


class CutOptions(SegmentSection, total=False):
    pass


class GenerateOptions(NamedFiles, SegmentSection, PlaceSection, OutfitSection, PoseSection, FigureSection, GenerateSection, UpscaleSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    pass


class BackgroundOptions(NamedFiles, BackgroundSection, SegmentSection, GenerateSection, UpscaleSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    pass


class InpaintOptions(NamedFiles, InpaintSection, FillSection, GenerateSection, UpscaleSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    pass


class OutpaintOptions(NamedFiles, OutpaintSection, FillSection, GenerateSection, UpscaleSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    aspect: str | None
    """Aspect ratio to grow the frame to, equally on both sides, after the growth above."""


class GhostOptions(NamedFiles, GhostSection, BackgroundSection, SegmentSection, PlaceSection, BlendSection, ProvenanceSection, WriteSection, total=False):
    pass


class AnyOptions(NamedFiles, PhotoSection, SegmentSection, PlaceSection, OutfitSection, PoseSection, StanceSection, FigureSection, GenerateSection, BackgroundSection, GhostSection, InpaintSection, OutpaintSection, FillSection, UpscaleSection, BlendSection, VerifySection, ProvenanceSection, WriteSection, total=False):
    task: Task
