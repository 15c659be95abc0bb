"""Risk heads: one outcome each, with its signs and its card of points.

A folder of its own because heads are an open set: add a file with a `HEAD`, and name it here.
"""

from insight.risks.base import Head

HEADS: dict[str, Head] = {}

__all__ = ["HEADS", "Head"]
