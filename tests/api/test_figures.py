"""The figures of the page are those of the KPIs, wherever one looks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import narwhals as nw
import pytest

from insight.api import complaints, figures
from insight.api.deps import Places
from insight.api.routes import kpis
from insight.kpis import KPIS, measure
from insight.published import Generation, Published
from insight.schema import CONVERSATION_FACTS
from tests.api import shop

EVERYWHERE = Places()


@pytest.fixture(scope="module")
def generation(folder: Path) -> Generation:
    return Published(folder).current()


def test_tiles_of_the_whole_shop_are_the_published_kpis(generation: Generation) -> None:
    published = {one.kpi: one for one in kpis.read(generation, few=5).kpis}
    tiles = figures.tiles(generation, places=EVERYWHERE, few=5)

    assert 8 <= len(tiles) <= figures.MOST_TILES
    assert [published[tile.kpi.kpi] for tile in tiles] == [tile.kpi for tile in tiles]


@pytest.mark.parametrize("places", [EVERYWHERE, Places(market=("DE",)), Places(platform=("ebay",), market=("US",))])
def test_each_week_of_a_tile_is_the_kpi_of_those_days(generation: Generation, places: Places) -> None:
    _, kpi = KPIS["first_response_median"]
    tile = next(t for t in figures.tiles(generation, places=places, few=1) if t.kpi.kpi == kpi.name)
    rows = generation.frame(CONVERSATION_FACTS)
    here = [rows.filter(nw.col(n).is_in(v)) for n, v in (("market", places.market), ("platform", places.platform)) if v]
    expected = []
    for week in reversed(range(figures.WEEKS)):
        until = tile.kpi.current.until - timedelta(days=7 * week)
        frame = rows if not here else here[0] if len(here) == 1 else here[0].filter(nw.col("platform") == "ebay")
        found = measure(kpi, frame, since=until - timedelta(days=7), until=until).collect("pyarrow").to_native()
        expected.append(found["value"][0].as_py())

    assert pytest.approx(expected, nan_ok=True) == list(tile.weeks)


def test_a_place_where_nothing_happens_has_empty_tiles(generation: Generation) -> None:
    tiles = figures.tiles(generation, places=Places(market=("nowhere",)), few=5)

    assert {(0, None)} == {(tile.kpi.current.n, tile.kpi.current.value) for tile in tiles}


def test_no_tile_and_no_week_of_it_tells_the_rating_of_one_customer(generation: Generation) -> None:
    many, few = (
        next(t for t in figures.tiles(generation, places=EVERYWHERE, few=k) if t.kpi.kpi == "csat_mean")
        for k in (1, 10_000)
    )

    assert many.kpi.current.value is not None
    assert (None, True, many.kpi.current.n) == (few.kpi.current.value, few.kpi.current.few, few.kpi.current.n)
    assert {None} == set(few.weeks)


def test_a_place_has_nothing_before_where_the_shop_has_nothing_before(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    shop.publish(tmp_path, made | {"kpis": [k for k in made["kpis"] if k["period"] == "current"]})
    tiles = figures.tiles(Published(tmp_path).current(), places=Places(market=("DE",)), few=5)

    assert tiles
    assert {None} == {tile.kpi.previous for tile in tiles}


def test_the_weeks_of_a_topic_add_up_to_its_contacts(generation: Generation) -> None:
    places = Places(market=("DE",))
    until = complaints.period(generation, zone=shop.ZONE).until
    weeks = [figures.trend(generation, topics=["t-small"], until=until, places=p) for p in (places, EVERYWHERE)]
    query = (
        "select day, market from mart.main.mentions join mart.main.mention_topics using (mention_id) where topic_id = ?"
    )
    said = [row for row in generation.rows(query, ["t-small"]) if row["market"] == "DE"]
    orders = generation.rows("select day from mart.main.order_facts where market = 'DE'")

    assert weeks[0] is not None
    assert weeks[0].per_orders
    for start, value in zip(weeks[0].starts, weeks[0].lines["t-small"], strict=True):
        end = start + timedelta(days=7)
        contacts, bought = (sum(start <= r["day"] < end for r in rows) for rows in (said, orders))
        assert pytest.approx(100 * contacts / bought) == value
    assert until == weeks[0].starts[-1] + timedelta(days=7)


def test_without_orders_the_weeks_are_counts(tmp_path: Path) -> None:
    made = shop.make(conversations=150)
    shop.publish(tmp_path, made | {"order_facts": []})
    generation = Published(tmp_path).current()
    until = complaints.period(generation, zone=shop.ZONE).until
    weeks = figures.trend(generation, topics=["t-late"], until=until, places=EVERYWHERE)

    assert weeks is not None
    assert not weeks.per_orders
    assert all(value == int(value) for value in weeks.lines["t-late"])


def test_the_hours_hold_every_conversation_of_the_place(generation: Generation) -> None:
    found = figures.hours(generation, places=Places(platform=("amazon",)))
    opened = generation.rows("select count(*) as n from mart.main.conversation_facts where platform = 'amazon'")[0]["n"]

    assert found is not None
    assert opened == round(sum(mean * found.weeks for mean in found.mean.values()))
    assert found.mean[found.busiest] == max(found.mean.values())
