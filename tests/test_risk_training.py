"""What a shop's own cases teach: who speaks and why, nothing from later, and refusal of what is worse."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from insight import goodness, hazard, risk_cards, risk_scoring, risk_training
from insight.errors import LeakError
from insight.risks import HEADS
from insight.risks.base import Cases, Sign
from insight.schema import RISK_CARDS, RISK_WEIGHTS
from insight.store import conform
from tests.rows import DAY, HOUR, START, table

HEAD = HEADS["repeat_contact"]
CARD = risk_scoring.card(HEAD)
ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 180
NONE = (table(RISK_WEIGHTS).to_pandas(), table(RISK_CARDS).to_pandas())


def made(n=4000, *, seed=1, truth=None, markets=("DE", "US"), off=None, reach=None):
    """Cases of half a year whose fate follows the head's own hazard; `truth` are the weights that hold at this shop."""
    dice = np.random.default_rng(seed)
    scored = START + (np.sort(dice.random(n)) * DAYS * DAY).astype(np.int64)
    values = {name: (dice.random(n) < 0.25).astype(float) for name in CARD.signs}
    x = np.column_stack([values[name] for name in CARD.signs])
    market = dice.choice(markets, n)
    added = x @ (CARD.prior.weights if truth is None else truth)
    added = added + np.array([(off or {}).get(m, 0.0) for m in market])
    event = np.full(n, np.nan)
    begins = 0.0
    for end, curve in zip(HEAD.ends, CARD.prior.curve, strict=True):
        here = np.isnan(event) & (dice.random(n) < 1 / (1 + np.exp(-(added + curve))))
        event[here] = begins + (end - begins) * dice.random(here.sum()).clip(0.01, 0.99)
        begins = end
    seen = START + DAYS * DAY + (DAY if reach is None else reach)
    event_ms = scored + event * DAY
    rows = pd.DataFrame(
        {
            "case_id": [f"c{i:05}" for i in range(n)],
            "conversation_id": [f"c{i:05}" for i in range(n)],
            "order_id": None,
            "customer_key": [f"k{i}" for i in dice.integers(0, max(n // 2, 1), n)],
            "market": market,
            "language": "en",
            "scored_ms": scored,
            "event_ms": pd.array(np.where(event_ms <= seen, event_ms, np.nan), dtype="Float64").astype("Int64"),
            "seen_ms": np.full(n, seen),
            "asked": True,
            "answered": True,
        }
    )
    return Cases(rows, {name: Sign(v, scored.copy()) for name, v in values.items()})


def learned(cases, before=NONE):
    return risk_training.learn(HEAD, cases.checked(HEAD.name), *before, zone=ZONE)


def card_row(cases, told, part="all", value="all"):
    rows = conform(RISK_CARDS, risk_cards.cards(HEAD, cases.rows, told, ZONE, few=5)).to_pylist()
    return next(row for row in rows if (row["part"], row["value"]) == (part, value))


def kept(cases, told):
    """What a run leaves behind for the next one."""
    weights = conform(RISK_WEIGHTS, risk_scoring.as_rows(HEAD, told.model, told.errors)).to_pandas()
    return weights, conform(RISK_CARDS, risk_cards.cards(HEAD, cases.rows, told, ZONE, few=5)).to_pandas()


OTHER = np.where(np.arange(len(CARD.signs)) % 2, 1.2, -1.2)
"""A shop that is nothing like the card."""


def test_without_cases_the_card_speaks():
    told = learned(made(0))

    assert ("scorecard", "too few") == (told.model.speaks, told.because)
    assert CARD.prior.weights.tolist() == told.model.hazard.weights.tolist()


def test_with_few_cases_the_card_speaks_and_is_measured_on_all_of_them():
    cases = made(40)
    told = learned(cases)

    assert "scorecard" == told.model.speaks
    assert risk_training.known(HEAD, cases.rows).sum() == len(told.tested.place)


def test_own_cases_move_the_card_towards_what_holds_here():
    told = learned(made(1500, truth=OTHER))
    now, before = (np.abs(w - OTHER).mean() for w in (told.model.hazard.weights, CARD.prior.weights))

    assert "blend" == told.model.speaks
    assert now < 0.6 * before
    assert risk_training.gain(told.tested)[1] > 0


def test_where_the_card_is_right_the_shop_s_own_model_does_not_replace_it():
    told = learned(made(4000))

    assert ("blend", "no gain") == (told.model.speaks, told.because)


def test_where_the_card_is_wrong_and_cases_are_many_the_own_model_replaces_it():
    told = learned(made(5000, truth=2 * OTHER))

    assert ("own", "gain") == (told.model.speaks, told.because)
    assert np.abs(told.model.hazard.weights - 2 * OTHER).mean() < 0.25


def test_shuffled_fates_cannot_be_foreseen():
    cases = made(6000, reach=31 * DAY)
    dice = np.random.default_rng(1)
    after = (cases.rows["event_ms"] - cases.rows["scored_ms"]).to_numpy(dtype=float, na_value=np.nan)
    event = cases.rows["scored_ms"] + dice.permutation(after)
    shuffled = replace(cases, rows=cases.rows.assign(event_ms=pd.array(event, dtype="Float64").astype("Int64")))
    told = learned(shuffled)

    assert 0.47 < goodness.auc(told.tested.happened, told.tested.chance) < 0.53


def test_a_sign_that_knows_the_future_fails_with_its_name():
    cases = made(200)
    late = replace(cases.signs["threat"], known_ms=cases.rows["scored_ms"].to_numpy() + HOUR)

    with pytest.raises(LeakError, match="repeat_contact: threat"):
        learned(replace(cases, signs={**cases.signs, "threat": late}))


def test_cases_whose_window_is_not_over_never_enter_figures():
    cases = made(2000)
    young = ~risk_scoring.matured(HEAD, cases.rows)
    turned = cases.rows.assign(event_ms=cases.rows["event_ms"].mask(young, cases.rows["scored_ms"] + HOUR))
    told, other = learned(cases), learned(replace(cases, rows=turned))

    assert young.sum() > 30
    assert card_row(cases, told) == card_row(cases, other)
    assert told.model.hazard.weights.tolist() == other.model.hazard.weights.tolist()
    assert int(young.sum()) == card_row(cases, told)["unmatured"]


def test_what_ships_knows_nothing_of_the_newest_fold():
    """Turn every fate that came after the newest fold began: the weights stay the same to the last bit."""
    cases = made(3000)
    told = learned(cases)
    begins = dt.datetime.combine(told.trained.until, dt.time(), ZONE).timestamp() * 1000
    rows = cases.rows
    later = rows["event_ms"].isna() & (rows["scored_ms"] + DAY * 30 > begins)
    gone = rows["event_ms"].mask(rows["event_ms"].gt(begins).fillna(False))
    turned = rows.assign(event_ms=gone.mask(later & (rows["scored_ms"] > begins), rows["scored_ms"] + HOUR))

    assert (
        told.model.hazard.weights.tolist()
        == learned(replace(cases, rows=turned.astype({"event_ms": "Int64"}))).model.hazard.weights.tolist()
    )


def test_a_case_that_is_still_open_does_not_count_for_the_interval_it_is_in():
    """Watched for 13 days: the interval from 7 to 10 counts, that up to 14 does not, whatever happened on day 12."""
    days, seen = risk_training._fate(
        HEAD,
        pd.DataFrame(
            {
                "scored_ms": [START] * 3,
                "seen_ms": [START + 13 * DAY] * 3,
                "event_ms": pd.array([START + 12 * DAY, None, START + 9 * DAY], dtype="Int64"),
            }
        ),
        START + 13 * DAY,
    )
    counts, here = hazard.watched(HEAD.ends, days, seen)

    assert [10.0] * 3 == seen.tolist()
    assert counts[0].tolist() == counts[1].tolist()
    assert [6, 6, 6] == counts.sum(axis=1).tolist()
    assert [0, 0, 1] == here.sum(axis=1).tolist()


def test_what_is_learned_anew_and_surely_worse_is_refused():
    """The first run learns well; then the fates of everything older are lost, so that the retrain learns nonsense."""
    cases = made(3000, truth=OTHER)
    early = cases.rows["scored_ms"] < START + 120 * DAY
    cut = START + 121 * DAY
    first = Cases(
        cases.rows[early].assign(seen_ms=cut, event_ms=cases.rows["event_ms"].where(cases.rows["event_ms"] <= cut)),
        {name: Sign(s.values[early], s.known_ms[early]) for name, s in cases.signs.items()},
    )
    before = kept(first, learned(first))
    dice = np.random.default_rng(3)
    old = (cases.rows["scored_ms"] < START + 150 * DAY).to_numpy()
    after = (cases.rows["event_ms"] - cases.rows["scored_ms"]).to_numpy(dtype=float, na_value=np.nan).copy()
    after[old] = dice.permutation(after[old])
    event = pd.array(cases.rows["scored_ms"] + after, dtype="Float64").astype("Int64")
    spoiled = replace(cases, rows=cases.rows.assign(event_ms=event))
    told = learned(spoiled, before)

    assert "worse than before" == told.because
    assert before[0].set_index("term")["weight"]["threat"] == told.model.hazard.weights[CARD.signs.index("threat")]
    assert learned(spoiled).because != "worse than before"


def test_a_second_run_on_the_same_cases_changes_nothing():
    cases = made(3000, truth=OTHER)
    first = learned(cases)
    again = learned(cases, kept(cases, first))

    assert first.model.hazard.weights.tolist() == again.model.hazard.weights.tolist()
    assert card_row(cases, first) == card_row(cases, again)


def test_weights_of_other_signs_are_not_compared():
    cases = made(1200)
    weights, cards = kept(cases, learned(cases))

    assert risk_scoring.from_rows(HEAD, CARD, weights.iloc[1:]) is None
    back = risk_scoring.from_rows(HEAD, CARD, weights)
    assert back.hazard.weights.tolist() == learned(cases).model.hazard.weights.tolist()
    assert learned(cases, (weights.iloc[1:], cards)).because == learned(cases).because


def test_a_market_whose_chances_are_off_is_recalibrated_on_cases_before_those_it_is_judged_on():
    cases = made(9000, markets=("DE", "US", "ES"), off={"ES": 0.9})
    told = learned(cases)
    row = card_row(cases, told, "market", "ES")

    assert {"market=ES"} <= set(told.model.groups)
    assert 0.4 < told.model.groups["market=ES"] < 1.2
    assert "recalibrated" == row["calibration"]
    assert row["events"] >= 200


def test_language_and_market_are_no_signs():
    assert not {"market", "language"} & set(CARD.signs)


def test_shifted_chances_expect_as_many_as_came():
    dice = np.random.default_rng(1)
    added = dice.normal(0, 1, 4000)
    happened = dice.random(4000) < CARD.prior.within(added + 0.7, 7.0)
    shift = risk_training._shift(HEAD, CARD.prior, added, happened)

    assert abs(CARD.prior.within(added + shift, 7.0).sum() - happened.sum()) < 1e-3
    assert risk_training._shift(HEAD, CARD.prior, added[:300], happened[:300]) is None


def test_trees_are_measured_where_cases_are_many_and_never_speak():
    told = learned(made(4000))
    few = learned(made(600))

    assert told.trees is not None
    assert told.trees[1] <= told.trees[0]
    assert few.trees is None
