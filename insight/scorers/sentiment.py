"""How does the customer feel about it? Weighed phrases, and the words around them, as probabilities.

Each phrase of models/sentiment.toml that is found adds mass to the negative or the positive side. The words around it
change that mass: a negator turns it over, an intensifier raises it, a question takes most of it away, and what stands
before a "but" counts half. The masses n and p become probabilities by a softmax over three scores:

    negative: bias_negative + steep * (√n - √p / 2)      neutral: 0      positive: bias_positive + steep * (√p - √n / 2)

The root keeps a long text from being surer only because it is long. A complaint without a feeling ("arrived broken")
is negative, a question about an order is neutral, and a language without a list is unsure. All numbers are set by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache

import pyarrow as pa

from insight import shipped
from insight.phrases import SPACELESS, Finder, Found
from insight.schema import MENTION_SENTIMENT, MENTIONS
from insight.scorers.base import Scorer
from insight.settings import Settings

LISTS = "sentiment.toml"
NEGATIVE = frozenset({"weak_negative", "negative", "strong_negative", "facts", "demands", "threats"})
ENDS = frozenset({"stops", "questions", "contrasts"})
LABELS = ("negative", "neutral", "positive")

REACH = {"zh": 3, "ja": 4}
"""How many characters may stand between a negator and the word it turns over; other languages: `REACH_APART`."""

REACH_APART = 16
BEHIND = frozenset({"ja"})
"""Languages whose negators follow the word."""

Chances = tuple[float, float, float]
"""Probability of negative, neutral and positive."""


def probabilities(text: str, language: str) -> Chances:
    """How likely the text is negative, neutral and positive; they add up to 1, a third each where nothing is known."""
    return _voice(language).chances(text)


def label(chances: Chances, *, sure: float) -> str:
    """The likeliest of the three, or 'unsure' where its probability is below `sure`."""
    best = max(range(3), key=chances.__getitem__)
    return LABELS[best] if chances[best] >= sure else "unsure"


def sentiments(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches with mention_id, text and language in; batches of mention_sentiment out, row by row."""
    sure = shipped.toml(LISTS)["curve"]["sure"]
    for batch in batches:
        texts, languages = batch.column("text").to_pylist(), batch.column("language").to_pylist()
        chances = [probabilities(text, language) for text, language in zip(texts, languages, strict=True)]
        columns = [batch.column("mention_id"), *(pa.array([c[i] for c in chances], pa.float64()) for i in range(3))]
        labels = pa.array([label(c, sure=sure) for c in chances], pa.string())
        yield pa.record_batch([*columns, labels], schema=MENTION_SENTIMENT.arrow)


def _score(mentions: pa.Table, *, settings: Settings) -> pa.Table:
    return pa.Table.from_batches(sentiments(mentions.to_batches()), schema=MENTION_SENTIMENT.arrow)


SCORER = Scorer(
    "sentiment", "How does the customer feel about what each mention says?", (MENTIONS,), MENTION_SENTIMENT, _score
)


class Voice:
    """How one language says good and bad."""

    def __init__(self, language: str) -> None:
        told = shipped.toml(LISTS)
        spoken, marks = told.get(language, {}), told["any"]
        lists = {kind: listed for kind, listed in spoken.items() if isinstance(listed, list)}
        ends = {kind: [*marks[kind], *lists.pop(kind, ())] for kind in ("stops", "questions")}
        self._known = bool(spoken)
        self._weights, self._context, self._curve = told["weights"], told["context"], told["curve"]
        self._reach, self._behind = REACH.get(language, REACH_APART), language in BEHIND
        self._find = Finder(
            lists, apart=language not in SPACELESS, accents=not spoken.get("plain", False), marks={**marks, **ends}
        )

    def chances(self, text: str) -> Chances:
        """Negative, neutral and positive."""
        negative, positive = self._masses(self._find.fold(text))
        if not (self._known or negative or positive):
            return (1 / 3, 1 / 3, 1 / 3)
        steep, n, p = self._curve["steep"], math.sqrt(negative), math.sqrt(positive)
        bad = math.exp(self._curve["bias_negative"] + steep * (n - p / 2))
        good = math.exp(self._curve["bias_positive"] + steep * (p - n / 2))
        total = bad + 1 + good
        return bad / total, 1 / total, good / total

    def _masses(self, folded: str) -> tuple[float, float]:
        """What weighs on the negative and on the positive side, clause by clause."""
        negative, positive, clause = 0.0, 0.0, list[Found]()
        for found in self._find(folded):
            if found.kind not in ENDS:
                clause.append(found)
                continue
            n, p = self._clause(clause, asked=found.kind == "questions")
            keep = self._context["before_but"] if found.kind == "contrasts" else 1.0
            negative, positive, clause = (negative + n) * keep, (positive + p) * keep, []
        n, p = self._clause(clause, asked=False)
        loud = self._context["shouted"] if "!!" in folded else 1.0
        return (negative + n) * loud, (positive + p) * loud

    def _clause(self, clause: list[Found], *, asked: bool) -> tuple[float, float]:
        """The masses of one clause."""
        asked = asked and all(found.kind != "whys" for found in clause)
        negative = positive = 0.0
        for place, found in enumerate(clause):
            if found.kind in self._weights:
                mass = self._mass(clause, place, asked=asked)
                negative, positive = (negative - mass, positive) if mass < 0 else (negative, positive + mass)
        return negative, positive

    def _mass(self, clause: list[Found], place: int, *, asked: bool) -> float:
        """The mass of one hit as the words around it leave it; below 0 on the negative side."""
        found, context = clause[place], self._context
        mass, bad = float(self._weights[found.kind]), found.kind in NEGATIVE
        if place and clause[place - 1].kind == "intensifiers":
            mass *= context["intensified"]
        if asked:
            mass *= context["asked_fact" if found.kind == "facts" else "asked_negative" if bad else "asked_positive"]
        if self._negated(clause, place):
            mass, bad = mass * context["negated_negative" if bad else "negated_positive"], not bad
        return -mass if bad else mass

    def _negated(self, clause: list[Found], place: int) -> bool:
        """A negator stands near enough, on the side where the language puts it."""
        found = clause[place]
        if self._behind:
            return any(o.kind == "negators" and o.start - found.end <= self._reach for o in clause[place + 1 :])
        return any(o.kind == "negators" and found.start - o.end <= self._reach for o in clause[:place])


@cache
def _voice(language: str) -> Voice:
    return Voice(language)
