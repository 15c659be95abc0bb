"""What people decide about topics, and what it comes to over the machine's work.

An edit names permanent ids only, never names or positions, so it means the same in every later run. Edits stand in the
order in which the ledger took them; an undo is an edit too, and an undone undo lets the first edit stand again at its
old place. The machine's own assignment is kept beside the result (`automatic_id`), so undoing everything gives the
start back.

`replay` asks nothing and never fails: an edit on a topic that is not there waits, a merge that would close a loop
waits, of two that contradict the later one counts, and mentions that are not there are waited for. Whether a new edit
may be made at all is the matter of edit_checks.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

import pandas as pd

from insight.errors import InsightError
from insight.schema import UNASSIGNED, Door

EDITS = Door("edits", "what people decided about topics: one row per edit, in the order they were taken")

LANGUAGES = ("en", "zh")
"""Languages in which a topic has a name."""

NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "rename": ("topic_id", "value", "language"),
        "merge": ("topic_id", "other_id"),
        "split": ("topic_id", "mentions"),
        "move": ("other_id", "mentions"),
        "mute": ("topic_id",),
        "unmute": ("topic_id",),
        "tag": ("topic_id", "mentions"),
        "untag": ("topic_id", "mentions"),
        "accept": ("topic_id",),
        "reject": ("topic_id",),
        "undo": ("other_id",),
    }
)
"""Kinds of edits, and what each must tell."""


class EditError(InsightError):
    """An edit of topics names what is not there, contradicts what stands, or would change nothing."""


@dataclass(frozen=True)
class Edit:
    """One decision of a person.

    :param topic_id: the topic it is about; of a split the one that the mentions leave.
    :param other_id: of a merge and a move the topic where they go, of an undo the edit that is undone.
    :param mentions: ids in their order; of an accept those whose words the person has seen.
    :param value: a new name.
    :param language: of the name.
    """

    edit_id: str
    at_ms: int
    who: str
    why: str
    kind: str
    topic_id: str | None = None
    other_id: str | None = None
    mentions: tuple[str, ...] = ()
    value: str | None = None
    language: str | None = None

    @property
    def born(self) -> str:
        """The permanent id of the topic that a split makes; it follows from the edit's id."""
        return f"t{self.edit_id[1:11]}"


def made(
    kind: str,
    *,
    at_ms: int,
    who: str,
    why: str = "",
    topic_id: str | None = None,
    other_id: str | None = None,
    mentions: Iterable[str] = (),
    value: str | None = None,
    language: str | None = None,
) -> Edit:
    """An edit with its id, which follows from its content."""
    named = tuple(sorted(set(mentions)))
    content = json.dumps([kind, at_ms, who, why, topic_id, other_id, named, value, language])
    edit_id = f"e{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    return Edit(edit_id, at_ms, who, why, kind, topic_id, other_id, named, value, language)


class Topic(NamedTuple):
    """A topic as the machine has it; an empty name is still to be given."""

    topic_id: str
    kind: str
    state: str
    name_en: str
    name_zh: str


class Outcome(NamedTuple):
    """What became of an edit: whether it stands, and the edit (or the lack) because of which it does not."""

    state: Literal["stands", "undone", "overruled", "waiting"]
    by: str = ""


STANDS = Outcome("stands")

# ---------------------------------------------------------------- what edits come to


@dataclass
class Standing:
    """What a sequence of edits comes to, whatever the mentions are.

    :param topics: the machine's topics, and those that people split off.
    :param given: the machine's rows of topics that people split off; of these only names count.
    """

    topics: dict[str, Topic]
    given: Mapping[str, Topic]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Mention to the topic where people have put it, and the edit that did."""
    tags: dict[str, dict[str, Edit]] = field(default_factory=dict)
    """Mention to topics, each with the edit that tagged it."""
    merged: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    """Topics whose split was undone, to the topic that the mentions had left."""
    muted: set[str] = field(default_factory=set)
    decided: dict[str, str] = field(default_factory=dict)
    """Topic to accept or reject."""
    slots: dict[tuple[str, ...], str] = field(default_factory=dict)
    """What only one edit can say, and the edit that says it."""

    def end(self, topic_id: str) -> str:
        """Where merges and undone splits lead; a topic of which neither is true leads to itself."""
        while topic_id in self.merged or topic_id in self.left:
            topic_id = self.merged.get(topic_id) or self.left[topic_id]
        return topic_id

    def where(self, topic_id: str) -> str:
        """The topic that a mention has in the end, if it is put into this one."""
        end = self.end(topic_id)
        return UNASSIGNED if self.decided.get(end) == "reject" else end

    def of(self, mention_id: str, automatic: str) -> str:
        """The topic of a mention, if the machine gives it `automatic`."""
        placed = self.places.get(mention_id)
        return self.where(placed[0] if placed else automatic)

    def name(self, topic_id: str, language: str) -> str:
        """The name that people gave, else the machine's; empty where there is none yet."""
        topic = self.topics[topic_id]
        return self.names.get((topic_id, language)) or (topic.name_en if language == "en" else topic.name_zh)

    def state(self, topic_id: str) -> str:
        """The state of a topic after all edits."""
        if topic_id in self.merged:
            return "merged"
        if self.decided.get(topic_id) == "reject":
            return "retired"
        if topic_id in self.muted:
            return "muted"
        automatic = self.topics[topic_id].state
        accepted = self.decided.get(topic_id) == "accept" and automatic in ("new", "candidate")
        return "live" if accepted else automatic


def stand(edits: Sequence[Edit], topics: Mapping[str, Topic]) -> Standing:
    """What edits come to. Total: what cannot be done waits, of two that contradict the later one counts."""
    born = {edit.born for edit in edits if edit.kind == "split"}
    standing = Standing({i: t for i, t in topics.items() if i not in born and i != UNASSIGNED}, topics)
    undone = _undone(edits)
    for edit in edits:
        if edit.edit_id in undone:
            standing.outcomes[edit.edit_id] = Outcome("undone", undone[edit.edit_id])
            if edit.kind == "split":
                known = edit.topic_id in standing.topics or edit.topic_id in standing.left
                standing.left[edit.born] = str(edit.topic_id) if known else UNASSIGNED
                standing.slots["left", edit.born] = undone[edit.edit_id]
            continue
        lack = _lack(standing, edit)
        standing.outcomes[edit.edit_id] = Outcome("waiting", lack) if lack else STANDS
        if not lack:
            APPLY[edit.kind](standing, edit)
    return standing


def _undone(edits: Sequence[Edit]) -> dict[str, str]:
    """Edits that do not stand, each with the last undo of it that stands. An undo reaches back, never forward."""
    place = {edit.edit_id: n for n, edit in enumerate(edits)}
    undone: dict[str, str] = {}
    for n, edit in reversed(list(enumerate(edits))):
        target = str(edit.other_id)
        if edit.kind == "undo" and edit.edit_id not in undone and place.get(target, n) < n:
            undone.setdefault(target, edit.edit_id)
    return undone


def _lack(standing: Standing, edit: Edit) -> str:
    """Why an edit cannot be done now; empty where it can. Mentions are not asked for, nor what a split leaves."""
    if edit.kind == "undo":
        return "" if edit.other_id in standing.outcomes else f"no earlier edit {edit.other_id}"
    if edit.kind == "split" or (edit.kind == "move" and edit.other_id == UNASSIGNED):
        return ""
    for topic_id in (edit.topic_id, edit.other_id):
        if topic_id is not None and topic_id not in standing.topics:
            return f"no topic {topic_id}"
    if edit.kind == "merge" and edit.topic_id in way(standing, str(edit.other_id)):
        return f"a loop through {edit.other_id}"
    return ""


def way(standing: Standing, topic_id: str) -> list[str]:
    """A topic and those through which its merges lead."""
    passed = [topic_id]
    while passed[-1] in standing.merged:
        passed.append(standing.merged[passed[-1]])
    return passed


def _take(standing: Standing, edit: Edit, *slot: str) -> None:
    """Say what only one edit can say; the one that said it before is overruled."""
    if before := standing.slots.get(slot):
        standing.outcomes[before] = Outcome("overruled", edit.edit_id)
    standing.slots[slot] = edit.edit_id


def _rename(standing: Standing, edit: Edit) -> None:
    _take(standing, edit, "name", str(edit.topic_id), str(edit.language))
    standing.names[str(edit.topic_id), str(edit.language)] = str(edit.value)


def _merge(standing: Standing, edit: Edit) -> None:
    _take(standing, edit, "merge", str(edit.topic_id))
    standing.merged[str(edit.topic_id)] = str(edit.other_id)


def _place(standing: Standing, edit: Edit) -> None:
    if edit.kind == "split":
        given = standing.given.get(edit.born)
        standing.topics[edit.born] = Topic(edit.born, "found", "live", *(given[-2:] if given else ("", "")))
    to = edit.born if edit.kind == "split" else str(edit.other_id)
    standing.places |= dict.fromkeys(edit.mentions, (to, edit.edit_id))


def _mute(standing: Standing, edit: Edit) -> None:
    _take(standing, edit, "muted", str(edit.topic_id))
    (standing.muted.add if edit.kind == "mute" else standing.muted.discard)(str(edit.topic_id))


def _decide(standing: Standing, edit: Edit) -> None:
    _take(standing, edit, "decided", str(edit.topic_id))
    standing.decided[str(edit.topic_id)] = edit.kind


def _tag(standing: Standing, edit: Edit) -> None:
    end = standing.end(str(edit.topic_id))
    for mention in edit.mentions:
        kept = {t: e for t, e in standing.tags.get(mention, {}).items() if standing.end(t) != end}
        standing.tags[mention] = kept | ({str(edit.topic_id): edit} if edit.kind == "tag" else {})


APPLY: Mapping[str, Callable[[Standing, Edit], None]] = MappingProxyType(
    {
        "rename": _rename,
        "merge": _merge,
        "split": _place,
        "move": _place,
        "mute": _mute,
        "unmute": _mute,
        "tag": _tag,
        "untag": _tag,
        "accept": _decide,
        "reject": _decide,
        "undo": lambda standing, edit: None,
    }
)

# ---------------------------------------------------------------- over the machine's work


@dataclass(frozen=True)
class Replayed:
    """What stands after all edits.

    :param assignments: mention_id, topic_id, similarity, how, version, automatic_id (what the machine said), in the
        order they came. `how` is manual where people have put the mention and none where its topic was rejected; where
        that leaves it without a topic, similarity is 0, else similarity and version are as they came.
    :param topics: topic_id, kind, state, name_en, name_zh (null where still to be given), automatic_state,
        merged_into (null but for merged ones), by topic_id; "unassigned" is not among them.
    :param tags: mention_id, topic_id, who, edit_id: further topics that people gave, by mention and topic.
    :param history: edit_id, at_ms, topic_id, event, other_id of edits that stand or are overruled, in their order.
    :param examples: mention_id, topic_id that people confirmed, by placing, tagging or accepting; for heads to learn.
    :param outcomes: edit_id, outcome, by, waits_for (mentions that are not there), in their order.
    """

    assignments: pd.DataFrame
    topics: pd.DataFrame
    tags: pd.DataFrame
    history: pd.DataFrame
    examples: pd.DataFrame
    outcomes: pd.DataFrame


def replay(edits: Sequence[Edit], assignments: pd.DataFrame, topics: pd.DataFrame) -> Replayed:
    """Apply all edits that stand to what the machine said. Total and deterministic.

    :param assignments: mention_id, topic_id, similarity, how, version: the machine's own, never the result of a replay.
    :param topics: topic_id, kind, state, name_en, name_zh: the machine's own. Of topics that people split off only the
        names are taken, for the rest follows from the edits.
    """
    standing = stand(edits, known(topics))
    named = {m for edit in edits for m in edit.mentions}
    there = set(assignments.loc[assignments["mention_id"].isin(named), "mention_id"]) if named else set()
    placed = _assigned(standing, assignments)
    seen = placed[placed["mention_id"].isin(there)]
    now = dict(zip(seen["mention_id"], seen["topic_id"], strict=True))
    return Replayed(
        placed,
        _topics(standing),
        _tags(standing, there),
        history(edits, standing),
        _examples(edits, standing, now),
        _outcomes(edits, standing, there),
    )


def known(topics: pd.DataFrame) -> dict[str, Topic]:
    """Rows of topics by id."""
    columns = [topics[name].fillna("") for name in Topic._fields]
    return {topic[0]: Topic(*topic) for topic in zip(*columns, strict=True)}


def _assigned(standing: Standing, assignments: pd.DataFrame) -> pd.DataFrame:
    """Each mention with its topic: first by what the machine said of it, then by what people said of it."""
    codes, said = pd.factorize(assignments["topic_id"])
    ends = pd.array([standing.where(topic) for topic in said], dtype="str")
    topic = pd.Series(ends.take(codes), index=assignments.index, dtype="str")
    by_hand = assignments["mention_id"].isin(standing.places).astype(bool)
    mentions = assignments.loc[by_hand, "mention_id"]
    topic[by_hand] = [standing.where(standing.places[m][0]) for m in mentions]
    gone = (topic == UNASSIGNED) & (assignments["topic_id"] != UNASSIGNED).astype(bool)
    how = assignments["how"].astype("str").mask(gone, "none").mask(by_hand, "manual")
    return pd.DataFrame(
        {
            "mention_id": assignments["mention_id"],
            "topic_id": topic,
            "similarity": assignments["similarity"].mask(gone, 0.0),
            "how": how,
            "version": assignments["version"],
            "automatic_id": assignments["topic_id"],
        }
    )


def _topics(standing: Standing) -> pd.DataFrame:
    rows = [
        (
            topic.topic_id,
            topic.kind,
            standing.state(topic.topic_id),
            standing.name(topic.topic_id, "en") or None,
            standing.name(topic.topic_id, "zh") or None,
            topic.state,
            standing.where(topic.topic_id) if topic.topic_id in standing.merged else None,
        )
        for _, topic in sorted(standing.topics.items())
    ]
    return _frame(rows, (*Topic._fields, "automatic_state", "merged_into"))


def _tags(standing: Standing, there: Collection[str]) -> pd.DataFrame:
    rows = {
        (mention, standing.where(topic)): (mention, standing.where(topic), edit.who, edit.edit_id)
        for mention, tags in standing.tags.items()
        if mention in there
        for topic, edit in tags.items()
        if standing.where(topic) != UNASSIGNED
    }
    return _frame([rows[key] for key in sorted(rows)], ("mention_id", "topic_id", "who", "edit_id"))


EVENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "rename": ("renamed", ""),
        "merge": ("merged into", "took in"),
        "split": ("split off", ""),
        "move": ("", "moved in"),
        "mute": ("muted", ""),
        "unmute": ("unmuted", ""),
        "accept": ("accepted", ""),
        "reject": ("rejected", ""),
    }
)
"""What a kind of edit means to the topic it is about, and to the other."""


def history(edits: Sequence[Edit], standing: Standing) -> pd.DataFrame:
    """Edits that stand or are overruled, told of each topic that they touch."""
    rows = []
    for edit in edits:
        if standing.outcomes[edit.edit_id].state not in ("stands", "overruled"):
            continue
        one, two = EVENTS.get(edit.kind, ("", ""))
        other = edit.born if edit.kind == "split" else edit.other_id
        if one:
            rows.append((edit.edit_id, edit.at_ms, edit.topic_id, one, other))
        if edit.kind == "split":
            rows.append((edit.edit_id, edit.at_ms, edit.born, "split from", edit.topic_id))
        if two and other != UNASSIGNED:
            rows.append((edit.edit_id, edit.at_ms, other, two, edit.topic_id))
    return _frame(rows, ("edit_id", "at_ms", "topic_id", "event", "other_id"))


def _examples(edits: Sequence[Edit], standing: Standing, now: Mapping[str, str]) -> pd.DataFrame:
    """Mentions whose topic a person confirmed; `now` is the topic of each mention that an edit names and that is."""
    pairs = {(m, standing.where(topic)) for m, (topic, _) in standing.places.items() if m in now}
    pairs |= {(m, standing.where(t)) for m, tags in standing.tags.items() if m in now for t in tags}
    for edit in edits:
        if edit.kind == "accept" and standing.outcomes[edit.edit_id].state == "stands":
            pairs |= {(m, now[m]) for m in edit.mentions if now.get(m) == standing.where(str(edit.topic_id))}
    return _frame(sorted(pair for pair in pairs if pair[1] != UNASSIGNED), ("mention_id", "topic_id"))


def _outcomes(edits: Sequence[Edit], standing: Standing, there: Collection[str]) -> pd.DataFrame:
    rows = [
        (edit.edit_id, *standing.outcomes[edit.edit_id], sum(m not in there for m in edit.mentions)) for edit in edits
    ]
    return _frame(rows, ("edit_id", "outcome", "by", "waits_for"))


WHOLE = ("at_ms", "waits_for")


def _frame(rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a table whose types do not depend on whether there are any."""
    types = {name: "int64" if name in WHOLE else "str" for name in columns}
    return pd.DataFrame(rows, columns=list(columns)).astype(types)
