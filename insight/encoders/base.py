"""What every encoder is: texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from insight.encoders import openvino_route
from insight.settings import Encoder as EncoderPart

DECIMALS = 5
"""Of a vector: what lies beyond them is noise of float32."""

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
    """Vectors for texts by key: the keys in the order of the rows, and the rows, rounded."""
    keys = sorted(texts)
    return keys, np.round(encoder.encode([texts[key] for key in keys], tell), DECIMALS)


def sentence_encoder(name: str, model: str, part: EncoderPart) -> SentenceEncoder:
    """The encoder for a folder or an id; a backend other than torch shows in its name, since it shows in the vectors.

    :raises MissingPart: the backend is not installed.
    """
    if part.backend == "openvino":
        name = f"{name} openvino {openvino_route.precision()}"
    return SentenceEncoder(name=name, model=model, batch=part.batch, backend=part.backend)


@dataclass
class SentenceEncoder:
    """What both members that use sentence-transformers share. `model` is a folder or an id."""

    name: str
    model: str
    batch: int
    backend: str = "torch"

    def encode(self, texts: Sequence[str], tell: Callable[[int, int], None]) -> Vectors:
        """One unit vector per text.

        A batch costs as much as its longest text, so texts with as many tokens go together: characters would not do,
        since one of Chinese weighs as much as four of English. The order in which texts come changes no batch.
        """
        tokens = self._tokens(texts)
        order = sorted(range(len(texts)), key=lambda place: (tokens[place], texts[place]))
        vectors = np.empty((len(texts), self._width), dtype=np.float32)
        for start in range(0, len(order), self.batch):
            places = order[start : start + self.batch]
            vectors[places] = self._loaded.encode(
                [texts[place] for place in places],
                batch_size=self.batch,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            tell(start + len(places), len(texts))
        return vectors

    def _tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has."""
        return [len(ids) for ids in self._loaded.tokenizer(list(texts))["input_ids"]] if texts else []

    @property
    def _width(self) -> int:
        return int(self._loaded.get_embedding_dimension())

    @cached_property
    def _loaded(self) -> Any:
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        cast(Callable[[], None], disable_progress_bar)()
        model = SentenceTransformer(self.model, device="cpu")
        if self.backend == "openvino":
            openvino_route.install(model)
        return model
