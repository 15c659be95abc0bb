"""Frequent questions and their answers as drafts of help pages: Markdown to edit, CSV to load. Nothing is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from insight.documents import escaped
from insight.sheets import csv_text

Row = Mapping[str, Any]

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Help pages: drafts",
        "note": "Made from conversations. Read, correct and complete every answer before you publish it. “Settled” is "
        "the share of contacts without a return about the same issue within 7 days; it goes with an answer and is no "
        "proof that the answer did it.",
        "asked": "asked in {contacts} conversations by {customers} customers",
        "settled": "settled {share}, at least {low}, n = {judged}",
        "none": "No answer is common yet: somebody should write one.",
        "gap": "Customers come back about this more than usual.",
        "other": "Answers in other languages",
        "topicless": "Other questions",
    },
    "zh": {
        "title": "帮助页面草稿",
        "note": "根据真实会话整理。发布前请逐条核对、修改并补全。“解决率”指7天内没有就同一问题再次联系的比例，"
        "它与答复相关，并不证明是该答复解决了问题。",
        "asked": "{contacts} 个会话、{customers} 位客户问过",
        "settled": "解决率 {share}，至少 {low}，n = {judged}",
        "none": "还没有常用答复，需要有人来写。",
        "gap": "客户就此问题再次联系的比例高于平均水平。",
        "other": "其他语言的答复",
        "topicless": "其他问题",
    },
}
HEAD = (
    "question_id",
    "topic",
    "question",
    "question_language",
    "answer",
    "answer_language",
    "rank",
    "contacts",
    "customers",
    "answer_contacts",
    "settled_share",
    "settled_at_least",
    "gap",
)


def question(row: Row, lang: str) -> str:
    """The question in a language of the drafts; in whatever language it was asked where nobody asked it in that one."""
    return str(row[f"question_{lang}"] or row["question"])


def markdown(questions: Sequence[Row], answers: Iterable[Row], topics: Mapping[str, str], *, lang: str) -> str:
    """A help page by topic: each question with its surest answer, and what is missing.

    :param questions: rows of FAQ, asked most first. :param answers: rows of FAQ_ANSWERS.
    :param topics: names by id; a question whose topic has none stands under other questions.
    """
    words, by_question = WORDS[lang], _by_question(answers)
    parts = [f"# {words['title']}", words["note"]]
    for name in dict.fromkeys(topics.get(row["topic_id"], words["topicless"]) for row in questions):
        parts.append(f"## {escaped(name)}")
        for row in questions:
            if topics.get(row["topic_id"], words["topicless"]) == name:
                parts += _entry(row, by_question.get(row["question_id"], []), words, lang)
    return "\n\n".join(parts) + "\n"


def _entry(row: Row, found: list[Row], words: Mapping[str, str], lang: str) -> list[str]:
    own = [one for one in found if one["language"] == lang]
    parts = [f"### {escaped(question(row, lang))}", f"*{words['asked'].format(**row)}*"]
    if row["gap"] == "comes back":
        parts.append(f"> {words['gap']}")
    parts += [_answer(one, words) for one in own[:2]] or [f"> {words['none']}"]
    others = [one for one in found if one["language"] != lang and one["rank"] == 1]
    if others:
        parts.append(
            f"{words['other']}:\n\n" + "\n".join(f"- ({o['language']}) {escaped(o['answer'])}" for o in others)
        )
    return parts


def _answer(one: Row, words: Mapping[str, str]) -> str:
    share, low = f"{one['share']:.0%}", f"{one['low']:.0%}"
    return f"{escaped(one['answer'])} *({words['settled'].format(share=share, low=low, judged=one['judged'])})*"


def sheet(questions: Sequence[Row], answers: Iterable[Row], topics: Mapping[str, str], *, lang: str) -> str:
    """The same as CSV: one line per question and answer, one for a question without any."""
    by_question, lines = _by_question(answers), []
    for row in questions:
        asked_in = lang if row[f"question_{lang}"] else row["languages"][0]
        lead = [row["question_id"], topics.get(row["topic_id"], ""), question(row, lang), asked_in]
        nothing = dict.fromkeys(("answer", "language", "rank", "contacts", "share", "low"))
        for one in by_question.get(row["question_id"]) or [nothing]:
            told = [one["answer"], one["language"], one["rank"], row["contacts"], row["customers"]]
            lines.append([*lead, *told, one["contacts"], one["share"], one["low"], row["gap"]])
    return csv_text(HEAD, lines)


def _by_question(answers: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for one in answers:
        found.setdefault(one["question_id"], []).append(one)
    return found
