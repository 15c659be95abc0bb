"""Scorers give a probability with its reasons: `sentiment` of a mention.

A folder of its own because scorers are an open set: add a file with a `SCORER`, and name it here. How likely an outcome
is that only time can show is told by the heads of `insight.risks`.
"""

from insight.scorers import sentiment
from insight.scorers.base import Scorer

SCORERS: dict[str, Scorer] = {sentiment.SCORER.name: sentiment.SCORER}

__all__ = ["SCORERS", "Scorer"]
