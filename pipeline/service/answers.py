"""What the service says of a picture."""

from typing import Any

from pydantic import BaseModel

from pipeline import config as configs
from pipeline.collection.record import Doing
from pipeline.service.jobs import Job, Queue, State
from stages.options import Task

#: What a job that is done has: name below its address, ending of the file, media type.
RESULTS = {
    "picture": (".png", "image/png"),
    "mask": (".mask.png", "image/png"),
    "receipt": (".json", "application/json"),
    "layers": (".ora", "image/openraster"),
    "garments": (".garments.png", "image/png"),
}
#: Files for shops and platforms, by the channel's name.
CHANNELS = {name: (f".{name}.jpg", "image/jpeg") for name in configs.names("channels")}
#: The small picture, and where its faults are worst, below the folder's own folder.
SMALL = {"preview": ".onmodel/{}.after.jpg", "faults": ".onmodel/{}.faults.jpg"}


class Progress(BaseModel):
    """Progress of a picture that is being made."""

    stage: str
    done: int
    total: int
    """Steps of the stage."""


class Picture(BaseModel):
    """A picture that was asked for."""

    id: str
    state: State
    """queued, running; or at its end done, failed (the promise is broken: no picture), error, or cancelled."""
    task: Task
    photo: str
    created: float
    """Seconds since 1970, as the other times."""
    started: float | None
    ended: float | None
    ahead: int | None
    """Jobs that wait before this one, while it waits."""
    progress: Progress | None
    error: str | None
    """What went wrong, and what to do."""
    links: dict[str, str]
    """Addresses of itself, its events, and what there is of picture, mask, receipt, layers, garments, export,
    preview and faults."""


class Pictures(BaseModel):
    """Pictures that were asked for, the newest first."""

    pictures: list[Picture]


def picture(job: Job, queue: Queue, doing: Doing | None = None) -> Picture:
    """Describes a job as the API does."""
    at = f"/v1/pictures/{job.id}"
    links = {"self": at, "events": f"{at}/events"}
    if job.state in ("done", "failed"):
        links["receipt"] = f"{at}/receipt"
    if job.state == "done":
        links |= {name: f"{at}/{name}" for name in ("picture", "mask", "preview", "proof")}
        links |= {name: f"{at}/{name}" for name in _extras(job)}
        if (queue.folder / "pictures" / SMALL["faults"].format(job.id)).is_file():
            links["faults"] = f"{at}/faults"
    return Picture(
        id=job.id,
        state=job.state,
        task=job.options.get("task", "generate"),
        photo=job.name,
        created=job.created,
        started=job.started,
        ended=job.ended,
        ahead=queue.ahead(job) if job.state == "queued" else None,
        progress=Progress(stage=doing.stage, done=doing.done, total=doing.total)
        if doing is not None and job.state == "running"
        else None,
        error=job.error,
        links=links,
    )


def _extras(job: Job) -> list[str]:
    """Returns what else was written: what the job itself asked for; an export of the server's own settings as well."""
    asked: dict[str, Any] = job.options.get("write", {})
    shops = [each.strip() for each in asked.get("channel", "").split(",") if each.strip()]
    return shops + [name for name, wanted in (("layers", asked.get("layers")), ("export", export(job))) if wanted]


def export(job: Job) -> str | None:
    """Returns the ending of the extra export that a job asked for; None without one."""
    form = job.options.get("write", {}).get("format", "png")
    return None if form == "png" else f".{form}"
