"""Do the seller's own stars and surveys teach a better ear for moods than the one that ships?"""

import pyarrow as pa

from insight import sentiment_training
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import MENTIONS, REVIEWS, SENTIMENT_HEAD, SURVEYS

READS = (REVIEWS, SURVEYS, MENTIONS)
WRITES = SENTIMENT_HEAD


def work(reviews: Frame, surveys: Frame, mentions: Frame, *, run: Run) -> pa.Table:
    """The seller's own head where it is the better one; no rows where the shipped one stays."""
    told = sentiment_training.labelled(run.arrow(reviews), run.arrow(surveys), run.arrow(mentions))
    return sentiment_training.rows_of_head(sentiment_training.learn(told).head)
