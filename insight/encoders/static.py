"""Our own encoder, the default: a static table of 192 dimensions for seven languages, shipped in models/encoder.

A shop's own text makes it better: jobs/adapt.py teaches it, and the vectors then come from the taught table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from insight import shipped
from insight.encoders.base import Encoder, Vectors
from insight.pooling import StaticTable
from insight.schema import ENCODER_FEATURES
from insight.settings import Encoder as EncoderPart

NAME = "static"
FILE = "encoder/model.safetensors"


@dataclass(frozen=True)
class StaticEncoder:
    """A static table as an encoder; its name tells its digest."""

    table: StaticTable

    @property
    def name(self) -> str:
        """Vectors of two tables never mix."""
        return f"{NAME} {self.table.digest[:12]}"

    def encode(self, texts: Sequence[str], tell: Callable[[int, int], None] = lambda done, total: None) -> Vectors:
        """One unit vector per text; bit for bit the same whatever its neighbours are."""
        return self.table.vectors(texts, tell)


def make(part: EncoderPart) -> Encoder:
    """The encoder as it ships.

    :raises MissingPart: its file is absent or was changed.
    """
    return StaticEncoder(ships())


def taught(rows: pa.Table) -> Encoder:
    """The encoder that the shop's own texts have taught, from the rows of `encoder_features`."""
    return StaticEncoder(from_rows(rows))


def of_file(data: bytes) -> Encoder:
    """The encoder in the bytes of a file that `StaticTable.to_bytes` made.

    :raises MissingPart: they are no such file, or were changed.
    """
    return StaticEncoder(StaticTable.from_bytes(data))


@cache
def ships() -> StaticTable:
    """The shipped table.

    :raises MissingPart: its file is absent or was changed.
    """
    return StaticTable.from_bytes(shipped.path(FILE).read_bytes())


def to_rows(table: StaticTable) -> pa.Table:
    """A table of the encoder as rows of `encoder_features`."""
    weights = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(table.dimensions), len(table.rows), [None, pa.py_buffer(np.ascontiguousarray(table.rows, np.int8))]
    )
    columns = [table.hashes.view(np.int64), weights.cast(pa.binary()), table.scales.astype(np.float64)]
    return pa.table(columns, schema=ENCODER_FEATURES.arrow)


def from_rows(rows: pa.Table) -> StaticTable:
    """The table that rows of `encoder_features` hold, in any order."""
    hashes = rows["feature"].to_numpy().astype(np.int64).view(np.uint64)
    order = np.argsort(hashes, kind="stable")
    weights = np.frombuffer(b"".join(rows["weights"].to_pylist()), np.int8).reshape(len(hashes), -1)
    scales = rows["scale"].to_numpy().astype(np.float32)
    return StaticTable(hashes[order], np.ascontiguousarray(weights[order]), scales[order])
