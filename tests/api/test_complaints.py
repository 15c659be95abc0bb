"""Complaints of some places are counted as the mart counts those of all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight.api.complaints import counted, period
from insight.api.deps import Places
from insight.published import Generation, Published
from tests.api import shop
from tests.api.shop import Shop

FIGURES = (
    "contacts",
    "previous_contacts",
    "mentions",
    "customers",
    "per_100_orders",
    "low",
    "high",
    "verdict",
    "quote",
)


@pytest.fixture(scope="module")
def generation(folder: Path) -> Generation:
    return Published(folder).current()


def figures(generation: Generation, places: Places, few: int = 5) -> dict[str, tuple[Any, ...]]:
    found = counted(generation, places=places, zone=shop.ZONE, few=few)
    return {topic: tuple(row[name] for name in FIGURES) for topic, row in found.items()}


def test_all_places_named_one_by_one_are_the_whole_shop(generation: Generation) -> None:
    assert figures(generation, Places()) == figures(generation, Places(platform=shop.PLATFORMS))


@pytest.mark.parametrize("market", shop.MARKETS)
def test_one_market_is_what_the_mart_says_of_it(generation: Generation, market: str) -> None:
    rows = generation.rows("select * from mart.main.complaints where market = ? and sku = 'all'", [market])

    assert {r["topic_id"]: tuple(r[n] for n in FIGURES) for r in rows} == figures(generation, Places(market=(market,)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    platform=st.lists(st.sampled_from((*shop.PLATFORMS, "' or 1=1 --", "AMAZON")), max_size=3),
    market=st.lists(st.sampled_from((*shop.MARKETS, "%", "\x00", "US' --")), max_size=3),
)
def test_any_choice_counts_as_a_slow_reference_does(
    generation: Generation, platform: list[str], market: list[str]
) -> None:
    places = Places(platform=tuple(platform), market=tuple(market))
    days = period(generation, zone=shop.ZONE)
    query = "select m.*, t.topic_id from mart.main.mentions m join mart.main.mention_topics t using (mention_id)"
    expected: dict[str, set[str]] = {}
    for row in generation.rows(query):
        here = (not platform or row["platform"] in platform) and (not market or row["market"] in market)
        if here and days.since <= row["day"] < days.until and row["origin"] == "message":
            expected.setdefault(row["topic_id"], set()).add(row["conversation_id"])

    found = counted(generation, places=places, zone=shop.ZONE, few=5)
    assert {t: len(ids) for t, ids in expected.items()} == {t: r["contacts"] for t, r in found.items() if r["contacts"]}


def orders_between(first: int, last: int) -> Shop:
    """The shop with the orders of some of its days only, and complaints as the job then makes them."""
    made = shop.make()
    since, until = (shop.FIRST + dt.timedelta(days=days) for days in (first, last))
    told = made | {"order_facts": [row for row in made["order_facts"] if since <= row["day"] < until]}
    return told | {"complaints": shop.complaints(told)}


@pytest.mark.parametrize(("first", "last"), [(0, shop.DAYS - 20), (shop.DAYS - 40, shop.DAYS), (0, 0)])
def test_where_orders_end_early_or_begin_late_a_choice_of_places_is_judged_as_the_mart_judges(
    tmp_path: Path, first: int, last: int
) -> None:
    shop.publish(tmp_path, orders_between(first, last))
    generation = Published(tmp_path).current()

    assert figures(generation, Places()) == figures(generation, Places(platform=shop.PLATFORMS))


def test_words_are_kept_back_where_few_spoke(generation: Generation) -> None:
    found = counted(generation, places=Places(market=("DE",)), zone=shop.ZONE, few=10_000)

    assert {None} == {row["quote"] for row in found.values()}
