"""Whom does the list name today, who is left alone by lot, what became of both, and so: what does the list save?

A customer who is named for the first time in 30 days is drawn: with the chance that the settings tell, the customer is
left alone and stands on no list for these 30 days. The lot is a keyed hash of the contact, so that it does not depend
on the order of rows and is the same in every run. Since nothing but the lot decides, the two groups differ by what was
done for one of them, and by chance.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insight import contrast, intervals
from insight.facts.reviews import BAD
from insight.periods import DAY_MS
from insight.sampling import keys
from insight.schema import FLAGGED
from insight.settings import Service

STAY_MS = 30 * DAY_MS
"""How long a lot holds, and within which a low score or a bad review counts."""
SHOWN = 200
"""The newest of those who were named that the head of the list speaks of."""
LEAST = 30
"""So many must have been left alone before anything is said to be caused."""

OUTCOMES = ("came_back", "low_csat", "bad_review")
NAMES = [name for name in FLAGGED.arrow.names if not name.endswith("_at")]
TOLD = NAMES[: NAMES.index("came_back")]
"""The columns that stay as they were on the day; the others are seen later."""


def named(
    rows: pd.DataFrame, earlier: pd.DataFrame, *, newest_ms: int, today: dt.date, service: Service
) -> pd.DataFrame:
    """Who is on the list: `rows` without those who are left alone, and with listed and named_day.

    Contacts are taken by rank until as many are named on one day as the team can work on; those who were named before
    stay. Whether a contact is reached does not depend on its own lot, only on those before it.

    :param rows: the ranking of `at_risk.ranked`, with rank, conversation_id, customer_key.
    :param earlier: FLAGGED as the last run left it; rows named up to 30 days before newest_ms count.
    :returns: `rows` with listed, named_day, held_out, new, first.
    """
    known = earlier.set_index("conversation_id")[["held_out", "day", "first"]].to_dict("index")
    standing = _standing(earlier, newest_ms)
    drawn = dict(zip(standing["customer_key"], standing["held_out"].astype(bool), strict=True))
    room = service.at_risk - int((earlier["day"].eq(today) & ~earlier["held_out"].astype(bool)).sum())
    held = _lots(rows["conversation_id"], service)
    found: list[tuple[Any, ...]] = []
    for contact, customer, lot in zip(rows["conversation_id"], rows["customer_key"], held, strict=True):
        if contact in known:
            before = known[contact]
            found.append(
                (not before["held_out"], before["day"], bool(before["held_out"]), False, bool(before["first"]))
            )
            continue
        reached, first = room > 0, customer not in drawn
        left_alone = bool(drawn.get(customer, lot and reached))
        found.append((reached and not left_alone, today if reached else None, left_alone, reached, first))
        if reached:
            drawn.setdefault(customer, left_alone)
            room -= not left_alone
    columns = ["listed", "named_day", "held_out", "new", "first"]
    told = pd.DataFrame(found, columns=columns, index=rows.index).astype({"named_day": object})
    return rows.assign(**{name: told[name] for name in columns})


def _standing(earlier: pd.DataFrame, newest_ms: int) -> pd.DataFrame:
    """The draws that still hold."""
    return earlier[earlier["first"].astype(bool) & (earlier["named_ms"].astype("int64") + STAY_MS > newest_ms)]


def left_alone(rows: pd.DataFrame, *, newest_ms: int) -> set[str]:
    """The customers whose lot says to leave them alone, while it holds."""
    held = _standing(rows, newest_ms)
    return set(held.loc[held["held_out"].astype(bool), "customer_key"])


def _lots(ids: pd.Series, service: Service) -> list[bool]:
    """Whether the lot of each contact says to leave it alone."""
    lots = keys(ids, seed=service.seed, purpose="hold-out")
    return [bool(yes) for yes in lots.astype(np.float64) < service.hold_out * 2.0**64]


def kept(found: pd.DataFrame, earlier: pd.DataFrame, *, newest_ms: int, service: Service) -> pd.DataFrame:
    """The rows of FLAGGED without their outcomes: those of before, and the contacts that are new today.

    :param found: as `named` makes them.
    """
    new = found[found["new"].astype(bool)]
    names = {"low_csat": "low_csat_risk", "bad_review": "bad_review_risk", "named_day": "day"}
    new = new.drop(columns=["day"], errors="ignore").rename(columns=names)
    new = new.assign(named_ms=newest_ms, hold_out=service.hold_out)
    both = pd.concat([earlier[TOLD].astype(object), new[TOLD].astype(object)], ignore_index=True)
    return both.sort_values("conversation_id", ignore_index=True)


def matured(
    rows: pd.DataFrame, facts: pd.DataFrame, surveys: pd.DataFrame, reviews: pd.DataFrame, *, newest_ms: int
) -> pd.DataFrame:
    """FLAGGED with what became of each contact, as far as its time is over. What no feed tells stays unknown.

    :param rows: as `kept` makes them; those whose conversation is gone go too.
    :param facts: conversation_id, came_back. :param surveys: conversation_id, answered_ms, rating.
    :param reviews: order_id, reviewed_ms, rating.
    """
    rows = rows[rows["conversation_id"].isin(facts["conversation_id"])].reset_index(drop=True)
    over = rows["named_ms"].astype("int64") + STAY_MS <= newest_ms
    back = facts.set_index("conversation_id")["came_back"].astype("boolean").reindex(rows["conversation_id"])
    csat = _low(rows, surveys.rename(columns={"answered_ms": "at_ms"}), "conversation_id")
    bad = _low(rows, reviews.rename(columns={"reviewed_ms": "at_ms"}), "order_id")
    told = pd.DataFrame({"came_back": back.to_numpy(), "low_csat": csat.where(over), "bad_review": bad.where(over)})
    told = told.astype("boolean")
    bad_any = told.fillna(False).any(axis=1).astype("boolean").where(over & told.notna().any(axis=1))
    return rows.assign(**{name: told[name] for name in OUTCOMES}, went_bad=bad_any)


def _low(rows: pd.DataFrame, scores: pd.DataFrame, on: str) -> pd.Series:
    """Whether a low score came within 30 days after a contact was named; unknown without a feed or an order."""
    if scores.empty:
        return pd.Series(pd.NA, index=rows.index, dtype="boolean")
    low = scores[(scores["rating"] <= BAD) & scores[on].notna()]
    both = rows[["conversation_id", "order_id", "named_ms"]].reset_index().merge(low[[on, "at_ms"]], on=on)
    late = both["at_ms"].astype("int64") - both["named_ms"].astype("int64")
    hit = set(both.loc[(late > 0) & (late <= STAY_MS), "index"])
    found = pd.Series([n in hit for n in rows.index], index=rows.index, dtype="boolean")
    return found.where(rows[on].notna())


# ---------------------------------------------------------------- what it comes to


@dataclass(frozen=True)
class Part:
    """How many went bad of a group, with the 95 % interval of the share; null of nobody."""

    n: int
    bad: int
    share: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Saved:
    """What being named comes to.

    `difference` is the share that went bad among all who were named, helped or not, less that of those who were left
    alone (intention to treat), with Newcombe's 95 % interval; null while too few were left alone. Below 0 the list
    saves; `spared` is then how many fewer went bad than without it.
    """

    recent: Part
    recent_held: Part
    named: Part
    held: Part
    waiting: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    spared: float | None = None
    verdict: str = "cannot tell yet"


def saved(rows: list[dict[str, Any]]) -> Saved:
    """What FLAGGED comes to: each customer's first row in 30 days, once its outcomes are known.

    The head speaks of the newest 200 who were named, and of those who were left alone on the same days. What was caused
    is judged by all that were drawn with the share that was drawn last: another share is another experiment.

    :param rows: FLAGGED: day, named_ms, conversation_id, held_out, first, hold_out, went_bad.
    """
    drawn = sorted((r for r in rows if r["first"]), key=lambda r: (r["named_ms"], r["conversation_id"]))
    over = [row for row in drawn if row["went_bad"] is not None]
    recent = [row for row in over if not row["held_out"]][-SHOWN:]
    since = recent[0]["named_ms"] if recent else 0
    recent_held = [row for row in over if row["held_out"] and row["named_ms"] >= since]
    same = [row for row in over if row["hold_out"] == drawn[-1]["hold_out"]] if drawn else []
    named, held = (_part([r for r in same if bool(r["held_out"]) is yes]) for yes in (False, True))
    plain = Saved(_part(recent), _part(recent_held), named, held, len(drawn) - len(over))
    if held.n < LEAST or named.n < LEAST:
        return plain
    told = contrast.shares([named.bad], [named.n], [held.bad], [held.n])
    difference, low, high = (float(end[0]) for end in (told.difference, told.low, told.high))
    verdict = "caused fewer" if high < 0 else "caused more" if low > 0 else "cannot tell"
    ends = {"difference": difference, "low": low, "high": high, "spared": -difference * named.n, "verdict": verdict}
    return Saved(plain.recent, plain.recent_held, named, held, plain.waiting, **ends)  # type: ignore[arg-type]


def _part(rows: list[dict[str, Any]]) -> Part:
    n, bad = len(rows), sum(bool(row["went_bad"]) for row in rows)
    if not n:
        return Part(0, 0)
    low, high = (float(end[0]) for end in intervals.wilson([bad], [n]))
    return Part(n, bad, bad / n, low, high)
