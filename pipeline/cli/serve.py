"""`onmodel serve`: pictures over HTTP."""

import os
from typing import Any

from pydantic import ValidationError

from pipeline.cli.flags import with_options
from pipeline.cli.shared import OptionValues, Settings
from pipeline.collection.options import RunOptions
from pipeline.service.options import ServeOptions
from stages.errors import ConfigError

SECTIONS = ("segment", "place", "pose", "figure", "generate", "upscale", "blend", "provenance", "write")
# Of a collection alone, or of one picture.
_UNUSED = (
    "defaults allow_outside retry_failed rejected shard cost_per_hour from_receipt matte garment_box garment_point "
    "not_point"
)


@with_options(*SECTIONS, serve=ServeOptions, run=RunOptions, without=_UNUSED)
def serve(settings: Settings, options: OptionValues) -> None:
    """Serve pictures over HTTP (extra serve). Flags set the defaults of requests; see docs/http.md."""
    from pipeline.service import start

    asked = checked(ServeOptions, options.pop("serve", {}))
    run = checked(RunOptions, options.pop("run", {}))
    if not start.serve(asked, run, start.base(settings.preset, settings.config_file, named(settings, options), asked)):
        os._exit(0)  # threads still paint; what they paint lies in the queue, and is begun again by the next server


def named(settings: Settings, options: OptionValues) -> dict[str, Any]:
    """Adds casting and scene to the flags."""
    more = {key: value for key, value in {"casting": settings.casting, "scene": settings.scene}.items() if value}
    return {**options, **more}


def checked(kind: Any, given: dict[str, Any]) -> Any:
    """Validates a section's options. Raises ConfigError."""
    from pipeline.config import worded

    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise ConfigError(worded(error)[0]) from error
