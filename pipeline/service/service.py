"""What the server holds: the queue, what runs it, who may ask; and how a request becomes a job."""

import asyncio
import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import platformdirs
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from pipeline.collection import keys, network
from pipeline.collection.options import RunOptions
from pipeline.collection.worker import Setup
from pipeline.models import Models
from pipeline.service import answers, body, further, request_options, webhooks
from pipeline.service.access import Access, Keys
from pipeline.service.jobs import FullError, Job, Queue
from pipeline.service.metrics import Metrics
from pipeline.service.options import ServeOptions
from pipeline.service.request_options import Base
from pipeline.service.runner import Runner
from stages import photo
from stages.errors import ConfigError
from stages.options import PhotoOptions

#: Endings that kept files may have: decoders go by content, people by name.
ENDINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".avif", ".bmp", ".heic", ".json"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was checked but not yet stored."""

    options: dict[str, Any]
    uploads: dict[str, UploadFile]
    url: str | None
    webhook: str | None
    further: list[UploadFile] = field(default_factory=list)
    indices: list[int | None] = field(default_factory=list)
    """Of each further photo of an outfit, which of those files it is; None for an address."""


class Service:
    """One server's work, without its routes."""

    def __init__(
        self,
        options: ServeOptions,
        run: RunOptions,
        base: Base,
        models: Callable[[], Any] = Models,
        *,
        faults: bool = False,
    ) -> None:
        """Takes up the folder's queue; with `faults` each picture gets a map of its faults.

        Raises ConfigError for wrong keys, OutputError when the folder is no use.
        """
        self.options, self.base = options, base
        network.allow(run.allow_private)
        self.secret = webhooks.secret()
        self.private = run.allow_private
        self.access = Access(Keys(options.keys), options.rate)
        self.queue = Queue(folder(options), options.waiting)
        cache = run.cache or Path(platformdirs.user_cache_dir("onmodel")) / "cutouts"
        setup = Setup(
            self.queue.pictures.out, models, cache, run.cache_gb, allow_private=run.allow_private,
            cancelled=self.queue.cancelled, faults=faults,
        )  # fmt: skip
        self.runner = Runner(self.queue, base, setup, run, options.keep_hours)
        self.metrics = Metrics(self.queue)
        self.runner.ended = self.metrics.ended
        self.kind = request_options.model()
        self._messenger: asyncio.Task[None] | None = None
        self.unfinished = False
        """Whether pictures were still under way when the time to stop was over."""

    async def start(self) -> None:
        """Begins to make pictures and to call webhooks."""
        self.runner.start()
        if self.secret is not None:
            messenger = webhooks.Messenger(self.queue, self.secret, self.message)
            self._messenger = asyncio.create_task(messenger.run())

    async def stop(self) -> None:
        """Lets running jobs finish; those that take too long stay queued for the next start."""
        over = await asyncio.to_thread(self.runner.stop, self.options.stop_seconds)
        self.unfinished = not over
        if self._messenger is not None:
            self._messenger.cancel()
            with suppress(asyncio.CancelledError):
                await self._messenger

    def message(self, job: Job) -> bytes:
        """Builds the body of a webhook call, which is what GET would answer."""
        said = answers.picture(job, self.queue).model_dump(mode="json")
        return json.dumps({"type": f"picture.{job.state}", "timestamp": job.ended, "data": said}).encode()

    async def ask(self, request: Request, owner: str) -> tuple[Job, bool]:
        """Takes a request for a picture; gives its job, and whether it is a new one.

        A request with an `Idempotency-Key` that was seen before gives the job that it gave then.
        """
        once = request.headers.get("Idempotency-Key")
        name = hashlib.sha256(f"{owner}\0{once}".encode()).hexdigest()[:32] if once else secrets.token_hex(16)
        before = self.queue.get(name)
        if before is not None:
            return before, False
        self.access.count(owner)
        if self.queue.full():
            raise FullError("too many pictures wait already: ask again later")
        sent = await body.sent(request, self.kind)
        wanted = self.wanted(sent)
        return await run_in_threadpool(self.keep, name, owner, wanted), True

    def wanted(self, sent: body.Sent) -> Asked:
        """Checks what was sent as far as it can be without its files. Raises ConfigError."""
        options = dict(sent.options)
        url, webhook = options.pop("photo", None), options.pop("webhook", None)
        if (url is None) == ("photo" not in sent.uploads):
            raise ConfigError("a photo is missing: send it as the file `photo`, or its address in the field `photo`")
        if webhook is not None and self.secret is None:
            raise ConfigError(f"this server signs no webhooks: its owner has to set {webhooks.SECRET}")
        if webhook is not None and not webhook.lower().startswith("https://") and not self.private:
            raise ConfigError("a webhook needs an https address")
        found = keys.nested(options)
        outfit = further.parsed(found.get("outfit", {}).get("with", ()), [body.named(each) for each in sent.further])
        if outfit:
            found["outfit"] = {**found.get("outfit", {}), "with": [each.options for each in outfit]}
        self.base.config(found)
        return Asked(found, sent.uploads, url, webhook, sent.further, [each.sent for each in outfit])

    def keep(self, name: str, owner: str, wanted: Asked) -> Job:
        """Stores the uploads and queues the job. Raises PhotoError, ConfigError or FullError."""
        place = self.queue.photos / name
        place.mkdir()
        try:
            job = self._kept(name, owner, wanted, place)
            self.base.config(job.options)
            return self.queue.add(job)
        except BaseException:
            shutil.rmtree(place)
            raise

    def _kept(self, name: str, owner: str, wanted: Asked, place: Path) -> Job:
        options, files = json.loads(json.dumps(wanted.options)), []
        called = {key: body.named(upload) for key, upload in wanted.uploads.items()}
        limits = PhotoOptions(max_megapixels=self.options.max_photo_megapixels)
        for key, upload in wanted.uploads.items():
            ending = PurePath(called[key]).suffix.lower()
            path = body.keep(upload, place, key, ending if ending in ENDINGS else ".png")
            if key == "pose" and path.suffix != ".json":
                raise ConfigError("pose must be a skeleton's JSON file, or the name of a pose")
            if key != "pose":
                photo.size(path, limits, called[key])
            if key in request_options.FILES:
                section, option = request_options.FILES[key]
                options.setdefault(section, {})[option] = str(path)
                files.append((f"{section}.{option}", str(path)))
            else:
                at = str(path)
        for number, index in enumerate(wanted.indices):
            if index is not None:
                upload = wanted.further[index]
                ending = PurePath(body.named(upload)).suffix.lower()
                path = body.keep(upload, place, f"with-{number}", ending if ending in ENDINGS else ".png")
                photo.size(path, limits, body.named(upload))
                options["outfit"]["with"][number]["photo"] = str(path)
            files.append((f"outfit.with.{number}.photo", options["outfit"]["with"][number]["photo"]))
        if wanted.url is not None:
            at = wanted.url
        return Job(
            id=name,
            owner=owner,
            photo=at,
            name=called.get("photo") or PurePath(at.partition("?")[0]).name or "photo",
            options=options,
            files=tuple(files),
            webhook=wanted.webhook,
            created=time.time(),
        )


def folder(options: ServeOptions) -> Path:
    """Returns the service's folder."""
    return (options.folder or Path(platformdirs.user_data_dir("onmodel")) / "serve").absolute()
