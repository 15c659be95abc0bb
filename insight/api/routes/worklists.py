"""GET /today, /high-value and /win-back, GET and POST /cases: whom to help, how, and what was done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from insight import documents
from insight.api import worklists
from insight.api.deps import Name, Places, Question, Snapshot, Told
from insight.api.problems import Problem
from insight.api.worklists import Book, Case, Worked
from insight.api.writing import own_site
from insight.casebook import Casebook
from insight.documents import Cell
from insight.exchange import exponent
from insight.followups import MOST_NAME, MOST_NOTE, OUTCOMES, Asked, Entry, EntryError
from insight.published import Generation
from insight.settings import Settings
from insight.sheets import csv_text

ROUTER = APIRouter(route_class=Worked, tags=["worklists"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}, XLSX: {}}}}
List = Literal["at_risk", "high_value", "win_back"]
OPEN = ("open", "assigned")
"""Where somebody is still to be helped."""


class Step(BaseModel):
    """What to do next, and what speaks for it: how many of those who were told or helped so did not come back."""

    kind: str = Field(description="answer, action, or rule: ours, with no figure behind it", examples=["action"])
    action: str = Field(description="what it is, in a word", examples=["refund"])
    step: str = Field(examples=["Pay the money back, and say by when it arrives"])
    step_zh: str = Field(description="an answer stays in its language", examples=["退款，并告知到账时间"])
    judged: int = Field(description="contacts in which a return could be seen", examples=[22])
    settled: int = Field(description="of these, without a return", examples=[18])
    share: float | None = Field(description="drawn to the usual share", examples=[0.79])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[0.64])
    high: float | None = Field(description="upper end", examples=[0.91])
    usual: float | None = Field(description="the share over all contacts about the topic", examples=[0.74])


class OnList(BaseModel):
    """One customer on a list, and what people did about it."""

    conversation_id: str = Field(description="the contact", examples=["c00412"])
    customer_key: str = Field(description="keyed hash of the customer", examples=["9f2c81"])
    rank: int = Field(description="its place on the list", examples=[1])
    topic_id: str = Field(examples=["t-late"])
    topic_en: str = Field(description="the topic's name", examples=["Parcel is late"])
    topic_zh: str = Field(description="the topic's name in Chinese", examples=["包裹延误"])
    last_words: str = Field(description="the customer's last mention, masked", examples=["Still nothing!"])
    language: str = Field(description="of the customer, ISO 639-1", examples=["en"])
    platform: str = Field(examples=["amazon"])
    market: str = Field(examples=["DE"])
    last_contact_at: datetime = Field(description="when the contact opened, UTC")
    place: str = Field(description="open, assigned, snoozed or done", examples=["open"])
    assigned: str = Field(description="who takes it; empty for nobody", examples=["mei"])
    until: date | None = Field(description="the day on which it comes back", examples=[None])
    outcome: str = Field(description="how it ended; empty while it is open", examples=[""])
    note: str = Field(description="of the newest entry", examples=["asked the carrier"])
    undo: int | None = Field(description="number of the newest entry that counts", examples=[17])
    step: Step | None = Field(description="what to do next; null where nothing is known")


class RiskCase(OnList):
    """A customer who may write again about the same issue."""

    probability: float = Field(description="of writing again within 7 days", examples=[0.62])
    low_csat: float | None = Field(description="risk of a low survey score, where known", examples=[0.2])
    bad_review: float | None = Field(description="risk of a bad review, where known", examples=[0.31])
    reasons: list[str] = Field(description="why, strongest first", examples=[["third contact about the same issue"]])
    reasons_zh: list[str] = Field(description="the same in Chinese", examples=[["第三次联系同一问题"]])
    order_id: str | None = Field(examples=["o00017"])
    order_minor: int | None = Field(description="value of the order, minor units", examples=[8990])
    currency: str | None = Field(examples=["EUR"])
    hours_left: float = Field(description="until the 7 days are over", examples=[96.5])
    named_day: date | None = Field(description="since when it is on the list", examples=["2026-11-21"])


class HighValue(OnList):
    """A customer of the most valuable tenth who waits, or went away unhappy."""

    why: list[str] = Field(description="open contact, ended badly, low score, bad review", examples=[["open contact"]])
    value_minor: int = Field(description="worth to date, minor units of the shop's currency", examples=[81000])
    measured: str = Field(description="margin or revenue", examples=["margin"])
    least_minor: int = Field(description="from what on one belongs to the tenth", examples=[15500])
    orders: int = Field(description="bought so far", examples=[7])
    answered: bool = Field(description="a person answered in it", examples=[True])
    probability: float | None = Field(description="of writing again, where known", examples=[0.31])


class WinBack(OnList):
    """A customer who asked and did not buy, or was unhappy and has not bought since; agreed to receive marketing."""

    kind: str = Field(description="asked or unhappy", examples=["asked"])
    reason: str = Field(description="what was asked for; 'topic' where the topic tells it", examples=["hood"])
    sold: bool | None = Field(description="we sell what was asked for", examples=[False])
    answered: bool = Field(description="a person answered", examples=[True])
    waited_ms: int | None = Field(description="until the first answer", examples=[3600000])
    days_since: float = Field(description="since the contact; of who was unhappy, since the last order", examples=[9.5])
    usual_days: float | None = Field(description="after how many days such a customer buys again", examples=[25.0])
    orders: int = Field(description="bought before", examples=[0])
    value_minor: int | None = Field(description="paid to date, minor units of the shop's currency", examples=[None])


class Group(BaseModel):
    """How many of a group went bad: came back, gave a low score or a bad review."""

    n: int = Field(description="customers, each once in 30 days, once their 30 days are over", examples=[200])
    bad: int = Field(description="of these, went bad", examples=[61])
    share: float | None = Field(description="null of nobody", examples=[0.305])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[0.245])
    high: float | None = Field(description="upper end", examples=[0.372])


class Effect(BaseModel):
    """What the list saves: all who were named, helped or not, against those who were left alone by lot."""

    recent: Group = Field(description="the newest 200 who were named")
    recent_held: Group = Field(description="those who were left alone on the same days")
    named: Group = Field(description="all who were named since the share of the lot is as it is")
    held: Group = Field(description="all who were left alone since then")
    waiting: int = Field(description="drawn, but their 30 days are not over", examples=[22])
    difference: float | None = Field(description="named less left alone; null while too few", examples=[-0.11])
    low: float | None = Field(description="lower end of Newcombe's 95 % interval", examples=[-0.2])
    high: float | None = Field(description="upper end", examples=[-0.02])
    spared: float | None = Field(description="how many fewer went bad than without the list", examples=[24.1])
    verdict: str = Field(
        description="caused fewer, caused more, cannot tell, or cannot tell yet (under 30 left alone)",
        examples=["cannot tell yet"],
    )


class Share(BaseModel):
    """How much one person has taken on."""

    who: str = Field(examples=["mei"])
    customers: int = Field(description="assigned and not done", examples=[4])


class Listed(BaseModel):
    """What every list says about itself."""

    day: date = Field(description="the day up to which the data reach", examples=["2026-11-21"])
    open: int = Field(description="still to be helped", examples=[18])
    snoozed: int = Field(description="put off to a later day", examples=[1])
    done: int = Field(description="done with", examples=[3])
    assigned: list[Share] = Field(description="who has taken how many")


class Today(Listed):
    """Whom to write to today, most likely first."""

    customers: list[RiskCase]
    capacity: int = Field(description="how many the team can work on in a day", examples=[20])
    waiting: int = Field(description="at risk too, but beyond what the team can work on", examples=[110])
    left_alone: int = Field(description="by lot, for 30 days; nobody names them", examples=[3])
    hold_out: float = Field(description="the share that is left alone", examples=[0.1])
    effect: Effect


class HighValues(Listed):
    """Valuable customers who wait or went away unhappy, most valuable first."""

    customers: list[HighValue]
    currency: str = Field(description="of values", examples=["USD"])


class LossReason(BaseModel):
    """Why people did not buy, with or without consent; only where enough customers share it."""

    kind: str = Field(description="asked or unhappy", examples=["asked"])
    name_en: str = Field(description="what was asked for, or the topic", examples=["hood"])
    name_zh: str = Field(examples=["帽子"])
    sold: bool | None = Field(description="we sell it; null for a topic", examples=[False])
    customers: int = Field(examples=[54])
    unanswered: int = Field(description="of these, nobody answered", examples=[6])


class WinBacks(Listed):
    """Who may be written to, and how many more there are who did not agree to it."""

    customers: list[WinBack]
    total: int = Field(description="all, with or without consent", examples=[529])
    agreed: int = Field(description="agreed to receive marketing", examples=[266])
    refused: int = Field(description="did not agree: in no list and no file", examples=[156])
    unknown: int = Field(description="nobody told, which is no consent: in no list and no file", examples=[107])
    days: int = Field(description="within which an asker may still buy", examples=[7])
    reasons: list[LossReason] = Field(description="why, most customers first")
    currency: str = Field(description="of values", examples=["USD"])


class AskedFor(Places):
    """Which part of a list, in which form."""

    agent: Name = Field(default="", description="only what this person has taken")
    limit: int | None = Field(default=None, ge=1, le=1_000, description="how many; of those at risk, the capacity")
    form: Literal["json", "csv", "xlsx"] = Field(default="json", description="for machines, or a sheet")


class OneEntry(BaseModel):
    """What one person wrote about one customer."""

    taken: int = Field(description="its number", examples=[17])
    listed: str = Field(description="which list", examples=["at_risk"])
    conversation_id: str = Field(examples=["c00412"])
    kind: str = Field(description="assign, snooze, outcome or undo", examples=["outcome"])
    value: str = Field(description="the name, the day, how it ended, or the number undone", examples=["refund"])
    who: str = Field(examples=["mei"])
    note: str = Field(examples=[""])
    at: datetime = Field(description="when it was taken, UTC")
    via: str = Field(description="page or api", examples=["page"])


class Entries(BaseModel):
    """Entries, newest first."""

    entries: list[OneEntry]
    total: int = Field(description="entries that were found", examples=[41])


class WhichEntries(Question):
    """Which entries."""

    conversation_id: str | None = Field(default=None, max_length=400, description="about this contact only")
    who: str | None = Field(default=None, max_length=MOST_NAME, description="of this person only")
    limit: int = Field(default=200, ge=1, le=2_000, description="how many, newest first")


class NewEntry(BaseModel):
    """What somebody did about a customer; sent twice it is taken once."""

    model_config = ConfigDict(extra="forbid")

    listed: List = Field(description="which list", examples=["at_risk"])
    conversation_id: str = Field(max_length=400, examples=["c00412"])
    kind: Literal["assign", "snooze", "outcome", "undo"] = Field(examples=["outcome"])
    value: str = Field(
        max_length=MOST_NAME,
        description=f"who takes it (empty: nobody), the day it comes back, one of {', '.join(OUTCOMES)}, or the number "
        "of the entry to undo",
        examples=["refund"],
    )
    who: str = Field(min_length=1, max_length=MOST_NAME, description="who writes it", examples=["mei"])
    note: str = Field(default="", max_length=MOST_NOTE, examples=[""])


class WrittenEntry(BaseModel):
    """What was written."""

    taken: int | None = Field(description="the number of the entry; null where it stood so already", examples=[17])


T = TypeVar("T", Today, HighValues, WinBacks)


# ---------------------------------------------------------------- reading


BEYOND = "select count(*) as n from mart.main.at_risk where not listed and {places}"


def read_today(generation: Generation, book: Casebook, *, asked: AskedFor, told: Settings) -> Today:
    """The customers at risk who are still to be helped, and what being named comes to."""
    every = worklists.cases(generation, book, "at_risk", places=asked, told=told)
    beyond = generation.rows(BEYOND.format(**worklists.NAMES), asked.bound)
    return Today(
        customers=[RiskCase(**_fields(case, RiskCase)) for case in _cut(every, asked, told.service.at_risk)],
        capacity=told.service.at_risk,
        waiting=int(beyond[0]["n"]),
        left_alone=worklists.left_alone(generation),
        hold_out=told.service.hold_out,
        effect=Effect(**asdict(worklists.saved(generation))),
        **_about(every, generation, told),
    )


def read_high_value(generation: Generation, book: Casebook, *, asked: AskedFor, told: Settings) -> HighValues:
    """The most valuable customers who wait or went away unhappy."""
    every = worklists.cases(generation, book, "high_value", places=asked, told=told)
    shown = [HighValue(**_fields(case, HighValue)) for case in _cut(every, asked, None)]
    return HighValues(customers=shown, currency=told.shop.currency, **_about(every, generation, told))


CONSENT = """
select count(*) as total, count(*) filter (may_market) as agreed, count(*) filter (not may_market) as refused,
       count(*) filter (may_market is null) as "unknown" from mart.main.win_back where {places}
"""
REASONS = """
with named as (
    select w.kind, sold, answered, case when reason <> 'topic' then reason when topic_id = '{unknown}' then '{en}'
           else coalesce(t.name_en, topic_id) end as name_en, case when reason <> 'topic' then reason
           when topic_id = '{unknown}' then '{zh}' else coalesce(t.name_zh, topic_id) end as name_zh
    from mart.main.win_back w left join mart.main.topics t using (topic_id) where {places}
)
select kind, name_en, name_zh, sold, count(*) as customers, count(*) filter (not answered) as unanswered
from named group by all having count(*) >= ? order by customers desc, kind, name_en limit 12
"""


def read_win_back(generation: Generation, book: Casebook, *, asked: AskedFor, told: Settings) -> WinBacks:
    """Who agreed to be written to; the others are counted only. Unknown is no consent."""
    every = worklists.cases(generation, book, "win_back", places=asked, told=told)
    reasons = generation.rows(REASONS.format(**worklists.NAMES), [*asked.bound, told.privacy.min_customers])
    return WinBacks(
        customers=[WinBack(**_fields(case, WinBack)) for case in _cut(every, asked, None)],
        days=told.service.win_back_days,
        reasons=[LossReason(**row) for row in reasons],
        currency=told.shop.currency,
        **generation.rows(CONSENT.format(**worklists.NAMES), asked.bound)[0],
        **_about(every, generation, told),
    )


def _cut(every: Sequence[Case], asked: AskedFor, capacity: int | None) -> list[Case]:
    """Who is still to be helped, by one person or by all, cut at the limit."""
    mine = [case for case in every if case.place in OPEN and asked.agent in ("", case.state.assigned)]
    return mine[: asked.limit or capacity]


def _about(every: Sequence[Case], generation: Generation, told: Settings) -> dict[str, Any]:
    places = Counter(case.place for case in every)
    taken = Counter(case.state.assigned for case in every if case.place in OPEN and case.state.assigned)
    return {
        "day": worklists.day_of(generation, told),
        "open": sum(places[place] for place in OPEN),
        "snoozed": places["snoozed"],
        "done": places["done"],
        "assigned": [Share(who=who, customers=n) for who, n in sorted(taken.items(), key=lambda p: (-p[1], p[0]))],
    }


def _fields(case: Case, model: type[OnList]) -> dict[str, Any]:
    """A case as the model wants it."""
    last, state = case.state.last, case.state
    stands = {"place": case.place, "assigned": state.assigned, "until": state.until, "outcome": state.outcome}
    told = {**stands, "note": last.note if last else "", "undo": last.taken if last else None, "step": case.step}
    return {name: told[name] if name in told else case.row[name] for name in model.model_fields}


# ---------------------------------------------------------------- sheets


def _money(minor: int | None, currency: str | None) -> Cell:
    """Minor units as a number of the major unit."""
    if minor is None or not currency:
        return Cell("")
    major = minor / 10 ** exponent(currency)
    return Cell(f"{major:.{exponent(currency)}f}", major, "money")


def _number(value: float | None, digits: int = 2) -> Cell:
    return Cell("") if value is None else Cell(f"{value:.{digits}f}", round(value, digits), "number")


AT_RISK_HEADS = (
    *("rank", "contact", "order", "chance", "low_score_risk", "bad_review_risk", "hours_left", "order_value"),
    *("currency", "topic", "last_words", "reasons", "next_step", "step_by", "platform", "market", "assigned", "note"),
)


def _at_risk_cells(row: RiskCase, currency: str) -> list[Cell]:
    step = row.step
    return [
        *(_number(row.rank, 0), Cell(row.conversation_id), Cell(row.order_id or ""), _number(row.probability)),
        *(_number(row.low_csat), _number(row.bad_review), _number(row.hours_left, 1)),
        *(_money(row.order_minor, row.currency), Cell(row.currency or ""), Cell(row.topic_en), Cell(row.last_words)),
        *(Cell("; ".join(row.reasons)), Cell(step.step if step else ""), Cell(step.kind if step else "")),
        *(Cell(row.platform), Cell(row.market), Cell(row.assigned), Cell(row.note)),
    ]


HIGH_VALUE_HEADS = (
    *("rank", "contact", "customer", "why", "value", "currency", "orders", "topic", "last_words", "answered"),
    *("next_step", "platform", "market", "assigned", "note"),
)


def _high_value_cells(row: HighValue, currency: str) -> list[Cell]:
    return [
        *(_number(row.rank, 0), Cell(row.conversation_id), Cell(row.customer_key), Cell("; ".join(row.why))),
        *(_money(row.value_minor, currency), Cell(currency), _number(row.orders, 0), Cell(row.topic_en)),
        *(Cell(row.last_words), Cell("yes" if row.answered else "no"), Cell(row.step.step if row.step else "")),
        *(Cell(row.platform), Cell(row.market), Cell(row.assigned), Cell(row.note)),
    ]


WIN_BACK_HEADS = (
    *("kind", "rank", "customer", "contact", "reason", "sold", "topic", "answered", "days_since", "usual_days"),
    *("orders", "value", "currency", "last_words", "language", "platform", "market", "may_market"),
)


def _win_back_cells(row: WinBack, currency: str) -> list[Cell]:
    sold = "" if row.sold is None else "yes" if row.sold else "no"
    return [
        *(Cell(row.kind), _number(row.rank, 0), Cell(row.customer_key), Cell(row.conversation_id)),
        *(Cell(row.topic_en if row.reason == "topic" else row.reason), Cell(sold), Cell(row.topic_en)),
        *(Cell("yes" if row.answered else "no"), _number(row.days_since, 1), _number(row.usual_days, 1)),
        *(_number(row.orders, 0), _money(row.value_minor, currency), Cell(currency), Cell(row.last_words)),
        *(Cell(row.language), Cell(row.platform), Cell(row.market), Cell("yes")),
    ]


SHEETS: dict[str, tuple[tuple[str, ...], Callable[..., list[Cell]]]] = {
    "at_risk": (AT_RISK_HEADS, _at_risk_cells),
    "high_value": (HIGH_VALUE_HEADS, _high_value_cells),
    "win_back": (WIN_BACK_HEADS, _win_back_cells),
}


def sheet(listed: str, rows: Iterable[OnList], currency: str) -> documents.Table:
    """A list as a table of cells."""
    heads, cells = SHEETS[listed]
    made = tuple(tuple(cells(row, currency)) for row in rows)
    return documents.Table(listed, heads, made)


def as_csv(table: documents.Table) -> str:
    """The table as CSV text that a spreadsheet shows and never runs."""
    rows = ([cell.words if cell.number is None else cell.number for cell in row] for row in table.rows)
    return csv_text(table.heads, rows)


def _given(listed: str, found: T, form: str, told: Settings, line: str = "") -> T | Response:
    """The answer in the form that was asked for; `line` is what a workbook says first."""
    if form == "json":
        return found
    table = sheet(listed, found.customers, told.shop.currency)
    lines = (line or f"{len(found.customers)} customers on {found.day.isoformat()}",)
    file = {"Content-Disposition": f'attachment; filename="{listed}.{form}"'}
    if form == "csv":
        return Response("\ufeff" + as_csv(table), media_type="text/csv; charset=utf-8", headers=file)
    section = documents.Section(listed, listed, (), (table,))
    made = documents.Document(told.shop.name, listed, lines, (section,), "en")
    return Response(documents.workbook(made), media_type=XLSX, headers=file)


def consent(found: WinBacks) -> str:
    """What a file of those to be won back leaves out, in a sentence."""
    return (
        f"{found.agreed} of {found.total} customers agreed to receive marketing; left out are {found.refused} who did "
        f"not and {found.unknown} of whom nobody knows, which is no consent."
    )


# ---------------------------------------------------------------- routes


@ROUTER.get(
    "/today", operation_id="today", summary="Whom to help today, why and how?", response_model=Today, responses=FILES
)
def today(asked: Annotated[AskedFor, Query()], generation: Snapshot, book: Book, told: Told) -> Today | Response:
    """Most likely first, cut at what the team can work on; who is put off or done with has left the list."""
    found = read_today(generation, book, asked=asked, told=told)
    return _given("at_risk", found, asked.form, told)


@ROUTER.get(
    "/high-value",
    operation_id="high_value",
    summary="Which of our most valuable customers wait, or went away unhappy?",
    response_model=HighValues,
    responses=FILES,
)
def high_value(
    asked: Annotated[AskedFor, Query()], generation: Snapshot, book: Book, told: Told
) -> HighValues | Response:
    """The most valuable tenth by margin to date, or by what they paid where the margin is not known."""
    found = read_high_value(generation, book, asked=asked, told=told)
    return _given("high_value", found, asked.form, told)


@ROUTER.get(
    "/win-back",
    operation_id="win_back",
    summary="Who asked or was unhappy and did not buy, and may we write to them?",
    response_model=WinBacks,
    responses=FILES,
)
def win_back(asked: Annotated[AskedFor, Query()], generation: Snapshot, book: Book, told: Told) -> WinBacks | Response:
    """Only who agreed to receive marketing is named, here and in every file; the others are counted."""
    found = read_win_back(generation, book, asked=asked, told=told)
    return _given("win_back", found, asked.form, told, consent(found))


@ROUTER.get("/cases", operation_id="cases", summary="Who did what about a customer on a list, and when?")
def entries(asked: Annotated[WhichEntries, Query()], generation: Snapshot, book: Book) -> Entries:
    """Newest first, also those that were undone."""
    found = [
        entry
        for entry in reversed(book.read())
        if asked.conversation_id in (None, entry.conversation_id) and asked.who in (None, entry.who)
    ]
    return Entries(entries=[_entry(entry) for entry in found[: asked.limit]], total=len(found))


def _entry(entry: Entry) -> OneEntry:
    told = {name: value for name, value in asdict(entry).items() if name != "at_ms"}
    return OneEntry(**told, at=datetime.fromtimestamp(entry.at_ms / 1000, UTC))


@ROUTER.post(
    "/cases",
    operation_id="case",
    summary="Can this be written about a customer on a list?",
    dependencies=[Depends(own_site)],
    responses={403: {"model": Problem, "description": "Forbidden"}},
)
def case(sent: NewEntry, generation: Snapshot, book: Book, told: Told) -> WrittenEntry:
    """Nothing is changed that stands: a further entry counts from now on, and undoing is an entry too."""
    try:
        taken = worklists.take(book, Asked(**sent.model_dump()), generation=generation, told=told, via="api")
    except EntryError as error:
        wrong = f"{error.what}; wanted: {error.wanted}"  # what came is never echoed
        raise RequestValidationError([{"type": "value_error", "loc": ("body",), "msg": wrong}]) from error
    return WrittenEntry(taken=taken.taken if taken else None)
