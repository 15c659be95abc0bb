"""Where does each text lie in the space of meanings? Only texts that no earlier run has embedded are embedded."""

import pyarrow as pa

from insight.encoders import embed, encoder
from insight.engines.base import Frame
from insight.pieces import folded
from insight.run import Run
from insight.schema import MENTIONS, VECTORS

READS = (MENTIONS, VECTORS.previous)
WRITES = VECTORS


def work(said: Frame, previous: Frame, *, run: Run) -> pa.Table:
    """The vectors that are still right, and new ones; texts of like length together, in an order of their own."""
    texts = run.pandas(said.select("text_hash", "text")).drop_duplicates("text_hash").set_index("text_hash")["text"]
    encode = encoder(run.settings.encoder)
    kept = run.pandas(previous)
    kept = kept[(kept["encoder"] == encode.name) & kept["text_hash"].isin(texts.index)]
    new = {h: folded(t) for h, t in texts.items() if h not in set(kept["text_hash"])}
    hashes, vectors = embed(encode, new, run.tell)
    rows = [*kept["vector"], *vectors]
    return pa.table(
        {
            "text_hash": [*kept["text_hash"], *hashes],
            "encoder": [encode.name] * len(rows),
            "vector": pa.array(rows, pa.list_(pa.float32())),
        }
    )
