"""The static encoder after it learned from a file's texts as a run would let it, each text a customer of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from insight import adapt, language
from insight.encoders.static import StaticEncoder
from insight.pieces import folded, text_hash


def distinct(texts: Iterable[str]) -> dict[str, str]:
    """Texts as an encoder reads them, by their hashes and in the order of these; equal texts are one."""
    return dict(sorted({text_hash(text): folded(text) for text in texts}.items()))


def adapted(
    said: Sequence[str],
    *,
    sample: int,
    min_customers: int,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[StaticEncoder, dict[str, str | int]]:
    """The encoder that these texts have taught, and what it was taught from: a row of `encoder_lessons`.

    :param said: as `distinct` gives them.
    :param sample: English texts that the teacher reads at most.
    :param min_customers: a new feature counts where at least so many texts have it.
    """
    heard = said[: adapt.MOST]
    table, lesson = adapt.taught(
        said,
        language.settle(heard, ["one file"] * len(heard)),
        np.arange(len(heard)),
        sample=sample,
        min_customers=min_customers,
        tell=tell,
    )
    return StaticEncoder(table), lesson
