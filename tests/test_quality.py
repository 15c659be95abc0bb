"""What scores come to: for the team, per item, per agent, critical fails, agreement; coaching is in no figure."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.quality import done, results, whole_score
from insight.sampling import Estimate
from insight.scores import Score
from insight.settings import Item

WEEK = dt.date(2026, 3, 2)


def item(name, **told):
    return Item(name=name, label=name, label_zh=name, asks="?", asks_zh="？", **told)


RUBRIC = (item("tone"), item("facts", weight=3), item("safe", levels=2, critical=True))


def row(conversation, *, stream="random", stratum="s", size=10, agent="ann", double=False, week=WEEK):
    names = {"conversation_id": conversation, "stream": stream, "week": week, "agent_id": agent, "double": double}
    return names | {"stratum": stratum if stream == "random" else None, "stratum_size": size}


def scored(conversation, tone, facts, safe=2, *, who="mei", stream="random"):
    """All items of one conversation."""
    told = (("tone", tone, 5), ("facts", facts, 5), ("safe", safe, 2))
    return [Score(0, who, conversation, stream, name, level, levels) for name, level, levels in told]


def test_a_conversation_by_hand():
    """Tone 5 of 5 is 1, facts 3 of 5 is .5 and counts three times: (1 + 1.5) / 4 = .625; a critical item stays out."""
    people = {"mei": {s.item: s for s in scored("c", 5, 3, 1)}}
    assert whole_score(people, RUBRIC) == pytest.approx(0.625)
    people["tom"] = {s.item: s for s in scored("c", 1, 1)}
    assert whole_score(people, RUBRIC) == pytest.approx(0.3125)
    people["tom"] = {s.item: s for s in scored("c", None, 1)}
    assert whole_score(people, RUBRIC) == pytest.approx((0.625 + 0) / 2)


def test_who_has_left_an_item_out_is_not_done():
    people = {"mei": {s.item: s for s in scored("c", 5, 3)[:2]}}
    assert done(people, RUBRIC) == []
    assert whole_score(people, RUBRIC) is None


def test_the_team_by_hand():
    """90 conversations of which two reach 1 and .5, and 10 of which one reaches 0: (90 · .75 + 10 · 0) / 100 = .675."""
    sample = [row("a", size=90), row("b", size=90), row("c", stratum="t", size=10), row("d", stratum="t", size=10)]
    told = [*scored("a", 5, 5), *scored("b", 3, 3), *scored("c", 1, 1)]
    found = results(sample, told, rubric=RUBRIC)
    assert found.team.value == pytest.approx(0.675)
    assert (found.team.n, found.drawn, found.conversations, found.covered) == (3, 4, 100, 100)
    assert [one.estimate.value for one in found.items] == pytest.approx([0.675, 0.675, 1.0])
    assert found.weeks[0][:3] == (WEEK, 4, 3)


def test_scores_of_coaching_conversations_change_no_figure():
    """Whatever is scored in the coaching stream, everything but its own counts stays as it was."""
    sample = [row(f"r{n}", double=n < 4, agent=f"a{n % 2}") for n in range(8)]
    sample += [row(f"k{n}", stream="coaching", size=None) for n in range(5)]
    told = [
        s for n in range(8) for who in ("mei", "tom")[: 1 + (n < 4)] for s in scored(f"r{n}", n % 5 + 1, 4, who=who)
    ]
    beside = [
        s for n in range(5) for who in ("mei", "tom") for s in scored(f"k{n}", 1, 1, 1, who=who, stream="coaching")
    ]
    before, after = (results(sample, scores, rubric=RUBRIC) for scores in (told, [*beside, *told]))
    assert after.coached == 5
    assert [one.coaching_failed for one in after.critical] == [5]
    same = replace(after, coached=0, critical=tuple(replace(c, coaching_failed=0) for c in after.critical))
    assert same == before


def test_conversations_that_were_not_drawn_say_nothing():
    sample = [row("a"), row("b")]
    told = [*scored("a", 5, 5), *scored("b", 3, 3)]
    assert results(sample, [*told, *scored("elsewhere", 1, 1)], rubric=RUBRIC) == results(sample, told, rubric=RUBRIC)


def test_a_later_score_of_the_same_person_replaces_the_earlier():
    sample = [row("a"), row("b")]
    found = results(sample, [*scored("a", 1, 1), *scored("b", 5, 5), *scored("a", 5, 5)], rubric=RUBRIC)
    assert found.team.value == 1


def test_an_item_that_does_not_apply_is_in_no_mean():
    sample = [row("a"), row("b")]
    found = results(sample, [*scored("a", None, 5), *scored("b", 3, 1)], rubric=RUBRIC)
    tone = found.items[0]
    assert (tone.estimate.n, tone.estimate.value, tone.not_applicable) == (1, 0.5, 1)


def test_what_was_begun_is_counted_and_not_averaged():
    found = results([row("a"), row("b")], [*scored("a", 5, 5), *scored("b", 1, 1)[:1]], rubric=RUBRIC)
    assert (found.begun, found.team.n, found.team.value) == (1, 1, 1)
    assert found.items[0].estimate.n == 2


def test_an_item_whose_scale_was_changed_forgets_levels_of_the_old_scale():
    old = [replace(s, levels=3) if s.item == "tone" else s for s in scored("a", 3, 5)]
    assert results([row("a")], old, rubric=RUBRIC).items[0].estimate.n == 0


def test_only_the_last_weeks_count():
    sample = [row("old", week=WEEK - dt.timedelta(weeks=1)), row("new")]
    found = results(sample, [*scored("old", 1, 1), *scored("new", 5, 5)], rubric=RUBRIC, weeks=1)
    assert (found.team.n, found.team.value, len(found.weeks)) == (1, 1, 1)


def test_agents_get_a_verdict_only_where_scores_bear_it():
    """Forty each; ann all good, bob all poor, cy twice only."""
    sample = [row(f"{who}{n}", agent=who, stratum=who, size=100) for who in ("ann", "bob") for n in range(40)]
    sample += [row(f"cy{n}", agent="cy", stratum="cy", size=100) for n in range(2)]
    told = [s for n in range(40) for s in scored(f"ann{n}", 5, 4 + n % 2)]
    told += [s for n in range(40) for s in scored(f"bob{n}", 2, 1 + n % 2)]
    told += [s for n in range(2) for s in scored(f"cy{n}", 5, 5)]
    found = {one.agent_id: one for one in results(sample, told, rubric=RUBRIC).agents}
    assert {name: one.verdict for name, one in found.items()} == {"ann": "above", "bob": "below", "cy": "too few"}
    assert found["cy"].needed >= 30


def test_equal_agents_cannot_be_told_apart():
    sample = [row(f"{who}{n}", agent=who, stratum=who, size=100) for who in ("ann", "bob") for n in range(40)]
    told = [s for who in ("ann", "bob") for n in range(40) for s in scored(f"{who}{n}", n % 5 + 1, 3)]
    found = results(sample, told, rubric=RUBRIC)
    assert [one.verdict for one in found.agents] == ["cannot tell"] * 2


def test_critical_fails_are_counted_with_their_exact_interval():
    """One of 20 failed: Clopper and Pearson's table has 0.13 % to 24.9 %."""
    sample = [row(f"c{n}", size=200) for n in range(20)]
    told = [s for n in range(20) for s in scored(f"c{n}", 5, 5, 1 if n == 7 else 2)]
    (one,) = results(sample, told, rubric=RUBRIC).critical
    assert (one.n, one.failed) == (20, 1)
    assert (one.low, one.high) == pytest.approx((0.00127, 0.24873), abs=1e-5)


def test_whoever_sees_a_critical_fail_it_is_one():
    told = [*scored("a", 5, 5, 2, who="mei"), *scored("a", 5, 5, 1, who="tom")]
    (one,) = results([row("a", double=True)], told, rubric=RUBRIC).critical
    assert (one.n, one.failed) == (1, 1)


def test_agreement_takes_conversations_that_were_meant_to_be_scored_twice():
    sample = [row(f"c{n}", double=n < 40) for n in range(50)]
    told = [s for n in range(50) for who in ("mei", "tom") for s in scored(f"c{n}", n % 5 + 1, n % 5 + 1, who=who)]
    told += scored("c3", None, 4, who="tom")
    found = results(sample, told, rubric=RUBRIC)
    tone, facts, safe = found.agreements
    assert (tone.agreement.n, tone.apart, facts.agreement.n) == (39, 1, 40)
    assert (tone.agreement.verdict, facts.agreement.verdict, safe.agreement.verdict) == ("keep", "keep", "cannot tell")
    assert found.weeks[0] == (WEEK, 50, 50, 40, 40)


def test_nothing_drawn_and_nothing_scored_are_answers_too():
    empty = results([], [], rubric=RUBRIC)
    assert (empty.team, empty.weeks, empty.agents) == (Estimate(0), (), ())
    waiting = results([row("a"), row("k", stream="coaching", size=None)], [], rubric=RUBRIC)
    assert (waiting.team, waiting.drawn, waiting.covered) == (Estimate(0), 1, 0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("mt"), st.integers(0, 5), st.integers(0, 5)), max_size=40))
def test_the_order_of_the_sample_does_not_matter_and_figures_stay_on_their_scale(told):
    sample = [row(f"c{n}", stratum=str(n % 3), size=5 + n % 3, agent=f"a{n % 2}", double=n % 2 == 0) for n in range(7)]
    scores = [s for n, who, tone, facts in told for s in scored(f"c{n}", tone or None, facts or None, who=who)]
    found = results(sample, scores, rubric=RUBRIC)
    assert found == results(sample[::-1], scores, rubric=RUBRIC)
    for figure in (found.team, *(one.estimate for one in found.items), *(one.estimate for one in found.agents)):
        assert figure.value is None or 0 <= figure.value <= 1
