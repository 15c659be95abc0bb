"""Texts from outside by the topics of a run: as the head says, or near what was found, batch by batch."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import archive, taxonomy
from insight.encoders import static
from insight.pieces import folded, text_hash
from insight.schema import UNASSIGNED

SAID = [
    f"the museum shows {word}" for word in ("old coins", "dinosaurs", "paintings", "masks", "fossils", "stuffed birds")
]


@pytest.fixture(scope="module")
def known():
    """The shipped taxonomy, and a found topic of museums that was merged into another one."""
    table = static.StaticEncoder(static.ships())
    texts = {text_hash(text): folded(text) for text in [*SAID, *(phrase.text for phrase in taxonomy.phrases())]}
    keys = sorted(texts)
    said = pd.DataFrame({"mention_id": SAID, "text": SAID, "text_hash": [text_hash(text) for text in SAID]})
    placed = pd.DataFrame(
        {
            "mention_id": SAID,
            "topic_id": "t0000000001",
            "automatic_id": "t0000000001",
            "similarity": 0.9,
            "how": "found",
            "automatic_how": "found",
            "version": 1,
        }
    )
    topics = pd.DataFrame(
        {
            "topic_id": ["t0000000001", "t0000000002", "returns.refund_status"],
            "kind": ["found", "found", "seed"],
            "state": ["merged", "live", "live"],
            "automatic_state": "live",
            "merged_into": ["t0000000002", None, None],
            "name_en": ["Museums", "Outings", "Where is my refund"],
            "name_zh": "",
        }
    )
    vectors = table.encode([texts[key] for key in keys])
    return archive.known(said, (keys, vectors), (), placed, topics, table)


def labelled(known, *batches, column="words"):
    told = [pa.RecordBatch.from_pydict({column: batch, "row": range(len(batch))}) for batch in batches]
    return [batch.to_pylist() for batch in archive.labelled(told, column, known)]


def test_a_text_is_told_by_the_taxonomy_by_what_was_found_or_not_at_all(known):
    texts = ["Where is my refund?", "the museum shows dinosaur bones", "Book me a table for two at eight", None, ""]
    (rows,) = labelled(known, texts)

    assert ["returns.refund_status", "t0000000002", *[UNASSIGNED] * 3] == [row["topic_id"] for row in rows]
    assert ["Where is my refund", "Outings"] == [row["topic"] for row in rows[:2]]
    assert all(row["similarity"] > 0.5 for row in rows[:2])
    assert all(row["similarity"] == 0 for row in rows[2:])
    assert texts == [row["words"] for row in rows]


def test_batches_come_in_their_order_and_say_what_each_says_alone(known):
    texts = [f"{text} {at}" for at in range(9) for text in ("where is my refund", "the museum shows masks")]
    together = labelled(known, texts)[0]
    apart = [row for batch in labelled(known, *[[text] for text in texts]) for row in batch]

    assert [(row["words"], row["topic_id"]) for row in together] == [(row["words"], row["topic_id"]) for row in apart]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=60)), max_size=12))
def test_any_texts_come_back_with_a_topic_that_is_known(known, texts):
    (rows,) = labelled(known, texts)

    assert texts == [row["words"] for row in rows]
    assert {row["topic_id"] for row in rows} <= {
        UNASSIGNED,
        "t0000000002",
        *(leaf.topic_id for leaf in taxonomy.leaves()),
    }


def test_without_found_topics_the_taxonomy_alone_speaks(known):
    alone = archive.Known(known.encoder, known.head, (), np.zeros((0, 192), np.float32), (), {}, known.names)

    assert [UNASSIGNED] == [row["topic_id"] for row in labelled(alone, ["the museum shows dinosaur bones"])[0]]
