"""GET /threads: who wrote again about the same thing, and why we say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from insight.api.deps import Name, Question, Snapshot
from insight.api.remember import Remembered
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["threads"])

WHY = {
    "first": ("The first contact about it.", "首次就此联系。"),
    "same order and issue": ("The same issue about the same order, {order}.", "同一订单 {order} 的同一问题。"),
    "same order": ("The same order, {order}.", "同一订单 {order}。"),
    "same order, near issue": (
        "A near issue (another topic of the family) about the same order, {order}.",
        "同一订单 {order} 的相近问题（同一大类的另一主题）。",
    ),
    "same issue": (
        "The same issue within 30 days, and no other order named.",
        "30 天内的同一问题，且没有提到另一个订单。",
    ),
    "customer says so": (
        "The customer says to have written before, within 30 days.",
        "顾客说之前已经联系过（30 天内）。",
    ),
}
"""Each link in words, in English and in Chinese."""

KINDS = {
    "thanks": (" The customer says that it is settled: no repeat.", "顾客说已经解决：不算重复联系。"),
    "asked for": (" We had asked for what the customer sends: no repeat.", "是我们向顾客要的资料：不算重复联系。"),
}
"""What is added to it."""

TIED = {
    "source says so": ("A source says that both ids are one customer.", "来源说明两个编号是同一顾客。"),
    "same e-mail": (
        "Both have the same e-mail address, compared as a keyed hash.",
        "两者的邮箱相同（只比较加密摘要）。",
    ),
    "same phone": ("Both have the same phone number, compared as a keyed hash.", "两者的电话相同（只比较加密摘要）。"),
    "same order": ("One wrote about order {order}, which the other placed.", "一方就另一方所下的订单 {order} 来信。"),
}
"""What ties two ids of a customer."""


class Contact(BaseModel):
    """One conversation about the issue, and why it belongs here."""

    conversation_id: str = Field(examples=["c00412"])
    topic_id: str = Field(description="what this contact is about", examples=["logistics.late"])
    channel: str | None = Field(description="null where it is not known", examples=["email"])
    contacted_at: datetime = Field(description="when the customer first wrote about it in this conversation, UTC")
    nth: int = Field(description="1 for the first contact; thanks and answers add nothing", examples=[2])
    kind: str = Field(description="first, repeat, thanks or asked for", examples=["repeat"])
    order_id: str | None = Field(examples=["o00017"])
    gap_hours: float | None = Field(description="since the contact before", examples=[50.5])
    link: str = Field(description="the rule that joined it to the contact before", examples=["same order and issue"])
    why: str = Field(description="the same in words", examples=["The same issue about the same order, o00017."])
    why_zh: str = Field(description="in Chinese", examples=["同一订单 o00017 的同一问题。"])
    proof: str = Field(description="the customer's sentence, masked", examples=["My parcel is still not here."])


class Thread(BaseModel):
    """All contacts of one customer about one issue, in the order of time."""

    thread_id: str = Field(examples=["c00398/logistics.late"])
    customer_key: str = Field(description="keyed hash of the customer", examples=["9f2c81"])
    contacts: list[Contact]


class Link(BaseModel):
    """Why an id of a customer belongs to the person."""

    customer_key: str = Field(description="keyed hash of the id", examples=["77ab01"])
    person_key: str = Field(description="the customer_key of the person in all tables", examples=["9f2c81"])
    by: str = Field(examples=["same order"])
    through: str | None = Field(description="the order that both named", examples=["o00017"])
    since_at: datetime | None = Field(description="when it became known, UTC; null: from the start")
    conversations: int = Field(description="of this id", examples=[2])
    why: str = Field(examples=["One wrote about order o00017, which the other placed."])
    why_zh: str = Field(description="in Chinese", examples=["一方就另一方所下的订单 o00017 来信。"])


class Threads(BaseModel):
    """Threads, newest contact first, and what ties the ids of their customers."""

    threads: list[Thread]
    links: list[Link]
    total: int = Field(description="threads before the limit", examples=[140])


class Asked(Question):
    """Whose threads, or which one; neither: all with a repeat."""

    customer_key: Name | None = Field(default=None, description="one customer")
    thread_id: str | None = Field(default=None, max_length=200, description="one thread")
    limit: int = Field(default=20, ge=1, le=200, description="threads, newest first")


SOME = """
with asked as (select ?::varchar as customer_key, ?::varchar as thread_id),
found as (
    select i.thread_id, max(i.contacted_ms) as newest_ms, count(*) over () as total
    from mart.main.issue_threads i, asked a
    where (a.customer_key is null or i.customer_key = a.customer_key)
      and (a.thread_id is null or i.thread_id = a.thread_id)
    group by i.thread_id
    having max(i.nth) > 1 or any_value(a.customer_key) is not null or any_value(a.thread_id) is not null
    order by newest_ms desc, i.thread_id limit ?
)
select i.*, c.channel, f.total
from found f join mart.main.issue_threads i using (thread_id)
    left join mart.main.conversation_facts c using (conversation_id)
order by f.newest_ms desc, i.thread_id, i.contacted_ms, i.conversation_id, i.topic_id
"""
TIES = """
select * from mart.main.customer_links where list_contains(?::varchar[], person_key) order by person_key, customer_key
"""


def read(generation: Generation, *, customer_key: str | None, thread_id: str | None, limit: int) -> Threads:
    """Threads with every link explained."""
    rows = generation.rows(SOME, [customer_key, thread_id, limit])
    threads = [
        Thread(thread_id=name, customer_key=first["customer_key"], contacts=[_contact(row) for row in (first, *rest)])
        for name, (first, *rest) in groupby(rows, key=lambda row: row["thread_id"])
    ]
    people = sorted({thread.customer_key for thread in threads} | ({customer_key} if customer_key else set()))
    links = [Link(**row | _words(TIED, row["by"], row["through"])) for row in generation.rows(TIES, [people])]
    return Threads(threads=threads, links=links, total=rows[0]["total"] if rows else 0)


def _contact(row: Mapping[str, Any]) -> Contact:
    words = _words(WHY, row["link"], row["order_id"])
    more = KINDS.get(row["kind"], ("", ""))
    return Contact(**{**row, "why": words["why"] + more[0], "why_zh": words["why_zh"] + more[1]})


def _words(told: Mapping[str, tuple[str, str]], name: str, order: str | None) -> dict[str, str]:
    english, chinese = told.get(name, (name, name))
    return {"why": english.format(order=order), "why_zh": chinese.format(order=order)}


@ROUTER.get("/threads", operation_id="threads", summary="Who wrote again about the same thing, and why do we say so?")
def threads(asked: Annotated[Asked, Query()], generation: Snapshot) -> Threads:
    """Newest first; every contact with the rule that joined it and the sentence that shows it."""
    return read(generation, **asked.model_dump())
