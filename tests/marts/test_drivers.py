"""What counts as a driver, and when: topics known before the outcome, time that must not be held against anybody."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight import schema
from insight.engines import ENGINES
from insight.marts import drivers as mart
from insight.run import Run
from insight.settings import Settings
from jobs import drivers as job
from tests.rows import DAY, START, kept, table

TABLES = {read.name: read for read in job.READS}
LATER = START + 300 * DAY
TOPICS = [{"topic_id": name, "state": "live"} for name in ("small", "late", "other")]
Rows = dict[str, list[dict[str, Any]]]


def work(rows: Rows, *, shuffle: int | None = None) -> list[dict[str, Any]]:
    """The job over rows of its tables, as the store would keep them."""
    told = {name: list(rows.get(name, [])) for name in TABLES}
    told["topics"] = told["topics"] or TOPICS
    if shuffle is not None:
        for some in told.values():
            random.Random(shuffle).shuffle(some)
    engine = ENGINES["local"]
    frames = [engine.frame(table(of, *told[of.name])) for of in job.READS]
    return kept(schema.DRIVERS, job.work(*frames, run=Run(Settings(home=Path()), engine)))


def known(rows: Rows) -> mart.Known:
    def of(name: str, columns: Any) -> pd.DataFrame:
        read = table(TABLES[name], *rows.get(name, [])).select(list(columns))
        return read.to_pandas(types_mapper=pd.ArrowDtype)

    said = of("mentions", job.SAID).merge(of("mention_topics", ["mention_id", "topic_id"]), on="mention_id")
    return mart.known(
        of("conversation_facts", job.OF_CONVERSATIONS),
        of("order_facts", job.OF_ORDERS),
        of("orders", ["order_id", "delivered_ms", "customer_told"]),
        said,
        of("surveys", ["survey_id", "conversation_id", "answered_ms"]),
        of("returns", ["return_id", "order_id", "returned_ms"]),
        of("reviews", ["review_id", "order_id", "reviewed_ms", "rating"]),
    )


def about(cases: mart.Cases) -> dict[str, list[str]]:
    """Topics by unit."""
    unit = cases.said["row"].map(cases.rows["unit_id"])
    return {str(u): sorted(set(some)) for u, some in cases.said.groupby(unit)["topic_id"]}


def outcome(name: str) -> mart.Outcome:
    return next(one for one in mart.OUTCOMES if one.name == name)


def say(rows: Rows, topic: str, at: int, *, conversation: str | None = None, order: str | None = None, **more: Any):
    number = len(rows.setdefault("mentions", []))
    mention = {"mention_id": f"m{number:05}", "origin": "message", "origin_id": f"{conversation}-{at}", "said_ms": at}
    rows["mentions"].append(mention | {"conversation_id": conversation, "order_id": order} | more)
    rows.setdefault("mention_topics", []).append({"mention_id": f"m{number:05}", "topic_id": topic})


def talk(rows: Rows, name: str, rating: float | None, *topics: str, at: int = START, **more: Any) -> None:
    row = {"conversation_id": name, "customer_key": f"k-{name}", "opened_ms": at, "answered": True}
    row |= {"first_response_ms": 60_000, "csat_rating": rating, "day": pd.Timestamp(at, unit="ms").date()}
    rows.setdefault("conversation_facts", []).append(row | more)
    if rating is not None:
        survey = {"survey_id": f"s-{name}", "conversation_id": name, "answered_ms": at + DAY}
        rows.setdefault("surveys", []).append(survey)
    for topic in topics:
        say(rows, topic, at, conversation=name)


def order(rows: Rows, name: str, at: int, *, returned: int | None = None, delivered: int | None = None, **more: Any):
    came = at + 5 * DAY if delivered is None else delivered
    back = None if returned is None else returned < came + 30 * DAY
    row = {"order_id": name, "customer_key": f"k-{name}", "ordered_ms": at, "day": pd.Timestamp(at, unit="ms").date()}
    row |= {"currency": "USD", "total_minor": 1000, "promised_days": 7.0, "cancelled": False}
    rows.setdefault("order_facts", []).append(row | {"returned_30d": bool(back)} | more)
    rows.setdefault("orders", []).append({"order_id": name, "delivered_ms": came, "customer_told": True})
    if returned is not None:
        rows.setdefault("returns", []).append({"return_id": f"r-{name}", "order_id": name, "returned_ms": returned})


# ---------------------------------------------------------------- conversations


def test_a_topic_counts_until_the_survey_is_answered_and_its_own_words_do_not() -> None:
    rows: Rows = {}
    talk(rows, "c1", 0.2, "late")
    say(rows, "small", START + 2 * DAY, conversation="c1")
    say(rows, "other", START + DAY, conversation="c1", origin="survey")
    talk(rows, "c2", 1.0, schema.UNASSIGNED)
    talk(rows, "c3", 1.0, "late", schema.UNASSIGNED)
    talk(rows, "c4", None, "late")
    talk(rows, "c5", 0.0)
    cases = mart.cases(outcome("low_csat"), known(rows))

    expected = {"c1": ["late"], "c2": [schema.UNASSIGNED], "c3": ["late"], "c5": [schema.UNASSIGNED]}
    assert expected == about(cases)
    assert [1.0, 0.0, 0.0, 1.0] == cases.rows["outcome"].tolist()
    assert (4, 1) == (cases.population, cases.left_out)


def test_what_is_held_was_known_before_and_is_no_consequence_of_the_topic() -> None:
    rows: Rows = {}
    order(rows, "o1", START, delivered=START + 10 * DAY)
    talk(rows, "c1", 1.0, "late", order_id="o1", at=START + 8 * DAY)
    talk(rows, "c2", 1.0, "late", order_id="o1", at=START + 12 * DAY)
    talk(rows, "c3", 1.0, "late")
    cases = mart.cases(outcome("csat"), known(rows))

    assert set(mart.HELD_OF_CONVERSATIONS) == set(cases.factors)
    assert {"handle_ms", "messages", "came_back", "turned_bad"}.isdisjoint(cases.factors)
    missing_a_day, came_three_late, unknown = cases.factors["delivery"]
    assert 0 == unknown
    assert missing_a_day != came_three_late


# ---------------------------------------------------------------- orders


def test_what_was_said_after_a_return_and_in_the_return_itself_is_no_driver_of_it() -> None:
    rows: Rows = {}
    order(rows, "o0", START)  # customers are heard from here on
    say(rows, "other", START, order="o0", conversation="c0")
    order(rows, "o1", START + DAY, returned=START + 10 * DAY)
    say(rows, "small", START + 8 * DAY, order="o1", conversation="c1")
    say(rows, "late", START + 12 * DAY, order="o1", conversation="c2")
    say(rows, "other", START + 10 * DAY, order="o1", origin="return")
    cases = mart.cases(outcome("returned"), known(rows))
    mine = cases.rows[cases.rows["unit_id"] == "o1"]
    at = set(cases.said["row"]) & set(mine.index)

    assert {"small"} == set(cases.said.loc[cases.said["row"].isin(at), "topic_id"])
    assert [1.0] == mine.loc[sorted(at), "outcome"].tolist()


def test_an_order_is_looked_at_each_time_something_new_is_said() -> None:
    rows: Rows = {}
    say(rows, "other", START, conversation="c0")
    order(rows, "o1", START, returned=START + 20 * DAY)
    for day, topic in ((1, "late"), (3, "late"), (9, "small")):
        say(rows, topic, START + day * DAY, order="o1", conversation=f"c{day}")
    say(rows, "other", START + 9 * DAY + 1000, order="o1", conversation="c9")
    order(rows, "o2", START)
    say(rows, "late", START + 28 * DAY, order="o2", conversation="c20")
    order(rows, "o3", START)
    cases = mart.cases(outcome("returned"), known(rows))
    said = cases.said[cases.said["row"].map(cases.rows["unit_id"]) == "o1"]
    looks = [sorted(zip(some["topic_id"], some["first"], strict=True)) for _, some in said.groupby("row")]

    assert [[("late", True)], [("late", False), ("other", True), ("small", True)]] == looks
    assert 3 == cases.population


def test_a_review_is_driven_by_what_was_said_before_it_and_not_by_its_own_words() -> None:
    rows: Rows = {}
    order(rows, "o1", START)
    say(rows, "late", START + DAY, order="o1", conversation="c1")
    say(rows, "small", START + 9 * DAY, order="o1", conversation="c2")
    say(rows, "other", START + 7 * DAY, order="o1", origin="review")
    order(rows, "o2", START + DAY)
    rows["reviews"] = [
        {"review_id": "v1", "order_id": "o1", "reviewed_ms": START + 7 * DAY, "rating": 0.25},
        {"review_id": "v2", "order_id": "o1", "reviewed_ms": START + 8 * DAY, "rating": 1.0},
    ]
    say(rows, "other", START, conversation="c0")
    cases = mart.cases(outcome("bad_review"), known(rows))

    assert ({"o1": ["late"]}, [1.0], 1) == (about(cases), cases.rows["outcome"].tolist(), cases.left_out)


def test_only_orders_since_customers_are_heard_and_old_enough_are_judged() -> None:
    rows: Rows = {}
    say(rows, "other", START, conversation="c0")
    order(rows, "early", START - DAY)
    order(rows, "young", START + DAY, returned_30d=None)
    order(rows, "ready", START + DAY)
    say(rows, "late", START + 2 * DAY, conversation="c1", order="ready")
    cases = mart.cases(outcome("returned"), known(rows))

    assert {"ready"} == set(cases.rows["unit_id"])
    assert (1, 2) == (cases.population, cases.left_out)


def test_the_language_of_who_never_wrote_is_not_known_and_so_not_held() -> None:
    held = set(mart.cases(outcome("returned"), known(chance(30))).factors)

    assert set(mart.HELD_OF_ORDERS) == held
    assert "language" not in held


def test_a_second_purchase_comes_after_the_look_within_90_days_of_a_known_customer() -> None:
    rows: Rows = {}
    say(rows, "other", START, conversation="c0")
    for name, customer, day in (("a1", "a", 0), ("a2", "a", 50), ("b1", "b", 0), ("b2", "b", 130), ("z", "z", 250)):
        order(rows, name, START + day * DAY, customer_key=customer)
    for name in ("a1", "b1"):
        say(rows, "late", START + 2 * DAY, conversation=f"c-{name}", order=name)
    rows["orders"].append({"order_id": "x1", "customer_told": False, "delivered_ms": None})
    rows["order_facts"].append(rows["order_facts"][0] | {"order_id": "x1", "customer_key": "x"})
    cases = mart.cases(outcome("repurchase"), known(rows))
    asked = cases.rows.loc[cases.said["row"].unique()]

    assert {"a1": 1.0, "b1": 0.0} == dict(zip(asked["unit_id"], asked["outcome"], strict=True))
    assert "x1" not in set(cases.rows["unit_id"])


# ---------------------------------------------------------------- what comes out


def chance(n: int, *, seed: int = 1, effect: float = 0.0) -> Rows:
    """Orders that come back at their own pace; half are written about at a time that knows nothing of it."""
    dice = random.Random(seed)
    rows: Rows = {}
    say(rows, "other", START, conversation="c0")
    for number in range(n):
        at = START + dice.randrange(60 * 24) * DAY // 24
        wrote = at + (5 + dice.random() * 20) * DAY if dice.random() < 0.5 else None
        back = at + (5 + dice.random() * 30) * DAY if dice.random() < 0.4 else None
        spoke = wrote is not None and not (back is not None and back < wrote)
        if spoke and back is None and dice.random() < effect:
            back = wrote + 0.5 * DAY
        order(rows, f"o{number:05}", at, returned=None if back is None else round(back))
        if wrote is not None:
            say(rows, "small", round(wrote), order=f"o{number:05}", conversation=f"c{number}")
    return rows


def test_who_wrote_late_is_not_taken_for_calmer() -> None:
    """Nothing goes with returns here, but who wrote before a return kept the order longer: plain shares differ."""
    rows = chance(3000)
    found = next(row for row in work(rows) if row["outcome"] == "returned" and row["topic_id"] == "small")
    back = {row["order_id"]: row["returned_ms"] for row in rows["returns"]}
    wrote = {row["order_id"]: row["said_ms"] for row in rows["mentions"][1:]}
    spoke = {name for name, at in wrote.items() if at < back.get(name, LATER)}
    plain = np.mean([name in back for name in spoke]) - np.mean(
        [f"o{n:05}" in back for n in range(3000) if n not in spoke]
    )

    assert plain < -0.08
    assert found["low"] < 0 < found["high"]
    assert abs(found["difference"]) < 0.04


def test_a_topic_that_does_go_with_returns_is_told_with_the_parts_of_its_sentence() -> None:
    [found] = [row for row in work(chance(1500, effect=0.3)) if row["outcome"] == "returned"]

    assert ("worse", "down", "share", "orders", 1) == tuple(
        found[name] for name in ("verdict", "better", "scale", "unit", "rank")
    )
    assert found["low"] < 0.7 * 0.3 + 0.05 < found["high"] + 0.1
    assert found["points"] == pytest.approx(found["share"] * found["difference"], abs=1e-4)
    assert {"age", "month"} <= set(found["held"])


def test_rows_in_any_order_give_the_same_table() -> None:
    rows = chance(400, effect=0.3)
    for number in range(120):
        talk(rows, f"t{number}", number % 5 / 4, ("small", "late", "other")[number % 3], market=f"m{number % 2}")

    assert work(rows) == work(rows, shuffle=3)
    assert {"csat", "low_csat", "returned"} <= {row["outcome"] for row in work(rows)}


def test_a_topic_that_people_have_muted_is_held_and_not_told() -> None:
    rows = chance(300)
    rows["topics"] = [{"topic_id": "small", "state": "muted"}]

    assert [] == work(rows)


def test_without_any_row_there_is_no_driver() -> None:
    assert [] == work({})
    assert [] == work({"conversation_facts": [{"conversation_id": "c1"}], "orders": [{"order_id": "o1"}]})
