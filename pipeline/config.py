"""From defaults, a preset, a file and flags to one checked `Config`."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline import yamls
from stages.casting import Casting, Pose, Scene
from stages.errors import ConfigError
from stages.options import (
    BackgroundOptions,
    BlendOptions,
    FigureOptions,
    FillOptions,
    GenerateOptions,
    GhostOptions,
    InpaintOptions,
    Options,
    OutpaintOptions,
    PhotoOptions,
    PlaceOptions,
    PoseOptions,
    ProvenanceOptions,
    SegmentOptions,
    Task,
    UpscaleOptions,
    VerifyOptions,
    WriteOptions,
)
from stages.outfit.options import OutfitOptions
from stages.reading import contents, is_file

#: The preset that stands for the best one that this machine can run; `pipeline.choice` decides.
AUTO = "auto"
#: Folders of configs/ whose files are named by a key of the same meaning.
NAMED = {"casting": "castings", "scene": "scenes"}


class Config(Options):
    """All options of one run, by stage. The receipt holds it, so that a run can be repeated."""

    preset: str = "house"
    chosen: str = ""
    """Why `auto` took this preset; empty where it was asked for."""
    task: Task = "generate"
    """What is kept: a garment, a whole subject, all but a region, the whole photo, or a garment that nobody wears."""
    casting: Casting = Casting()
    scene: Scene = Scene()
    photo: PhotoOptions = PhotoOptions()
    segment: SegmentOptions = SegmentOptions()
    place: PlaceOptions = PlaceOptions()
    outfit: OutfitOptions = OutfitOptions()
    pose: PoseOptions = PoseOptions()
    stance: Pose = Pose()
    """What the name or file in `pose.pose` says; taken from there."""
    figure: FigureOptions = FigureOptions()
    generate: GenerateOptions = GenerateOptions()
    background: BackgroundOptions = BackgroundOptions()
    ghost: GhostOptions = GhostOptions()
    inpaint: InpaintOptions = InpaintOptions()
    outpaint: OutpaintOptions = OutpaintOptions()
    fill: FillOptions = FillOptions()
    upscale: UpscaleOptions = UpscaleOptions()
    blend: BlendOptions = BlendOptions()
    verify: VerifyOptions = VerifyOptions()
    provenance: ProvenanceOptions = ProvenanceOptions()
    write: WriteOptions = WriteOptions()

    @property
    def draws(self) -> bool:
        """Whether the figure is drawn into the picture, rather than told to a model that paints the person."""
        wanted = self.figure.figure
        return wanted == "draw" or (wanted == "auto" and self.generate.model == "house")

    @property
    def shows_figure(self) -> bool:
        """Whether the figure's picture is seen: by people, or by a model that starts from it or is shown it."""
        return self.draws or self.figure.figure_start > 0 or self.generate.shown == "figure"


def home() -> Path:
    """Returns the folder of presets, castings, scenes and poses, in a checkout and in a wheel alike."""
    here = Path(__file__).parent
    return here / "configs" if (here / "configs").is_dir() else here.parent / "configs"


def names(kind: str) -> list[str]:
    """Lists the names of one kind: presets, castings, scenes or poses. `auto` is not a preset of its own."""
    folder = home() if kind == "presets" else home() / kind
    return sorted(path.stem for path in folder.glob("*.yaml") if path.stem != AUTO)


def portrait(casting: str) -> Path:
    """Path of the portrait of one of the package's castings, a JPEG that need not exist."""
    return home() / "castings" / "portraits" / f"{casting}.jpg"


def scenery(scene: str) -> Path:
    """Path of the picture of one of the package's scenes, a JPEG that need not exist."""
    return home() / "scenes" / "pictures" / f"{scene}.jpg"


def read(path: Path) -> dict[str, Any]:
    """Reads one YAML mapping. Raises ConfigError when it is missing, broken or not a mapping."""
    try:
        content, _ = yamls.load(contents(path), str(path))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path} must hold keys and values, such as `generate: {{steps: 20}}`")
    return content


def find(kind: str, name: str) -> Path:
    """Returns the file of a name or path. Raises ConfigError, with the known names, when there is none."""
    own = Path(name := str(name))  # YAML takes `preset: 15` for a number
    if own.suffix in {".yaml", ".yml"}:
        if is_file(own):
            return own
        raise ConfigError(f"{name} does not exist")
    if name in names(kind):
        return (home() if kind == "presets" else home() / kind) / f"{name}.yaml"
    raise ConfigError(
        f"no {kind.removesuffix('s')} is named {name!r}: choose {', '.join(names(kind))}"
        f"{'' if kind == 'channels' else ', or give a YAML file'}"
    )


def resolve(
    preset: str | None = None,
    file: Path | None = None,
    flags: dict[str, Any] | None = None,
    base: dict[str, Any] | None = None,
) -> Config:
    """Merges defaults < preset < file < flags into a checked Config.

    `base` is the config of an earlier run's receipt: it takes the preset's place. A preset named in the file counts
    when none is given. Raises ConfigError that names the key of the first fault.
    """
    given = read(file) if file else {}
    asked = preset or given.pop("preset", None)
    given.pop("preset", None)
    if base is not None and asked is None:
        layers = dict(base)
    else:
        asked, why = _chosen() if asked in (None, AUTO) else (asked, "")
        layers = merge(dict(base or {}), {**read(find("presets", asked)), "preset": asked, "chosen": why})
    layers = merge(merge(layers, given), flags or {})
    name, before = _pose(layers, "auto"), _pose(base or {}, None)
    if isinstance(name, str) and ("stance" not in layers or name != before):  # what else it is, is told below
        layers["stance"] = stance(name)
    for key, kind in NAMED.items():
        if isinstance(layers.get(key), str):
            layers[key] = _named(find(kind, layers[key]))
    try:
        config = Config.model_validate(layers)
    except ValidationError as error:
        raise ConfigError(worded(error)[0]) from error
    size = config.figure.size_of_model
    if size is not None and size != config.casting.size:
        config = config.model_copy(update={"casting": config.casting.model_copy(update={"size": size})})
    for each in config.write.channels:
        find("channels", each)
    if config.task == "generate" and not config.draws and config.figure.figure != "off":
        return config
    # Nobody is guided by depth: its ControlNet would be loaded, and asked, for nothing.
    return config.model_copy(update={"generate": config.generate.model_copy(update={"depth": None})})


def _chosen() -> tuple[str, str]:
    from pipeline import choice

    found = choice.best()
    return found.preset, found.why


def _pose(layers: dict[str, Any], default: str | None) -> Any:
    """Reads `pose.pose` from unchecked options, whatever its type."""
    section = layers.get("pose")
    return section.get("pose", default) if isinstance(section, dict) else default


def worded(error: ValidationError) -> list[str]:
    """Describes each invalid option: key, reason, and the value given."""
    wrong = []
    for each in error.errors():
        reason = each["msg"].removeprefix("Value error, ")
        if each["type"] == "string_pattern_mismatch":
            reason = "not of the form that --help shows"
        wrong.append(f"{'.'.join(str(part) for part in each['loc'])}: {reason} (got {each['input']!r})")
    return wrong


def _named(path: Path) -> dict[str, Any]:
    """Reads a casting or a scene; a casting's references lie beside its file."""
    content = read(path)
    references = content.get("references")
    if isinstance(references, list):
        content["references"] = [str(path.parent / str(each)) for each in references]
    return content


def merge(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    """Lays `high` over `low`, key by key within mappings."""
    merged = dict(low)
    for key, value in high.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def stance(name: str) -> dict[str, Any]:
    """Loads a pose by its name or YAML file. `auto` follows the garment alone; files and photos, themselves.

    A skeleton's file may name, as `pose`, the one that it began from, and a receipt has it: its joints lie on the
    canvas of that.
    """
    if name in {"auto", "detect"} or name.startswith("photo:"):
        return {}
    return _stance_of(Path(name)) if name.endswith(".json") else read(find("poses", name))


def _stance_of(path: Path) -> dict[str, Any]:
    """Returns the pose that a skeleton's file began from; nothing where it says none, or cannot be read."""
    try:
        content = json.loads(contents(path))
    except (OSError, ValueError, RecursionError):  # told where its joints are read
        return {}
    if not isinstance(content, dict):
        return {}
    pose = content.get("pose")
    if isinstance(pose, str) and "people" in content:
        if pose not in names("poses"):  # a file that was sent in names no file of this machine
            raise ConfigError(f"{path.name} names a pose that there is not: {pose!r}")
        return read(find("poses", pose))
    made = content.get("config")
    began = made.get("stance") if isinstance(made, dict) else None
    return began if isinstance(began, dict) else {}


def from_receipt(path: Path) -> dict[str, Any]:
    """Returns the config that a receipt holds. Raises ConfigError when the file is no receipt."""
    try:
        config = json.loads(contents(path))["config"]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path} is not a receipt of onmodel") from error
    if not isinstance(config, dict):
        raise ConfigError(f"{path} is not a receipt of onmodel")
    return config
