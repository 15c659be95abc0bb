"""Where does each text lie in the space of meanings, and each phrase of the taxonomy? Only new ones are embedded."""

import pyarrow as pa
import pyarrow.compute as pc

from insight import taxonomy
from insight.encoders import embed, speaking
from insight.engines.base import Frame
from insight.pieces import folded, text_hash
from insight.run import Run
from insight.schema import ENCODER_FEATURES, MENTIONS, VECTORS

READS = (MENTIONS, ENCODER_FEATURES, VECTORS.previous)
WRITES = VECTORS


def work(said: Frame, features: Frame, previous: Frame, *, run: Run) -> pa.Table:
    """The vectors that are still right, and new ones. A text is embedded as it is folded, so its hash says it all."""
    mentions, earlier = run.arrow(said.select("text_hash", "text")), run.arrow(previous).cast(VECTORS.arrow)
    texts = {text_hash(phrase.text): phrase.text for phrase in taxonomy.phrases()}
    texts |= dict(zip(mentions["text_hash"].to_pylist(), mentions["text"].to_pylist(), strict=True))
    encode = speaking(run.arrow(features), run.settings.encoder)
    wanted = pc.is_in(earlier["text_hash"], pa.array(texts, pa.string()))
    kept = earlier.filter(pc.and_(wanted, pc.equal(earlier["encoder"], encode.name)))
    done = set(kept["text_hash"].to_pylist())
    hashes, vectors = embed(encode, {h: folded(text) for h, text in texts.items() if h not in done}, run.tell)
    columns = [hashes, [encode.name] * len(hashes), pa.array(list(vectors), pa.list_(pa.float32()))]
    return pa.concat_tables([kept, pa.table(columns, schema=VECTORS.arrow)])
