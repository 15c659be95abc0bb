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
    "messages": lambda rows: (len(rows), sum(r["messages"] for r in rows)),
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
    "handle_shared_mean": lambda rows: mean(
        (Fraction(r["handle_shared_ms"], 1000), 1) for r in rows if r["handle_shared_ms"] is not None
    ),
    "duration_median": lambda rows: percentile(column(rows, "duration_ms"), 0.5, 0.001),
    "open_median": lambda rows: percentile(column(rows, "open_ms"), 0.5, 0.001),
    "several_agents_share": lambda rows: share(rows, lambda r: r["agents"] >= 2, lambda r: r["answered"]),
    "first_response_business_median": lambda rows: percentile(column(rows, "first_response_business_ms"), 0.5, 0.001),
    "late_response_business_share": lambda rows: share(
        rows, lambda r: r["late_response_business"], known("late_response_business")
    ),
    "handoff_share": lambda rows: share(rows, lambda r: r["handoffs"] >= 1, known("handoffs")),
    "transfer_share": lambda rows: share(rows, lambda r: r["transfers"] >= 1, known("transfers")),
    "first_resolution_median": lambda rows: percentile(column(rows, "first_resolution_ms"), 0.5, 0.001),
    "first_resolution_p90": lambda rows: percentile(column(rows, "first_resolution_ms"), 0.9, 0.001),
    "full_resolution_median": lambda rows: percentile(column(rows, "full_resolution_ms"), 0.5, 0.001),
    "full_resolution_p90": lambda rows: percentile(column(rows, "full_resolution_ms"), 0.9, 0.001),
    "closed_at_once_share": lambda rows: share(rows, lambda r: r["closed_at_once"], known("closed_at_once")),
    "one_reply_share": lambda rows: share(rows, lambda r: r["one_reply"], known("one_reply")),
    "one_teammate_share": lambda rows: share(rows, lambda r: r["one_teammate"], known("one_teammate")),
    "reopen_share": lambda rows: share(
        rows,
        lambda r: r["reopens"] >= 1,
        lambda r: r["first_resolution_ms"] is not None and r["reopens"] is not None,
    ),
    "escalation_share": lambda rows: share(rows, lambda r: r["escalated"], known("escalated")),
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

ASKS = [lambda r: r["needs_reply"], lambda r: r["needs_reply"] and r["wait_ms"] is not None]
TURNS = {
    "wait_p90": lambda rows: percentile(column(filter(ASKS[1], rows), "wait_ms"), 0.9, 0.001),
    "longest_wait": lambda rows: percentile(column(filter(ASKS[0], rows), "waited_ms"), 1, 0.001),
    "unanswered_turns_share": lambda rows: share(rows, lambda r: r["wait_ms"] is None, ASKS[0]),
    "late_wait_share": lambda rows: share(rows, lambda r: r["late"], known("late")),
    "amazon_late_response_rate": lambda rows: share(rows, lambda r: r["late_24h"], known("late_24h")),
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

ORDERS |= {
    "contacts_about_100_orders": lambda rows: mean(
        (100 * r["contacts_28d"], 1) for r in rows if r["contacts_28d"] is not None
    ),
    "orders_contacted_share": lambda rows: share(rows, lambda r: r["contacts_28d"], known("contacts_28d")),
    "refund_share": lambda rows: mean(
        (r["refund_shop_minor"], r["total_shop_minor"])
        for r in rows
        if not r["cancelled"] and r["refund_shop_minor"] is not None and r["total_shop_minor"]
    ),
    "refunded_orders_share": lambda rows: share(
        rows, lambda r: r["refund_minor"], lambda r: not r["cancelled"] and r["refund_minor"] is not None
    ),
    "average_order_value": lambda rows: mean(
        (r["total_shop_minor"], 1) for r in rows if not r["cancelled"] and r["total_shop_minor"] is not None
    ),
}


def amount(name):
    return lambda rows: mean((r[name], 1) for r in rows if r[name] is not None)


CUSTOMERS = {
    "repurchase_90d": lambda rows: share(rows, lambda r: r["repurchased_90d"], known("repurchased_90d")),
    "repurchase_180d": lambda rows: share(rows, lambda r: r["repurchased_180d"], known("repurchased_180d")),
    "customer_revenue_90d": amount("revenue_90d_minor"),
    "customer_margin_90d": amount("margin_90d_minor"),
    "lifetime_revenue": amount("lifetime_revenue_minor"),
    "lifetime_margin": amount("lifetime_margin_minor"),
}

BOTH = {
    "contacts_per_100_orders": lambda contacts, orders: (
        len(contacts),
        100 * len(contacts) / len(orders) if orders else None,
    ),
}
