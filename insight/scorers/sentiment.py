"""How does the customer feel about it? A learned head over words, vectors and phrase lists gives three probabilities.

The head that ships was fitted on sentences written for it; where the seller's own stars and surveys have taught a
better one, that one speaks (see sentiment_training.py). A complaint without a feeling ("arrived broken") is negative, a
question about an order is neutral, and what neither the lists nor the vectors know is unsure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import pyarrow as pa

from insight.schema import MENTION_SENTIMENT, MENTIONS, SENTIMENT_HEAD
from insight.scorers.base import Scorer
from insight.sentiment_head import Head, shipped_head
from insight.settings import Settings

Chances = tuple[float, float, float]
"""Probability of negative, neutral and positive."""


def probabilities(text: str, language: str, head: Head | None = None) -> Chances:
    """How likely one text is negative, neutral and positive; they add up to 1. `head`: the shipped one if not told."""
    (row,) = (head or shipped_head()).chances([text], [language]).tolist()
    return (row[0], row[1], row[2])


def sentiments(batches: Iterable[pa.RecordBatch], head: Head) -> Iterator[pa.RecordBatch]:
    """Batches with mention_id, text and language in; batches of mention_sentiment out, row by row."""
    for batch in batches:
        chances = head.chances(batch.column("text").to_pylist(), batch.column("language").to_pylist())
        columns = [batch.column("mention_id"), *(pa.array(column) for column in chances.T)]
        labels, speaks = pa.array(head.labels(chances), pa.string()), pa.array([head.speaks] * len(batch), pa.string())
        yield pa.record_batch([*columns, labels, speaks], schema=MENTION_SENTIMENT.arrow)


def _score(mentions: pa.Table, own: pa.Table, *, settings: Settings) -> pa.Table:
    score = partial(sentiments, head=Head.from_table(own) or shipped_head())
    return pa.Table.from_batches(score(mentions.to_batches()), schema=MENTION_SENTIMENT.arrow)


SCORER = Scorer(
    "sentiment",
    "How does the customer feel about what each mention says?",
    (MENTIONS, SENTIMENT_HEAD),
    MENTION_SENTIMENT,
    _score,
)
