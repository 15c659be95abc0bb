"""Does the customer give the order a bad review? By what is known before the parcel comes: when the carrier gets it.

Apart from the score at delivery, since it knows far less and has to be judged by itself.
"""

from __future__ import annotations

import pyarrow as pa

from insight.risks import order_signs
from insight.risks.bad_review import reviewed
from insight.risks.base import Cases, Head
from insight.settings import Settings


def _cases(*tables: pa.Table, settings: Settings) -> Cases:
    return reviewed(order_signs.book(*tables, settings=settings, when=order_signs.HAND_OVER))


HEAD = Head(
    "bad_review_early",
    "How likely does each order get a bad review, by what is known before the parcel comes?",
    order_signs.READS,
    "risks/bad_review_early.toml",
    (60.0,),
    60.0,
    _cases,
)
