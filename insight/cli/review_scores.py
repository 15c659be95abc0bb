"""`insight eval reviews`: how well bad reviews of orders are foreseen, or dissatisfied turns of chats."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from insight.cli import options
from insight.cli.figures import console, figure, plain
from insight.errors import SettingsError

if TYPE_CHECKING:
    from insight.evaluate.chats import ChatScores
    from insight.evaluate.reviews import Moment, ReviewScores

OTHER_FILE = {"exists": True, "dir_okay": False}


def reviews(
    file: Annotated[Path, typer.Argument(help="Orders (a file, or a folder with all files), or chats.", exists=True)],
    reviews: Annotated[Path | None, typer.Option(help="File of reviews, by order.", **OTHER_FILE)] = None,
    items: Annotated[Path | None, typer.Option(help="File of the orders' lines.", **OTHER_FILE)] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=COLUMN", help="Of orders, such as promised=due_on; as Olist calls it if not told."),
    ] = None,
    wait: Annotated[float, typer.Option(help="Days after the promise at which a missing order is judged.")] = 2.0,
    worst: Annotated[float, typer.Option(help="A score up to this is a bad review.")] = 2.0,
    zone: Annotated[str, typer.Option(help="Clock of moments that name no zone.")] = "UTC",
    times: Annotated[str, typer.Option(help="How moments are written: iso, epoch_s, epoch_ms or a pattern.")] = "iso",
    conversation: Annotated[str | None, typer.Option(help="Of chats: column with their ids.")] = None,
    text: Annotated[str, typer.Option(help="Of chats: column with the customer's words.")] = "text",
    satisfaction: Annotated[str, typer.Option(help="Of chats: column with the satisfaction.")] = "satisfaction",
    language: Annotated[str | None, typer.Option(help="Of chats: column with languages, else told by insight.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Of chats: only rows with this value.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Foresee the bad reviews of orders by what was known at delivery and before it, or dissatisfied turns of chats.

    f1, precision, recall: of bad reviews, at a bar set on training data. auc: how often a bad one has the higher score.
    ap: mean precision. top fifth: share of the bad reviews that lie in the fifth with the highest scores. f1 come: f1
    among the parcels that had come.
    """
    if conversation is not None:
        from insight.evaluate.chats import chats_file

        chats = chats_file(
            file, conversation=conversation, text=text, satisfaction=satisfaction, language=language, where=where or ()
        )
        _print(chats) if as_json else _show_chats(chats, file.name)
        return
    from insight.evaluate.reviews import in_folder, orders_file

    if file.is_dir():
        found = in_folder(file)
        file, reviews, items = found[0], reviews or found[1], items or found[2]
    if reviews is None:
        raise SettingsError("which file tells the reviews?", where="--reviews", wanted="a file, or a folder of files")
    told = orders_file(
        file, reviews, items, columns=_mapped(column or ()), wait=wait, worst=worst, times=times, zone=zone
    )
    _print(told) if as_json else _show_orders(told, file.name)


def _mapped(told: list[str] | tuple[str, ...]) -> dict[str, str]:
    """`NAME=COLUMN` as a mapping."""
    pairs = [one.partition("=") for one in told]
    if bad := ["".join(pair) for pair in pairs if not (pair[0] and pair[2])]:
        raise SettingsError("this maps nothing", where="--column", came=bad[0], wanted="promised=due_on")
    return {name: column for name, _, column in pairs}


def _print(found: Any) -> None:
    sys.stdout.write(json.dumps(plain(asdict(found)), default=str) + "\n")


def _show_orders(found: ReviewScores, name: str) -> None:
    """The moments and models, and below them the anchors."""
    out = console()
    out.print(
        f"{found.orders:,} orders of {name}; {100 * found.response_rate:.1f} % of those judged have a review; bad is a "
        f"score up to {found.worst:g}; {found.seconds:.1f} s",
        markup=False,
        soft_wrap=True,
    )
    for which, moment in found.moments.items():
        _show_moment(out, which, moment, found.wait_days)
    _anchors(out, found.anchors)


def _show_moment(out: Console, which: str, moment: Moment, wait: float) -> None:
    shown = Table(title=which, title_justify="left", box=box.SIMPLE_HEAD, padding=0, collapse_padding=True)
    for column in ("model", "f1, 95 %", "precision", "recall", "auc, 95 %", "ap", "top fifth", "ece", "f1 come"):
        shown.add_column(column, no_wrap=True, justify="left" if column == "model" else "right")
    for name, model in moment.models.items():
        shown.add_row(
            name,
            _with_ends(model.f1, model.f1_low, model.f1_high),
            *(figure(value) for value in (model.precision, model.recall)),
            _with_ends(model.auc, model.auc_low, model.auc_high),
            *(figure(value) for value in (model.average_precision, model.recall_at_20, model.ece, model.f1_there)),
        )
    out.print(shown)
    not_come = f", {moment.not_come:,} of them not there {wait:g} days after the promise" if moment.not_come else ""
    out.print(
        f"{moment.measured:,} orders since {moment.since}, {moment.bad:,} badly reviewed{not_come}; left out: "
        f"{moment.judged - moment.answered:,} without a review, {moment.early:,} whose review was there before",
        markup=False,
        soft_wrap=True,
    )


def _with_ends(value: float, low: float, high: float) -> str:
    return f"{figure(value)} ({figure(low)}…{figure(high)})"


def _show_chats(found: ChatScores, name: str) -> None:
    out = console()
    lines = (
        f"{found.turns:,} turns of {found.conversations:,} conversations of {name}, {100 * found.dissatisfied:.1f} % "
        f"dissatisfied; {found.unlabelled:,} turns have no satisfaction; {found.seconds:.1f} s",
        f"dissatisfied: auc {found.auc:.3f}, 95 % {found.auc_low:.3f} … {found.auc_high:.3f}; average precision "
        f"{found.average_precision:.3f}; lift in the top tenth {found.lift_at_10:.2f}; ece {found.ece:.3f}",
        f"3 classes: accuracy {found.accuracy:.3f}, 95 % {found.accuracy_low:.3f} … {found.accuracy_high:.3f}; "
        f"macro f1 {found.macro_f1:.3f}; always the most frequent class {found.majority:.3f}",
        f"the shipped head for moods, which has seen none of it: auc {found.shipped_auc:.3f}",
        "the unit is one message of a customer; all turns of a conversation are in one fold",
    )
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
    _anchors(out, found.anchors)


def _anchors(out: Console, anchors: tuple[tuple[str, str, float], ...]) -> None:
    for what, name, value in anchors:
        out.print(f"anchor: {name} {value:.3f}  {what}", markup=False, soft_wrap=True)
