"""How did the customer's mood move through each conversation, and did it recover?"""

import pyarrow as pa

from insight import trajectories
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import CONVERSATION_SENTIMENT, MESSAGES, SENTIMENT_HEAD
from insight.sentiment_head import Head, shipped_head

READS = (MESSAGES, SENTIMENT_HEAD)
WRITES = CONVERSATION_SENTIMENT


def work(messages: Frame, own: Frame, *, run: Run) -> pa.Table:
    """The mood of every message, by the seller's own head where there is one; then the way that moods took."""
    head = Head.from_table(run.arrow(own)) or shipped_head()
    said = run.arrow(trajectories.spoken(messages)).cast(trajectories.SPOKEN)
    moods = pa.Table.from_batches(trajectories.moods(said.to_batches(), head), schema=trajectories.MOODS)
    return trajectories.of_conversations(moods, speaks=head.speaks)
