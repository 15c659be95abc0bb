"""Who is who from run to run: what a run keeps of the one before, and what happened to topics since.

A text keeps the topic it had. A topic of the taxonomy is live from the start, spoken of or not. A topic that was found
in the texts is new; once later mentions have joined it, it is a candidate that a person may accept; where nobody has
spoken of it for long it is retired, and back in its state when somebody does. All of this follows from the assignments,
so a run that changes none of them changes nothing here. What people decide stands above it (edits.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from insight import edits, placing, taxonomy
from insight.edits import Edit, Replayed
from insight.placing import Placed, Texts
from insight.schema import UNASSIGNED

SILENT_MS = 90 * 86_400_000
"""A found topic that nobody has spoken of for so long, by the newest moment in the data, is retired."""

SAME = ["mention_id", "topic_id", "how", "automatic_id"]
"""Where these are as they were, an assignment keeps its version."""

MANUAL, CONTEXT = "manual", "context"

# ---------------------------------------------------------------- what a run takes over


def this_version(earlier: pd.DataFrame) -> int:
    """The version of a run after this one: one more than any assignment has."""
    return int(earlier["version"].max()) + 1 if len(earlier) else 1


def kept(said: pd.DataFrame, earlier: pd.DataFrame) -> dict[str, str]:
    """The topic that the machine gave each text in the last run by its words, by the text's hash; or UNASSIGNED.

    :param said: mention_id and text_hash of all mentions.
    :param earlier: MENTION_TOPICS of the last run.
    """
    by_words = earlier["automatic_how"].isin([placing.SEED, placing.FOUND])
    had = earlier[["mention_id"]].assign(topic=earlier["automatic_id"].where(by_words))
    both = said[["mention_id", "text_hash"]].merge(had, on="mention_id").sort_values(["text_hash", "topic"])
    first = both.drop_duplicates("text_hash")
    return dict(zip(first["text_hash"], first["topic"].fillna(UNASSIGNED), strict=True))


def confirmed(told: Sequence[Edit], earlier: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Mentions whose topic a person confirmed: mention_id, topic_id.

    :param earlier: MENTION_TOPICS of the last run.
    :param before: TOPICS of the last run.
    """
    machine = earlier.assign(topic_id=earlier["automatic_id"])
    topics = before.assign(state=before["automatic_state"])
    return edits.replay(told, machine, topics[topics["topic_id"] != UNASSIGNED]).examples


# ---------------------------------------------------------------- what the machine says


def assigned(said: pd.DataFrame, texts: Texts, placed: Placed, earlier: pd.DataFrame) -> pd.DataFrame:
    """What the machine says of each mention: mention_id, topic_id, how, similarity, version and said_ms."""
    of = texts.speakers[0]
    own = pd.Series([placed.topics[text] for text in of], dtype="str")
    rows = said[["mention_id", "said_ms"]].reset_index(drop=True)
    rows["topic_id"] = _in_company(own, said["conversation_id"].reset_index(drop=True))
    how = pd.Series([placed.how[text] for text in of], dtype="str")
    had = earlier.loc[earlier["how"] != MANUAL, ["mention_id", "automatic_id", "version"]]
    before = rows[["mention_id", "topic_id"]].merge(
        had.rename(columns={"automatic_id": "topic_id"}), on=["mention_id", "topic_id"], how="left"
    )
    return rows.assign(
        how=how.mask(rows["topic_id"] != own, CONTEXT),
        similarity=0.0,
        version=before["version"].fillna(this_version(earlier)).astype("int64"),
    )


def _in_company(topics: pd.Series[str], conversations: pd.Series[str]) -> pd.Series[str]:
    """A mention that tells no topic is about the one that its conversation speaks of, where there is only one.

    "So nothing happens again?" is about the parcel that the customer had asked for before.
    """
    told = topics.where(topics != UNASSIGNED)
    by = told.groupby(conversations)
    only = by.transform("first").where(by.transform("nunique") == 1)
    return told.fillna(only).fillna(UNASSIGNED).astype("str")


def automatic(rows: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The topics as the machine has them: topic_id, kind, state, name_en, name_zh; a found one is never forgotten.

    :param rows: as `assigned` gives them.
    :param before: TOPICS of the last run.
    """
    leaves = {leaf.topic_id: leaf for leaf in taxonomy.leaves()}
    now = int(rows["said_ms"].max()) if len(rows) else 0
    spoken = rows[~rows["topic_id"].isin([UNASSIGNED, *leaves])].groupby("topic_id")
    alive = spoken.agg(born=("version", "min"), grown=("version", "max"), last=("said_ms", "max"))
    state = dict.fromkeys(before.loc[before["kind"] == "found", "topic_id"], "retired")
    ages = alive.astype("int64").to_numpy()
    state |= {
        topic: _state(born, grown, now - last) for topic, (born, grown, last) in zip(alive.index, ages, strict=True)
    }
    found = [(topic, "found", state, "", "") for topic, state in state.items()]
    seeds = [(one.topic_id, "seed", "live", one.name, one.name_zh) for one in leaves.values()]
    return pd.DataFrame(sorted(found + seeds), columns=list(edits.Topic._fields)).astype("str")


def _state(born: int, grown: int, silent: int) -> str:
    if silent > SILENT_MS:
        return "retired"
    return "candidate" if grown > born else "new"


# ---------------------------------------------------------------- what stands after people's edits


def settled(decided: Replayed, machine: pd.DataFrame, texts: Texts, earlier: pd.DataFrame) -> pd.DataFrame:
    """The rows of MENTION_TOPICS: similarity to the topic that a mention has now, and since which run it has it.

    :param machine: as `assigned` gives them.
    """
    now = decided.assignments
    had = earlier[[*SAME, "version"]]
    version = now[SAME].merge(had, on=SAME, how="left")["version"]
    own = now["topic_id"].mask(now["how"] == CONTEXT, UNASSIGNED)
    return now.assign(
        automatic_how=machine["how"].to_numpy(),
        similarity=placing.similarity(texts, own),
        version=version.fillna(this_version(earlier)).astype("int64"),
    )


def history(
    topics: pd.DataFrame, before: pd.DataFrame, decided: Replayed, earlier: pd.DataFrame, version: int
) -> pd.DataFrame:
    """The rows of TOPIC_HISTORY: what earlier runs did, what this one did, and what people decided.

    :param topics: TOPICS of this run.
    :param before: TOPICS of the last run.
    :param earlier: TOPIC_HISTORY of the last run.
    """
    both = topics[topics["topic_id"] != UNASSIGNED].merge(
        before[["topic_id", "automatic_state"]], on="topic_id", how="left", suffixes=("", "_before")
    )
    was, now = both["automatic_state_before"].fillna(""), both["automatic_state"]
    event = pd.Series("", index=both.index, dtype="str")
    event[was == ""] = "born"
    event[(was != "") & (was != "retired") & (now == "retired")] = "retired"
    event[(was == "retired") & (now != "retired")] = "reactivated"
    machine = both.assign(event=event, version=version, edit_id="")[event != ""]
    people = decided.history.assign(version=0).rename(columns={"at_ms": "decided_ms"})
    columns = ["topic_id", "event", "version", "edit_id", "other_id", "decided_ms"]
    told = [part.reindex(columns=columns) for part in (earlier[earlier["edit_id"] == ""], machine, people)]
    return pd.concat(told).drop_duplicates(columns[:4]).sort_values(columns[:4])
