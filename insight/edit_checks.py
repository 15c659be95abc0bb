"""May a new edit of topics be made, and what should the person know before it is?

What a new edit meets, and what comes of it:

=====================================================  ================================================================
an id of a topic, mention or edit that does not exist  refused; names the nearest by id and by name
the same edit twice                                    refused
a topic merged into itself                             refused
a merge that closes a loop, also through others        refused; shows the way round
any edit on a topic that was merged away               refused; names where it went and the edit that took it there
any edit but accept on a rejected topic                refused; names the edit that rejected it
any edit on a topic whose split was undone             refused; names the undo
any edit on "unassigned" but split from or move to it  refused: what fits no topic is no topic
a name that is empty, too long or another topic's own  refused
a second name in one language                          the later one counts, and says which it replaces
the name that it has, mute of a muted topic, a tag     refused: nothing would change
that is there, untag of one that is not, move to where
people have put it
unmute after mute, accept after reject, and back       the later one counts, and says which it replaces
accept of what is no candidate, reject of a seed topic refused
or of one that people split off
split of a mention that is in another topic            refused; names where it is
move of a mention that another edit has placed         the later one counts, and says which it replaces
undo of an edit on which later ones build              they wait, keep their place, and stand again with it
undo of an undo, where a later edit says otherwise     refused; names that edit
=====================================================  ================================================================
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from insight.edits import LANGUAGES, NEEDS, Edit, EditError, Outcome, Standing, Topic, stand, way
from insight.schema import UNASSIGNED

LONGEST = 80
"""Characters of a name."""


def check(
    edit: Edit, topics: Mapping[str, Topic], edits: Sequence[Edit], automatic: Mapping[str, str]
) -> tuple[str, ...]:
    """What a person should know before a new edit is taken: which standing ones it replaces or puts off.

    :param topics: the machine's topics.
    :param edits: all that the ledger holds.
    :param automatic: the machine's topic of each mention that the edit names; one that is not told does not exist.
    :raises EditError: see the table at the head of this module.
    """
    if edit.kind not in NEEDS:
        raise EditError("there is no such kind of edit", came=edit.kind, wanted=", ".join(NEEDS))
    if lost := [name for name in NEEDS[edit.kind] if not getattr(edit, name)]:
        raise EditError(f"this {edit.kind} is not complete", came=f"no {', '.join(lost)}", fix="tell it")
    if edit.edit_id in {before.edit_id for before in edits}:
        raise EditError("this edit was made already", came=edit.edit_id, fix="see `insight topics edits`")
    standing = stand(edits, topics)
    if lost := [m for m in edit.mentions if m not in automatic]:
        raise EditError(
            "there is no such mention",
            where=edit.kind,
            came=_some(lost),
            wanted="ids of mentions that the last run has",
            fix="see `insight topics show TOPIC` for those of a topic",
        )
    return CHECKS[edit.kind](edit, standing, edits, automatic)


def _some(ids: Sequence[str]) -> str:
    """A few ids, and how many more."""
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")


def _usable(
    standing: Standing, topic_id: str | None, where: str, *, unassigned: bool = False, rejected: bool = False
) -> str:
    """The id of a topic that can be edited.

    :param unassigned: what fits no topic will do too.
    :param rejected: a rejected topic will do too.
    """
    wanted = str(topic_id)
    if wanted == UNASSIGNED:
        if unassigned:
            return wanted
        raise EditError("what fits no topic is no topic", where=where, came=wanted, fix="split or move its mentions")
    if wanted in standing.left:
        raise EditError(
            "this topic went when its split was undone",
            where=where,
            came=wanted,
            fix=f"undo {standing.slots['left', wanted]}, or edit {standing.end(wanted)}",
        )
    if wanted not in standing.topics:
        raise unknown(standing, wanted, where)
    if wanted in standing.merged:
        last = way(standing, wanted)[-1]
        raise EditError(
            f"this topic was merged into {last} ({standing.name(last, 'en')})",
            where=where,
            came=wanted,
            fix=f"edit {last}, or undo {standing.slots['merge', wanted]}",
        )
    if standing.decided.get(wanted) == "reject" and not rejected:
        by = standing.slots["decided", wanted]
        raise EditError("this topic was rejected", where=where, came=wanted, fix=f"accept it, or undo {by}")
    return wanted


def unknown(standing: Standing, wanted: str, where: str) -> EditError:
    """An error that names the topics nearest by id and by name."""
    named = [(standing.name(t, language), t) for t in standing.topics for language in LANGUAGES]
    names = {name.casefold(): t for name, t in named if name}
    near = difflib.get_close_matches(wanted, standing.topics, n=2, cutoff=0.5)
    near += [names[name] for name in difflib.get_close_matches(wanted.casefold(), names, n=2, cutoff=0.5)]
    told = [f"{t} ({standing.name(t, 'en')})" for t in dict.fromkeys(near)]
    return EditError(
        "there is no such topic",
        where=where,
        came=wanted,
        wanted=f"did you mean {' or '.join(told)}" if told else "the id of a topic",
        fix="see `insight topics list` for ids",
    )


def _nothing(what: str, where: str, fix: str = "") -> EditError:
    return EditError(f"nothing would change: {what}", where=where, fix=fix)


def _replaces(standing: Standing, *slot: str) -> tuple[str, ...]:
    """A note on the edit that says something else so far."""
    return (f"replaces {standing.slots[slot]}",) if slot in standing.slots else ()


Check = Callable[[Edit, Standing, Sequence[Edit], Mapping[str, str]], tuple[str, ...]]


def _check_rename(edit: Edit, standing: Standing, _: Sequence[Edit], __: Mapping[str, str]) -> tuple[str, ...]:
    topic, name, language = _usable(standing, edit.topic_id, "rename"), str(edit.value), str(edit.language)
    if language not in LANGUAGES:
        raise EditError("topics have no name in this language", came=language, wanted=" or ".join(LANGUAGES))
    if name != " ".join(name.split()) or not name.isprintable() or len(name) > LONGEST:
        wanted = f"one line of at most {LONGEST} characters, without spaces at its ends or two in a row"
        raise EditError("this is no name", where="rename", came=repr(name[:LONGEST]), wanted=wanted)
    if name == standing.name(topic, language):
        raise _nothing(f"{topic} has that name", "rename")
    shown = [t for t in standing.topics if t != topic and standing.state(t) not in ("merged", "retired")]
    if same := [t for t in shown if standing.name(t, language).casefold() == name.casefold()]:
        raise EditError(
            "another topic has that name",
            where="rename",
            came=f"{name} is {same[0]}",
            fix="choose another name, or merge the two",
        )
    return _replaces(standing, "name", topic, language)


def _check_merge(edit: Edit, standing: Standing, _: Sequence[Edit], __: Mapping[str, str]) -> tuple[str, ...]:
    topic, other = str(edit.topic_id), str(edit.other_id)
    if topic == other:
        raise EditError("a topic cannot be merged into itself", where="merge", came=topic, fix="name another topic")
    if topic in way(standing, other):
        loop = way(standing, other)
        loop = [topic, *loop[: loop.index(topic) + 1]]
        raise EditError(
            "this merge closes a loop",
            where="merge",
            came=" → ".join(loop),
            fix=f"undo {standing.slots['merge', other]} first",
        )
    _usable(standing, topic, "merge")
    _usable(standing, other, "merge")
    return ()


def _check_split(edit: Edit, standing: Standing, _: Sequence[Edit], automatic: Mapping[str, str]) -> tuple[str, ...]:
    topic = _usable(standing, edit.topic_id, "split", unassigned=True)
    now = {m: standing.of(m, automatic[m]) for m in edit.mentions}
    if elsewhere := [m for m in edit.mentions if now[m] != topic]:
        raise EditError(
            "these mentions are in other topics",
            where=f"split {topic}",
            came=_some([f"{m} in {now[m]}" for m in elsewhere]),
            fix="leave them out, or move them here first",
        )
    return ()


def _check_move(edit: Edit, standing: Standing, _: Sequence[Edit], __: Mapping[str, str]) -> tuple[str, ...]:
    to = _usable(standing, edit.other_id, "move", unassigned=True)
    places = [standing.places[m] for m in edit.mentions if m in standing.places]
    if len(places) == len(edit.mentions) and all(standing.where(topic) == to for topic, _ in places):
        raise _nothing(f"people have put them into {to} already", "move")
    replaced = dict.fromkeys(by for topic, by in places if standing.where(topic) != to)
    return tuple(f"replaces what {by} says of them" for by in replaced)


def _check_mute(edit: Edit, standing: Standing, _: Sequence[Edit], __: Mapping[str, str]) -> tuple[str, ...]:
    topic = _usable(standing, edit.topic_id, edit.kind)
    if (topic in standing.muted) == (edit.kind == "mute"):
        raise _nothing(f"{topic} is {'' if edit.kind == 'mute' else 'not '}muted", edit.kind)
    return _replaces(standing, "muted", topic)


def _check_tag(edit: Edit, standing: Standing, _: Sequence[Edit], __: Mapping[str, str]) -> tuple[str, ...]:
    topic = _usable(standing, edit.topic_id, edit.kind)
    has = {m: any(standing.end(t) == topic for t in standing.tags.get(m, ())) for m in edit.mentions}
    if edit.kind == "tag" and all(has.values()):
        raise _nothing("they are tagged so already", "tag")
    if edit.kind == "untag" and not any(has.values()):
        raise _nothing("nobody tagged them so", "untag", "the machine's own topic is changed with `move`")
    return ()


def _check_decision(edit: Edit, standing: Standing, edits: Sequence[Edit], __: Mapping[str, str]) -> tuple[str, ...]:
    topic = _usable(standing, edit.topic_id, edit.kind, rejected=True)
    decided = standing.decided.get(topic)
    if decided == edit.kind:
        raise _nothing(f"{standing.slots['decided', topic]} did it", edit.kind)
    if edit.kind == "accept" and decided is None and standing.topics[topic].state not in ("new", "candidate"):
        state = standing.topics[topic].state
        raise EditError(
            "this is no candidate", where="accept", came=f"{topic} is {state}", fix="see `insight topics candidates`"
        )
    if edit.kind == "reject" and standing.topics[topic].kind == "seed":
        raise EditError("a topic of the taxonomy cannot be rejected", where="reject", came=topic, fix="mute it")
    if split := [e.edit_id for e in edits if e.kind == "split" and e.born == topic]:
        raise EditError("people split this topic off", where=edit.kind, came=topic, fix=f"undo {split[0]}")
    return _replaces(standing, "decided", topic)


NOW = MappingProxyType(
    {"stands": "stands again", "waiting": "waits", "overruled": "counts no more", "undone": "is undone again"}
)
"""What an undo does to another edit, in words."""


def _check_undo(edit: Edit, standing: Standing, edits: Sequence[Edit], __: Mapping[str, str]) -> tuple[str, ...]:
    target = str(edit.other_id)
    if target not in standing.outcomes:
        near = difflib.get_close_matches(target, standing.outcomes, n=1, cutoff=0.4)
        wanted = f"did you mean {near[0]}" if near else "the id of an edit"
        raise EditError(
            "there is no such edit", where="undo", came=target, wanted=wanted, fix="see `insight topics edits`"
        )
    was = standing.outcomes[target]
    if was.state == "undone":
        raise _nothing(f"{was.by} has undone it", "undo", f"undo {was.by} to let {target} stand again")
    after = stand([*edits, edit], standing.topics)
    changed = {
        e.edit_id: now
        for e in edits
        if (now := after.outcomes[e.edit_id]).state != standing.outcomes[e.edit_id].state and e.edit_id != target
    }
    if back := _restored(target, edits):
        _refuse_contradiction(back, after, changed)
    kinds = {e.edit_id: e.kind for e in edits}
    notes = [f"{e} ({kinds[e]}) {NOW[now.state]}" for e, now in changed.items()]
    return (*notes, f"changes nothing, for {was.by} counts") if was.state == "overruled" else tuple(notes)


def _refuse_contradiction(back: str, after: Standing, changed: Mapping[str, Outcome]) -> None:
    """Refuse an edit that would come back against a later one: overruled by it, or in its way."""
    was = after.outcomes[back]
    against = was.by if was.state in ("waiting", "overruled") else ""
    against = against or next((e for e, now in changed.items() if now.state == "waiting"), "")
    if against:
        raise EditError(
            f"{back} would come back against what was decided later",
            where="undo",
            came=against,
            fix="undo that first, or make the edit anew",
        )


def _restored(target: str, edits: Sequence[Edit]) -> str:
    """The edit that stands again when an undo is undone; empty where the target is no undo."""
    by_id = {edit.edit_id: edit for edit in edits}
    undos = 0
    while target in by_id and by_id[target].kind == "undo":
        target, undos = str(by_id[target].other_id), undos + 1
    return target if undos % 2 and target in by_id else ""


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "rename": _check_rename,
        "merge": _check_merge,
        "split": _check_split,
        "move": _check_move,
        "mute": _check_mute,
        "unmute": _check_mute,
        "tag": _check_tag,
        "untag": _check_tag,
        "accept": _check_decision,
        "reject": _check_decision,
        "undo": _check_undo,
    }
)
