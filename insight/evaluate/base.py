"""What every measure needs: the rows of a file that have what it asks for, and the memory that was held."""

from __future__ import annotations

import resource
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from insight.errors import SourceError

SEPARATORS = {".csv": ",", ".tsv": "\t"}
READABLE = (".parquet", *SEPARATORS)


def rows(path: Path, columns: Sequence[str], where: Sequence[str] = ()) -> pa.Table:
    """The rows of a Parquet, CSV or TSV file that have a value in each of these columns, and hold every condition.

    :param columns: the wanted columns, in the order in which they come back, each as text.
    :param where: conditions, each spelled COLUMN=VALUE.
    :raises SourceError: the file cannot be read, has no such column, or no row is left.
    """
    told = conditions(where)
    table = _holding(path, list(dict.fromkeys([*columns, *told])), told)
    table = table.select(list(dict.fromkeys(columns))).drop_null()
    if not len(table):
        raise SourceError(
            "no row has a value in each of these columns",
            where=path.name,
            came=" and ".join(columns),
            fix="name other columns",
        )
    return table


def whole(path: Path, where: Sequence[str] = ()) -> pa.Table:
    """All columns of a file as text, empty cells as null, and the rows that hold every condition.

    :raises SourceError: the file cannot be read, a condition names no column of it, or no row is left.
    """
    return _holding(path, None, conditions(where))


def _holding(path: Path, wanted: Sequence[str] | None, told: Mapping[str, str]) -> pa.Table:
    """The rows that hold every condition."""
    table = _read(path, wanted)
    has(path, table.column_names, list(told))
    for column, value in told.items():
        table = table.filter(pc.equal(table[column], value))
        if not len(table):
            raise SourceError("no row has this value", where=f"{path.name}, {column}", came=value)
    return table


def columns(path: Path, names: Sequence[str], where: Sequence[str] = ()) -> tuple[list[str], ...]:
    """The columns of `rows` as lists of texts, one list for each name."""
    table = rows(path, names, where)
    return tuple(table[name].to_pylist() for name in names)


def conditions(where: Sequence[str]) -> Mapping[str, str]:
    """Conditions spelled COLUMN=VALUE, by column.

    :raises SourceError: one is spelled otherwise, or a column is told two values.
    """
    told: dict[str, str] = {}
    for one in where:
        column, equals, value = one.partition("=")
        if not (column and equals):
            raise SourceError("this is no condition", came=one, wanted="COLUMN=VALUE, for example split=test")
        if told.setdefault(column, value) != value:
            raise SourceError("a column can have one value only", where=column, came=f"{told[column]} and {value}")
    return told


def peak_mb() -> float:
    """The most memory that the process has held so far, or since `forget_peak`, in MB of 1024² bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def forget_peak() -> None:
    """Let the next `peak_mb` tell of what comes from now on; only Linux can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _read(path: Path, wanted: Sequence[str] | None) -> pa.Table:
    """These columns of a file, or all, as text."""
    kind = path.suffix.lower()
    if kind not in READABLE or not path.is_file():
        raise SourceError("this file cannot be scored", where=path.name, wanted="an existing .parquet, .csv or .tsv")
    try:
        if kind in SEPARATORS:
            names = list(wanted) if wanted is not None else _header(path, SEPARATORS[kind])
            table = _separated(path, names, SEPARATORS[kind])
            has(path, table.column_names, names)
        else:
            file = pa.parquet.ParquetFile(path)
            names = list(wanted) if wanted is not None else list(file.schema_arrow.names)
            has(path, file.schema_arrow.names, names)
            table = file.read(columns=names)
        table = table.select(names)
        return table.cast(pa.schema([(name, pa.string()) for name in names]))
    except (pa.ArrowException, OSError) as error:
        raise SourceError("this file cannot be read", where=path.name, came=str(error)[:200]) from error


def _header(path: Path, separator: str) -> list[str]:
    """The names of the columns of a CSV or TSV file."""
    form = pa.csv.ParseOptions(
        delimiter=separator, newlines_in_values=True, quote_char='"' if separator == "," else False
    )
    with pa.csv.open_csv(path, parse_options=form) as file:
        return list(file.schema.names)


def _separated(path: Path, wanted: Sequence[str], separator: str) -> pa.Table:
    """A CSV or TSV file: the wanted columns stay text as it is written, an empty cell is none, a text may have lines.

    In a TSV a quotation mark is a letter like any other.
    """
    return pa.csv.read_csv(
        path,
        parse_options=pa.csv.ParseOptions(
            delimiter=separator, newlines_in_values=True, quote_char='"' if separator == "," else False
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )


def has(path: Path, names: Sequence[str], wanted: Sequence[str]) -> None:
    """Each of these columns is there, once.

    :raises SourceError: one is not, or two have its name.
    """
    for column in wanted:
        if column not in names:
            raise SourceError("there is no such column", where=path.name, came=column, wanted=" or ".join(names))
        if names.count(column) > 1:
            raise SourceError("two columns have one name", where=path.name, came=column, fix="rename one of them")
