"""Templates into HTML: everything that is put in is escaped, and nothing missing is passed over in silence."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from insight.api.assets import address, foreign_sheets
from insight.api.words import Words, languages

TEMPLATES = Path(__file__).parent / "pages" / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(address=address, foreign_sheets=foreign_sheets, languages=languages(), Words=Words)
    return environment


def render(template: str, words: Words, **values: Any) -> str:
    """One page in one language; templates speak through `w`."""
    return _environment().get_template(template).render(w=words, **values)
