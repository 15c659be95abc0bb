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
    """Two rows per KPI, current and previous. A KPI whose tables have no row has none.

    The newest moment is that of the KPI's own table, or the older one of its two: where one feed ends earlier, days
    that it does not reach would look like a change.
    """
    newest = {name: periods.newest_ms(frame, MOMENT[name]) for name, frame in facts.items()}
    rows = []
    for group, kpi in kpis.values():
        reaches = [newest[table.name] for table in (kpi.of, kpi.per) if table is not None]
        known = [ms for ms in reaches if ms is not None]
        if len(known) == len(reaches):
            current = periods.last(min(known), zone=zone, lag_days=kpi.lag_days)
            rows += [_row(kpi, group, name, p, facts) for name, p in _named(current).items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def _named(current: periods.Period) -> dict[str, periods.Period]:
    return {"current": current, "previous": current.before}


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
