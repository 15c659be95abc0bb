"""What every encoder is: texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

DECIMALS = 5
"""Of a vector: what lies beyond them is noise of float32."""

STEP = 512
"""Texts between two reports of progress."""

Vectors = npt.NDArray[np.float32]
"""Shape (texts, dimensions), each row of unit length."""


class Encoder(Protocol):
    """Turns texts into vectors. `name` changes whenever the vectors would: vectors of two encoders never mix."""

    @property
    def name(self) -> str:
        """Who made the vectors, with its version."""
        ...

    def encode(self, texts: Sequence[str], tell: Callable[[int, int], None]) -> Vectors:
        """One unit vector per text, in order; `tell(done, total)` reports progress.

        The vector of a text does not depend on its neighbours beyond the rounding of float32.
        """
        ...


def embed(
    encoder: Encoder, texts: Mapping[str, str], tell: Callable[[int, int], None] = lambda done, total: None
) -> tuple[list[str], Vectors]:
    """Vectors for texts by key: the keys in the order of the rows, and the rows.

    Texts of like length go together, in an order that does not depend on the order in which they came.
    """
    keys = sorted(texts, key=lambda key: (len(texts[key]), key))
    return keys, np.round(encoder.encode([texts[key] for key in keys], tell), DECIMALS)


@dataclass
class SentenceEncoder:
    """What both members that use sentence-transformers share. `model` is a folder or an id."""

    name: str
    model: str
    batch: int

    def encode(self, texts: Sequence[str], tell: Callable[[int, int], None]) -> Vectors:
        """One unit vector per text. Texts of like length should stand together: a batch is as long as its longest."""
        parts = []
        for start in range(0, len(texts), STEP):
            found = self._loaded.encode(
                list(texts[start : start + STEP]),
                batch_size=self.batch,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            parts.append(np.asarray(found, dtype=np.float32))
            tell(min(start + STEP, len(texts)), len(texts))
        return np.concatenate(parts) if parts else np.empty((0, self._width), dtype=np.float32)

    @property
    def _width(self) -> int:
        return int(self._loaded.get_embedding_dimension() or 0)

    @cached_property
    def _loaded(self) -> Any:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        return SentenceTransformer(self.model, device="cpu")
