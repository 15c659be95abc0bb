"""Does the customer write again at all? Any issue, any channel: the wider question, never mixed with the other.

What happened is told by the conversations themselves: the next one that the customer opens after the moment of the
score, and in which the customer writes.
"""

from __future__ import annotations

import pyarrow as pa

from insight.hazard import DAYS
from insight.risks import contact_signs
from insight.risks.base import CASE, FATE, Cases, Head
from insight.settings import Settings


def _cases(*tables: pa.Table, settings: Settings) -> Cases:
    told = contact_signs.contacts(*tables)
    rows = told.rows
    opened = rows.loc[rows["needs_answer"], ["customer_key", "conversation_id", "opened_ms"]]
    opened = opened.rename(columns={"opened_ms": "contacted_ms", "customer_key": "case"})
    return Cases(
        rows.assign(
            case_id=rows["conversation_id"],
            event_ms=contact_signs.following(opened, rows),
            seen_ms=told.seen_ms,
            asked=True,
            answered=True,
        )[[*CASE, *FATE]],
        told.signs,
    )


HEAD = Head(
    "next_contact",
    "How likely does the customer of each conversation write again about any issue?",
    contact_signs.READS,
    "risks/next_contact.toml",
    DAYS,
    7.0,
    _cases,
)
