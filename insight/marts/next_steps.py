"""What is to be done about an issue? What settled it before: an answer that agents gave, or a thing that they did.

Both are judged by who did not come back about the issue within 7 days. That goes together and is no cause: easy cases
may get the better answer. A rule of ours stands only where a shop's own data say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from insight import shipped
from insight.marts.faq import settled
from insight.schema import ALL, NEXT_STEPS, UNASSIGNED, UNKNOWN

FILE = "next_steps.toml"
ENOUGH = 10
"""Contacts that could be judged before something is said to have settled an issue."""
COLUMNS = [name for name in NEXT_STEPS.arrow.names if not name.endswith("_at")]
FEW: tuple[str, ...] = ("rank", "contacts", "judged", "settled")


def steps(
    facts: pd.DataFrame,
    done: pd.DataFrame,
    questions: pd.DataFrame,
    answers: pd.DataFrame,
    topics: pd.DataFrame,
    *,
    few: int,
) -> pd.DataFrame:
    """NEXT_STEPS: for every topic the answers and deeds that settled it no less often than usual, and a rule.

    :param facts: conversation_id, topic_id, customer_key, came_back (null where unknown).
    :param done: conversation_id and action, as `deeds` makes them.
    :param questions: question_id, topic_id. :param answers: as in FAQ_ANSWERS.
    :param topics: topic_id, family (null where the topic was found). :param few: customers that a deed needs.
    """
    usual = _usual(facts)
    told = [*_answers(answers.merge(questions, on="question_id"), usual), *_actions(facts, done, usual, few)]
    rows = [*told, *_rules(topics)]
    found = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(FEW, "int64"))
    return found.sort_values(["topic_id", "kind", "language", "rank"], ignore_index=True)


def deeds(messages: pd.DataFrame) -> pd.DataFrame:
    """What agents did in each conversation by their own words: conversation_id and action, each pair once.

    :param messages: public messages of agents: conversation_id, text.
    """
    said = messages["text"].str.lower()
    found = []
    for action, about in shipped.toml(FILE)["actions"].items():
        hit = said.str.contains("|".join(re.escape(words) for words in about["said"])).fillna(False).astype(bool)
        found.append(messages.loc[hit, ["conversation_id"]].assign(action=action))
    return pd.concat(found).drop_duplicates(ignore_index=True)


def _usual(facts: pd.DataFrame) -> Mapping[str, float]:
    """By topic the share of judged contacts without a return."""
    judged = facts.dropna(subset=["came_back"])
    return (1 - judged["came_back"].astype(float)).groupby(judged["topic_id"]).mean().to_dict()  # type: ignore[return-value]


def _answers(answers: pd.DataFrame, usual: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """Answers by topic and language, surest first."""
    names = ["answer", "contacts", "judged", "settled", "share", "low", "high"]
    for (topic, language), part in answers.groupby(["topic_id", "language"], sort=True):
        good = part[(part["judged"] >= ENOUGH) & (part["share"] >= usual.get(str(topic), 1.0))]
        best = good.sort_values(["low", "contacts", "answer"], ascending=[False, False, True])
        for rank, row in enumerate(best[names].to_dict("records"), start=1):
            words = row.pop("answer")
            told = {"topic_id": topic, "kind": "answer", "language": language, "rank": rank, "action": "answer"}
            yield told | {"step": words, "step_zh": words, "usual": usual.get(str(topic))} | row


def _actions(facts: pd.DataFrame, done: pd.DataFrame, usual: Mapping[str, float], few: int) -> Iterator[dict[str, Any]]:
    """Deeds by topic, surest first."""
    known = shipped.toml(FILE)["actions"]
    rows = done.merge(facts[~facts["topic_id"].isin([UNASSIGNED, UNKNOWN])], on="conversation_id")
    for topic, part in rows.groupby("topic_id", sort=True):
        found: list[dict[str, Any]] = []
        for action, own in part.groupby("action", sort=True):
            back = own["came_back"].dropna()
            good, base = int(len(back) - back.astype(int).sum()), usual.get(str(topic), 1.0)
            share, low, high = settled(good, len(back), base)
            if len(back) >= ENOUGH and own["customer_key"].nunique() >= few and share >= base:
                counts = {"contacts": len(own), "judged": len(back), "settled": good}
                ends = {"share": share, "low": low, "high": high, "usual": base}
                found.append({"action": action, **counts, **ends})
        found.sort(key=lambda row: (-row["low"], row["action"]))
        for rank, row in enumerate(found, start=1):
            words = known[row["action"]]
            told = {"topic_id": topic, "kind": "action", "language": ALL, "rank": rank}
            yield told | {"step": words["en"], "step_zh": words["zh"]} | row


def _rules(topics: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """For every topic what we would do: by its own rule, else its family's, else the one for any."""
    told = shipped.toml(FILE)
    for topic, family in zip(topics["topic_id"], topics["family"], strict=True):
        rules = told["rules"]
        action = rules.get(topic) or (rules.get(family) if isinstance(family, str) else None) or rules["any"]
        words = told["actions"][action]
        row = {"topic_id": topic, "kind": "rule", "language": ALL, "rank": 1, "action": action}
        yield row | {"step": words["en"], "step_zh": words["zh"], "contacts": 0, "judged": 0, "settled": 0}
