"""How well do found topics match gold ones?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from insight import adapt, clusters
from insight.encoders import Encoder, embed, encoder
from insight.evaluate.adapted import adapted, distinct
from insight.evaluate.base import columns, peak_mb
from insight.pieces import text_hash
from insight.settings import Settings


@dataclass(frozen=True)
class Agreement:
    """How well found topics match gold ones.

    `accuracy` is the share of texts whose topic is the one matched with their gold topic (one to one, by the Hungarian
    method of Kuhn 1955); an unassigned text is wrong. `nmi` (arithmetic mean of entropies) and `ari` (Hubert & Arabie
    1985) count what is unassigned as one topic of its own.
    """

    accuracy: float
    nmi: float
    ari: float
    topics: int
    gold_topics: int
    unassigned: float


@dataclass(frozen=True)
class TopicScores(Agreement):
    """With its cost: wall seconds, with the model's loading, and the most memory the process has held so far."""

    seconds: float
    peak_mb: float


def topics_file(path: Path, *, text: str, gold: str, settings: Settings, where: Sequence[str] = ()) -> TopicScores:
    """Score the topic stage on a Parquet, CSV or TSV file.

    :param text: the column of texts.
    :param gold: the column that says which texts belong together.
    :param where: conditions that a row must hold, each spelled COLUMN=VALUE.
    :raises SourceError: the file cannot be read, has no such column, or holds no row with both.
    """
    texts, truth = columns(path, (text, gold), where)
    return topics(texts, truth, settings)


def topics(texts: Sequence[str], gold: Sequence[str], settings: Settings) -> TopicScores:
    """Encode and cluster the texts as a run would, and compare with the gold topics.

    Where the settings let the encoder adapt, it learns from these texts first; it never sees the gold.
    """
    started = time.perf_counter()
    found = topics_of(texts, settings)
    seconds = time.perf_counter() - started
    return TopicScores(**asdict(agreement(gold, found)), seconds=seconds, peak_mb=peak_mb())


def topics_of(texts: Sequence[str], settings: Settings) -> npt.NDArray[np.int64]:
    """The number of the cluster of each text, or clusters.NONE; equal texts are one, as in a run."""
    place, copies = np.unique([text_hash(text) for text in texts], return_inverse=True, return_counts=True)[1:]
    one = distinct(texts)
    keys, vectors = embed(_encoder(list(one.values()), settings), one)
    return clusters.find(vectors, keys, copies, settings.topics)[place]


def _encoder(said: Sequence[str], settings: Settings) -> Encoder:
    """The encoder of the settings; where it adapts, after it learned from these texts.

    :param said: distinct texts in the order of their hashes.
    """
    part = settings.encoder
    if not adapt.wanted(part, len(said)):
        return encoder(part)
    return adapted(said, sample=part.sample, min_customers=settings.privacy.min_customers)[0]


def agreement(gold: Sequence[str], found: npt.NDArray[np.int64]) -> Agreement:
    """Compare any labels, clusters.NONE for what has none, with the gold topics."""
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    truth = np.unique(np.asarray(gold, dtype=object), return_inverse=True)[1]
    has = found != clusters.NONE
    together = np.zeros((truth.max() + 1, found.max() + 2))
    np.add.at(together, (truth[has], found[has]), 1)
    return Agreement(
        accuracy=float(together[linear_sum_assignment(-together)].sum() / len(truth)),
        nmi=float(normalized_mutual_info_score(truth, found)),
        ari=float(adjusted_rand_score(truth, found)),
        topics=len(np.unique(found[has])),
        gold_topics=len(np.unique(truth)),
        unassigned=float(1 - has.mean()),
    )
