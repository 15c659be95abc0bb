"""From export files to decisions: what is planted in the sample shop is found; nothing is lost or leaked on the way."""

import json
from pathlib import Path

import pytest

from insight.published import Published
from insight.schema import MESSAGES, TABLES
from insight.store import Store


@pytest.fixture(scope="module")
def truth(shop):
    return json.loads((shop / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published(shop):
    return Published(shop / ".insight").current()


def one(published, query, *values):
    (row,) = published.rows(query, values)
    return next(iter(row.values()))


def test_every_count_closes(published):
    assert [] == published.rows("select distinct stage from mart.main.counts where not closes")
    assert 0 == one(published, "select sum(rows_rejected)::bigint from mart.main.intake")


def test_every_conversation_of_the_files_has_its_facts(published, truth):
    facts = {r["conversation_id"] for r in published.rows("select conversation_id from mart.main.conversation_facts")}

    assert len(truth["conversations"]) == len(facts)
    assert set() == {c for c in truth["conversations"] if not any(f.endswith(c) for f in facts)}


def test_masking_leaves_no_planted_personal_data_anywhere(shop, truth):
    """Every made-up e-mail, phone, card, IBAN, address and order number of the truth is gone from every stored text."""
    planted = {p["text"] for p in truth["personal"] if len(p["text"]) >= 6 and p["kind"] != "order_id"}
    store, found = Store(shop / ".insight"), {}
    for table in TABLES:
        if not table.personal:
            rows = store.read(table).to_pandas()
            words = "\n".join(str(v) for c in rows.select_dtypes(include=["object", "str"]) for v in rows[c])
            found |= {(table.name, text) for text in planted if text in words} and {
                table.name: sorted(text for text in planted if text in words)[:3]
            }

    assert planted
    assert {} == found


def test_who_truly_came_back_is_mostly_seen_and_scored_higher_than_who_did_not(published, truth):
    rows = published.rows(
        "select conversation_id, probability from mart.main.risk_scores "
        "where head = 'repeat_contact' and happened is not null"
    )
    back = set(truth["came_back"])
    scores = [(r["probability"], any(r["conversation_id"].endswith(b) for b in back)) for r in rows]
    high, low = [s for s, true in scores if true], [s for s, true in scores if not true]
    auc = sum((h > x) + (h == x) / 2 for h in high for x in low) / (len(high) * len(low))

    assert auc > 0.6


def test_reasons_add_up_to_the_score_exactly(published):
    worst = one(
        published, "select max(abs(base + coalesce(list_sum(points), 0) - logit)) as worst from mart.main.risk_scores"
    )

    assert worst < 1e-9


def test_the_missing_accessory_is_asked_for_and_known_not_to_be_sold(published, truth):
    words = {w for said in truth["planted"]["accessory"]["words"].values() for w in said}
    asked = published.rows(
        "select asked, askers, sold from mart.main.demand_signals order by askers desc, asked limit 5"
    )
    nouns = {w.lower().split()[-1] for w in truth["planted"]["accessory"]["words"]["en"]}

    assert words
    assert [a for a in asked if not a["sold"] and nouns & set(a["asked"].lower().split())]


def test_the_sku_that_runs_small_is_returned_for_that_reason_most(published, truth):
    planted = truth["planted"]["runs_small"]
    row = published.rows(
        "select sku, count(*) as n from mart.main.order_facts where return_reason = ?"
        " group by sku order by n desc, sku",
        [planted["reason"]],
    )[0]

    assert planted["sku"] == row["sku"]


def test_the_late_carrier_is_late_in_its_lane(published, truth):
    planted = truth["planted"]["late_carrier"]
    worst = published.rows(
        "select carrier, lane, avg(late::int) as share from mart.main.order_facts where late is not null and day >= ?"
        " group by carrier, lane having count(*) >= 20 order by share desc, carrier, lane limit 1",
        [planted["day"]],
    )[0]

    assert (planted["carrier"], planted["lane"]) == (worst["carrier"], worst["lane"])


def test_no_quote_stands_for_fewer_customers_than_the_settings_ask(published):
    few = published.rows(
        "select topic_id, market, sku from mart.main.complaints where quote is not null and customers < 5"
    )

    assert [] == few


def test_the_lake_holds_clean_messages_only_once(shop):
    messages = Store(shop / ".insight").read(MESSAGES)

    assert len(messages) == len(set(messages["message_id"].to_pylist()))


def test_the_truth_is_read_by_no_job():
    root = Path(__file__).parents[1]
    readers = [p for p in [*root.glob("insight/**/*.py"), *root.glob("jobs/*.py")] if "truth.json" in p.read_text()]

    assert [] == readers
