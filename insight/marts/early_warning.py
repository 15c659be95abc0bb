"""Early warning: all that got worse, judged together, with one alert for one matter whatever its signs.

Signs are more contacts about a topic than its orders explain, more low scores, more second contacts, more conversations
that end bad, and parcels that come late. Each kind may err as much as every other: the p values of a kind with many
cells weigh less, so that they do not drown one with few.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import emerging, intervals, worsening
from insight.discovery import benjamini_hochberg
from insight.marts import owners
from insight.marts.logistics_causes import LATE, PARCEL, PROPERTIES, RISE
from insight.periods import WEEK
from insight.schema import ALL, EARLY_WARNINGS, UNASSIGNED

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]

MORE, LOW, AGAIN, ENDS_BAD, PARCELS = "more contacts", "low scores", "contacts again", "ends bad", "parcels"

LEVEL = 0.05
"""Of all alerts, at most so much is chance, on average."""
LEAST_CUSTOMERS = 3
SHOWN_DAYS = 28
SILENCE_DAYS = 7
REPLAYED_DAYS = SHOWN_DAYS + 2 * SILENCE_DAYS
"""Days that are judged: some before those shown, so that who spoke shortly before stays silent."""
MOST = 0.6
"""A market or a product that holds so much of the excess is named instead of all."""
LANE_SHARE = 0.5
"""A topic whose conversations are so often about the orders of a late part is the same matter as that part."""
CONVERSATIONS, QUOTES = 5, 3
COLUMNS = list(EARLY_WARNINGS.arrow.names)


@dataclass(frozen=True)
class Family:
    """All that was judged of one kind: cells (C) with topic_id, market and sku, and windows (W) that end on days (D).

    `observed`, `expected` and `p` have the shape (W, C, D), p being NaN where nobody can tell. `of` has it too, where
    `observed` is a part of something. `ends` gives where 95 % of usual windows lie, for places (w, c, d) in arrays.
    """

    kind: str
    cells: pd.DataFrame
    windows: tuple[int, ...]
    first: dt.date
    observed: Wholes
    of: Wholes | None
    expected: Floats
    p: Floats
    ends: Callable[[tuple[Wholes, Wholes, Wholes]], tuple[Floats, Floats]]

    def day(self, day: dt.date) -> Floats:
        """The p values of a day, (W, C); none where it lies outside."""
        at = (day - self.first).days
        return self.p[:, :, at] if 0 <= at < self.p.shape[2] else np.empty((0, 0))


def of_contacts(series: emerging.Series, judged: emerging.Judged) -> Family:
    """The family of contacts against orders."""

    def ends(at: tuple[Wholes, Wholes, Wholes]) -> tuple[Floats, Floats]:
        return emerging.ends(judged.expected[at], judged.excess[at])

    p = np.where(judged.told, judged.p, np.nan)
    windows = emerging.WINDOWS
    return Family(MORE, series.cells, windows, series.first, judged.observed, None, judged.expected, p, ends)


def of_shares(kind: str, counts: worsening.Counts, judged: worsening.Judged) -> Family:
    """The family of a share among conversations."""

    def ends(at: tuple[Wholes, Wholes, Wholes]) -> tuple[Floats, Floats]:
        return worsening.ends(judged.of[at], judged.share[at[1:]], judged.weight[at])

    cells = counts.cells.assign(sku=ALL)
    expected = judged.share * judged.of
    return Family(kind, cells, worsening.WINDOWS, counts.first, judged.bad, judged.of, expected, judged.p, ends)


@dataclass(frozen=True)
class Sign:
    """One window that stands out: of which topic where, until which day, and what speaks for it."""

    kind: str
    topic_id: str | None
    place: str
    market: str
    sku: str
    since: dt.date
    day: dt.date
    observed: int
    of: int | None
    expected: float
    low: float
    high: float
    p: float
    q: float
    part: Mapping[str, str] | None = None
    measure: str | None = None
    customers: int = 0

    @property
    def ratio(self) -> float | None:
        """Observed by expected."""
        return self.observed / self.expected if self.expected else None

    @property
    def beyond(self) -> float:
        """Lower end of the 95 % interval of what was seen beyond what was expected, in customers."""
        if self.of is None:
            low = float(intervals.poisson([self.observed], [1.0])[0][0])
        else:
            low = self.of * float(intervals.wilson([self.observed], [self.of])[0][0])
        return max(low - self.expected, 0.0) * min(self.customers / max(self.observed, 1), 1.0)


@dataclass(frozen=True)
class Seen:
    """What signs can be shown by.

    `said`: topic_id, market, sku, conversation_id, customer_key, day, similarity, text, mention_id. `bad`: kind,
    topic_id, market, conversation_id, customer_key, day, of what ended badly. `placed`: conversation_id, ship_week and
    PROPERTIES of the order that it is about, one row each. `measures`: topics that speak of parcels, and of what.
    """

    said: pd.DataFrame
    bad: pd.DataFrame
    placed: pd.DataFrame
    measures: Mapping[str, str]

    @cached_property
    def _by_topic(self) -> dict[tuple[bool, str], pd.DataFrame]:
        """The words, and what ended badly, of each topic; days as moments."""
        found: dict[tuple[bool, str], pd.DataFrame] = {}
        for is_said, rows in ((True, self.said), (False, self.bad)):
            plain = rows.astype(dict.fromkeys(("topic_id", "market", "conversation_id", "customer_key"), object))
            plain = plain.assign(day=rows["day"].astype("datetime64[s]"))
            found |= {(is_said, str(topic)): part for topic, part in plain.groupby("topic_id", sort=True)}
        return found

    def words(self, topics: Iterable[str]) -> pd.DataFrame:
        """What was said about these topics."""
        parts = [self._by_topic[True, topic] for topic in sorted(topics) if (True, topic) in self._by_topic]
        return pd.concat(parts) if parts else self.said.iloc[:0].astype({"day": "datetime64[s]"})

    def topics(self, sign: Sign) -> set[str]:
        """The topics that a sign is about."""
        if sign.topic_id is not None:
            return {sign.topic_id}
        measure = PARCEL if sign.measure == LATE else sign.measure
        return {topic for topic, of in self.measures.items() if of == measure}

    def of(self, sign: Sign) -> pd.DataFrame:
        """conversation_id, customer_key and day of the conversations behind a sign."""
        if sign.kind in (MORE, PARCELS):
            rows = self.words(self.topics(sign))
        else:
            rows = self._by_topic[False, str(sign.topic_id)]
            rows = rows[rows["kind"] == sign.kind]
        for name, told in (("market", sign.market), ("sku", sign.sku)):
            rows = rows if told == ALL else rows[rows[name] == told]
        rows = rows[(rows["day"] >= pd.Timestamp(sign.since)) & (rows["day"] <= pd.Timestamp(sign.day))]
        if sign.part is not None:
            rows = rows[rows["conversation_id"].isin(self.inside(sign.part, sign.since))]
        return rows[["conversation_id", "customer_key", "day"]].drop_duplicates("conversation_id")

    def inside(self, part: Mapping[str, str], since: dt.date) -> set[str]:
        """The conversations about orders of a part that were handed over since."""
        return set(_of_part(self.placed, part, since)["conversation_id"])


def _of_part(orders: pd.DataFrame, part: Mapping[str, str], since: dt.date) -> pd.DataFrame:
    """The orders of a part that were handed over since the week of a day."""
    week = orders["ship_week"].astype("datetime64[s]")
    rows = orders[(week > pd.Timestamp(since - dt.timedelta(days=WEEK))).to_numpy(bool)]
    for name in PROPERTIES:
        rows = rows if part[name] == ALL else rows[rows[name] == part[name]]
    return rows


def affected(lanes: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """The measures of parcels with `affected`: the customers of the part's late orders, or those who wrote about it.

    :param lanes: rows of LOGISTICS_CAUSES. :param orders: customer_key, ship_week, late and PROPERTIES.
    """
    late = orders[(orders["late"].fillna(value=False)).to_numpy(bool)]
    rises = lanes.to_dict("records")
    counts = [
        _of_part(late, {name: row[name] for name in PROPERTIES}, row["since"])["customer_key"].nunique()
        if row["measure"] == LATE and row["verdict"] == RISE
        else row["customers"]
        for row in rises
    ]
    return lanes.assign(affected=counts)


def signs(families: list[Family], lanes: pd.DataFrame, until: dt.date) -> list[Sign]:
    """What stands out on each of the last days, over all kinds; the day before `until` is the last.

    Benjamini and Hochberg with weights: C. R. Genovese, K. Roeder and L. Wasserman (2006), False discovery control with
    p-value weighting, Biometrika 93. The weights depend on how many cells were judged, never on what they showed.
    """
    found: list[Sign] = []
    for back in range(REPLAYED_DAYS, 0, -1):
        day = until - dt.timedelta(days=back)
        parts = [family.day(day) for family in families]
        late = lanes["p"].to_numpy(np.float64) if back == 1 else np.empty(0)
        kept = _kept([*parts, late])
        for family, q in zip(families, kept, strict=False):
            found += _spoken(family, day, q)
        if back == 1:
            found += _lanes(lanes, kept[-1], until)
    return found


def _kept(kinds: list[Floats]) -> list[Floats]:
    """Q of each kind, of the shape of its p. Parcels' p count every part and measure already: one test, not many."""
    told = [int((~np.isnan(p)).sum()) for p in kinds]
    tests, several = sum(told), max(sum(n > 0 for n in told), 1)
    heavy = [several * (n if k < len(kinds) - 1 else 1) / max(tests, 1) for k, n in enumerate(told)]
    every = np.concatenate([np.minimum(p.ravel() * w, 1.0) for p, w in zip(kinds, heavy, strict=True)])
    q = benjamini_hochberg(every)
    ends = np.cumsum([p.size for p in kinds])[:-1]
    return [part.reshape(p.shape) for part, p in zip(np.split(q, ends), kinds, strict=True)]


def _spoken(family: Family, day: dt.date, q: Floats) -> list[Sign]:
    """The signs of one kind and day."""
    window, cell = np.nonzero(np.nan_to_num(q, nan=1.0) <= LEVEL)
    if not len(cell):
        return []
    at = (window, cell, np.full(len(cell), (day - family.first).days))
    low, high = family.ends(at)
    rows = family.cells.iloc[cell]
    told = zip(window, cell, low, high, rows["topic_id"], rows["market"], rows["sku"], strict=True)
    return [
        Sign(
            kind=family.kind,
            topic_id=str(topic),
            place=_place(family, int(w), int(c), int(at[2][0])),
            market=str(market),
            sku=str(sku),
            since=day - dt.timedelta(days=family.windows[w] - 1),
            day=day,
            observed=int(family.observed[w, c, at[2][0]]),
            of=None if family.of is None else int(family.of[w, c, at[2][0]]),
            expected=float(family.expected[w, c, at[2][0]]),
            low=float(least),
            high=float(most),
            p=float(family.p[w, c, at[2][0]]),
            q=float(q[w, c]),
        )
        for w, c, least, most, topic, market, sku in told
    ]


def _place(family: Family, window: int, cell: int, day: int) -> str:
    """The market of a cell; of one over all markets that which holds most of the excess, if there is one."""
    topic, market, sku = family.cells.iloc[cell][["topic_id", "market", "sku"]]
    if market != ALL:
        return str(market)
    beyond = family.observed[window, :, day] - family.expected[window, :, day]
    cells = family.cells
    same = (cells["topic_id"] == topic) & (cells["sku"] == sku) & (cells["market"] != ALL)
    kin = same.to_numpy(bool) & (beyond >= MOST * beyond[cell])
    return str(cells["market"][kin].iloc[0]) if kin.sum() == 1 else ALL


def _lanes(lanes: pd.DataFrame, q: Floats, until: dt.date) -> list[Sign]:
    """The rises of parcels. A rise that stands is told once a week, on the newest Monday that it has lasted a week."""
    monday = until - dt.timedelta(days=1 + (until - dt.timedelta(days=1)).weekday())
    found = []
    for row, false in zip(lanes.to_dict("records"), q, strict=True):
        if row["verdict"] == RISE and false <= LEVEL:
            n, before = int(row["orders_after"]), row["per_100_before"] / 100
            part = {name: str(row[name]) for name in PROPERTIES}
            found.append(
                Sign(
                    PARCELS,
                    None,
                    part["market"],
                    ALL,
                    ALL,
                    row["since"],
                    max(monday, row["since"]),
                    int(row["events_after"]),
                    n,
                    n * before,
                    n * row["before_low"] / 100,
                    n * row["before_high"] / 100,
                    row["p"],
                    float(false),
                    part,
                    row["measure"],
                    int(row["affected"]),
                )
            )
    return found


# ---------------------------------------------------------------- one alert for one matter


Matter = tuple[str, str]


def heard(every: list[Sign], seen: Seen, *, few: int) -> list[Sign]:
    """Signs that enough customers stand behind, with their number."""
    least = max(few, LEAST_CUSTOMERS)
    counted = [
        sign if sign.part is not None else replace(sign, customers=seen.of(sign)["customer_key"].nunique())
        for sign in every
    ]
    return [sign for sign in counted if sign.customers >= least]


def raised(every: list[Sign]) -> list[tuple[Matter, list[Sign]]]:
    """Alerts, oldest first: a matter and its signs of the day, where it did not speak in the week before.

    A matter is a topic in a market, or everywhere. What speaks everywhere takes in what the markets say.
    """
    days: dict[dt.date, dict[str, list[Sign]]] = {}
    for sign in every:
        if sign.topic_id is not None:
            days.setdefault(sign.day, {}).setdefault(sign.topic_id, []).append(sign)
    spoke: dict[Matter, dt.date] = {}
    found = []
    for day in sorted(days):
        for topic, told in sorted(days[day].items()):
            for place in [ALL] if any(s.place == ALL for s in told) else sorted({s.place for s in told}):
                last = max(spoke.get((topic, p), dt.date.min) for p in {place, ALL})
                if (day - last).days >= SILENCE_DAYS:
                    spoke[topic, place] = day
                    found.append(((topic, place), [s for s in told if place in (ALL, s.place)]))
    return found


@dataclass(frozen=True)
class Alert:
    """A matter that speaks: the signs, surest first, since when, and how many times it spoke."""

    matter: Matter
    day: dt.date
    since: dt.date
    nth: int
    signs: list[Sign]

    @property
    def lead(self) -> Sign:
        """The sign that tells of most customers."""
        return max(self.signs, key=lambda s: (s.beyond, -s.q))


def chained(found: list[tuple[Matter, list[Sign]]]) -> list[Alert]:
    """Alerts with what came before: one that follows another of its matter within two weeks goes on with it."""
    last: dict[Matter, Alert] = {}
    out = []
    for matter, told in found:
        day, since, before = told[0].day, min(s.since for s in told), last.get(matter)
        on = before is not None and (day - before.day).days <= 2 * SILENCE_DAYS
        since, nth = (min(since, before.since), before.nth + 1) if on and before else (since, 1)
        last[matter] = Alert(matter, day, since, nth, told)
        out.append(last[matter])
    return out


def joined(alerts: list[Alert], lanes: list[Sign], seen: Seen) -> list[Alert]:
    """Alerts of parts of the orders, each with the alerts of topics that are about those orders, and all others."""
    found: list[Alert] = []
    rest = alerts
    for together in _parts(lanes):
        lane = together[0]
        inside = seen.inside(lane.part or {}, lane.since)
        same = [a for a in rest if a.matter[0] in seen.measures and a.day >= lane.since and _is_about(a, seen, inside)]
        rest = [a for a in rest if a not in same]
        newest = [s for a in same if (lane.day - a.day).days < SILENCE_DAYS for s in a.signs]
        key = " ".join(f"{name} {told}" for name, told in (lane.part or {}).items() if told != ALL)
        found.append(Alert(("", key), lane.day, min(s.since for s in together), 1, [*together, *newest]))
    return found + rest


def _parts(lanes: list[Sign]) -> list[list[Sign]]:
    """Signs of parcels by matter: the same part, or one that only says it more closely."""
    found: list[list[Sign]] = []
    for lane in sorted(lanes, key=lambda s: (-s.beyond, s.q, s.measure or "")):
        home = next((group for group in found if _agree(group[0].part or {}, lane.part or {})), None)
        found += [[lane]] if home is None else []
        if home is not None:
            home.append(lane)
    return found


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two parts share a condition and contradict each other in none."""
    both = [(one[name], other[name]) for name in PROPERTIES if ALL not in (one[name], other[name])]
    return bool(both) and all(a == b for a, b in both)


def _is_about(alert: Alert, seen: Seen, inside: set[str]) -> bool:
    """Whether the conversations behind an alert are mostly about the orders of a part."""
    known = set(seen.placed["conversation_id"])
    told = {c for sign in alert.signs for c in seen.of(sign)["conversation_id"]} & known
    return bool(told) and len(told & inside) >= LANE_SHARE * len(told)


# ---------------------------------------------------------------- rows


@dataclass(frozen=True)
class About:
    """What rows are written with: topics' families by id, the shop's names of owners, and lanes later than others."""

    families: Mapping[str, str]
    owners: Mapping[str, str]
    later: set[tuple[str, str]]
    few: int


def table(alerts: list[Alert], seen: Seen, about: About, until: dt.date) -> pd.DataFrame:
    """The rows of EARLY_WARNINGS: what still holds first, by the customers that are surely concerned."""
    shown = [a for a in alerts if a.day >= until - dt.timedelta(days=SHOWN_DAYS)]
    newest = {a.matter: a.day for a in shown}
    rows = []
    for alert in shown:
        now = newest[alert.matter] == alert.day and alert.day >= until - dt.timedelta(days=SILENCE_DAYS)
        rows.append(_row(alert, seen, about) | {"state": "now" if now else "over"})
    rows.sort(key=lambda row: (row["state"], -row["at_least"], row["q"], row["warning_id"]))
    return pd.DataFrame([row | {"rank": n} for n, row in enumerate(rows, 1)], columns=COLUMNS)


def _row(alert: Alert, seen: Seen, about: About) -> dict[str, Any]:
    lead = alert.lead
    ordered = sorted(alert.signs, key=lambda s: (s is not lead, -s.beyond, s.q, s.kind, s.market, s.sku, s.since))
    kinds = list(dict.fromkeys(s.kind for s in ordered))
    topic = next((s.topic_id for s in ordered if s.topic_id is not None), None)
    part = lead.part or next((s.part for s in ordered if s.part is not None), None)
    family = about.families.get(topic or "", "") if part is None else "logistics"
    told = owners.advice(kinds, family, told=about.owners, more=_carrier(part, about))
    rows = _evidence(ordered, seen)
    return {
        "warning_id": "w" + blake2b(repr((alert.matter, alert.day)).encode(), digest_size=5).hexdigest(),
        "day": alert.day,
        "kind": lead.kind,
        "measure": lead.measure,
        "topic_id": topic,
        **dict.fromkeys(PROPERTIES, ALL),
        **(part or {"market": alert.matter[1]}),
        "sku": _product(ordered),
        "since": alert.since,
        "nth": alert.nth,
        **{name: getattr(lead, name) for name in ("observed", "of", "expected", "low", "high", "ratio", "p", "q")},
        "customers": max(int(rows["customer_key"].nunique()), *(s.customers for s in ordered)),
        "at_least": lead.beyond,
        **_listed(ordered),
        **_shown(rows, set().union(*(seen.topics(s) for s in ordered)), seen, about.few),
        "owner": told.owner,
        "owner_zh": told.owner_zh,
        "remedies": told.remedies,
        "remedies_zh": told.remedies_zh,
    }


def _carrier(part: Mapping[str, str] | None, about: About) -> tuple[str, ...]:
    """Another carrier is only worth a thought where this one is surely later than the others on its lanes."""
    if part is None or part["carrier"] == ALL:
        return ()
    lane = part["lane"]
    later = any(c == part["carrier"] and lane in (ALL, there) for c, there in about.later)
    return ("change_carrier",) if later else ("ask_carrier",)


def _product(ordered: list[Sign]) -> str:
    """The product that holds most of the excess of contacts, if there is one."""
    contacts = [s for s in ordered if s.kind == MORE]
    most = max((s.observed - s.expected for s in contacts), default=0.0)
    named = {s.sku for s in contacts if s.sku != ALL and s.observed - s.expected >= MOST * most}
    return named.pop() if len(named) == 1 else ALL


def _evidence(ordered: list[Sign], seen: Seen) -> pd.DataFrame:
    """The conversations behind all signs, each once: those of the first sign first, newest first."""
    parts = [seen.of(s).sort_values(["day", "conversation_id"], ascending=[False, True]) for s in ordered]
    return pd.concat(parts, ignore_index=True).drop_duplicates("conversation_id")


def _shown(rows: pd.DataFrame, topics: set[str], seen: Seen, few: int) -> dict[str, list[str]]:
    """Examples, and what customers said in them, nearest to the topic; only where enough customers spoke."""
    if rows["customer_key"].nunique() < max(few, LEAST_CUSTOMERS):
        return {"conversations": [], "quotes": []}
    said = seen.words(topics)
    said = said[said["conversation_id"].isin(set(rows["conversation_id"]))]
    best = said[said["topic_id"] != UNASSIGNED].sort_values(["similarity", "mention_id"], ascending=[False, True])
    quotes = best.drop_duplicates("customer_key").drop_duplicates("text")["text"]
    return {
        "conversations": [str(c) for c in rows["conversation_id"][:CONVERSATIONS]],
        "quotes": [str(text) for text in quotes[:QUOTES]],
    }


def _listed(ordered: list[Sign]) -> dict[str, list[Any]]:
    """All signs side by side, the leading one first."""
    names = ("kind", "measure", "market", "sku", "since", "observed", "of", "expected", "ratio", "q")
    return {f"sign_{name}": [getattr(s, name) for s in ordered] for name in names}


def warnings(families: list[Family], lanes: pd.DataFrame, seen: Seen, about: About, until: dt.date) -> pd.DataFrame:
    """The rows of EARLY_WARNINGS, of the days before `until`.

    :param lanes: rows of LOGISTICS_CAUSES with a p, and `affected`.
    """
    every = heard(signs(families, lanes, until), seen, few=about.few)
    alerts = chained(raised(every))
    return table(joined(alerts, [s for s in every if s.part is not None], seen), seen, about, until)
