"""Which topic does each text belong to? What earlier runs said, then the topics we know, then clusters of the rest.

A text keeps the topic that an earlier run gave it, so that new texts, a new encoder or another machine change nothing
about old ones. A text without one goes to the taxonomy's head, which abstains where it is unsure; then to the nearest
topic that was found earlier; what is left is clustered, and a cluster of enough mentions and customers is a new topic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import clusters
from insight.clusters import Floats, Labels
from insight.pieces import folded, text_hash
from insight.schema import ALL, UNASSIGNED
from insight.settings import Topics
from insight.taxonomy import phrases
from insight.topic_head import fit

SEED, FOUND, NONE = "seed", "found", "none"
ALIKE = 0.85
"""A topic that was found and whose centre is so near to another one's may be a part of it; a person decides."""
AGREED = 0.06
"""Where the head is unsure, its best topic must also be the nearest one, and by so much in cosine."""
MEMBERS = 200
"""A new text is compared with so many members of a topic at most."""


@dataclass(frozen=True)
class Texts:
    """Distinct texts, in the order of their keys.

    `wordings` are the texts as the encoder reads them, `rows` (texts, dimensions) their unit vectors; `speakers` holds
    for each mention the number of its text, and the number of its customer, `contexts` the number of its conversation;
    `languages` are all the same where topics are sought in all languages together.
    """

    keys: Sequence[str]
    wordings: Sequence[str]
    rows: Floats
    speakers: tuple[Labels, Labels]
    contexts: Labels
    languages: Sequence[str]

    def drawn(self, rows: Labels) -> Floats:
        """The vectors of these texts, each drawn towards what else is said where it is said."""
        of = self.speakers[0]
        asked = np.zeros(len(self.keys), bool)
        asked[rows] = True
        around = np.isin(self.contexts, np.unique(self.contexts[asked[of]]))
        texts, mentioned = np.unique(of[around], return_inverse=True)
        contexts = np.unique(self.contexts[around], return_inverse=True)[1]
        return clusters.in_context(self.rows[texts], mentioned, contexts)[np.searchsorted(texts, rows)]

    def some(self, rows: Labels) -> list[str]:
        """The wordings of these rows."""
        return [self.wordings[int(row)] for row in rows]

    @property
    def copies(self) -> Labels:
        """How many mentions say each text."""
        return np.bincount(self.speakers[0], minlength=len(self.keys))


def texts(said: pd.DataFrame, keys: Sequence[str], rows: Floats, *, by_language: bool) -> Texts:
    """The distinct texts of mentions.

    :param said: mention_id, text, text_hash, customer_key, language, conversation_id and origin_id, in an order of
        their own.
    :param keys: hashes of texts, ascending, with their vectors; what no mention says is left out.
    """
    spoken = pd.Index(keys, dtype=str).isin(said["text_hash"].unique())
    keys, rows = [key for key, is_said in zip(keys, spoken, strict=True) if is_said], rows[spoken]
    of = pd.Index(keys, dtype=str).get_indexer(pd.Index(said["text_hash"], dtype=str))
    contexts = pd.factorize(said["conversation_id"].fillna(said["origin_id"]))[0]
    customers = pd.factorize(said["customer_key"])[0]
    languages = _languages(said, keys) if by_language else [ALL] * len(keys)
    wordings = said.drop_duplicates("text_hash").set_index("text_hash")["text"].reindex(keys).map(folded).tolist()
    return Texts(keys, wordings, rows, (of, customers), contexts, languages)


def _languages(said: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """The language in which each text was said most; of equally many the first by name."""
    counted = said.groupby(["text_hash", "language"]).size().reset_index(name="times")
    most = counted.sort_values(["text_hash", "times", "language"], ascending=[True, False, True])
    return list(most.drop_duplicates("text_hash").set_index("text_hash")["language"].reindex(list(keys)))


@dataclass(frozen=True)
class Lessons:
    """What the head learns from: phrases and confirmed texts, their vectors and topics, and which are confirmed."""

    texts: list[str]
    rows: Floats
    topics: list[str]
    confirmed: npt.NDArray[np.bool_]


def lessons(said: pd.DataFrame, keys: Sequence[str], rows: Floats, confirmed: pd.DataFrame) -> Lessons:
    """The phrases of the taxonomy, and the texts whose topic a person confirmed.

    :param keys: hashes of texts, those of the phrases among them, with their vectors.
    :param confirmed: mention_id, topic_id.
    """
    told = [(text_hash(phrase.text), phrase.text, phrase.topic_id, False) for phrase in phrases()]
    own = said[["mention_id", "text_hash", "text"]].merge(confirmed, on="mention_id")
    own = own.sort_values(["text_hash", "topic_id", "mention_id"]).drop_duplicates(["text_hash", "topic_id"])
    told += [(*one, True) for one in own[["text_hash", "text", "topic_id"]].itertuples(index=False, name=None)]
    place = {key: row for row, key in enumerate(keys)}
    known = [one for one in told if one[0] in place]
    return Lessons(
        [folded(text) for _, text, _, _ in known],
        rows[[place[key] for key, *_ in known]],
        [topic for *_, topic, _ in known],
        np.array([tag for *_, tag in known], bool),
    )


@dataclass(frozen=True)
class Placed:
    """Of each text its topic and how it came there; UNASSIGNED where it fits none."""

    topics: list[str]
    how: list[str]


def place(texts: Texts, earlier: Mapping[str, str], learned: Lessons, settings: Topics) -> Placed:
    """Give each text a topic. Where no text is new and nobody confirmed anything, all stays as it is.

    :param earlier: the topic of each text of the last run, or UNASSIGNED, by their keys.
    """
    topics = [earlier.get(key, UNASSIGNED) for key in texts.keys]
    if not learned.confirmed.any() and all(key in earlier for key in texts.keys):
        return Placed(topics, [_how(topic) for topic in topics])
    head = fit(learned.rows, learned.topics, learned.confirmed, learned.texts)
    free = _free(topics)
    told = head.tell(texts.rows[free], texts.some(free))
    thought = {row: head.topics[best] for row, best in zip(free.tolist(), told.best.tolist(), strict=True) if best >= 0}
    for row in free[told.chance >= head.sure].tolist():
        topics[row] = thought[row]
    _join(texts, topics, learned, thought)
    known = [*topics]
    _find(texts, topics, settings)
    _follow(texts, topics, known)
    return Placed(topics, [_how(topic) for topic in topics])


def _join(texts: Texts, topics: list[str], learned: Lessons, thought: Mapping[int, str]) -> None:
    """Let texts without a topic join the nearest one, if that was found, or if the head, unsure, thinks of it too.

    :param thought: by their rows what the head, sure or not, takes texts for.
    """
    free = _free(topics)
    names, labels = _numbered([*topics, *learned.topics])
    if not names or not len(free):
        return
    known = _some(labels)
    rows = np.vstack([texts.rows, learned.rows])
    found = clusters.nearest(texts.rows[free], rows[known], labels[known])
    for row, label, margin in zip(free.tolist(), found.labels, found.margin, strict=True):
        topic = names[label] if label != clusters.NONE else UNASSIGNED
        if _how(topic) == FOUND or (topic == thought.get(row) and margin >= AGREED):
            topics[row] = topic


def _follow(texts: Texts, topics: list[str], known: Sequence[str]) -> None:
    """Let what is no new topic either join the nearest one that was found before, by however little it is nearer.

    :param known: the topic of each text before new ones were looked for.
    """
    free = _free(topics)
    names, labels = _numbered([topic if _how(topic) == FOUND else UNASSIGNED for topic in known])
    if names and len(free):
        some = _some(labels)
        found = clusters.nearest(texts.rows[free], texts.rows[some], labels[some], margin=0)
        for row, label in zip(free, found.labels, strict=True):
            topics[row] = names[label] if label != clusters.NONE else UNASSIGNED


def similarity(texts: Texts, topics: pd.Series[str]) -> Floats:
    """The cosine of each mention to the centre of its topic; 0 where it has none.

    :param topics: of each mention, in the order of `Texts.speakers`.
    """
    pairs = pd.DataFrame({"text": texts.speakers[0], "topic": topics.to_numpy(object)})
    once = pairs.drop_duplicates().sort_values(["topic", "text"])
    _, labels = _numbered(once["topic"].tolist())
    found = clusters.described(texts.rows[once["text"]], labels).similarity
    return pairs.merge(once.assign(found=found), on=["text", "topic"], how="left")["found"].to_numpy()


def alike(texts: Texts, topics: pd.Series[str]) -> dict[str, str]:
    """For each topic that was found another one that it may be a part of, where there is one so near.

    :param topics: of each mention, in the order of `Texts.speakers`.
    """
    once = pd.DataFrame({"text": texts.speakers[0], "topic": topics.to_numpy(object)}).drop_duplicates()
    names, labels = _numbered(once["topic"].tolist())
    if len(names) < 2:
        return {}
    centres = clusters.described(texts.rows[once["text"]], labels).centres
    near = centres @ centres.T
    np.fill_diagonal(near, -1)
    return {name: names[row.argmax()] for name, row in zip(names, near, strict=True) if _may_be_part(name, row)}


def _may_be_part(name: str, cosines: Floats) -> bool:
    return _how(name) == FOUND and cosines.max() >= ALIKE


def named(heart: str) -> str:
    """The permanent id of a topic that is found: it follows from the text at its heart."""
    return f"t{sha256(heart.encode()).hexdigest()[:10]}"


def _some(labels: Labels) -> Labels:
    """Rows that have a label, at most `MEMBERS` of each: a fair draw, since rows are in the order of their hashes."""
    rows = pd.Series(labels, name="label")
    return np.flatnonzero((rows != clusters.NONE) & (rows.groupby(rows).cumcount() < MEMBERS))


def _find(texts: Texts, topics: list[str], settings: Topics) -> None:
    """Cluster what is left; a cluster that too few customers speak of stays without a topic."""
    if not settings.new:
        return
    free = _free(topics)
    keys = [texts.keys[int(row)] for row in free]
    spoken = [texts.languages[int(row)] for row in free]
    few = settings.model_copy(update={"most": min(settings.most, settings.new)})
    labels = clusters.find_apart(texts.drawn(free), keys, texts.copies[free], spoken, few)
    whole = np.full(len(topics), clusters.NONE)
    whole[free] = labels
    enough = _voices(texts.speakers, whole) >= settings.min_customers
    hearts = clusters.hearts(texts.keys, clusters.described(texts.rows, whole))
    for row in np.flatnonzero(whole != clusters.NONE):
        if enough[whole[row]]:
            topics[row] = named(hearts[whole[row]])


def _voices(speakers: tuple[Labels, Labels], labels: Labels) -> Labels:
    """How many distinct customers speak of each label."""
    said = labels[speakers[0]]
    pairs = np.unique(np.stack([said[said != clusters.NONE], speakers[1][said != clusters.NONE]]), axis=1)
    return np.bincount(pairs[0], minlength=int(labels.max(initial=-1)) + 1)


def _numbered(topics: Sequence[str]) -> tuple[list[str], Labels]:
    """Topics by name, and for each text the number of its topic."""
    names = sorted({topic for topic in topics if topic != UNASSIGNED})
    number = {topic: place for place, topic in enumerate(names)} | {UNASSIGNED: clusters.NONE}
    return names, np.array([number[topic] for topic in topics], np.int64)


def _free(topics: Sequence[str]) -> Labels:
    """Rows without a topic."""
    return np.flatnonzero([topic == UNASSIGNED for topic in topics])


def _how(topic: str) -> str:
    """Seed topics are named family.leaf."""
    return NONE if topic == UNASSIGNED else SEED if "." in topic else FOUND
