"""Which part of the orders explains a rise? Young orders are no fall, and what nobody told is no rise."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from insight.marts import logistics_causes as causes
from insight.schema import ALL, LOGISTICS_CAUSES
from tests.rows import DAY, START, kept

UTC = ZoneInfo("UTC")
DAYS = 16 * 7
END = START + DAYS * DAY
LANES = {"CN-US": ("Orbit", "Sino"), "CN-DE": ("Orbit", "Sino"), "US-US": ("Blue",)}


def shop(seed=1, *, orders=6000, base=0.05, planted=None, since=70, ratio=5.0, lag=10):
    """Orders of 16 weeks and a contact about some of them, each `lag` days or so after hand-over."""
    dice = np.random.default_rng(seed)
    lane = dice.choice(list(LANES), orders)
    rows = pd.DataFrame(
        {
            "order_id": [f"o{n:05}" for n in range(orders)],
            "lane": lane,
            "carrier": [dice.choice(LANES[name]) for name in lane],
            "warehouse": [dice.choice(["Shenzhen", "Yiwu"]) if name[:2] == "CN" else "Reno" for name in lane],
            "platform": dice.choice(["amazon", "ebay"], orders),
            "market": [name[-2:] for name in lane],
            "shipped_ms": START + dice.integers(0, DAYS * DAY, orders),
        }
    )
    hit = np.all([rows[name] == value for name, value in (planted or {}).items()], axis=0) & (planted is not None)
    rate = np.where(hit & (rows["shipped_ms"] >= START + since * DAY), base * ratio, base)
    bad, after = dice.random(orders) < rate, dice.gamma(4, lag / 4, orders)
    judged = rows["shipped_ms"] + 12 * DAY < END
    rows["late"] = pd.Series([bool(b) if j else None for b, j in zip(bad, judged, strict=True)], dtype=object)
    moments = rows["shipped_ms"] + (after * DAY).astype("int64")
    said = pd.DataFrame(
        {"order_id": rows["order_id"], "measure": "parcel", "customer_key": "k" + rows["order_id"], "said_ms": moments}
    ).assign(text="Where is it?", language="en")[bad & (moments < END)]
    return rows, said.sort_values("said_ms")


def found(rows, said, *, few=5, first=dt.date(2026, 1, 1), newest=END):
    told = causes.causes(rows, said, newest_ms=newest, first_said=first, zone=UTC, few=few)
    return {(row["measure"], row["rank"]): row for row in kept(LOGISTICS_CAUSES, told)}


PLANTED = [{"carrier": "Orbit", "lane": "CN-DE"}, {"warehouse": "Yiwu"}, {"carrier": "Sino", "warehouse": "Shenzhen"}]


@pytest.mark.parametrize("planted", PLANTED, ids=str)
def test_the_planted_part_is_told_for_late_parcels_and_for_contacts(planted):
    told = found(*shop(planted=planted))
    for measure in ("late", "parcel"):
        row = told[measure, 1]
        assert row["verdict"] == "rise"
        where = {name: row[name] for name in causes.PROPERTIES if row[name] != ALL}
        assert where == planted
        assert abs((row["since"] - dt.date(2026, 3, 12)).days) <= 7
        assert row["before_high"] < row["after_low"]
        assert row["ratio_low"] < row["ratio"] < row["ratio_high"]
        assert row["explained"] > 0.6
        assert row["rest_p"] > 0.05
        assert (measure, 2) not in told
    assert told["parcel", 1]["quote"] == "Where is it?"
    assert told["damage", 1]["verdict"] == "cannot tell"


def test_without_a_change_there_is_no_rise_though_young_orders_have_few_contacts():
    told = found(*shop(seed=4, lag=16))
    assert {key: row["verdict"] for key, row in told.items() if key[0] in ("late", "parcel")} == {
        ("late", 1): "no rise",
        ("parcel", 1): "no rise",
    }
    row = told["parcel", 1]
    assert row["since"] is None
    assert sum(row["orders_inside"]) == 0
    assert sum(row["orders_outside"]) > 4000


def test_figures_are_those_of_a_plain_count():
    rows, said = shop(planted=PLANTED[0])
    row = found(rows, said)["late", 1]
    start = (row["since"] - dt.date(2026, 1, 1)).days * DAY + START
    mine = rows[(rows["carrier"] == "Orbit") & (rows["lane"] == "CN-DE") & rows["late"].notna()]
    before, after = mine[mine["shipped_ms"] < start], mine[mine["shipped_ms"] >= start]
    assert (row["orders_before"], row["events_before"]) == (len(before), int(before["late"].sum()))
    assert (row["orders_after"], row["events_after"]) == (len(after), int(after["late"].sum()))
    assert row["per_100_after"] == pytest.approx(100 * after["late"].mean())
    assert row["beyond"] == pytest.approx(after["late"].sum() - before["late"].mean() * len(after))
    assert sum(row["orders_inside"]) == len(mine)
    assert sum(row["orders_inside"]) + sum(row["orders_outside"]) == int(rows["late"].notna().sum())
    assert row["weeks"][0] == dt.date(2026, 1, 1)


def test_an_order_counts_once_and_only_what_came_within_56_days():
    rows, said = shop(orders=400, base=0)
    rows.loc[:1, "shipped_ms"] = START
    one = {"measure": "parcel", "customer_key": "k", "text": "?", "language": "en"}
    said = pd.DataFrame(
        [
            {"order_id": "o00000", "said_ms": START + 3 * DAY, **one},
            {"order_id": "o00000", "said_ms": START + 4 * DAY, **one},
            {"order_id": "o00001", "said_ms": START + 57 * DAY, **one},
        ]
    )
    weeks = found(rows, said)["parcel", 1]["events_outside"]
    assert weeks == [1] + [0] * 15


def test_orders_before_the_first_message_are_not_counted_as_silent():
    rows, said = shop(seed=2)
    said = said[said["said_ms"] >= START + 42 * DAY]
    row = found(rows, said, first=dt.date(2026, 2, 12))["parcel", 1]
    assert row["verdict"] == "no rise"
    assert row["orders_outside"][:6] == [0] * 6


def test_words_need_enough_customers():
    row = found(*shop(planted=PLANTED[0]), few=10_000)["parcel", 1]
    assert (row["verdict"], row["quote"]) == ("rise", None)
    assert row["customers"] > 20


def test_rows_in_another_order_give_the_same():
    rows, said = shop(planted=PLANTED[1], orders=3000)
    order = np.random.default_rng(0).permutation(len(rows))
    assert found(rows, said) == found(rows.iloc[order].reset_index(drop=True), said)


def test_without_orders_nobody_can_tell():
    rows, said = shop(orders=10)
    told = found(rows[:0], said[:0], first=None)
    assert [row["verdict"] for row in told.values()] == ["cannot tell"] * 5


def test_topics_found_near_logistics_ask_where_a_parcel_is():
    topics = pd.DataFrame(
        [("t1", "", "logistics"), ("t2", "", "quality"), ("logistics.late", "logistics", "logistics")],
        columns=["topic_id", "family", "near"],
    )
    told = causes.measures_of(topics)
    assert told["t1"] == told["logistics.late"] == "parcel"
    assert "t2" not in told


def test_the_share_that_is_seen_is_learned_by_lane():
    lanes = np.array(["slow"] * 400 + ["fast"] * 400)
    lag = np.concatenate([np.full(400, 30), np.full(400, 2)])
    age = np.full(800, 100)
    age[[0, 400]] = 10
    seen = causes._seen_share(lanes, age, lag)
    assert seen[0] < 0.1 < 0.95 < seen[400]
    assert seen[1] > 0.95
