"""The learned sentiment of a text: hashed words, our vectors and the phrase lists in a calibrated logistic regression.

A text x has hashed features with an inverse document frequency each, brought to unit length; the vector of the shipped
encoder; and the numbers of voices.py. With weights W of each part and three biases b, the logits are z = W x + b, and

    P(class | x) = softmax(scale · z + shift)

where scale and shift (temperature scaling of Guo et al. 2017 with a shift per class) are fitted on rows that the
weights have not seen. Where no class reaches `sure`, the label is 'unsure'; `sure` is the least bound above which nine
of ten labels were right on such rows. A text without letters, digits and marks gets the shares of the classes.

How a head is fitted is in sentiment_fit.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from safetensors.numpy import load, save

from insight import features, shipped, voice_kernels, voices
from insight.encoders import static
from insight.errors import MissingPart
from insight.schema import SENTIMENT_HEAD

CLASSES = ("negative", "neutral", "positive")
FILE = "sentiment.safetensors"
SHIPPED, OWN = "shipped", "own"

ARRAYS = ("hashes", "grams", "dense", "bias", "shift", "base")

SLICE = 8192
"""Texts that are scored at a time."""

Floats = npt.NDArray[np.float64]
Chances = npt.NDArray[np.float64]
"""Shape (texts, 3): the probabilities of negative, neutral and positive; rows add up to 1."""


@dataclass(frozen=True)
class Head:
    """One fitted head.

    `hashes` (n) ascends; `grams` (n, 4) holds the inverse document frequency and the weights of the three classes;
    `dense` (vector and numbers, 3), `bias` (3), `shift` (3) and `base` (3, the shares of the classes) speak for
    themselves; `encoder` names the vectors that `dense` belongs to, `speaks` says whose head it is.
    """

    hashes: features.Hashes
    grams: npt.NDArray[np.float32]
    dense: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    shift: npt.NDArray[np.float32]
    base: npt.NDArray[np.float32]
    scale: float
    sure: float
    encoder: str
    speaks: str

    def chances(self, texts: Sequence[str], languages: Sequence[str]) -> Chances:
        """How likely each text is negative, neutral and positive. No text's answer depends on its neighbours."""
        out = np.empty((len(texts), len(CLASSES)))
        for start in range(0, len(texts), SLICE):
            part = slice(start, start + SLICE)
            out[part] = self._some(texts[part], languages[part])
        return out

    def _some(self, texts: Sequence[str], languages: Sequence[str]) -> Chances:
        said, dense = inputs(texts, languages)
        logits = np.zeros((len(dense), len(CLASSES)))
        voice_kernels.add(said.ends, said.hashes, *self._table, self.grams, logits)
        for column, weights in zip(dense.T, self.dense.astype(np.float64), strict=True):
            logits += (
                column[:, None] * weights
            )  # in this order whatever the number of texts: a product may add otherwise
        found = softmax((logits + self.bias) * self.scale + self.shift)
        found[said.ends[1:] == said.ends[:-1]] = self.base / self.base.sum(dtype=np.float64)
        return found

    def labels(self, chances: Chances) -> list[str]:
        """The likeliest class of each row, or 'unsure'."""
        best = chances.argmax(axis=1)
        return [
            CLASSES[b] if row[b] >= self.sure else "unsure"
            for b, row in zip(best.tolist(), chances.tolist(), strict=True)
        ]

    @cached_property
    def _table(self) -> tuple[features.Hashes, npt.NDArray[np.int64]]:
        return addresses(self.hashes)

    def to_bytes(self) -> bytes:
        """The head as a safetensors file."""
        parts: dict[str, npt.NDArray[Any]] = {name: getattr(self, name) for name in ARRAYS}
        told = {"scale": self.scale, "sure": self.sure, "encoder": self.encoder, "speaks": self.speaks}
        return save(parts, {"head": json.dumps({**told, **_rules()}, sort_keys=True)})

    @classmethod
    def from_bytes(cls, data: bytes) -> Head:
        """The head that `to_bytes` wrote.

        :raises MissingPart: it belongs to other features or another encoder than these.
        """
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        told = json.loads(header["__metadata__"]["head"])
        rules = {name: told.pop(name) for name in _rules()}
        if rules != _rules():
            raise MissingPart("the sentiment head is of other rules", came=str(rules), wanted=str(_rules()), fix=REMAKE)
        parts: dict[str, Any] = load(data)
        return cls(**parts, **told)

    def to_table(self) -> pa.Table:
        """The head as rows of the lake."""
        curve = (("scale", self.scale), ("sure", self.sure))
        names = [f"{value:016x}" for value in self.hashes.tolist()]
        names += [f"dense {place:04}" for place in range(len(self.dense))] + ["bias", "shift", "base"]
        weights = np.vstack([self.grams[:, 1:], self.dense, self.bias, self.shift, self.base]).astype(np.float64)
        scales = np.concatenate([self.grams[:, 0], np.ones(len(self.dense) + 3)]).astype(np.float64)
        names += [name for name, _ in curve] + [f"encoder {self.encoder}"]
        weights = np.vstack([weights, np.zeros((len(curve) + 1, len(CLASSES)))])
        scales = np.concatenate([scales, [value for _, value in curve], [1.0]])
        return pa.table([names, scales, *weights.T], names=SENTIMENT_HEAD.arrow.names).cast(SENTIMENT_HEAD.arrow)

    @classmethod
    def from_table(cls, rows: pa.Table) -> Head | None:
        """The seller's own head; None where the table is empty, or speaks of another encoder than the shipped one."""
        if not len(rows):
            return None
        rows = rows.sort_by("feature")
        names = rows["feature"].to_pylist()
        scales = rows["scale"].to_numpy()
        weights = np.stack([rows[name].to_numpy() for name in CLASSES], axis=1).astype(np.float32)
        at = {name: place for place, name in enumerate(names)}
        hashes = [place for place, name in enumerate(names) if len(name) == HEX]
        dense = [place for place, name in enumerate(names) if name.startswith("dense ")]
        encoder = next(name.removeprefix("encoder ") for name in names if name.startswith("encoder "))
        if encoder != encoder_name():
            return None
        return cls(
            hashes=np.array([int(names[place], 16) for place in hashes], np.uint64),
            grams=np.column_stack([scales[hashes].astype(np.float32), weights[hashes]]),
            dense=weights[dense],
            bias=weights[at["bias"]],
            shift=weights[at["shift"]],
            base=weights[at["base"]],
            scale=float(scales[at["scale"]]),
            sure=float(scales[at["sure"]]),
            encoder=encoder,
            speaks=OWN,
        )


@cache
def shipped_head() -> Head:
    """The head that ships.

    :raises MissingPart: its file is absent, was changed, or belongs to another encoder than the one that ships.
    """
    head = Head.from_bytes(shipped.path(FILE).read_bytes())
    if head.encoder != encoder_name():
        raise MissingPart(
            "the sentiment head belongs to another encoder",
            where=FILE,
            came=head.encoder,
            wanted=encoder_name(),
            fix=REMAKE,
        )
    return head


def inputs(texts: Sequence[str], languages: Sequence[str]) -> tuple[voices.Said, Floats]:
    """What a head is given of texts: hashed features, and the vectors beside the numbers of the lists."""
    array = features.texts_of(list(texts))
    said = voices.said(array, languages)
    return said, np.hstack([vectors(array), said.numbers]).astype(np.float64)


def vectors(texts: pa.LargeStringArray) -> npt.NDArray[np.float32]:
    """The vectors of the encoder that ships, whichever encoder the settings name: a head knows one space only."""
    return static.ships().vectors(texts)


def encoder_name() -> str:
    """Which encoder ships."""
    return static.StaticEncoder(static.ships()).name


def addresses(hashes: features.Hashes) -> tuple[features.Hashes, npt.NDArray[np.int64]]:
    """A hash table from a feature to its row, for the compiled loops."""
    size = 1 << max(4, (2 * len(hashes)).bit_length())
    keys, places = np.zeros(size, np.uint64), np.full(size, -1, np.int64)
    voice_kernels.table_of(hashes, keys, places)
    return keys, places


def softmax(logits: Floats) -> Chances:
    """Probabilities of logits, row by row."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Chances = raised / raised.sum(axis=1, keepdims=True)
    return found


def _rules() -> dict[str, str]:
    """What the rows of a head stand for."""
    return {"numbers": ", ".join(voices.NUMBERS), "features": str(voice_kernels.RULES)}


HEX = 16
REMAKE = "install insight again, or make it anew: `python -m insight.sentiment_fit --rebuild`"
