"""How a collection is run. Imports pydantic and the standard library alone, so that `onmodel --help` stays quick."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from stages.options import Options


class RunOptions(Options):
    """How rows are run; what is run stands in the manifest."""

    defaults: Path | None = None
    """YAML file of defaults and matrix; by default the manifest's name with .defaults.yaml, if it exists."""
    allow_outside: bool = False
    """Allow the manifest to name URLs and files outside its own folder."""
    allow_private: bool = False
    """Allow URLs that lead to this machine or its network: loopback, link-local and private addresses."""
    engine: Literal["local", "ray"] = "local"
    """local: this machine. ray: a Ray cluster, or one that is started here."""
    devices: str = "auto"
    """Devices of the local engine, such as cuda:0,cuda:1: one process each. auto takes every GPU of several; own, and
    auto otherwise, is one worker in this process on the device that each row's options say."""
    address: str | None = None
    """Address of a running Ray cluster; by default one is started here."""
    workers: Annotated[int, Field(ge=0, le=10000)] = 0
    """Actors of the ray engine; 0 means one per GPU in the cluster, or one without GPUs."""
    ahead: Annotated[int, Field(ge=1, le=16)] = 3
    """Rows that a worker handles at a time: one generates while others are read, cut, finished and written."""
    retry_failed: bool = False
    """Rerun rows whose record says error or failed."""
    rejected: Path | None = None
    """Marks saved from report.html: pictures rejected there are made again with another seed."""
    cache: Path | None = None
    """Folder of the stage cache; defaults to the user's cache folder."""
    cache_gb: Annotated[float, Field(ge=0)] = 4
    """Size limit of the stage cache in GB; 0 disables it."""
    shard: Annotated[str, Field(pattern=r"^[1-9]\d{0,4}/[1-9]\d{0,4}$")] = "1/1"
    """Run only this part of the rows, such as 3/100; all rows of a photo fall into the same part."""
    cost_per_hour: Annotated[float, Field(ge=0)] = 0
    """Hourly price of all workers together, for the cost per picture in the report."""
    layout: Literal["review", "lookbook"] = "review"
    """review writes report.html, to judge pictures by; lookbook also lookbook.html, to show and to print."""
    by: Literal["casting", "garment"] = "casting"
    """What groups the pictures of a lookbook."""
    contact_sheet: bool = False
    """Also write contact-sheet.pdf, A4, and contact-sheet.jpg: all pictures small, with their names."""
