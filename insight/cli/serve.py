"""`insight serve`: the API and the dashboard of the published file."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from insight.cli import options
from insight.published import Published


def serve(
    settings: options.SettingsPath = options.HERE,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; anything but this machine needs a token.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
) -> None:
    """Serve the dashboard and the API until Ctrl-C. A new `insight run` is picked up without a restart."""
    from insight.api.app import serve as listen

    told = options.read(settings)
    asked = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    told = told.model_copy(update={"serve": told.serve.model_copy(update=asked)})
    published = Published(told.lake_path).current()
    Console(highlight=False).print(
        f"dashboard  http://{told.serve.host}:{told.serve.port}/\n"
        f"API        http://{told.serve.host}:{told.serve.port}/api/v1/health\n"
        f"published  {published.id}   (Ctrl-C ends)"
    )
    listen(told)
