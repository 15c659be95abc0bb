"""What the scores of conversations come to: for the team, per item, per agent, and whether scorers mean the same.

Only the random stream speaks for all; what was chosen for coaching is counted and never averaged.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from insight.agreement import Agreement, weighted_kappa
from insight.intervals import LEVEL
from insight.sampling import Estimate, estimate, to_tell_from
from insight.scores import Score, standing
from insight.settings import Item

WEEKS = 13
"""Weeks of samples that results look back on: a quarter of a year."""
ENOUGH = 30
"""Scored conversations below which nothing is said about an agent."""
EXAMPLE = (0.85, 0.75)
"""Two agents' shares that one might want to tell apart."""

Rows = Sequence[Mapping[str, Any]]


class Week(NamedTuple):
    """How far the scoring of one week's random sample is."""

    week: dt.date
    drawn: int
    scored: int
    twice: int
    """To be scored by two people."""
    twice_scored: int


@dataclass(frozen=True)
class OfItem:
    """One item of the rubric over all conversations: 0 is its worst level, 1 its best."""

    item: Item
    estimate: Estimate
    not_applicable: int


@dataclass(frozen=True)
class OfAgent:
    """One agent's conversations. `needed` is how many scores would tell this mean from the team's; None if equal."""

    agent_id: str
    estimate: Estimate
    needed: int | None
    verdict: str
    """above, below, cannot tell, or too few."""


@dataclass(frozen=True)
class Critical:
    """How many conversations failed a critical item: a count, with the exact interval of its share."""

    item: Item
    n: int
    failed: int
    low: float | None
    high: float | None
    coaching_failed: int


@dataclass(frozen=True)
class Alike:
    """How far two people mean the same by an item. `apart` counts where only one of them found that it applies."""

    item: Item
    agreement: Agreement
    apart: int


@dataclass(frozen=True)
class Results:
    """Everything there is to say about the sampled weeks, newest week first.

    :param covered: conversations of the strata of which something was scored; the estimates speak for these.
    :param conversations: answered conversations of the weeks when they were drawn.
    :param begun: conversations scored by somebody, but by nobody in all items; in no estimate of the whole.
    :param coached: conversations of the coaching stream that were scored.
    """

    weeks: tuple[Week, ...]
    conversations: int
    covered: int
    begun: int
    coached: int
    team: Estimate
    items: tuple[OfItem, ...]
    agents: tuple[OfAgent, ...]
    critical: tuple[Critical, ...]
    agreements: tuple[Alike, ...]

    @property
    def drawn(self) -> int:
        """Conversations of the random sample."""
        return sum(week.drawn for week in self.weeks)


Levels = Mapping[str, Mapping[str, Mapping[str, Score]]]
"""Standing scores by conversation, scorer and item."""


def results(sample: Rows, scores: Iterable[Score], *, rubric: Sequence[Item], weeks: int = WEEKS) -> Results:
    """Everything that the standing scores of the last sampled weeks say.

    :param sample: rows of QA_SAMPLE, in any order.
    :param scores: all that were taken, in their order; of conversations that were not drawn they say nothing.
    """
    last = sorted({row["week"] for row in sample}, reverse=True)[:weeks]
    rows = sorted((row for row in sample if row["week"] in last), key=lambda row: str(row["conversation_id"]))
    drawn = [row for row in rows if row["stream"] == "random"]
    told = by_conversation(scores)
    whole = [whole_score(told.get(row["conversation_id"], {}), rubric) for row in drawn]
    scored = [n for n, value in enumerate(whole) if value is not None]
    team = _estimate([drawn[n] for n in scored], [whole[n] for n in scored])
    coached = [row for row in rows if row["stream"] != "random" and row["conversation_id"] in told]
    return Results(
        weeks=tuple(_week(week, drawn, told, rubric) for week in last),
        conversations=_frame(drawn),
        covered=_frame([drawn[n] for n in scored]),
        begun=sum(row["conversation_id"] in told for row in drawn) - len(scored),
        coached=len(coached),
        team=team,
        items=tuple(_item(item, drawn, told) for item in rubric),
        agents=_agents([drawn[n] for n in scored], [whole[n] for n in scored], team),
        critical=tuple(_critical(item, drawn, coached, told) for item in rubric if item.critical),
        agreements=tuple(_alike(item, drawn, told) for item in rubric),
    )


def by_conversation(scores: Iterable[Score]) -> Levels:
    """Standing scores by conversation, scorer and item."""
    told: dict[str, dict[str, dict[str, Score]]] = defaultdict(lambda: defaultdict(dict))
    for score in standing(scores):
        told[score.conversation_id][score.scorer][score.item] = score
    return {conversation: dict(people) for conversation, people in told.items()}


def done(people: Mapping[str, Mapping[str, Score]], rubric: Sequence[Item]) -> list[str]:
    """Who has scored a conversation in all items of the rubric, by name."""
    wanted = {item.name for item in rubric}
    return sorted(name for name, told in people.items() if wanted <= told.keys())


def whole_score(people: Mapping[str, Mapping[str, Score]], rubric: Sequence[Item]) -> float | None:
    """The weighted mean of the items that apply, 0 to 1, critical ones apart; of several scorers their mean.

    None where nobody has scored all items, or none of the items applies.
    """
    found = []
    for name in done(people, rubric):
        levels = [(item.weight, people[name][item.name].share) for item in rubric if not item.critical]
        known = [(weight, share) for weight, share in levels if share is not None]
        if known:
            found.append(sum(weight * share for weight, share in known) / sum(weight for weight, _ in known))
    return sum(found) / len(found) if found else None


def _week(week: dt.date, drawn: Rows, told: Levels, rubric: Sequence[Item]) -> Week:
    mine = [row for row in drawn if row["week"] == week]
    people = [len(done(told.get(row["conversation_id"], {}), rubric)) for row in mine]
    twice = [count for row, count in zip(mine, people, strict=True) if row["double"]]
    return Week(week, len(mine), sum(c > 0 for c in people), len(twice), sum(c > 1 for c in twice))


def _stratum(row: Mapping[str, Any]) -> str:
    return f"{row['week']} {row['stratum']}"


def _frame(rows: Rows) -> int:
    """Conversations of the strata that these rows come from."""
    return int(sum({_stratum(row): row["stratum_size"] for row in rows}.values()))


def _estimate(rows: Rows, values: Sequence[float | None]) -> Estimate:
    """The mean over all conversations; a value of None takes part in no mean, but tells how the stratum was scored."""
    numbers = [float("nan") if value is None else value for value in values]
    return estimate(numbers, [_stratum(row) for row in rows], [row["stratum_size"] for row in rows])


def _levels(row: Mapping[str, Any], item: Item, told: Levels) -> list[Score]:
    """What was said about an item of a conversation, by scorers in the order of their names; on today's scale."""
    people = told.get(row["conversation_id"], {})
    found = [people[name][item.name] for name in sorted(people) if item.name in people[name]]
    return [score for score in found if score.levels == item.levels]


def _item(item: Item, drawn: Rows, told: Levels) -> OfItem:
    found = [(row, _levels(row, item, told)) for row in drawn]
    found = [(row, scores) for row, scores in found if scores]
    values = [_mean([score.share for score in scores]) for _, scores in found]
    return OfItem(item, _estimate([row for row, _ in found], values), sum(value is None for value in values))


def _mean(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None


def _agents(rows: Rows, values: Sequence[float | None], team: Estimate) -> tuple[OfAgent, ...]:
    """Agents of whom something was scored, most scores first."""
    found = []
    for agent in sorted({str(row["agent_id"]) for row in rows}):
        mine = [v if str(row["agent_id"]) == agent else None for row, v in zip(rows, values, strict=True)]
        told = _estimate(rows, mine)
        if told.value is not None and team.value is not None:
            needed = to_tell_from(team.value, told)
            needed = None if needed is None else max(needed, ENOUGH)
            found.append(OfAgent(agent, told, needed, _verdict(told, team.value)))
    return tuple(sorted(found, key=lambda one: (-one.estimate.n, one.agent_id)))


def _verdict(told: Estimate, team: float) -> str:
    """An agent against the team: only what the interval bears."""
    if told.n < ENOUGH or told.low is None or told.high is None:
        return "too few"
    return "above" if told.low > team else "below" if told.high < team else "cannot tell"


def _critical(item: Item, drawn: Rows, coached: Rows, told: Levels) -> Critical:
    """A conversation fails where anybody gives the worst level."""
    levels = [[s.level for s in _levels(row, item, told) if s.level is not None] for row in drawn]
    failed, n = sum(1 in found for found in levels), sum(bool(found) for found in levels)
    beside = sum(any(s.level == 1 for s in _levels(row, item, told)) for row in coached)
    return Critical(item, n, failed, *_exact(failed, n), beside)


def _exact(count: int, n: int) -> tuple[float | None, float | None]:
    """The exact 95 % interval of a share. Source: C. J. Clopper and E. S. Pearson (1934), Biometrika 26."""
    from scipy.special import betaincinv

    if not n:
        return None, None
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(count, n - count + 1, tail)) if count else 0.0
    return low, float(betaincinv(count + 1, n - count, 1 - tail)) if count < n else 1.0


def _alike(item: Item, drawn: Rows, told: Levels) -> Alike:
    """The first two scorers by name of each conversation that was to be scored twice."""
    pairs = [_levels(row, item, told)[:2] for row in drawn if row["double"]]
    pairs = [pair for pair in pairs if len(pair) == 2]
    both = [(one.level, other.level) for one, other in pairs if one.level is not None and other.level is not None]
    apart = sum((one.level is None) != (other.level is None) for one, other in pairs)
    first, second = [one for one, _ in both], [other for _, other in both]
    return Alike(item, weighted_kappa(first, second, levels=item.levels), apart)
