"""All KPIs for the current period and the one before: the rows of the table `kpis`."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pandas as pd

from insight import periods
from insight.engines.base import Frame
from insight.kpis.base import Kpi
from insight.kpis.measure import measure
from insight.schema import CONVERSATION_FACTS, KPIS, ORDER_FACTS

MOMENT = {CONVERSATION_FACTS.name: "opened_ms", ORDER_FACTS.name: "ordered_ms"}
WORDS = ("label", "label_zh", "unit", "better", "asks", "asks_zh", "means")
COLUMNS = list(KPIS.arrow.names)


def over_periods(kpis: Mapping[str, tuple[str, Kpi]], facts: Mapping[str, Frame], *, zone: ZoneInfo) -> pd.DataFrame:
    """One or two rows per KPI, current and previous. A KPI whose tables have no row has none.

    The newest moment is that of the KPI's own table, or the older one of its two: where one feed ends earlier, days
    that it does not reach would look like a change. For the same reason a period before over which one of the tables
    does not reach back has no row.
    """
    newest = {name: periods.newest_ms(frame, MOMENT[name]) for name, frame in facts.items()}
    rows = []
    for group, kpi in kpis.values():
        tables = [table.name for table in (kpi.of, kpi.per) if table is not None]
        known = [ms for name in tables if (ms := newest[name]) is not None]
        if len(known) == len(tables):
            current = periods.last(min(known), zone=zone, lag_days=kpi.lag_days)
            named = _named(current, [facts[name] for name in tables])
            rows += [_row(kpi, group, name, period, facts) for name, period in named.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def _named(current: periods.Period, frames: list[Frame]) -> dict[str, periods.Period]:
    whole = all(periods.reaches_back(frame, current.before) for frame in frames)
    return {"current": current, "previous": current.before} if whole else {"current": current}


def _row(kpi: Kpi, group: str, name: str, period: periods.Period, facts: Mapping[str, Frame]) -> dict[str, object]:
    found = measure(
        kpi,
        facts[kpi.of.name],
        per=None if kpi.per is None else facts[kpi.per.name],
        since=period.since,
        until=period.until,
    )
    figures: dict[str, object]
    [figures] = found.collect("pyarrow").to_native().to_pylist()
    words = {word: getattr(kpi, word) for word in WORDS}
    which = {"kpi": kpi.name, "group": group, "period": name, "since": period.since, "until": period.until}
    return {**figures, **words, **which}
