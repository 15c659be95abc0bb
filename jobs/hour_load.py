"""When do customers write, and who is there?"""

import pandas as pd

from insight.engines.base import Frame
from insight.marts import hour_load
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, HOUR_LOAD, SHIFTS

READS = (CONVERSATION_FACTS, SHIFTS)
WRITES = HOUR_LOAD


def work(facts: Frame, shifts: Frame, *, run: Run) -> pd.DataFrame:
    """Count by the business clock."""
    opened = run.pandas(facts.select("conversation_id", "opened_ms", "day", "weekday", "hour"))
    spans = run.pandas(shifts.select("starts_ms", "ends_ms"))
    return hour_load.load(opened, spans, zone=run.settings.shop.clock)
