"""Do the counts close? For each stage: what came in, and where every row of it went, each with a reason."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from insight.schema import UNASSIGNED

IN = "in"


def stage(name: str, rows_in: int, went: Mapping[str, int]) -> pd.DataFrame:
    """The rows of COUNTS for one stage; it closes when what went somewhere adds up to what came in."""
    outcomes = {IN: rows_in, **went}
    return pd.DataFrame(
        {
            "stage": name,
            "outcome": list(outcomes),
            "rows": [int(n) for n in outcomes.values()],
            "closes": rows_in == sum(went.values()),
        }
    )


def rows_read(intake: pd.DataFrame) -> pd.DataFrame:
    """What became of the rows of all files together."""
    went = {"kept": "rows_out", "left out by the mapping": "rows_skipped", "rejected": "rows_rejected"}
    return stage("rows read", int(intake["rows_in"].sum()), {said: int(intake[c].sum()) for said, c in went.items()})


def rows_kept(intake: pd.DataFrame, tables: Mapping[str, int]) -> pd.DataFrame:
    """Did every kept row arrive in the table that its file feeds?"""
    kept = intake.groupby("feeds")["rows_out"].sum()
    parts = [stage(f"kept rows of {feed}", int(kept.get(feed, 0)), {"in the table": n}) for feed, n in tables.items()]
    return pd.concat([p for p in parts if p["rows"].any()] or parts[:1], ignore_index=True)


def rows_merged(intake: pd.DataFrame, tables: Mapping[str, int]) -> pd.DataFrame:
    """Rows of files that are merged by id with what other files tell: their table has at least so many rows."""
    kept = intake.groupby("feeds")["rows_out"].sum()
    told = {feed: int(kept.get(feed, 0)) for feed in tables}
    return pd.concat(
        [
            stage(f"kept rows of {feed}", told[feed], {"in the table, merged by id": min(told[feed], rows)})
            for feed, rows in tables.items()
        ],
        ignore_index=True,
    )


def belonging(name: str, ids: pd.Series, known: pd.Series, *, of: str) -> pd.DataFrame:
    """Where rows belong: to something that came in too, to something that did not, or they name none."""
    found, named = ids.isin(set(known)), ids.notna()
    went = {f"{of} known": found & named, f"{of} unknown": named & ~found, f"no {of} named": ~named}
    return stage(f"{name}, {of}", len(ids), {said: int(rows.sum()) for said, rows in went.items()})


def texts(spoken: Mapping[str, pd.Series], mentions: pd.DataFrame, filtered: pd.DataFrame) -> pd.DataFrame:
    """What became of every text of a customer: it holds a mention, or each of its pieces was left out for a reason.

    :param spoken: by origin (message, review, survey, return), the ids of all texts.
    """
    parts = []
    for origin, ids in spoken.items():
        heard = set(mentions.loc[mentions["origin"] == origin, "origin_id"])
        left = filtered.loc[filtered["origin"] == origin].sort_values(["origin_id", "piece"])
        only_left = left[~left["origin_id"].isin(heard)].drop_duplicates("origin_id")
        reasons = {f"only {reason}": int(n) for reason, n in only_left["reason"].value_counts().sort_index().items()}
        parts.append(stage(f"texts of a {origin}", len(ids), {"with a mention": len(heard), **reasons}))
    return pd.concat(parts, ignore_index=True)


def mentions(rows: int, mention_topics: pd.DataFrame, sentiment: pd.DataFrame) -> pd.DataFrame:
    """What became of every mention: a topic or none yet, and a feeling or unsure."""
    unassigned = int((mention_topics["topic_id"] == UNASSIGNED).sum())
    feelings = sentiment["label"].value_counts().sort_index()
    return pd.concat(
        [
            stage("mentions, topic", rows, {"in a topic": len(mention_topics) - unassigned, UNASSIGNED: unassigned}),
            stage("mentions, sentiment", rows, {str(label): int(n) for label, n in feelings.items()}),
        ],
        ignore_index=True,
    )


def conversations(ids: pd.Series, messages: pd.DataFrame, mentions: pd.DataFrame, facts: int) -> pd.DataFrame:
    """What became of every conversation: heard, nothing to say, or no word of the customer; none vanished."""
    spoke = set(messages.loc[messages["author"] == "customer", "conversation_id"])
    heard = set(mentions["conversation_id"].dropna())
    went = {
        "with a mention": int(ids.isin(heard).sum()),
        "customer wrote nothing of substance": int((ids.isin(spoke) & ~ids.isin(heard)).sum()),
        "customer wrote nothing": int((~ids.isin(spoke)).sum()),
    }
    return pd.concat(
        [stage("conversations", len(ids), went), stage("facts of conversations", len(ids), {"with facts": facts})],
        ignore_index=True,
    )


def moods(ids: pd.Series, messages: pd.DataFrame, judged: pd.Series) -> pd.DataFrame:
    """Which conversations have a mood, and why the others have none.

    :param judged: ids of the conversations with a mood.
    """
    customer = (messages["author"] == "customer") & messages["public"]
    spoke = ids.isin(set(messages.loc[customer, "conversation_id"]))
    went = {
        "with a mood": len(judged),
        "customer wrote no words": int((spoke & ~ids.isin(set(judged))).sum()),
        "customer wrote nothing": int((~spoke).sum()),
    }
    return stage("moods of conversations", len(ids), went)
