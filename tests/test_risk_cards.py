"""Model cards: figures as a naive reader would count them, week by week, and none of too few customers."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from insight import goodness, risk_cards, risk_scoring, risk_training
from insight.risk_training import Learned, Measured, Trained
from insight.risks import HEADS
from tests.rows import DAY, START

HEAD = HEADS["repeat_contact"]
ZONE = ZoneInfo("Asia/Shanghai")
MODEL = risk_scoring.scorecard(risk_scoring.card(HEAD))


@pytest.fixture(scope="module")
def measured():
    dice = np.random.default_rng(4)
    n = 600
    chance = dice.random(n) * 0.6
    rows = pd.DataFrame(
        {
            "case_id": [f"c{i:03}" for i in range(n)],
            "customer_key": [f"k{i}" for i in dice.integers(0, 300, n)],
            "market": dice.choice(["DE", "US"], n),
            "language": ["xx" if i < 3 else "en" for i in range(n)],
            "scored_ms": START + dice.integers(0, 30 * DAY, n),
            "seen_ms": START + 60 * DAY,
            "asked": True,
            "answered": dice.random(n) < 0.8,
        }
    )
    place = np.flatnonzero(rows["answered"])
    happened = dice.random(n) < chance
    tested = Measured(
        place, happened[place], rows["customer_key"].to_numpy(object)[place], chance[place], chance[place]
    )
    return rows, tested


def cards(measured):
    rows, tested = measured
    learned = Learned(MODEL, "too few", {}, Trained(), tested)
    return risk_cards.cards(HEAD, rows, learned, ZONE, few=5).to_pylist()


def test_counts_and_expectations_are_those_of_the_cases(measured):
    rows, tested = measured
    whole = cards(measured)[0]
    german = next(row for row in cards(measured) if row["value"] == "DE")
    mine = (rows["market"] == "DE").to_numpy()[tested.place]

    assert (len(tested.place), int(tested.happened.sum())) == (whole["cases"], whole["events"])
    assert np.isclose(tested.chance.sum(), whole["expected"])
    assert (int(mine.sum()), int(tested.happened[mine].sum())) == (german["cases"], german["events"])
    assert np.isclose(rows["answered"].mean(), whole["response_rate"])
    assert np.isclose(goodness.auc(tested.happened, tested.chance), whole["auc"])
    assert 0 == whole["gain"]


def test_first_contacts_and_those_who_came_before_make_up_all(measured):
    seen = {row["value"]: row["cases"] for row in cards(measured) if row["part"] == "seen"}
    rows, tested = measured
    order = rows.sort_values(["scored_ms", "case_id"])
    first = set(order.drop_duplicates("customer_key").index)

    assert {"first contact", "came before"} == set(seen)
    assert sum(place in first for place in tested.place) == seen["first contact"]
    assert len(tested.place) == sum(seen.values())


def test_a_part_of_too_few_customers_is_not_told(measured):
    assert "xx" not in {row["value"] for row in cards(measured)}


def test_weeks_begin_on_mondays_of_the_shop_s_clock_and_add_up(measured):
    rows, tested = measured
    told = risk_cards.weeks(HEAD, rows, tested, ZONE, few=1)
    moments = [dt.datetime.fromtimestamp(ms / 1000, ZONE).date() for ms in rows["scored_ms"].to_numpy()[tested.place]]
    mondays = pd.Series([day - dt.timedelta(days=day.weekday()) for day in moments])

    assert mondays.value_counts().to_dict() == dict(zip(told["week"], told["cases"], strict=True))
    assert tested.happened.sum() == told["events"].sum()
    assert np.isclose(tested.chance.sum(), told["expected"].sum())


@pytest.mark.parametrize(
    ("times", "verdict"), [(1.0, "calibrated"), (2.5, "drifted"), (0.3, "drifted"), (1.2, "cannot tell")]
)
def test_drift_is_said_where_the_whole_interval_is_off(times, verdict):
    n = 8000
    rows = pd.DataFrame({"scored_ms": np.full(n, START + 5 * DAY)})
    happened = np.arange(n) < 500 * times
    tested = Measured(np.arange(n), happened, np.arange(n).astype(object), np.full(n, 500 / n), np.full(n, 0.1))

    assert [verdict] == risk_cards.weeks(HEAD, rows, tested, ZONE, few=1)["verdict"].tolist()


def test_ends_of_an_auc_are_those_of_customers_drawn_with_replacement(measured):
    """Counting a customer twice and copying a customer's cases is the same."""
    _, tested = measured
    scores = np.column_stack([tested.chance, np.round(tested.chance, 1)])
    fast = goodness.auc_over_customers(tested.happened, scores, tested.customers, draws=50)
    for n in range(2):
        slow = goodness.over_customers(goodness.auc, tested.customers, tested.happened, scores[:, n], draws=50)
        assert np.allclose(slow, fast[:, n], atol=1e-12)


def test_without_both_outcomes_nothing_is_said_about_ranking():
    nobody = np.zeros(5, dtype=bool)
    found = risk_training.ranked(nobody, np.ones(5), np.ones(5), np.arange(5).astype(object))

    assert np.isnan([found.auc, found.low, found.gain]).all()
