"""The routes of what has a name: castings, scenes, poses, presets, and their pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from fastapi import Path as At
from fastapi.responses import FileResponse

from pipeline import config as configs
from pipeline.service.problems import refusals

Name = Annotated[str, At(pattern=r"^[\w-]{1,64}$")]


def make(who: Any) -> APIRouter:
    """Returns the routes; `who` is the annotated dependency that names who asks."""
    router = APIRouter(prefix="/v1", tags=["lists"], responses=refusals(401))

    def listed(kind: str) -> Any:
        def names(_: who) -> dict[str, dict[str, Any]]:
            return {name: configs.read(configs.find(kind, name)) for name in configs.names(kind)}

        names.__name__ = kind
        names.__doc__ = f"List the {kind} that have a name, with what they say."
        return names

    for kind in ("castings", "scenes", "poses", "presets"):
        router.get(f"/{kind}")(listed(kind))

    @router.get("/castings/{name}/portrait", response_class=FileResponse, responses=refusals(404))
    def portrait(name: Name, _: who) -> FileResponse:
        """Fetch the portrait of a casting, a JPEG."""
        return _shown("castings", name, configs.portrait, "portrait")

    @router.get("/scenes/{name}/picture", response_class=FileResponse, responses=refusals(404))
    def scenery(name: Name, _: who) -> FileResponse:
        """Fetch a small picture of a scene, a JPEG."""
        return _shown("scenes", name, configs.scenery, "picture")

    return router


def _shown(kind: str, name: str, place: Callable[[str], Path], what: str) -> FileResponse:
    path = place(name)
    if name not in configs.names(kind) or not path.is_file():
        raise HTTPException(404, f"there is no such {what}")
    return FileResponse(path, media_type="image/jpeg")
