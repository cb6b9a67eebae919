"""The routes: `POST /v1/pictures` and what becomes of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response, Security
from fastapi import Path as At
from fastapi.responses import FileResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware.base import BaseHTTPMiddleware

from pipeline.collection.row import FURTHER
from pipeline.garment_check import Steering
from pipeline.proof import prove
from pipeline.service import access, answers, lists, problems, request_options
from pipeline.service.answers import RESULTS, SMALL, Picture, Pictures
from pipeline.service.body import BodyLimit
from pipeline.service.jobs import NAME, Job
from pipeline.service.problems import refusals
from pipeline.service.service import Service
from stages.typed import listed

#: Seconds between two looks at a job whose events are followed.
LOOK = 0.25
Name = Annotated[str, At(pattern=NAME.pattern, description="A picture's id.")]


def make(service: Service) -> FastAPI:
    """Returns the app of a service. Its documentation is `/openapi.json`; pages would need scripts from elsewhere."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001 - as FastAPI calls it
        await service.start()
        yield
        await service.stop()

    app = FastAPI(
        title="onmodel",
        summary="Garment photos to on-model pictures; the garment's pixels stay exactly as photographed.",
        version=version("onmodel"),
        docs_url=None,
        redoc_url=None,
        lifespan=life,
    )
    problems.handle(app)
    # The innermost: what it raises while a body is read is the route's own error.
    app.add_middleware(BodyLimit, most=int(service.options.max_mb * 1e6))
    app.add_middleware(BaseHTTPMiddleware, dispatch=service.metrics.count)
    if not service.access.keys:
        app.add_middleware(BaseHTTPMiddleware, dispatch=access.no_other_pages(service.options.host))
    app.include_router(_health(service))
    app.include_router(_pictures(service))
    app.include_router(lists.make(Annotated[str, Depends(_owned(service))]))
    _document(app, service)
    return app


def _owned(service: Service) -> Any:
    """Returns the dependency that names who asks; the schema shows both headers."""
    bearer, header = access.SCHEMES

    def owner(
        request: Request,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)] = None,
        _key: Annotated[str | None, Security(header)] = None,
    ) -> str:
        return service.access.owner(request)

    return owner


def _health(service: Service) -> APIRouter:
    router = APIRouter(tags=["health"])
    owner = _owned(service)

    @router.get("/healthz")
    def alive() -> dict[str, Literal["ok"]]:
        """Answers while the process lives."""
        return {"status": "ok"}

    @router.get("/readyz", responses=refusals(503))
    def ready() -> dict[str, Literal["ok"]]:
        """Answers whether pictures are made just now; with 503 and a reason when they are not."""
        if service.runner.stopped.is_set():
            raise HTTPException(503, "the server is stopping")
        if service.runner.trouble is not None:
            raise HTTPException(503, service.runner.trouble)
        return {"status": "ok"}

    @router.get("/metrics", response_class=Response, responses={**refusals(401), 200: {"content": {"text/plain": {}}}})
    def metrics(_: Annotated[str, Depends(owner)]) -> Response:
        """Returns jobs by state, seconds and requests, for Prometheus."""
        return service.metrics.page()

    return router


def _pictures(service: Service) -> APIRouter:
    router = APIRouter(prefix="/v1/pictures", tags=["pictures"], responses=refusals(401))
    who = Annotated[str, Depends(_owned(service))]
    queue = service.queue

    def own(name: str, owner: str) -> Job:
        job = queue.get(name)
        if job is None or job.owner != owner:
            raise HTTPException(404, "there is no such picture")
        return job

    def said(job: Job) -> Picture:
        return answers.picture(job, queue, service.runner.doing.get(job.id))

    @router.post("", status_code=202, response_model=Picture, responses=refusals(413, 415, 422, 429, 507))
    async def ask(request: Request, owner: who) -> Response:
        """Ask for a picture. Its photo and other files come as parts of a form, or the photo's address in JSON.

        Every option goes by its field's name. The answer comes at once; `links.events` follows the work.
        """
        job, new = await service.ask(request, owner)
        body = said(job).model_dump(mode="json")
        return JSONResponse(body, 202 if new else 200, {"Location": body["links"]["self"]})

    @router.get("")
    def every(owner: who, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Pictures:
        """List the pictures that were asked for with this key, the newest first."""
        mine = [job for job in reversed(queue.all()) if job.owner == owner]
        return Pictures(pictures=[said(job) for job in mine[:limit]])

    @router.get("/{name}", responses=refusals(404))
    def one(name: Name, owner: who) -> Picture:
        """Say how far a picture is."""
        return said(own(name, owner))

    @router.delete("/{name}", status_code=204, responses=refusals(404))
    def remove(name: Name, owner: who) -> Response:
        """Cancel a picture that waits or is made; take away one that has ended, with its photo."""
        job = own(name, owner)
        if job.over:
            queue.remove(name)
        else:
            queue.cancel(name)
        return Response(status_code=204)

    @router.get("/{name}/events", responses={**refusals(404), 200: {"content": {"text/event-stream": {}}}})
    def events(name: Name, owner: who) -> EventSourceResponse:
        """Follow a picture as server-sent events: `progress` with what GET would answer, then `end` with the same."""
        own(name, owner)

        async def follow() -> AsyncIterator[dict[str, str]]:
            before = None
            while not service.runner.stopped.is_set():
                job = queue.get(name)
                if job is None:
                    return
                if (text := said(job).model_dump_json()) != before:
                    yield {"event": "end" if job.over else "progress", "data": text}
                if job.over:
                    return
                before = text
                await asyncio.sleep(LOOK)

        return EventSourceResponse(follow())

    @router.get("/{name}/proof", responses=refusals(404, 409))
    async def proof(name: Name, owner: who) -> dict[str, Any]:
        """Prove the picture again from its files alone, as `onmodel verify` does, one at a time. Takes seconds."""
        job = own(name, owner)
        photos = [job.photo, *(path for option, path in job.files if FURTHER.fullmatch(option))]
        if not all(Path(each).is_file() for each in photos):
            raise HTTPException(409, "the photo came from elsewhere and was not kept: verify the picture beside it")
        async with proving:
            paths = [Path(each) for each in photos]
            found = await run_in_threadpool(
                prove, _file(job, "picture", service), paths, _steering(job), None, _back(job, service)
            )
        return {
            "proven": not found.failures,
            "failures": found.failures,
            "warnings": found.warnings,
            "core_pixels": found.core_pixels,
            "changed": found.changed,
            "edge_pixels": found.edge_pixels,
        }

    proving = asyncio.Lock()

    @router.get(
        "/{name}/{result}",
        response_class=FileResponse,
        responses={**refusals(404), 200: {"content": {media: {} for _, media in RESULTS.values()}}},
    )
    def result(
        name: Name,
        result: Literal["picture", "mask", "receipt", "layers", "garments", "export", *SMALL, *answers.CHANNELS],  # type: ignore[valid-type]
        owner: who,
    ) -> FileResponse:
        """Fetch the picture (PNG), its mask, receipt, layers, garments, export, a channel's file, or a small JPEG."""
        path = _file(own(name, owner), result, service)
        media = next(
            (media for ending, media in (RESULTS | answers.CHANNELS).values() if path.name.endswith(ending)), None
        )
        kept = "private, max-age=3600"
        return FileResponse(path, media_type=media, filename=path.name, headers={"Cache-Control": kept})

    return router


def _file(job: Job, result: str, service: Service) -> Path:
    """Path of a result. Raises HTTPException 404 if there is none."""
    ending = answers.export(job) if result == "export" else (RESULTS | answers.CHANNELS).get(result, ("", ""))[0]
    name = SMALL[result].format(job.id) if result in SMALL else f"{job.id}{ending}"
    path = service.queue.folder / "pictures" / name
    if ending is None or not job.over or job.state == "error" or not path.is_file():
        raise HTTPException(404, f"this picture has no {result}")
    return path


def _steering(job: Job) -> list[Steering]:
    """Collects how the cut of each photo was steered, since the proof cuts it again."""
    said = job.options.get("segment", {})
    first = {"box": said.get("garment_box"), "point": said.get("garment_point", ()), **said}
    return [_steer(each) for each in (first, *job.options.get("outfit", {}).get("with", ()))]


def _steer(told: dict[str, Any]) -> Steering:
    points = (tuple(listed(told.get(name, ()))) for name in ("point", "not_point"))
    return Steering(Path(told["matte"]) if told.get("matte") else None, told.get("box"), *points)


def _back(job: Job, service: Service) -> Path | None:
    """Returns the second photo of a ghost, if the picture shows any of it: of one that did not fit nothing is shown."""
    said = job.options.get("ghost", {}).get("back")
    if said is None or json.loads(_file(job, "receipt", service).read_bytes()).get("joined") is None:
        return None
    return Path(said)


def _document(app: FastAPI, service: Service) -> None:
    """Writes the options into the schema: FastAPI cannot tell them, since the body is read by hand."""
    template = "#/components/schemas/{model}"
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            parts = schema.setdefault("components", {}).setdefault("schemas", {})
            parts["Problem"] = problems.Problem.model_json_schema()
            content = {}
            form = request_options.multipart(service.kind)
            for media, kind, described in (
                ("multipart/form-data", form, request_options.form_schema(form, template)),
                ("application/json", service.kind, service.kind.model_json_schema(ref_template=template)),
            ):
                parts |= described.pop("$defs", {})
                parts[kind.__name__] = described
                content[media] = {"schema": {"$ref": template.format(model=kind.__name__)}}
            for route in (each for methods in schema["paths"].values() for each in methods.values()):
                if "422" in route["responses"]:  # FastAPI describes its own answer, which `problems` replaces
                    route["responses"]["422"] = refusals(422)[422]
            for theirs in ("HTTPValidationError", "ValidationError"):
                parts.pop(theirs, None)
            schema["paths"]["/v1/pictures"]["post"]["requestBody"] = {"required": True, "content": content}
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
