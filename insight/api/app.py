"""The application: routes and pages of the published file behind one guard, and the server that runs it."""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool

from insight import __version__
from insight.api import assets, figures, guard, pages, problems, routes
from insight.api.deps import Places
from insight.api.remember import Memory
from insight.api.reports import route
from insight.casebook import casebook
from insight.errors import PublishedError
from insight.published import Published
from insight.scorebook import scorebook
from insight.settings import Settings

V1 = "/api/v1"


class Api(FastAPI):
    """FastAPI, whose document says that errors are problems."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            problems.as_problems(super().openapi())
        return super().openapi()


def create_app(settings: Settings) -> FastAPI:
    """The API and the pages over the newest published file below the lake.

    :raises SettingsError: others could reach it and no token is set.
    """
    guard.check(settings.serve)
    app = Api(
        title="insight",
        version=__version__,
        summary="Customer-service conversations in, decisions out.",
        openapi_url=f"{V1}/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=problems.RESPONSES,
        lifespan=_warm,
    )
    app.state.settings = settings
    app.state.published = Published(settings.lake_path)
    app.state.memory = Memory()
    app.state.scorebook = scorebook(settings)
    app.state.casebook = casebook(settings)
    app.state.edition = hashlib.sha256(f"{__version__} {settings.model_dump_json()}".encode()).hexdigest()
    api = APIRouter(prefix=V1)
    for router in (*routes.ROUTERS, route.ROUTER):
        api.include_router(router)
    for router in (api, *pages.ROUTERS, assets.ROUTER):
        app.include_router(router)
    problems.add_handlers(app)
    app.add_middleware(guard.Guard, token_sha256=settings.serve.token_sha256)
    return app


@asynccontextmanager
async def _warm(app: FastAPI) -> AsyncIterator[None]:
    """Load what the first reader would otherwise wait for: the file, and the libraries that count."""
    with suppress(PublishedError):
        generation = await run_in_threadpool(app.state.published.current)
        few = app.state.settings.privacy.min_customers
        await run_in_threadpool(figures.tiles, generation, places=Places(), few=few)
    yield


class Discreet(logging.Filter):
    """Keeps what an exception says out of the log, since it may hold a customer's words: type and place are enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a record that carries an exception."""
        if record.exc_info and record.exc_info[1]:
            frames = traceback.extract_tb(record.exc_info[2])
            places = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-6:]))
            record.msg, record.args = f"{type(record.exc_info[1]).__name__} at {places}", ()
            record.exc_info = record.exc_text = None
        return True


def serve(settings: Settings) -> None:
    """Run until stopped.

    :raises SettingsError: see `create_app`.
    """
    import uvicorn

    logging.getLogger("uvicorn.error").addFilter(Discreet())
    uvicorn.run(
        create_app(settings),
        host=settings.serve.host,
        port=settings.serve.port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=64,
    )
