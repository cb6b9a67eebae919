"""Answers to what cannot be done: RFC 9457 problem details, with the sentence that the command line would print."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from pipeline.service.jobs import FullError
from stages.errors import OnmodelError, OutputError
from stages.plain import plain

MEDIA = "application/problem+json"
#: Seconds after which a full queue may be asked again.
LATER = 10


class Problem(BaseModel):
    """What went wrong, and what to do."""

    model_config = ConfigDict(json_schema_extra={"description": "What went wrong, and what to do (RFC 9457)."})

    title: str
    status: int
    detail: str


def answer(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Returns a problem as a response."""
    from http import HTTPStatus

    body: dict[str, Any] = {"title": HTTPStatus(status).phrase, "status": status, "detail": plain(detail)}
    return JSONResponse(body, status, headers, media_type=MEDIA)


def handle(app: FastAPI) -> None:
    """Turns every error of an app into a problem document, without a traceback."""

    @app.exception_handler(OnmodelError)
    def _known(_: Request, error: OnmodelError) -> Response:
        if isinstance(error, FullError):
            return answer(429, str(error), {"Retry-After": str(LATER)})
        return answer(507 if isinstance(error, OutputError) else 422, str(error))

    @app.exception_handler(HTTPException)
    def _refused(_: Request, error: HTTPException) -> Response:
        return answer(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def _invalid(_: Request, error: RequestValidationError) -> Response:
        wrong = [f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}" for each in error.errors()]
        return answer(422, "; ".join(wrong))

    @app.exception_handler(Exception)
    def _unforeseen(_: Request, error: Exception) -> Response:  # noqa: ARG001 - the server's log has it
        return answer(500, "a fault of onmodel: the server's log says where")


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Describes a route's problem responses for the schema."""
    return {code: {"description": HTTPStatus(code).phrase, "content": {MEDIA: {"schema": _REF}}} for code in codes}


_REF = {"$ref": "#/components/schemas/Problem"}
