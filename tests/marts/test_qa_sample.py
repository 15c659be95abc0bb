"""Which conversations of a week are scored: two streams, each week once, double scoring known in advance."""

import datetime as dt

import pandas as pd
import pytest

from insight.marts.qa_sample import NAMES, WEEKS, sample, sample_id
from insight.settings import Quality

MONDAY = dt.date(2026, 3, 2)
EMPTY = pd.DataFrame({name: pd.Series(dtype=object) for name in NAMES})
SMALL = Quality(per_week=10, coaching_per_week=3)


def shop(weeks=3, per_week=60):
    """Whole weeks of conversations, and one on the Monday after; risk grows with the number."""
    rows = [
        {
            "conversation_id": f"c{week}-{n:03}",
            "agent_id": f"a{n % 5}",
            "team": "day",
            "channel": ("chat", "email")[n % 2],
            "topic_id": f"t{n % 7}",
            "day": MONDAY + dt.timedelta(weeks=week, days=n % 7),
            "answered": n % 10 != 9,
            "csat_rating": 0.25 if n % 20 == 4 else None,
            "turned_bad": n % 20 in (4, 5),
            "recovered": None,
            "came_back": n % 20 == 6,
        }
        for week in range(weeks)
        for n in range(per_week)
    ]
    rows.append(rows[0] | {"conversation_id": "next", "day": MONDAY + dt.timedelta(weeks=weeks)})
    return pd.DataFrame(rows)


def risks(facts):
    return pd.DataFrame(
        {"conversation_id": facts["conversation_id"], "risk": [n / len(facts) for n in range(len(facts))]}
    )


def drawn(facts, earlier=EMPTY, quality=SMALL):
    return sample(facts, risks(facts), earlier, quality=quality)


def of(rows, stream):
    return rows[rows["stream"] == stream]


def test_each_complete_week_has_both_streams_and_no_conversation_is_in_two():
    rows = drawn(shop())
    assert rows.groupby(["week", "stream"]).size().to_dict() == {
        (MONDAY + dt.timedelta(weeks=week), stream): size
        for week in range(3)
        for stream, size in (("coaching", 3), ("random", 10))
    }
    assert rows["conversation_id"].is_unique
    assert rows["sample_id"].is_unique


def test_the_week_that_is_not_over_waits():
    assert "next" not in set(drawn(shop(weeks=1), quality=Quality(per_week=100))["conversation_id"])
    assert drawn(shop().head(30)).empty


def test_only_what_a_human_answered_is_drawn():
    facts = shop()
    answered = dict(zip(facts["conversation_id"], facts["answered"], strict=True))
    everything = drawn(facts, quality=Quality(per_week=1000, coaching_per_week=1000))
    assert len(everything) == 3 * 54
    assert all(answered[name] for name in everything["conversation_id"])


def test_weights_add_up_to_the_answered_conversations_of_the_week():
    rows = of(drawn(shop()), "random")
    assert rows.groupby("week")["weight"].sum().tolist() == pytest.approx([54, 54, 54])
    assert (rows["probability"].astype(float) * rows["weight"].astype(float)).tolist() == pytest.approx([1] * len(rows))
    assert of(drawn(shop()), "coaching")[["weight", "probability", "stratum"]].isna().all(axis=None)


def test_the_order_of_rows_does_not_matter():
    facts = shop()
    mixed = facts.sample(frac=1, random_state=3)
    told = risks(facts).sample(frac=1, random_state=4)
    assert sample(mixed, told, EMPTY, quality=SMALL).to_dict("records") == drawn(facts).to_dict("records")


def test_a_week_stays_as_it_was_drawn_whatever_comes_later():
    """Late rows, another seed and other topics change the weeks to come only."""
    facts = shop(weeks=2)
    before = drawn(facts)
    more = shop(weeks=3, per_week=90).assign(topic_id="t0")
    after = drawn(more, before, quality=Quality(per_week=20, seed=8))
    kept = after[after["week"] < MONDAY + dt.timedelta(weeks=2)]
    assert kept.to_dict("records") == before.to_dict("records")
    assert len(of(after, "random")) == 2 * 10 + 20


def test_a_run_on_the_same_data_draws_nothing_new():
    facts = shop()
    first = drawn(facts)
    assert drawn(facts, first).to_dict("records") == first.to_dict("records")


def test_a_conversation_that_is_gone_leaves_the_sample():
    facts = shop()
    first = drawn(facts)
    lost = first["conversation_id"].iloc[0]
    again = drawn(facts[facts["conversation_id"] != lost], first)
    assert set(first["conversation_id"]) - set(again["conversation_id"]) == {lost}


def test_a_first_run_draws_the_last_weeks_only():
    assert drawn(shop(weeks=WEEKS + 4))["week"].nunique() == WEEKS


def test_one_in_ten_is_scored_by_two_people_and_it_is_known_which():
    rows = drawn(shop(per_week=120), quality=Quality(per_week=40))
    assert of(rows, "random").groupby("week")["double"].sum().tolist() == [4, 4, 4]
    assert not of(rows, "coaching")["double"].any()
    assert not drawn(shop(), quality=Quality(per_week=10, double=0))["double"].any()
    assert of(drawn(shop(), quality=Quality(per_week=10, double=1)), "random")["double"].all()


def test_coaching_takes_what_went_wrong_most_then_what_is_most_at_risk():
    rows = of(drawn(shop(weeks=1), quality=Quality(per_week=0, coaching_per_week=5)), "coaching").sort_values("place")
    assert rows["conversation_id"].tolist() == ["c0-044", "c0-024", "c0-004", "c0-046", "c0-045"]
    assert rows["signs"].tolist()[0] == ["low score", "ended badly"]
    assert rows["signs"].tolist()[3:] == [["came back"], ["ended badly"]]


def test_without_any_sign_or_risk_nobody_is_chosen_for_coaching():
    facts = shop().assign(csat_rating=None, turned_bad=None, came_back=None)
    rows = sample(facts, risks(facts).head(0), EMPTY, quality=SMALL)
    assert set(rows["stream"]) == {"random"}


def test_switched_off_it_draws_nothing():
    assert drawn(shop(), quality=Quality(per_week=0, coaching_per_week=0)).empty
    assert drawn(shop().head(0)).empty


def test_a_name_for_addresses_has_no_sign_that_needs_quoting():
    assert sample_id("会话/1?#") == sample_id("会话/1?#")
    assert sample_id("会话/1?#")[1:].isalnum()
    assert len(sample_id("x")) == 13
