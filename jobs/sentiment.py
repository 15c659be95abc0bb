"""How does the customer feel about what each mention says?"""

import pyarrow as pa

from insight.engines.base import Frame
from insight.run import Run
from insight.schema import MENTION_SENTIMENT
from insight.scorers import SCORERS

SCORER = SCORERS["sentiment"]
READS = SCORER.reads
WRITES = MENTION_SENTIMENT


def work(*tables: Frame, run: Run) -> pa.Table:
    """A label and three probabilities for each mention, by the seller's own head where there is one."""
    return SCORER.score(*(run.arrow(table) for table in tables), settings=run.settings)
