"""How many contacts will come in each hour and on each day of the coming weeks?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import hour_forecast
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, DAY_FORECAST, FORECAST_QUALITY, HOUR_FORECAST

READS = (CONVERSATION_FACTS,)
WRITES = (HOUR_FORECAST, DAY_FORECAST, FORECAST_QUALITY)


def work(facts: Frame, *, run: Run) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count the conversations that need an answer by channel and hour of the business clock, and look ahead."""
    asked = facts.filter(nw.col("needs_answer"))
    counted = asked.group_by("channel", "day", "hour").agg(nw.len().alias("conversations"))
    told = run.settings
    return hour_forecast.forecasts(
        run.pandas(counted),
        zone=told.shop.clock,
        weeks=told.staffing.weeks,
        schedules=told.schedules,
        promotions=told.promotions,
    )
