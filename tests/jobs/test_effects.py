"""Effects of actions as a job: worked by hand, equal on every engine, and where little is told or names are wrong."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pyarrow as pa
import pytest

from insight import schema
from insight.engines import ENGINES
from insight.run import Run
from insight.settings import Settings
from insight.store import conform
from jobs import effects
from tests.rows import DAY, HOUR, START, table

ZONE = "UTC"
DAYS = 126
FIRST = dt.date(2026, 1, 1)
SINCE = FIRST + dt.timedelta(days=70)


def settings(*actions, **told):
    return Settings(home=Path(), shop={"zone": ZONE}, actions=actions, **told)


def action(**told):
    return {"name": "guide", "since": SINCE, "topic_id": "how_to", "sku": "s0", "reaches": "everyone"} | told


def shop(*, fall=0.3, skus=5, seed=1, days=DAYS):
    """Ten orders of each product a day; three of ten ask about use three days later, of s0 fewer from SINCE on."""
    dice = random.Random(seed)
    orders, items, said = [], [], []
    for day in range(-10, days):
        for n in range(10 * skus):
            name, sku, at = f"o{day}-{n}", f"s{n % skus}", START + day * DAY + HOUR
            market = "DE" if n % 2 else "US"
            orders.append({"order_id": name, "ordered_ms": at, "day": date(at), "market": market})
            items.append({"order_id": name, "line": 1, "sku": sku})
            asked = at + 3 * DAY
            chance = 0.3 * (fall if sku == "s0" and asked >= START + 70 * DAY else 1.0)
            if START <= asked < START + days * DAY and dice.random() < chance:
                said.append(mention(len(said), name, sku, market, asked, dice))
    said.append(mention(len(said), None, "unknown", "DE", START + 80 * DAY, dice) | {"topic": "how_to.usage_or_care"})
    rows = {
        "orders": orders,
        "order_items": items,
        "mentions": [{k: v for k, v in row.items() if k != "topic"} for row in said],
        "mention_topics": [{"mention_id": row["mention_id"], "topic_id": row["topic"]} for row in said],
        "topics": [
            {"topic_id": "how_to.usage_or_care", "family": "how_to"},
            {"topic_id": "t1"},
            {"topic_id": "t0", "merged_into": "t1"},
            {"topic_id": "logistics.late", "family": "logistics"},
        ],
        "topic_map": [{"topic_id": "t1", "parent": "how_to"}],
        "catalogue": [{"sku": f"s{n}", "family": "f"} for n in range(skus)],
    }
    return {name: table(getattr(schema, name.upper()), *told) for name, told in rows.items()}


def date(ms):
    return dt.datetime.fromtimestamp(ms / 1000, tz=dt.UTC).date()


def mention(number, order, sku, market, at, dice):
    row = {"mention_id": f"m{number:05}", "origin": "message", "conversation_id": f"c{number:05}", "order_id": order}
    row |= {"sku": sku, "market": market, "said_ms": at, "day": date(at), "customer_key": f"k{number}"}
    return row | {"topic": dice.choice(["how_to.usage_or_care", "t1", "t1", "logistics.late"])}


def work(tables, told, engine="memory"):
    run = Run(told, ENGINES[engine])
    found = effects.work(*(run.engine.frame(tables[t.name]) for t in effects.READS), run=run)
    return [conform(t, rows).to_pylist() for t, rows in zip(effects.WRITES, found, strict=True)]


@pytest.fixture(scope="module")
def tables():
    return shop()


def test_contacts_are_counted_over_the_orders_that_they_come_from(tables) -> None:
    """All come three days after their order: each week's exposure is the seventy orders of the week three days back."""
    [row], weeks = work(tables, settings(action()))
    placed = {r["mention_id"]: r["topic_id"] for r in tables["mention_topics"].to_pylist()}
    about = [m for m in tables["mentions"].to_pylist() if placed[m["mention_id"]] in ("how_to.usage_or_care", "t1")]

    assert "worked" == row["verdict"]
    assert row["low"] < 0.3 < row["high"] < 0.6
    assert (10, 7, 1, 4, 1) == tuple(row[k] for k in ("weeks_before", "weeks_after", "treated", "others", "unplaced"))
    assert ["before"] * 10 + ["after"] * 7 == [week["part"] for week in weeks]
    assert FIRST == weeks[0]["week"]
    for week in weeks:
        own = [m for m in about if m["sku"] == "s0" and week["week"] <= m["day"] < week["week"] + dt.timedelta(days=7)]
        assert (len(own), 70.0) == (week["contacts"], pytest.approx(week["orders"]))
        assert week["others_orders"] == pytest.approx(280.0)
    assert row["contacts_after"] == sum(week["contacts"] for week in weeks[10:])


def test_what_reaches_new_orders_only_leaves_the_transition_out(tables) -> None:
    """Contacts come from new orders from three days after SINCE on: four days of the first week, which is too few."""
    [row], weeks = work(tables, settings(action(reaches="orders")))

    assert ["out", "after"] == [week["part"] for week in weeks[10:12]]
    assert (10, 6, 1) == tuple(row[k] for k in ("weeks_before", "weeks_after", "weeks_out"))


def test_where_nothing_changed_it_did_not() -> None:
    [row], _ = work(shop(fall=1.0), settings(action(hoped=0.6)))

    assert "did not" == row["verdict"]
    assert row["low"] < 1 < row["high"]


def test_units_of_another_action_about_the_same_topic_are_no_comparison(tables) -> None:
    other = action(name="other", sku=["s1"], topic_id="how_to.usage_or_care", since=SINCE + dt.timedelta(days=20))
    far = action(name="far", sku=["s2"], topic_id="logistics.late")
    (first, second, third), _ = work(tables, settings(action(), other, far))

    assert (3, 1) == (first["others"], first["others_out"])
    assert (3, 1) == (second["others"], second["others_out"])
    assert (4, 0) == (third["others"], third["others_out"])


def test_entries_of_one_name_are_one_action_in_steps(tables) -> None:
    steps = [action(sku=["s0"]), action(sku=["s1"], since=SINCE + dt.timedelta(days=17), written=SINCE)]
    [row], weeks = work(tables, settings(*steps))

    assert (["s0", "s1"], SINCE, 2, 3) == tuple(row[k] for k in ("skus", "since", "treated", "others"))
    assert (None, None) == (row["written"], row["after_the_fact"])
    assert {"action", "week", "part"} < set(weeks[0])


def test_names_that_nothing_has_are_said(tables) -> None:
    [row], _ = work(tables, settings(action(topic_id=["how_to", "how_too"], sku="s9", market="DEU")))

    assert ["how_too", "s9", "DEU"] == row["unknown"]
    assert "unknown" in row["against"]
    assert ("cannot tell", None, 0) == (row["verdict"], row["ratio"], row["treated"])


def test_a_leaf_that_nobody_speaks_of_is_no_mistake(tables) -> None:
    [row], _ = work(tables, settings(action(topic_id="sizing.too_small")))

    assert ([], "cannot tell", 0) == (row["unknown"], row["verdict"], row["contacts_before"])


def test_written_down_late_and_near_a_promotion_is_said(tables) -> None:
    near = {"name": "sale", "since": SINCE - dt.timedelta(days=5), "until": SINCE}
    [row], _ = work(tables, settings(action(written=SINCE + dt.timedelta(days=1)), promotions=[near]))

    assert row["after_the_fact"]
    assert {"after the fact", "promotion"} <= set(row["against"])
    [early], _ = work(tables, settings(action(written=SINCE)))
    assert early["after_the_fact"] is False
    assert not {"after the fact", "not written", "promotion"} & set(early["against"])


def test_everywhere_at_once_has_nothing_to_compare_with(tables) -> None:
    [row], _ = work(tables, settings(action(sku=())))

    assert "weak" in row["against"]
    assert (1, 0, "cannot tell") == tuple(row[k] for k in ("treated", "others", "verdict"))


def test_markets_and_products_in_markets(tables) -> None:
    """Five products in two markets: of nine cells beside s0 in DE, the four in DE are touched by the other action."""
    by_market, both = work(tables, settings(action(sku=(), market="DE"), action(name="b", market="DE")))[0]

    assert (1, 1, True) == (by_market["treated"], by_market["others"], "weak" in by_market["against"])
    assert (1, 5, 4) == tuple(both[key] for key in ("treated", "others", "others_out"))  # the first was all over DE


def test_what_was_only_just_done_is_too_early_and_the_future_too(tables) -> None:
    soon = action(since=FIRST + dt.timedelta(days=DAYS - 20))
    later = action(name="later", since=FIRST + dt.timedelta(days=DAYS + 100))
    first, second = work(tables, settings(soon, later))[0]

    assert ("too early", 2) == (first["verdict"], first["weeks_after"])
    assert ("too early", 0) == (second["verdict"], second["weeks_after"])


def test_an_end_is_kept(tables) -> None:
    [row], weeks = work(tables, settings(action(until=SINCE + dt.timedelta(days=30))))

    assert (4, ["out"] * 3) == (row["weeks_after"], [week["part"] for week in weeks[-3:]])


def test_equal_on_every_engine_and_in_any_order(tables) -> None:
    dice = random.Random(4)
    turned = {name: t.take(pa.array(dice.sample(range(len(t)), len(t)))) for name, t in tables.items()}
    told = settings(action())
    first, *others = [work(tables, told, name) for name in ENGINES] + [work(turned, told)]

    for other in others:
        assert first == other


@pytest.mark.parametrize("empty", ["mentions", "orders", "all"])
def test_where_a_feed_is_missing_nobody_can_tell(tables, empty: str) -> None:
    feeds = {"mentions": ("mentions", "mention_topics"), "orders": ("orders", "order_items"), "all": tuple(tables)}
    gone = feeds[empty]
    left = {name: t.slice(0, 0) if name in gone else t for name, t in tables.items()}
    [row], _ = work(left, settings(action()))

    assert row["verdict"] in ("cannot tell", "too early")
    assert row["ratio"] is None


def test_without_a_register_there_is_no_row(tables) -> None:
    assert [[], []] == work(tables, settings())
