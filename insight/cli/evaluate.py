"""`insight eval`: how good a stage is on text with known answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from insight.cli import comparison, options, stability_scores, taxonomy_scores
from insight.errors import SettingsError
from insight.settings import Settings

Where = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only rows with this value; may be told again.")
]
OptionalSettings = Annotated[Path | None, typer.Option("--settings", "-s", help="insight.toml; none is needed.")]
Labelled = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE…]",
        help="Parquet, CSV or TSV with texts and labels; FILE:text:gold[:column=value[:column=value]] where files "
        "differ, the second condition naming the part for training.",
    ),
]
Parallel = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE:en:de", help="Sentences and their translations in two columns; may be told again."),
]
Exact = Annotated[
    Path | None,
    typer.Option(help="The static encoder before rounding, as recipes.encoder keeps it.", exists=True, dir_okay=False),
]

app = typer.Typer(help="Measure a stage on a file with known answers.", no_args_is_help=True)


@app.callback()
def evaluate() -> None:
    """Measure a stage on a file with known answers."""


@app.command("topics")
def topics(
    file: Annotated[Path, typer.Argument(help="Parquet, CSV or TSV.", exists=True, dir_okay=False)],
    text: Annotated[str, typer.Option(help="Column with the texts.")] = "text",
    gold: Annotated[str, typer.Option(help="Column with the true topics.")] = "gold",
    where: Where = None,
    settings: OptionalSettings = None,
    as_json: options.AsJson = False,
) -> None:
    """Run the topic stage that `insight run` uses, with the number of topics left free, and compare with the truth.

    Accuracy is matched one to one (Hungarian method). A text without a topic counts as wrong.
    """
    from insight.evaluate.topics import topics_file

    told = _told(settings)
    scores = asdict(topics_file(file, text=text, gold=gold, settings=told, where=where or ()))
    if as_json:
        sys.stdout.write(json.dumps(scores) + "\n")
        return
    shown = Table("measure", "value", title=f"topics on {file.name}", title_justify="left")
    for name, value in scores.items():
        shown.add_row(name, f"{value:.3f}" if isinstance(value, float) else str(value))
    Console().print(shown)


@app.command("stability")
def stability(
    file: Annotated[Path, typer.Argument(help="Parquet, CSV or TSV.", exists=True, dir_okay=False)],
    grow: Annotated[str, typer.Option(help="Shares of the rows that have come at each run.")] = "0.8:1.0",
    text: Annotated[str, typer.Option(help="Column with the texts.")] = "text",
    gold: Annotated[str | None, typer.Option(help="Column with the true topics.")] = None,
    when: Annotated[
        str | None, typer.Option(help="Column by which rows come one after the other; by chance where not named.")
    ] = None,
    where: Where = None,
    seeds: Annotated[bool, typer.Option(help="Know the topics of the taxonomy from the start.")] = False,
    settings: OptionalSettings = None,
    as_json: options.AsJson = False,
) -> None:
    """Let a file grow in steps and see whether old mentions keep the ids of their topics, and what that costs.

    kept: of mentions that had a topic, those with the same id. joined: of those that had none, those that have one now.
    """
    from insight.evaluate.stability import shares, stability_file

    with _bar() as bar:
        found = stability_file(
            file,
            text=text,
            gold=gold,
            when=when,
            grow=shares(grow),
            settings=_told(settings),
            where=where or (),
            seeds=seeds,
            say=_says(bar),
        )
    if as_json:
        sys.stdout.write(json.dumps(stability_scores.told(found)) + "\n")
    else:
        stability_scores.show(found, file.name)


@app.command("encoder")
def encoder(
    files: Labelled = None,
    text: Annotated[str, typer.Option(help="Column with the texts.")] = "text",
    gold: Annotated[str, typer.Option(help="Column with the true labels.")] = "gold",
    where: Where = None,
    train_where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Draw few-shot examples from these rows.")
    ] = None,
    parallel: Parallel = None,
    shots: Annotated[int, typer.Option(min=1, help="Examples of each label.")] = 10,
    adapt: Annotated[bool, typer.Option("--adapt", help="Also let the encoder learn from each file's texts.")] = False,
    peers: Annotated[
        str, typer.Option(help="To compare with: tfidf, model2vec, any encoder, or a folder with a model.")
    ] = "tfidf,model2vec,minilm",
    exact: Exact = None,
    limit: Annotated[int | None, typer.Option(min=2, help="At most so many rows of each file.")] = None,
    settings: OptionalSettings = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare the encoder of the settings with others: clusters, few-shot labels, translations, speed, memory.

    Clusters are k-means with as many clusters as labels, matched one to one. Speed is the median on the same texts.
    """
    from insight.encoders import static
    from insight.evaluate import gold as gold_files
    from insight.evaluate.encoder import compare

    sets = [
        gold_files.labelled(f, text=text, gold=gold, where=where or (), train_where=train_where or ())
        for f in files or ()
    ]
    translations = [gold_files.parallel(p) for p in parallel or ()]
    if not sets and not translations:
        raise SettingsError("there is no file to measure on", fix="name a FILE with labels, or a --parallel one")
    with _bar() as bar:
        found = compare(
            sets,
            translations,
            _told(settings),
            peers=[p.strip() for p in peers.split(",") if p.strip()],
            adapt=adapt,
            exact=(lambda: static.of_file(exact.read_bytes())) if exact else None,
            shots=shots,
            limit=limit,
            say=_says(bar),
        )
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")
    else:
        comparison.show(found)


@app.command("sentiment")
def sentiment(
    file: Annotated[Path, typer.Argument(help="Parquet, CSV or TSV.", exists=True, dir_okay=False)],
    text: Annotated[str, typer.Option(help="Column with the texts.")] = "text",
    gold: Annotated[
        str, typer.Option(help="Column with the true moods: negative/neutral/positive, stars 1 to 5, or good/bad.")
    ] = "gold",
    language: Annotated[
        str | None, typer.Option(help="Column with the languages (ISO 639-1); told by insight where not named.")
    ] = None,
    train: Annotated[
        Path | None, typer.Option(help="Let this file teach a head, as a seller's rated texts would.", exists=True)
    ] = None,
    where: Where = None,
    train_where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only these rows teach; may be told again.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Say of each text how its writer feels, with the head that ships or one that --train teaches, and compare.

    binary_accuracy: of negative and positive texts, is the right one of these two likelier? ece: how far probabilities
    are from the share that is right. 'unsure' texts count in every figure but sure_accuracy.
    """
    from insight.evaluate.sentiment import sentiment_file

    scores = asdict(
        sentiment_file(
            file,
            text=text,
            gold=gold,
            language=language,
            where=where or (),
            train=train,
            train_where=train_where or (),
        )
    )
    if as_json:
        sys.stdout.write(json.dumps(scores) + "\n")
        return
    parts = {"all": scores, **scores["by_language"]}
    names = [name for name in scores if name not in ("by_language", "head", "seconds", "train_seconds")]
    title = f"sentiment on {file.name}, {scores['head']} head, {scores['seconds']:.1f} s"
    shown = Table("language", *(name.replace("_", " ") for name in names), title=title, title_justify="left")
    for name, part in parts.items():
        shown.add_row(name, *(_figure(part[one]) for one in names))
    Console().print(shown)


@app.command("taxonomy")
def taxonomy(
    file: Annotated[Path, typer.Argument(help="Parquet, CSV or TSV.", exists=True, dir_okay=False)],
    text: Annotated[str, typer.Option(help="Column with the texts.")] = "text",
    gold: Annotated[
        str, typer.Option(help="Column with the true topics: leaves of the taxonomy, or any labels with --shots.")
    ] = "gold",
    language: Annotated[
        str | None, typer.Option(help="Column with the languages (ISO 639-1); told by insight where not named.")
    ] = None,
    where: Where = None,
    shots: Annotated[int | None, typer.Option(min=1, help="Teach so many examples of each label first.")] = None,
    train_where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Draw the examples from these rows.")
    ] = None,
    adapt: Annotated[bool, typer.Option("--adapt", help="Let the encoder learn from the texts first.")] = False,
    settings: OptionalSettings = None,
    as_json: options.AsJson = False,
) -> None:
    """Say of each text which known topic it is about, with no label and with a few, and compare with the truth.

    F1 and accuracy give every text its likeliest topic; coverage and precision are of those the head is sure of.
    """
    from insight.evaluate.taxonomy import taxonomy_file

    with _bar() as bar:
        found = taxonomy_file(
            file,
            text=text,
            gold=gold,
            language=language,
            settings=_told(settings),
            where=where or (),
            shots=shots,
            train_where=train_where or (),
            adapt=adapt,
            say=_says(bar),
        )
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")
    else:
        taxonomy_scores.show(found, file.name)


@app.command("demand")
def demand(
    file: Annotated[Path, typer.Argument(help="Parquet, CSV or TSV.", exists=True, dir_okay=False)],
    language: Annotated[str, typer.Option(help="Of all its texts, ISO 639-1.")],
    text: Annotated[str, typer.Option(help="Column with the texts.")] = "text",
    gold: Annotated[str, typer.Option(help="Column with the things asked for in English, empty for none.")] = "asked",
    where: Where = None,
    as_json: options.AsJson = False,
) -> None:
    """Say of each text which product it asks for, and compare with the truth."""
    from insight.evaluate.demand import demand_file

    scores = asdict(demand_file(file, language=language, text=text, gold=gold, where=where or ()))
    if as_json:
        sys.stdout.write(json.dumps(scores) + "\n")
        return
    shown = Table("measure", "value", title=f"demand on {file.name}", title_justify="left")
    for name, value in scores.items():
        shown.add_row(name, _figure(value))
    Console().print(shown)


def _figure(value: float | int | None) -> str:
    """A number as a person reads it."""
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _bar() -> Progress:
    """A bar on stderr, gone when all is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _says(bar: Progress) -> Callable[[str, int, int], None]:
    """What a long measure calls: what it does, how much is done, of how much (0: not known)."""
    task = bar.add_task("", total=None)
    return lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def _told(path: Path | None) -> Settings:
    """The settings that were named, or else the defaults."""
    return options.read(path) if path else Settings(home=Path.cwd())
