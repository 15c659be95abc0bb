"""Does the customer write again about the same issue? Any channel, within days of the end of a contact.

What happened is told by issue_threads: the next contact of another conversation about one of the issues of this one, or
about its order, after the moment of the score. Where neither an order nor an issue that fits a topic is known nobody
could see a return, so that such a contact is scored but never learned from.
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
    return Cases(
        rows.assign(
            case_id=rows["conversation_id"],
            event_ms=told.about["next_ms"],
            seen_ms=told.seen_ms,
            asked=told.about["visible"],
            answered=told.about["visible"],
        )[[*CASE, *FATE]],
        told.signs,
    )


HEAD = Head(
    "repeat_contact",
    "How likely does the customer of each conversation write again about the same issue?",
    contact_signs.READS,
    "risks/repeat_contact.toml",
    DAYS,
    7.0,
    _cases,
)
