"""How the service is run. Imports pydantic and the standard library alone, so that `onmodel --help` stays quick."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from stages.options import Options


class ServeOptions(Options):
    """What is listened to, what is refused, and what is kept."""

    host: str = "127.0.0.1"
    """Address to listen at. Beyond this machine, keys are asked for."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    """Port to listen at; 0 takes a free one."""
    folder: Path | None = None
    """Folder of queue, photos and pictures; otherwise one in the user's data folder. A restart goes on with it."""
    keys: Path | None = None
    """File of API keys, a line each: NAME KEY, or NAME sha256:HASH. Who has one sees the jobs of its name alone."""
    rate: Annotated[str, Field(pattern=r"^[1-9]\d{0,6}/(second|minute|hour|day)$")] = "60/minute"
    """Pictures that one key may ask for, such as 60/minute; more are answered with 429."""
    waiting: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Jobs that may wait; further ones are answered with 429."""
    max_mb: Annotated[float, Field(gt=0, le=2000)] = 64
    """Megabytes of one request; larger ones are refused."""
    max_photo_megapixels: Annotated[float, Field(gt=0, le=400)] = 50
    """Megapixels of photos and pictures; larger ones are refused."""
    max_steps: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Denoising steps of one picture, all candidates and further seeds together."""
    keep_hours: Annotated[float, Field(ge=0)] = 24
    """Hours after which ended jobs, their photos and pictures go; 0 keeps them."""
    stop_seconds: Annotated[float, Field(ge=0, le=86400)] = 30
    """Seconds that pictures under way are given to end when the service is stopped; the next start makes the others."""
