"""Does the customer give the conversation a low score in the survey: at most two of five? When the conversation ends.

A survey that was answered before the end tells nothing that is left to foresee. Most customers answer none: weights are
learned from those who did, and the share of those who did, among conversations of platforms and channels of which any
survey is told, stands beside. Nobody tells to whom a survey was sent, so it may be less than the true rate of response.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from insight.facts.reviews import BAD
from insight.risks import contact_signs
from insight.risks.base import CASE, FATE, Cases, Head, Sign
from insight.risks.order_signs import count_of, yes
from insight.schema import SURVEYS
from insight.settings import Settings

OF = "conversation_id"


def _cases(*tables: pa.Table, settings: Settings) -> Cases:
    told = contact_signs.contacts(*tables[:-1])
    surveys: pd.DataFrame = (
        tables[-1].select([OF, "survey_id", "answered_ms", "rating"]).to_pandas(types_mapper=pd.ArrowDtype)
    )
    first = surveys.sort_values(["answered_ms", "survey_id"]).drop_duplicates(OF)
    rows = told.rows.merge(first, on=OF, how="left")
    now, answered = rows["scored_ms"].to_numpy(dtype=np.int64), rows["answered_ms"].notna().to_numpy(dtype=bool)
    open_ = answered & ~yes(rows["answered_ms"].le(rows["scored_ms"]))
    low = open_ & yes(rows["rating"].le(BAD))
    where = rows["platform"] + "\n" + rows["channel"]
    found = rows.assign(
        case_id=rows[OF],
        event_ms=rows["answered_ms"].where(low),
        seen_ms=np.maximum(told.seen_ms, int(surveys["answered_ms"].max()) if len(surveys) else 0),
        asked=where.isin(where[answered]),
        answered=open_,
    )[[*CASE, *FATE]]
    known = rows.loc[answered & yes(rows["rating"].le(BAD))]
    many, newest = count_of(rows["first_key"], known["first_key"], known["answered_ms"], now)
    return Cases(found, {**told.signs, "rated_low_before": Sign((many > 0).astype(np.float64), newest, many)})


HEAD = Head(
    "low_csat",
    "How likely does the customer of each conversation give a low score in the survey?",
    (*contact_signs.READS, SURVEYS),
    "risks/low_csat.toml",
    (14.0,),
    14.0,
    _cases,
)
