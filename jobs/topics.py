"""What do customers speak about, in how many voices, and in which words?"""

from collections.abc import Sequence

import pandas as pd

from insight import clusters, edits, language, model_names, placing, topic_cards, topic_ids, topic_names
from insight.edits import EDITS, Edit
from insight.engines.base import Frame
from insight.model_names import NAMER, Model
from insight.run import Run
from insight.schema import (
    MENTION_SENTIMENT,
    MENTION_TAGS,
    MENTION_TOPICS,
    MENTIONS,
    TOPIC_HISTORY,
    TOPIC_QUOTES,
    TOPICS,
    UNASSIGNED,
    VECTORS,
)

READS = (
    *(MENTIONS, VECTORS, MENTION_SENTIMENT, EDITS, NAMER),
    *(MENTION_TOPICS.previous, TOPICS.previous, TOPIC_HISTORY.previous),
)
WRITES = (MENTION_TAGS, TOPIC_HISTORY, TOPIC_QUOTES, TOPICS, MENTION_TOPICS)
"""The assignments come last: a run that is cut short before them is done again from the same state."""


def work(
    mentions: Frame,
    vectors: Frame,
    moods: Frame,
    told: Sequence[Edit],
    model: Model,
    placed: Frame,
    topics: Frame,
    happened: Frame,
    *,
    run: Run,
) -> tuple[pd.DataFrame, ...]:
    """Place each text, let people's edits stand above that, and say what there is to say of each topic."""
    said, earlier = run.pandas(mentions.sort("mention_id")), run.pandas(placed)
    before, history = run.pandas(topics), run.pandas(happened)
    hashes, rows = clusters.matrix(run.arrow(vectors.sort("text_hash")))
    texts = placing.texts(said, hashes, rows, by_language=run.settings.topics.by_language)
    learned = placing.lessons(said, hashes, rows, topic_ids.confirmed(told, earlier, before))
    found = placing.place(texts, topic_ids.kept(said, earlier), learned, run.settings.topics)
    automatic = topic_ids.assigned(said, texts, found, earlier)
    decided = edits.replay(told, automatic, topic_ids.automatic(automatic, before))
    now = topic_ids.settled(decided, automatic, texts, earlier)
    mood = run.pandas(moods.select("mention_id", mood="label"))
    spoken = said.merge(now, on="mention_id").merge(mood, on="mention_id", how="left")
    enough = run.settings.privacy.min_customers
    alike = placing.alike(texts, now["topic_id"].mask(now["how"] == topic_ids.CONTEXT, UNASSIGNED))
    cards = topic_cards.cards(spoken, decided.topics, alike, split=language.words, min_customers=enough)
    quotes = topic_names.quotes(spoken, min_customers=enough)
    cards = model_names.named(cards, quotes, before, model, min_customers=enough, tell=run.tell)
    events = topic_ids.history(cards, before, decided, history, topic_ids.this_version(earlier))
    return decided.tags, events, quotes, cards, now
