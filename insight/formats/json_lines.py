"""JSON Lines: one object per line, its inner keys led by their own: customer.id."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from typing import Any

from insight.feeds import Rejected
from insight.formats.base import Form, Sheet, decoded, number, places, sheet


def read(file: str, body: bytes, form: Form) -> Sheet:
    """Rows of a file of JSON lines."""
    text = decoded(file, body, form)
    if isinstance(text, Sheet):
        return text
    rows: list[dict[str, str | None]] = []
    lines: list[int] = []
    refused: list[Rejected] = []
    written = list(io.StringIO(text))
    for line, words in enumerate(written, start=1):
        row = _json_row(words, line) if words.strip() else None
        if isinstance(row, Rejected):
            refused.append(row)
        elif row is not None:
            rows.append(row)
            lines.append(line)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in places(names, form)}
    return sheet(names, columns, lines, sum(not words.isspace() for words in written), refused)


class _TwiceError(ValueError):
    """One key stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _json_row(words: str, line: int) -> dict[str, str | None] | Rejected:
    """One line of JSON as text by key; an inner object's keys are led by its own: customer.id."""
    wanted, fix = "one JSON object per line", "mend the line"
    try:
        row = json.loads(words, object_pairs_hook=_object, parse_int=str, parse_float=_plain, parse_constant=str)
        flat = _object(list(_flat(row))) if isinstance(row, dict) else None
    except _TwiceError:
        return Rejected(line, "row", "duplicate_key", "a key that stands twice", "each key once", fix)
    except RecursionError:
        return Rejected(line, "row", "too_deep", "lists within lists without end", wanted, fix)
    except json.JSONDecodeError as error:
        return Rejected(line, "row", "not_json", f"{error.msg} at character {error.pos + 1}", wanted, fix)
    if flat is None:
        return Rejected(line, "row", "not_an_object", type(row).__name__, wanted, fix)
    if "\\u" in words and any(v is not None and not _is_text(v) for v in (*flat, *flat.values())):
        return Rejected(line, "row", "half_a_character", "a lone surrogate", "whole characters", "export it as UTF-8")
    return flat


def _is_text(value: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in value)


def _flat(row: dict[str, Any], lead: str = "") -> Iterator[tuple[str, str | None]]:
    for key, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{lead}{key}.")
        elif isinstance(value, list):
            yield lead + key, json.dumps(value, ensure_ascii=False)
        else:
            yield lead + key, {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _plain(words: str) -> str:
    """A number as people write it; what is no finite number stays as it came, and fits no column of numbers."""
    value = float(words)
    return number(value) if math.isfinite(value) else words
