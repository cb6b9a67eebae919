"""What may be asked for over HTTP: made from the option classes, so that each option is still written once."""

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError, WithJsonSchema, create_model

from pipeline import config as configs
from pipeline.collection import keys
from pipeline.config import Config
from stages.casting import Casting, Scene
from stages.errors import ConfigError
from stages.options import Options, Task

#: Sections whose options may be set, in the order of the flow.
SECTIONS = (
    "segment", "place", "outfit", "pose", "figure", "background", "ghost", "inpaint", "outpaint", "fill", "generate",
    "upscale",
    "blend", "provenance", "write",
)  # fmt: skip
#: Options that hold a file: over HTTP it is sent along, as a part of that name.
FILES = {"matte": ("segment", "matte"), "mask": ("inpaint", "mask"), "background": ("background", "background"),
         "back": ("ghost", "back"), "pose": ("pose", "pose")}  # fmt: skip
#: The option that holds further photos: any number of files, sent along as parts of that name.
FURTHER = "with"
#: Of a casting, what names files of the server.
_CASTING_FILES = {"references", "consent"}
#: What counts as an address that a photo is fetched from.
URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[!-~]{1,2000}$"


@dataclass(frozen=True, slots=True)
class Base:
    """Defaults set by the operator; the options of a request override them."""

    preset: str | None = None
    file: Path | None = None
    flags: dict[str, Any] = field(default_factory=dict)
    max_steps: int = 1000
    max_megapixels: float = 400

    def config(self, options: Mapping[str, Any]) -> Config:
        """Returns the whole configuration of a picture. Raises ConfigError with what is wrong."""
        given = dict(options)
        preset = given.pop("preset", None) or self.preset
        config = configs.resolve(preset, self.file, configs.merge(self.flags, given))
        generate = config.generate
        steps = generate.steps * (generate.candidates + generate.reseed)
        if steps > self.max_steps:
            raise ConfigError(
                f"steps x (candidates + reseed) is {steps}, more than the {self.max_steps} that this service allows"
            )
        limit = {"max_megapixels": self.max_megapixels}
        return config.model_copy(
            update={"photo": config.photo.model_copy(update=limit), "place": config.place.model_copy(update=limit)}
        )


def offered(section: str) -> dict[str, Any]:
    """Selects a section's fields that clients may set: none reserved to the operator, none that names a file."""
    kind = keys.sections()[section]
    found = {}
    for name, option in kind.model_fields.items():
        extra = option.json_schema_extra if isinstance(option.json_schema_extra, dict) else {}
        if name not in (*FILES, FURTHER) and not extra.get("file_only") and not extra.get("local_only"):
            if Path in _parts(option.annotation):
                raise TypeError(f"{section}.{name} names a file: mark it as LOCAL_ONLY, or have it sent along (FILES)")
            found[name] = (option.annotation, copy(option))
    return found


def _parts(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _inline(kind: type[Options], without: set[str]) -> type[Options]:
    """Derives an option class without the fields that name files of the server."""
    fields: dict[str, Any] = {
        name: (each.annotation, copy(each)) for name, each in kind.model_fields.items() if name not in without
    }
    return create_model(f"{kind.__name__}Options", __base__=Options, __doc__=kind.__doc__, **fields)


def named(kind: str, more: tuple[str, ...] = ()) -> Any:
    """Builds the type of a name in configs/. Paths are excluded, so that no file of the server is read."""
    return Literal[(*more, *configs.names(kind))]


def heads() -> dict[str, Any]:
    """Builds the fields that name a file of configs/, or hold its content."""
    return {
        "preset": (
            named("presets", ("auto",)) | None,
            Field(None, description="Which models with which settings."),
        ),
        "casting": (
            named("castings") | _inline(Casting, _CASTING_FILES) | None,
            Field(None, description="Who the model is: a name, or what a casting file says."),
        ),
        "scene": (
            named("scenes") | _inline(Scene, set()) | None,
            Field(None, description="Where the picture is taken: a name, or what a scene file says."),
        ),
        "pose": (
            named("poses", ("auto", "detect")),
            Field("auto", description="auto, detect, or the name of a pose; a skeleton is sent along as a file."),
        ),
    }


def model() -> type[Options]:
    """Builds the class that validates a request's options."""
    head: dict[str, Any] = {
        **heads(),
        "task": (
            Task,
            Field("generate", description="What is made: generate, background, inpaint, outpaint or ghost."),
        ),
        "background": (
            Annotated[str, Field(pattern=r"^(white|#[0-9a-fA-F]{6})?$")],
            Field("", description="white or #rrggbb; a picture is sent along as a file. Else the scene is generated."),
        ),
        FURTHER: (
            tuple[Annotated[str, Field(max_length=2200)], ...],
            Field(
                (),
                max_length=12,
                description="Further garments and accessories of an outfit: the address of each photo, or the name of "
                "a file sent along as another part `with`, then what is told of it: trousers.jpg scale=1.12",
            ),
        ),
        "photo": (
            Annotated[str, Field(pattern=URL)] | None,
            Field(None, description="Address of the photo, http or https; or it is sent along as a file."),
        ),
        "webhook": (
            Annotated[str, Field(pattern=URL)] | None,
            Field(None, description="Address that is told, signed, when the picture is done."),
        ),
    }
    fields = {name: each for section in SECTIONS for name, each in offered(section).items()}
    return create_model("PictureOptions", __base__=Options, **{**fields, **head})


def multipart(options: type[Options]) -> type[Options]:
    """Builds the class that describes a multipart request: the same options, plus the files that may be uploaded."""
    binary = Annotated[str, WithJsonSchema({"type": "string", "format": "binary"})]
    told = {
        "photo": "The photo, as a file or as its address.",
        "matte": "Your own matte, of the photo's size: white is garment.",
        "mask": "For inpaint: what is white is generated anew.",
        "background": "For background and ghost: a picture as a file, or white or #rrggbb.",
        "back": "For ghost: a photo of the inside of the garment's back, shown in the neck.",
        "pose": "A skeleton's JSON file, or auto, detect, or the name of a pose.",
    }
    fields: dict[str, Any] = {}
    for name, words in told.items():
        own = options.model_fields[name].annotation if name in options.model_fields else None
        fields[name] = (binary | own | None if own else binary | None, Field(None, description=words))
    if FURTHER in options.model_fields:
        about = f"{options.model_fields[FURTHER].description}; or the photo's file itself."
        fields[FURTHER] = (tuple[binary | str, ...], Field((), description=about))
    return create_model("PictureForm", __base__=options, **fields)


def form_schema(form: type[Options], ref_template: str) -> dict[str, Any]:
    """Builds the JSON schema of a form. Forms have no null: a field that is left out takes its place."""
    schema: dict[str, Any] = json.loads(json.dumps(form.model_json_schema(ref_template=ref_template)))
    for part in schema["properties"].values():
        kinds = [each for each in part.pop("anyOf", []) if each != {"type": "null"}]
        part.update(kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})
        if part.get("default", "") is None:
            del part["default"]
    return schema


def checked(kind: type[Options], given: Mapping[str, Any]) -> dict[str, Any]:
    """Validates options; returns those that were set, in JSON types. Raises ConfigError with everything wrong."""
    try:
        return kind.model_validate(given).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        raise ConfigError("; ".join(_worded(error))[:2000]) from error


def _worded(error: ValidationError) -> list[str]:
    """Returns what is wrong with each option, once: of several types that it may have, the one that was meant."""
    found: dict[str, str] = {}
    for each in error.errors():
        option, *rest = (str(part) for part in each["loc"])
        inner = [part for part in rest if "[" not in part and not part.endswith("Options")]
        given = f" (got {str(each['input'])[:100]!r})"
        other = "literal_error" if isinstance(each["input"], dict) else "model_type"
        if each["type"] != other:
            found.setdefault(".".join([option, *inner]), each["msg"].removeprefix("Value error, ") + given)
    return [f"{name}: {words}" for name, words in found.items()]


def of_form(kind: type[Options], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Converts a form's fields to options: repeatable ones become lists, what looks like a JSON object is parsed.

    Raises ConfigError for a field that is given twice and takes one value.
    """
    out: dict[str, Any] = {}
    for name, value in pairs:
        known = kind.model_fields.get(name)
        if known is not None and get_origin(known.annotation) is tuple:
            out.setdefault(name, []).append(value)
        elif name in out:
            raise ConfigError(f"{name} is given twice, and takes one value")
        else:
            out[name] = _read(name, value) if known is not None and _takes_objects(known.annotation) else value
    return out


def _takes_objects(annotation: Any) -> bool:
    kinds = (annotation, *get_args(annotation))
    return any(isinstance(each, type) and issubclass(each, BaseModel) for each in kinds)


def _read(name: str, value: str) -> Any:
    if value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{name} is not valid JSON: {error}") from error
    return value
