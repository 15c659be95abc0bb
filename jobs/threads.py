"""Who wrote again about the same thing, on any channel?"""

import pandas as pd

from insight import threads
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import CONVERSATIONS, CUSTOMER_LINKS, ISSUE_THREADS, MENTION_TOPICS, MENTIONS, MESSAGES, TOPICS

READS = (MENTIONS, MENTION_TOPICS, CONVERSATIONS, MESSAGES, TOPICS, CUSTOMER_LINKS)
WRITES = ISSUE_THREADS


def work(
    mentions: Frame, placed: Frame, conversations: Frame, messages: Frame, topics: Frame, links: Frame, *, run: Run
) -> pd.DataFrame:
    """The contacts of each customer, joined into threads."""
    known = run.pandas(topics.select("topic_id", "family")).dropna()
    return threads.issue_threads(
        run.pandas(mentions),
        run.pandas(placed),
        run.pandas(conversations),
        run.pandas(messages.select("conversation_id", "seq", "author", "public", "sent_ms", "text")),
        families=dict(zip(known["topic_id"].tolist(), known["family"].tolist(), strict=True)),
        links=run.pandas(links),
    )
