"""Who wrote again about the same thing, on any channel?"""

import pandas as pd

from insight import threads
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import CONVERSATIONS, ISSUE_THREADS, MENTION_TOPICS, MENTIONS

READS = (MENTIONS, MENTION_TOPICS, CONVERSATIONS)
WRITES = ISSUE_THREADS


def work(mentions: Frame, topics: Frame, conversations: Frame, *, run: Run) -> pd.DataFrame:
    """The contacts of each customer, joined into threads."""
    return threads.issue_threads(run.pandas(mentions), run.pandas(topics), run.pandas(conversations))
