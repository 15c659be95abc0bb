"""Every KPI a second time, in plain Python over rows as dicts: slow, and with nothing of the first way in it."""

from __future__ import annotations

import math
from fractions import Fraction


def share(rows, top, below):
    """(n, value) of the rows that count below, and the share of them that count on top."""
    below = [row for row in rows if below(row)]
    return len(below), sum(1 for row in below if top(row)) / len(below) if below else None


def mean(pairs):
    """(n, value) of pairs (amount, weight): all amounts over all weights, added up exactly."""
    pairs = list(pairs)
    weight = sum(w for _, w in pairs)
    return len(pairs), float(sum(Fraction(a) for a, _ in pairs) / weight) if weight else None


def percentile(values, p, scale):
    """(n, value) between the two neighbours of the place (n - 1) · p in the sorted values."""
    values = sorted(v for v in values if v is not None)
    if not values:
        return 0, None
    place = (len(values) - 1) * p
    below, above = values[math.floor(place)], values[math.ceil(place)]
    return len(values), (below + (above - below) * (place - math.floor(place))) * scale


def known(name):
    return lambda row: row[name] is not None


def column(rows, name):
    return [row[name] for row in rows]


CONTACTS = {
    "conversations": lambda rows: (len(rows), len(rows)),
    "customers": lambda rows: (len(rows), len({row["customer_key"] for row in rows})),
    "messages_per_conversation": lambda rows: mean((r["messages"], 1) for r in rows if r["needs_answer"]),
    "presale_share": lambda rows: share(rows, lambda r: r["presale"], known("presale")),
    "first_response_median": lambda rows: percentile(column(rows, "first_response_ms"), 0.5, 0.001),
    "first_response_p90": lambda rows: percentile(column(rows, "first_response_ms"), 0.9, 0.001),
    "late_response_share": lambda rows: share(rows, lambda r: r["late_response"], known("late_response")),
    "late_answer_share": lambda rows: share(
        rows, lambda r: r["late_response"], lambda r: r["answered"] and r["late_response"] is not None
    ),
    "unanswered_share": lambda rows: share(rows, lambda r: not r["answered"], lambda r: r["needs_answer"]),
    "wait_mean": lambda rows: mean((Fraction(r["wait_ms"], 1000), r["waits"]) for r in rows if r["waits"]),
    "handle_mean": lambda rows: mean((Fraction(r["handle_ms"], 1000), 1) for r in rows if r["handle_ms"] is not None),
    "duration_median": lambda rows: percentile(column(rows, "duration_ms"), 0.5, 0.001),
    "open_median": lambda rows: percentile(column(rows, "open_ms"), 0.5, 0.001),
    "several_agents_share": lambda rows: share(rows, lambda r: r["agents"] >= 2, lambda r: r["answered"]),
    "csat_mean": lambda rows: mean((r["csat_rating"], 1) for r in rows if r["csat_rating"] is not None),
    "csat_top_box": lambda rows: share(rows, lambda r: r["top_box"], known("csat_rating")),
    "csat_top_two": lambda rows: share(rows, lambda r: r["top_two"], known("top_two")),
    "survey_response_share": lambda rows: share(
        rows, lambda r: r["surveyed"], lambda r: r["answered"] and r["surveyed"] is not None
    ),
    "first_contact_resolution": lambda rows: share(rows, lambda r: not r["came_back"], known("came_back")),
    "repeat_contact_share": lambda rows: share(rows, lambda r: r["came_back"], known("came_back")),
    "resolved_share": lambda rows: share(rows, lambda r: r["resolved"], known("resolved")),
    "turned_bad_share": lambda rows: share(rows, lambda r: r["turned_bad"], known("turned_bad")),
    "recovered_share": lambda rows: share(rows, lambda r: r["recovered"], known("recovered")),
    "conversion_after_contact": lambda rows: share(rows, lambda r: r["converted"], known("converted")),
}

ORDERS = {
    "orders": lambda rows: (len(rows), len(rows)),
    "bad_review_share": lambda rows: share(rows, lambda r: r["bad_review"], known("bad_review")),
    "late_delivery_share": lambda rows: share(rows, lambda r: r["late"], known("late")),
    "return_rate": lambda rows: share(rows, lambda r: r["returned_30d"], known("returned_30d")),
    "refund_per_order": lambda rows: mean(
        (r["refund_minor"] / r["total_minor"], 1) for r in rows if r["total_minor"] and r["refund_minor"] is not None
    ),
}

BOTH = {
    "contacts_per_100_orders": lambda contacts, orders: (
        len(contacts),
        100 * len(contacts) / len(orders) if orders else None,
    ),
}
