"""How does each agent do beside others with the same cases, and who should be coached in what?"""

import narwhals as nw
import pandas as pd

from insight import periods
from insight.engines.base import Frame
from insight.marts import agents as mart
from insight.run import Run
from insight.schema import AGENT_FIGURES, AGENTS, COACHING, CONVERSATION_FACTS, ORDER_FACTS, UNKNOWN

READS = (CONVERSATION_FACTS, ORDER_FACTS, AGENTS)
WRITES = (AGENT_FIGURES, COACHING)

USED = (
    *("conversation_id", "agent_id", "topic_id", "channel", "market", "hour", "order_id", "opened_ms"),
    *(
        "came_back",
        "csat_rating",
        "turned_bad",
        "recovered",
        "late_response",
        "reopens",
        "first_resolution_ms",
        "handle_shared_ms",
    ),
)


def work(facts: Frame, orders: Frame, agents: Frame, *, run: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the agents of the last complete 12 weeks in every measure, and pick what is worth reading."""
    newest = periods.newest_ms(facts, "opened_ms") or 0
    period = periods.last(newest, zone=run.settings.shop.clock, days=mart.DAYS)
    known = facts.filter(nw.col("answered") & (nw.col("agent_id") != UNKNOWN) & periods.within(period))
    rows = mart.cases(run.pandas(known.select(*USED)), run.pandas(orders.select("order_id", "currency", "total_minor")))
    people = run.pandas(agents.select("agent_id", "name", "team"))
    judged = [mart.judged(rows, measure, rows["agent_id"]) for measure in mart.MEASURES]
    every = [one for one in judged if one is not None]
    compared = mart.figures(every, rows, people)
    lessons = mart.coaching(every, compared, rows, people)
    return compared.assign(since=period.since, until=period.until), lessons
