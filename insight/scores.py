"""What people think of conversations: one level per item of the rubric, or that the item does not apply.

Scores are kept for ever in the order in which they were taken; of one person's levels for one item of one conversation
the newest stands.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from insight.errors import InsightError
from insight.settings import Item

NOT_APPLICABLE = "na"
"""Instead of a level: the item does not apply to the conversation."""
MOST_NOTE = 2_000
"""Characters of a note."""
MOST_NAME = 80
"""Characters of a scorer's name."""


class ScoreError(InsightError):
    """A score names what is not there, or a level that the item does not have."""


@dataclass(frozen=True)
class Score:
    """What one person said about one item of one conversation.

    :param level: 1 (worst) to `levels`; None where the item does not apply.
    :param levels: of the item when it was scored; the rubric may change.
    :param stream: random or coaching, as the conversation was drawn.
    :param via: how it came: api, page or csv.
    """

    at_ms: int
    scorer: str
    conversation_id: str
    stream: str
    item: str
    level: int | None
    levels: int
    note: str = ""
    via: str = "api"

    @property
    def share(self) -> float | None:
        """0 for the worst level, 1 for the best; None where the item does not apply."""
        return None if self.level is None else (self.level - 1) / (self.levels - 1)


@dataclass(frozen=True)
class Asked:
    """A score as somebody hands it in: nothing of it is known to be right."""

    conversation_id: str
    scorer: str
    item: str
    level: int | str
    note: str = ""


def checked(
    asked: Asked,
    *,
    streams: Mapping[str, str],
    rubric: Sequence[Item],
    at_ms: int,
    via: str,
    where: str = "",
) -> Score:
    """The score, if it can be taken.

    :param streams: stream of every conversation that was drawn.
    :param level: 1 to the item's levels, as a number or in digits, or 'na'.
    :param where: file and line, for the error.
    :raises ScoreError: nobody signs it, the conversation was not drawn, the item is unknown, the level out of scale.
    """
    scorer, items = asked.scorer.strip(), {item.name: item for item in rubric}
    if not scorer or len(scorer) > MOST_NAME:
        wanted = f"the name of who scores, 1 to {MOST_NAME} characters"
        raise ScoreError("nobody signs this score", where=where, came=f"{len(scorer)} characters", wanted=wanted)
    if asked.conversation_id not in streams:
        raise ScoreError(
            "this conversation was not drawn to be scored",
            where=where,
            came=asked.conversation_id[:80],
            wanted="a conversation of the sample",
            fix="see `insight qa sample`",
        )
    if asked.item not in items:
        near = difflib.get_close_matches(asked.item, items, n=1)
        fix = f"did you mean {near[0]}?" if near else "see [[quality.rubric]] in insight.toml"
        wanted = ", ".join(items)
        raise ScoreError("the rubric has no such item", where=where, came=asked.item[:80], wanted=wanted, fix=fix)
    if len(asked.note) > MOST_NOTE:
        raise ScoreError(
            "the note is too long",
            where=where,
            came=f"{len(asked.note)} characters",
            wanted=f"at most {MOST_NOTE}",
        )
    item = items[asked.item]
    level = _level(asked.level, item, where)
    stream = streams[asked.conversation_id]
    note = asked.note.strip()
    return Score(at_ms, scorer, asked.conversation_id, stream, item.name, level, item.levels, note, via)


def _level(told: int | str, item: Item, where: str) -> int | None:
    words = str(told).strip().lower()
    if words in (NOT_APPLICABLE, "n/a", "不适用"):
        return None
    if words.isdecimal() and len(words) < 4 and 1 <= int(words) <= item.levels:
        return int(words)
    raise ScoreError(
        f"this is no level of {item.name}",
        where=where,
        came=words[:40],
        wanted=f"1 (worst) to {item.levels} (best), or {NOT_APPLICABLE} where it does not apply",
    )


def standing(scores: Iterable[Score]) -> tuple[Score, ...]:
    """The scores that count: the newest of each scorer, conversation and item, in the order they were taken."""
    newest: dict[tuple[str, str, str], Score] = {}
    for score in scores:
        newest.pop((score.conversation_id, score.item, score.scorer), None)
        newest[score.conversation_id, score.item, score.scorer] = score
    return tuple(newest.values())
