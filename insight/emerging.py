"""Early warning: which issues come up more often than the orders explain, per topic, market and product.

What a day should bring is exposure × rate × weekday: the exposure is the orders that were placed the right time before,
the rate is that of the weeks before, drawn towards kindred cells where they are few, and the spread is learned too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from insight.discovery import benjamini_hochberg
from insight.engines.base import Frame
from insight.periods import WEEK, Period, within
from insight.schema import ALL, UNASSIGNED, UNKNOWN

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CELL = ["topic_id", "market", "sku"]
WINDOWS = (1, 7)
"""How many days are looked at together, the judged day being the last of them."""

LAGS = (*range(15), 21, 28, 56)
"""Days from an order to a contact about it, in classes: single days for two weeks, then 14-20, 21-27 and 28-55."""

USUAL_LAG = (*(0.8 / 14,) * 14, 0.1, 0.06, 0.04)
"""How contacts follow orders where nobody knows: mostly within two weeks, evenly."""

HISTORY = 182
"""Days of contacts that are read: half a year holds the weeks before the oldest alert that is shown."""

SHOWN_DAYS = 28
"""Alerts of so many days are told, today's included."""

NO_ORDER = -1
"""The lag of a contact that names no order."""

ALIKE = 2
"""Weeks that follow each other are alike: so many of them tell as much about the mean as one that stands alone."""

ALERT, SILENT, CALM, CANNOT_TELL = "alert", "silent", "calm", "cannot tell"


@dataclass(frozen=True)
class Rules:
    """How strict the judge is. The values were chosen by simulation (tests/bench/emerging.py)."""

    baseline_days: int = 56  # whole weeks, so that every weekday counts as often
    guard_days: int = 7  # a slow rise must not become what is expected
    least_days: int = 21  # of a baseline; with fewer nobody can tell
    level: float = 0.05  # share of false alerts among all, by Benjamini and Hochberg
    customers: int = 3
    silence_days: int = 7
    prior_contacts: float = 2.0  # what kindred cells say counts as much as so many contacts of the cell's own
    weekday_contacts: float = 50.0  # the same for the weekdays of all cells together
    spread_terms: float = 100.0  # the same for the spread, in days or weeks of a busy cell
    floors: tuple[float, float] = (0.03, 0.01)  # least squared spread of a day's and of a week's rate
    least_week: float = 0.5  # contacts that a product must lead one to expect in a week to be judged on its own


@dataclass(frozen=True)
class Series:
    """What is counted per cell (C) and day (D).

    `cells` has the columns of CELL, sorted, each row once. `contacts` (C, D) and `customers` (windows, C, D) are
    counts, the latter of distinct customers in the window that ends on the day. `exposure` (C, D) is in orders, or in
    contacts where `by_orders` (C) is false; 0 says that nothing is known of the day.
    """

    cells: pd.DataFrame
    first: dt.date
    contacts: Wholes
    customers: Wholes
    exposure: Floats
    by_orders: Flags


@dataclass(frozen=True)
class Judged:
    """What each window should bring, (windows, C, D) each, and when a cell raised an alert, (C, D).

    `observed` contacts, of a negative binomial with mean `expected` and variance expected + excess · expected²; `p` is
    the chance of as many or more, `q` the same after Benjamini and Hochberg over all cells and windows of the day.
    `told` says where it could be judged (else p = q = 1). `alert` is 0, or the index of the strongest window plus one;
    `silent_until` is the first day index on which the cell may speak again, 0 where it never spoke.
    """

    observed: Wholes
    exposure: Floats
    expected: Floats
    excess: Floats
    p: Floats
    q: Floats
    told: Flags
    alert: Wholes
    silent_until: Wholes


def judge(series: Series, rules: Rules | None = None) -> Judged:
    """Judge every day by the weeks before it, oldest first, since earlier alarms are no part of what is usual."""
    rules = rules or Rules()
    count, days = series.contacts.shape
    kin, longest = _Kin.of(series.cells), max(WINDOWS)
    lead = rules.baseline_days + rules.guard_days + longest
    seen = np.pad(series.contacts, ((0, 0), (lead, 0)))
    exposed = np.pad(series.exposure, ((0, 0), (lead, 0)))
    usual = exposed > 0
    found = _empty(series)
    quiet = np.zeros(count, np.int64)
    for day in range(longest + rules.guard_days + rules.least_days - 1, days):
        end = lead + day + 1
        begin = end - lead
        base = slice(begin, begin + rules.baseline_days)
        weeks = _Weeks.of(seen[:, base], exposed[:, base], usual[:, base], kin, rules)
        for w, window in enumerate(WINDOWS):
            part = slice(end - window, end)
            weighted = exposed[:, part] * weeks.factors[:, (np.arange(window) + end - window - begin) % WEEK]
            found.expected[w, :, day] = weeks.rate * weighted.sum(axis=1)
            found.excess[w, :, day] = weeks.excess[w]
        week = found.expected[-1, :, day]
        found.told[:, :, day] = (
            (found.expected[:, :, day] > 0) & weeks.enough & (~kin.product | (week >= rules.least_week))
        )
        found.p[:, :, day] = _p(found.observed, found.expected, found.excess, found.told, day)
        q = benjamini_hochberg(np.where(found.told[:, :, day], found.p[:, :, day], np.nan))
        found.q[:, :, day] = np.nan_to_num(q, nan=1)
        loud = (found.q[:, :, day] <= rules.level) & (series.customers[:, :, day] >= rules.customers)
        for w, window in enumerate(WINDOWS):
            usual[:, end - window : end] &= ~loud[w][:, None]
        speaks = loud.any(axis=0) & (quiet <= day)
        strongest = np.where(loud, found.p[:, :, day], np.inf).argmin(axis=0)
        found.alert[:, day] = np.where(speaks, strongest + 1, 0)
        quiet = np.where(speaks, day + rules.silence_days, quiet)
        found.silent_until[:, day] = quiet
    return found


def ends(expected: Floats, excess: Floats) -> tuple[Floats, Floats]:
    """Between which counts 95 % of the windows lie that bring nothing unusual; both of the shape of `expected`."""
    from scipy.stats import nbinom

    size = 1 / excess
    share = 1 / (1 + expected * excess)
    some = expected > 0
    low, high = (np.where(some, nbinom.ppf(tail, size, np.where(some, share, 0.5)), 0.0) for tail in (0.025, 0.975))
    return low, high


def _p(observed: Wholes, expected: Floats, excess: Floats, told: Flags, day: int) -> Floats:
    """The chance of so many contacts or more."""
    from scipy.special import betainc

    some = told[:, :, day] & (observed[:, :, day] > 0)
    n, mean, more = (values[:, :, day][some] for values in (observed, expected, excess))
    p = np.ones(some.shape)
    p[some] = betainc(n, 1 / more, mean * more / (1 + mean * more))
    return p


def _empty(series: Series) -> Judged:
    """What was seen in each window, and nothing judged yet."""
    observed, exposure = (np.stack([_last(v, w) for w in WINDOWS]) for v in (series.contacts, series.exposure))
    expected, excess, ones = np.zeros(exposure.shape), np.zeros(exposure.shape), np.ones(exposure.shape)
    nobody = np.zeros(series.contacts.shape, np.int64)
    return Judged(observed, exposure, expected, excess, ones, ones.copy(), expected > 0, nobody, nobody.copy())


def _last(values: npt.NDArray[Any], window: int) -> npt.NDArray[Any]:
    """Sums of the last so many days, of fewer at the beginning; shape (C, days)."""
    padded = np.pad(values, ((0, 0), (window - 1, 0)))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, window, axis=1).sum(axis=2))


@dataclass(frozen=True)
class _Kin:
    """Which cells are akin: number of the topic and of the market per cell, and the cell that a product is part of."""

    topic: Wholes
    market: Wholes
    product: Flags
    whole: Flags  # sums over all markets
    parent: Wholes

    @classmethod
    def of(cls, cells: pd.DataFrame) -> _Kin:
        product = (cells["sku"] != ALL).to_numpy(bool)
        keys = list(zip(cells["topic_id"], cells["market"], strict=True))
        above = {key: n for n, key in enumerate(keys) if not product[n]}
        return cls(
            np.unique(cells["topic_id"].to_numpy(object).astype(str), return_inverse=True)[1].astype(np.int64),
            np.unique(cells["market"].to_numpy(object).astype(str), return_inverse=True)[1].astype(np.int64),
            product,
            (cells["market"] == ALL).to_numpy(bool),
            np.array([above.get(key, n) for n, key in enumerate(keys)], np.int64),
        )

    def prior(self, contacts: Floats, exposure: Floats, weight: float) -> Floats:
        """The rate that the kin of a cell would make one expect.

        It is the rate of all issues in the market, times the share that the topic has of them in the other markets; a
        market, or a topic, of which little is known is like the others.
        """
        top = ~self.product
        topics, markets = self.topic.max(initial=-1) + 1, self.market.max(initial=-1) + 1
        many = np.bincount(self.market[top], minlength=markets)
        talk = np.bincount(self.market[top], contacts[top], markets)
        base = np.bincount(self.market[top], exposure[top], markets) / np.maximum(many, 1)
        single = top & ~self.whole
        topic_talk = np.bincount(self.topic[single], contacts[single], topics)
        everywhere = contacts[single].sum()
        overall = (talk.sum() + 1) / max(base.sum(), 1e-9)
        rate = (talk + weight) / (base + weight / overall)
        own = np.where(single, contacts, topic_talk[self.topic])
        elsewhere = np.where(single, everywhere - talk[self.market], 0)
        share = (topic_talk[self.topic] - own + 1) / (elsewhere + topics)
        return np.asarray(rate[self.market] * share)


@dataclass(frozen=True)
class _Weeks:
    """What the baseline says: rate (C), weekday factors (C, 7) from its first day on, excess (windows, C)."""

    rate: Floats
    factors: Floats
    excess: Floats
    enough: bool

    @classmethod
    def of(cls, seen: Wholes, exposed: Floats, usual: Flags, kin: _Kin, rules: Rules) -> _Weeks:
        """
        :param seen: contacts, shape (C, baseline days). :param exposed: of the same days; 0 where nothing is known.
        :param usual: days without an alarm. What lasts for half of the baseline is no alarm but the new normal.
        """
        known = exposed > 0
        normal = 2 * usual.sum(axis=1) < known.sum(axis=1)
        kept = known & (usual | normal[:, None])
        contacts, exposure = np.where(kept, seen, 0).astype(float), np.where(kept, exposed, 0.0)
        factors = _weekdays(contacts, exposure, kin, rules)
        weighted = exposure * np.tile(factors, rules.baseline_days // WEEK)
        total, base = contacts.sum(axis=1), weighted.sum(axis=1)
        prior = kin.prior(total, base, rules.prior_contacts)
        rate = (rules.prior_contacts + total) / (rules.prior_contacts / prior + base)
        of_parent = rate[kin.parent]
        own = (rules.prior_contacts + total) / (rules.prior_contacts / of_parent + base)
        rate = np.where(kin.product, own, rate)
        spread = _spread(contacts, weighted * rate[:, None], kin, rules)
        weeks = np.maximum(kept.sum(axis=1) / WEEK, 1)
        unsure = 1 / (rules.prior_contacts + total) + ALIKE * spread[-1] / weeks
        return cls(rate, factors, spread + unsure, int(known.any(axis=0).sum()) >= rules.least_days)


def _weekdays(contacts: Floats, exposure: Floats, kin: _Kin, rules: Rules) -> Floats:
    """How a weekday's contacts differ from what its exposure says: of all cells together, then of each, mean 1."""
    weeks = (len(contacts), rules.baseline_days // WEEK, WEEK)
    by_day, base = (values.reshape(weeks).sum(axis=1) for values in (contacts, exposure))
    total = base.sum(axis=1, keepdims=True)
    even = base * (by_day.sum(axis=1, keepdims=True) / np.where(total > 0, total, 1))
    top, weight = ~kin.product & ~kin.whole, rules.weekday_contacts
    together = (by_day[top].sum(axis=0) + weight) / (even[top].sum(axis=0) + weight)
    factors = (by_day + weight * together) / (even + weight)
    mean = (base * factors).sum(axis=1, keepdims=True) / np.where(total > 0, total, 1)
    return np.asarray(factors / np.where(total > 0, mean, factors.mean(axis=1, keepdims=True)))


def _spread(contacts: Floats, expected: Floats, kin: _Kin, rules: Rules) -> Floats:
    """The squared spread of the rate from day to day and from week to week, beyond that of pure chance.

    By moments over the windows of the baseline, each weighted by what it tells; a cell that tells little is like all.
    """
    found: list[Floats] = []
    for window, floor in zip(WINDOWS, rules.floors, strict=True):
        parts = (len(contacts), rules.baseline_days // window, window)
        y, mean = (values.reshape(parts).sum(axis=2) for values in (contacts, expected))
        weight = 1 / (1 + 0.1 * mean) ** 2
        spare = rules.baseline_days / (rules.baseline_days - ALIKE * window)  # the mean was fitted to the same days
        over = (weight * (spare * (y - mean) ** 2 - mean)).sum(axis=1)
        terms = (weight * mean**2).sum(axis=1)
        top = ~kin.product & ~kin.whole
        together = max(over[top].sum() / max(terms[top].sum(), 1e-9), floor)
        own = (over + rules.spread_terms * together) / (terms + rules.spread_terms)
        alone = terms / (terms + rules.spread_terms)
        own = own * (1 + alone * np.sqrt(2 / rules.baseline_days))  # one standard error of a spread of so many days
        least = np.maximum(floor, found[0] / window) if found else floor
        found.append(np.maximum(own, least))
    return np.stack(found)


def lag_shares(counted: Wholes, at_risk: Floats | Wholes, weight: float = 50.0) -> Floats:
    """How the contacts of a topic follow orders: shares over LAGS that sum to one, shape (T, classes).

    :param counted: contacts by topic and class of lag, shape (T, classes).
    :param at_risk: orders that could be followed in a class, shape (classes): young ones had no time for long lags.
    :param weight: contacts of its own that a topic needs to count as much as all topics do, and all as what is usual.
    """
    risk = at_risk / max(at_risk.max(initial=0), 1)
    fair = counted / np.where(risk > 0, risk, 1)
    together = (fair.sum(axis=0) + weight * np.array(USUAL_LAG)) / (fair.sum() + weight)
    shares = fair + weight * together
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def spread_over_lags(base: Wholes, shares: Floats, before: int, begins: Wholes | None = None) -> Floats:
    """The exposure: orders of the days before, weighted by how contacts follow orders; shape (C, days).

    :param base: orders per cell and day, shape (C, before + days). :param begins: column of a cell's first known day.
    :param shares: of each cell, as `lag_shares` gives them. Where the orders do not reach back over half of the lags,
        the exposure is 0; over a part, that part stands for the whole.
    """
    days = base.shape[1] - before
    begins = np.zeros(len(base), np.int64) if begins is None else begins
    run = np.concatenate([np.zeros((len(base), 1), np.int64), np.cumsum(base, axis=1)], axis=1)
    at, row = np.arange(before, before + days), np.arange(len(base))[:, None]
    exposure, reached = np.zeros((len(base), days)), np.zeros((len(base), days))
    for n, (low, high) in enumerate(pairwise(LAGS)):
        newest, oldest = (np.maximum(at - lag + 1, begins[:, None]) for lag in (low, high))
        exposure += shares[:, n, None] / (high - low) * (run[row, newest] - run[row, oldest])
        reached += shares[:, n, None] * (newest - oldest) / (high - low)
    return np.asarray(np.where(reached >= 0.5, exposure / np.maximum(reached, 0.5), 0))


def placed(orders: Frame, order_items: Frame, period: Period) -> Frame:
    """Orders per market, SKU and day, 'all' SKUs among them; from as long before the period as a contact may follow."""
    reach = Period(period.since - dt.timedelta(days=LAGS[-1]), period.until)
    some = orders.filter(within(reach)).select("order_id", "market", "day")
    lines = some.join(order_items.select("order_id", "sku").unique(), on="order_id", how="inner")
    columns = ["order_id", "market", "sku", "day"]
    every = some.with_columns(sku=nw.lit(ALL)).select(columns)
    counted = nw.concat([lines.select(columns), every], how="vertical").group_by("market", "sku", "day")
    return counted.agg(nw.len().alias("orders"))


def spoken(mentions: Frame, mention_topics: Frame, orders: Frame, period: Period) -> Frame:
    """What customers wrote in conversations of the period, with its topic and the day of the order it names."""
    said = mentions.filter(within(period) & (nw.col("origin") == "message") & ~nw.col("conversation_id").is_null())
    named = orders.select("order_id", ordered=nw.col("day"))
    topics = mention_topics.select("mention_id", "topic_id", "similarity")
    rows = said.join(topics, on="mention_id", how="inner").join(named, on="order_id", how="left")
    return rows.select(*SAID)


SAID = (*CELL, "mention_id", "conversation_id", "customer_key", "day", "ordered", "similarity", "text")


def counted(said: pd.DataFrame, bought: pd.DataFrame, period: Period, rules: Rules | None = None) -> Series:
    """Count contacts, customers and exposure per cell and day of the period.

    A contact is a conversation, on the first day on which its customer speaks of the issue. Cells are topics by market,
    by 'all' markets where there are several, and by market and SKU where as many contacts were made as an alert needs
    customers. Where a market or a product has no orders at all, the exposure is its contacts about whatever.

    :param said: the columns of SAID, all of the period. :param bought: market, sku, day and orders, as `placed` gives
        them; what is too old or too young to be followed in the period is left out.
    """
    rules = rules or Rules()
    days = (period.until - period.since).days
    rows = _numbered(said, period.since)
    first = _firsts(rows, [*CELL, "conversation_id"])
    often = first.groupby(CELL, sort=False)["day"].transform("size") >= rules.customers
    first = first[(first["sku"] == ALL) | often]
    cells = first[CELL].drop_duplicates().sort_values(CELL, ignore_index=True)
    number = first[CELL].merge(cells.reset_index(names="cell"), on=CELL, how="left")["cell"].to_numpy(np.int64)
    at, who = first["day"].to_numpy(np.int64), pd.factorize(first["customer_key"])[0].astype(np.int64)
    contacts = np.zeros((len(cells), days), np.int64)
    np.add.at(contacts, (number, at), 1)
    customers = np.stack([_distinct(number, who, at, contacts.shape, window) for window in WINDOWS])
    exposure, by_orders = _exposure(cells, first, _placed_days(bought, period), rows, days)
    return Series(cells, period.since, contacts, customers, exposure, by_orders)


def _numbered(said: pd.DataFrame, since: dt.date) -> pd.DataFrame:
    """The rows of each cell, with the day counted from `since`, and the days that passed since the order."""
    rows = said[[*CELL, "conversation_id", "customer_key"]].astype(object)
    day, lag = _days(said["day"], since), np.full(len(said), NO_ORDER)
    named = said["ordered"].notna().to_numpy(bool)
    lag[named] = day[named] - _days(said.loc[named, "ordered"], since)
    several = len(set(rows["market"])) > 1
    return _spread_out(rows.assign(day=day, lag=np.where(lag < 0, NO_ORDER, lag)), several=several)


def _spread_out(rows: pd.DataFrame, *, several: bool) -> pd.DataFrame:
    """The rows under their own market and SKU, under 'all' SKUs, and under 'all' markets where there are several."""
    whole = rows.assign(sku=ALL)
    parts = [rows[rows["sku"] != UNKNOWN], whole]
    if several:
        parts.append(whole.assign(market=ALL))
    return pd.concat(parts, ignore_index=True)


def _days(days: pd.Series, since: dt.date) -> Wholes:
    """Days after `since`."""
    moments = days.astype("datetime64[s]").to_numpy().astype("datetime64[D]")
    return np.asarray((moments - np.datetime64(since, "D")).astype(np.int64))


def _firsts(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The earliest row of each key, whatever the order of the rows; of one day the one that is nearest to its order."""
    keys = [pd.factorize(rows[name], sort=True)[0] for name in (*key, "customer_key")]
    near = rows["lag"].where(rows["lag"] != NO_ORDER, np.iinfo(np.int64).max)
    order = np.lexsort([keys[-1], near.to_numpy(np.int64), rows["day"].to_numpy(np.int64), *keys[-2::-1]])
    ranked = np.stack(keys[:-1])[:, order]
    new = np.ones(len(rows), bool)
    new[1:] = (ranked[:, 1:] != ranked[:, :-1]).any(axis=0)
    return rows.iloc[order[new]].reset_index(drop=True)


def _distinct(cell: Wholes, who: Wholes, at: Wholes, shape: tuple[int, ...], window: int) -> Wholes:
    """Distinct customers per cell in the window that ends on each day."""
    order = np.lexsort((at, who, cell))
    cell, who, at = cell[order], who[order], at[order]
    again = (cell[1:] == cell[:-1]) & (who[1:] == who[:-1])
    until = np.minimum(at + window, shape[1])
    until[:-1] = np.where(again, np.minimum(until[:-1], at[1:]), until[:-1])
    steps = np.zeros((shape[0], shape[1] + 1), np.int64)
    np.add.at(steps, (cell, at), 1)
    np.add.at(steps, (cell, until), -1)
    return np.cumsum(steps, axis=1)[:, :-1]


def _placed_days(bought: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Orders per market, 'all' among them, SKU and day, which counts from as long before as a contact may follow."""
    rows = bought[["market", "sku"]].astype(object)
    rows["day"] = _days(bought["day"], period.since - dt.timedelta(days=LAGS[-1]))
    rows["orders"] = bought["orders"].to_numpy(np.int64)
    rows = rows[(rows["day"] >= 0) & (rows["day"] < LAGS[-1] + (period.until - period.since).days)]
    everywhere = rows.groupby(["sku", "day"], as_index=False)["orders"].sum().assign(market=ALL)
    found: pd.DataFrame = pd.concat([rows, everywhere], ignore_index=True)
    return found


def _exposure(
    cells: pd.DataFrame, first: pd.DataFrame, bought: pd.DataFrame, rows: pd.DataFrame, days: int
) -> tuple[Floats, Flags]:
    """The exposure of each cell and day, and whether it is in orders.

    Before the first order or the first contact of a market nothing is known, so the exposure is 0 there.
    """
    before, place = LAGS[-1], ["market", "sku"]
    topics, topic = np.unique(cells["topic_id"].to_numpy(object).astype(str), return_inverse=True)
    shares = lag_shares(*_lags(first, topics, bought, days))[topic]
    base, by_orders = _by_day(cells, bought, "orders", before + days)
    talk = _firsts(rows, [*place, "conversation_id"]).assign(orders=1)
    spoke = talk.assign(day=talk["day"] + before)
    talked, _ = _by_day(cells, spoke, "orders", before + days)
    base = np.where(by_orders[:, None], base, talked)
    shares = np.where(by_orders[:, None], shares, np.eye(1, len(LAGS) - 1))
    began, heard = (cells["market"].map(part.groupby("market")["day"].min()) for part in (bought, spoke))
    begins = np.where(by_orders, began.fillna(0), 0).astype(np.int64)
    exposure = spread_over_lags(base, shares, before, begins)
    listened = np.arange(before, before + days) >= heard.to_numpy(np.int64)[:, None]
    return np.where(listened, exposure, 0.0), by_orders


def _by_day(cells: pd.DataFrame, rows: pd.DataFrame, what: str, days: int) -> tuple[Wholes, Flags]:
    """The sum of `what` per cell's market and SKU and day, (C, days), and whether there is any."""
    places = cells[["market", "sku"]].drop_duplicates().reset_index(drop=True).reset_index(names="place")
    found = rows.merge(places, on=["market", "sku"], how="inner")
    grid = np.zeros((len(places), days), np.int64)
    np.add.at(
        grid, (found["place"].to_numpy(np.int64), found["day"].to_numpy(np.int64)), found[what].to_numpy(np.int64)
    )
    which = cells.merge(places, on=["market", "sku"], how="left")["place"].to_numpy(np.int64)
    return grid[which], (grid.sum(axis=1) > 0)[which]


def _lags(first: pd.DataFrame, topics: Any, bought: pd.DataFrame, days: int) -> tuple[Wholes, Floats]:
    """Contacts by topic and class of lag, and the mean number of orders that could be followed after such a lag."""
    linked = first[(first["sku"] == ALL) & (first["market"] != ALL) & (first["lag"] >= 0)]
    kind = np.minimum(np.searchsorted(LAGS, linked["lag"].to_numpy(np.int64), side="right"), len(LAGS) - 1) - 1
    counted = np.zeros((len(topics), len(LAGS) - 1), np.int64)
    np.add.at(counted, (np.searchsorted(topics, linked["topic_id"].to_numpy(object).astype(str)), kind), 1)
    every = bought[(bought["sku"] == ALL) & (bought["market"] == ALL)]
    run = np.zeros(LAGS[-1] + days + 1)
    np.add.at(run, every["day"].to_numpy(np.int64) + 1, every["orders"].to_numpy(np.int64))
    run = np.cumsum(run)
    lag = np.arange(LAGS[-1])
    could = run[LAGS[-1] + days - lag] - run[LAGS[-1] - lag]
    return counted, np.array([could[low:high].mean() for low, high in pairwise(LAGS)])


def table(series: Series, judged: Judged, said: pd.DataFrame, *, min_customers: int) -> pd.DataFrame:
    """One row per alert of the last SHOWN_DAYS, and one per cell and window of the last day: how it stands.

    :param said: as `counted` took it. :param min_customers: who must have spoken before words are quoted.
    """
    window, cell, day = np.nonzero(_shown(series, judged))
    at = (window, cell, day)
    told, until, alert = judged.told[at], judged.silent_until[cell, day], judged.alert[cell, day]
    low, high = ends(np.where(told, judged.expected[at], 1), np.where(told, judged.excess[at], 1))
    numbers = {
        "expected": judged.expected[at],
        "low": low,
        "high": high,
        "ratio": judged.observed[at] / np.where(told, judged.expected[at], 1),
        "p": judged.p[at],
        "q": judged.q[at],
    }
    state = np.select([~told, alert == window + 1, until > day], [CANNOT_TELL, ALERT, SILENT], CALM)
    found = series.cells.iloc[cell].reset_index(drop=True)
    found["day"] = pd.Series(_dates(series.first, day), dtype=object)
    found["silent_until"] = pd.Series(_dates(series.first, until), dtype=object).where(until > day)
    found = found.assign(
        window_days=np.array(WINDOWS)[window],
        state=state.astype(object),
        observed=judged.observed[at],
        customers=series.customers[at],
        exposure=judged.exposure[at],
        exposed=np.where(series.by_orders, "orders", "contacts").astype(object)[cell],
        **{name: np.where(told, values, np.nan) for name, values in numbers.items()},
    )
    return _quoted(found, said, min_customers)


def _shown(series: Series, judged: Judged) -> Flags:
    """Which windows are told: alerts of the last days, and on the last day all, of products those that are judged."""
    shown = np.stack([judged.alert == n + 1 for n in range(len(WINDOWS))])
    days = shown.shape[2]
    shown[:, :, : max(days - SHOWN_DAYS, 0)] = False
    whole = (series.cells["sku"] == ALL).to_numpy(bool)
    shown[:, :, days - 1 :] |= judged.told[:, :, days - 1 :] | whole[:, None]
    return shown


def _dates(first: dt.date, days: Wholes) -> list[dt.date]:
    return [first + dt.timedelta(days=int(n)) for n in days]


def _quoted(found: pd.DataFrame, said: pd.DataFrame, min_customers: int) -> pd.DataFrame:
    """With the words nearest to the topic's centre that were said in the window, where enough customers spoke."""
    may = found[(found["customers"] >= min_customers) & (found["topic_id"] != UNASSIGNED)]
    until = may["day"].astype("datetime64[s]")
    asks = may[CELL].assign(row=may.index, since=until - pd.to_timedelta(may["window_days"] - 1, unit="D"), until=until)
    rows = said[[*CELL, "mention_id", "text"]].astype(object)
    rows = rows.assign(day=said["day"].astype("datetime64[s]"), far=-said["similarity"].astype("float64"))
    rows = _spread_out(rows[rows["day"] >= asks["since"].min()], several=True).merge(asks, on=CELL, how="inner")
    rows = rows[(rows["day"] >= rows["since"]) & (rows["day"] <= rows["until"])]
    best = rows.sort_values(["row", "far", "mention_id"]).drop_duplicates("row").set_index("row")["text"]
    return found.assign(quote=best.reindex(found.index).astype(object))
