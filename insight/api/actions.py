"""The effect of an action in words: what it is about, where, and what came of it; for its page and for reports."""

from __future__ import annotations

from typing import Any

from insight.api.routes.effects import ActionEffect
from insight.api.words import Words
from insight.effects import CANNOT_TELL, LEAST_AFTER


def where(one: ActionEffect, words: Words) -> str:
    """What an action is about and where it was taken."""
    topics = [topic.name_zh if words.lang == "zh" else topic.name_en for topic in one.topics]
    return " · ".join([", ".join(topics), *one.skus, *(words.place(market) for market in one.markets)])


def sentence(one: ActionEffect, words: Words) -> str:
    """The verdict on an action as a person says it."""
    told: dict[str, Any] = {
        "name": one.name,
        "since": words.day(one.since),
        "weeks": words.number(one.weeks_after),
        "least": words.number(LEAST_AFTER),
        "others": words.number(one.others),
        "after": words.number(one.contacts_after),
        "expected": words.number(one.expected_after, 0),
        "change": change(one.ratio, words),
        "low": change(one.low, words),
        "high": change(one.high, words),
        "hoped": words.percent(one.hoped, 0),
        "detectable": words.percent(one.detectable, 0),
    }
    kind = one.verdict if one.verdict != CANNOT_TELL or one.ratio is not None else "no figure"
    return words.say(f"actions_says.{kind}", **told)


def change(ratio: float | None, words: Words) -> str:
    """A ratio as so many percent fewer or more."""
    if ratio is None:
        return words.say("actions.no_end")
    key = "fewer" if ratio < 1 else "more"
    return words.say(f"actions.{key}", share=words.percent(abs(1 - ratio), 0))
