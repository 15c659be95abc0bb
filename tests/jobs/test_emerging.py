"""Which issues come up more often than the orders explain, and since when?"""

import datetime as dt
from pathlib import Path

import pytest

from insight.engines import ENGINES
from insight.run import Run
from insight.schema import ALL, EMERGING, MENTION_TOPICS, MENTIONS, ORDER_ITEMS, ORDERS, TOPICS, UNASSIGNED
from insight.settings import Settings
from jobs import emerging as job
from tests.rows import DAY, HOUR, START, kept, table

NEWEST = 80
"""The newest mention's day; the day before it is the last full one."""


def settings(**more):
    return Settings(home=Path(), privacy={"min_customers": 5}, **more)


def on(day):
    """Noon of a day after 2026-01-01."""
    return {"day": dt.date(2026, 1, 1) + dt.timedelta(days=day)}


def said(day, n=0, *, topic="t", market="DE", sku="s", order=None, origin="message", **more):
    who = f"{topic} {market} {day} {n}"
    return (
        {
            "origin": origin,
            "conversation_id": who if origin == "message" else None,
            "customer_key": who,
            "order_id": order,
            "market": market,
            "sku": sku,
            "text": f"words of {who}",
            "said_ms": START + day * DAY + 12 * HOUR,
            "topic_id": topic,
            "similarity": 0.5,
        }
        | on(day)
        | more
    )


def usual(*, topic="t", market="DE", days=range(NEWEST + 1), each=2):
    return [said(day, n, topic=topic, market=market) for day in days for n in range(each)]


def burst(count, day=NEWEST - 1, *, first=100, **more):
    return [said(day, first + n, **more) for n in range(count)]


def bought(*, days=range(-60, NEWEST + 1), each=5, market="DE", sku="s"):
    return [
        {"order_id": f"{market} {sku} {d} {n}", "market": market, "sku": sku, "ordered_ms": START + d * DAY + 12 * HOUR}
        | on(d)
        for d in days
        for n in range(each)
    ]


def told(mentions, orders=(), *, engine="local", states=None, **more):
    """The rows of EMERGING by topic, market, SKU, days back from the last full day, and window."""
    rows = [{"mention_id": f"m{n:05}", **row} for n, row in enumerate(mentions)]
    tables = [
        table(MENTIONS, *({k: v for k, v in row.items() if k in MENTIONS.arrow.names} for row in rows)),
        table(MENTION_TOPICS, *({k: row[k] for k in MENTION_TOPICS.arrow.names if k in row} for row in rows)),
        table(TOPICS, *({"topic_id": topic, "state": state} for topic, state in (states or {}).items())),
        table(ORDERS, *({k: v for k, v in o.items() if k != "sku"} for o in orders)),
        table(ORDER_ITEMS, *({"order_id": o["order_id"], "line": 1, "sku": o["sku"]} for o in orders)),
    ]
    engine = ENGINES[engine]
    found = kept(EMERGING, job.work(*(engine.frame(t) for t in tables), run=Run(settings(**more), engine)))
    last = on(NEWEST - 1)["day"]
    return {(r["topic_id"], r["market"], r["sku"], (last - r["day"]).days, r["window_days"]): r for r in found}


def test_a_burst_of_the_last_full_day_is_an_alert_with_its_evidence():
    rows = told([*usual(), *burst(12), *burst(1, first=200, similarity=0.9, text="near")], bought())
    alert = rows["t", "DE", ALL, 0, 1]
    assert (alert["state"], alert["observed"], alert["customers"]) == ("alert", 15, 15)
    assert alert["expected"] == pytest.approx(2, rel=0.1)
    assert alert["low"] <= alert["expected"] <= alert["high"] < 15
    assert alert["ratio"] == pytest.approx(15 / alert["expected"])
    assert alert["p"] <= alert["q"] < 0.05
    assert (alert["exposed"], alert["exposure"]) == ("orders", pytest.approx(5, rel=0.01))
    assert alert["silent_until"] == on(NEWEST + 6)["day"]
    assert alert["quote"] == "near", "of all words in the window the nearest to the topic"
    assert rows["t", "DE", ALL, 0, 7]["state"] == "silent", "one alert speaks for both windows"


def test_the_day_that_is_not_over_is_not_judged():
    rows = told([*usual(), *burst(12, NEWEST)], bought())
    assert {row["state"] for row in rows.values()} == {"calm"}


def test_an_alert_of_the_last_weeks_is_still_told_and_an_older_one_is_not():
    rows = told([*usual(), *burst(12, NEWEST - 10), *burst(12, NEWEST - 40)], bought())
    assert sorted({key[3] for key, row in rows.items() if row["state"] == "alert"}) == [9]
    assert rows["t", "DE", ALL, 0, 1]["state"] == "calm"
    assert rows["t", "DE", ALL, 0, 1]["silent_until"] is None


def test_twice_the_contacts_for_twice_the_orders_is_no_alert():
    boom = range(NEWEST - 14, NEWEST + 1)
    many, sold = (
        usual() + [said(d, 50 + n) for d in boom for n in range(3)],
        bought() + bought(days=boom, sku="more", each=8),
    )
    linked = [m | {"order_id": f"DE s {(m['day'] - on(0)['day']).days} 0"} for m in many]
    assert "alert" in {row["state"] for row in told(linked, bought()).values()}
    assert {row["state"] for row in told(linked, sold).values() if row["sku"] == ALL} == {"calm"}


def test_a_product_and_all_markets_together_have_cells_of_their_own():
    mentions = [*usual(), *usual(market="US"), *burst(12)]
    rows = told(mentions, [*bought(), *bought(market="US")])
    assert {key[1:3] for key in rows} == {(m, s) for m in ("DE", "US", ALL) for s in ("s", ALL)} - {(ALL, "s")}
    assert {key[1:3] for key, row in rows.items() if row["state"] == "alert"} == {
        ("DE", "s"),
        ("DE", ALL),
        (ALL, ALL),
    }


def test_without_orders_contacts_are_the_exposure():
    mentions = [*usual(), *usual(topic="other", each=10), *burst(12)]
    row = told(mentions)["t", "DE", ALL, 0, 1]
    assert (row["exposed"], row["exposure"], row["state"]) == ("contacts", 24, "alert")
    busy = [*usual(), *usual(topic="other", each=10)]
    busy += [*burst(4), *burst(20, topic="other")]
    assert {r["state"] for r in told(busy).values()} == {"calm"}, "everybody writes more about everything"


def test_orders_that_have_stopped_are_no_exposure_and_those_a_little_behind_end_the_days():
    late = told([*usual(), *burst(12)], bought(days=range(-60, NEWEST - 20)))
    assert late["t", "DE", ALL, 0, 1]["exposed"] == "contacts"
    behind = told([*usual(), *burst(12, NEWEST - 4)], bought(days=range(-60, NEWEST - 2)))
    assert behind["t", "DE", ALL, 3, 1]["state"] == "alert"
    assert min(key[3] for key in behind) == 3


def test_reviews_are_no_contacts_and_a_conversation_is_one_contact():
    mentions = [*usual(), *(m | {"origin": "review", "conversation_id": None} for m in burst(12))]
    mentions += [said(NEWEST - 1, 100, conversation_id="one", customer_key="one") for _ in range(9)]
    row = told(mentions, bought())["t", "DE", ALL, 0, 1]
    assert (row["observed"], row["customers"], row["state"]) == (3, 3, "calm")


def test_words_of_few_customers_and_of_no_topic_are_not_quoted():
    few = told([*usual(each=0), *usual(topic="u"), *burst(4)], bought())["t", "DE", ALL, 0, 1]
    assert (few["customers"], few["quote"]) == (4, None)
    none = told([*usual(topic=UNASSIGNED), *burst(12, topic=UNASSIGNED)], bought())[UNASSIGNED, "DE", ALL, 0, 1]
    assert (none["state"], none["quote"]) == ("alert", None)


def test_of_a_young_shop_nobody_can_tell():
    rows = told(usual(days=range(NEWEST - 20, NEWEST + 1)), bought())
    assert {row["state"] for row in rows.values()} == {"cannot tell"}
    row = rows["t", "DE", ALL, 0, 7]
    assert (row["observed"], row["expected"], row["p"], row["ratio"]) == (14, None, None, None)


def test_without_mentions_there_is_nothing_to_tell():
    assert told([]) == {}
    assert told([], bought()) == {}
    assert told(burst(9, origin="review"), bought()) == {}


@pytest.mark.parametrize("engine", sorted(set(ENGINES) - {"local"}))
def test_every_engine_tells_the_same(engine):
    mentions = [*usual(), *usual(market="US"), *burst(12)]
    assert told(mentions, bought(), engine=engine) == told(mentions, bought())


def test_shuffled_rows_tell_the_same():
    mentions = [{"mention_id": f"x{n:05}"} | m for n, m in enumerate([*usual(), *usual(market="US"), *burst(12)])]
    assert told(mentions[::-1], bought()[::-1]) == told(mentions, bought())


@pytest.mark.parametrize("state", ["muted", "merged", "retired"])
def test_a_topic_that_people_have_put_away_raises_no_alert_and_the_others_do(state):
    both = [*usual(), *burst(12), *usual(topic="other"), *burst(12, topic="other")]
    rows = told(both, bought(), states={"t": state, "other": "live"})

    assert {"other"} == {topic for topic, *_ in rows}
    assert "alert" == rows["other", "DE", ALL, 0, 1]["state"]


def test_contacts_about_a_muted_topic_still_tell_how_much_is_going_on():
    """Without orders a topic is compared with all contacts, whatever they are about."""
    both = [*usual(), *usual(topic="loud", each=6)]
    muted, heard = (told(both, states={"loud": state})["t", "DE", ALL, 0, 7] for state in ("muted", "live"))

    assert (muted["exposure"], muted["exposed"]) == (heard["exposure"], "contacts")
