"""All KPIs for the current period and the one before: the rows of the table `kpis`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import narwhals as nw
import pandas as pd

from insight import periods
from insight.engines.base import Frame
from insight.kpis.base import Kpi
from insight.kpis.measure import measure
from insight.schema import KPIS
from insight.settings import Target

WORDS = ("label", "label_zh", "unit", "better", "asks", "asks_zh", "means", "example")
COLUMNS = list(KPIS.arrow.names)


def over_periods(
    kpis: Mapping[str, tuple[str, Kpi]], facts: Mapping[str, Frame], *, targets: Iterable[Target] = ()
) -> pd.DataFrame:
    """One or two rows per KPI, current and previous. A KPI whose tables have no row has none.

    The period ends with the newest day of the KPI's own table, or the older one of its two: where one feed ends
    earlier, days that it does not reach would look like a change. For the same reason a period before over which one
    of the tables does not reach back has no row.

    :param facts: rows of every table that a KPI is of, by the table's name; each with `day`.
    :param targets: those for the whole shop are shown beside the KPI; of several the last counts.
    """
    newest = {name: _newest(frame) for name, frame in facts.items()}
    aims = {target.kpi: target for target in targets if target.team is None and target.agent_id is None}
    rows = []
    for group, kpi in kpis.values():
        tables = [table.name for table in (kpi.of, kpi.per) if table is not None]
        known = [day for name in tables if (day := newest[name]) is not None]
        if len(known) == len(tables):
            until = min(known) - dt.timedelta(days=kpi.lag_days)
            current = periods.Period(until - dt.timedelta(days=periods.FOUR_WEEKS), until)
            named = _named(current, [facts[name] for name in tables])
            rows += [_row(kpi, group, name, period, facts, aims.get(kpi.name)) for name, period in named.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def _newest(frame: Frame) -> dt.date | None:
    """The newest day of the rows: not over yet, so it is the first that no period holds; none without rows."""
    found: list[dt.date | None] = frame.select(nw.col("day").max()).collect("pyarrow").to_native()["day"].to_pylist()
    return found[0] if found else None


def _named(current: periods.Period, frames: list[Frame]) -> dict[str, periods.Period]:
    whole = all(periods.reaches_back(frame, current.before) for frame in frames)
    return {"current": current, "previous": current.before} if whole else {"current": current}


def _row(
    kpi: Kpi, group: str, name: str, period: periods.Period, facts: Mapping[str, Frame], aim: Target | None
) -> dict[str, object]:
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
    aims = {"target": aim and aim.target, "benchmark": aim and aim.benchmark}
    return {**figures, **words, **which, **aims}
