"""The one screen after a run: do the counts close, what do people complain about, how are we doing, who is at risk."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table

from insight.published import Generation
from insight.schema import ALL, TOO_FEW, UNASSIGNED
from insight.settings import Settings

TOPICS = """
select t.name_en, c.contacts, c.per_100_orders, c.low, c.high, c.verdict, c.quote
from mart.main.complaints c join mart.main.topics t using (topic_id)
where c.market = ? and c.sku = ? and c.topic_id <> ?
order by c.contacts desc, c.topic_id limit 5
"""
KPIS = """
select kpi, unit, better,
       max(value) filter (period = 'current') as now, max(value) filter (period = 'previous') as before,
       max(low) filter (period = 'current') as low, max(high) filter (period = 'current') as high
from mart.main.kpis group by all
"""
SHOWN = {
    "rows read": "rows read",
    "conversations": "conversations",
    "texts of a message": "texts",
    "mentions, topic": "mentions",
    "facts of orders": "orders",
}
"""Stages of COUNTS that the screen names; all of them must close."""
WIDE = 120
"""Columns, where the screen is a file or a pipe."""
TILES = (
    "conversations",
    "contacts_per_100_orders",
    "first_response_median",
    "late_response_share",
    "csat_mean",
    "first_contact_resolution",
    "late_delivery_share",
    "return_rate",
)
AT_RISK = "select rank, probability, reasons, last_words, hours_left from mart.main.at_risk order by rank limit 5"
DEMAND = """
select asked, askers, sold, quote from mart.main.demand_signals
where asked <> ? order by sold, askers desc, asked limit 5
"""
FINDINGS = """
select said from mart.main.findings qualify row_number() over (partition by split, part order by rank) = 1
order by rank limit 3
"""
NAMES = """
select naming, count(*)::bigint as topics from mart.main.topics where naming <> '' group by naming
order by naming <> 'named', topics desc, naming
"""
COUNTS = """
select stage, bool_and(closes) as closes, sum(rows) filter (outcome = 'in')::bigint as rows
from mart.main.counts group by stage
"""


def show(published: Generation, report: dict[str, Any], told: Settings, settings: Path) -> None:
    """Print the screen to stdout."""
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(highlight=False, width=WIDE)
    as_of = datetime.fromtimestamp(published.as_of_ms / 1000, tz=UTC).astimezone(told.shop.clock)
    console.print(f"\n[bold]{told.shop.name}[/], data as of {as_of:%Y-%m-%d %H:%M} {told.shop.zone}")
    _jobs(console, report)
    _counts(console, published)
    _kpis(console, published)
    _findings(console, published)
    _topics(console, published)
    _at_risk(console, published)
    _demand(console, published)
    if report["rejected"]:
        console.print(f"[yellow]{report['rejected']} rows were rejected[/]: insight doctor --settings {settings}")
    command = "make serve" if settings.parent.name == "shop" else f"insight serve --settings {settings}"
    console.print(f"next: [bold]{command}[/]  the dashboard")


def _table(*columns: str, wraps: str = "") -> Table:
    """A table whose rows take one line each, but for the column that may wrap."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column != wraps, overflow="ellipsis" if column != wraps else "fold")
    return table


def _jobs(console: Console, report: dict[str, Any]) -> None:
    done = [f"{j['job']} {j['seconds']:.0f} s" for j in report["jobs"] if not j["skipped"] and j["seconds"] >= 1]
    skipped = [j["job"] for j in report["jobs"] if j["skipped"]]
    ran = len(report["jobs"]) - len(skipped)
    said = f"ran {ran} jobs in {report['seconds']} s" + (f" (longest: {', '.join(done)})" if done else "")
    if skipped:
        said += f"; nothing changed, so skipped {len(skipped)}: {', '.join(skipped)}"
    console.print(said, soft_wrap=True)


def _counts(console: Console, published: Generation) -> None:
    stages = published.rows(COUNTS)
    rows = {s["stage"]: s["rows"] for s in stages}
    total = " · ".join(f"{rows[stage]:,} {said}" for stage, said in SHOWN.items() if rows.get(stage))
    closing = all(s["closes"] for s in stages)
    console.print(("[green]every row is accounted for[/]: " if closing else "[red]COUNTS DO NOT CLOSE[/]: ") + total)


def _kpis(console: Console, published: Generation) -> None:
    known = {row["kpi"]: row for row in published.rows(KPIS)}
    table = _table("KPI, last 28 days", "value", "95 % interval", "28 days before", "")
    for name in TILES:
        if row := known.get(name):
            unit = row["unit"]
            interval = "" if row["low"] is None else f"{amount(row['low'], unit)} to {amount(row['high'], unit)}"
            table.add_row(
                name.replace("_", " "), amount(row["now"], unit), interval, amount(row["before"], unit), change(row)
            )
    console.print(table)
    console.print()


def _topics(console: Console, published: Generation) -> None:
    table = _table("what customers complain about", "contacts", "per 100 orders", "trend", "in their words")
    for row in published.rows(TOPICS, [ALL, ALL, UNASSIGNED]):
        rate = (
            ""
            if row["per_100_orders"] is None
            else f"{row['per_100_orders']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
        )
        table.add_row(short(row["name_en"], 30), f"{row['contacts']:,}", rate, row["verdict"], short(row["quote"], 36))
    console.print(table)
    if told := [f"{row['topics']} {row['naming']}" for row in published.rows(NAMES)]:
        console.print(f"names by the model: {'; '.join(told)}", markup=False, soft_wrap=True)
    console.print()


def _findings(console: Console, published: Generation) -> None:
    """What goes together, said unprompted; nothing where nothing does."""
    said = [row["said"] for row in published.rows(FINDINGS)]
    for one in said:
        console.print(f"goes together: {one}", markup=False, soft_wrap=True)
    if said:
        console.print()


def _at_risk(console: Console, published: Generation) -> None:
    table = _table("at risk of writing again", "hours left", "last words", "why", wraps="why")
    for row in published.rows(AT_RISK):
        why, risk = "; ".join(row["reasons"][:3]), f"{row['rank']}.  {row['probability']:.0%}"
        table.add_row(risk, f"{row['hours_left']:.0f}", short(row["last_words"], 30), why)
    console.print(table)
    console.print()


def _demand(console: Console, published: Generation) -> None:
    table = _table("what customers ask for", "askers", "we sell it", "in their words")
    for row in published.rows(DEMAND, [TOO_FEW]):
        table.add_row(row["asked"], f"{row['askers']:,}", "yes" if row["sold"] else "no", short(row["quote"], 36))
    console.print(table)
    console.print()


def amount(value: float | None, unit: str) -> str:
    """A value in its unit, short."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "seconds":
        return f"{value:,.0f} s" if value < 600 else f"{value / 3600:,.1f} h"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:,.2f}"


def change(row: dict[str, Any]) -> str:
    """Better or worse than before, in a word; nothing where that cannot be said."""
    if row["now"] is None or row["before"] is None or row["better"] == "neither" or row["now"] == row["before"]:
        return ""
    if row["low"] is not None and row["low"] <= row["before"] <= row["high"]:
        return "[dim]no clear change[/]"
    rose = row["now"] > row["before"]
    return "[green]better[/]" if rose == (row["better"] == "up") else "[red]worse[/]"


def short(text: str | None, most: int) -> str:
    """At most so many columns of a quote, on one line (a Chinese character takes two); its brackets are no markup."""
    words = " ".join((text or "").split())
    cut = words if cell_len(words) <= most else f"{set_cell_size(words, most - 1).rstrip()}…"
    return cut.replace("[", "\\[")
