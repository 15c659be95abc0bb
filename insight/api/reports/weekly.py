"""The weekly report: the last seven complete days against the seven before, topic by topic."""

from __future__ import annotations

from datetime import date, timedelta

from insight.api.reports import sections, work
from insight.api.reports.base import Report
from insight.periods import WEEK, Period


def span(last: date) -> tuple[Period, Period]:
    """Seven days that end with the last complete one, and the seven before."""
    now = Period(last - timedelta(days=WEEK - 1), last + timedelta(days=1))
    return now, now.before


REPORT = Report(
    "weekly",
    span,
    (
        "conversations",
        "contacts_per_100_orders",
        "first_response_median",
        "late_response_share",
        "handle_mean",
        "first_contact_resolution",
        "csat_mean",
        "bad_review_share",
        "late_delivery_share",
        "return_rate",
        "orders",
    ),
    (
        sections.figures,
        sections.changes,
        sections.alerts,
        sections.risks,
        work.fixes,
        work.carriers,
        sections.wishes,
        sections.questions,
        work.actions,
        work.coaching,
        work.people,
    ),
)
