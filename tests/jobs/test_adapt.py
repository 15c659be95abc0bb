"""The encoder at school: what it learns from a shop's texts, when, and what it never takes in."""

import random

import numpy as np
import pytest

from insight import adapt as school
from insight.encoders import static
from insight.engines import ENGINES
from insight.pieces import text_hash
from insight.run import Run
from insight.schema import ENCODER_FEATURES, ENCODER_LESSONS, MENTIONS
from insight.settings import Encoder, Settings
from insight.store import conform
from jobs import adapt
from tests.rows import table

CABLES = [
    "the {} does not charge my phone",
    "my {} stopped charging",
    "the charging {} is broken",
    "new {} for the phone",
]
SHOES = ["die schuhe sind zu klein nummer {}", "der schuh in {} passt nicht", "schuhgröße {} fällt klein aus"]


@pytest.fixture(autouse=True)
def short_lessons(monkeypatch):
    monkeypatch.setattr(school, "LEAST", 100)
    monkeypatch.setattr(school, "PACE", school.Pace(epochs=4, batch=64, rate=0.02))


def run(**part):
    return Run(Settings(home=".", encoder=Encoder(**{"sample": 0, **part})), ENGINES["memory"])


def mentions(times=20, seed=None, by="customer {}"):
    """Texts about a cable that only this shop calls a zorfix, and about shoes."""
    told = [(f"{words.format('zorfix')} {i}", "en", by.format(i)) for i in range(times) for words in CABLES]
    told += [(words.format(i), "de", by.format(i)) for i in range(times) for words in SHOES]
    rows = [
        {"mention_id": f"m{i}", "text": text, "text_hash": text_hash(text), "language": language, "customer_key": who}
        for i, (text, language, who) in enumerate(told)
    ]
    if seed is not None:
        random.Random(seed).shuffle(rows)
    return table(MENTIONS, *rows)


def learned(on, said, lessons=None, features=None):
    before = lessons or ENCODER_LESSONS.arrow.empty_table(), features or ENCODER_FEATURES.arrow.empty_table()
    rows = adapt.work(*(on.engine.frame(part) for part in (said, *before)), run=on)
    return [conform(t, part) for t, part in zip(adapt.WRITES, rows, strict=True)]


def test_a_word_of_the_shop_finds_its_place():
    _, features = learned(run(), mentions())
    asked = ["zorfix", "phone charging cable", "die schuhe sind zu klein"]
    before, after = static.make(Encoder()).encode(asked), static.taught(features).encode(asked)
    assert after[0] @ after[1] > before[0] @ before[1] + 0.1
    assert after[0] @ after[1] > after[0] @ after[2] + 0.1


def test_the_space_stays_where_it_is():
    _, features = learned(run(), mentions())
    texts = ["where is my parcel", "物流太慢了", "el color es distinto", "the charging cable is broken"]
    before, after = static.make(Encoder()).encode(texts), static.taught(features).encode(texts)
    assert (before * after).sum(1).min() > 0.9


def test_the_order_of_rows_changes_no_bit():
    assert learned(run(), mentions(seed=1))[0].equals(learned(run(), mentions(seed=2))[0])


def test_no_words_of_a_few_customers_enter_the_table():
    lesson, features = learned(run(), mentions(by="one and the same"))
    assert lesson["new_features"].to_pylist() == [0]
    assert features.num_rows == len(static.ships().hashes)


def test_what_was_learned_stays_until_there_are_half_as_many_texts_again():
    first = learned(run(), mentions(times=20))
    assert [a.equals(b) for a, b in zip(learned(run(), mentions(times=29), *first), first, strict=True)] == [True, True]
    later = learned(run(), mentions(times=30), *first)
    assert later[0]["version"] != first[0]["version"]
    assert later[0]["texts"].to_pylist() == [210]


def test_a_lesson_for_another_shipped_table_is_forgotten():
    lessons, features = learned(run(), mentions())
    old = lessons.set_column(1, ENCODER_LESSONS.arrow.field("taught_from"), [["an older table"]])
    assert learned(run(), mentions(), old, features)[0]["taught_from"].to_pylist() == [static.ships().digest]


@pytest.mark.parametrize(("part", "times"), [({"adapt": False}, 20), ({"name": "minilm"}, 20), ({}, 5)])
def test_where_nothing_is_to_be_learned_the_encoder_speaks_as_it_ships(part, times):
    assert [rows.num_rows for rows in learned(run(**part), mentions(times=times))] == [0, 0]


def test_rows_of_the_lake_give_the_table_back_in_any_order():
    rows = static.to_rows(static.ships())
    order = np.random.default_rng(1).permutation(rows.num_rows)
    assert static.from_rows(rows.take(order)).digest == static.ships().digest
