"""`insight label`: which of today's topics is each text of a file about?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from insight.cli import options
from insight.errors import SourceError
from insight.schema import ENCODER_FEATURES, MENTION_TOPICS, MENTIONS, TOPICS, UNASSIGNED, VECTORS

if TYPE_CHECKING:
    from insight.archive import Known
    from insight.settings import Settings

BATCH = 32_768
"""Texts at a time."""
FORMATS = {".parquet": "parquet", ".csv": "csv"}


def label(
    file: Annotated[Path, typer.Argument(metavar="{file}", help="Parquet or CSV, of any size.", dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="The Parquet file to write.", dir_okay=False)],
    text: Annotated[str, typer.Option("--text", help="Column with the texts.")] = "text",
    settings: options.SettingsPath = options.HERE,
) -> None:
    """Say of each text in a file which of your topics it is about, in a new file; nothing enters the lake.

    All columns stay, and three are added: topic_id, topic (its English name) and similarity. Texts are read in batches,
    so the file may be larger than memory. A text that no topic fits is 'unassigned'.

    Example: insight label archive.parquet --out labelled.parquet
    """
    from insight.archive import COLUMNS, labelled

    told = options.read(settings)
    rows = _rows(file, text, COLUMNS)
    if out.exists():
        raise SourceError("this file exists already", where=str(out), fix="name another one, or remove it")
    known = _known(told)
    part = out.with_name(f"{out.name}.part")
    unassigned = done = 0
    try:
        with _bar() as bar:
            task = bar.add_task("labelling", total=rows.count_rows())
            writer = None
            for batch in labelled(_batches(rows), text, known):
                writer = writer or pq.ParquetWriter(part, batch.schema)
                writer.write_batch(batch)
                done += len(batch)
                unassigned += batch.column("topic_id").to_pylist().count(UNASSIGNED)
                bar.update(task, completed=done)
            if writer is None:
                raise SourceError("there is no row in this file", where=str(file))
            writer.close()
        part.rename(out)
    finally:
        part.unlink(missing_ok=True)
    Console(highlight=False).print(
        f"{done:,} texts, {unassigned:,} of them ({unassigned / done:.0%}) fit no topic: {out}", soft_wrap=True
    )


def _rows(file: Path, text: str, added: tuple[str, ...]) -> Any:
    """The rows of the file, of which nothing is read yet."""
    if file.suffix.lower() not in FORMATS or not file.is_file():
        raise SourceError("this file cannot be labelled", where=str(file), wanted="an existing .parquet or .csv")
    try:
        rows = ds.dataset(file, format=FORMATS[file.suffix.lower()])
    except (pa.ArrowException, OSError) as error:
        raise SourceError("this file cannot be read", where=str(file), came=str(error)[:200]) from error
    if text not in rows.schema.names:
        raise SourceError(
            "there is no such column", where=str(file), came=text, wanted=" or ".join(rows.schema.names), fix="--text"
        )
    if taken := [name for name in added if name in rows.schema.names]:
        raise SourceError("this column would be written twice", where=str(file), came=taken[0], fix="rename it")
    return rows


def _batches(rows: Any) -> Iterator[pa.RecordBatch]:
    """In the order of the file, a few read ahead."""
    for batch in rows.to_batches(batch_size=BATCH, batch_readahead=2, fragment_readahead=1):
        if len(batch):
            yield batch


def _known(told: Settings) -> Known:
    """The topics of the last run."""
    from insight import archive, clusters
    from insight.encoders import encoder, static

    places = options.places(told)
    lake = places[""]
    taught = lake.read(ENCODER_FEATURES)
    speaks = static.taught(taught) if len(taught) else encoder(told.encoder)
    vectors = lake.read(VECTORS).sort_by("text_hash")
    said, placed, topics = (
        lake.read(table).to_pandas(types_mapper=_arrow) for table in (MENTIONS, MENTION_TOPICS, TOPICS)
    )
    return archive.known(said, clusters.matrix(vectors), places["edits"].read(), placed, topics, speaks)


def _arrow(kind: pa.DataType) -> Any:
    import pandas as pd

    return pd.ArrowDtype(kind)


def _bar() -> Progress:
    columns = "[progress.description]{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)
