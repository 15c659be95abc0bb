"""Do topics keep their ids while a file grows? And what does that cost, beside finding all topics anew?

The rows of a file come in steps, as they would at a shop. Each step goes the way of the topics job: the taxonomy first,
then what earlier steps found, then clusters of the rest, and the next step takes over what it left. The encoder learns
from the texts when a run would let it. No label is seen by any of this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from insight import adapt, edits, language, placing, taxonomy, topic_ids
from insight.encoders import Encoder, Vectors, embed, encoder
from insight.errors import SettingsError
from insight.evaluate.adapted import adapted, distinct
from insight.evaluate.base import columns
from insight.evaluate.peers import TfidfSvd
from insight.evaluate.topics import Agreement, agreement
from insight.pieces import text_hash
from insight.schema import UNASSIGNED
from insight.settings import Settings

Say = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True)
class Step:
    """One run over a share of the rows.

    `kept` is the share of mentions with a topic in the step before whose topic has the same id now, and `joined` the
    share of mentions without one that have one now; None where there are none. `born` counts topics that were found in
    this run, `topics` those that somebody speaks of. `quality` is None where no gold is told.
    """

    share: float
    mentions: int
    encoder: str
    topics: int
    born: int
    unassigned: float
    kept: float | None
    joined: float | None
    quality: Agreement | None


@dataclass(frozen=True)
class Stability:
    """What growing did to topics.

    `steps` follow one another; `again` is the last one with nothing new, and `identical` whether it left every row as
    it was; `other` is the last one with an encoder that earlier ones did not know, `refit` all rows of the last one
    without a memory. `renumbered` is the share of the first mentions whose topic would keep its place if topics were
    numbered by their size in each run, as tools without a memory do.
    """

    steps: tuple[Step, ...]
    again: Step
    identical: bool
    other: Step
    refit: Step
    renumbered: float | None

    @property
    def kept(self) -> float | None:
        """The least share that kept its id in any step, in a run with nothing new, and with another encoder."""
        told = [one.kept for one in (*self.steps, self.again, self.other) if one.kept is not None]
        return min(told) if told else None

    @property
    def accuracy_loss(self) -> float | None:
        """By how much a refit agrees better with the gold; below 0 where it agrees worse."""
        last, refit = self.steps[-1].quality, self.refit.quality
        return refit.accuracy - last.accuracy if last and refit else None

    @property
    def nmi_loss(self) -> float | None:
        """As `accuracy_loss`."""
        last, refit = self.steps[-1].quality, self.refit.quality
        return refit.nmi - last.nmi if last and refit else None


def shares(told: str) -> tuple[float, ...]:
    """The steps in which a file grows, spelled as 0.8:1.0.

    :raises SettingsError: they are no rising shares above 0 and up to 1, or fewer than two.
    """
    try:
        found = tuple(float(one) for one in told.split(":"))
    except ValueError:
        found = ()
    rising = all(one < other for one, other in pairwise(found))
    if len(found) < 2 or not rising or not (found[0] > 0 and found[-1] <= 1):
        raise SettingsError(
            "a file cannot grow in these steps",
            where="--grow",
            came=told,
            wanted="rising shares up to 1, as 0.8:1.0 or 0.6:0.8:1.0",
        )
    return found


def stability_file(
    path: Path,
    *,
    text: str,
    grow: Sequence[float],
    settings: Settings,
    gold: str | None = None,
    when: str | None = None,
    where: Sequence[str] = (),
    seeds: bool = False,
    say: Say = lambda what, done, total: None,
) -> Stability:
    """Let the topics of a Parquet, CSV or TSV file grow.

    :param text: the column of texts, each a mention of a customer of its own.
    :param gold: the column that says which texts belong together.
    :param when: the column by which rows come one after the other: numbers, or texts as 2026-01-31; where none is told,
        they come by chance, the same at each call and for any order in the file.
    :param where: conditions that a row must hold, each spelled COLUMN=VALUE.
    :param seeds: the taxonomy's topics are known from the start; without them all topics are found in the texts, which
        is fair to a file of a trade that the taxonomy is not about.
    :raises SourceError: the file cannot be read, has no such column, or holds no row with all of them.
    """
    names = [text, *([gold] if gold else []), *([when] if when else [])]
    told = dict(zip(names, columns(path, names, where), strict=True))
    return stability(
        told[text],
        told[gold] if gold else None,
        grow=grow,
        settings=settings,
        moments=told[when] if when else None,
        seeds=seeds,
        say=say,
    )


def stability(
    texts: Sequence[str],
    gold: Sequence[str] | None,
    *,
    grow: Sequence[float],
    settings: Settings,
    moments: Sequence[str] | None = None,
    seeds: bool = False,
    say: Say = lambda what, done, total: None,
) -> Stability:
    """Let topics grow with the texts; see `stability_file`."""
    world = _World(_mentions(texts, gold, moments), settings, seeds, say)
    steps: list[Step] = []
    schools: list[School] = []
    states = [NOTHING]
    for share in grow:
        schools.append(world.school(share, schools[-1] if schools else None))
        state, step = world.step(share, states[-1], schools[-1])
        states.append(state)
        steps.append(step)
    school, last, fresh = schools[-1], states[-1], world.school(grow[-1], None)
    other = fresh if fresh.name != school.name else School(TfidfSvd(list(world.texts.values())))
    still, again = world.step(grow[-1], last, school)
    anew, refit = world.step(grow[-1], NOTHING, fresh)
    return Stability(
        steps=tuple(steps),
        again=again,
        identical=still.placed.equals(last.placed) and still.topics.equals(last.topics),
        other=world.step(grow[-1], states[-2], other)[1],
        refit=refit,
        renumbered=_same(_by_size(states[1].placed), _by_size(anew.placed)),
    )


@dataclass(frozen=True)
class School:
    """An encoder, and the row of `encoder_lessons` that says what it was taught, where it was."""

    encoder: Encoder
    lessons: tuple[Mapping[str, str | int], ...] = ()

    @property
    def name(self) -> str:
        """Of the encoder."""
        return self.encoder.name


@dataclass(frozen=True)
class State:
    """What a run leaves to the next: MENTION_TOPICS, and TOPICS as far as they are read again."""

    placed: pd.DataFrame
    topics: pd.DataFrame


NOTHING = State(
    pd.DataFrame(columns=["mention_id", "topic_id", "how", "similarity", "version", "automatic_id", "automatic_how"]),
    pd.DataFrame(columns=[*edits.Topic._fields, "automatic_state", "merged_into"]),
)


class _World:
    """The mentions of a file in the order in which they come, and the vectors that encoders have made of them."""

    def __init__(self, said: pd.DataFrame, settings: Settings, seeds: bool, say: Say) -> None:
        self._said, self._settings, self._say = said, settings, say
        self.texts = distinct(said["text"])
        self._phrases = distinct(phrase.text for phrase in taxonomy.phrases() if seeds)
        self._vectors: dict[str, tuple[list[str], Vectors]] = {}

    def until(self, share: float) -> pd.DataFrame:
        """The mentions that have come, at least one, in the order of their ids."""
        count = max(round(share * len(self._said)), 1)
        return self._said.iloc[:count].sort_values("mention_id", ignore_index=True)

    def school(self, share: float, before: School | None) -> School:
        """The encoder with which a run works: the one before, until there are many more texts to learn from."""
        part, texts = self._settings.encoder, distinct(self.until(share)["text"])
        if not adapt.wanted(part, len(texts)):
            return School(encoder(part))
        if before and not adapt.outgrown(before.lessons, len(texts)):
            return before
        taught, lesson = adapted(
            list(texts.values()),
            sample=part.sample,
            min_customers=self._settings.privacy.min_customers,
            tell=lambda done, total: self._say("the encoder learns", done, total),
        )
        return School(taught, (lesson,))

    def step(self, share: float, before: State, school: School) -> tuple[State, Step]:
        """One run, as jobs/topics.py goes, without names and without edits."""
        said = self.until(share)
        keys, rows = self._embedded(school.encoder)
        self._say(f"topics of {share:.0%}", 0, 0)
        texts = placing.texts(said, keys, rows, by_language=self._settings.topics.by_language)
        learned = placing.lessons(said, keys, rows, topic_ids.confirmed((), before.placed, before.topics))
        topics = self._settings.topics
        if not self._phrases:  # all topics are found, so as many as are ever allowed
            topics = topics.model_copy(update={"new": topics.most})
        found = placing.place(texts, topic_ids.kept(said, before.placed), learned, topics)
        machine = topic_ids.assigned(said, texts, found, before.placed)
        decided = edits.replay((), machine, topic_ids.automatic(machine, before.topics))
        placed = topic_ids.settled(decided, machine, texts, before.placed).reset_index(drop=True)
        state = State(placed, decided.topics)
        return state, _measured(share, school.name, said, before, state)

    def _embedded(self, encode: Encoder) -> tuple[list[str], Vectors]:
        if encode.name not in self._vectors:
            everything = {**self._phrases, **self.texts}
            self._vectors[encode.name] = embed(
                encode, everything, lambda done, total: self._say("vectors", done, total)
            )
        return self._vectors[encode.name]


def _measured(share: float, who: str, said: pd.DataFrame, before: State, now: State) -> Step:
    codes, spoken = _numbers(now.placed["topic_id"])
    old = before.placed[["mention_id", "topic_id"]].merge(now.placed, on="mention_id", suffixes=("", "_now"))
    had = old["topic_id"] != UNASSIGNED
    found = now.topics.loc[now.topics["kind"] == "found", "topic_id"]
    return Step(
        share=share,
        mentions=len(said),
        encoder=who,
        topics=spoken,
        born=int((~found.isin(before.topics["topic_id"])).sum()),
        unassigned=float((codes < 0).mean()),
        kept=_share(old.loc[had, "topic_id"] == old.loc[had, "topic_id_now"]),
        joined=_share(old.loc[~had, "topic_id_now"] != UNASSIGNED),
        quality=agreement(said["gold"].tolist(), codes) if "gold" in said else None,
    )


def _mentions(texts: Sequence[str], gold: Sequence[str] | None, moments: Sequence[str] | None) -> pd.DataFrame:
    """Each text as a mention of its own customer, in the order in which they come."""
    told = pd.DataFrame({"text": list(texts)}, dtype="str")
    if gold is not None:
        told["gold"] = list(gold)
    told["when"] = _moments(moments, len(told))
    told["text_hash"] = [text_hash(text) for text in texts]
    told = told.sort_values([c for c in ("text_hash", "when", "gold", "text") if c in told], ignore_index=True)
    copy = told.groupby("text_hash").cumcount().astype("str")
    told["mention_id"] = told["text_hash"] + "-" + copy
    told["chance"] = [blake2b(one.encode(), digest_size=8).hexdigest() for one in told["mention_id"]]
    told = told.sort_values(["when", "chance"], ignore_index=True)
    return told.assign(
        customer_key=told["mention_id"],
        origin_id=told["mention_id"],
        conversation_id=pd.Series(None, index=told.index, dtype="str"),
        language=language.settle(told["text"].tolist(), ["one file"] * len(told)),
        said_ms=np.arange(len(told)),
    )


def _moments(moments: Sequence[str] | None, count: int) -> pd.Series[float] | pd.Series[str]:
    """By what rows come one after the other: numbers where all of them are, else texts; all the same where none are."""
    told = pd.Series(list(moments) if moments is not None else ["0"] * count, dtype="str")
    numbers = pd.to_numeric(told, errors="coerce")
    return told if numbers.isna().any() else numbers


def _numbers(topics: pd.Series[str]) -> tuple[npt.NDArray[np.int64], int]:
    """Topics as numbers, below 0 where there is none; and how many there are."""
    codes, names = pd.factorize(topics.where(topics != UNASSIGNED), sort=True)
    return codes.astype(np.int64), len(names)


def _by_size(placed: pd.DataFrame) -> pd.DataFrame:
    """Assignments whose topics are numbered by size, largest first, of equals the first by id."""
    has = placed.loc[placed["topic_id"] != UNASSIGNED, ["mention_id", "topic_id"]]
    sizes = (
        has.groupby("topic_id")
        .size()
        .reset_index(name="size")
        .sort_values(["size", "topic_id"], ascending=[False, True])
    )
    place = {topic: number for number, topic in enumerate(sizes["topic_id"])}
    return has.assign(topic_id=has["topic_id"].map(place))


def _same(before: pd.DataFrame, now: pd.DataFrame) -> float | None:
    """The share of mentions with a topic before that have the same one now."""
    both = before.merge(now, on="mention_id", how="left", suffixes=("", "_now"))
    return _share(both["topic_id"] == both["topic_id_now"])


def _share(true: pd.Series[bool]) -> float | None:
    return float(true.mean()) if len(true) else None
