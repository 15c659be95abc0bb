"""The first job: every table in the shape that the store keeps, and the examples as they were measured."""

from pathlib import Path

import pyarrow as pa
import pytest

from insight import clients
from insight.engines import ENGINES
from insight.run import Run
from insight.settings import Lake, read
from jobs import ingest
from tests.worlds import World, settings

ROOT = Path(__file__).resolve().parents[2]


def run(world, told):
    return dict(zip(ingest.WRITES, ingest.work(world, run=Run(told, ENGINES["local"])), strict=True))


def example(name, tmp_path):
    """What ingest makes of an example, with the lake elsewhere."""
    if not (ROOT / "../shared/data").exists():
        pytest.skip("the data of the examples do not lie beside this checkout")
    told = read(ROOT / "examples" / name / "insight.toml", {}).model_copy(update={"lake": Lake(path=str(tmp_path))})
    return {table.name: rows for table, rows in run(clients.world(told), told).items()}


def rows(found, *names):
    return tuple(found[name].num_rows for name in names)


def check(tables):
    for table, found in tables.items():
        wanted = [c for c in table.columns if not c.name.endswith("_at")]
        assert [(c.name, c.type) for c in wanted] == [(f.name, f.type) for f in found.schema], table.name
        assert [] == [c.name for c in wanted if found[c.name].null_count and not c.null], table.name
        assert found.num_rows == found.group_by(list(table.key)).aggregate([]).num_rows, table.name


def test_a_world_without_pages_gives_every_table_empty_and_in_shape():
    tables = run(World(), settings())

    check(tables)
    assert {0} == {found.num_rows for found in tables.values()}


def test_every_table_is_in_shape():
    world = World()
    world.add(
        "messages",
        "conversation_id,author,sent,text\nc,customer,2024-05-01T10:00:00Z,hi\nc,me,2024-05-01T10:00:00Z,hi\n",
    )
    world.add("conversations", "conversation_id,customer\nc,bob\n").add(
        "customers", "customer,merged_into\nbob,\nrob,bob\n"
    )
    world.add("agents", "agent_id\nA\n").add(
        "shifts", "agent_id,starts,ends\nA,2024-05-01T06:00:00Z,2024-05-01T14:00:00Z\n"
    )
    world.add("orders", "order_id,ordered\n1,2024-05-01T06:00:00Z\n").add("order_items", "order_id,sku\n1,S\n")
    world.add("returns", "order_id,returned\n1,2024-05-01T06:00:00Z\n").add("catalogue", "sku\nS\n")
    world.add("reviews", "order_id,reviewed,score\n1,2024-05-01T06:00:00Z,3\n", scale=(1, 5))
    world.add("surveys", "conversation_id,answered,score\nc,2024-05-01T06:00:00Z,3\n", scale=(1, 5))
    world.add("ticket_events", "conversation_id,occurred,kind\nc,2024-05-01T10:00:00Z,solved\n")
    world.add("exchange_rates", "currency,valid_from,rate\nEUR,2024-05-01T00:00:00Z,1.08\n")

    tables = run(world, settings())

    check(tables)
    assert [] == [table.name for table, found in tables.items() if found.num_rows == 0]


def test_it_tells_how_far_it_is():
    told = []
    ingest.work(
        World().add("catalogue", "sku\nS\n"), run=Run(settings(), ENGINES["local"], lambda *at: told.append(at))
    )

    assert [(1, 1)] == told


def test_star_keeps_what_people_said_and_refuses_conversations_without_a_time(tmp_path):
    found = example("star", tmp_path)

    assert (4_510, 73_796, 76, 105) == rows(found, "conversations", "messages", "customers", "agents")
    assert [(4_596, 4_510, 0, 86), (171_132, 73_796, 97_336, 0)] == [
        tuple(row[n] for n in ("rows_in", "rows_out", "rows_skipped", "rows_rejected"))
        for row in found["intake"].to_pylist()
    ]
    assert {("opened", "missing")} == {(r["field"], r["reason"]) for r in found["rejects"].to_pylist()}


def test_the_twitter_sample_becomes_conversations_without_a_file_of_them(tmp_path):
    found = example("twitter", tmp_path)

    assert (1_311, 4_992) == rows(found, "conversations", "messages")
    assert [("sent", "missing")] == [(r["field"], r["reason"]) for r in found["rejects"].to_pylist()]


def test_olist_reviews_belong_to_the_buyers_of_their_orders(tmp_path):
    found = example("olist", tmp_path)

    assert (14_368, 16_331, 14_298, 9_255) == rows(found, "orders", "order_items", "reviews", "catalogue")
    assert {("review_id", "duplicate")} == {(r["field"], r["reason"]) for r in found["rejects"].to_pylist()}
    assert 0 == found["reviews"]["customer_key"].null_count
    assert isinstance(found["orders"], pa.Table)
