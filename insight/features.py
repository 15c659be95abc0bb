"""What a text is made of, as numbers: its words, its pairs of words and pieces of its words, each hashed to 64 bits.

The static encoder and the heads on top of it speak in these features and in nothing else. A text is folded first: NFKC,
lower case, no accents on Latin letters, simplified Chinese characters. Words of scripts with spaces give themselves,
the pair with the word before, and, where they are longer than four letters, their runs of four letters with marks for
both edges; scripts without spaces give runs of one to three characters. A question mark, an exclamation mark and a
pictograph are features too. Every text has the feature `ALWAYS`, so that one without anything else still has a vector.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insight import kernels, shipped
from insight.kernels import MARK, OTHER, SPACELESS, WORD

RULES = 1
"""Which rules made a feature; a change of what follows is another number, since weights belong to hashes."""

ALWAYS = np.uint64(1)

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def texts_of(texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> pa.LargeStringArray:
    """Texts as one Arrow array, folded as far as Arrow can: NFKC and lower case. A null is an empty text."""
    array = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(texts, pa.large_string())
    array = pc.fill_null(array.cast(pa.large_string()), "")
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    plain = pc.string_is_ascii(array)
    if not pc.all(plain).as_py():
        strange = pc.utf8_lower(pc.utf8_normalize(array.filter(pc.invert(plain)), "NFKC"))
        array = pc.replace_with_mask(array, pc.invert(plain), strange)
    return array


def buffers(array: pa.LargeStringArray) -> tuple[Places, Bytes]:
    """Where each text begins and ends, and all their bytes; nothing is copied."""
    _, where, data = array.buffers()
    starts = np.frombuffer(where, np.int64)[array.offset : array.offset + len(array) + 1]
    return starts, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)


def hashed(texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> tuple[Places, Hashes]:
    """The features of each text, in the order in which they stand: shape (texts + 1) of ends, and all hashes."""
    starts, data = buffers(texts_of(texts))
    counts = np.zeros(len(starts), np.int64)
    found = kernels.hashed(starts, data, kinds(), bases(), counts)
    return np.cumsum(counts), found


@cache
def kinds() -> npt.NDArray[np.uint8]:
    """For each code point whether it belongs to a word, to a script without spaces, is a mark, or nothing of these."""
    table = np.full(sys.maxunicode + 1, OTHER, np.uint8)
    table[:LAST_KNOWN] = [KIND.get(unicodedata.category(chr(point)), OTHER) for point in range(LAST_KNOWN)]
    table[[ord(mark) for mark in "?!"]] = MARK
    for first, last in SPACELESS_BLOCKS:
        table[first : last + 1] = SPACELESS
    return table


KIND = {**dict.fromkeys(("Ll", "Lu", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc"), WORD), "So": MARK}

LAST_KNOWN = 0x20000
"""Beyond it lie rare Chinese characters and nothing that people write."""

SPACELESS_BLOCKS = (
    (0x0E01, 0x0E7F),
    (0x3005, 0x3007),
    (0x3041, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Thai, kana and Chinese characters, first and last."""


@cache
def bases() -> npt.NDArray[np.int32]:
    """For each code point the one it is compared as: small Latin letters without accents, simplified Chinese."""
    table = np.arange(sys.maxunicode + 1, dtype=np.int32)
    for point in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        table[point] = ord(unicodedata.normalize("NFD", chr(point))[0])
    table[ord("A") : ord("Z") + 1] += 32
    forms = shipped.toml("han.toml")
    table[[ord(char) for char in forms["from"]]] = [ord(char) for char in forms["to"]]
    return table
