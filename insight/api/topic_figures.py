"""The rows that pictures of topics are drawn from, for any choice of places; names and words as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from insight import taxonomy
from insight.api import complaints
from insight.api.deps import IN_PLACES, Places
from insight.api.routes import topics
from insight.api.routes.topics import Topic
from insight.published import Generation
from insight.schema import UNASSIGNED
from insight.settings import Settings

Rows = list[dict[str, Any]]

MOST_WEEKS = 16
PARTS = ("language", "sku", "market")
"""What the contacts about a topic can be split by."""


def known(generation: Generation, *, places: Places, told: Settings) -> list[Topic]:
    """The topics that the pictures may show, most contacts first; see `topics.read`."""
    return [t for t in topics.read(generation, places=places, told=told).topics if t.topic_id != UNASSIGNED]


def name(topic: Topic, lang: str) -> str:
    """The topic's name in a language of the pages."""
    return topic.name_zh if lang == "zh" else topic.name_en


def family_name(family: str | None, lang: str) -> str:
    """The name of a family in a language of the pages; empty where there is none."""
    english, chinese = taxonomy.families().get(family or "", (family or "", family or ""))
    return chinese if lang == "zh" else english


SPOTS = """
with heard as (
    select t.topic_id, count(distinct m.customer_key) as customers
    from mart.main.mentions m join mart.main.mention_topics t using (mention_id) where {places} group by t.topic_id
)
select s.*, coalesce(h.customers, 0) as customers from mart.main.topic_map s left join heard h using (topic_id)
order by s.place
"""


def spots(generation: Generation, shown: Sequence[Topic], *, places: Places, lang: str = "en") -> Rows:
    """TOPIC_MAP's rows of these topics, with their names, and the customers who spoke about them in these places.

    Where topics between two others are left out, those meet as high as all of them did.
    """
    by_id, rows, height = {topic.topic_id: topic for topic in shown}, [], 0.0
    for row in generation.rows(SPOTS.format(places=IN_PLACES), places.bound):
        topic, height = by_id.get(row["topic_id"]), max(height, row["joined"] or 0.0)
        if topic is not None and row["customers"]:
            names = {"name": name(topic, lang), "family_name": family_name(row["parent"], lang), "kind": topic.kind}
            rows.append(row | names | {"words": topic.words, "joined": height})
            height = 0.0
    return rows


WEEKS = """
select t.topic_id, (?::date - 1 - m.day) // 7 as ago, count(distinct m.conversation_id) as contacts
from mart.main.mentions m join mart.main.mention_topics t using (mention_id)
where m.day < ?::date and m.day >= ? and m.origin = 'message' and {places} group by all order by all
"""
FIRST_DAY = "select min(day) as first from mart.main.mentions where origin = 'message'"


def weeks(generation: Generation, shown: Sequence[Topic], *, places: Places, told: Settings, lang: str = "en") -> Rows:
    """Contacts by week and topic over at most 16 whole weeks: week (its first day), topic_id, name, contacts.

    What is not among these topics has no name; empty where the data hold fewer than two weeks.
    """
    until = complaints.period(generation, zone=told.shop.clock).until
    first = generation.rows(FIRST_DAY)[0]["first"]
    many = min(MOST_WEEKS, (until - first).days // 7) if first else 0
    if many < 2:
        return []
    names = {topic.topic_id: name(topic, lang) for topic in shown}
    since = until - timedelta(days=7 * many)
    found = generation.rows(WEEKS.format(places=IN_PLACES), [until, until, since, *places.bound])
    return [
        {
            "week": _first(until, row["ago"]),
            "topic_id": row["topic_id"],
            "name": names.get(row["topic_id"]),
            "contacts": row["contacts"],
        }
        for row in found
    ]


def _first(until: date, ago: int) -> date:
    """The first day of the week that ended so many weeks before `until`."""
    return until - timedelta(days=7 * (ago + 1))


SPLIT = """
select t.topic_id, m.{part} as part, count(distinct m.conversation_id) as contacts
from mart.main.mentions m join mart.main.mention_topics t using (mention_id)
where m.day < ?::date and m.day >= ? and m.origin = 'message' and {places} group by all order by all
"""


def split(
    generation: Generation, shown: Sequence[Topic], part: str, *, places: Places, told: Settings, lang: str = "en"
) -> Rows:
    """Contacts of the last 28 days by topic and language, SKU or market: topic_id, name, part, part_name, contacts.

    :param part: one of `PARTS`.
    """
    period = complaints.period(generation, zone=told.shop.clock)
    names = {topic.topic_id: name(topic, lang) for topic in shown}
    query = SPLIT.format(part=PARTS[PARTS.index(part)], places=IN_PLACES)
    return [
        row | {"name": names[row["topic_id"]], "part_name": row["part"]}
        for row in generation.rows(query, [period.until, period.since, *places.bound])
        if row["topic_id"] in names
    ]
