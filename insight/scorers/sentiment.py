"""How does the customer feel about it? Weighed phrases, and the words around them, as probabilities.

Each hit of models/sentiment.toml adds mass to the negative or the positive side. The words around it change that mass:
a negator turns it over, an intensifier raises it, a question takes most of it away, and what stands before a "but"
counts half. The masses n and p become probabilities by a softmax over three scores that nobody fitted to data:

    negative = bias_negative + steep * (√n - √p / 2)      neutral = 0      positive = bias_positive + steep * (√p - √n / 2)

The root keeps a long text from being surer only because it is long. A complaint without a feeling ("arrived broken")
is negative; a question about an order is neutral; a language without a word list is unsure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from insight import phrases, shipped
from insight.schema import MENTION_SENTIMENT, MENTIONS
from insight.scorers.base import Scorer
from insight.settings import Settings

LEXICON = "sentiment.toml"
SPACELESS = frozenset({"zh", "ja"})
"""Languages that write no blanks between words."""

NEGATES_BEFORE = {"zh": 3, "ja": 0}
"""How many characters may stand between a negator and what it negates; other languages: `NEAR`."""

NEAR = 16
AFTER = {"ja": 4}
"""Japanese negates behind the word: so many characters may stand between."""

POSITIVE = ("weak_positive", "positive", "strong_positive")
NEGATIVE = ("weak_negative", "negative", "strong_negative", "facts", "demands", "threats")
AROUND = ("neutral", "negators", "intensifiers", "contrasts", "whys", "stops", "questions")
SCHEMA = pa.schema([field for field in MENTION_SENTIMENT.arrow])


@dataclass(frozen=True)
class Hit:
    """One phrase that was found: which list it is from, where it stands, and its signed mass."""

    kind: str
    start: int
    end: int
    mass: float


class Kinds(dict[str, str]):
    """Which list a found phrase is from; a word that only a stem explains ("frustrat*") is looked up by its stem."""

    def __missing__(self, found: str) -> str:
        stem = next(found[:end] + "*" for end in range(len(found), 0, -1) if found[:end] + "*" in self)
        self[found] = self[stem]
        return self[found]
