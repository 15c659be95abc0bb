"""How are we doing, and how was it four weeks before?"""

import pandas as pd

from insight.engines.base import Frame
from insight.kpis import KPIS as ALL_KPIS
from insight.kpis import table
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, KPIS, ORDER_FACTS

READS = (CONVERSATION_FACTS, ORDER_FACTS)
WRITES = KPIS


def work(conversation_facts: Frame, order_facts: Frame, *, run: Run) -> pd.DataFrame:
    """Every KPI for the last 28 complete days, and for the 28 before where the data reach back over them."""
    facts = {CONVERSATION_FACTS.name: conversation_facts, ORDER_FACTS.name: order_facts}
    return table.over_periods(ALL_KPIS, facts, zone=run.settings.shop.clock)
