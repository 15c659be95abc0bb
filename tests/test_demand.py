"""What customers ask for, and whether the catalogue has it."""

import pandas as pd
import pytest

from insight.demand import demand_mentions
from insight.schema import CATALOGUE, DEMAND_MENTIONS, MENTIONS
from insight.store import conform
from tests.rows import table

SHELF = [
    {"sku": "C1", "name": "Acme Zoom Action Camera", "family": "camera"},
    {"sku": "C2", "name": "Acme Zoom Spare Battery", "family": "camera"},
    {"sku": "P1", "name": "Acme Clear Phone Case", "family": "phone"},
    {"sku": "P2", "name": "Acme Fast Charger", "family": "phone"},
    {"sku": "P3", "name": "Acme Fast Car Charger", "family": "phone"},
]


def demand(*said, catalogue=SHELF):
    """Rows of demand_mentions for texts, told as (text, language, sku)."""
    rows = [{"mention_id": f"m{i}", "text": t, "language": lang, "sku": sku} for i, (t, lang, sku) in enumerate(said)]
    frames = (
        table(of, *r).to_pandas(types_mapper=pd.ArrowDtype) for of, r in ((MENTIONS, rows), (CATALOGUE, catalogue))
    )
    return conform(DEMAND_MENTIONS, demand_mentions(*frames)).to_pylist()


def test_only_mentions_that_ask_for_a_thing_are_kept():
    rows = demand(
        ("do you have an update?", "en", "C1"),
        ("do you have a waterproof case?", "en", "C1"),
        ("it broke", "en", "C1"),
        ("有没有防水壳", "zh", "C1"),
    )

    assert [("m1", "waterproof case"), ("m3", "waterproof case")] == [(r["mention_id"], r["asked"]) for r in rows]


def test_a_product_whose_name_holds_every_word_answers_the_ask():
    (row,) = demand(("do you sell spare batteries?", "en", "C1"))

    assert ("C2", True) == (row["sku"], row["sold"])


def test_it_answers_in_another_language_too():
    (row,) = demand(("有备用电池卖吗", "zh", "C1"))

    assert ("battery", "C2", True) == (row["asked"], row["sku"], row["sold"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Haben Sie einen Ersatzakku?", "de"),
        ("¿Venden baterías de repuesto?", "es"),
        ("Vendez-vous une batterie de rechange ?", "fr"),
        ("Vendem bateria de reposição?", "pt"),
        ("予備バッテリーは売っていますか", "ja"),
    ],
)
def test_what_the_catalogue_sells_is_known_whatever_language_asks_or_lists(text, language):
    german = [row | {"name": name} for row, name in zip(SHELF, ("Acme Kamera", "Acme Ersatzakku"), strict=False)]
    for catalogue in (SHELF, german):
        (row,) = demand((text, language, "C1"), catalogue=catalogue)
        assert ("battery", "C2", True) == (row["asked"], row["sku"], row["sold"])


def test_a_colour_that_the_catalogue_lacks_is_not_sold():
    rows = demand(
        ("do you have a clear phone case?", "en", "unknown"), ("does the phone case come in red?", "en", "P1")
    )

    assert [("red phone case", False)] == [(r["asked"], r["sold"]) for r in rows[1:]]


def test_a_product_of_another_family_is_no_answer():
    (row,) = demand(("do you have a case for it?", "en", "C1"))

    assert (None, False) == (row["sku"], row["sold"])


def test_where_nothing_is_told_any_product_may_answer_the_plainest_name_first():
    (row,) = demand(("do you have a charger?", "en", "unknown"))

    assert "P2" == row["sku"]


def test_the_product_of_the_mention_is_what_it_should_go_with_unless_another_is_told():
    rows = demand(
        ("can i buy the lid separately?", "en", "C1"),
        ("do you have a strap for the camera?", "en", "C1"),
        ("do you have a strap for my tripod?", "en", "C1"),
        ("do you have a strap?", "en", "unknown"),
    )

    assert ["Acme Zoom Action Camera", "Acme Zoom Action Camera", "tripod", None] == [r["for_what"] for r in rows]


def test_the_product_itself_does_not_answer_an_ask_about_it():
    (row,) = demand(("can i buy the camera separately?", "en", "C1"))

    assert row["sku"] is None


def test_without_a_catalogue_everything_is_unsold_and_without_mentions_there_is_nothing():
    assert [False] == [r["sold"] for r in demand(("do you have a case?", "en", "unknown"), catalogue=[])]
    assert [] == demand()
