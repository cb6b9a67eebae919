"""How the service is run. Imports pydantic and the standard library alone, so that `onmodel --help` stays quick."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from stages.options import Options


class ServeOptions(Options):
    """What is listened to, what is refused, and what is kept."""

    host: str = "127.0.0.1"
    """Address to listen on. Beyond this machine, --keys is required."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    """Port to listen on; 0 picks a free one."""
    folder: Path | None = None
    """Folder for queue, photos and pictures; defaults to one in the user's data folder. A restart continues with it."""
    keys: Path | None = None
    """File of API keys, one per line: NAME KEY, or NAME sha256:HASH. Each key sees only the jobs of its name."""
    rate: Annotated[str, Field(pattern=r"^[1-9]\d{0,6}/(second|minute|hour|day)$")] = "60/minute"
    """Pictures that one key may request, such as 60/minute; more are answered with 429."""
    waiting: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Jobs that may wait in the queue; further ones are answered with 429."""
    max_mb: Annotated[float, Field(gt=0, le=2000)] = 64
    """Largest request in megabytes."""
    max_photo_megapixels: Annotated[float, Field(gt=0, le=400)] = 50
    """Largest photo or picture in megapixels."""
    max_steps: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Most denoising steps for one picture, counting all candidates and reseeds."""
    keep_hours: Annotated[float, Field(ge=0)] = 24
    """Hours after which finished jobs, their photos and pictures are deleted; 0 keeps them."""
    stop_seconds: Annotated[float, Field(ge=0, le=86400)] = 30
    """Seconds that pictures in progress get to finish when the service stops; the next start makes the rest."""
