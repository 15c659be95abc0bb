"""Topics as they stand now: what the last run published, and the edits made since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd

from insight.edits import Edit, Standing, Topic, known, stand
from insight.errors import PublishedError
from insight.published import Generation
from insight.schema import UNASSIGNED

TOPICS = """
select topic_id, kind, automatic_state as state, name_en, name_zh, family, words, why
from mart.main.topics order by topic_id
"""
GROUPS = "select automatic_id, count(*)::bigint as mentions from mart.main.mention_topics group by automatic_id"
AUTOMATIC = """
select mention_id, automatic_id from mart.main.mention_topics where mention_id in (select unnest(?::varchar[]))
"""
NOW = """
with placed as (select unnest(?::varchar[]) as mention_id, unnest(?::varchar[]) as put_into),
led as (select unnest(?::varchar[]) as automatic_id, unnest(?::varchar[]) as leads_to),
now as (
    select mention_id, coalesce(put_into, leads_to, automatic_id) as topic_id, put_into is not null as by_hand
    from mart.main.mention_topics left join placed using (mention_id) left join led using (automatic_id)
)
"""
"""Each mention with its topic after all edits; `_now` binds it."""
COUNTED = """
select topic_id, count(*)::bigint as mentions, count(distinct customer_key)::bigint as customers
from now join mart.main.mentions using (mention_id) group by topic_id
"""
SAID = """
select mention_id, text, m.language, market, day, by_hand
from now join mart.main.mentions m using (mention_id) left join mart.main.topic_quotes q using (mention_id)
where now.topic_id = ? and len(list_filter(?::varchar[], lambda word: not contains(lower(text), word))) = 0
  and mention_id not in (select unnest(?::varchar[])) and (? or mention_id in (select unnest(?::varchar[])))
order by q.rank nulls last, said_ms desc, mention_id limit ?
"""
ALL_OF_THEM = 2**62


class Curated:
    """What was published, under the edits that stand.

    :param edits: all that the ledger holds.
    :raises PublishedError: it was published before topics could be edited.
    """

    def __init__(self, published: Generation, edits: Sequence[Edit]) -> None:
        self._published = published
        self.edits = tuple(edits)
        try:
            self.rows = {row["topic_id"]: row for row in published.rows(TOPICS)}
            self._groups = {row["automatic_id"]: row["mentions"] for row in published.rows(GROUPS)}
        except duckdb.BinderException as error:
            raise PublishedError(
                "this was published before topics could be edited", fix="run the jobs again: `insight run`"
            ) from error
        self.machine: dict[str, Topic] = known(pd.DataFrame(list(self.rows.values()), columns=[*Topic._fields]))
        self.standing = stand(self.edits, self.machine)

    def topics(self) -> list[dict[str, Any]]:
        """Every topic and what fits none, most mentions first.

        topic_id, name_en, name_zh, kind, family, state, merged_into, mentions, customers, share (of all mentions),
        words, why (words of the reasons that customers tell).
        """
        counted = {row["topic_id"]: row for row in self._now(COUNTED)}
        total = sum(row["mentions"] for row in counted.values())
        topics = [self._topic(topic_id, counted, total) for topic_id in (*self.standing.topics, UNASSIGNED)]
        return sorted(topics, key=lambda row: (-row["mentions"], row["topic_id"]))

    def said(
        self,
        topic_id: str,
        words: str = "",
        *,
        most: int = ALL_OF_THEM,
        among: Collection[str] | None = None,
        without: Collection[str] = (),
    ) -> list[dict[str, Any]]:
        """Mentions of a topic whose text holds all words, in any case of letters; its quotes first, then the newest.

        mention_id, text, language, market, day, by_hand (people have put it there).

        :param among: only these, if they are in the topic.
        :param without: all but these.
        """
        some = [among is None, list(among or ())]
        return self._now(SAID, topic_id, words.lower().split(), list(without), *some, most)

    def automatic(self, mentions: Iterable[str]) -> Mapping[str, str]:
        """The machine's topic of each of these mentions that is there."""
        rows = self._published.rows(AUTOMATIC, [list(mentions)])
        return {row["mention_id"]: row["automatic_id"] for row in rows}

    def changed(self, before: Standing) -> int:
        """How many mentions have another topic now than under `before`."""
        placed = self.automatic({*before.places, *self.standing.places})
        groups: dict[str, int] = dict(self._groups)
        for topic_id in placed.values():
            groups[topic_id] -= 1
        moved: int = sum(n for topic_id, n in groups.items() if before.where(topic_id) != self.standing.where(topic_id))
        return moved + sum(before.of(m, topic_id) != self.standing.of(m, topic_id) for m, topic_id in placed.items())

    def name(self, topic_id: str, language: str = "en") -> str:
        """A name to show; of a topic that no run has named yet, its id."""
        if topic_id in self.standing.topics:
            return self.standing.name(topic_id, language) or topic_id
        return str(self.rows.get(topic_id, {}).get(f"name_{language}") or topic_id)

    def _topic(self, topic_id: str, counted: Mapping[str, Mapping[str, int]], total: int) -> dict[str, Any]:
        row, counts = self.rows.get(topic_id, {}), counted.get(topic_id, {"mentions": 0, "customers": 0})
        none = topic_id == UNASSIGNED
        return {
            "topic_id": topic_id,
            "name_en": self.name(topic_id),
            "name_zh": self.name(topic_id, "zh"),
            "kind": "none" if none else self.standing.topics[topic_id].kind,
            "family": row.get("family"),
            "state": "live" if none else self.standing.state(topic_id),
            "merged_into": self.standing.where(topic_id) if topic_id in self.standing.merged else None,
            "mentions": counts["mentions"],
            "customers": counts["customers"],
            "share": counts["mentions"] / total if total else 0.0,
            "words": row.get("words") or [],
            "why": row.get("why") or [],
        }

    def _now(self, query: str, *params: object) -> list[dict[str, Any]]:
        places = {m: self.standing.where(topic) for m, (topic, _) in self.standing.places.items()}
        leads = {topic: self.standing.where(topic) for topic in self._groups}
        return self._published.rows(
            NOW + query, [list(places), list(places.values()), list(leads), list(leads.values()), *params]
        )
