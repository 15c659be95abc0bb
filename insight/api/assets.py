"""Style, script and Plotly, from this machine only: each at an address that names its content, so it is kept long."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from insight.errors import MissingPart

STATIC = Path(__file__).parent / "pages" / "static"
PLOTLY = "plotly.min.js"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
A_YEAR = "private, max-age=31536000, immutable"

ROUTER = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Asset:
    """A file that pages load."""

    body: bytes
    packed: bytes
    digest: str
    type: str


@cache
def asset(name: str) -> Asset:
    """One of our files, or Plotly out of its own package; read and packed once.

    :raises MissingPart: Plotly is not installed as it should be.
    """
    path = _plotly() if name == PLOTLY else STATIC / name
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(body, gzip.compress(body, 6, mtime=0), digest, TYPES[path.suffix])


def names() -> tuple[str, ...]:
    """Everything that can be asked for."""
    return (*sorted(f.name for f in STATIC.iterdir() if f.suffix in TYPES), PLOTLY)


def address(name: str) -> str:
    """Where a page finds a file."""
    return f"/static/{asset(name).digest}/{name}"


@cache
def foreign_sheets() -> tuple[str, ...]:
    """Ids of inline style sheets (of maps, which no page shows) that Plotly's script adds unless the ids are taken."""
    return tuple(re.findall(r'getElementById\("([0-9a-f]{64})"\)', asset(PLOTLY).body.decode()))


def _plotly() -> Path:
    """Looked up without importing the package, which takes longer than everything else here."""
    spec = importlib.util.find_spec("plotly")
    path = Path(spec.origin).parent / "package_data" / PLOTLY if spec and spec.origin else Path(PLOTLY)
    if not path.is_file():
        raise MissingPart("Plotly's script is not there", where=str(path), fix="pip install 'plotly>=7.1'")
    return path


@ROUTER.get("/static/{digest}/{name}")
def static(digest: str, name: str, request: Request) -> Response:
    """A file, as long as its content is the one that the address names."""
    if name not in names() or asset(name).digest != digest:
        raise HTTPException(404)
    found, headers = asset(name), {"Cache-Control": A_YEAR, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, media_type=found.type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.body, media_type=found.type, headers=headers)
