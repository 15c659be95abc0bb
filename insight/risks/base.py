"""What every risk head is: one outcome, the cases it may befall, and what was known of each when it is scored.

A head is never a mixture: "writes again about the same issue" and "gives two stars" are two heads. Each ships a card
of points set by hand (models/risks/NAME.toml). The points are the prior means of its hazard, so that a shop without
history has a score whose every part can be read, and a shop with one lets its own cases move it (`insight.hazard`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight.errors import LeakError
from insight.schema import Table

Numbers = npt.NDArray[np.float64]
Moments = npt.NDArray[np.int64]

CASE = ("case_id", "conversation_id", "order_id", "customer_key", "market", "language", "scored_ms")
FATE = ("event_ms", "seen_ms", "asked", "answered")


@dataclass(frozen=True)
class Sign:
    """One thing that a head looks at, for n cases.

    `values` (n,) is 0 where it does not apply, 1 where it does, or a number on the scale that its card names.
    `known_ms` (n,) is the moment from which the value could be known: the newest of the rows that it was made of; a
    value that was made of nothing was known at any time (0). `told` (n,) is the number that its words show, as {count}
    or, in ms, as {span}.
    """

    values: Numbers
    known_ms: Moments
    told: Numbers | None = None


@dataclass(frozen=True)
class Cases:
    """The cases of a head, one row each, in the order of case_id.

    `rows` has the columns of `CASE` (conversation_id and order_id may be null) and those of `FATE`: `event_ms`, when it
    happened (null where it was not seen to); `seen_ms`, up to when it would have been seen; `asked`, whether the
    customer was asked at all, and `answered`, whether an answer came (both true for what needs no answer).
    """

    rows: pd.DataFrame
    signs: Mapping[str, Sign]

    def checked(self, head: str) -> Cases:
        """The same cases, if nothing in them was known only later.

        :raises LeakError: a sign knows what came after the moment of a score; names the sign.
        """
        moment = self.rows["scored_ms"].to_numpy(dtype=np.int64)
        for name, sign in self.signs.items():
            late = sign.known_ms > moment
            if late.any():
                raise LeakError(
                    "this sign knows what came after the score",
                    where=f"{head}: {name}",
                    came=f"{int(late.sum())} of {len(moment)} cases, up to "
                    f"{(sign.known_ms - moment).max() / 3_600_000:.1f} hours later",
                    wanted="only what was known at the moment of the score",
                    fix="make it of rows up to scored_ms, or leave it out",
                )
        return self


@dataclass(frozen=True)
class Head:
    """A member of the set.

    `cases` takes Arrow tables in the order of `reads`, and the settings by keyword (`settings=`); it knows no clock and
    no random number. `ends` are the ends of the intervals in days, one for an outcome that is not a matter of days;
    `window` is the one of them by which the head is judged and ranked. `card` is its file in models/.
    """

    name: str
    asks: str
    reads: tuple[Table, ...]
    card: str
    ends: tuple[float, ...]
    window: float
    cases: Callable[..., Cases]


def no_cases() -> pd.DataFrame:
    """The rows of a head that has no case."""
    whole = ("scored_ms", "event_ms", "seen_ms")
    kinds = {name: pd.ArrowDtype(pa.int64() if name in whole else pa.string()) for name in (*CASE, *FATE)}
    kinds |= {name: pd.ArrowDtype(pa.bool_()) for name in ("asked", "answered")}
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})
