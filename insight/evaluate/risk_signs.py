"""What is known of a customer's contacts at a moment, as numbers with the moment since when each was known.

Each contact gives two cases to learn from, when it is opened and when it is first resolved: at both the question is the
same, whether the customer comes again with the issue. Only the second is ever judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight.evaluate.risk_cases import DAY_MS, Contacts
from insight.evaluate.risk_events import NEVER
from insight.evaluate.timeline import Timeline, Whole, together
from insight.risks.base import Cases, Sign

Numbers = npt.NDArray[np.float64]

WINDOWS = (1, 3, 7, 14, 30)
"""Days in which earlier contacts are counted, beside all so far."""
EDGES = (1, 2, 4, 7, 14, 30, 60, 120)
"""Days between which contacts count alike where they fade."""
FADES = (7.0, 21.0, 60.0)
"""Days after which a contact counts 1/e."""
FAR = 400.0
"""Days since an earlier contact where there was none."""
USUAL = 0.15
"""The share that comes back before any case has shown it, with the weight of `FEW` cases."""
FEW = 50.0
LIKE = {"customer": 5.0, "pair": 5.0, "issue": 30.0, "column": 30.0}
"""How many cases of the usual rate are added before a group has a rate of its own."""


@dataclass(frozen=True)
class Histories:
    """The contacts by customer, by issue and by both, and how those that were resolved went on.

    `pair` (n,) is customer and issue as one number, `pair_first` the same with the issue that a contact had first.
    `days` (n,) until the same customer came again with the same issue after the first resolution; NaN for never or not
    resolved. `again` (n,) is whether they were met again within the window as far as was known at its end: unlike
    `days` it takes contacts for what they were called then.
    """

    of: Contacts
    pair: Whole
    pair_first: Whole
    days: Numbers
    again: npt.NDArray[np.bool_]
    window: float

    @classmethod
    def make(cls, of: Contacts, window: float, dice: np.random.Generator | None = None) -> Histories:
        """:param dice: where told, who came back is dealt out anew, so that nothing can be learnt of it."""
        many = len(of.customer)
        both = together(np.tile(of.customer, 2), np.concatenate([of.issue, of.issue_first]))
        pair, pair_first = both[:many], both[many:]
        days = until_next(of, pair, of.resolved_ms)
        resolved = np.flatnonzero(of.resolved_ms != NEVER)
        days[of.resolved_ms == NEVER] = np.nan
        found = cls(of, pair, pair_first, days, np.zeros(many, dtype=bool), window)
        met, since = found.met(pair, pair_first), of.resolved_ms
        counts = [met.amount(found.pair_resolved, at) for at in (since, since + int(window * DAY_MS))]
        again = (counts[1] > counts[0]) & (since != NEVER)
        if dice is not None:
            dealt = dice.permutation(resolved)
            days[resolved], again[resolved] = days[dealt], again[dealt]
        return replace(found, again=again)

    @property
    def pair_resolved(self) -> Whole:
        """Customer and issue as they stood at the first resolution."""
        return self.resolved_as(self.pair, self.pair_first)

    def resolved_as(self, last: Whole, first: Whole) -> Whole:
        """What contacts were at their first resolution, of what they are and what they were first."""
        return np.asarray(np.where(self.of.named_ms <= self.of.resolved_ms, last, first), dtype=np.int64)

    @property
    def moved(self) -> Whole:
        """Contacts whose issue changed."""
        return np.flatnonzero(self.of.issue != self.of.issue_first)

    def met(self, last: Whole, first: Whole) -> Timeline:
        """Contacts by what they are about: one whose issue changed was about the first one, and is about the last."""
        of, moved = self.of, self.moved
        return Timeline(np.concatenate([last, first[moved]]), np.concatenate([of.named_ms, of.opened_ms[moved]]))

    def done(self) -> Timeline:
        """When contacts were no longer waiting for a resolution of what they were about."""
        of, moved = self.of, self.moved
        resolved = np.flatnonzero(of.resolved_ms != NEVER)
        ended = np.where(of.resolved_ms[moved] == NEVER, of.named_ms[moved], of.resolved_ms[moved])
        return Timeline(
            np.concatenate([self.pair[resolved], self.pair_first[moved]]),
            np.concatenate([np.maximum(of.resolved_ms, of.named_ms)[resolved], np.minimum(ended, of.named_ms[moved])]),
        )


def until_next(of: Contacts, pair: Whole, at_ms: Whole, asked: Whole | None = None) -> Numbers:
    """Days from a moment of each contact to the next one of the same customer and issue; NaN where none came.

    :param asked: (n,) customer and issue of each contact at the moment, where they were not yet those of `pair`.
    """
    opened = Timeline(pair, of.opened_ms)
    following = opened.following(pair if asked is None else asked, at_ms)
    return np.where(following >= 0, (opened.moment(following) - at_ms) / DAY_MS, np.nan)


def cases(histories: Histories) -> tuple[Cases, pd.DataFrame]:
    """Two cases for each contact, and what is needed to judge them: one row each, in the same order.

    The second table has `contact`, `customer`, `at_ms`, `days` to the event (NaN for none), `judged` (at the first
    resolution), and the raw counts `same_30` and `any_30`.
    """
    of = histories.of
    resolved = np.flatnonzero(of.resolved_ms != NEVER)
    everyone = np.arange(len(of.customer))
    contact = np.concatenate([resolved, everyone])
    at_ms = np.concatenate([of.resolved_ms[resolved], of.opened_ms])
    days = np.concatenate(
        [histories.days[resolved], until_next(of, histories.pair, of.opened_ms, histories.pair_first)]
    )
    judged = np.arange(len(contact)) < len(resolved)
    signs = Look(histories, contact, at_ms).signs(judged)
    rows = pd.DataFrame({"scored_ms": at_ms})
    about = {"contact": contact, "customer": of.customer[contact], "at_ms": at_ms, "days": days, "judged": judged}
    raw = {name: np.expm1(signs[name].values) for name in ("same_30", "any_30")}
    return Cases(rows, signs), pd.DataFrame(about | raw)


class Look:
    """One look at each of m moments, at the customer and the issue of a contact."""

    def __init__(self, histories: Histories, contact: Whole, at_ms: Whole) -> None:
        of = self.of = histories.of
        self.histories, self.contact, self.at_ms = histories, contact, at_ms
        named = of.named_ms[contact] <= at_ms
        self.customer, self.opened_ms = of.customer[contact], of.opened_ms[contact]
        self.issue = np.where(named, of.issue[contact], of.issue_first[contact])
        self.pair = np.where(named, histories.pair[contact], histories.pair_first[contact])
        self.entered_ms = np.where(named, of.named_ms[contact], self.opened_ms)
        self.same = histories.met(histories.pair, histories.pair_first)
        self.any = Timeline(of.customer, of.opened_ms)
        self.about = histories.met(of.issue, of.issue_first)
        self.all = Timeline(np.zeros(len(of.issue), dtype=np.int64), of.opened_ms)
        self.gone = np.maximum((at_ms - of.start_ms) / DAY_MS, 1.0)
        self.resolved = np.flatnonzero(of.resolved_ms != NEVER)

    def signs(self, judged: np.ndarray) -> dict[str, Sign]:
        """All of them by name."""
        found = self._counts() | self._pace() | self._gaps() | self._open() | self._issues()
        found |= self._came_back() | self._clock(judged)
        for name, column in self.of.columns.items():
            at_resolution = np.where(judged, column.values[self.contact], -1)
            known = np.where(judged, column.known_ms[self.contact], 0)
            found[f"by {name}"] = self._rate(column.values, at_resolution, known, LIKE["column"])
        return found

    def _newest(self, *lines: tuple[Timeline, Whole]) -> Whole:
        """When the newest thing happened of which a number was made."""
        newest = [line.moment(line.newest(group, self.at_ms)) for line, group in lines]
        return np.asarray(np.max(newest, axis=0), dtype=np.int64)

    def _counts(self) -> dict[str, Sign]:
        """Other contacts of the customer, log(1 + count)."""
        found = {}
        for name, line, group, entered in (
            ("same", self.same, self.pair, self.entered_ms),
            ("any", self.any, self.customer, self.opened_ms),
        ):
            known = self._newest((line, group))
            for days in (*WINDOWS, None):
                mine = np.ones(len(group)) if days is None else entered > self.at_ms - days * DAY_MS
                count = line.amount(group, self.at_ms, days and days * DAY_MS) - mine
                found[f"{name}_{days or 'all'}"] = Sign(np.log1p(count), known)
        return found

    def _faded(self, line: Timeline, group: Whole, fade: float) -> Numbers:
        """Contacts of the group, each counting less the longer ago it was; the one of the case included."""
        before = np.zeros(len(group))
        total = np.zeros(len(group))
        since = 0.0
        for edge in EDGES:
            upto = line.amount(group, self.at_ms, int(edge * DAY_MS))
            total += (upto - before) * np.exp(-(since + edge) / 2 / fade)
            before, since = upto, float(edge)
        return total

    def _pace(self) -> dict[str, Sign]:
        """How many contacts about the issue the customer's pace promises for the window, from several memories.

        The pace is contacts by days, drawn to one in the time of `days`; the issue's share of them is drawn to what it
        is among all contacts (Gamma-Poisson and Dirichlet, by their means).
        """
        known = self._newest((self.same, self.pair), (self.any, self.customer), (self.about, self.issue))
        share = np.exp(self._share())
        found = {}
        for fade in (*FADES, None):
            if fade is None:
                same, every, seen = self.same.amount(self.pair, self.at_ms), None, self.gone
                every = self.any.amount(self.customer, self.at_ms)
            else:
                same, every = (
                    self._faded(line, group, fade)
                    for line, group in ((self.same, self.pair), (self.any, self.customer))
                )
                seen = fade * (1 - np.exp(-self.gone / fade))
            pace = (every + 0.3) / (seen + 5)
            of_issue = (same + 2 * share) / (every + 2)
            name = "all" if fade is None else f"{fade:.0f}"
            found[f"expected_{name}"] = Sign(np.log(self.histories.window * pace * of_issue), known)
            if fade in (None, 21.0):
                found[f"pace_{name}"] = Sign(np.log(pace), known)
                found[f"share_{name}"] = Sign(np.log(of_issue), known)
        return found

    def _share(self) -> Numbers:
        """The log-odds of the issue's share in all contacts so far."""
        share = (self.about.amount(self.issue, self.at_ms) + 1) / (self.all.amount(self.issue * 0, self.at_ms) + 50)
        return np.asarray(np.log(share / (1 - share)), dtype=np.float64)

    def _gaps(self) -> dict[str, Sign]:
        """Days since the contact before this one, and since the newest, log(1 + days)."""
        found = {}
        for name, line, group in (("same", self.same, self.pair), ("any", self.any, self.customer)):
            newest = line.moment(line.newest(group, self.at_ms))
            before = line.moment(line.newest(group, self.opened_ms - 1), otherwise=NEVER)
            gap = np.where(before == NEVER, FAR, (self.at_ms - before) / DAY_MS)
            found[f"gap_{name}"] = Sign(np.log1p(gap), newest)
            found[f"since_{name}"] = Sign(np.log1p((self.at_ms - newest) / DAY_MS), newest)
        return found

    def _open(self) -> dict[str, Sign]:
        """Contacts of the customer that are not resolved, and those opened since this one, log(1 + count)."""
        found = {}
        everything = Timeline(self.of.customer[self.resolved], self.of.resolved_ms[self.resolved])
        for name, line, done, group in (
            ("same", self.same, self.histories.done(), self.pair),
            ("any", self.any, everything, self.customer),
        ):
            opened = line.amount(group, self.at_ms)
            known = self._newest((line, group), (done, group))
            late = (self.entered_ms > self.opened_ms) & (name == "same")  # it entered this count itself
            waiting = np.maximum(opened - done.amount(group, self.at_ms), 0)
            since = np.maximum(opened - line.amount(group, self.opened_ms) - late, 0)
            found[f"open_{name}"] = Sign(np.log1p(waiting), known)
            found[f"meanwhile_{name}"] = Sign(np.log1p(since), known)
        return found

    def _issues(self) -> dict[str, Sign]:
        """How much the issue is raised by all, and whether more than usual."""
        known = self._newest((self.about, self.issue), (self.all, self.issue * 0))
        day, fortnight, month = (self.about.amount(self.issue, self.at_ms, d * DAY_MS) for d in (1, 14, 30))
        load = self.all.amount(self.issue * 0, self.at_ms, DAY_MS) + 1
        usual = self.all.amount(self.issue * 0, self.at_ms, 14 * DAY_MS) / np.minimum(self.gone, 14) + 1
        pace = np.log1p(month / np.minimum(self.gone, 30))
        surge = np.log((day + 1) / (fortnight / np.minimum(self.gone, 14) + 1))
        told = {"issue_pace": pace, "issue_surge": surge, "issue_share": self._share(), "load": np.log(load / usual)}
        return {name: Sign(value, known) for name, value in told.items()}

    def _came_back(self) -> dict[str, Sign]:
        """How many came back so far: of the customer's cases, of the issue's, of both; drawn to the usual share."""
        histories, of = self.histories, self.of
        issue = histories.resolved_as(of.issue, of.issue_first)
        zero = np.zeros(len(self.at_ms), dtype=np.int64)
        return {
            "back_customer": self._rate(of.customer, self.customer, zero, LIKE["customer"]),
            "back_same": self._rate(histories.pair_resolved, self.pair, zero, LIKE["pair"]),
            "back_issue": self._rate(issue, self.issue, zero, LIKE["issue"]),
        }

    def _rate(self, groups: Whole, mine: Whole, known_ms: Whole, like: float) -> Sign:
        """Log-odds of coming back in a group of contacts against all, of cases whose window had passed by the moment.

        :param groups: (n,) of each contact. :param mine: (m,) of each case, -1 for none, whose log-odds are then 0.
        """
        rows, window = self.resolved, self.histories.window
        passed = self.of.resolved_ms[rows] + int(window * DAY_MS)
        back = self.histories.again[rows]
        here = Timeline(groups[rows] + 1, passed)
        hits = Timeline(groups[rows] + 1, passed, back)
        everywhere, all_hits = Timeline(rows * 0, passed), Timeline(rows * 0, passed, back)
        zero = np.zeros(len(mine), dtype=np.int64)
        usual = (all_hits.amount(zero, self.at_ms) + USUAL * FEW) / (everywhere.amount(zero, self.at_ms) + FEW)
        rate = (hits.amount(mine + 1, self.at_ms) + like * usual) / (here.amount(mine + 1, self.at_ms) + like)
        newest = everywhere.moment(everywhere.newest(zero, self.at_ms))
        odds = np.log(rate / (1 - rate)) - np.log(usual / (1 - usual))
        return Sign(np.where(mine < 0, 0.0, odds), np.maximum(known_ms, newest))

    def _clock(self, judged: np.ndarray) -> dict[str, Sign]:
        """How long the contact has been open, and the hour and the day of the week, in UTC."""
        hour = self.at_ms / 3_600_000 % 24
        weekend = (self.at_ms // DAY_MS + 3) % 7 >= 5
        told = {
            "length": np.log1p((self.at_ms - self.opened_ms) / 3_600_000),
            "morning": np.cos(2 * np.pi * hour / 24),
            "early": np.sin(2 * np.pi * hour / 24),
            "weekend": weekend.astype(float),
            "just_opened": (~judged).astype(float),
        }
        return {name: Sign(value, self.at_ms) for name, value in told.items()}


RISING = ("same_", "any_", "expected_", "pace_", "share_", "back_", "open_", "meanwhile_", "by ")
FALLING = ("gap_", "since_")
PACE = ("expected_", "pace_", "share_", "back_", "gap_", "open_", "meanwhile_", "just_")
CLOCK = ("issue_", "load", "since_", "length", "morning", "early", "weekend")


@dataclass(frozen=True)
class Diet:
    """What a hazard learns from: signs whose names begin so, and cases that count 1/e after `memory` days."""

    prefixes: tuple[str, ...]
    memory: float | None = None


DIETS: Mapping[str, Diet] = {
    "pace": Diet(PACE),
    "pace, issue and clock": Diet(PACE + CLOCK),
    "all": Diet(("",)),
    "all, the newest cases most": Diet(("",), 30.0),
}
"""The backtest picks one."""
EXPECTED = {"expected_all": 0.3, "expected_21": 0.3, "back_issue": 0.3}
"""Where the weights of the hazard begin: who comes often about an issue will come again about it."""
