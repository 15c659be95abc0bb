"""How are we doing, how was it four weeks before, and what did we aim at?"""

import pandas as pd

from insight.engines.base import Frame
from insight.kpis import KPIS as ALL_KPIS
from insight.kpis import table
from insight.run import Run
from insight.schema import KPIS, TABLES

OF = {of.name for _, kpi in ALL_KPIS.values() for of in (kpi.of, kpi.per) if of is not None}
READS = tuple(of for of in TABLES if of.name in OF)
WRITES = KPIS


def work(*facts: Frame, run: Run) -> pd.DataFrame:
    """Every KPI for the last 28 complete days, and for the 28 before where the data reach back over them."""
    named = {of.name: frame for of, frame in zip(READS, facts, strict=True)}
    return table.over_periods(ALL_KPIS, named, targets=run.settings.targets)
