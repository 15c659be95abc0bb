"""Which conversations of a week are read and scored: a random sample that speaks for all, and some to learn from.

A week is drawn once, when the data reach beyond it, and stays as it was drawn: what people have scored keeps its
weight, and rows that arrive later change nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math

import numpy as np
import pandas as pd

from insight.sampling import PARTS, draw, keys
from insight.schema import QA_SAMPLE
from insight.settings import Quality

WEEKS = 8
"""How many complete weeks back a first run draws."""
LOW_SCORE = 0.4
"""A survey's rating of 0 to 1 up to which it is a low one: two of five stars."""
RANDOM, COACHING = "random", "coaching"
NAMES = [name for name in QA_SAMPLE.arrow.names if not name.endswith("_at")]


def sample(facts: pd.DataFrame, risks: pd.DataFrame, earlier: pd.DataFrame, *, quality: Quality) -> pd.DataFrame:
    """QA_SAMPLE: the weeks that were drawn before, and those that are complete since.

    Only conversations that a human answered can be drawn. No conversation is in both streams.

    :param facts: conversation_id, agent_id, team, channel, topic_id, day, answered, csat_rating, turned_bad,
        recovered, came_back; one row per conversation, in any order.
    :param risks: conversation_id and the probability of a return.
    :param earlier: QA_SAMPLE as the last run left it; rows of conversations that are gone go too.
    """
    facts = facts.assign(week=_mondays(facts["day"]))
    kept = earlier[earlier["conversation_id"].isin(facts["conversation_id"])][NAMES]
    answered = facts[facts["answered"].fillna(False)].merge(risks, on="conversation_id", how="left")
    weeks = [week for week in _complete(facts) if week not in set(earlier["week"])]
    drawn = [_drawn(answered[answered["week"] == week], week, quality) for week in weeks]
    found = pd.concat([kept.astype(object), *(rows[NAMES].astype(object) for rows in drawn)])
    return found.sort_values("conversation_id").reset_index(drop=True)


def sample_id(conversation_id: str) -> str:
    """The name of a drawn conversation in addresses and files: no letter in it needs to be quoted."""
    return f"q{hashlib.sha256(conversation_id.encode()).hexdigest()[:12]}"


def _mondays(days: pd.Series[dt.date]) -> pd.Series[dt.date]:
    return pd.Series([day - dt.timedelta(days=day.weekday()) for day in days], index=days.index, dtype=object)


def _complete(facts: pd.DataFrame) -> list[dt.date]:
    """Mondays of the last weeks that the data reach beyond, oldest first."""
    if facts.empty:
        return []
    last = max(facts["week"])
    first = max(min(facts["week"]), last - dt.timedelta(weeks=WEEKS))
    return [first + dt.timedelta(weeks=n) for n in range((last - first).days // 7)]


def _drawn(rows: pd.DataFrame, week: dt.date, quality: Quality) -> pd.DataFrame:
    """Both streams of one week."""
    frame = rows[["conversation_id", *PARTS]].astype(object)
    chosen = draw(frame, size=quality.per_week, seed=quality.seed, purpose=week.isoformat())
    chosen = chosen.assign(stream=RANDOM, place=np.arange(1, len(chosen) + 1), double=_twice(chosen, quality))
    share = chosen["stratum_drawn"].astype(float) / chosen["stratum_size"].astype(float)
    chosen = chosen.assign(probability=share, weight=1 / share)
    others = rows[~rows["conversation_id"].isin(chosen["conversation_id"])]
    coached = _coached(others, quality).assign(stream=COACHING, double=False)
    coached = coached.assign(**dict.fromkeys(("stratum", "stratum_size", "stratum_drawn", "probability", "weight")))
    told = _signals(rows).set_index("conversation_id")
    both = pd.concat([chosen.astype(object), coached[chosen.columns].astype(object)])
    both = both.join(rows.set_index("conversation_id")[["team", "risk"]].astype(object), on="conversation_id")
    return both.assign(
        week=week,
        sample_id=[sample_id(name) for name in both["conversation_id"]],
        signs=[told["signs"][name] for name in both["conversation_id"]],
        risk=both["risk"].astype("Float64"),
    )


def _twice(chosen: pd.DataFrame, quality: Quality) -> list[bool]:
    """Which of the sample two people score: a share of it, by lot, known before anybody scores."""
    wanted = math.floor(quality.double * len(chosen) + 0.5)
    lots = keys(chosen["conversation_id"], seed=quality.seed, purpose="double")
    first = np.lexsort((chosen["conversation_id"].to_numpy(object), lots))[:wanted]
    return [bool(yes) for yes in np.isin(np.arange(len(chosen)), first)]


def _signals(rows: pd.DataFrame) -> pd.DataFrame:
    """What speaks for looking at a conversation, in words, worst first."""
    low = rows["csat_rating"].astype("Float64") <= LOW_SCORE
    bad = rows["turned_bad"].astype("boolean") & ~rows["recovered"].astype("boolean").fillna(False)
    signs = {"low score": low, "ended badly": bad, "came back": rows["came_back"].astype("boolean")}
    flags = {name: yes.fillna(False).tolist() for name, yes in signs.items()}
    told = [[name for name, yes in flags.items() if yes[n]] for n in range(len(rows))]
    return rows[["conversation_id", *PARTS, "risk"]].assign(signs=pd.Series(told, index=rows.index, dtype=object))


def _coached(rows: pd.DataFrame, quality: Quality) -> pd.DataFrame:
    """The conversations with most signs; among equals the one whose customer is likeliest to return; then by lot."""
    signs = _signals(rows)
    signs = signs[(signs["signs"].map(len).astype(int) > 0) | signs["risk"].notna()]
    worst = -signs["signs"].map(len).astype(int).to_numpy()
    risk = -signs["risk"].astype("Float64").fillna(-1).to_numpy(float)
    lots = keys(signs["conversation_id"], seed=quality.seed, purpose="coaching")
    order = np.lexsort((signs["conversation_id"].to_numpy(object), lots, risk, worst))[: quality.coaching_per_week]
    chosen = signs.iloc[order]
    return chosen[["conversation_id", *PARTS]].assign(place=np.arange(1, len(chosen) + 1))
