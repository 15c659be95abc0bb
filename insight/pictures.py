"""Pictures of topics as Plotly figures: a map, a tree, weeks, and shares by language or product.

Each takes plain rows and says nothing that they do not hold: who asks for a picture decides which names and words
may be seen. Pages and notebooks draw the same figures; only the colours (`Look`) and the words (`Says`) are theirs.
No trace needs an image or WebGL, so the pages' strict content policy can stay.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from insight import taxonomy

Rows = Sequence[Mapping[str, Any]]

BIGGEST = 56
"""Diameter of the largest bubble of a map, in pixels; areas are as numbers of customers."""

NAMED = 20
"""So many of the largest bubbles of a map carry their name, as far as names cover neither each other nor bubbles."""

PAPER_SIZE = (1000, 510)
"""About the width and height of a map, in pixels; where it is narrower, names are left to the touch."""

ROW = 22
"""Height of a row of a tree or of bars, in pixels."""

MOST_LINES = 5
MOST_BARS = 12
MOST_PARTS = 7


@dataclass(frozen=True)
class Look:
    """Colours: CSS names of them on a page, values elsewhere. `families` are those of the taxonomy, in its order."""

    ink: str
    soft: str
    rule: str
    card: str
    rest: str
    families: tuple[str, ...]
    lines: tuple[str, ...]

    def of_family(self, family: str | None) -> str:
        """The colour of a family; that of the rest where there is none."""
        known = list(taxonomy.families())
        return self.families[known.index(family) % len(self.families)] if family in known else self.rest


PAGE = Look(
    ink="var(--ink)",
    soft="var(--soft)",
    rule="var(--rule)",
    card="var(--card)",
    rest="var(--rest)",
    families=tuple(f"var(--f{number})" for number in range(1, 14)),
    lines=tuple(f"var(--line{number})" for number in range(1, MOST_PARTS + 1)),
)
"""The page's own colours, light or dark, put in by charts.js."""

PAPER = Look(
    ink="#20262b",
    soft="#5a646d",
    rule="#e6e1d6",
    card="#ffffff",
    rest="#b9b4a8",
    families=(
        *("#bd6b6c", "#247b52", "#8d78be", "#8b5f0d", "#1696ac", "#964d6f", "#70934d"),
        *("#5065a5", "#b9714c", "#007c72", "#a66fa9", "#746b0d", "#458dc0"),
    ),
    lines=("#0b6b69", "#c2571a", "#5a5fae", "#9a7a1c", "#8d3563", "#3f7fb5", "#6b7d2a"),
)
"""The same in plain values, for light paper."""


@dataclass(frozen=True)
class Says:
    """The few words of the pictures themselves, and how numbers, shares and days are written."""

    customers: Callable[[int], str] = lambda count: f"{count:,} customers"
    contacts: Callable[[int], str] = lambda count: f"{count:,} contacts"
    share: Callable[[float], str] = lambda share: f"{share:.0%}"
    day: Callable[[date], str] = lambda day: f"{day:%d %b}"
    week: Callable[[date], str] = lambda day: f"week of {day:%d %b %Y}"
    rest: str = "everything else"
    apart: str = "how far apart"


SAYS = Says()
"""English."""


# ---------------------------------------------------------------- the map


def topic_map(rows: Rows, *, look: Look = PAPER, says: Says = SAYS) -> go.Figure:
    """Topics as bubbles: near ones are about alike, areas are as customers, colours as families.

    :param rows: topic_id, name, words, kind, parent, family_name, customers, x and y. What was found in the texts is
        drawn hollow, in the colour of the family it is nearest to.
    """
    most = max((row["customers"] for row in rows), default=1)
    shown = sorted(rows, key=lambda row: (-row["customers"], row["topic_id"]))
    across, up = (_room([row[axis] for row in rows]) for axis in ("x", "y"))
    named = _named(shown, most, across, up)
    figure = _figure(look, height=560)
    for family in dict.fromkeys(row["parent"] for row in sorted(shown, key=_by_family)):
        some = [row for row in shown if row["parent"] == family]
        colour = look.of_family(family)
        hollow = [row["kind"] == "found" for row in some]
        figure.add_scatter(
            name=plain(some[0]["family_name"]),
            mode="markers+text",
            x=[row["x"] for row in some],
            y=[row["y"] for row in some],
            text=[plain(row["name"]) if row["topic_id"] in named else "" for row in some],
            textposition=[named.get(row["topic_id"], "top center") for row in some],
            textfont={"size": 12, "color": look.ink},
            customdata=[_about(row, says) for row in some],
            hovertemplate="%{customdata}<extra></extra>",
            hoverlabel=_label(look, colour),
            marker={
                "size": [_diameter(row["customers"], most) for row in some],
                "color": [look.card if is_hollow else colour for is_hollow in hollow],
                "line": {"color": colour, "width": [2.5 if is_hollow else 1 for is_hollow in hollow]},
                "opacity": 0.78,
            },
        )
    axis = {"visible": False, "fixedrange": True}
    return figure.update_layout(xaxis=axis | {"range": across}, yaxis=axis | {"range": up})


def _room(values: Sequence[float]) -> list[float]:
    """From the first to the last of them, with room for bubbles and names."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    room = 0.12 * (high - low) or 1.0
    return [round(low - room, 4), round(high + room, 4)]


def _by_family(row: Mapping[str, Any]) -> tuple[bool, int, str]:
    known = list(taxonomy.families())
    own = row["parent"] in known
    return not own, known.index(row["parent"]) if own else 0, str(row["parent"])


def _about(row: Mapping[str, Any], says: Says) -> str:
    """What a bubble says of itself: its name, its customers, its family, its words."""
    lines = [f"<b>{plain(row['name'])}</b>", says.customers(row["customers"]), plain(row["family_name"])]
    words = " · ".join(row["words"][:6])
    return "<br>".join([*lines, plain(words)] if words else lines)


def _diameter(customers: int, most: int) -> float:
    return round(max(6.0, BIGGEST * math.sqrt(customers / max(most, 1))), 1)


Box = tuple[float, float, float, float]


def _named(largest: Rows, most: int, across: Sequence[float], up: Sequence[float]) -> dict[str, str]:
    """Topics whose name, on a map of `PAPER_SIZE`, has a side where it covers no other name and no bubble."""
    wide, high = PAPER_SIZE
    boxes: list[Box] = []
    places = {}
    for row in largest:
        x = wide * (row["x"] - across[0]) / (across[1] - across[0])
        y = high * (up[1] - row["y"]) / (up[1] - up[0])
        half = _diameter(row["customers"], most) / 2
        places[row["topic_id"]] = x, y, half
        boxes.append((x - half, y - half, x + half, y + half))
    named = {}
    for row in largest[:NAMED]:
        for side, box in _sides(row["name"], *places[row["topic_id"]]).items():
            inside = box[0] >= 0 and box[2] <= wide
            if inside and not any(_cover(box, other) for other in boxes):
                boxes.append(box)
                named[row["topic_id"]] = side
                break
    return named


def _sides(name: str, x: float, y: float, half: float) -> dict[str, Box]:
    """The boxes that a name takes on each side of a bubble, the best side first."""
    long = 6.8 * sum(2 if ord(letter) > 0x2E80 else 1 for letter in name)
    return {
        "top center": (x - long / 2, y - half - 17, x + long / 2, y - half - 1),
        "bottom center": (x - long / 2, y + half + 1, x + long / 2, y + half + 17),
        "middle right": (x + half + 2, y - 8, x + half + 4 + long, y + 8),
        "middle left": (x - half - 4 - long, y - 8, x - half - 2, y + 8),
    }


def _cover(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


# ---------------------------------------------------------------- the tree


def hierarchy(rows: Rows, *, look: Look = PAPER, says: Says = SAYS) -> go.Figure:
    """Topics as the leaves of a tree: the farther right two branches meet, the less they have in common.

    :param rows: topic_id, name, parent, family_name, place and joined. Where topics are left out, `joined` of the next
        must be the highest of theirs.
    """
    leaves = sorted(rows, key=lambda row: row["place"])
    figure = _figure(look, height=ROW * len(leaves) + 70)
    for family, points in _branches(leaves).items():
        figure.add_scatter(
            mode="lines",
            x=[x for x, _ in points],
            y=[y for _, y in points],
            line={"color": look.soft if family == "" else look.of_family(family), "width": 1.6},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        mode="markers",
        x=[0] * len(leaves),
        y=list(range(len(leaves))),
        marker={"color": [look.of_family(row["parent"]) for row in leaves], "size": 8},
        customdata=[f"<b>{plain(row['name'])}</b><br>{plain(row['family_name'])}" for row in leaves],
        hovertemplate="%{customdata}<extra></extra>",
        hoverlabel=_label(look, look.rule),
        cliponaxis=False,
        showlegend=False,
    )
    return figure.update_layout(
        xaxis=_axis(look)
        | {"showgrid": False, "showticklabels": False, "title": {"text": f"{plain(says.apart)} →"}}
        | {"range": [0, 1.02 * max((row["joined"] or 0 for row in leaves[1:]), default=1)]},
        yaxis=_axis(look)
        | {"showgrid": False, "range": [len(leaves) - 0.4, -0.6]}
        | {"tickvals": list(range(len(leaves))), "ticktext": [plain(row["name"]) for row in leaves]},
    )


Points = list[tuple[float | None, float | None]]


def _branches(leaves: Rows) -> dict[str, Points]:
    """The brackets that join branches, by family; "" where they join families. A None lifts the pen.

    Branches side by side meet at the height that stands between them, the lowest first.
    """
    ends = {place: (0.0, float(place), place, place) for place in range(len(leaves))}  # height, middle, first, last
    at = {place: place for place in ends}
    found: dict[str, Points] = {}
    for place in sorted(range(1, len(leaves)), key=lambda place: (leaves[place]["joined"], place)):
        low, high = ends[at[place - 1]], ends[at[place]]
        top = float(leaves[place]["joined"])
        bracket: Points = [(low[0], low[1]), (top, low[1]), (top, high[1]), (high[0], high[1]), (None, None)]
        inside = {leaves[one]["parent"] for one in range(low[2], high[3] + 1)}
        found.setdefault(str(min(inside)) if len(inside) == 1 and None not in inside else "", []).extend(bracket)
        ends[low[2]] = (top, (low[1] + high[1]) / 2, low[2], high[3])
        at[low[2]] = at[high[3]] = low[2]
        at |= dict.fromkeys(range(low[2], high[3] + 1), low[2])
    return found


# ---------------------------------------------------------------- over time


def over_time(rows: Rows, *, look: Look = PAPER, says: Says = SAYS, most: int = MOST_LINES) -> go.Figure:
    """Shares of each week's contacts, stacked: the largest topics, and everything else together, up to 100 %.

    The picture ends above the largest topics, where everything else would only be more of the same.

    :param rows: week (its first day), topic_id, name and contacts; `name` is None where it counts as the rest.
    """
    weeks = sorted({row["week"] for row in rows})
    sums = _sums(rows, "week")
    largest = _largest(rows, "topic_id", "name", most)
    stacked: list[list[float]] = []
    figure = _figure(look, height=380)
    for number, (topic, name) in enumerate([*largest, (None, says.rest)]):
        mine = _sums([row for row in rows if _among(row["topic_id"], largest) == topic], "week")
        shares = [mine.get(week, 0) / sums[week] if sums[week] else 0.0 for week in weeks]
        colour = look.rest if topic is None else look.lines[number % len(look.lines)]
        if topic is not None:
            stacked.append(shares)
        figure.add_scatter(
            name=plain(name),
            mode="lines",
            stackgroup="share",
            x=[week.isoformat() for week in weeks],
            y=[round(share, 6) for share in shares],
            line={"width": 0.5, "color": colour},
            fillcolor=colour,
            customdata=[
                f"<b>{plain(name)}</b><br>{plain(says.week(week))}<br>"
                f"{plain(says.contacts(mine.get(week, 0)))} · {plain(says.share(share))}"
                for week, share in zip(weeks, shares, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
            hoverlabel=_label(look, colour),
        )
    top = max((sum(shares) for shares in zip(*stacked, strict=True)), default=0.0)
    ticks = weeks[:: max(1, math.ceil(len(weeks) / 6))]
    return figure.update_layout(
        hovermode="closest",
        xaxis=_axis(look)
        | {"showgrid": False, "tickvals": [day.isoformat() for day in ticks], "type": "date"}
        | {"ticktext": [plain(says.day(day)) for day in ticks]},
        yaxis=_axis(look) | _shares(says, top=1.4 * top),
    )


# ---------------------------------------------------------------- by language, by product


def split(
    rows: Rows, *, look: Look = PAPER, says: Says = SAYS, most: int = MOST_BARS, parts: int = MOST_PARTS
) -> go.Figure:
    """Where the contacts about each topic come from: one bar per topic, cut by language, product or market.

    :param rows: topic_id, name, part, part_name and contacts; `part_name` is None where it counts as the rest.
    """
    topics = _largest(rows, "topic_id", "name", most)
    kinds = _largest([row for row in rows if _among(row["topic_id"], topics)], "part", "part_name", parts)
    sums = _sums(rows, "topic_id")
    figure = _figure(look, height=ROW * 1.5 * len(topics) + 110)
    for number, (part, name) in enumerate([*kinds, (None, says.rest)]):
        mine = _sums([row for row in rows if _among(row["part"], kinds) == part], "topic_id")
        colour = look.rest if part is None else look.lines[number % len(look.lines)]
        shares = [mine.get(topic, 0) / max(sums[topic], 1) for topic, _ in topics]
        if not any(shares):
            continue
        figure.add_bar(
            name=plain(name),
            orientation="h",
            x=[round(share, 6) for share in shares],
            y=list(range(len(topics))),
            marker={"color": colour, "line": {"color": look.card, "width": 1}},
            customdata=[
                f"<b>{plain(topic)}</b><br>{plain(name)}<br>"
                f"{plain(says.contacts(mine.get(key, 0)))} · {plain(says.share(share))}"
                for (key, topic), share in zip(topics, shares, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
            hoverlabel=_label(look, colour),
        )
    return figure.update_layout(
        barmode="stack",
        bargap=0.35,
        xaxis=_axis(look) | _shares(says),
        yaxis=_axis(look)
        | {"showgrid": False, "range": [len(topics) - 0.4, -0.6], "tickvals": list(range(len(topics)))}
        | {"ticktext": [plain(name) for _, name in topics]},
    )


# ---------------------------------------------------------------- what all share


def plain(words: str) -> str:
    """Words that Plotly shows as they are: it would read tags in them."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _largest(rows: Rows, key: str, name: str, most: int) -> list[tuple[str, str]]:
    """What has most contacts, with its name, largest first; what has no name is left to the rest."""
    sums = _sums([row for row in rows if row[name] is not None], key)
    names = {row[key]: row[name] for row in rows}
    return [(one, names[one]) for one in sorted(sums, key=lambda one: (-sums[one], one)) if sums[one]][:most]


def _among(one: str, largest: Sequence[tuple[str, str]]) -> str | None:
    return one if any(one == key for key, _ in largest) else None


def _sums(rows: Rows, key: str) -> dict[Any, int]:
    """Contacts by a key."""
    sums: dict[Any, int] = {}
    for row in rows:
        sums[row[key]] = sums.get(row[key], 0) + row["contacts"]
    return sums


def _figure(look: Look, *, height: float) -> go.Figure:
    """An empty figure, calm, and without Plotly's own template."""
    return go.Figure(
        layout={
            "template": "none",
            "height": round(height),
            "margin": {"l": 12, "r": 26, "t": 12, "b": 36, "autoexpand": True},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": look.soft, "size": 13},
            "hovermode": "closest",
            "dragmode": False,
            "legend": {"orientation": "h", "y": -0.12, "traceorder": "normal"},
        }
    )


def _axis(look: Look) -> dict[str, Any]:
    return {
        "automargin": True,
        "fixedrange": True,
        "showline": False,
        "zeroline": False,
        "gridcolor": look.rule,
        "ticklabelstandoff": 6,
    }


def _shares(says: Says, top: float = 1.0) -> dict[str, Any]:
    """An axis of shares from 0 up to where a quarter of it is a round share; to 1 at most."""
    end = next((end for end in (0.1, 0.2, 0.4, 0.6, 0.8) if 0 < top <= end), 1.0)
    ticks = [round(end * quarter / 4, 3) for quarter in range(5)]
    return {"range": [0, end], "tickvals": ticks, "ticktext": [plain(says.share(tick)) for tick in ticks]}


def _label(look: Look, colour: str) -> dict[str, Any]:
    return {"bgcolor": look.card, "bordercolor": colour, "font": {"color": look.ink}, "align": "left"}
