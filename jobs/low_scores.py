"""Why do some customers give low scores, by topic and by word?"""

import narwhals as nw
import pandas as pd

from insight import language
from insight.engines.base import Frame
from insight.marts import low_scores
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, LOW_SCORES, MENTION_TOPICS, MENTIONS, ORDER_FACTS

READS = (CONVERSATION_FACTS, ORDER_FACTS, MENTIONS, MENTION_TOPICS)
WRITES = LOW_SCORES

SAID = ("mention_id", "origin", "conversation_id", "order_id", "customer_key", "language", "text", "text_hash")


def work(conversation_facts: Frame, order_facts: Frame, mentions: Frame, placed: Frame, *, run: Run) -> pd.DataFrame:
    """Hold what is said where scores are low against what is said where they are not, over all days."""
    topics = placed.select("mention_id", "topic_id", "similarity")
    surveyed = conversation_facts.filter(~nw.col("csat_rating").is_null()).select("conversation_id", "csat_rating")
    reviewed = order_facts.filter(~nw.col("bad_review").is_null()).select("order_id", "bad_review")
    said = low_scores.scored(
        run.pandas(surveyed),
        run.pandas(reviewed),
        run.pandas(mentions.select(*SAID).join(topics, on="mention_id", how="inner")),
    )
    return low_scores.told(said, split=language.words, min_customers=run.settings.privacy.min_customers)
