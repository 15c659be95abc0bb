"""What do customers speak about, in how many voices, and in which words?"""

import numpy as np
import pandas as pd

from insight import clusters, language, topic_ids, topic_names
from insight.engines.base import Frame
from insight.run import Run
from insight.schema import ALL, MENTION_TOPICS, MENTIONS, TOPIC_QUOTES, TOPICS, UNASSIGNED, VECTORS
from insight.settings import Topics

READS = (MENTIONS, VECTORS)
WRITES = (TOPICS, MENTION_TOPICS, TOPIC_QUOTES)


def work(mentions: Frame, vectors: Frame, *, run: Run) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Cluster distinct texts, give each cluster an id, a name and quotes, and each mention its topic."""
    said = run.pandas(mentions.sort("mention_id"))
    hashes, rows = clusters.matrix(run.arrow(vectors.sort("text_hash")))
    texts = pd.Index(hashes, dtype=str).get_indexer(pd.Index(said["text_hash"], dtype=str))
    found = _found(said, texts, hashes, rows, run.settings.topics)
    ids = [*topic_ids.identify(clusters.hearts(hashes, found)), UNASSIGNED]
    said = said.assign(label=found.labels[texts], similarity=found.similarity[texts])
    said["topic_id"] = pd.Series([ids[label] for label in said["label"]], index=said.index, dtype=str)
    placed = said[said["label"] != clusters.NONE]
    enough = run.settings.privacy.min_customers
    words = topic_names.words(placed, topics=len(ids) - 1, split=language.words, min_customers=enough)
    quotes = topic_names.quotes(placed, min_customers=enough)
    return topic_names.card(said, ids, words), said[["mention_id", "topic_id", "similarity"]], quotes


def _found(
    said: pd.DataFrame, texts: clusters.Labels, hashes: list[str], rows: clusters.Floats, settings: Topics
) -> clusters.Clusters:
    """Clusters of texts in their context, described by the texts alone."""
    contexts, _ = pd.factorize(said["conversation_id"].fillna(said["origin_id"]))
    drawn = clusters.in_context(rows, texts, contexts)
    copies = np.bincount(texts, minlength=len(hashes))
    spoken = _language(said, hashes) if settings.by_language else [ALL] * len(hashes)
    return clusters.described(rows, clusters.find_apart(drawn, hashes, copies, spoken, settings))


def _language(said: pd.DataFrame, hashes: list[str]) -> list[str]:
    """The language in which each text was said most; of equally many the first by name."""
    counted = said.groupby(["text_hash", "language"]).size().reset_index(name="times")
    most = counted.sort_values(["text_hash", "times", "language"], ascending=[True, False, True])
    return list(most.drop_duplicates("text_hash").set_index("text_hash")["language"].reindex(hashes))
