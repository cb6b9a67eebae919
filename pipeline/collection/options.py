"""How a collection is run. Imports pydantic and the standard library alone, so that `onmodel --help` stays quick."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from stages.options import Options


class RunOptions(Options):
    """How rows are run; what is run stands in the manifest."""

    defaults: Path | None = None
    """YAML file of defaults and matrix; otherwise the manifest's name with .defaults.yaml, if there is one."""
    allow_outside: bool = False
    """Let the manifest name files outside its own folder, and URLs."""
    allow_private: bool = False
    """Let URLs lead to this machine and its network: loopback, link-local and private addresses."""
    engine: Literal["local", "ray"] = "local"
    """local: this machine. ray: a Ray cluster, or one that is started here."""
    devices: str = "auto"
    """Devices of the local engine, such as cuda:0,cuda:1: one process each. auto takes every GPU of several; own, and
    auto otherwise, is one worker in this process on the device that each row's options say."""
    address: str | None = None
    """Address of a Ray cluster that runs already; otherwise one is started here."""
    workers: Annotated[int, Field(ge=0, le=10000)] = 0
    """Actors of the ray engine; 0 is one per GPU of the cluster, or one without GPUs."""
    ahead: Annotated[int, Field(ge=1, le=16)] = 3
    """Rows that a worker has in hand: one generates while others are read, cut, finished and written."""
    retry_failed: bool = False
    """Run rows again whose record says error or failed."""
    rejected: Path | None = None
    """File of marks saved from report.html: the pictures rejected in it are made again with another seed."""
    cache: Path | None = None
    """Folder of the stage cache; otherwise the user's cache folder."""
    cache_gb: Annotated[float, Field(ge=0)] = 4
    """Size limit of the stage cache in GB; 0 switches it off."""
    shard: Annotated[str, Field(pattern=r"^[1-9]\d{0,4}/[1-9]\d{0,4}$")] = "1/1"
    """Run only this part of the rows, such as 3/100; all rows of one photo fall into one part."""
    cost_per_hour: Annotated[float, Field(ge=0)] = 0
    """Price of an hour of all workers together, for the cost per picture in the report."""
