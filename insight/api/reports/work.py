"""The sections about what to do: products and carriers to fix, costs, coaching, and the coming week."""

from __future__ import annotations

from insight.api import actions as in_words
from insight.api.deps import Places
from insight.api.reports.base import Context
from insight.api.routes import agents, effects, findings, logistics, products, staffing, topic_costs
from insight.api.words import Words
from insight.documents import Cell, Section, Table, Tone
from insight.schema import ALL, UNKNOWN

MOST = 8
DAYS_AHEAD = 7
TONES: dict[str, Tone] = {"worked": "good", "did not": "bad"}


def together(context: Context) -> Section | None:
    """What surely goes together in the facts; None where nothing does."""
    found = findings.read(context.generation, limit=MOST).findings
    if not found:
        return None
    lines = tuple(one.said_zh if context.words.lang == "zh" else one.said for one in found)
    return Section("together", context.words.say("findings.title"), lines, (), context.words.say("findings.note"))


def fixes(context: Context) -> Section | None:
    """What surely is wrong with which product, its size or its listing; None where no product is told."""
    words, say = context.words, context.words.say
    every = products.read(context.generation, asked=products.Asked(limit=200), few=context.few)
    if not every.products:
        return None
    rows = [
        _fix(context, i.sku, i.name_zh if words.lang == "zh" else i.name_en, i.customers, i.orders, i.quote)
        for i in every.issues
        if i.verdict == "more than its family"
    ]
    rows += [
        _fix(context, s.sku, say(f"report.{s.verdict.replace(' ', '_')}"), s.small + s.large, s.orders, s.quote)
        for s in every.sizes
        if s.verdict in ("runs small", "runs large")
    ]
    rows += [
        _fix(context, g.sku, say("report.listing_differs", attribute=g.attribute), g.customers, g.orders, g.quote)
        for g in every.listings
        if g.verdict in ("says otherwise", "says nothing")
    ]
    if not rows:
        return Section("products", say("report.products"), (say("report.no_products", count=every.products),))
    heads = ("sku", "what", "askers", "orders", "words")
    skus = len({row[0].words for row in rows})
    table = Table(
        say("report.products"), tuple(say(f"report.{head}") for head in heads), tuple(rows), frozenset({2, 3})
    )
    lead = say("report.products_line", count=skus, first=rows[0][0].words, what=rows[0][1].words)
    return Section("products", say("report.products"), (lead,), (table,), say("report.products_note"))


def _fix(context: Context, sku: str, what: str, customers: int, orders: int, quote: str | None) -> tuple[Cell, ...]:
    number = context.words.number
    counts = (Cell(number(customers), customers, "whole"), Cell(number(orders), orders, "whole"))
    return (Cell(sku), Cell(what), *counts, Cell(quote or ""))


def carriers(context: Context) -> Section | None:
    """The smallest part of the orders that explains a rise, and who is surely later than the rest."""
    words, say = context.words, context.words.say
    found = logistics.read(context.generation, few=context.few)
    lanes = [d for d in found.delivery if not {ALL, UNKNOWN} & {d.carrier, d.lane}]
    if not lanes:
        return None
    rises = [_rose(context, cause) for cause in found.causes if cause.verdict == "rise"]
    rows = tuple(
        (
            Cell(d.carrier),
            Cell(d.lane),
            Cell(words.number(d.promised_days, 1), d.promised_days, "number"),
            Cell(words.number(d.days_median, 1), d.days_median, "number"),
            Cell(words.percent(d.late_share), d.late_share, "share"),
            Cell(say("report.ends", low=words.percent(d.late_low), high=words.percent(d.late_high))),
            Cell(words.number(d.judged), d.judged, "whole"),
        )
        for d in lanes[:MOST]
    )
    heads = [say(f"logistics.{head}") for head in ("carrier", "lane", "promised", "median", "late")]
    heads += [say("report.interval"), say("report.n")]
    table = Table(say("logistics.delivery"), tuple(heads), rows, frozenset({2, 3, 4, 6}))
    lines = tuple(rises) or (say("logistics.none"),)
    return Section("logistics", say("report.logistics"), lines, (table,), say("logistics.note"))


def _rose(context: Context, cause: logistics.Cause) -> str:
    words = context.words
    per_100 = [
        100 * events / orders if events is not None and orders else None
        for events, orders in ((cause.events_after, cause.orders_after), (cause.events_before, cause.orders_before))
    ]
    return words.say(
        f"logistics_rose.{cause.measure}",
        where=cause.part or words.say("logistics.everywhere"),
        since=words.day(cause.since) if cause.since else "",
        now=words.number(per_100[0], 1),
        before=words.number(per_100[1], 1),
        share=words.percent(cause.explained, 0),
    )


def costs(context: Context) -> Section | None:
    """What the trouble with each topic came to; None where nothing has a price."""
    words, say = context.words, context.words.say
    found = topic_costs.read(context.generation, places=Places(), told=context.told)
    dear = [topic for topic in found.topics if topic.total_minor]
    if found.total is None or not dear:
        return None

    def paid(minor: int | None) -> Cell:
        major = None if minor is None else minor / 10 ** words.decimals(found.currency)
        return Cell(words.money(minor, found.currency), major, "money")

    rows = tuple(
        (
            Cell(one.name_zh if words.lang == "zh" else one.name_en),
            *(paid(amount) for amount in (one.handling_minor, one.refund_minor, one.lost_minor, one.total_minor)),
            paid(one.previous_total_minor),
            Cell(words.number(one.conversations), one.conversations, "whole"),
        )
        for one in dear[:MOST]
    )
    names = ("topic", "handling", "refund", "lost", "total", "previous")
    heads = (*(say(f"money.{name}") for name in names), say("report.conversations"))
    table = Table(say("money.table"), heads, rows, frozenset(range(1, 7)))
    lead = say("report.costs_line", total=words.money(found.total.total_minor, found.currency))
    first = say("report.dearest", topic=rows[0][0].words, total=rows[0][4].words)
    lines = (lead, first) if found.priced else (lead, first, say("money.no_wage"))
    return Section("costs", say("money.title"), lines, (table,), say("money.means_careful"))


def actions(context: Context) -> Section | None:
    """What was done, and what it did to contacts against places left alone; None where nothing is told."""
    words, say = context.words, context.words.say
    found = effects.read(context.generation, few=context.few).effects
    if not found:
        return None
    rows = tuple(
        (
            Cell(one.name),
            Cell(words.full_day(one.since)),
            Cell(in_words.where(one, words)),
            Cell(words.number(one.contacts_after), one.contacts_after, "whole"),
            Cell(words.number(one.expected_after, 0), one.expected_after, "number"),
            Cell("" if one.ratio is None else say("report.ends", low=words.number(one.low, 2), high=_most(one, words))),
            Cell(say(f"actions_verdict.{one.verdict}"), tone=TONES.get(one.verdict, "")),
        )
        for one in found
    )
    heads = ("done", "since", "topic", "happened", "expected", "times", "verdict")
    table = Table(say("report.actions"), tuple(say(f"report.{head}") for head in heads), rows, frozenset({3, 4}))
    lines = [in_words.sentence(one, words) for one in found[:MOST]]
    return Section("actions", say("report.actions"), tuple(lines), (table,), say("actions.note"))


def _most(one: effects.ActionEffect, words: Words) -> str:
    """The upper end of an interval; there may be none."""
    return words.say("actions.no_end") if one.high is None else words.number(one.high, 2)


def coaching(context: Context) -> Section | None:
    """Who is surely below the others in what, and what to read; None where nobody can be compared."""
    words, say = context.words, context.words.say
    found = agents.read(context.generation, told=context.told)
    if not any(agent.figures for agent in found.agents):
        return None
    below = [lesson for lesson in found.lessons if lesson.kind == "coaching"]
    if not below:
        return Section("coaching", say("agents.coaching"), (say("agents.no_coaching"),))
    rows = tuple(
        (
            Cell(one.name),
            Cell(say(f"agents_skill.{one.skill}")),
            Cell(one.topic_zh if words.lang == "zh" else one.topic_en),
            Cell(words.value(one.adjusted, one.measured_in), one.adjusted, "share"),
            Cell(words.value(one.others, one.measured_in), one.others, "share"),
            Cell(_ends(context, one.low, one.high, one.measured_in)),
            Cell(words.number(one.n), one.n, "whole"),
            Cell(", ".join(talk.conversation_id for talk in one.read)),
        )
        for one in below[:MOST]
    )
    heads = ("who", "skill", "topic", "now", "others", "interval", "n", "to_read")
    table = Table(say("agents.coaching"), tuple(say(f"report.{head}") for head in heads), rows, frozenset({3, 4, 6}))
    lead = say("report.coaching_line", count=len({one.agent_id for one in below}))
    return Section("coaching", say("agents.coaching"), (lead,), (table,), say("agents.coaching_note"))


def _ends(context: Context, low: float, high: float, unit: str) -> str:
    words = context.words
    return words.say("report.ends", low=words.value(low, unit), high=words.value(high, unit))


def people(context: Context) -> Section | None:
    """What the coming week brings and whether enough people are planned; None where nothing can be forecast."""
    words, say = context.words, context.words.say
    days = staffing.forecast(context.generation).days[:DAYS_AHEAD]
    if not days:
        return None
    hours = staffing.plan(context.generation).hours
    rows = []
    for day in days:
        own = [hour for hour in hours if hour.day == day.day]
        busiest = max(own, key=lambda hour: (hour.heads_high, hour.live), default=None)
        short = sum(hour.verdict == "too few" for hour in own)
        rows.append(
            (
                Cell(f"{words.weekday(day.day.isoweekday())}, {words.day(day.day)}"),
                Cell(words.number(day.expected, 0), day.expected, "whole"),
                Cell(say("report.ends", low=words.number(day.low), high=words.number(day.high))),
                Cell(f"{busiest.hour}:00 ({busiest.heads_low}–{busiest.heads_high})" if busiest else ""),
                Cell(words.number(short), short, "whole") if own else Cell(""),
            )
        )
    opened = [hour for hour in hours if hour.day <= days[-1].day and hour.verdict != "closed"]
    lacking = sum(hour.verdict == "too few" for hour in opened)
    known = any(hour.planned is not None for hour in opened)
    enough = say("staffing.lacking", count=lacking, of=len(opened)) if lacking else say("staffing.enough_all")
    lead = say("report.people_line", expected=words.number(sum(day.expected for day in days), 0))
    heads = [say(f"staffing.{head}") for head in ("day", "contacts", "interval_80", "busiest", "short_hours")]
    table = Table(say("staffing.week"), tuple(heads), tuple(rows), frozenset({1, 4}))
    lines = (lead, enough if known else say("staffing.no_shifts"))
    return Section("people", say("report.people"), lines, (table,), say("staffing.days_note"))
