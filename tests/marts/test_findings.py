"""What is said unprompted: only what is sure, the largest first, with n and interval, and never as a cause."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from insight.engines import ENGINES
from insight.marts import findings
from insight.schema import CONVERSATION_FACTS, FINDINGS, ORDER_FACTS
from tests.rows import kept, table

STARS = {1: 0.0, 2: 0.25, 3: 0.5, 4: 0.75, 5: 1.0}


def orders(late: list[int], on_time: list[int], **more: object) -> list[dict]:
    rows = [(stars, True) for stars in late] + [(stars, False) for stars in on_time]
    return [{"late": is_late, "delivered": True, "review_rating": STARS[stars], **more} for stars, is_late in rows]


def found(order_rows: list[dict], contact_rows: list[dict] | None = None, **told: int) -> list[dict]:
    """The findings, equal on every engine and in every order of rows."""
    answers = []
    for seed, engine in enumerate(ENGINES.values()):
        dice = random.Random(seed)
        facts = {
            of.name: engine.frame(
                table(of, *dice.sample([{key: f"{n}", **row} for n, row in enumerate(rows)], len(rows)))
            )
            for of, key, rows in (
                (ORDER_FACTS, "order_id", order_rows),
                (CONVERSATION_FACTS, "conversation_id", contact_rows or []),
            )
        }
        answers.append(kept(FINDINGS, findings.found(facts, **told)))
    assert answers[0] == answers[1]
    return answers[0]


def test_late_orders_have_fewer_stars_and_the_sentence_says_how_sure_that_is() -> None:
    """40 late orders: 24 of 1 star, 16 of 5, mean 2.6; 40 on time: 5 of 1, 35 of 5, mean 4.5; by hand."""
    [one] = found(orders([1] * 24 + [5] * 16, [1] * 5 + [5] * 35))

    assert ("review", "late", "yes", "stars of 5") == tuple(one[c] for c in ("outcome", "split", "part", "unit"))
    assert (40, 40) == (one["n"], one["others_n"])
    assert pytest.approx((2.6, 4.5, -1.9)) == (one["value"], one["others"], one["difference"])
    # variances 16 · .6 · .4 · 40/39 and 16 · .125 · .875 · 40/39, each over 40
    half = 1.959964 * ((16 * 0.24 + 16 * 0.109375) * (40 / 39) / 40) ** 0.5
    assert pytest.approx((-1.9 - half, -1.9 + half), abs=1e-6) == (one["low"], one["high"])
    assert (
        "Orders that came late are reviewed with 2.60 of 5 stars on average, orders on time with 4.50 "
        f"(n = 40 and 40; difference -1.90, 95 %: {-1.9 - half:+.2f} to {-1.9 + half:+.2f})."
    ) == one["said"]
    assert "2.60星" in one["said_zh"]


def test_orders_that_never_came_are_told_apart_from_those_that_came_late() -> None:
    never = [{"late": True, "delivered": False, "review_rating": 0.0}] * 40
    came = orders([3] * 40, [5] * 80)
    by_split = {one["split"]: one for one in found(never + came)}

    assert (40, 3.0, 5.0) == tuple(by_split["late"][name] for name in ("n", "value", "others"))
    assert (40, 1.0) == (by_split["missing"]["n"], by_split["missing"]["value"])


def test_what_goes_together_is_not_called_a_cause() -> None:
    said = " ".join(one["said"] for one in found(orders([1] * 40, [5] * 40)))

    assert said
    assert not any(word in said for word in ("because", "cause", "due to", "leads"))


def test_few_rows_say_nothing() -> None:
    assert [] == found(orders([1] * 29, [5] * 500))
    assert found(orders([1] * 29, [5] * 500), fewest=29)


def test_of_two_values_one_is_told_and_what_nobody_told_is_no_value() -> None:
    rows = [{"bad_review": n % 10 < bad, "carrier": name} for name, bad in (("DHL", 8), ("UPS", 1)) for n in range(60)]
    unknown = [{"bad_review": True, "carrier": "unknown"}] * 60

    assert [("carrier", "DHL", 0.8, 0.1)] == [
        (one["split"], one["part"], one["value"], one["others"]) for one in found(rows + unknown)
    ]


def test_the_largest_difference_comes_first() -> None:
    contacts = [
        {
            "late_response": late,
            "came_back": n % 100 < (40 if late else 20),
            "csat_rating": 0.2 if late else 1.0 - n % 2,
        }
        for late in (True, False)
        for n in range(200)
    ]
    told = found([], contacts)

    assert [1, 2] == [one["rank"] for one in told]
    assert {"came_back", "csat"} == {one["outcome"] for one in told}


def test_where_nothing_goes_together_hardly_anything_is_said() -> None:
    said = 0
    for seed in range(20):
        dice = random.Random(seed)
        rows = [
            {
                "late": dice.random() < 0.3,
                "returned": dice.random() < 0.2,
                "review_rating": dice.choice([*STARS.values()]),
                "carrier": dice.choice("abcde"),
                "market": dice.choice("uvwxyz"),
            }
            for _ in range(400)
        ]
        facts = {
            ORDER_FACTS.name: ENGINES["local"].frame(
                table(ORDER_FACTS, *({"order_id": f"{n}", **r} for n, r in enumerate(rows)))
            ),
            CONVERSATION_FACTS.name: ENGINES["local"].frame(table(CONVERSATION_FACTS)),
        }
        said += len(findings.found(facts))
    assert said <= 4


def test_without_rows_there_is_an_empty_table() -> None:
    assert [] == found([])
    assert isinstance(
        findings.found(
            {t.name: ENGINES["memory"].frame(t.arrow.empty_table()) for t in (ORDER_FACTS, CONVERSATION_FACTS)}
        ),
        pd.DataFrame,
    )
