"""Random facts for the tests of KPIs: every flag yes, no or unknown, and numbers with ties."""

from __future__ import annotations

import datetime as dt
import random

FIRST = dt.date(2026, 1, 1)
MAYBE = (True, False, None)


def contact(number: int, dice: random.Random) -> dict:
    """One row of conversation_facts as the job could have made it."""
    needs_answer = dice.random() < 0.9
    answered = needs_answer and dice.random() < 0.8
    rating = dice.choice([None, 0.0, 0.25, 0.5, 1.0, 4 / 9])
    return {
        "conversation_id": f"c{number}",
        "customer_key": f"k{dice.randrange(12)}",
        "market": dice.choice(["DE", "US"]),
        "channel": dice.choice(["chat", "email"]),
        "hour": dice.randrange(3),
        "day": FIRST + dt.timedelta(days=dice.randrange(6)),
        "messages": dice.randrange(9),
        "needs_answer": needs_answer,
        "answered": answered,
        "first_response_ms": dice.choice([0, 1, 999, 60_000, 60_001, 7_200_000]) if answered else None,
        "late_response": dice.choice(MAYBE[:2] if answered else MAYBE) if needs_answer else None,
        "waits": dice.randrange(1, 4) if answered else 0,
        "wait_ms": dice.randrange(10**6) if answered else 0,
        "handle_ms": dice.choice([0, 5, 300_000]) if answered else None,
        "handle_shared_ms": dice.choice([0, 4, 150_000]) if answered else None,
        "duration_ms": dice.choice([None, 0, 1500, 90_000]),
        "open_ms": dice.choice([None, 0, 61_000, 10**9]),
        "agents": dice.randrange(1, 4) if answered else 0,
        "resolved": dice.choice(MAYBE),
        "first_response_business_ms": dice.choice([None, 0, 500, 60_000, 32_400_000]) if answered else None,
        "late_response_business": dice.choice(MAYBE),
        "first_resolution_ms": dice.choice([None, 0, 900_000, 7_200_001]),
        "full_resolution_ms": dice.choice([None, 0, 900_000, 10**8]),
        "reopens": dice.choice([None, 0, 0, 1, 3]),
        "handoffs": dice.choice([None, 0, 1, 2]),
        "transfers": dice.choice([None, 0, 1]),
        "escalated": dice.choice(MAYBE),
        "closed_at_once": dice.choice(MAYBE),
        "one_reply": dice.choice(MAYBE),
        "one_teammate": dice.choice(MAYBE),
        "came_back": dice.choice(MAYBE),
        "surveyed": dice.choice([None, rating is not None]),
        "csat_score": rating,
        "csat_rating": rating,
        "top_box": None if rating is None else rating == 1.0,
        "top_two": None if rating is None else dice.choice(MAYBE),
        "turned_bad": dice.choice(MAYBE),
        "recovered": dice.choice(MAYBE),
        "presale": dice.choice(MAYBE),
        "converted": dice.choice(MAYBE),
    }


def turn(number: int, dice: random.Random) -> dict:
    """One row of customer_turns as the job could have made it."""
    wait_ms, asks = dice.choice([None, 0, 999, 60_001, 7_200_000, 86_400_001]), dice.random() < 0.8
    judged = MAYBE if wait_ms is None else MAYBE[:2]
    return {
        "conversation_id": f"c{number}",
        "customer_key": f"k{dice.randrange(12)}",
        "market": dice.choice(["DE", "US"]),
        "day": FIRST + dt.timedelta(days=dice.randrange(6)),
        "answered": wait_ms is not None,
        "wait_ms": wait_ms,
        "waited_ms": dice.choice([5, 10**9]) if wait_ms is None else wait_ms,
        "needs_reply": asks,
        "late": dice.choice(judged) if asks else None,
        "late_24h": dice.choice(judged) if asks else None,
    }


def order(number: int, dice: random.Random) -> dict:
    """One row of order_facts as the job could have made it."""
    return {
        "order_id": f"o{number}",
        "market": dice.choice(["DE", "US", "FR"]),
        "day": FIRST + dt.timedelta(days=dice.randrange(6)),
        "total_minor": dice.choice([None, 0, 999, 2500, 10_000]),
        "refund_minor": dice.choice([None, 0, 0, 333, 999]),
        "total_shop_minor": dice.choice([None, 0, 999, 2550, 10_049]),
        "refund_shop_minor": dice.choice([None, 0, 0, 333, 999]),
        "cancelled": dice.choice(MAYBE),
        "contacts_28d": (early := dice.choice([None, 0, 0, 1, 3])),
        "contacted": None if early is None else early > 0,
        "late": dice.choice(MAYBE),
        "returned_30d": dice.choice(MAYBE),
        "bad_review": dice.choice(MAYBE),
    }


def customer(number: int, dice: random.Random) -> dict:
    """One row of customer_facts as the job could have made it."""
    return {
        "customer_key": f"k{number}",
        "market": dice.choice(["DE", "US", "FR"]),
        "day": FIRST + dt.timedelta(days=dice.randrange(6)),
        "repurchased_90d": dice.choice(MAYBE),
        "repurchased_180d": dice.choice(MAYBE),
        "revenue_90d_minor": dice.choice([None, 0, 2550, 10_049]),
        "margin_90d_minor": dice.choice([None, -250, 0, 333]),
        "lifetime_revenue_minor": dice.choice([None, 0, 2550, 10_049]),
        "lifetime_margin_minor": dice.choice([None, -250, 0, 333]),
    }
