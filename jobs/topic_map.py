"""Which topics are alike, and which family is each of them next to?"""

import pandas as pd

from insight import clusters, topic_ids, topic_map
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import MENTION_TOPICS, MENTIONS, TOPIC_MAP, TOPICS, UNASSIGNED, VECTORS

READS = (MENTIONS, MENTION_TOPICS, TOPICS, VECTORS)
WRITES = TOPIC_MAP


def work(mentions: Frame, mention_topics: Frame, topics: Frame, vectors: Frame, *, run: Run) -> pd.DataFrame:
    """Lay out the topics by what is said about them; what only its context tells says nothing about a topic."""
    placed = run.pandas(mention_topics.select("mention_id", "topic_id", "how"))
    told = placed[(placed["topic_id"] != UNASSIGNED) & (placed["how"] != topic_ids.CONTEXT)]
    said = run.pandas(mentions.select("mention_id", "text_hash")).merge(told, on="mention_id")
    keys, rows = clusters.matrix(run.arrow(vectors.sort("text_hash")))
    known = run.pandas(topics.select("topic_id", "family")).dropna()
    return topic_map.table(said, keys, rows, dict(zip(known["topic_id"], known["family"], strict=True)))
