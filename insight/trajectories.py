"""How a customer's mood moves through a conversation: where it starts and ends, its lowest point, its recovery.

The mood of a message is P(positive) - P(negative), from -1 to 1, by a sentiment head. Every public message of the
customer with letters counts, not only mentions, since thanks at the end tell how it ended. Left out are choices from a
bot's menu and quoted mail, which are not the customer's words.

A conversation turned bad where one message is at `TURNED_BAD` or below: negative is then at least as likely as all else
together. It recovered where it ended above `ENDED_BAD`. The way out is nearer to neutral than the way in, as in a
thermostat, so that a mood which hovers around one bound does not count as recovered. Both bounds say what is meant by
the words; neither was fitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal, Protocol

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insight import pieces
from insight.engines.base import Frame
from insight.pieces import SHORT_OPTION
from insight.schema import CONVERSATION_SENTIMENT

TURNED_BAD = -0.5
"""The mood of a message from which downwards it is clearly bad."""

ENDED_BAD = -0.25
"""The mood from which downwards an end is bad; as far above 0, it is good."""

PART = 3
"""Start and end are one third of the messages each, and at least one message."""

SPOKEN = pa.schema(
    [(name, pa.string()) for name in ("conversation_id", "message_id", "text", "language", "menu")]
    + [("sent_ms", pa.int64())]
)
"""What `moods` is given: one row per message; `menu` is what a bot had said right before."""

MOODS = pa.schema(
    [("conversation_id", pa.string()), ("sent_ms", pa.int64()), ("message_id", pa.string()), ("mood", pa.float64())]
)
"""What `moods` gives: one row per message with words."""


class Ear(Protocol):
    """What hears moods: the one verb of a sentiment head that is needed here."""

    def chances(self, texts: Sequence[str], languages: Sequence[str]) -> npt.NDArray[np.float64]:
        """Shape (texts, 3): the probabilities of negative, neutral and positive."""
        ...


# ---------------------------------------------------------------- which messages, and the mood of each


def spoken(messages: Frame) -> Frame:
    """What customers wrote in public, with the columns of `SPOKEN`."""
    before = [nw.col(c).shift(1).over("conversation_id", order_by="seq").alias(f"_{c}") for c in ("author", "text")]
    said = messages.filter(nw.col("public")).with_columns(*before).filter(nw.col("author") == "customer")
    return said.with_columns(menu=nw.when(nw.col("_author") == "bot").then(nw.col("_text"))).select(*SPOKEN.names)


def moods(batches: Iterable[pa.RecordBatch], ear: Ear) -> Iterator[pa.RecordBatch]:
    """Batches of `SPOKEN` in, batches of `MOODS` out; messages without a letter of the customer's own are left out."""
    for batch in batches:
        words = pa.array(map(own_words, batch["text"].to_pylist(), batch["menu"].to_pylist()), pa.string())
        heard = pc.match_substring_regex(words, r"\p{L}")
        said, words = batch.filter(heard), words.filter(heard)
        chances = ear.chances(words.to_pylist(), said["language"].to_pylist())
        columns = [*(said[name] for name in MOODS.names[:-1]), pa.array(chances[:, 2] - chances[:, 0])]
        yield pa.record_batch(columns, schema=MOODS)


def own_words(text: str, menu: str | None = None) -> str:
    """What of a message the customer put into words: no quoted mail, and nothing where an option was chosen.

    :param menu: what a bot had said right before.
    """
    if menu and len(text) <= SHORT_OPTION:
        return " ".join(piece.text for piece in pieces.split(text, menu) if piece.reason != "menu_choice")
    return pieces.own_words(text)


# ---------------------------------------------------------------- from moods to the way they took


@dataclass(frozen=True)
class Trajectory:
    """The moods of one conversation in the order of its messages, at least one, each from -1 to 1."""

    moods: Sequence[float]

    @property
    def start(self) -> float:
        """Mean of the first third."""
        return _mean(self.moods[: self._part])

    @property
    def end(self) -> float:
        """Mean of the last third."""
        return _mean(self.moods[-self._part :])

    @property
    def lowest(self) -> float:
        """The worst message."""
        return min(self.moods)

    @property
    def slope(self) -> float | None:
        """Change per message by least squares on the places 1, 2, 3 …; None for a single message.

        Least squares (Draper and Smith 1998, chapter 1) and not the median of pairwise slopes (Sen 1968): a mood has
        bounds, so that no single message can pull the line far, and pairs grow with the square of the messages.
        """
        n = len(self.moods)
        if n < 2:
            return None
        middle = (n - 1) / 2
        return fsum((x - middle) * mood for x, mood in enumerate(self.moods)) * 12 / (n * (n * n - 1))

    @property
    def turned_bad(self) -> bool:
        """One message was clearly bad."""
        return self.lowest <= TURNED_BAD

    @property
    def recovered(self) -> bool | None:
        """It turned bad and did not end bad; None where it never turned bad, or where one message is all there is."""
        return self.end > ENDED_BAD if self.turned_bad and len(self.moods) > 1 else None

    @property
    def _part(self) -> int:
        return max(1, len(self.moods) // PART)


def of_conversations(moods: pa.Table, *, speaks: str) -> pa.Table:
    """The rows of CONVERSATION_SENTIMENT from those of `MOODS`, in whatever order they come.

    :param speaks: whose head told the moods.
    """
    rows = moods.sort_by([(name, "ascending") for name in ("conversation_id", "sent_ms", "message_id")])
    runs = pc.run_end_encode(rows["conversation_id"].combine_chunks(), run_end_type=pa.int64())
    told, begins = rows["mood"].to_pylist(), 0
    ways = []
    for ends in runs.run_ends.to_pylist():
        ways.append(Trajectory(told[begins:ends]))
        begins = ends
    columns = {
        "conversation_id": runs.values,
        "scored": [len(way.moods) for way in ways],
        "start_mood": [way.start for way in ways],
        "end_mood": [way.end for way in ways],
        "lowest_mood": [way.lowest for way in ways],
        "slope": [way.slope for way in ways],
        "turned_bad": [way.turned_bad for way in ways],
        "recovered": [way.recovered for way in ways],
        "speaks": [speaks] * len(ways),
    }
    return pa.table(columns, schema=CONVERSATION_SENTIMENT.arrow)


def word(mood: float) -> Literal["bad", "neutral", "good"]:
    """A mood in a word."""
    return "bad" if mood <= ENDED_BAD else "good" if mood >= -ENDED_BAD else "neutral"


def _mean(moods: Sequence[float]) -> float:
    """Added up exactly, so that the order does not matter."""
    return fsum(moods) / len(moods)
