"""A static table: each feature has a vector, and a text is the sum of its features' vectors, made one long.

One pass over the bytes of an Arrow array gives the vectors; nothing about a text depends on its neighbours. How a table
is fitted is in distil.py; which table speaks is for the encoders to say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from safetensors import SafetensorError
from safetensors.numpy import load, save

from insight import features, kernels
from insight.errors import MissingPart

Floats = npt.NDArray[np.float32]

REMAKE = "install insight again, or make it anew: `python -m recipes.encoder --data ../shared/data`"

TOLD = "table"
"""The one entry of the file's metadata."""

SLICE = 4096
"""Texts that one thread takes at a time: their letters stay near the processor."""


@dataclass(frozen=True)
class StaticTable:
    """Vectors of features.

    `hashes` (n) ascends without doubles; `rows` (n, dimensions) holds whole numbers from -127 to 127, or float32 in the
    twin that `exact` rows make; `scales` (n) is what a row is multiplied by.
    """

    hashes: features.Hashes
    rows: npt.NDArray[Any]
    scales: Floats

    @classmethod
    def rounded(cls, hashes: features.Hashes, rows: Floats) -> StaticTable:
        """The table with each row in whole numbers of its own scale, one byte each."""
        scales = np.abs(rows).max(axis=1) / 127
        scales[scales == 0] = 1
        return cls(hashes, np.rint(rows / scales[:, None]).astype(np.int8), scales.astype(np.float32))

    @classmethod
    def exact(cls, hashes: features.Hashes, rows: Floats) -> StaticTable:
        """The table as it was fitted, four times as large."""
        return cls(hashes, np.ascontiguousarray(rows, np.float32), np.ones(len(rows), np.float32))

    @classmethod
    def from_bytes(cls, data: bytes) -> StaticTable:
        """The table that `to_bytes` wrote.

        :raises MissingPart: the bytes are no such table, or not the ones that were written.
        """
        try:
            parts = load(data)
            table = cls(parts["hashes"], parts["rows"], parts["scales"])
        except (SafetensorError, KeyError) as error:
            raise MissingPart("this is no table of the static encoder", came=str(error), fix=REMAKE) from error
        metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__", {})
        told = json.loads(metadata.get(TOLD, "{}"))
        if told.get("rules") != features.RULES:
            came, wanted = str(told.get("rules")), str(features.RULES)
            raise MissingPart("the encoder reads texts by other rules", came=came, wanted=wanted, fix=REMAKE)
        if told.get("sha256") != table.digest:
            raise MissingPart("the encoder was changed", came=table.digest, wanted=told.get("sha256"), fix=REMAKE)
        return table

    def to_bytes(self) -> bytes:
        """The table as a safetensors file that knows its own sha256 and the rules of its features."""
        parts = {"hashes": self.hashes, "rows": self.rows, "scales": self.scales}
        told = {"sha256": self.digest, "rules": features.RULES}
        return save(parts, {TOLD: json.dumps(told, sort_keys=True)})  # several entries would come in any order

    @property
    def dimensions(self) -> int:
        """Of a vector."""
        return int(self.rows.shape[1])

    @cached_property
    def digest(self) -> str:
        """The sha256 of all that makes a vector, as hex; equal digests give equal vectors."""
        parts = sha256(f"features {features.RULES}".encode())
        for part in (self.hashes, self.rows, self.scales):
            parts.update(np.ascontiguousarray(part).tobytes())
        return parts.hexdigest()

    def vectors(
        self,
        texts: Sequence[str] | pa.Array | pa.ChunkedArray,
        tell: Callable[[int, int], None] = lambda done, total: None,
    ) -> Floats:
        """One unit vector per text, shape (texts, dimensions); without a known word it is that of the empty text."""
        array = pa.array(texts, pa.large_string()) if isinstance(texts, Sequence) else texts
        out = np.zeros((len(array), self.dimensions), np.float32)
        told = (features.kinds(), features.bases(), *self._slots, self.rows, self.scales)

        def part(start: int) -> int:
            starts, data = features.buffers(features.texts_of(array[start : start + SLICE]))
            kernels.pool(starts, data, *told, out[start : start + SLICE])
            return min(start + SLICE, len(array))

        with ThreadPoolExecutor(threads()) as pool:
            for done in pool.map(part, range(0, len(array), SLICE)):
                tell(done, len(array))
        return out

    @cached_property
    def _slots(self) -> tuple[features.Hashes, npt.NDArray[np.int32]]:
        """The hashes and their rows in a table with open addresses, at most half full."""
        size = 1 << max(4, (2 * len(self.hashes)).bit_length())
        keys, places = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
        kernels.fill(self.hashes, keys, places)
        return keys, places


def threads() -> int:
    """How many may work at once: the processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
