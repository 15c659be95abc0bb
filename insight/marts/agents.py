"""How does each agent do beside others with the same cases, who should be coached in what, and who does it well?

A conversation belongs wholly to the agent who answered it first. Compared are the last 12 weeks; a figure that needs a
week to be seen counts those conversations that are old enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from insight import fairness
from insight.discovery import benjamini_hochberg
from insight.fairness import ABOVE, BELOW, CANNOT_TELL, MIN_CASES, NOT_RANKED, Comparison, Scale
from insight.schema import ALL

DAYS = 84
OF = "conversation_id"
NO_ORDER, NO_VALUE = "none", "unknown"
MIX = ("topic_id", "channel", "market", "daytime", "order_value")
"""What the comparison adjusts for, beside the topic by channel and by market."""
PAIRED = ("channel", "market")
LEAST, LEAST_PAIR = 5, 20
"""A value of the case mix with fewer conversations is one of 'the rest'."""
MOST_PAIRS = 600
"""Agents on one topic that are looked at, those with most cases first."""
MOST_READ, MOST_LEARN = 5, 2
COACHING, BEST = "coaching", "best practice"
DIGITS = 6
"""Figures are kept to so many decimals; beyond them they may depend on the machine."""


@dataclass(frozen=True)
class Measure:
    """One outcome in which agents are compared, and the skill that it tells of; no skill, no coaching by it."""

    name: str
    scale: Scale
    better: Literal["up", "down"]
    unit: str
    outcome: Callable[[pd.DataFrame], pd.Series]
    skill: str | None = None


def _soured(rows: pd.DataFrame) -> pd.Series:
    """It turned bad and stayed bad; null without words, and where the customer wrote once, so nothing could recover."""
    turned, recovered = rows["turned_bad"].astype("boolean"), rows["recovered"].astype("boolean")
    return (turned & ~recovered).where(turned.eq(False) | recovered.notna())


def _reopened(rows: pd.DataFrame) -> pd.Series:
    """Opened again after it had been settled; null where it never was, or where nobody could tell."""
    return rows["reopens"].gt(0).where(rows["reopens"].notna() & rows["first_resolution_ms"].notna())


def _handled(rows: pd.DataFrame) -> pd.Series:
    """Seconds of active time, shared among conversations held at once; null where none was seen."""
    return (rows["handle_shared_ms"] / 1000).where(rows["handle_shared_ms"] > 0)


MEASURES = (
    Measure("came_back", "share", "down", "share", lambda rows: rows["came_back"], "resolution"),
    Measure("csat_rating", "mean", "up", "0 to 1", lambda rows: rows["csat_rating"], "satisfaction"),
    Measure("soured", "share", "down", "share", _soured, "tone"),
    Measure("late_response", "share", "down", "share", lambda rows: rows["late_response"], "first_response"),
    Measure("reopened", "share", "down", "share", _reopened),
    Measure("handle_s", "log", "down", "seconds", _handled),
)
"""In the order in which pages show them."""


@dataclass(frozen=True)
class Judged:
    """One measure: its rows with outcome and what was to be expected, and who was compared."""

    measure: Measure
    rows: pd.DataFrame
    units: pd.Index
    found: Comparison


def cases(answered: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Answered conversations in a total order, with a number for each value of `MIX`, and an outcome per measure.

    :param answered: rows of CONVERSATION_FACTS that an agent answered.
    :param orders: order_id, currency, total_minor. Values are compared within their own currency, in four equal parts.
    """
    rows = answered.sort_values(OF, ignore_index=True).astype({"order_id": "object"})
    value = rows[["order_id"]].merge(orders.astype({"order_id": "object"}), on="order_id", how="left")
    part = value.groupby("currency")["total_minor"].rank(pct=True).astype("float64")
    order_value = pd.Series(np.ceil(4 * part)).map({n: f"part {n} of 4" for n in (1, 2, 3, 4)})
    order_value = order_value.fillna(NO_VALUE).where(rows["order_id"].notna(), NO_ORDER)
    mix = rows.assign(daytime=rows["hour"] // 4, order_value=order_value.to_numpy(dtype=object))[list(MIX)]
    rows = rows.assign(**{f"mix_{name}": pd.factorize(mix[name].astype("object"), sort=True)[0] for name in MIX})
    return rows.assign(**{m.name: m.outcome(rows).astype("float64") for m in MEASURES})


def judged(rows: pd.DataFrame, measure: Measure, units: pd.Series) -> Judged | None:
    """Compare the units, one value per row, in one measure; None where there is nothing to compare.

    Tests are not corrected yet: that takes all of them at once.
    """
    known = rows[rows[measure.name].notna()]
    codes, found = pd.factorize(units[known.index].astype("object"), sort=True)
    mix = {name: known[f"mix_{name}"].to_numpy() for name in MIX}
    single = [fairness.levels(mix[name], least=LEAST) for name in MIX]
    pairs = [fairness.levels(mix["topic_id"], mix[name], least=LEAST_PAIR) for name in PAIRED]
    outcome = known[measure.name].to_numpy("float64")
    compared = fairness.compare(codes.astype(np.int64), len(found), [*single, *pairs], outcome, scale=measure.scale)
    if compared is None:
        return None
    fine = known.assign(outcome=outcome, expected=compared.row_expected, unit=codes)
    return Judged(measure, fine, pd.Index(found), compared)


def table(one: Judged, q: np.ndarray) -> pd.DataFrame:
    """One row per unit: the raw figure, the expected one, the adjusted one with its interval, and the verdict."""
    found = one.found
    chance_low, chance_high = found.chance()
    return pd.DataFrame(
        {
            "unit": one.units,
            "measure": one.measure.name,
            "measured_in": one.measure.unit,
            "better": one.measure.better,
            "n": found.cases,
            "observed": found.observed,
            "expected": found.expected,
            "adjusted": found.standard(found.effect),
            "low": found.standard(found.low),
            "high": found.standard(found.high),
            "others": found.usual,
            "chance_low": chance_low,
            "chance_high": chance_high,
            "q": q,
            "verdict": found.verdicts(q, better=one.measure.better),
        }
    ).round(DIGITS)


FIGURES = ["agent_id", "measure", "measured_in", "better", "n", "observed", "expected", "adjusted", "low", "high"]
FIGURES += ["others", "chance_low", "chance_high", "q", "verdict"]


def figures(every: list[Judged], rows: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """One row per agent and measure, the tests of all of them corrected together.

    A measure in which nobody can be compared, since there is one agent or no difference at all, has its raw figures.

    :param rows: the result of `cases`.
    :param agents: agent_id, name, team.
    """
    p = [np.where(one.found.cases >= MIN_CASES, one.found.p, np.nan) for one in every]
    q = benjamini_hochberg(np.concatenate(p)) if p else np.empty(0)
    ends = np.cumsum([len(part) for part in p])
    parts = [table(one, q[end - len(part) : end]) for one, part, end in zip(every, p, ends, strict=True)]
    compared = {one.measure.name for one in every}
    parts += [_raw(rows, measure) for measure in MEASURES if measure.name not in compared]
    found = pd.concat([part.rename(columns={"unit": "agent_id"}) for part in parts if len(part)] or [rows.head(0)])
    return named(found.reindex(columns=FIGURES).reset_index(drop=True), agents)


def _raw(rows: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """One row per agent with what can be told without a comparison."""
    known = rows[rows[measure.name].notna()]
    amount = np.log(known[measure.name]) if measure.scale == "log" else known[measure.name]
    found = amount.groupby(known["agent_id"].astype("object")).agg(["size", "mean"]).reset_index()
    observed = np.exp(found["mean"]) if measure.scale == "log" else found["mean"]
    verdict = np.where(found["size"] < MIN_CASES, NOT_RANKED, CANNOT_TELL)
    about = {"measure": measure.name, "measured_in": measure.unit, "better": measure.better}
    return pd.DataFrame(
        {"agent_id": found["agent_id"], "n": found["size"], "observed": observed.round(DIGITS), "verdict": verdict}
    ).assign(**about)


def named(rows: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Rows with the agent's name and team; who is not in the list of agents goes by the id."""
    told = agents.astype("object").drop_duplicates("agent_id")
    rows = rows.astype({"agent_id": "object"}).merge(told, on="agent_id", how="left")
    return rows.assign(name=rows["name"].fillna(rows["agent_id"]), team=rows["team"].fillna("unknown"))


def on_topics(rows: pd.DataFrame, measure: Measure) -> tuple[Judged, pd.DataFrame] | None:
    """Each agent on each topic with enough cases against the others there, as `judged` and `table` give it.

    The unit is agent_id and topic_id; an agent's conversations about all other topics are one unit under 'all'.
    """
    known = rows[rows[measure.name].notna()]
    size = known.groupby(["agent_id", "topic_id"], as_index=False).agg(n=(OF, "size"))
    size = size[size["n"] >= MIN_CASES].sort_values(["n", "agent_id", "topic_id"], ascending=[False, True, True])
    kept = pd.MultiIndex.from_frame(size[["agent_id", "topic_id"]].head(MOST_PAIRS))
    if not len(kept):
        return None
    own = pd.MultiIndex.from_frame(rows[["agent_id", "topic_id"]]).isin(kept)
    units = rows["agent_id"].astype("object") + "\x1f" + rows["topic_id"].astype("object").where(own, ALL)
    one = judged(rows, measure, units)
    if one is None:
        return None
    single = ~one.units.str.endswith("\x1f" + ALL)
    q = benjamini_hochberg(np.where(single, one.found.p, np.nan))
    return one, table(one, q)[single]


COACHED = [
    "agent_id",
    "skill",
    "topic_id",
    "kind",
    "measure",
    "measured_in",
    "n",
    "observed",
    "adjusted",
    "low",
    "high",
]
COACHED += ["others", "q"]


def coaching(every: list[Judged], compared: pd.DataFrame, rows: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Who is surely below the others in which skill, and who is surely above, with conversations to read.

    Of topics, each agent's clearest one either way is taken. Where nobody stands out, there is no row.

    :param compared: the result of `figures` over `every`.
    :param rows: the result of `cases`.
    """
    found = []
    for one in every:
        if one.measure.skill:
            mine = compared[compared["measure"].eq(one.measure.name) & compared["verdict"].isin([ABOVE, BELOW])]
            found += [_lesson(one, row, rows, topic_id=ALL) for row in mine.to_dict("records")]
    by_topic = on_topics(rows, MEASURES[0])
    if by_topic is not None:
        one, table_ = by_topic
        parts = table_["unit"].str.partition("\x1f")
        clear = table_.assign(agent_id=parts[0], topic_id=parts[2])
        clear = clear[clear["verdict"].isin([ABOVE, BELOW])].sort_values(["q", "agent_id", "topic_id"])
        clear = clear.drop_duplicates(["agent_id", "verdict"])
        found += [_lesson(one, row, rows, topic_id=row["topic_id"]) for row in clear.to_dict("records")]
    lists = ["read", "learn", "learn_from"]
    return named(pd.DataFrame(found, columns=[*COACHED, *lists]), agents)


def _lesson(one: Judged, row: dict[Any, Any], rows: pd.DataFrame, *, topic_id: str) -> dict[str, Any]:
    """One row of the list: what is wrong or done well, and the conversations that show it."""
    unit = row.get("unit", row["agent_id"])
    below = row["verdict"] == BELOW
    told = one.rows.assign(worse=_worse(one), fine=_went_well(rows).loc[one.rows.index])
    own = told[told["unit"] == one.units.get_loc(unit)]
    if not below:
        read, learn = _first(own[_well(one, own)], worst=False).head(MOST_READ), own.head(0)
    else:
        read = _first(own[_wrong(one, own)], worst=True).head(MOST_READ)
        learn = _examples(one, told[_well(one, told)], read, unit=unit)
    lesson: dict[str, Any] = {
        "skill": one.measure.skill,
        "topic_id": topic_id,
        "kind": COACHING if below else BEST,
        "read": read[OF].tolist(),
        "learn": learn[OF].tolist(),
        "learn_from": learn["agent_id"].tolist(),
    }
    return {name: row[name] for name in COACHED if name not in lesson} | lesson


def _worse(one: Judged) -> pd.Series:
    """By how much each conversation ended worse than such conversations do."""
    sign = 1 if one.measure.better == "down" else -1
    return (sign * (one.rows["outcome"] - one.rows["expected"])).round(DIGITS)


def _went_well(rows: pd.DataFrame) -> pd.Series:
    """Nothing is known to have gone wrong in it, in any measure that tells of a skill."""
    wrong = rows["came_back"].eq(1) | rows["soured"].eq(1) | rows["late_response"].eq(1) | rows["csat_rating"].lt(0.5)
    return ~wrong


def _wrong(one: Judged, told: pd.DataFrame) -> pd.Series:
    return told["outcome"].eq(1) if one.measure.scale == "share" else told["worse"].gt(0)


def _well(one: Judged, told: pd.DataFrame) -> pd.Series:
    return told["fine"] & (told["outcome"].eq(0) if one.measure.scale == "share" else told["worse"].le(0))


def _first(told: pd.DataFrame, *, worst: bool) -> pd.DataFrame:
    """The conversations that ended worse than expected by most, or better by most; among equals the newest first."""
    return told.sort_values(["worse", "opened_ms", OF], ascending=[not worst, False, True])


def _examples(one: Judged, well: pd.DataFrame, read: pd.DataFrame, *, unit: object) -> pd.DataFrame:
    """Hard conversations of the same topics that went well with colleagues who do better than most."""
    found = one.found
    good = found.effect > 0 if one.measure.better == "up" else found.effect < 0
    strong = np.flatnonzero(good & (found.cases >= MIN_CASES) & (one.units != unit))
    topics = read["topic_id"].value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    place = {topic: n for n, topic in enumerate(topics.index)}
    others = well[well["unit"].isin(strong) & well["topic_id"].isin(list(place))]
    others = _first(others.assign(place=others["topic_id"].map(place)), worst=False)
    others = others.sort_values("place", kind="stable").drop_duplicates("agent_id")
    return others.head(MOST_LEARN)
