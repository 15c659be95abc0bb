"""Risk heads: one outcome each, with its signs and its card of points.

A folder of its own because heads are an open set: add a file with a `HEAD`, and name it here.
"""

from insight.risks import (
    bad_review,
    bad_review_early,
    defect_return,
    dispute,
    low_csat,
    next_contact,
    repeat_contact,
)
from insight.risks.base import Head

HEADS: dict[str, Head] = {
    each.HEAD.name: each.HEAD
    for each in (repeat_contact, next_contact, low_csat, bad_review, bad_review_early, defect_return, dispute)
}

__all__ = ["HEADS", "Head"]
