"""Figures of one KPI as Plotly takes them: its weeks, and its slices with their intervals beside the period before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from insight.api.routes.slices import Slice
from insight.api.words import Words
from insight.pictures import ROW, plain

SPANS = ((86_400.0, "day"), (3600.0, "hour"), (60.0, "minute"))
"""Seconds of the units in which long spans of time are drawn."""
MOST = 40
"""Slices that are drawn and listed; the CSV has all."""
SEVERAL = 2.0
"""So many of a unit of time at least, for times to be drawn in it."""

Named = Callable[[Slice], str]


def slices(shown: Sequence[Slice], named: Named, unit: str, words: Words) -> dict[str, Any] | None:
    """One row per slice: a dot with its interval, hollow for the period before; None where nothing can be drawn."""
    told = [one for one in shown if one.value is not None]
    if not told:
        return None
    size, axis = _axis(unit, [one.high or one.value or 0.0 for one in told])
    rows = list(range(len(told)))
    before = [(row, one.previous.value) for row, one in zip(rows, told, strict=True) if one.previous]
    data = [
        _dots([None if v is None else v / size for _, v in before], [row for row, _ in before], hollow=True),
        _dots([(one.value or 0.0) / size for one in told], rows)
        | {
            "error_x": _whiskers(told, size),
            "customdata": [_said(one, named, unit, words) for one in told],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    ]
    names = {"tickvals": rows, "ticktext": [plain(named(one)) for one in told], "autorange": "reversed"}
    layout = _layout(height=80 + ROW * len(told)) | {"yaxis": names | PLAIN, "xaxis": axis | PLAIN}
    return {"data": data, "layout": layout | {"shapes": _targets(told, size)}}


def weeks(shown: Sequence[Slice], named: Named, unit: str, words: Words) -> dict[str, Any] | None:
    """A line through the weeks, oldest first, each with its interval; None where fewer than two can be told."""
    told = [one for one in shown if one.value is not None]
    if len(told) < 2:
        return None
    size, axis = _axis(unit, [one.high or one.value or 0.0 for one in told])
    places = list(range(len(told)))
    step = max(1, len(told) // 6)
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": places,
        "y": [(one.value or 0.0) / size for one in told],
        "error_y": _whiskers(told, size),
        "line": {"color": "var(--accent)", "width": 2},
        "marker": {"color": "var(--accent)", "size": 7},
        "customdata": [_said(one, named, unit, words) for one in told],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    ticks = {"tickvals": places[::step], "ticktext": [plain(named(one)) for one in told[::step]], "showgrid": False}
    layout = _layout(height=300) | {"xaxis": ticks | PLAIN, "yaxis": axis | {"rangemode": "tozero"} | PLAIN}
    return {"data": [line], "layout": layout}


PLAIN = {"fixedrange": True, "zeroline": False, "gridcolor": "var(--rule)", "automargin": True}


def _layout(*, height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 10, "r": 20, "t": 10, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "var(--soft)", "size": 13},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "var(--card)", "font": {"color": "var(--ink)"}},
    }


def _dots(values: list[float | None], rows: list[int], *, hollow: bool = False) -> dict[str, Any]:
    marker = {"color": "var(--accent)", "size": 10}
    if hollow:
        marker = {"color": "var(--paper)", "size": 8, "line": {"color": "var(--soft)", "width": 1.5}}
    return {"type": "scatter", "mode": "markers", "x": values, "y": rows, "marker": marker, "hoverinfo": "skip"}


def _whiskers(told: Sequence[Slice], size: float) -> dict[str, Any]:
    """The way from each value to the ends of its interval; none where there is no interval."""
    up = [((one.high or 0.0) - (one.value or 0.0)) / size if one.high is not None else 0.0 for one in told]
    down = [((one.value or 0.0) - (one.low or 0.0)) / size if one.low is not None else 0.0 for one in told]
    return {
        "type": "data",
        "symmetric": False,
        "array": up,
        "arrayminus": down,
        "color": "var(--soft)",
        "thickness": 1.2,
        "width": 4,
    }


def _targets(told: Sequence[Slice], size: float) -> list[dict[str, Any]]:
    """A dash in each row that has a target."""
    aims = [(row, one.target) for row, one in enumerate(told) if one.target is not None]
    dash = {"type": "line", "line": {"color": "var(--line2)", "width": 2}}
    return [dash | {"x0": aim / size, "x1": aim / size, "y0": row - 0.4, "y1": row + 0.4} for row, aim in aims]


def _axis(unit: str, values: Sequence[float]) -> tuple[float, dict[str, Any]]:
    """What values are divided by, and their axis."""
    if unit == "share":
        return 1.0, {"tickformat": ".0%" if max(values) > 0.05 else ".1%"}
    if unit != "seconds":
        return 1.0, {}
    size, suffix = next(((s, name) for s, name in SPANS if max(values) >= SEVERAL * s), (1.0, "second"))
    return size, {"ticksuffix": {"day": " d", "hour": " h", "minute": " min", "second": " s"}[suffix]}


def _said(one: Slice, named: Named, unit: str, words: Words) -> str:
    """What a touch on a dot tells."""
    ends = "" if one.low is None else f" ({words.value(one.low, unit)} – {words.value(one.high, unit)})"
    return f"{plain(named(one))}<br>{words.value(one.value, unit)}{ends}<br>n = {words.number(one.n)}"
