"""Parquet. Its first row counts as line 2, as if a header stood above."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insight.errors import SourceError
from insight.formats.base import DIGITS, MOST_BYTES, Form, Sheet, nothing


def read(file: str, body: bytes, form: Form) -> Sheet:
    """Rows of a Parquet file; only the wanted columns are unpacked.

    :raises SourceError: a wanted column holds lists or records.
    """
    try:
        packed = pq.ParquetFile(io.BytesIO(body))
        size = sum(packed.metadata.row_group(g).total_byte_size for g in range(packed.num_row_groups))
        if size > MOST_BYTES:
            return nothing("unreadable_file", f"{size:,} bytes unpacked", f"at most {MOST_BYTES:,}", "split it")
        names = packed.schema_arrow.names
        table = packed.read(columns=[n for n in names if n in form.wanted])
        columns = {name: _as_text(file, name, table[name]) for name in table.column_names}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        return nothing("unreadable_file", str(error).splitlines()[0], "a Parquet file in UTF-8", "export it again")
    return Sheet(names, pa.table(columns), pa.array(range(2, table.num_rows + 2), pa.int64()), packed.metadata.num_rows)


def _as_text(file: str, name: str, column: pa.ChunkedArray) -> pa.Array:
    """The column as text in valid UTF-8, which a Parquet file does not promise."""
    if pa.types.is_nested(column.type):
        raise SourceError("this column holds no plain values", where=f"{file}, {name}", came=str(column.type))
    if pa.types.is_floating(column.type):
        column = pc.round(column, ndigits=DIGITS)
    text = pc.cast(column, pa.string()).combine_chunks()
    text.validate(full=True)
    return text
