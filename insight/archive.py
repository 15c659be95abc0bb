"""Texts from outside the lake, of any number, by today's topics: batch by batch, in bounded memory.

Each text is judged alone: the head of the taxonomy says its topic, or the nearest topic that was found in the shop's
texts. Nothing is clustered and nothing is learned, so a text may stay without a topic that a run would have placed by
its company.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insight import clusters, placing, topic_ids
from insight.clusters import LEAST, MARGIN, Floats
from insight.edits import Edit
from insight.encoders import Encoder
from insight.pieces import folded
from insight.pooling import threads
from insight.schema import UNASSIGNED
from insight.topic_head import Head, fit

HEARTS = 20
"""Texts by which a topic that was found is known: those nearest to its centre."""
COLUMNS = ("topic_id", "topic", "similarity")
"""What is told of each text: its topic, the English name of it, and the probability or the cosine behind that."""


@dataclass(frozen=True)
class Known:
    """The topics of a run: the encoder of its vectors, the head, and of each found topic some texts nearest to it.

    `hearts` has shape (rows, dimensions); `starts` says at which of them the texts of each of `found` begin. `leads`
    says into which other topics were merged, and `names` the English names.
    """

    encoder: Encoder
    head: Head
    found: tuple[str, ...]
    hearts: Floats
    starts: tuple[int, ...]
    leads: Mapping[str, str]
    names: Mapping[str, str]

    def topics(self, texts: pa.Array) -> tuple[list[str], Floats]:
        """The topic of each text, or UNASSIGNED, and how sure or near it is."""
        said = [folded(text) for text in texts.to_pylist()]
        vectors = self.encoder.encode(said, lambda done, total: None)
        told, chance = self.head.assign(vectors, said)
        topics, sure = [topic or UNASSIGNED for topic in told], chance.astype(np.float32)
        rest = np.flatnonzero([topic == UNASSIGNED for topic in topics])
        sure[rest] = 0
        if self.found and len(rest):
            near = np.maximum.reduceat(vectors[rest] @ self.hearts.T, self.starts, axis=1)
            best, place = near.argmax(axis=1), np.arange(len(rest))
            cosine = near[place, best]
            near[place, best] = -1
            joins = (cosine >= LEAST) & (cosine - near.max(axis=1) >= MARGIN)
            for row, topic, how_near in zip(rest[joins], best[joins], cosine[joins], strict=True):
                topics[row], sure[row] = self.found[topic], how_near
        return [self.leads.get(topic, topic) for topic in topics], sure


def known(
    said: pd.DataFrame,
    vectors: tuple[list[str], Floats],
    told: Sequence[Edit],
    placed: pd.DataFrame,
    topics: pd.DataFrame,
    encoder: Encoder,
) -> Known:
    """What the last run knows.

    :param said: mention_id, text_hash and text of all mentions.
    :param vectors: hashes, ascending, and vectors of `encoder`, those of the taxonomy's phrases among them.
    :param placed: MENTION_TOPICS.
    :param told: people's edits, by which the head has learned too.
    :param topics: TOPICS.
    """
    keys, rows = vectors
    learned = placing.lessons(said, keys, rows, topic_ids.confirmed(told, placed, topics))
    gone = topics[topics["merged_into"].notna()]
    own = placed[placed["automatic_how"] == placing.FOUND].merge(said[["mention_id", "text_hash"]], on="mention_id")
    found, hearts = _hearts(own, keys, rows)
    return Known(
        encoder,
        fit(learned.rows, learned.topics, learned.confirmed, learned.texts),
        tuple(found),
        np.concatenate(hearts) if hearts else np.zeros((0, rows.shape[1]), np.float32),
        tuple(np.cumsum([0, *(len(some) for some in hearts)])[:-1].tolist()),
        dict(zip(gone["topic_id"], gone["merged_into"], strict=True)),
        dict(zip(topics["topic_id"], topics["name_en"], strict=True)),
    )


def _hearts(own: pd.DataFrame, keys: list[str], rows: Floats) -> tuple[list[str], list[Floats]]:
    """The found topics, and of each the vectors of the texts nearest to its centre."""
    place = pd.Index(keys).get_indexer(pd.Index(own["text_hash"], dtype=object))
    texts = own.assign(place=place)[place >= 0].drop_duplicates(["automatic_id", "place"])
    found, hearts = [], []
    for topic, some in texts.groupby("automatic_id", sort=True):
        members = rows[np.sort(some["place"].to_numpy())]
        similarity = clusters.described(members, np.zeros(len(members), np.int64)).similarity
        found.append(str(topic))
        hearts.append(members[np.argsort(-similarity, kind="stable")[:HEARTS]])
    return found, hearts


def labelled(batches: Iterable[pa.RecordBatch], text: str, known: Known) -> Iterator[pa.RecordBatch]:
    """Each batch with `COLUMNS` beside its own, in order; only as many batches as there are cores are held.

    :param text: the column of texts; one that is null has no topic.
    """
    from threadpoolctl import threadpool_limits

    waiting: deque[Future[pa.RecordBatch]] = deque()
    with threadpool_limits(1), ThreadPoolExecutor(threads()) as pool:  # each batch is one core's work
        for batch in batches:
            waiting.append(pool.submit(_labelled, batch, text, known))
            if len(waiting) > threads():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _labelled(batch: pa.RecordBatch, text: str, known: Known) -> pa.RecordBatch:
    """What is said twice in a batch is judged once."""
    said = pc.dictionary_encode(pc.fill_null(batch.column(text).cast(pa.large_string()), ""))
    topics, sure = known.topics(said.dictionary)
    own = pa.array(
        [UNASSIGNED if not word else topic for word, topic in zip(said.dictionary.to_pylist(), topics, strict=True)]
    )
    names = pa.array([known.names.get(topic, topic) for topic in own.to_pylist()], pa.string())
    columns = (own.cast(pa.string()), names, pa.array(sure, pa.float32()))
    told = [column.take(said.indices) for column in columns]
    return pa.RecordBatch.from_arrays([*batch.columns, *told], names=[*batch.schema.names, *COLUMNS])
