"""What do customers ask for, and does the catalogue have it?"""

import pandas as pd

from insight import demand
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import CATALOGUE, DEMAND_MENTIONS, MENTIONS

READS = (MENTIONS, CATALOGUE)
WRITES = DEMAND_MENTIONS


def work(mentions: Frame, catalogue: Frame, *, run: Run) -> pd.DataFrame:
    """The mentions that ask for a product, an accessory or a variant."""
    return demand.demand_mentions(run.pandas(mentions), run.pandas(catalogue))
