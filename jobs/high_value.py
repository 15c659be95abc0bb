"""Which of our most valuable customers wait for us, or went away unhappy?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import at_risk, flagged, high_value
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, CUSTOMER_FACTS, FLAGGED, HIGH_VALUE, MENTIONS, REVIEWS, RISK_SCORES

READS = (CONVERSATION_FACTS, CUSTOMER_FACTS, REVIEWS, MENTIONS, RISK_SCORES, FLAGGED)
WRITES = HIGH_VALUE

CONTACT = (
    *("conversation_id", "customer_key", "topic_id", "language", "platform", "market", "opened_ms"),
    *("resolved", "answered", "turned_bad", "recovered", "csat_rating"),
)


def work(
    facts: Frame, customers: Frame, reviews: Frame, said: Frame, scores: Frame, drawn: Frame, *, run: Run
) -> pd.DataFrame:
    """The most valuable tenth by their newest contact; who is left alone by lot is on no list."""
    newest = max(newest_ms(facts, "opened_ms") or 0, newest_ms(said, "said_ms") or 0)
    spoken = said.filter(~nw.col("conversation_id").is_null())
    chances = scores.select("head", "case_id", "conversation_id", "scored_ms", "probability")
    return high_value.listed(
        run.pandas(facts.select(*CONTACT)),
        run.pandas(customers),
        run.pandas(reviews.select("customer_key", "reviewed_ms", "rating")),
        run.pandas(spoken.select("mention_id", "conversation_id", "said_ms", "text")),
        at_risk.by_head(run.pandas(chances), "repeat_contact")[["conversation_id", "probability"]],
        flagged.left_alone(run.pandas(drawn), newest_ms=newest),
        newest_ms=newest,
    )
