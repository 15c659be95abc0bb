"""Scorers give a probability with its reasons: `sentiment` of a mention, `repeat_contact` of a conversation.

A folder of its own because scorers are an open set: add a file with a `SCORER`, and name it here.
"""

from insight.scorers import repeat_contact, sentiment
from insight.scorers.base import Scorer

SCORERS: dict[str, Scorer] = {scorer.name: scorer for scorer in (sentiment.SCORER, repeat_contact.SCORER)}

__all__ = ["SCORERS", "Scorer"]
