"""What do customers ask again and again, which answers settled it, and what do we answer badly?"""

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from insight.encoders import speaking
from insight.engines.base import Frame
from insight.marts import faq
from insight.periods import newest_ms
from insight.pieces import folded
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, ENCODER_FEATURES, FAQ, FAQ_ANSWERS, MENTION_TOPICS, MENTIONS, MESSAGES

READS = (MENTIONS, MENTION_TOPICS, MESSAGES, CONVERSATION_FACTS, ENCODER_FEATURES)
WRITES = (FAQ, FAQ_ANSWERS)

SAID = ("mention_id", "origin", "origin_id", "conversation_id", "customer_key", "language", "said_ms", "text")
TALK = ("conversation_id", "seq", "author", "message_id", "text", "language")


def work(
    mentions: Frame, placed: Frame, messages: Frame, facts: Frame, features: Frame, *, run: Run
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Group the questions, take what agents answered, and judge both by who came back."""
    few = run.settings.privacy.min_customers
    encode = speaking(run.arrow(features), run.settings.encoder)

    def embed(texts: list[str]) -> np.ndarray:
        return np.round(encode.encode([folded(text) for text in texts], lambda done, total: None), 5)

    newest = newest_ms(mentions, "said_ms") or 0
    said = mentions.select(*SAID).join(placed.select("mention_id", "topic_id"), on="mention_id", how="inner")
    rows = faq.grouped(faq.asked(run.pandas(said), newest_ms=newest), embed, min_customers=few)
    heard = run.engine.frame(pa.table({"conversation_id": pa.array(sorted(set(rows["conversation_id"])), pa.string())}))
    talk = messages.filter(nw.col("public")).select(*TALK).join(heard, on="conversation_id", how="inner")
    judged = run.pandas(facts.select("conversation_id", "came_back", "answered"))
    best = faq.answers(faq.told(rows, run.pandas(talk)), judged, embed, min_customers=few)
    return faq.listed(rows, judged, best), best
