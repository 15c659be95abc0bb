"""What does the encoder learn from this shop's own texts? It learns anew only once there are many more of them."""

import numpy as np
import pandas as pd
import pyarrow as pa

from insight import adapt
from insight.encoders import static
from insight.engines.base import Frame
from insight.pieces import folded
from insight.run import Run
from insight.schema import ENCODER_FEATURES, ENCODER_LESSONS, MENTIONS

READS = (MENTIONS, ENCODER_LESSONS.previous, ENCODER_FEATURES.previous)
WRITES = (ENCODER_LESSONS, ENCODER_FEATURES)


def work(said: Frame, lessons: Frame, features: Frame, *, run: Run) -> tuple[pa.Table, pa.Table]:
    """The taught table and what it was taught from; both empty where the encoder speaks as it ships."""
    part = run.settings.encoder
    earlier, kept = run.arrow(lessons).cast(ENCODER_LESSONS.arrow), run.arrow(features).cast(ENCODER_FEATURES.arrow)
    texts = _texts(run.pandas(said.select("text_hash", "text", "language", "customer_key")))
    if not adapt.wanted(part, len(texts)):
        return ENCODER_LESSONS.arrow.empty_table(), ENCODER_FEATURES.arrow.empty_table()
    if not adapt.outgrown(earlier.to_pylist(), len(texts)):
        return earlier, kept
    table, lesson = adapt.taught(
        [folded(text) for text in texts["text"]],
        list(texts["language"]),
        np.unique(texts["customer_key"].to_numpy(str), return_inverse=True)[1],
        sample=part.sample,
        min_customers=run.settings.privacy.min_customers,
        tell=run.tell,
    )
    return pa.Table.from_pylist([lesson], ENCODER_LESSONS.arrow), static.to_rows(table)


def _texts(said: pd.DataFrame) -> pd.DataFrame:
    """Each distinct text once, in the order of its hash, with the first of its speakers."""
    return said.sort_values(["text_hash", "customer_key", "language"]).drop_duplicates("text_hash")
