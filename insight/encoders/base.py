"""What every encoder is: texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

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
