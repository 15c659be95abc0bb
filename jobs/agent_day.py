"""What did each agent do on each day?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import agent_day
from insight.run import Run
from insight.schema import AGENT_DAY, AGENTS, CONVERSATION_FACTS, SHIFTS

READS = (CONVERSATION_FACTS, SHIFTS, AGENTS)
WRITES = AGENT_DAY

USED = (
    *("agent_id", "day", "conversation_id", "agent_messages", "first_response_ms"),
    *("handle_ms", "handle_shared_ms", "csat_rating", "came_back", "late_response"),
)


def work(facts: Frame, shifts: Frame, agents: Frame, *, run: Run) -> pd.DataFrame:
    """Sum up the answered conversations, and set the shifts beside them."""
    return agent_day.days(
        run.pandas(facts.filter(nw.col("answered")).select(*USED)),
        run.pandas(shifts.select("agent_id", "starts_ms", "ends_ms")),
        run.pandas(agents.select("agent_id", "name", "team")),
        zone=run.settings.shop.clock,
    )
