"""What every page shares: the view that its address tells, and what stands at its head and foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Request
from pydantic import Field

from insight.api import figures
from insight.api.deps import Name, Places, Question
from insight.api.routes import counts, emerging, health, kpis
from insight.api.routes.topics import Topic
from insight.api.words import Words, accepted
from insight.published import Generation
from insight.schema import ALL
from insight.settings import Settings


class View(Question):
    """What the address of a page says: language and places."""

    lang: Literal["en", "zh"] | None = Field(default=None, description="else the browser's language")
    market: Name = ""
    platform: Name = ""

    @property
    def places(self) -> Places:
        """The choice as the API takes it."""
        return Places(**{k: (v,) for k, v in (("market", self.market), ("platform", self.platform)) if v})

    def address(self, lang: str, path: str = "/") -> str:
        """This choice of places on a page, in a language."""
        asked = {"lang": lang, "market": self.market, "platform": self.platform}
        return f"{path}?{urlencode({k: v for k, v in asked.items() if v})}"


NAV: tuple[tuple[str, str], ...] = (
    ("/", "overview"),
    ("/warnings", "warnings"),
    ("/today", "today"),
    ("/kpis", "figures"),
    ("/explore/topics", "explore"),
    ("/drivers", "drivers"),
    ("/actions", "actions"),
    ("/products", "products"),
    ("/logistics", "logistics"),
    ("/money", "money"),
    ("/reports", "reports"),
    ("/knowledge", "knowledge"),
    ("/quality", "quality"),
    ("/staffing", "staffing"),
    ("/agents", "agents"),
    ("/models", "models"),
)
"""The pages in the order of the menu: path, and the section of words whose `menu` is its name there."""


def words_of(asked: View, told: Settings, request: Request) -> Words:
    """The reader's language: what the address says, else what the browser does."""
    return Words(
        asked.lang or accepted(request.headers.get("accept-language", "")), told.shop.clock, told.shop.currency
    )


def shared(asked: View, generation: Generation, told: Settings, *, path: str) -> dict[str, Any]:
    """What head and foot of a page say. `path` is the page's own, for its links to itself."""
    return {
        "view": asked,
        "path": path,
        "nav": NAV,
        "shop": told.shop,
        "health": health.read(generation),
        "choices": figures.choices(generation),
        "all_kpis": kpis.read(generation, few=told.privacy.min_customers).kpis,
        "counts": counts.read(generation),
    }


MOST_ALERTS = 6
"""Topics with alerts that a page shows; more at once are rather one matter than many."""


@dataclass(frozen=True)
class Alert:
    """The newest alert of a topic, and the other places where it spoke on that day."""

    window: emerging.Window
    elsewhere: tuple[emerging.Window, ...]


def alerts(generation: Generation, asked: View, *, few: int, topic_id: str | None = None) -> list[Alert]:
    """Topics that came up more often than usual in the last 28 days, newest first; of one topic, or of all.

    The chosen market counts; alerts know no platform.
    """
    every = emerging.read(generation, asked=emerging.Asked(limit=500), few=few).windows
    windows = [w for w in every if w.market in (asked.market, ALL)] if asked.market else every
    found: dict[str, list[emerging.Window]] = {}
    for window in windows:
        if topic_id in (None, window.topic_id):
            found.setdefault(window.topic_id, []).append(window)
    return [
        Alert(first, tuple(other for other in rest if other.day == first.day))
        for first, *rest in list(found.values())[:MOST_ALERTS]
    ]


def island(trend: figures.Trend | None, shown: list[Topic], words: Words) -> dict[str, Any] | None:
    """What charts.js draws, already in the reader's language."""
    if trend is None:
        return None
    names = {t.topic_id: getattr(t, f"name_{words.lang}") for t in shown}
    return {
        "weeks": [words.say("topics.week_of", day=words.day(day)) for day in trend.starts],
        "ticks": [words.day(day) for day in trend.starts],
        "lines": [
            {"name": names[topic], "values": values, "labels": [words.number(v, 1) for v in values]}
            for topic, values in trend.lines.items()
        ],
    }
