"""`insight demand`: what customers ask for that the shop could sell, and who asked."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from insight.cli import options
from insight.cli.files import write_whole
from insight.cli.summary import WIDE, short
from insight.sheets import csv_text

if TYPE_CHECKING:
    import pandas as pd

    from insight.settings import Settings

app = typer.Typer(
    help="See what customers ask for, and export who asked for a thing.",
    no_args_is_help=True,
)
MOST = 20
"""Things that a plain list shows."""
HEAD = [
    "customer_key",
    "asked",
    "times_asked",
    "last_asked",
    "orders",
    "order_value",
    "currency",
    "other_currencies",
    "bought_after",
    "may_market",
]


@app.callback()
def demand() -> None:
    """See what customers ask for, and export who asked for a thing."""


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also what the catalogue has.")] = False,
    most: Annotated[int, typer.Option("--most", min=1, help="Things to show at most.")] = MOST,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """List the things that customers ask for and the catalogue lacks, surest first.

    Example: insight demand list --all
    """
    from insight.api.routes.demand import read
    from insight.published import Published
    from insight.schema import TOO_FEW

    found = read(Published(options.read(settings).lake_path).current(), limit=2**31 - 1).signals
    rows = [row for row in found if (every or not row.sold) and row.asked != TOO_FEW][:most]
    if as_json:
        sys.stdout.write(json.dumps([row.model_dump() for row in rows], ensure_ascii=False) + "\n")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("asked", "goes with", "customers", "per 1,000 enquiries", "95 %", "sold", "bought within 7 days"):
        table.add_column(name, justify="left" if name in ("asked", "goes with", "sold") else "right")
    for row in rows:
        rate = "–" if row.shrunk is None else f"{row.shrunk:.1f}"
        ends = "–" if row.low is None or row.high is None else f"{row.low:.1f} … {row.high:.1f}"
        names = (short(row.asked, 40), short(row.for_what or "", 30), f"{row.askers:,}")
        table.add_row(*names, rate, ends, row.sku or ("yes" if row.sold else "no"), f"{row.asked_and_bought:,}")
    console = _console()
    console.print(table if rows else "nobody asks for anything that the catalogue lacks")
    if rows:
        console.print(f'next: insight demand export "{rows[0].asked}" --out asked.csv', markup=False, soft_wrap=True)


@app.command("export")
def export(
    thing: Annotated[
        str, typer.Argument(metavar="THING", help="What was asked for, as `insight demand list` names it.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The CSV file to write; one that is there is replaced.")],
    may_market: Annotated[
        bool, typer.Option("--may-market", help="Only customers who agreed to receive marketing.")
    ] = False,
    settings: options.SettingsPath = options.HERE,
    as_json: options.AsJson = False,
) -> None:
    """Write who asked for a thing: keyed customers, how often and when, what they bought so far, and their consent.

    Customers stand under their keyed hashes. order_value is in major units of `currency`; may_market is yes, no, or
    unknown where no source tells it.

    Example: insight demand export "waterproof case" --out asked.csv
    """
    rows = _asked_for(options.read(settings), thing)
    asked = len(rows)
    if may_market:
        rows = rows[[told is True for told in rows["may_market"]]]
    write_whole(out, sheet(rows), encoding="utf-8-sig")
    agreed = sum(told is True for told in rows["may_market"])
    if as_json:
        told = {
            "file": str(out),
            "asked": thing,
            "customers": len(rows),
            "may_market": agreed,
            "left_out": asked - len(rows),
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    _console().print(f"{len(rows):,} customers who asked for {thing} are in {out}", markup=False, soft_wrap=True)
    _console().print(f"{agreed:,} of them agreed to receive marketing; write only to those", markup=False)


def sheet(rows: pd.DataFrame) -> str:
    """Customers of `insight.marts.demand_signals.audience` as CSV text, no cell of which a spreadsheet would run."""
    lines = []
    for row in rows.to_dict("records"):
        value = _major(row["value_minor"], row["currency"]) if row["currency"] else ""
        consent = "unknown" if row["may_market"] is None else "yes" if row["may_market"] else "no"
        day = datetime.fromtimestamp(row["last_asked_ms"] / 1000, UTC).strftime("%Y-%m-%d")
        bought = "yes" if row["bought_after"] else "no"
        who: list[Any] = [row[name] for name in ("customer_key", "asked", "times_asked")]
        paid = [row["orders"], value, row["currency"], row["other_currencies"]]
        lines.append([str(cell) for cell in (*who, day, *paid, bought, consent)])
    return csv_text(HEAD, lines)


def _major(minor: int, currency: str) -> str:
    """Whole minor units as a decimal number of the currency: 1250 USD are 12.50, 1250 JPY are 1250."""
    from insight.exchange import exponent

    places = exponent(currency)
    whole, rest = divmod(minor, 10**places)
    return f"{whole}.{rest:0{places}d}" if places else str(whole)


def _asked_for(told: Settings, thing: str) -> pd.DataFrame:
    """Customers who asked for the thing.

    :raises SettingsError: nobody did; the error names what sounds like it.
    """
    import pandas as pd

    from insight.errors import SettingsError
    from insight.marts.demand_signals import audience
    from insight.schema import CUSTOMERS, DEMAND_MENTIONS, MENTIONS, ORDERS
    from insight.store import Store

    lake = Store(told.lake_path)
    asked = lake.read(DEMAND_MENTIONS).select(["mention_id", "asked"]).to_pandas()
    wanted = asked[asked["asked"] == thing]
    if wanted.empty:
        near = get_close_matches(thing, sorted(set(asked["asked"])), n=3)
        fix = f"did you mean {' or '.join(near)}?" if near else "see `insight demand list --all`"
        raise SettingsError("nobody asked for this", where="demand export", came=thing, fix=fix)
    said = lake.read(MENTIONS).select(["mention_id", "customer_key", "said_ms"]).to_pandas()
    orders = lake.read(ORDERS).select(["customer_key", "ordered_ms", "currency", "total_minor", "status"])
    customers = lake.read(CUSTOMERS).select(["customer_key", "may_market"]).to_pandas()
    return audience(wanted.merge(said, on="mention_id"), orders.to_pandas(types_mapper=pd.ArrowDtype), customers)


def _console() -> Console:
    wide = None if sys.stdout.isatty() else WIDE
    return Console(width=wide, highlight=False)
