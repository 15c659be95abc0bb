"""Why scores are low: topics and words against the other scores, with quotes only of many."""

from __future__ import annotations

import pandas as pd
import pytest

from insight import contrast, language
from insight.marts import low_scores
from insight.schema import LOW_SCORES
from tests.rows import kept

NO_ORDERS = pd.DataFrame({"order_id": pd.Series([], dtype=object), "bad_review": pd.Series([], dtype=bool)})


def contact(number: int, topic: str, text: str, **more: object) -> dict:
    row = {"mention_id": f"m{number:04}", "origin": "message", "conversation_id": f"c{number}", "order_id": None}
    row |= {"customer_key": f"k{number}", "language": "en", "text": text, "text_hash": f"{number % 7}{number}"}
    return row | {"topic_id": topic, "similarity": 0.5} | more


def told(rows: list[dict], ratings: list[float | None], orders: pd.DataFrame = NO_ORDERS, **asked: int) -> list[dict]:
    conversations = pd.DataFrame({"conversation_id": [f"c{n}" for n in range(len(ratings))], "csat_rating": ratings})
    said = low_scores.scored(conversations, orders, pd.DataFrame(rows))
    some = {"min_customers": 5, **asked}
    first = kept(LOW_SCORES, low_scores.told(said, split=language.words, **some))
    shuffled = said.sample(frac=1, random_state=3)
    assert first == kept(LOW_SCORES, low_scores.told(shuffled, split=language.words, **some))
    return first


def shop() -> tuple[list[dict], list[float | None]]:
    """60 low scores, 40 of them about t-late; 140 others, 20 of them about it; 30 without a score."""
    rows, ratings = [], []
    for n in range(230):
        is_low, about = n < 60, n < 40 or 60 <= n < 80
        ratings.append(None if n >= 200 else 0.25 if is_low else 0.75)
        rows.append(contact(n, "t-late" if about else "t-wash", "my parcel is late" if about else "how do I wash it"))
    return rows, ratings


def test_a_topic_that_low_scores_hold_more_often_is_told_with_its_interval() -> None:
    late, wash = [one for one in told(*shop()) if one["reason_kind"] == "topic"]
    expected = contrast.shares([40], [60], [20], [140])

    assert (40, 60, 20, 140) == tuple(late[c] for c in ("low_n", "low_all", "others_n", "others_all"))
    assert pytest.approx((2 / 3, 1 / 7)) == (late["share"], late["others"])
    assert pytest.approx((expected.low[0], expected.high[0])) == (late["low"], late["high"])
    assert ("more often", "less often") == (late["verdict"], wash["verdict"])
    assert "my parcel is late" == late["quote"]


def test_words_are_told_once_per_customer_and_in_both_languages() -> None:
    words = {one["reason_en"]: one for one in told(*shop()) if one["reason_kind"] == "word"}

    assert "late" in words
    assert (40, 60, 20, 140) == tuple(words["late"][c] for c in ("low_n", "low_all", "others_n", "others_all"))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in words["late"]["reason_zh"])
    assert "wash" not in words


def test_few_customers_are_neither_named_nor_quoted() -> None:
    rows, ratings = shop()
    one_voice = [row | {"customer_key": "ann"} if row["topic_id"] == "t-late" else row for row in rows]

    assert ["t-wash"] == [one["reason"] for one in told(one_voice, ratings)]
    assert [] == told(rows, ratings, min_customers=500)


def test_reviews_are_counted_by_their_orders_and_messages_do_not_count_for_them() -> None:
    orders = pd.DataFrame({"order_id": [f"o{n}" for n in range(80)], "bad_review": [n < 30 for n in range(80)]})
    rows = [
        contact(
            n,
            "t-late" if n < 30 else "t-fine",
            "never arrived",
            origin="review",
            conversation_id=None,
            order_id=f"o{n}",
        )
        for n in range(80)
    ]
    rows += [contact(100 + n, "t-chat", "hello there", order_id=f"o{n}") for n in range(40)]
    topics = [one for one in told(rows, [], orders) if one["reason_kind"] == "topic"]

    assert [("review", "t-fine", 0, 50), ("review", "t-late", 30, 0)] == [
        (one["kind"], one["reason"], one["low_n"], one["others_n"]) for one in topics
    ]


def test_where_no_score_is_low_or_nothing_is_scored_nothing_is_said() -> None:
    rows, _ = shop()

    assert [] == told(rows, [1.0] * 230)
    assert [] == told(rows, [None] * 230)
