"""Every error as application/problem+json (RFC 9457), in our own words: what a caller sent is never echoed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from insight.api.headers import HEADERS
from insight.api.render import render
from insight.api.words import Words, accepted
from insight.errors import PublishedError


class Flaw(BaseModel):
    """One thing that was wrong with a request."""

    where: str = Field(description="the parameter, or 'query' where its name is not known", examples=["query.limit"])
    wrong: str = Field(description="what was wanted", examples=["Input should be less than or equal to 100"])


class Problem(BaseModel):
    """Why there is no answer, and what to do next."""

    type: str = Field(description="stays the same for the same kind of problem", examples=["urn:insight:not-found"])
    title: str = Field(description="the kind of problem in words", examples=["Not found"])
    status: int = Field(description="the HTTP status", examples=[404])
    detail: str = Field(description="what happened, and what to do", examples=["There is no topic with this id."])
    errors: list[Flaw] = Field(default=[], description="what was wrong, parameter by parameter")


MEDIA_TYPE = "application/problem+json"

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": HTTPStatus(status).phrase} for status in (401, 404, 413, 422, 500, 503)
}
"""What every route may answer besides 200, for the OpenAPI document."""

DETAILS = {
    401: "Send the token as `Authorization: Bearer …`, or as the password where the browser asks for one.",
    404: "There is nothing at this address.",
    405: "This address can only be read, with GET.",
    413: "The request is larger than 64 KiB.",
    422: "A parameter is unknown or cannot be used; `errors` says which.",
    500: "Something here went wrong. The log of the server says where.",
    503: "Nothing has been published that can be served: run `insight run`, or `insight doctor` to see why.",
}


def as_problems(document: dict[str, Any]) -> None:
    """Give errors their media type in an OpenAPI document, where FastAPI knows only that of answers."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for status, response in (pair for operation in operations for pair in operation["responses"].items()):
        if status != "200":
            response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}


def problem(
    status: int, *, detail: str = "", errors: Sequence[Flaw] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """One problem as a response. `detail` must be our own words."""
    title = HTTPStatus(status).phrase
    body = Problem(
        type=f"urn:insight:{title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=detail or DETAILS.get(status, title),
        errors=list(errors),
    )
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return JSONResponse(body.model_dump(), status, media_type=MEDIA_TYPE, headers=sent)


def unknown(what: str) -> HTTPException:
    """The error to raise where an id names nothing."""
    return HTTPException(404, f"There is no {what} with this id.")


def flaw(wrong: str) -> RequestValidationError:
    """The error to raise where parameters are well formed but cannot be used here, or not together."""
    return RequestValidationError([{"type": "value_error", "loc": ("query",), "msg": wrong}])


def add_handlers(app: FastAPI) -> None:
    """Let every error leave the app as a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(PublishedError, _nothing_published)
    app.add_exception_handler(Exception, _broken)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # as it was registered
    return _for_reader(request, problem(422, errors=[_flaw(e) for e in error.errors()]))


def _flaw(error: Any) -> Flaw:
    """Pydantic's message without the input; an unknown parameter's name is input too."""
    if error["type"] == "extra_forbidden":
        return Flaw(where="query", wrong="There is no such parameter; see /api/v1/openapi.json.")
    return Flaw(where=".".join(str(step) for step in error["loc"][:2]), wrong=error["msg"])


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # as it was registered
    ours = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
    return _for_reader(request, problem(error.status_code, detail=ours, headers=error.headers))


def _nothing_published(request: Request, error: Exception) -> Response:
    return _for_reader(request, problem(503, headers={"Retry-After": "30"}))


def _broken(request: Request, error: Exception) -> Response:
    answer = _for_reader(request, problem(500))
    answer.headers.update(HEADERS)  # it leaves outside of every middleware, also of the one that adds them
    return answer


def _for_reader(request: Request, answer: Response) -> Response:
    """A person in front of a browser gets the same as a page."""
    known = answer.status_code in DETAILS and answer.status_code != 405
    if not known or request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return answer
    words = Words(accepted(request.headers.get("accept-language", "")), ZoneInfo("UTC"))
    page = HTMLResponse(render("problem.html", words, status=answer.status_code), answer.status_code)
    page.headers.update({k: v for k, v in answer.headers.items() if k not in ("content-type", "content-length")})
    return page
