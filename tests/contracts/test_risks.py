"""What every risk head keeps, whatever it foretells: nothing of later, exact reasons, any order of rows, no rows.

The shop of the facts' contract, made by chance, with its holes and ties, goes through each head.
"""

import itertools
import math
import random
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from insight import risk_scoring, shipped
from insight.engines import ENGINES
from insight.errors import LeakError
from insight.risks import HEADS
from insight.risks.base import CASE, FATE, Cases, Sign, no_cases
from insight.run import Run
from insight.schema import RISK_CARDS, RISK_SCORES, RISK_WEEKS, RISK_WEIGHTS, Previous
from insight.store import conform
from jobs import conversation_facts, customer_facts, order_facts, risks
from tests.contracts.test_facts_and_kpis import SETTINGS, river, shop
from tests.rows import table

FACTS = (conversation_facts, order_facts, customer_facts)


@cache
def tables(seed, size=200):
    """A shop and its facts, by the name of the table."""
    told = shop(seed, conversations=size, orders=size)
    return told | river(told, ENGINES["local"], FACTS)


def given(of, seed, shuffle=None):
    rows = tables(seed).get(of.name, table(of))
    return rows.take(shuffle.sample(range(len(rows)), len(rows))) if shuffle else rows


def cases(head, seed, shuffle=None):
    return head.cases(*(given(of, seed, shuffle) for of in head.reads), settings=SETTINGS)


def scores(head, told):
    model = risk_scoring.scorecard(risk_scoring.card(head))
    return conform(RISK_SCORES, risk_scoring.scores(head, told, model))


@pytest.fixture(params=sorted(HEADS))
def head(request):
    return HEADS[request.param]


def test_it_is_known_by_its_name_and_asks_a_question(head):
    assert HEADS[head.name] is head
    assert head.asks.endswith("?")
    assert head.window in head.ends
    assert list(head.ends) == sorted(set(head.ends))


def test_its_card_has_chances_for_each_interval_and_words_for_each_sign(head):
    told = shipped.toml(head.card)
    reached = [told["curve"][f"{end:g}"] for end in head.ends]

    assert len(told["curve"]) == len(head.ends)
    assert 0 < reached[0]
    assert all(a < b for a, b in itertools.pairwise(reached))
    assert reached[-1] < 1
    for name, sign in told["reasons"].items():
        assert {"points", "en", "zh"} <= set(sign) <= {"points", "en", "zh", "spread"}, name
        assert any("\u4e00" <= letter <= "\u9fff" for letter in sign["zh"]), name
        assert ("{count}" in sign["en"], "{span}" in sign["en"]) == ("{count}" in sign["zh"], "{span}" in sign["zh"])


def test_the_chance_where_no_sign_applies_is_that_of_the_card(head):
    told, prior = shipped.toml(head.card)["curve"], risk_scoring.card(head).prior

    for end in head.ends:
        assert math.isclose(told[f"{end:g}"], prior.within(np.zeros(1), end)[0], rel_tol=1e-9)


@pytest.mark.parametrize("seed", range(2))
def test_its_cases_have_the_columns_in_order_and_signs_that_the_card_names(head, seed):
    told = cases(head, seed)

    assert [*CASE, *FATE] == list(told.rows.columns)
    assert sorted(told.rows["case_id"]) == list(told.rows["case_id"])
    assert told.rows["case_id"].is_unique
    assert set(shipped.toml(head.card)["reasons"]) <= set(told.signs)
    assert all(len(told.rows) == len(s.values) == len(s.known_ms) for s in told.signs.values())
    assert all(np.isfinite(s.values).all() for s in told.signs.values())
    assert not (told.rows["answered"] & ~told.rows["asked"]).any()


@pytest.mark.parametrize("seed", range(2))
def test_no_sign_knows_what_came_later(head, seed):
    assert cases(head, seed).checked(head.name)


def test_a_sign_that_does_fails_with_its_name(head):
    told = cases(head, 0)
    if told.rows.empty:
        pytest.skip("no such case in this shop")
    name = min(told.signs)
    late = Sign(told.signs[name].values, told.rows["scored_ms"].to_numpy(dtype=np.int64) + 1)

    with pytest.raises(LeakError, match=f"{head.name}: {name}"):
        Cases(told.rows, {**told.signs, name: late}).checked(head.name)


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_rows_does_not_matter(head, seed):
    assert scores(head, cases(head, seed)).equals(scores(head, cases(head, seed, random.Random(5))))


@pytest.mark.parametrize("seed", range(2))
def test_reasons_add_up_and_stand_strongest_first_in_both_languages(head, seed):
    for row in scores(head, cases(head, seed)).to_pylist():
        assert abs(row["base"] + sum(row["points"]) - row["logit"]) < 1e-9
        assert len(row["reasons"]) == len(row["reasons_zh"]) == len(row["points"])
        assert sorted(map(abs, row["points"]), reverse=True) == [abs(p) for p in row["points"]]
        assert not any("{" in words for words in (*row["reasons"], *row["reasons_zh"]))


def test_a_longer_window_is_never_less_likely(head):
    for row in scores(head, cases(head, 1)).to_pylist():
        windows = [row[f"within_{days}d"] for days in (1, 3, 14, 30)]
        known = [w for w in windows if w is not None]

        assert 0 < row["probability"] < 1
        assert known == sorted(known)


def test_a_score_is_what_the_points_and_the_curve_say(head):
    """The same by hand, one case after the other."""
    told, mine = shipped.toml(head.card), cases(head, 0)
    reached = [0.0, *(told["curve"][f"{end:g}"] for end in head.ends)]
    hazards = [(b - a) / (1 - a) for a, b in itertools.pairwise(reached)][: head.ends.index(head.window) + 1]
    for place, row in enumerate(scores(head, mine).to_pylist()):
        added = sum(sign["points"] * mine.signs[name].values[place] for name, sign in told["reasons"].items())
        stays = math.prod(1 - 1 / (1 + (1 - h) / h * math.exp(-added)) for h in hazards)

        assert math.isclose(1 - stays, row["probability"], rel_tol=1e-9)


def test_what_happened_is_null_until_the_window_is_over_or_where_nobody_answered(head):
    told = cases(head, 1)
    found = scores(head, told).to_pylist()
    for row, case in zip(found, told.rows.to_dict("records"), strict=True):
        over = case["seen_ms"] - case["scored_ms"] >= head.window * risk_scoring.DAY_MS
        known = over and case["answered"]
        after = None if pd.isna(case["event_ms"]) else (case["event_ms"] - case["scored_ms"]) / risk_scoring.DAY_MS

        assert row["happened"] == ((after is not None and after <= head.window) if known else None)


def test_no_rows_give_no_rows(head):
    told = head.cases(*(table(of) for of in head.reads), settings=SETTINGS).checked(head.name)

    assert 0 == len(told.rows)
    assert list(no_cases().columns) == list(told.rows.columns)
    assert 0 == len(scores(head, told))


@pytest.mark.parametrize("lost", range(12))
def test_a_feed_that_is_missing_stops_nothing(head, lost):
    """Any one table empty: the others still give scores, or none."""
    if lost >= len(head.reads):
        pytest.skip("it reads fewer tables")
    parts = [table(of) if place == lost else given(of, 0) for place, of in enumerate(head.reads)]
    told = head.cases(*parts, settings=SETTINGS).checked(head.name)

    assert len(told.rows) == len(scores(head, told))


# ---------------------------------------------------------------- all of them, as the job runs them


def run(engine, seed, shuffle=None, before=None):
    """The four tables of the job, as the store keeps them."""
    frames = []
    for read in risks.READS:
        of = read.table if isinstance(read, Previous) else read
        rows = (before or {}).get(of, table(of)) if of is not read else given(of, seed, shuffle)
        frames.append(engine.frame(rows))
    made = risks.work(*frames, run=Run(SETTINGS, engine))
    return {of: conform(of, rows) for of, rows in zip(risks.WRITES, made, strict=True)}


def test_the_job_gives_the_same_on_every_engine_and_from_shuffled_rows():
    first, *others = (run(engine, 0) for engine in ENGINES.values())
    shuffled = run(ENGINES["local"], 0, random.Random(3))

    assert len(first[RISK_SCORES]) > 200
    assert all(first == other for other in [*others, shuffled])


def test_a_second_run_changes_nothing():
    first = run(ENGINES["local"], 0)

    assert first == run(ENGINES["local"], 0, before=first)


def test_every_head_has_a_card_and_weights_even_without_cases():
    engine = ENGINES["local"]
    empty = [engine.frame(table(r.table if isinstance(r, Previous) else r)) for r in risks.READS]
    made = dict(zip(risks.WRITES, risks.work(*empty, run=Run(SETTINGS, engine)), strict=True))

    assert 0 == len(made[RISK_SCORES]) == len(made[RISK_WEEKS])
    assert set(HEADS) == set(made[RISK_CARDS]["head"].to_pylist()) == set(made[RISK_WEIGHTS]["head"].to_pylist())
    assert {"scorecard"} == set(made[RISK_CARDS]["speaks"].to_pylist())
    assert isinstance(made[RISK_CARDS], pa.Table)
