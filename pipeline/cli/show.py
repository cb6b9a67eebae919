"""`onmodel config show`: every option's value, and so where a run would start from."""

from typing import Any

from pipeline.cli.flags import with_options
from pipeline.cli.shared import CastingName, ConfigFile, FromReceipt, Json, Preset, SceneName


@with_options("segment", "place", "pose", "generate", "upscale", "blend", "write")
def show(
    preset: Preset = None,
    casting: CastingName = None,
    scene: SceneName = None,
    config_file: ConfigFile = None,
    from_receipt: FromReceipt = None,
    as_json: Json = False,
    *,
    options: dict[str, dict[str, Any]],
) -> None:
    """Print the resolved options as YAML that --config takes back."""
    import typer
    import yaml

    from pipeline import config as configs

    named = {key: value for key, value in {"casting": casting, "scene": scene}.items() if value}
    base = configs.from_receipt(from_receipt) if from_receipt else None
    config = configs.resolve(preset, config_file, {**options, **named}, base)
    content = (
        config.model_dump_json(indent=1) if as_json else yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
    )
    typer.echo(content.rstrip())
