"""Which customers may write again about the same issue, why, and whom does the list name today?"""

import datetime as dt

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import at_risk, flagged
from insight.periods import newest_ms
from insight.run import Run
from insight.schema import AT_RISK, CONVERSATION_FACTS, FLAGGED, MENTIONS, ORDERS, REVIEWS, RISK_SCORES, SURVEYS

READS = (CONVERSATION_FACTS, RISK_SCORES, MENTIONS, ORDERS, SURVEYS, REVIEWS, FLAGGED.previous)
WRITES = (AT_RISK, FLAGGED)

CONTACT = (
    "conversation_id",
    "customer_key",
    "topic_id",
    "language",
    "platform",
    "market",
    "order_id",
    "opened_ms",
    "resolved",
    "came_back",
)
SCORE = ("head", "case_id", "conversation_id", "order_id", "scored_ms", "probability", "reasons", "reasons_zh")


def work(
    facts: Frame, scores: Frame, said: Frame, bought: Frame, surveys: Frame, reviews: Frame, before: Frame, *, run: Run
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rank the contacts whose 7 days are not over and whose issue is open, and draw who is left alone."""
    newest = max(newest_ms(facts, "opened_ms") or 0, newest_ms(said, "said_ms") or 0)
    contacts, risks = run.pandas(facts.select(*CONTACT)), run.pandas(scores.select(*SCORE))
    spoken = said.filter(~nw.col("conversation_id").is_null())
    ranking = at_risk.ranked(
        contacts.drop(columns="came_back"),
        at_risk.by_head(risks, "repeat_contact")[
            ["conversation_id", "scored_ms", "probability", "reasons", "reasons_zh"]
        ],
        run.pandas(spoken.select("mention_id", "conversation_id", "said_ms", "text")),
        run.pandas(bought.select("order_id", "promised_ms", "delivered_ms", "total_minor", "currency")),
        newest_ms=newest,
    )
    earlier, service = run.pandas(before), run.settings.service
    today = dt.datetime.fromtimestamp(newest / 1000, tz=run.settings.shop.clock).date()
    rows = flagged.named(at_risk.beside(ranking, risks), earlier, newest_ms=newest, today=today, service=service)
    became = flagged.matured(
        flagged.kept(rows, earlier, newest_ms=newest, service=service),
        contacts[["conversation_id", "came_back"]],
        run.pandas(surveys.select("conversation_id", "answered_ms", "rating")),
        run.pandas(reviews.select("order_id", "reviewed_ms", "rating")),
        newest_ms=newest,
    )
    shown = at_risk.shown(rows)
    return shown[[name for name in AT_RISK.arrow.names if not name.endswith("_at")]], became[flagged.NAMES]
