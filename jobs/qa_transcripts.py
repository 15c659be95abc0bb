"""What was said in the conversations that we score?"""

import narwhals as nw

from insight.engines.base import Frame
from insight.run import Run
from insight.schema import MESSAGES, QA_SAMPLE, QA_TRANSCRIPTS

READS = (QA_SAMPLE, MESSAGES)
WRITES = QA_TRANSCRIPTS


def work(sample: Frame, messages: Frame, *, run: Run) -> Frame:
    """The public messages of sampled conversations, masked as they are in the lake."""
    drawn = messages.join(sample.select("conversation_id"), on="conversation_id")
    names = [name for name in QA_TRANSCRIPTS.arrow.names if not name.endswith("_at")]
    return drawn.filter(nw.col("public")).select(*names).sort("conversation_id", "seq")
