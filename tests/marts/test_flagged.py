"""Who is named, who is left alone by lot, what became of both, and what that says."""

import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.marts import flagged
from insight.schema import FLAGGED
from insight.settings import Service
from tests.rows import DAY, START, table

NOW = START + 60 * DAY
TODAY = dt.date(2026, 3, 2)
NOBODY = table(FLAGGED).to_pandas(types_mapper=pd.ArrowDtype)


def ranking(ids, customers=None):
    rows = pd.DataFrame({"conversation_id": ids, "customer_key": customers or [f"k{i}" for i in ids]}, dtype=object)
    told = {"order_id": None, "probability": 0.5, "low_csat": 0.1, "bad_review": pd.NA}
    return rows.assign(rank=range(1, len(rows) + 1), **told)


def run(rows, earlier=NOBODY, *, now=NOW, today=TODAY, **told):
    """The list, and FLAGGED as the store would keep it."""
    service = Service(**told)
    found = flagged.named(rows, earlier, newest_ms=now, today=today, service=service)
    kept = flagged.kept(found, earlier, newest_ms=now, service=service)
    facts = pd.DataFrame({"conversation_id": kept["conversation_id"], "came_back": None})
    return found, became(kept, facts, now=now)


def became(kept, facts, surveys=(), reviews=(), *, now):
    surveys = pd.DataFrame(list(surveys), columns=["conversation_id", "answered_ms", "rating"])
    reviews = pd.DataFrame(list(reviews), columns=["order_id", "reviewed_ms", "rating"])
    rows = flagged.matured(kept, facts, surveys, reviews, newest_ms=now)
    records = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return table(FLAGGED, *records).to_pandas(types_mapper=pd.ArrowDtype)


def ids(n, since=0):
    return [f"c{i:05}" for i in range(since, since + n)]


def test_exactly_as_many_are_named_as_the_team_can_work_on():
    found, kept = run(ranking(ids(300)), at_risk=20)
    listed = found[found["listed"].astype(bool)]
    assert len(listed) == 20
    assert int((~kept["held_out"].astype(bool)).sum()) == 20
    reached = found["new"].astype(bool)
    assert reached.sum() == listed["rank"].max()
    assert set(kept["conversation_id"]) == set(found.loc[reached, "conversation_id"])


def test_about_a_tenth_is_left_alone():
    _, kept = run(ranking(ids(20_000)), at_risk=100_000)
    assert kept["held_out"].astype(float).mean() == pytest.approx(0.1, abs=0.006)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12), unique=True, min_size=1, max_size=60), st.integers(1, 30), st.data())
def test_the_lot_is_the_same_in_every_run_and_order(names, capacity, data):
    share = data.draw(st.sampled_from([0.0, 0.1, 0.5]))
    found, kept = run(ranking(names), at_risk=capacity, hold_out=share)
    again, kept_again = run(ranking(names), kept, at_risk=capacity, hold_out=share)
    assert kept_again.equals(kept)
    assert again["listed"].tolist() == found["listed"].tolist()
    alone = {c for c in names if flagged._lots(pd.Series([c]), Service(hold_out=share)) == [True]}
    reached = kept["conversation_id"].tolist()
    assert {c for c, out in zip(reached, kept["held_out"], strict=True) if out} == alone & set(reached)
    assert int((~kept["held_out"].astype(bool)).sum()) == min(capacity, len(names) - len(alone))


def test_another_seed_draws_another_lot():
    first, second = (run(ranking(ids(500)), at_risk=500, seed=seed)[1]["held_out"].tolist() for seed in (1, 2))
    assert first != second


def test_who_is_left_alone_stays_so_for_30_days_and_is_drawn_anew_afterwards():
    names = ids(200)
    _, kept = run(ranking(names), at_risk=500)
    alone = kept.loc[kept["held_out"].astype(bool), "customer_key"].tolist()
    others = kept.loc[~kept["held_out"].astype(bool), "customer_key"].tolist()
    assert flagged.left_alone(kept, newest_ms=NOW + 30 * DAY - 1) == set(alone)
    assert flagged.left_alone(kept, newest_ms=NOW + 30 * DAY) == set()
    both = alone + others[: len(alone)]
    fresh = ranking(ids(len(both), since=1000), both)
    later, rows = run(fresh, kept, now=NOW + 29 * DAY, today=TODAY + dt.timedelta(days=29), at_risk=500)
    assert later.loc[later["held_out"].astype(bool), "customer_key"].tolist() == alone
    new = rows[rows["conversation_id"].isin(fresh["conversation_id"])]
    assert not new["first"].astype(bool).any()
    over, rows = run(fresh, kept, now=NOW + 30 * DAY, today=TODAY + dt.timedelta(days=30), at_risk=500)
    assert rows.loc[rows["conversation_id"].isin(fresh["conversation_id"]), "first"].astype(bool).all()
    assert over["held_out"].astype(bool).sum() < len(alone)


def test_on_the_same_day_nobody_is_named_beyond_the_capacity_and_the_next_day_there_is_room_again():
    first, kept = run(ranking(ids(50)), at_risk=10)
    urgent = ranking(ids(5, since=900) + ids(50))
    same, kept_same = run(urgent, kept, at_risk=10)
    assert kept_same.equals(kept)
    assert int(same["listed"].sum()) == 10
    nxt, kept_next = run(urgent, kept, now=NOW + DAY, today=TODAY + dt.timedelta(days=1), at_risk=10)
    assert int((~kept_next["held_out"].astype(bool)).sum()) == 20
    assert set(first.loc[first["listed"].astype(bool), "conversation_id"]) <= set(
        nxt.loc[nxt["listed"].astype(bool), "conversation_id"]
    )


def one(**told):
    row = {"conversation_id": "c1", "customer_key": "k", "order_id": "o1", "day": TODAY, "named_ms": NOW, "first": True}
    return pd.DataFrame([row | {"held_out": False, "hold_out": 0.1, "rank": 1, "probability": 0.5} | told])


def outcome(days, *, came_back=None, surveys=(), reviews=(), **told):
    facts = pd.DataFrame({"conversation_id": ["c1"], "came_back": [came_back]})
    rows = one(**told).reindex(columns=flagged.TOLD)
    [row] = became(rows, facts, surveys, reviews, now=NOW + days * DAY).to_dict("records")
    return [None if pd.isna(row[name]) else bool(row[name]) for name in (*flagged.OUTCOMES, "went_bad")]


FINE = [("c9", NOW, 1.0)], [("o9", NOW, 1.0)]


def test_nothing_counts_before_its_time_is_over():
    bad = {"surveys": [("c1", NOW + DAY, 0.0)], "reviews": [("o1", NOW + DAY, 0.0)]}
    assert outcome(29.9, came_back=True, **bad) == [True, None, None, None]
    assert outcome(30, came_back=True, **bad) == [True, True, True, True]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"came_back": False}, [False, False, False, False]),
        ({"came_back": True}, [True, False, False, True]),
        ({"came_back": None}, [None, False, False, False]),
        ({"came_back": False, "surveys": [("c1", NOW + 30 * DAY, 0.4)]}, [False, True, False, True]),
        ({"came_back": False, "surveys": [("c1", NOW + 30 * DAY + 1, 0.4)]}, [False, False, False, False]),
        ({"came_back": False, "surveys": [("c1", NOW, 0.0)]}, [False, False, False, False]),
        ({"came_back": False, "reviews": [("o1", NOW + DAY, 0.25)]}, [False, False, True, True]),
        ({"came_back": False, "reviews": [("o1", NOW + DAY, 0.5)]}, [False, False, False, False]),
        ({"came_back": False, "reviews": [("o1", NOW - 1, 0.0)]}, [False, False, False, False]),
        ({"came_back": False, "order_id": None}, [False, False, None, False]),
    ],
)
def test_only_what_came_after_being_named_and_within_30_days_counts(told, expected):
    surveys, reviews = FINE
    told = {"surveys": surveys, "reviews": reviews} | told
    assert outcome(100, **told) == expected


def test_what_no_feed_tells_is_unknown_and_not_well():
    assert outcome(100, came_back=None) == [None, None, None, None]
    assert outcome(100, came_back=False) == [False, None, None, False]


def drawn(n, bad, *, held=False, first=True, share=0.1, day=0, over=True):
    at = NOW + day * DAY
    return [
        {"conversation_id": f"{held}{share}{day}{i}", "day": TODAY, "named_ms": at, "held_out": held, "first": first}
        | {"hold_out": share, "went_bad": (i < bad) if over else None}
        for i in range(n)
    ]


def test_the_head_by_hand():
    """60 of 300 named and 20 of 40 left alone: 20 % less 50 %; Newcombe (1998), method 10, by hand."""
    found = flagged.saved(drawn(300, 60) + drawn(40, 20, held=True))
    assert (found.named.n, found.named.bad, found.held.n, found.held.bad) == (300, 60, 40, 20)
    assert found.difference == pytest.approx(-0.30)

    def wilson(x, n, z=1.959963984540054):
        p, mid = x / n, (x + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * (n * p * (1 - p) + z * z / 4) ** 0.5
        return mid - half, mid + half

    (l1, u1), (l2, u2) = wilson(60, 300), wilson(20, 40)
    assert found.low == pytest.approx(-0.3 - ((0.2 - l1) ** 2 + (u2 - 0.5) ** 2) ** 0.5)
    assert found.high == pytest.approx(-0.3 + ((u1 - 0.2) ** 2 + (0.5 - l2) ** 2) ** 0.5)
    assert found.verdict == "caused fewer"
    assert found.spared == pytest.approx(90)


@pytest.mark.parametrize(
    ("named", "held", "verdict"),
    [
        ((300, 60), (29, 20), "cannot tell yet"),
        ((300, 60), (30, 20), "caused fewer"),
        ((300, 60), (40, 8), "cannot tell"),
        ((300, 200), (40, 8), "caused more"),
        ((29, 2), (40, 30), "cannot tell yet"),
        ((0, 0), (0, 0), "cannot tell yet"),
    ],
)
def test_only_enough_who_were_left_alone_let_anybody_say_caused(named, held, verdict):
    assert flagged.saved(drawn(*named) + drawn(*held, held=True)).verdict == verdict


def test_what_is_not_over_and_second_contacts_are_in_no_figure():
    known = drawn(50, 10) + drawn(35, 15, held=True)
    more = drawn(70, 70, day=1, over=False) + drawn(60, 60, day=2, first=False)
    assert flagged.saved(known + more).named == flagged.saved(known).named
    assert flagged.saved(known + more).waiting == 70


def test_another_share_of_the_lot_is_another_experiment():
    old, new = drawn(300, 250, share=0.5) + drawn(300, 10, share=0.5, held=True), drawn(90, 9, day=9)
    found = flagged.saved(old + new)
    assert (found.named.n, found.held.n, found.verdict) == (90, 0, "cannot tell yet")


def test_the_head_speaks_of_the_newest_two_hundred_and_the_same_days():
    rows = [row for day in range(10) for row in drawn(50, day, day=day) + drawn(5, 1, held=True, day=day)]
    found = flagged.saved(rows)
    assert (found.recent.n, found.recent.bad) == (200, 6 + 7 + 8 + 9)
    assert (found.recent_held.n, found.recent_held.bad) == (20, 4)


def test_the_figures_equal_a_naive_second_count():
    dice = random.Random(5)
    rows = [
        row | {"went_bad": dice.choice([True, False, None]), "first": dice.random() < 0.8, "named_ms": NOW + i}
        for i, row in enumerate(drawn(700, 0) + drawn(300, 0, held=True))
    ]
    dice.shuffle(rows)
    found = flagged.saved(rows)
    for part, held in ((found.named, False), (found.held, True)):
        mine = [r for r in rows if r["held_out"] == held and r["first"] and r["went_bad"] is not None]
        assert (part.n, part.bad) == (len(mine), sum(r["went_bad"] for r in mine))
    assert found.waiting == sum(r["first"] and r["went_bad"] is None for r in rows)


def test_where_the_list_does_nothing_it_is_seldom_said_to_cause_anything():
    """400 seeded worlds without an effect: the interval leaves 0 out in about 5 % of them."""
    dice, said = np.random.default_rng(3), 0
    for _ in range(400):
        rows = drawn(450, int(dice.binomial(450, 0.3))) + drawn(50, int(dice.binomial(50, 0.3)), held=True)
        said += flagged.saved(rows).verdict.startswith("caused")
    assert said <= 32


def test_where_the_list_spares_half_the_interval_holds_the_truth():
    dice, held = np.random.default_rng(4), 0
    for _ in range(400):
        found = flagged.saved(
            drawn(900, int(dice.binomial(900, 0.2))) + drawn(100, int(dice.binomial(100, 0.4)), held=True)
        )
        held += found.low <= -0.2 <= found.high
    assert held >= 368
