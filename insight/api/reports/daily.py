"""The daily report: what happened yesterday, against the seven days before, and whom to help today."""

from __future__ import annotations

from datetime import date, timedelta

from insight.api.reports import sections
from insight.api.reports.base import Report
from insight.periods import Period


def span(last: date) -> tuple[Period, Period]:
    """The last complete day, and the seven days before it."""
    now = Period(last, last + timedelta(days=1))
    return now, Period(last - timedelta(days=7), last)


REPORT = Report(
    "daily",
    span,
    ("conversations", "first_response_median", "late_response_share", "unanswered_share", "csat_mean", "orders"),
    (sections.figures, sections.alerts, sections.risks, sections.changes),
)
