"""How likely does the customer of each conversation write again about the same issue within 7 days, and why?"""

import pyarrow as pa

from insight.engines.base import Frame
from insight.run import Run
from insight.schema import REPEAT_RISKS
from insight.scorers import SCORERS

SCORER = SCORERS["repeat_contact"]
READS = SCORER.reads
WRITES = REPEAT_RISKS


def work(*tables: Frame, run: Run) -> pa.Table:
    """A probability with its reasons for each conversation, and what then happened."""
    return SCORER.score(*(run.arrow(table) for table in tables), settings=run.settings)
