"""The sections that reports are put together from; each says first, in one sentence, what it comes to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import narwhals as nw

from insight.api import alerts as api_alerts
from insight.api.change import Change, beside, change
from insight.api.deps import Places
from insight.api.reports.base import Context
from insight.api.routes import at_risk, demand, early_warnings, faq, kpis
from insight.api.routes.kpis import OneKpi
from insight.discovery import benjamini_hochberg
from insight.documents import Cell, Section, Table, Tone
from insight.kpis import KPIS, Kpi, measure
from insight.kpis.base import MONEY
from insight.periods import Period
from insight.schema import TOO_FEW, UNASSIGNED, UNKNOWN
from insight.settings import Target

TONES: dict[str, Tone] = {"better": "good", "worse": "bad", "reached": "good", "missed": "bad"}
KINDS = {"share": "share", "seconds": "seconds", "count": "whole"}
MOST_TOPICS = 12
MOST_THINGS = 8
MOST_SIGNS = 2
FALSE_SHARE = 0.1
"""Of the topics that are said to have changed, at most so many have not, on average (Benjamini and Hochberg)."""

# ---------------------------------------------------------------- figures


def figures(context: Context) -> Section:
    """Every figure of the report now and before, with its interval, what it rests on, and its target."""
    found = [one for one in _measured(context) if one.current.n]
    say = context.words.say
    rows, surely = [], []
    for one in found:
        changed = change(one)
        rows.append(_figure(context, one, changed))
        if changed is not None and changed.verdict in ("better", "worse"):
            surely.append(_sentence(context, one, changed))
    lead = say("report.figures_changed", count=len(surely)) if surely else say("report.figures_same")
    heads = ("figure", "now", "before", "change", "verdict", "target", "interval", "n", "when")
    table = Table(
        say("report.figures"), tuple(say(f"report.{head}") for head in heads), tuple(rows), _right(1, 2, 3, 5, 7)
    )
    return Section("figures", say("report.figures"), (lead, *surely), (table,), say("report.figures_note"))


def _measured(context: Context) -> list[OneKpi]:
    """The KPIs of the report over its days; what takes time to be seen over days that are as much earlier."""
    published = kpis.read(context.generation, few=context.few).kpis
    wanted = [one for one in published if context.figures is None or one.kpi in context.figures]
    return [_over(context, one) for one in wanted]


def _over(context: Context, one: OneKpi) -> OneKpi:
    kpi = KPIS[one.kpi][1]
    now, before = (_earlier(period, kpi.lag_days) for period in (context.now, context.before))
    return one.model_copy(update={"current": _period(context, kpi, now), "previous": _period(context, kpi, before)})


def _earlier(period: Period, days: int) -> Period:
    return Period(period.since - timedelta(days=days), period.until - timedelta(days=days))


def _period(context: Context, kpi: Kpi, period: Period, **only: str) -> kpis.Period:
    """A KPI over some days, of some rows only; kept back where it would tell of too few."""
    frames = [context.generation.frame(table) for table in (kpi.of, kpi.per) if table is not None]
    if only:
        frames = [frame.filter(*(nw.col(name) == told for name, told in only.items())) for frame in frames]
    per = None if kpi.per is None else frames[1]
    row: dict[str, Any]
    [row] = (
        measure(kpi, frames[0], per=per, since=period.since, until=period.until)
        .collect("pyarrow")
        .to_native()
        .to_pylist()
    )
    return kpis.Period(**kpis.discreet(row, kpi, few=context.few) | {"since": period.since, "until": period.until})


def _figure(context: Context, one: OneKpi, changed: Change | None) -> tuple[Cell, ...]:
    words, now, before = context.words, one.current, one.previous
    aim = context.told.aim(one.kpi)
    ends = words.say("report.ends", low=words.value(now.low, one.unit), high=words.value(now.high, one.unit))
    return (
        Cell(label(one, words.lang)),
        valued(context, now.value, one.unit),
        valued(context, before.value if before else None, one.unit),
        Cell(f"{changed.arrow} {words.difference(changed.amount, changed.relative, one.unit)}" if changed else ""),
        Cell(
            words.say(f"judged.{changed.verdict}") if changed else "",
            tone=TONES.get(changed.verdict, "") if changed else "",
        ),
        valued(context, aim.target, one.unit) if aim else Cell(""),
        Cell(ends if now.low is not None else ""),
        Cell(words.number(now.n), now.n, "whole"),
        Cell(words.say("report.days", since=words.day(now.since), until=words.last_day(now.until))),
    )


def valued(context: Context, value: float | None, unit: str) -> Cell:
    """A figure in its unit; a workbook has money in major units of the shop's currency."""
    if unit == MONEY and value is not None:
        major = value / 10 ** context.words.decimals(context.told.shop.currency)
        return Cell(context.words.value(value, unit), major, "money")
    return Cell(context.words.value(value, unit), value, KINDS.get(unit, "number"))


def label(one: OneKpi, lang: str) -> str:
    """The name of a figure in a language."""
    return one.label_zh if lang == "zh" else one.label


def _sentence(context: Context, one: OneKpi, changed: Change) -> str:
    words = context.words
    return words.say(
        f"report.is_{changed.verdict}",
        figure=label(one, words.lang),
        now=words.value(one.current.value, one.unit),
        before=words.value(one.previous.value if one.previous else None, one.unit),
    )


# ---------------------------------------------------------------- goals


def goals(context: Context) -> Section | None:
    """Each target with what was reached, for all, a team or an agent; None where no target is set."""
    words, say = context.words, context.words.say
    by_name = {one.kpi: one for one in kpis.read(context.generation, few=context.few).kpis}
    rows, missed, reached = [], 0, 0
    for target in context.told.targets:
        if target.kpi in by_name and target.target is not None:
            one, period = by_name[target.kpi], _aimed(context, target)
            verdict = met(KPIS[target.kpi][1], period, target.target)
            missed, reached = missed + (verdict == "missed"), reached + (verdict == "reached")
            who = target.team or target.agent_id or say("report.everybody")
            rows.append(
                (
                    Cell(label(one, words.lang)),
                    Cell(who),
                    *(valued(context, v, one.unit) for v in (period.value, target.target, target.benchmark)),
                    Cell(say(f"report.goal_{verdict}"), tone=TONES.get(verdict, "")),
                    Cell(words.number(period.n), period.n, "whole"),
                )
            )
    if not rows:
        return None
    heads = ("figure", "who", "now", "target", "benchmark", "verdict", "n")
    table = Table(say("report.goals"), tuple(say(f"report.{head}") for head in heads), tuple(rows), _right(2, 3, 4, 6))
    lead = say("report.goals_line", count=len(rows), reached=reached, missed=missed)
    return Section("goals", say("report.goals"), (lead,), (table,), say("report.goals_note"))


def _aimed(context: Context, target: Target) -> kpis.Period:
    """What the target's people reached in the days of the report."""
    kpi = KPIS[target.kpi][1]
    only = {name: told for name, told in (("team", target.team), ("agent_id", target.agent_id)) if told}
    return _period(context, kpi, _earlier(context.now, kpi.lag_days), **only)


def met(kpi: Kpi, period: kpis.Period, target: float) -> str:
    """Reached or missed where the whole 95 % interval says so (or where there is none, the value), else cannot_tell."""
    if period.value is None:
        return "cannot_tell"
    low, high = period.low, period.high
    if low is None or high is None:
        low = high = period.value
    verdict = beside(target, low, high, up=kpi.better != "down")
    return "cannot_tell" if verdict == "unclear" else verdict


# ---------------------------------------------------------------- what changed

CHANGED = """
select topic_id,
    count(*) filter (day >= ? and day < ?)::bigint as now, count(*) filter (day >= ? and day < ?)::bigint as before
from mart.main.conversation_facts group by topic_id having now + before > 0 order by topic_id
"""


def changes(context: Context) -> Section | None:
    """By how much the conversations changed a day, and which topics make that up; each conversation counts once."""
    from scipy.stats import binomtest  # late, since it costs seconds that every start of the server would pay

    words, say = context.words, context.words.say
    spans = (context.now.since, context.now.until, context.before.since, context.before.until)
    rows = context.generation.rows(CHANGED, spans)
    now, before = (sum(row[name] for row in rows) for name in ("now", "before"))
    if not now + before:
        return None
    lengths = _length(context.now), _length(context.before)
    for row in rows:
        row["change"] = row["now"] / lengths[0] - row["before"] / lengths[1]
        row["p"] = float(binomtest(row["now"], row["now"] + row["before"], lengths[0] / sum(lengths)).pvalue)
    sure = benjamini_hochberg([row["p"] for row in rows]) <= FALSE_SHARE
    names = faq.names(context.generation, words.lang)
    names |= {UNKNOWN: say("report.no_issue"), UNASSIGNED: say("report.no_topic")}
    shown = sorted(zip(rows, sure, strict=True), key=lambda pair: (-abs(pair[0]["change"]), pair[0]["topic_id"]))
    cells = [_topic(context, row, certain, names, lengths) for row, certain in shown[:MOST_TOPICS]]
    heads = ("topic", "now_a_day", "before_a_day", "change", "verdict", "now_all")
    table = Table(say("report.changes"), tuple(say(f"report.{h}") for h in heads), tuple(cells), _right(1, 2, 3, 5))
    a_day, was = now / lengths[0], before / lengths[1]
    lead = say("report.changes_line", now=words.number(a_day, 1), before=words.number(was, 1))
    drivers = [_driver(context, row, names) for row, certain in shown if certain][:3]
    lines = (lead, *(drivers or [say("report.no_driver")]))
    return Section("changes", say("report.changes"), lines, (table,), say("report.changes_note"))


def _length(period: Period) -> int:
    return (period.until - period.since).days


def _topic(
    context: Context, row: dict[str, Any], certain: bool, names: dict[str, str], lengths: tuple[int, int]
) -> tuple[Cell, ...]:
    words = context.words
    verdict = ("more" if row["change"] > 0 else "less") if certain else "cannot_tell"
    a_day = [row[name] / length for name, length in zip(("now", "before"), lengths, strict=True)]
    return (
        Cell(names.get(row["topic_id"], row["topic_id"])),
        *(Cell(words.number(value, 1), value, "number") for value in a_day),
        Cell(f"{row['change']:+.1f}", row["change"], "number"),
        Cell(words.say(f"report.change_{verdict}")),
        Cell(words.number(row["now"]), row["now"], "whole"),
    )


def _driver(context: Context, row: dict[str, Any], names: dict[str, str]) -> str:
    words = context.words
    key = "report.driver_more" if row["change"] > 0 else "report.driver_less"
    return words.say(key, topic=names.get(row["topic_id"], row["topic_id"]), change=words.number(abs(row["change"]), 1))


# ---------------------------------------------------------------- warnings, risks, wishes, questions


def alerts(context: Context) -> Section:
    """What got surely worse and still holds, the most important first."""
    words, say = context.words, context.words.say
    asked = early_warnings.Asked(state="now", limit=MOST_TOPICS)
    found = early_warnings.read(context.generation, asked=asked, few=context.few)
    if not found.warnings:
        return Section("alerts", say("report.alerts"), (say("warnings.none"),), (), say("warnings.note"))
    rows = tuple(
        (
            Cell(api_alerts.matter(one, words)),
            Cell(api_alerts.where(one, words)),
            Cell(words.day(one.since)),
            Cell(" ".join(api_alerts.said(sign, one, words) for sign in one.signs[:MOST_SIGNS])),
            Cell(words.number(one.customers), one.customers, "whole"),
            Cell(one.owner_zh if words.lang == "zh" else one.owner),
            Cell(one.quotes[0] if one.quotes else ""),
        )
        for one in found.warnings
    )
    heads = [say(f"warnings.{head}") for head in ("what", "where", "began", "seen", "customers", "who")]
    table = Table(say("report.alerts"), (*heads, say("report.words")), rows, _right(4))
    first = say("warnings.first", what=rows[0][0].words, where=rows[0][1].words)
    lead = f"{say('warnings.some', count=found.total)} {first}"
    return Section("alerts", say("report.alerts"), (lead,), (table,), say("warnings.note"))


def risks(context: Context) -> Section:
    """Whom to help first, as many as the team can work on."""
    words, say = context.words, context.words.say
    found = at_risk.read(context.generation, places=Places(), limit=context.told.service.at_risk)
    if not found.customers:
        return Section("risks", say("report.risks"), (say("report.no_risks"),))
    rows = tuple(
        (
            Cell(words.number(one.rank), one.rank, "whole"),
            Cell(words.percent(one.probability, 0), one.probability, "share"),
            Cell(one.topic_zh if words.lang == "zh" else one.topic_en),
            Cell("; ".join((one.reasons_zh if words.lang == "zh" else one.reasons)[:2])),
            Cell(one.last_words),
            Cell(words.place(one.market)),
            Cell(one.order_id or ""),
            Cell(words.money(one.order_minor, one.currency) if one.order_minor is not None else ""),
            Cell(words.duration(one.hours_left * 3600), one.hours_left, "number"),
        )
        for one in found.customers
    )
    heads = ("rank", "risk", "topic", "why", "words", "market", "order", "value", "left")
    table = Table(say("report.risks"), tuple(say(f"report.{head}") for head in heads), rows, _right(0, 1, 7, 8))
    lead = say("report.risks_line", count=found.total, share=words.percent(found.customers[0].probability, 0))
    return Section("risks", say("report.risks"), (lead,), (table,), say("report.risks_note"))


def wishes(context: Context) -> Section:
    """What customers ask for that we do not sell."""
    words, say = context.words, context.words.say
    every = demand.read(context.generation, limit=200).signals
    found = [one for one in every if not one.sold and one.asked != TOO_FEW][:MOST_THINGS]
    if not found:
        return Section("demand", say("report.demand"), (say("report.no_demand"),))
    rows = tuple(
        (
            Cell(one.asked),
            Cell(one.for_what or ""),
            Cell(words.number(one.askers), one.askers, "whole"),
            Cell(words.number(one.per_1000_contacts, 1), one.per_1000_contacts, "number"),
            Cell(words.say("report.ends", low=words.number(one.low, 1), high=words.number(one.high, 1))),
            Cell(one.quote or ""),
        )
        for one in found
    )
    heads = ("thing", "for_what", "askers", "rate", "interval", "words")
    table = Table(say("report.demand"), tuple(say(f"report.{head}") for head in heads), rows, _right(2, 3))
    lead = say("report.demand_line", count=found[0].askers, asked=found[0].asked)
    return Section("demand", say("report.demand"), (lead,), (table,), say("report.whole_data"))


def questions(context: Context) -> Section | None:
    """Frequent questions that need a better answer; None where nothing is asked often."""
    words, say = context.words, context.words.say
    every = faq.read(context.generation, limit=10_000).questions
    gaps = sorted((q for q in every if q.gap), key=lambda q: (q.gap != "comes back", -q.contacts, q.question_id))
    if not every:
        return None
    rows = tuple(
        (
            Cell((q.question_zh if words.lang == "zh" else q.question_en) or q.question),
            Cell(say("knowledge.comes_back" if q.gap == "comes back" else "knowledge.no_answer")),
            Cell(words.number(q.contacts), q.contacts, "whole"),
            Cell(words.percent(q.share, 0), q.share, "share"),
            Cell(words.number(q.judged), q.judged, "whole"),
        )
        for q in gaps[:MOST_THINGS]
    )
    heads = ("question", "why", "conversations", "settled", "n")
    tables = (Table(say("report.questions"), tuple(say(f"report.{h}") for h in heads), rows, _right(2, 3, 4)),)
    lead = say("report.questions_line", count=len(gaps)) if gaps else say("report.no_gaps")
    return Section("questions", say("report.questions"), (lead,), tables if gaps else (), say("report.half_year"))


def _right(*columns: int) -> frozenset[int]:
    return frozenset(columns)
