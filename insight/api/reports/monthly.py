"""The monthly report: the last complete calendar month against the one before, with sales and next month's goals."""

from __future__ import annotations

from datetime import date, timedelta

from insight.api.reports import sections, work
from insight.api.reports.base import Report
from insight.periods import Period


def span(last: date) -> tuple[Period, Period]:
    """The last calendar month that is over, and the one before."""
    until = (last + timedelta(days=1)).replace(day=1)
    since = (until - timedelta(days=1)).replace(day=1)
    return Period(since, until), Period((since - timedelta(days=1)).replace(day=1), since)


REPORT = Report(
    "monthly",
    span,
    None,
    (
        sections.figures,
        sections.goals,
        sections.changes,
        work.costs,
        work.fixes,
        work.carriers,
        work.together,
        sections.wishes,
        sections.questions,
        work.actions,
        work.coaching,
        sections.risks,
        work.people,
    ),
)
