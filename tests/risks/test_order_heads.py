"""Bad reviews, returns for a defect and disputes: what is seen of an order, when, and what became of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from insight import risk_scoring, shipped
from insight.errors import LeakError
from insight.risks import HEADS, order_signs
from insight.risks.base import CASE, FATE, Cases
from insight.schema import (
    CONVERSATIONS,
    CUSTOMERS,
    MENTION_SENTIMENT,
    MENTIONS,
    MESSAGES,
    ORDER_ITEMS,
    ORDERS,
    RETURNS,
    REVIEWS,
    SURVEYS,
    Table,
)
from insight.settings import Settings, Shop
from tests.rows import DAY, HOUR, START, table

NAMES = ("bad_review", "bad_review_early", "defect_return", "dispute")
SETTINGS = Settings(home=Path("/nowhere"), shop=Shop(name="test", zone="UTC", currency="EUR"))


def at(days: float) -> int:
    return START + int(days * DAY)


def order(name: str, ordered: float, **told: Any) -> dict[str, Any]:
    """An order of a customer of its own, promised 10 days and 1 hour after it was placed, sent after 2."""
    moments = {"promised": ordered + 10 + 1 / 24, "shipped": ordered + 2, "delivered": ordered + 8} | {
        key: told.pop(key) for key in ("promised", "shipped", "delivered") if key in told
    }
    row = {"order_id": name, "platform": "ebay", "market": "DE", "customer_key": f"of {name}", "status": "delivered"}
    placed = {f"{key}_ms": None if days is None else at(days) for key, days in moments.items()}
    return row | {"ordered_ms": at(ordered), "customer_told": True, "currency_told": True} | placed | told


def review(name: str, days: float, rating: float, of: str) -> dict[str, Any]:
    return {"review_id": name, "order_id": of, "reviewed_ms": at(days), "rating": rating, "platform": "ebay"}


def said(name: str, conversation: str, days: float, text: str, negative: float = 0.1) -> dict[Table, dict[str, Any]]:
    """A message of a customer in English that raises something."""
    of = {"conversation_id": conversation, "text": text, "language": "en"}
    return {
        MESSAGES: {
            "message_id": name,
            "author": "customer",
            "public": True,
            "sent_ms": at(days),
            "seq": int(days * 100),
        }
        | of,
        MENTIONS: {"mention_id": f"{name}.1", "origin": "message", "origin_id": name, "said_ms": at(days)} | of,
        MENTION_SENTIMENT: {"mention_id": f"{name}.1", "negative": negative, "neutral": 1 - negative},
    }


WORLD: dict[Table, list[dict[str, Any]]] = {
    ORDERS: [
        order("a in time", 0),
        order("b late", 0, delivered=11.5),
        order("c missing", 0, delivered=None, status="shipped"),
        order("d unsent", 1, shipped=None, delivered=None, status="processing"),
        order("e cancelled", 1, delivered=None, status="cancelled"),
        order("f too late", 2, delivered=20),
        order("g of a", 30, customer_key="of a in time"),
        order("h on its way", 48, delivered=None, status="shipped"),
        order("i no delivery told", 3, platform="own shop", delivered=None, shipped=None, status="unknown"),
        order("j early", 50, delivered=53),
    ],
    ORDER_ITEMS: [
        {"order_id": name, "line": 1, "sku": sku, "quantity": 1}
        for name, sku in (
            ("a in time", "mug"),
            ("b late", "mug"),
            ("c missing", "cup"),
            ("f too late", "cup"),
            ("g of a", "mug"),
            ("j early", "mug"),
        )
    ]
    + [{"order_id": "b late", "line": 2, "sku": "pan", "quantity": 1}],
    CUSTOMERS: [{"customer_key": "of a in time", "language": "de", "market": "DE"}],
    REVIEWS: [
        review("r1", 9, 0.25, "a in time"),
        review("r2", 12, 1.0, "b late"),
        review("r3", 13, 0.0, "c missing"),
        review("r4", 10, 0.0, "f too late"),
        review("r5", 45, 0.0, "g of a"),
    ],
    SURVEYS: [{"survey_id": "s1", "conversation_id": "v1", "answered_ms": at(11), "rating": 0.0}],
    RETURNS: [
        {"return_id": "t1", "order_id": "a in time", "returned_ms": at(20), "reason": "DEFECTIVE"},
        {"return_id": "t2", "order_id": "b late", "returned_ms": at(21), "reason": "NO_LONGER_NEEDED"},
        {"return_id": "t3", "order_id": "c missing", "returned_ms": at(25), "reason": "A-to-z claim"},
        {"return_id": "t4", "order_id": "f too late", "returned_ms": at(60), "reason": "DEFECTIVE"},
    ],
    CONVERSATIONS: [
        {"conversation_id": "v1", "order_id": "c missing", "customer_key": "of c missing", "opened_ms": at(5)},
        {"conversation_id": "v2", "order_id": "c missing", "customer_key": "of c missing", "opened_ms": at(12.5)},
        {"conversation_id": "v3", "order_id": None, "customer_key": "of b late", "opened_ms": at(5)},
    ],
    MESSAGES: [
        {
            "message_id": "answer",
            "conversation_id": "v1",
            "author": "agent",
            "public": True,
            "sent_ms": at(7),
            "seq": 700,
            "text": "It is on its way.",
        }
    ],
    MENTIONS: [],
    MENTION_SENTIMENT: [],
}
for told in (
    said("m1", "v1", 5, "Where is my parcel?"),
    said("m2", "v1", 8, "I will open a dispute, this is a scam", 0.9),
    said("m3", "v2", 12.5, "I will never buy here again", 0.99),
):
    for of, row in told.items():
        WORLD[of].append(row)


def tables(world: dict[Table, list[dict[str, Any]]] | None = None) -> list[pa.Table]:
    world = WORLD if world is None else world
    return [
        table(of, *sorted(world.get(of, []), key=lambda row: [str(row.get(k)) for k in of.key]))
        for of in order_signs.READS
    ]


def cases(name: str, given: list[pa.Table] | None = None) -> dict[str, dict[str, Any]]:
    """The cases of a head by id: their columns, and value, told and known of each sign by its name."""
    found = HEADS[name].cases(*(given or tables()), settings=SETTINGS).checked(name)
    rows = found.rows[[*CASE, *FATE]].astype(object)
    told = rows.where(rows.notna(), None).to_dict("records")
    for place, row in enumerate(told):
        row["signs"] = {
            key: round(float(one.values[place]), 6) for key, one in found.signs.items() if one.values[place]
        }
        row["told"] = {key: float(one.told[place]) for key, one in found.signs.items() if one.told is not None}
    return {row["case_id"]: row for row in told}


# ---------------------------------------------------------------- when an order is judged


def test_an_order_is_judged_when_it_comes_or_two_days_after_it_was_due() -> None:
    found = cases("bad_review")

    assert at(8) == found["a in time"]["scored_ms"]
    assert at(11.5) == found["b late"]["scored_ms"]
    assert at(12) + HOUR == found["c missing"]["scored_ms"]
    assert at(13) + HOUR == found["d unsent"]["scored_ms"]


def test_no_case_where_there_is_nothing_left_to_foresee_or_nobody_tells() -> None:
    found = cases("bad_review")

    assert "e cancelled" not in found
    assert "f too late" not in found  # reviewed on day 10, judged on day 14
    assert "h on its way" not in found  # not due when the data end
    assert "i no delivery told" not in found


def test_before_delivery_it_is_judged_when_the_carrier_gets_it_or_when_it_is_due() -> None:
    found = cases("bad_review_early")

    assert at(2) == found["a in time"]["scored_ms"]
    assert at(11) + HOUR == found["d unsent"]["scored_ms"]
    assert "not_sent" in found["d unsent"]["signs"]
    assert not {"came_late", "not_come", "came_early"} & {key for row in found.values() for key in row["signs"]}


def test_only_what_came_can_come_back() -> None:
    found = cases("defect_return")

    assert {"a in time", "b late", "f too late", "g of a", "j early"} == set(found)


# ---------------------------------------------------------------- what became of it


def test_the_fate_of_an_order_is_its_first_review() -> None:
    found = cases("bad_review")

    assert (at(9), True) == (found["a in time"]["event_ms"], found["a in time"]["answered"])
    assert (None, True) == (found["b late"]["event_ms"], found["b late"]["answered"])
    assert (None, False) == (found["d unsent"]["event_ms"], found["d unsent"]["answered"])
    assert all(row["asked"] for row in found.values())
    assert at(60) == found["a in time"]["seen_ms"]


def test_a_defect_is_told_by_the_code_of_the_return() -> None:
    found = cases("defect_return")

    assert at(20) == found["a in time"]["event_ms"]
    assert found["b late"]["event_ms"] is None
    assert at(60) == found["f too late"]["event_ms"]


def test_nobody_learns_from_orders_that_came_before_the_first_return_that_is_told() -> None:
    found = cases("defect_return")

    assert (False, False) == (found["b late"]["asked"], found["b late"]["answered"])  # came on day 12, t1 is of day 20
    assert found["g of a"]["answered"]
    assert found["j early"]["answered"]


def test_a_dispute_is_one_only_where_a_source_says_so() -> None:
    found = cases("dispute")

    assert at(25) == found["c missing"]["event_ms"]
    assert found["a in time"]["event_ms"] is None

    calm = WORLD | {RETURNS: [row for row in WORLD[RETURNS] if row["return_id"] != "t3"]}
    assert {} == cases("dispute", tables(calm))


# ---------------------------------------------------------------- what was seen


def test_signs_of_the_parcel() -> None:
    found = cases("bad_review")

    assert 1 == found["b late"]["signs"]["came_late"]
    assert 1.5 * DAY - HOUR == found["b late"]["told"]["came_late"]
    assert 1 == found["b late"]["signs"]["several_products"]
    assert 1 == found["c missing"]["signs"]["not_come"]
    assert 2 * DAY == found["c missing"]["told"]["not_come"]
    assert "not_sent" not in found["c missing"]["signs"]
    assert {"not_come", "not_sent"} <= set(found["d unsent"]["signs"])
    assert 1 == found["j early"]["signs"]["came_early"]
    assert round(float(np.log2(8 / 7)), 6) == found["a in time"]["signs"]["took_long"]
    assert "took_long" not in found["j early"]["signs"]


def test_signs_of_contacts_stop_at_the_moment_of_the_score() -> None:
    signs = cases("bad_review")["c missing"]["signs"]

    assert round(float(np.log(2)), 6) == signs["asked_about"]  # the second conversation opens later
    assert 0.9 == signs["bad_words"]  # not the 0.99 of day 12.5
    assert 1 == signs["threat"]
    assert 1 == signs["open_question"]
    assert 1 == signs["slow_answer"]
    assert 2 * DAY == cases("bad_review")["c missing"]["told"]["slow_answer"]


def test_a_conversation_about_no_order_says_nothing_of_one() -> None:
    assert "asked_about" not in cases("bad_review")["b late"]["signs"]


def test_what_was_said_before_of_the_product_and_by_the_customer() -> None:
    found = cases("bad_review")
    # by day 38 mug was rated twice (r1 bad, r2 good), pan once (r2), cup twice (r3 and r4 bad)
    usual = (3 + 1) / (5 + 2)
    own = (1 + order_signs.ROOM * usual) / (2 + order_signs.ROOM)
    above = np.log(own / (1 - own)) - np.log(usual / (1 - usual))

    assert round(float(-above), 6) == found["g of a"]["signs"]["product_liked"]
    assert 1 == found["g of a"]["signs"]["rated_low_before"]
    assert 1 == found["g of a"]["told"]["rated_low_before"]
    assert "rated_low_before" not in found["a in time"]["signs"]


def test_a_product_that_comes_back_is_known_for_it_at_once() -> None:
    found = cases("defect_return")
    # by day 38 three had come, one of them back for a defect (day 20); of mug two had come, one of them back
    usual = (1 + 1) / (3 + 2 * 50)
    above = np.log((1 + 50 * usual) / (2 + 50) / usual)

    assert round(float(above), 6) == found["g of a"]["signs"]["product_returned"]
    assert 1 == found["g of a"]["signs"]["returned_before"]
    assert "returned_before" not in found["b late"]["signs"]


# ---------------------------------------------------------------- nothing later


def cut(given: list[pa.Table], moment: int) -> list[pa.Table]:
    """What anybody could have known at a moment; what happens to an order later is not told yet."""
    own = {ORDERS: "ordered_ms", REVIEWS: "reviewed_ms", SURVEYS: "answered_ms", RETURNS: "returned_ms"}
    own |= {CONVERSATIONS: "opened_ms", MESSAGES: "sent_ms", MENTIONS: "said_ms"}
    found = []
    for of, told in zip(order_signs.READS, given, strict=True):
        rows = told.filter(pc.less_equal(told[own[of]], moment)) if of in own else told
        for name in ("shipped_ms", "delivered_ms"):
            if name in rows.column_names:
                place = rows.column_names.index(name)
                later = pc.fill_null(pc.greater(rows[name], moment), False)
                kept = pc.if_else(later, pa.scalar(None, pa.int64()), rows[name])
                rows = rows.set_column(place, rows.schema.field(name), kept)
        found.append(rows)
    beat = table(MESSAGES, {"message_id": "zz", "conversation_id": "none", "author": "system", "sent_ms": moment})
    place = order_signs.READS.index(MESSAGES)
    found[place] = pa.concat_tables([found[place], beat])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_world_cut_at_the_moment_of_the_score_gives_the_same_signs(name: str) -> None:
    for case, row in cases(name).items():
        then = cases(name, cut(tables(), row["scored_ms"]))
        if name != "dispute":  # whether disputes are told at all is known only when one came
            assert row["signs"] == then[case]["signs"], case
            assert row["scored_ms"] == then[case]["scored_ms"]


@pytest.mark.parametrize("name", NAMES)
def test_a_sign_that_is_known_later_fails_by_its_name(name: str) -> None:
    found = HEADS[name].cases(*tables(), settings=SETTINGS)
    late = dataclasses.replace(found.signs["threat"], known_ms=found.signs["threat"].known_ms + at(400))

    with pytest.raises(LeakError, match=f"{name}: threat"):
        Cases(found.rows, {**found.signs, "threat": late}).checked(name)


# ---------------------------------------------------------------- little or nothing told


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_shop_has_no_cases(name: str) -> None:
    found = HEADS[name].cases(*tables({}), settings=SETTINGS).checked(name)

    assert 0 == len(found.rows)
    assert [*CASE, *FATE] == list(found.rows.columns)


@pytest.mark.parametrize("missing", [of for of in order_signs.READS if of is not ORDERS])
@pytest.mark.parametrize("name", NAMES[:3])
def test_a_feed_that_is_not_there_is_no_sign_and_no_error(name: str, missing: Table) -> None:
    told = cases(name, tables(WORLD | {missing: []}))

    assert told
    if missing is REVIEWS:
        assert not any(
            row["asked"] or row["answered"] for row in cases("bad_review", tables(WORLD | {REVIEWS: []})).values()
        )
    if missing is RETURNS:
        assert not any(row["answered"] for row in cases("defect_return", tables(WORLD | {RETURNS: []})).values())


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    turned = [one.take(pa.array(range(len(one)))[::-1]) for one in tables()]

    assert cases(name) == cases(name, turned)


# ---------------------------------------------------------------- the cards


@pytest.mark.parametrize("name", [*NAMES, "low_csat"])
def test_a_card_has_words_in_both_languages_and_points_for_signs_that_there_are(name: str) -> None:
    told = shipped.toml(HEADS[name].card)

    assert {f"{end:g}" for end in HEADS[name].ends} == set(told["curve"])
    for reason in told["reasons"].values():
        blanks: Callable[[str], set[str]] = lambda words: {b for b in ("{count}", "{span}") if b in words}  # noqa: E731
        assert blanks(reason["en"]) == blanks(reason["zh"])
        assert any("一" <= letter <= "鿿" for letter in reason["zh"])
    if name != "low_csat":
        assert set(told["reasons"]) <= set(HEADS[name].cases(*tables(), settings=SETTINGS).signs)


def test_scores_say_why_in_words_that_a_person_understands() -> None:
    head = HEADS["bad_review"]
    found = head.cases(*tables(), settings=SETTINGS)
    scores = risk_scoring.scores(head, found, risk_scoring.scorecard(risk_scoring.card(head))).to_pylist()
    by = {row["order_id"]: row for row in scores}

    assert "parcel has not come 2 days after it was due" == by["c missing"]["reasons"][0]
    assert "parcel came 1 day late" == by["b late"]["reasons"][0]
    assert "包裹晚到1天" == by["b late"]["reasons_zh"][0]
    assert by["c missing"]["probability"] > by["b late"]["probability"] > by["j early"]["probability"]
    for row in scores:
        assert row["logit"] == pytest.approx(row["base"] + sum(row["points"]), abs=1e-9)
