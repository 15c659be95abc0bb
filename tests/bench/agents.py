"""`python -m tests.bench.agents`: is the comparison of agents fair? Drawn teams whose true skills are known.

Forty agents, hard and easy topics, and a routing that sends hard topics to some of them. Beside the adjusted figures
stand the raw rate and the plain ratio of observed to expected.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from insight import fairness
from insight.discovery import benjamini_hochberg
from insight.fairness import BELOW, Comparison, compare, levels

AGENTS, TOPICS, CHANNELS, MARKETS, HOURS, VALUES = 40, 24, 3, 6, 6, 5
RATE = 0.16


@dataclass(frozen=True)
class Team:
    """Cases with their mix, who had them, how they ended, and the truth behind it."""

    agent: np.ndarray  # (n,)
    mix: tuple[np.ndarray, ...]  # topic, channel, market, hour, order value, (n,) each
    bad: np.ndarray  # (n,) 0 or 1
    skill: np.ndarray  # (AGENTS,) log-odds of a bad end, lower is better
    mean: np.ndarray  # (AGENTS,) a mean outcome of the same people: 0 … 1


def team(seed: int, *, differ: float = 0.3, agents: int = AGENTS, cases: float = 130.0) -> Team:
    """A drawn team. Hard topics go to some agents: `lean` says how much an agent's cases lean to hard topics.

    :param differ: standard deviation of the agents' skills in log-odds; 0 for equal skill.
    :param cases: median of the number of cases per agent, which differs a lot.
    """
    draw = np.random.default_rng(seed)
    skill = draw.normal(0, differ, agents) if differ else np.zeros(agents)
    count = np.clip(np.exp(draw.normal(np.log(cases), 0.7, agents)), 20, 1500).astype(int)
    agent = np.repeat(np.arange(agents), count)
    hard = np.sort(draw.normal(0, 0.7, TOPICS))
    lean = draw.normal(0, 0.45, agents)
    popular = draw.exponential(1, TOPICS)
    weights = popular * np.exp(np.outer(lean, hard) / hard.std())
    topic = _drawn(draw, weights[agent])
    sizes = (CHANNELS, MARKETS, HOURS, VALUES)
    leaning = [draw.exponential(1, size) * np.exp(draw.normal(0, 0.5, (agents, size))) for size in sizes]
    others = [_drawn(draw, w[agent]) for w in leaning]
    eta = hard[topic] + skill[agent] + _extra(draw, topic)[topic, others[0]]
    eta += sum(draw.normal(0, 0.25, size)[codes] for size, codes in zip(sizes, others, strict=True))
    eta += np.log(RATE / (1 - RATE)) - eta.mean()
    bad = (draw.random(len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)
    return Team(agent, (topic, *others), bad, skill, 0.7 - 0.1 * eta + draw.normal(0, 0.3, len(eta)))


def _extra(draw: np.random.Generator, topic: np.ndarray) -> np.ndarray:
    """What a topic on a channel adds beyond both."""
    return draw.normal(0, 0.15, (TOPICS, CHANNELS))


def _drawn(draw: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """One choice per row with the weights (n, choices)."""
    ends = np.cumsum(weights, axis=1)
    return np.asarray(((draw.random(len(ends)) * ends[:, -1])[:, None] > ends).sum(axis=1))


def judged(team: Team, outcome: np.ndarray, scale: fairness.Scale) -> Comparison:
    """As the job compares: topic, channel, market, hour and order value, and topic by channel and by market."""
    topic, channel, market, hour, value = team.mix
    single = [levels(column, least=5) for column in (topic, channel, market, hour, value)]
    pairs = [levels(topic, other, least=20) for other in (channel, market)]
    found = compare(team.agent, len(team.skill), [*single, *pairs], outcome, scale=scale)
    assert found is not None
    return found


@dataclass(frozen=True)
class Result:
    """How well one drawn team was judged."""

    raw: float
    ratio: float
    shrunk: float
    shrunk_error: float  # mean square
    plain_error: float  # the same without shrinking
    covered: float
    below: int
    above: int
    wrong: int
    ranked: int


def result(team: Team) -> Result:
    """Rank correlation with the true skill by raw rate, observed by expected, and the adjusted, shrunk effect."""
    found = judged(team, team.bad, "share")
    ranked = found.cases >= fairness.MIN_CASES
    skill = team.skill - team.skill.mean()
    truth = skill[ranked]
    raw, expected = found.observed[ranked], found.expected[ranked]
    verdicts = np.array(found.verdicts(benjamini_hochberg(np.where(ranked, found.p, np.nan)), better="down"))
    error = [float(np.mean((e[ranked] - truth) ** 2)) for e in (found.effect, found.alone)]
    inside = (found.low <= skill) & (skill <= found.high)
    raw_rank, ratio_rank, rank = (
        float(spearmanr(v, truth).statistic) if truth.std() else np.nan
        for v in (raw, raw / expected, found.effect[ranked])
    )
    below, above = (verdicts[ranked] == BELOW), (verdicts[ranked] == fairness.ABOVE)
    return Result(
        raw=raw_rank,
        ratio=ratio_rank,
        shrunk=rank,
        shrunk_error=error[0],
        plain_error=error[1],
        covered=float(inside[ranked].mean()),
        below=int(below.sum()),
        above=int(above.sum()),
        wrong=int((below & (truth <= 0)).sum() + (above & (truth >= 0)).sum()),
        ranked=int(ranked.sum()),
    )


def error_ratio(every: list[Result]) -> float:
    """Root mean square error over all teams, with shrinking by without."""
    return float(np.sqrt(sum(r.shrunk_error for r in every) / sum(r.plain_error for r in every)))


def main() -> None:
    """Print the figures over many seeds."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seeds", type=int, default=40)
    seeds = asked.parse_args().seeds
    began = time.perf_counter()
    every = [result(team(seed)) for seed in range(seeds)]
    for name in ("raw", "ratio", "shrunk", "covered"):
        values = np.array([getattr(r, name) for r in every])
        low, high = np.quantile(values, [0.1, 0.9])
        print(f"{name:>8}  mean {values.mean():.3f}  p10 {low:.3f}  p90 {high:.3f}")
    print(f"root mean square error, shrunk by unshrunk: {error_ratio(every):.3f}")
    flagged, wrong = sum(r.below + r.above for r in every), sum(r.wrong for r in every)
    print(f"flagged {flagged} of {sum(r.ranked for r in every)}, on the wrong side of the mean {wrong}")
    equal = [result(team(1000 + seed, differ=0)) for seed in range(seeds)]
    print(
        f"equal skill: below {sum(r.below for r in equal)} of {sum(r.ranked for r in equal)} agents, "
        f"teams with anybody flagged {np.mean([r.below + r.above > 0 for r in equal]):.3f}, "
        f"covered {np.mean([r.covered for r in equal]):.3f}"
    )
    print(f"{(time.perf_counter() - began) / (2 * seeds):.2f} s each")


if __name__ == "__main__":
    main()
