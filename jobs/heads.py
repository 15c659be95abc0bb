"""How many people are needed in each coming hour, and how many are planned?"""

import narwhals as nw
import pandas as pd

from insight import periods
from insight.engines.base import Frame
from insight.marts import heads
from insight.periods import DAY_MS
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, HEADS, HOUR_FORECAST, SHIFTS, STAFFING_BASIS

READS = (CONVERSATION_FACTS, HOUR_FORECAST, SHIFTS)
WRITES = (STAFFING_BASIS, HEADS)

RECENT_MS = 84 * DAY_MS
"""How far back conversations tell how long they take; what waits for longer than that is not waited for any more."""


def work(facts: Frame, forecast: Frame, shifts: Frame, *, run: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure how long conversations take, and turn the forecast into people."""
    newest = periods.newest_ms(facts, "opened_ms") or 0
    recent = facts.filter(nw.col("needs_answer") & (nw.col("opened_ms") >= newest - RECENT_MS)).select(
        "channel",
        "handle_ms",
        "handle_shared_ms",
        "duration_ms",
        (~nw.col("answered") & ~nw.col("resolved").fill_null(False)).alias("waiting"),
    )
    told = run.settings
    base = heads.basis(run.pandas(recent), told.staffing)
    expected, spans = run.pandas(forecast), run.pandas(shifts.select("starts_ms", "ends_ms"))
    zone, opens = told.shop.clock, told.schedules
    return base, heads.plan(expected, base, spans, told=told.staffing, zone=zone, opens=opens)
