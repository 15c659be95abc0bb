"""How does the customer feel about what each mention says?"""

import pyarrow as pa

from insight.engines.base import Frame
from insight.run import Run
from insight.schema import MENTION_SENTIMENT
from insight.scorers import SCORERS

SCORER = SCORERS["sentiment"]
READS = SCORER.reads
WRITES = MENTION_SENTIMENT


def work(mentions: Frame, *, run: Run) -> pa.Table:
    """A label and three probabilities for each mention."""
    return SCORER.score(run.arrow(mentions), settings=run.settings)
