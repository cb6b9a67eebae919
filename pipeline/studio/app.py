"""The studio's routes: the page, and drafts; pictures are asked for and followed over the service's own routes."""

import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, FastAPI, File, Form, HTTPException, Query, Request, Response, UploadFile
from fastapi import Path as At
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

from pipeline import config as configs
from pipeline.service import app as service_app
from pipeline.service import body, problems
from pipeline.service.service import Service
from pipeline.studio import asking, collection_routes
from pipeline.studio.bodies import Bodies, Body
from pipeline.studio.collections import Collections
from pipeline.studio.drafts import NAME, Choices, Draft, Sent, checked, command
from pipeline.studio.running import Running
from pipeline.studio.work import SIDE, Studio, shown_small, skeleton

COOKIE = "onmodel"
PAGE = Path(__file__).parent / "page"
#: Nothing is fetched from elsewhere, nothing is framed, no script stands in the page.
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    "object-src 'none'"
)
#: A box x0,y0,x1,y1, and the most pixels that are sent of a photo at once.
BOX, LARGEST_PART = r"^\d{1,6},\d{1,6},\d{1,6},\d{1,6}$", 12_000_000
Found = TypeVar("Found")
Name = Annotated[str, At(pattern=NAME.pattern)]
#: Which garment of an outfit is asked for: a further one's file; without it, the first one.
Garment = Annotated[str | None, Query(pattern=NAME.pattern)]


def make(service: Service, token: str | None = None) -> tuple[FastAPI, str]:
    """Returns the app and its token: who opens `/?token=TOKEN` gets a cookie, and nobody else gets anything."""
    secret = token or secrets.token_urlsafe(24)
    app = service_app.make(service)
    app.state.studio = studio = Studio(service)
    app.include_router(_drafts(studio, Bodies(studio)))
    collections = Collections(studio)
    app.state.running = running = Running(service, collections)
    app.include_router(collection_routes.make(collections, running))
    app.mount("/page", StaticFiles(directory=PAGE), name="page")

    @app.get("/", include_in_schema=False)
    def page(token: str | None = None) -> Response:
        if token is not None:  # known by then: take it out of the address
            return RedirectResponse("/", 303)
        return FileResponse(PAGE / "index.html")

    app.add_middleware(BaseHTTPMiddleware, dispatch=_guard(secret))
    return app, secret


def _guard(secret: str) -> Any:
    async def guard(request: Request, go_on: RequestResponseEndpoint) -> Response:
        given = request.query_params.get("token") if request.url.path == "/" else None
        held = request.cookies.get(COOKIE, "")
        if not hmac.compare_digest((given or held).encode(), secret.encode()):
            return problems.answer(401, "open the address that `onmodel studio` printed: it holds the key")
        response = await go_on(request)
        if given:
            response.set_cookie(COOKIE, secret, httponly=True, samesite="strict")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return guard


def _drafts(studio: Studio, bodies: Bodies) -> APIRouter:
    router = APIRouter(prefix="/studio", include_in_schema=False)

    def own(name: str) -> Draft:
        try:
            return studio.drafts.get(name)
        except KeyError:
            raise HTTPException(404, "there is no such draft") from None

    def dressed(name: str) -> Body:
        try:
            return bodies.get(name)
        except KeyError:
            raise HTTPException(404, "there is no such draft") from None

    def known(work: Callable[[], Found]) -> Found:
        try:
            return work()
        except KeyError:
            raise HTTPException(404, "this draft has no such file") from None

    def garment_of(name: str, garment: str | None) -> Draft:
        return known(lambda: studio.garment(own(name), garment))

    def said(draft: Draft) -> dict[str, Any]:
        words = command(draft, checked(studio.service.kind, draft.choices))
        return {**draft.model_dump(mode="json"), "command": words}

    @router.get("/lists")
    def lists() -> dict[str, Any]:
        kinds = ("castings", "scenes", "poses")
        named = {kind: {name: configs.read(configs.find(kind, name)) for name in configs.names(kind)} for kind in kinds}
        return {**named, "pictured": [name for name in named["scenes"] if configs.scenery(name).is_file()]}

    @router.get("/drafts")
    def every() -> list[dict[str, str]]:
        return [{"id": draft.id, "name": draft.name} for draft in studio.drafts.all()]

    @router.post("/drafts", status_code=201)
    def begin(photo: Annotated[UploadFile, File()]) -> dict[str, Any]:
        return said(studio.add(body.named(photo), photo.file.read()))

    @router.get("/drafts/{name}")
    def one(name: Name) -> dict[str, Any]:
        return said(own(name))

    @router.delete("/drafts/{name}", status_code=204)
    def remove(name: Name) -> Response:
        studio.drafts.remove(own(name).id)
        return Response(status_code=204)

    @router.put("/drafts/{name}")
    def change(name: Name, choices: Choices) -> dict[str, Any]:
        draft = own(name).model_copy(update={"choices": choices})
        if not all(studio.path(draft, each).is_file() for each in choices.sent):
            raise HTTPException(422, "a file of this draft is missing: send it again")
        answer = said(draft)  # an option that cannot be is refused before it is kept
        studio.drafts.save(draft)
        return answer

    @router.get("/drafts/{name}/photo.jpg")
    def photo(name: Name, garment: Garment = None) -> Response:
        return Response(studio.shown(garment_of(name, garment)), media_type="image/jpeg")

    @router.get("/drafts/{name}/size")
    def size(name: Name, garment: Garment = None) -> dict[str, int]:
        draft = garment_of(name, garment)
        return {"width": draft.width, "height": draft.height}

    @router.post("/drafts/{name}/files", status_code=201)
    def send(
        name: Name,
        file: Annotated[UploadFile, File()],
        kind: Annotated[Literal["photo", "mask"], Form()],
        garment: Garment = None,
    ) -> Sent:
        return studio.send(garment_of(name, garment), kind, body.named(file), file.file.read())

    @router.get("/drafts/{name}/further/{file}")
    def further(name: Name, file: Name) -> dict[str, Any]:
        pieces = known(lambda: studio.further(own(name), file))
        cutout = pieces[0].cutout
        return {"kind": pieces[0].kind, "pieces": len(pieces), "doubts": cutout.doubts}

    @router.get("/drafts/{name}/further/{file}/cut.png")
    def further_picture(name: Name, file: Name) -> Response:
        return Response(known(lambda: studio.further_picture(own(name), file)), media_type="image/png")

    @router.get("/drafts/{name}/part/{kind}")
    def part(
        name: Name, kind: Literal["photo", "matte"], box: Annotated[str, Query(pattern=BOX)], garment: Garment = None
    ) -> Response:
        draft = garment_of(name, garment)
        x0, y0, x1, y1 = (int(each) for each in box.split(","))
        if not (x0 < x1 <= draft.width and y0 < y1 <= draft.height and (x1 - x0) * (y1 - y0) <= LARGEST_PART):
            raise HTTPException(422, f"no part of the photo, which is {draft.width} x {draft.height}, or too large")
        media = "image/jpeg" if kind == "photo" else "image/png"
        return Response(studio.part(draft, (x0, y0, x1, y1), kind), media_type=media)

    @router.get("/drafts/{name}/cut")
    def cut(name: Name, garment: Garment = None) -> dict[str, Any]:
        _, found = studio.cut(garment_of(name, garment))
        shape = found.shape
        return {
            "category": shape.category,
            "product": found.product,
            "confidence": round(shape.confidence, 3),
            "doubts": found.doubts,
            "landmarks": {name: [float(x), float(y)] for name, (x, y) in shape.landmarks.items()},
        }

    @router.get("/drafts/{name}/first.png")
    def first(name: Name, garment: Garment = None) -> Response:
        content = studio.first(garment_of(name, garment))
        return Response(status_code=204) if content is None else Response(content, media_type="image/png")

    @router.get("/drafts/{name}/cut.png")
    def shown(name: Name, garment: Garment = None) -> Response:
        return Response(
            studio.matte(garment_of(name, garment), SIDE), media_type="image/png", headers={"Cache-Control": "no-store"}
        )

    @router.get("/drafts/{name}/matte.png")
    def matte(name: Name, garment: Garment = None) -> Response:
        draft = garment_of(name, garment)
        named = {"Content-Disposition": f'attachment; filename="{draft.id}.matte.png"'}
        return Response(studio.matte(draft), media_type="image/png", headers=named)

    @router.get("/drafts/{name}/region.png")
    def marked(name: Name) -> Response:
        named = {"Content-Disposition": f'attachment; filename="{name}.region.png"'}
        return Response(studio.region(own(name)), media_type="image/png", headers=named)

    @router.get("/drafts/{name}/pose.json")
    def pose(name: Name) -> Response:
        named = {"Content-Disposition": f'attachment; filename="{name}.pose.json"'}
        return Response(skeleton(own(name).choices), media_type="application/json", headers=named)

    @router.get("/drafts/{name}/canvas")
    def canvas(name: Name) -> dict[str, Any]:
        return studio.canvas(own(name))

    @router.get("/drafts/{name}/canvas.png")
    def worn(name: Name) -> Response:
        held = {"Cache-Control": "no-store"}
        return Response(studio.canvas_picture(own(name)), media_type="image/png", headers=held)

    @router.get("/drafts/{name}/body")
    def body_of(name: Name) -> dict[str, Any]:
        found = dressed(name)
        return {"box": found.box, "frame": found.frame, "size": found.size}

    @router.get("/drafts/{name}/body.png")
    def body_picture(name: Name) -> Response:
        held = {"Cache-Control": "no-store"}
        return Response(dressed(name).png, media_type="image/png", headers=held)

    @router.get("/drafts/{name}/poses/{pose}.png")
    def thumbnail(name: Name, pose: Annotated[str, At(pattern=r"^[a-z-]{1,40}$")]) -> Response:
        if pose not in ("auto", *configs.names("poses")):
            raise HTTPException(404, "there is no such pose")
        return Response(studio.pose_picture(own(name), pose), media_type="image/png")

    @router.get("/pictures/{name}/shown.jpg")
    def large(name: Name) -> Response:
        path = studio.service.queue.folder / "pictures" / f"{name}.png"
        if not path.is_file():
            raise HTTPException(404, "there is no such picture")
        return Response(shown_small(path), media_type="image/jpeg")

    @router.post("/drafts/{name}/generate", status_code=202)
    def generate(name: Name) -> Response:
        draft = own(name)
        made = [job.id for job in asking.generate(studio, draft)]
        studio.drafts.save(draft.model_copy(update={"jobs": (*made, *draft.jobs)[:40]}))
        return JSONResponse({"jobs": made}, 202)

    return router
