"""Which days are compared?"""

import datetime as dt
from zoneinfo import ZoneInfo

from insight import periods
from insight.engines import ENGINES
from insight.schema import ORDERS
from tests.rows import DAY, HOUR, START, found, table

UTC = ZoneInfo("UTC")


def test_the_day_of_the_newest_moment_is_not_over_and_does_not_count():
    period = periods.last(START + 40 * DAY + 5 * HOUR, zone=UTC)
    assert (period.since, period.until) == (dt.date(2026, 1, 13), dt.date(2026, 2, 10))
    assert period.before == periods.Period(dt.date(2025, 12, 16), dt.date(2026, 1, 13))


def test_days_begin_at_the_midnight_of_the_business():
    moment = START + 40 * DAY + 17 * HOUR
    assert periods.last(moment, zone=ZoneInfo("Asia/Shanghai")).until == dt.date(2026, 2, 11)
    assert periods.last(moment, zone=UTC).until == dt.date(2026, 2, 10)


def test_an_outcome_that_takes_time_moves_the_period_back():
    assert periods.last(START + 40 * DAY, zone=UTC, lag_days=7).until == dt.date(2026, 2, 3)


def test_a_period_holds_its_first_day_and_not_the_day_after_its_last():
    period = periods.Period(dt.date(2026, 1, 2), dt.date(2026, 1, 4))
    rows = table(ORDERS, *({"order_id": str(n), "day": dt.date(2026, 1, n)} for n in range(1, 6)))
    told = found(lambda frame: frame.filter(periods.within(period)).select("order_id"), rows)
    assert sorted(row["order_id"] for row in told) == ["2", "3"]


def test_the_newest_moment_is_over_all_columns_and_none_in_an_empty_table():
    rows = table(ORDERS, {"ordered_ms": 5, "delivered_ms": 9}, {"ordered_ms": 7})
    for engine in ENGINES.values():
        assert periods.newest_ms(engine.frame(rows), "ordered_ms", "delivered_ms") == 9
        assert periods.newest_ms(engine.frame(rows), "ordered_ms") == 7
        assert periods.newest_ms(engine.frame(ORDERS.arrow.empty_table()), "ordered_ms") is None
