"""Which conversations do we read and score, so that the scores speak for all?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import qa_sample
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, QA_SAMPLE, RISK_SCORES

READS = (CONVERSATION_FACTS, RISK_SCORES, QA_SAMPLE.previous)
WRITES = QA_SAMPLE

JUDGED_BY = (
    *("conversation_id", "agent_id", "team", "channel", "topic_id", "day", "answered"),
    *("csat_rating", "turned_bad", "recovered", "came_back"),
)


def work(facts: Frame, risks: Frame, earlier: Frame, *, run: Run) -> pd.DataFrame:
    """Draw the weeks that are complete and were not drawn before."""
    return qa_sample.sample(
        run.pandas(facts.select(*JUDGED_BY)),
        run.pandas(risks.filter(nw.col("head") == "repeat_contact").select("conversation_id", risk="probability")),
        run.pandas(earlier),
        quality=run.settings.quality,
    )
