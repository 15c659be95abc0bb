"""What every report is: a span of days, the figures it shows, and its sections; and how it becomes a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from insight.api.words import Words
from insight.documents import Document, Section
from insight.periods import Period
from insight.published import Generation
from insight.settings import Settings


@dataclass(frozen=True)
class Context:
    """What sections are made from: the published file, the settings, the reader's words, and which days.

    `figures` are the KPIs of the report by name; None means all.
    """

    generation: Generation
    told: Settings
    words: Words
    now: Period
    before: Period
    figures: tuple[str, ...] | None

    @property
    def few(self) -> int:
        """Distinct customers that a text, and rows that a revealing figure needs."""
        return self.told.privacy.min_customers


@dataclass(frozen=True)
class Report:
    """One report. A section that has nothing to say says so, or is None where its feed is not told at all.

    :param span: the days it is about and those it compares with, given the last complete day of the data.
    """

    name: str
    span: Callable[[date], tuple[Period, Period]]
    figures: tuple[str, ...] | None
    sections: tuple[Callable[[Context], Section | None], ...]


def last_day(generation: Generation, told: Settings) -> date:
    """The last complete day of the data, in the business time zone."""
    newest = datetime.fromtimestamp(generation.as_of_ms / 1000, tz=UTC).astimezone(told.shop.clock)
    return newest.date() - timedelta(days=1)


def document(report: Report, generation: Generation, told: Settings, words: Words) -> Document:
    """The report in the reader's language. What matters most stands on top: the first sentence of each section."""
    now, before = report.span(last_day(generation, told))
    context = Context(generation, told, words, now, before, report.figures)
    made = [section for make in report.sections if (section := make(context)) is not None]
    say = words.say
    days = say("report.days", since=words.full_day(now.since), until=words.full_day(now.until - timedelta(days=1)))
    against = say(
        "report.days", since=words.full_day(before.since), until=words.full_day(before.until - timedelta(days=1))
    )
    return Document(
        title=say(f"report.{report.name}", shop=told.shop.name),
        subtitle=say("report.against", days=days, before=against),
        lines=tuple(section.lines[0] for section in made if section.lines),
        sections=tuple(made),
        language=words.lang,
        made=datetime.fromtimestamp(generation.as_of_ms / 1000, tz=UTC).replace(tzinfo=None),
    )
