"""Which issues come up more often than the orders explain?"""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from insight import emerging
from insight.emerging import CELL, LAGS, Rules, Series
from insight.periods import Period
from insight.schema import ALL, UNKNOWN

FIRST = dt.date(2026, 1, 5)
LEAD = 56 + 7 + 7


def series(contacts, *, exposure=None, customers=None, cells=None):
    """Cells by day; each contact is of another customer unless told otherwise."""
    contacts = np.atleast_2d(np.asarray(contacts, np.int64))
    cells = cells or [(f"t{n}", "DE", ALL) for n in range(len(contacts))]
    exposure = np.full(contacts.shape, 10.0) if exposure is None else np.asarray(exposure, float)
    people = np.stack([contacts, rolling(contacts, 7)]) if customers is None else customers
    return Series(pd.DataFrame(cells, columns=CELL), FIRST, contacts, people, exposure, np.ones(len(cells), bool))


def rolling(values, window):
    return np.stack([values[:, max(d - window + 1, 0) : d + 1].sum(axis=1) for d in range(values.shape[1])], axis=1)


def alerts(told, cell=0):
    """The days on which a cell raises an alert."""
    return np.flatnonzero(emerging.judge(told).alert[cell]).tolist()


def steady(seed=3, days=120, cells=4, mean=3.0):
    return np.random.default_rng(seed).poisson(mean, (cells, days))


def test_a_worked_example():
    """Two contacts a day from ten orders for ten weeks, then twelve on one day."""
    judged = emerging.judge(series([[2] * (LEAD - 1) + [12]]))

    # 112 contacts and 560 orders in the baseline; the kin of the one topic is all issues of its market:
    # overall 113 / 560, of the market (112 + 2) / (560 + 2 / 0.201786) = 0.200031, with its own (2 + 112) / 570.0
    rate = 114 / (2 / (114 / (560 + 2 / (113 / 560))) + 560)
    assert rate == pytest.approx(0.2000, abs=1e-5)
    # the counts never vary, so the spread is the floor: 0.03 of days, 0.01 of weeks; eight weeks tell the mean
    unsure = 1 / 114 + 2 * 0.01 / 8
    assert judged.expected[:, 0, -1] == pytest.approx([10 * rate, 70 * rate])
    assert judged.excess[:, 0, -1] == pytest.approx([0.03 + unsure, 0.01 + unsure])
    # 12 or more of 2.0, and 24 or more of 14.0, whose variance is 14.0 + 0.0213 · 14.0² = 18.2
    day = 1 - sum(binomial(n, 10 * rate, 0.03 + unsure) for n in range(12))
    week = 1 - sum(binomial(n, 70 * rate, 0.01 + unsure) for n in range(24))
    assert judged.p[:, 0, -1] == pytest.approx([day, week])
    assert day < 1e-4 < 0.01 < week < 0.03
    # two tests that day: the smaller p doubles, the larger stays; the day is the stronger
    assert judged.q[:, 0, -1] == pytest.approx([2 * day, week])
    assert judged.alert[0].tolist() == [0] * (LEAD - 1) + [1]
    assert judged.silent_until[0, -1] == LEAD + 6


def binomial(n, mean, excess):
    """The chance of n of a negative binomial, by its definition."""
    size = 1 / excess
    log = math.lgamma(n + size) - math.lgamma(size) - math.lgamma(n + 1)
    return math.exp(log + size * math.log(size / (size + mean)) + n * math.log(mean / (size + mean)))


def test_what_is_usual_raises_no_alert_and_three_times_it_does_within_a_week():
    contacts = steady()
    assert alerts(series(contacts)) == []
    contacts[0, 100:107] *= 3
    assert 100 <= alerts(series(contacts))[0] <= 106


def test_fewer_than_three_customers_raise_no_alert_whatever_they_write():
    contacts = steady(mean=0.2)
    contacts[0, 110] = 9
    two, three = (np.minimum(np.stack([contacts, rolling(contacts, 7)]), most) for most in (2, 3))
    quiet = series(contacts, customers=two)
    assert emerging.judge(quiet).q[0, 0, 110] < 1e-4
    assert alerts(quiet) == []
    assert 110 in alerts(series(contacts, customers=three))


def test_after_an_alert_a_cell_is_silent_for_seven_days_whatever_the_window():
    contacts = steady()
    contacts[0, 90:110] *= 6
    spoke = alerts(series(contacts))
    assert spoke[0] in (90, 91)
    assert spoke[1] - spoke[0] == 7
    judged = emerging.judge(series(contacts))
    assert judged.silent_until[0, spoke[0] + 3] == spoke[0] + 7
    assert (judged.q[:, 0, spoke[0] + 1] < 0.05).any()


def test_an_earlier_alarm_is_no_part_of_what_is_usual():
    calm = steady()
    loud = calm.copy()
    loud[0, 60:67] = 30
    before, after = (emerging.judge(series(c)).expected[1, 0, 110] for c in (calm, loud))
    assert after == pytest.approx(before, rel=0.1)


def test_what_lasts_becomes_the_new_normal():
    contacts = np.random.default_rng(3).poisson(3.0, (4, 240))
    contacts[0, 100:] = np.random.default_rng(4).poisson(9.0, 140)
    spoke = alerts(series(contacts))
    assert 100 <= spoke[0] <= 106
    assert spoke[-1] < 170


def test_what_is_judged_and_the_week_before_it_do_not_change_what_is_expected():
    contacts = steady()
    other = contacts.copy()
    other[:, -14:] += 1
    first, second = (emerging.judge(series(c)).expected[:, :, -1] for c in (contacts, other))
    assert first.tolist() == second.tolist()


def test_a_promotion_with_contacts_that_follow_the_orders_is_no_alert():
    level = np.full(120, 20.0)
    level[100:107] *= 2.2
    contacts = np.random.default_rng(5).poisson(level * 0.3, (6, 120))
    assert alerts(series(contacts, exposure=np.tile(level, (6, 1)))) == []
    assert alerts(series(contacts)) != []


def test_a_busy_weekday_is_expected_to_be_busy():
    week = 10 * np.array([2.0, 1, 1, 1, 1, 0.5, 0.5])
    contacts = np.random.default_rng(5).poisson(np.tile(week, 18), (6, 126))
    judged = emerging.judge(series(contacts))
    assert judged.expected[0, :, 119:126].mean(axis=0) == pytest.approx(week, rel=0.25)


def test_a_new_issue_of_a_market_is_expected_as_in_the_other_markets():
    cells = [(topic, market, ALL) for topic in ("new", "old") for market in ("DE", "US")]
    contacts = np.stack([np.full(120, n) for n in (0, 2, 10, 10)])
    judged = emerging.judge(series(contacts, cells=cells))
    assert judged.told[:, 0, -1].all()
    assert 0 < judged.expected[1, 0, -1] < 3.5, (
        "two contacts' worth of the other market, drawn down by eight weeks without"
    )
    contacts[0, -1] = 8
    assert alerts(series(contacts, cells=cells)) == [119]


def test_with_too_few_days_nobody_can_tell():
    judged = emerging.judge(series(np.full((2, 30), 5)))
    assert not judged.told.any()
    assert judged.p.min() == judged.q.min() == 1
    assert judged.observed[1, 0, -1] == 35


def test_95_of_100_usual_windows_lie_between_the_ends():
    mean, excess = np.array([0.0, 2.0, 14.0, 400.0]), np.full(4, 0.05)
    low, high = emerging.ends(mean, excess)
    assert (low[0], high[0]) == (0, 0)
    for n in (1, 2, 3):
        inside = sum(binomial(k, mean[n], 0.05) for k in range(int(low[n]), int(high[n]) + 1))
        assert 0.95 <= inside < 0.99


def test_contacts_follow_orders_as_those_do_that_name_one():
    counted = np.zeros((2, len(LAGS) - 1), np.int64)
    counted[0, 3] = 10_000
    shares = emerging.lag_shares(counted, np.ones(len(LAGS) - 1))
    assert shares.sum(axis=1) == pytest.approx([1, 1])
    assert shares[0, 3] > 0.99
    assert shares[1, 3] > 0.9, "a topic of which nothing is known is like the others"
    base = np.zeros((1, 60 + 10), np.int64)
    base[0, 60] = 100
    exposure = emerging.spread_over_lags(base, shares[:1], 60)
    assert int(exposure[0].argmax()) == 3
    assert exposure[0, 3] == pytest.approx(100, rel=0.01)


def test_young_orders_that_had_no_time_for_a_long_lag_do_not_make_lags_look_short():
    counted = np.zeros((1, len(LAGS) - 1), np.int64)
    counted[0, [0, 10]] = 1000, 500
    could = np.ones(len(LAGS) - 1)
    could[10] = 0.5
    shares = emerging.lag_shares(counted, could)
    assert shares[0, 10] == pytest.approx(shares[0, 0], rel=0.01)


def naive(told, rules):
    """The same by loops over cells and days: p, q and the days of alerts."""
    cells, days = [tuple(c) for c in told.cells.to_numpy()], told.contacts.shape[1]
    usual = {(c, d): told.exposure[c, d] > 0 for c in range(len(cells)) for d in range(days)}
    p, q, quiet, spoke = {}, {}, dict.fromkeys(range(len(cells)), 0), set()
    for day in range(34, days):
        tests = chances(told, cells, usual, day, rules)
        worse = sorted(tests.values())
        loud = []
        for (c, w), chance in tests.items():
            p[w, c, day] = chance
            q[w, c, day] = min(v * len(tests) / (n + 1) for n, v in enumerate(worse) if v >= chance)
            if q[w, c, day] <= rules.level and told.customers[w, c, day] >= rules.customers:
                loud.append((c, (1, 7)[w]))
        for c, window in loud:
            usual |= {(c, d): False for d in range(day - window + 1, day + 1)}
            if quiet[c] <= day:
                spoke.add((c, day))
                quiet[c] = day + 7
    return p, q, spoke


def chances(told, cells, usual, day, rules):
    """The chance of so many contacts or more by cell and index of the window."""
    base = [d for d in range(day - 69, day - 13) if d >= 0]
    if len([d for d in base if any(told.exposure[:, d] > 0)]) < rules.least_days:
        return {}
    tests = {}
    for c, model in enumerate(models_of(told, cells, base, usual, day)):
        means = [
            sum(
                model.rate * told.exposure[c, d] * model.factors[(d - day) % 7]
                for d in range(day - window + 1, day + 1)
            )
            for window in (1, 7)
        ]
        for w, mean in enumerate(means):
            if mean > 0 and (cells[c][2] == ALL or means[1] >= rules.least_week):
                seen = told.contacts[c, day - (1, 7)[w] + 1 : day + 1].sum()
                tests[c, w] = 1 - sum(binomial(n, mean, model.excess[w]) for n in range(seen))
    return tests


class Model:
    """What the baseline says of one cell: rate, factors by days before or after the judged day, excess by window."""

    def __init__(self, told, c, base, usual, day):
        known = [d for d in base if told.exposure[c, d] > 0]
        clean = [d for d in known if usual[c, d]]
        self.days = known if 2 * len(clean) < len(known) else clean
        self.seen = {d: int(told.contacts[c, d]) if d in self.days else 0 for d in base}
        self.out = {d: told.exposure[c, d] if d in self.days else 0.0 for d in base}
        self.total, self.base, self.day = sum(self.seen.values()), sum(self.out.values()), day

    def weekday(self, values, k):
        return sum(v for d, v in values.items() if (d - self.day) % 7 == k)

    def even(self, k):
        return self.weekday(self.out, k) * self.total / self.base if self.base else 0.0


def models_of(told, cells, base, usual, day):
    models = [Model(told, c, base, usual, day) for c in range(len(cells))]
    single = [c for c, (_, market, sku) in enumerate(cells) if sku == ALL and market != ALL]
    for m in models:
        factors = {}
        for k in range(7):
            together = (sum(models[c].weekday(models[c].seen, k) for c in single) + 50) / (
                sum(models[c].even(k) for c in single) + 50
            )
            factors[k] = (m.weekday(m.seen, k) + 50 * together) / (m.even(k) + 50)
        mean = sum(m.weekday(m.out, k) * factors[k] for k in range(7)) / m.base if m.base else sum(factors.values()) / 7
        m.factors = {k: f / mean for k, f in factors.items()}
        m.weighted = {d: v * m.factors[(d - day) % 7] for d, v in m.out.items()}
    prior_of(models, cells, single)
    for w, window in enumerate((1, 7)):
        spread_of(models, single, base, window, (0.03, 0.01)[w])
    for m in models:
        unsure = 1 / (2 + m.total) + 2 * m.spread[7] / max(len(m.days) / 7, 1)
        m.excess = [m.spread[1] + unsure, m.spread[7] + unsure]
    return models


def prior_of(models, cells, single):
    weighted = [sum(m.weighted.values()) for m in models]
    markets = {}
    for c, (_, market, sku) in enumerate(cells):
        if sku == ALL:
            markets.setdefault(market, []).append(c)
    talk = {k: sum(models[c].total for c in v) for k, v in markets.items()}
    base = {k: sum(weighted[c] for c in v) / len(v) for k, v in markets.items()}
    overall = (sum(talk.values()) + 1) / sum(base.values())
    everywhere = sum(models[c].total for c in single)
    for c, (topic, market, sku) in enumerate(cells):
        if sku != ALL:
            continue
        others = [models[o].total for o in single if cells[o][0] == topic and o != c] if market != ALL else []
        elsewhere = everywhere - talk[market] if market != ALL else 0
        share = (sum(others) + 1) / (elsewhere + len({t for t, *_ in cells}))
        prior = (talk[market] + 2) / (base[market] + 2 / overall) * share
        models[c].rate = (2 + models[c].total) / (2 / prior + weighted[c])
    for c, (topic, market, sku) in enumerate(cells):
        if sku != ALL:
            parent = models[cells.index((topic, market, ALL))].rate
            models[c].rate = (2 + models[c].total) / (2 / parent + weighted[c])


def spread_of(models, single, base, window, floor):
    def moments(m):
        over = terms = 0.0
        for start in range(base[-1] - 55, base[-1] + 1, window):
            days = [d for d in range(start, start + window) if d in m.out]
            y, mean = sum(m.seen[d] for d in days), m.rate * sum(m.weighted[d] for d in days)
            weight = 1 / (1 + 0.1 * mean) ** 2
            over += weight * (56 / (56 - 2 * window) * (y - mean) ** 2 - mean)
            terms += weight * mean**2
        return over, terms

    all_over, all_terms = (sum(values) for values in zip(*(moments(models[c]) for c in single), strict=True))
    together = max(all_over / all_terms, floor)
    for m in models:
        over, terms = moments(m)
        least = max(floor, m.spread[1] / 7) if window == 7 else floor
        own = (over + 100 * together) / (terms + 100) * (1 + terms / (terms + 100) * (2 / 56) ** 0.5)
        m.spread = getattr(m, "spread", {}) | {window: max(own, least)}


def test_a_second_implementation_by_loops_says_the_same():
    draw = np.random.default_rng(11)
    cells = [("a", ALL, ALL), ("a", "DE", ALL), ("a", "DE", "s"), ("a", "US", ALL), ("b", ALL, ALL), ("b", "US", ALL)]
    de, part, us, other = (draw.negative_binomial(4, 4 / (4 + mean), 95) for mean in (4.0, 1.0, 2.0, 1.0))
    de[75:80] += 12
    contacts = np.stack([de + us + part, de + part, part, us, other, other])
    exposure = draw.integers(5, 15, contacts.shape).astype(float)
    exposure[3:5, :20] = 0
    told = series(contacts, exposure=exposure, cells=cells)
    judged, (p, q, spoke) = emerging.judge(told), naive(told, Rules())
    assert {tuple(map(int, at)) for at in np.argwhere(judged.told)} == set(p)
    assert [judged.p[at] for at in p] == pytest.approx(list(p.values()), rel=1e-6, abs=1e-11)
    assert [judged.q[at] for at in q] == pytest.approx(list(q.values()), rel=1e-6, abs=1e-9)
    assert {tuple(map(int, at)) for at in np.argwhere(judged.alert > 0)} == spoke
    assert spoke


SAID = st.tuples(
    st.sampled_from(["a", "b"]),
    st.sampled_from(["DE", "US"]),
    st.sampled_from(["s", UNKNOWN]),
    st.integers(0, 30),
    st.integers(0, 50),
    st.one_of(st.none(), st.integers(-70, 50)),
)
BOUGHT = st.dictionaries(
    st.tuples(st.sampled_from(["DE", "US"]), st.sampled_from(["s", ALL]), st.integers(-50, 49)), st.integers(1, 40)
)
PERIOD = Period(FIRST, FIRST + dt.timedelta(days=51))


def told_frames(said, bought):
    rows = [
        {
            "topic_id": topic,
            "market": market,
            "sku": sku,
            "mention_id": f"m{n}",
            "conversation_id": f"{market} {who}",
            "customer_key": f"c{who // 2}",
            "day": FIRST + dt.timedelta(days=day),
            "ordered": None if ordered is None else FIRST + dt.timedelta(days=ordered),
            "similarity": 0.5,
            "text": "words",
        }
        for n, (topic, market, sku, who, day, ordered) in enumerate(said)
    ]
    orders = [(m, s, FIRST + dt.timedelta(days=day), n) for (m, s, day), n in bought.items()]
    return (
        pd.DataFrame(rows, columns=list(emerging.SAID)),
        pd.DataFrame(orders, columns=["market", "sku", "day", "orders"]),
    )


def everything(said, bought):
    counted = emerging.counted(said, bought, PERIOD)
    return emerging.table(counted, emerging.judge(counted), said, min_customers=2)


@settings(max_examples=25, deadline=None)
@given(st.lists(SAID, max_size=60), BOUGHT, st.randoms(use_true_random=False))
def test_any_rows_give_whole_answers_and_their_order_does_not_matter(said, bought, random):
    talk, orders = told_frames(said, bought)
    rows = everything(talk, orders)
    known = rows[rows["state"] != emerging.CANNOT_TELL]
    assert not known.drop(columns=["silent_until", "quote"]).isna().any(axis=None)
    assert (known["expected"] > 0).all()
    assert ((known["low"] <= known["high"]) & known["p"].between(0, 1) & known["q"].between(0, 1)).all()
    assert (rows["customers"] <= rows["observed"]).all()
    assert np.isfinite(rows[["observed", "exposure"]].to_numpy(float)).all()
    order = random.sample(range(len(talk)), len(talk))
    again = everything(talk.iloc[order].reset_index(drop=True), orders.iloc[::-1].reset_index(drop=True))
    pd.testing.assert_frame_equal(rows, again, check_exact=True)


def test_the_number_of_threads_changes_nothing():
    told = series(steady(cells=40))
    found = []
    for threads in (1, 4):
        with threadpool_limits(threads):
            found.append(emerging.judge(told))
    assert found[0].q.tolist() == found[1].q.tolist()


def test_a_customer_who_writes_again_is_counted_once_per_window():
    days = [(0, 0), (2, 1), (2, 2), (9, 0), (4, 3)]  # conversations 0 and 1 are of one customer, 2 and 3 of another
    talk, orders = told_frames([("a", "DE", UNKNOWN, n, day, None) for n, (day, _) in enumerate(days)], {})
    talk["customer_key"] = [f"c{who // 2}" for _, who in days]
    customers = emerging.counted(talk, orders, PERIOD).customers
    for row, window in zip(customers[:, 0], emerging.WINDOWS, strict=True):
        plain = [len({who // 2 for at, who in days if day - window < at <= day}) for day in range(51)]
        assert row.tolist() == plain


def test_orders_that_are_too_old_or_too_young_count_for_nothing():
    talk, orders = told_frames(
        [("a", "DE", UNKNOWN, n, n, None) for n in range(51)], {("DE", ALL, d): 5 for d in range(-56, 51)}
    )
    _, more = told_frames([], {("DE", ALL, d): 99 for d in (-90, -57, 51, 80)})
    exposure = emerging.counted(talk, pd.concat([orders, more], ignore_index=True), PERIOD).exposure
    assert exposure == pytest.approx(np.full((1, 51), 5.0))
