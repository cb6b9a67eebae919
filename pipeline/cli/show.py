"""`onmodel config show`: every option's value, and so where a run would start from."""

from pipeline.cli.flags import with_options
from pipeline.cli.shared import Json, OptionValues, Settings


@with_options(
    "segment",
    "place",
    "pose",
    "figure",
    "background",
    "ghost",
    "inpaint",
    "outpaint",
    "fill",
    "generate",
    "upscale",
    "blend",
    "write",
)
def show(settings: Settings, options: OptionValues, as_json: Json = False) -> None:
    """Print the resolved options as YAML that --config accepts."""
    import typer

    from pipeline import yamls

    config = settings.config(options)
    content = config.model_dump_json(indent=1) if as_json else yamls.dump(config.model_dump(mode="json"))
    typer.echo(content.rstrip())
