"""The compiled loops of the static encoder: bytes of texts in, hashes of features or sums of vectors out.

They lie in one file because numba keeps compiled code by the file it came from: a loop that calls one of another file
would not notice when that one changes.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

OTHER, WORD, SPACELESS, MARK = 0, 1, 2, 3
"""Kinds of code points."""

PIECES = (4,)
"""How many letters the pieces of a word have."""

LONG = 4
"""A word with more letters than this has pieces."""

RUN = 3
"""The longest run of characters in a script without spaces."""

MOST_A_LETTER = 8
"""No text has more features than this times its letters, and one."""

SEED = np.uint64(0xCBF29CE484222325)
STEP = np.uint64(0x100000001B3)
PIECE, PAIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


@numba.njit(cache=True, nogil=True)
def letters(data: Any, start: int, end: int, kinds: Any, bases: Any, points: Any, sorts: Any) -> int:
    """The code points of one text and their kinds; combining accents vanish. Broken UTF-8 cannot come out of Arrow."""
    at, count = start, 0
    while at < end:
        byte = np.int32(data[at])
        if byte < 0x80:
            point, width = byte, 1
        elif byte < 0xE0:
            point, width = (byte & 0x1F) << 6 | np.int32(data[at + 1]) & 0x3F, 2
        elif byte < 0xF0:
            point = (byte & 0x0F) << 12 | (np.int32(data[at + 1]) & 0x3F) << 6 | np.int32(data[at + 2]) & 0x3F
            width = 3
        else:
            point = (byte & 0x07) << 18 | (np.int32(data[at + 1]) & 0x3F) << 12
            point |= (np.int32(data[at + 2]) & 0x3F) << 6 | np.int32(data[at + 3]) & 0x3F
            width = 4
        at += width
        if 0x300 <= point < 0x370:
            continue
        points[count] = bases[point]
        sorts[count] = kinds[point]
        count += 1
    return count


@numba.njit(cache=True, nogil=True, inline="always")
def _mixed(value: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014): nearby numbers end far apart."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def features(points: Any, sorts: Any, count: int, out: Any) -> int:
    """Write the features of one text into `out`; says how many."""
    out[0] = np.uint64(1)
    n = 1
    before = np.uint64(0)
    at = 0
    while at < count:
        sort = sorts[at]
        if sort == WORD:
            end, word = _word(points, sorts, at, count)
            n = _of_word(points, at, end, word, before, out, n)
            before, at = word, end
            continue
        if sort == SPACELESS:
            n = _runs(points, sorts, at, count, out, n)
            before = np.uint64(0)
        elif sort == MARK:
            out[n] = _mixed((SEED ^ np.uint64(points[at])) * STEP + PAIR)
            n += 1
        at += 1
    return n


@numba.njit(cache=True, nogil=True)
def _word(points: Any, sorts: Any, start: int, count: int) -> Any:
    """Where the word that begins here ends, and its hash."""
    end, value = start, SEED
    while end < count and sorts[end] == WORD:
        value = (value ^ np.uint64(points[end])) * STEP
        end += 1
    return end, _mixed(value)


@numba.njit(cache=True, nogil=True)
def _of_word(points: Any, start: int, end: int, word: Any, before: Any, out: Any, n: int) -> int:
    """A word, the pair with the word before, and its pieces."""
    out[n] = word
    n += 1
    if before != 0:
        out[n] = _mixed(before * PAIR + word)
        n += 1
    return _pieces(points, start, end, out, n) if end - start > LONG else n


@numba.njit(cache=True, nogil=True)
def _runs(points: Any, sorts: Any, start: int, count: int, out: Any, n: int) -> int:
    """Runs that begin with this character of a script without spaces."""
    value = SEED
    for place in range(start, min(start + RUN, count)):
        if sorts[place] != SPACELESS:
            break
        value = (value ^ np.uint64(points[place])) * STEP
        out[n] = _mixed(value)
        n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _pieces(points: Any, start: int, end: int, out: Any, n: int) -> int:
    """Runs of letters of one word, which has a mark before its first letter and after its last."""
    for size in PIECES:
        for first in range(start - 1, end - size + 2):
            value = SEED
            for place in range(first, first + size):
                letter = np.uint64(points[place]) if start <= place < end else np.uint64(0x1F)
                value = (value ^ letter) * STEP
            out[n] = _mixed(value + PIECE)
            n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _longest(starts: Any) -> int:
    """Bytes of the longest text, at least 1."""
    longest = 1
    for text in range(len(starts) - 1):
        longest = max(longest, starts[text + 1] - starts[text])
    return longest


@numba.njit(cache=True, nogil=True)
def hashed(starts: Any, data: Any, kinds: Any, bases: Any, counts: Any) -> Any:
    """The features of all texts one after the other; `counts[t + 1]` becomes the number of those of text t."""
    longest = _longest(starts)
    points, sorts = np.empty(longest, np.int32), np.empty(longest, np.uint8)
    room = np.empty(MOST_A_LETTER * longest + 1, np.uint64)
    total = 0
    for text in range(len(starts) - 1):
        count = letters(data, starts[text], starts[text + 1], kinds, bases, points, sorts)
        counts[text + 1] = features(points, sorts, count, room)
        total += counts[text + 1]
    out = np.empty(total, np.uint64)
    at = 0
    for text in range(len(starts) - 1):
        count = letters(data, starts[text], starts[text + 1], kinds, bases, points, sorts)
        found = features(points, sorts, count, room)
        out[at : at + found] = room[:found]
        at += found
    return out


@numba.njit(cache=True, nogil=True)
def fill(hashes: Any, keys: Any, places: Any) -> None:
    """Put each hash and its row into a table with open addresses; a place below 0 is free."""
    last = len(keys) - 1
    for row in range(len(hashes)):
        slot = np.int64(hashes[row] & np.uint64(last))
        while places[slot] >= 0:
            slot = (slot + 1) & last
        keys[slot] = hashes[row]
        places[slot] = row


@numba.njit(cache=True, nogil=True)
def pool(
    starts: Any, data: Any, kinds: Any, bases: Any, keys: Any, places: Any, rows: Any, scales: Any, out: Any
) -> None:
    """The unit vector of each text, into rows of noughts."""
    longest = _longest(starts)
    points, sorts = np.empty(longest, np.int32), np.empty(longest, np.uint8)
    room = np.empty(MOST_A_LETTER * longest + 1, np.uint64)
    for text in range(len(starts) - 1):
        count = letters(data, starts[text], starts[text + 1], kinds, bases, points, sorts)
        found = features(points, sorts, count, room)
        for one in range(found):
            place = _place(room[one], keys, places)
            if place >= 0:
                _add(rows, scales[place], place, out, text)
        _make_one_long(out, text)


@numba.njit(cache=True, nogil=True)
def _place(hash_: Any, keys: Any, places: Any) -> int:
    """The row of a hash, below 0 where it has none."""
    last = len(keys) - 1
    slot = np.int64(hash_ & np.uint64(last))
    while places[slot] >= 0 and keys[slot] != hash_:
        slot = (slot + 1) & last
    return int(places[slot])


@numba.njit(cache=True, nogil=True)
def _add(rows: Any, scale: Any, place: int, out: Any, text: int) -> None:
    for column in range(rows.shape[1]):
        out[text, column] += scale * rows[place, column]


@numba.njit(cache=True, nogil=True)
def _make_one_long(out: Any, text: int) -> None:
    """A row of noughts stays one."""
    square = 0.0
    for column in range(out.shape[1]):
        square += out[text, column] * out[text, column]
    if square > 0:
        factor = np.float32(1 / np.sqrt(square))
        for column in range(out.shape[1]):
            out[text, column] *= factor


@numba.njit(cache=True, nogil=True)
def add_up(ends: Any, places: Any, rows: Any, out: Any, first: int, last: int) -> None:
    """The sum of the rows of each bag from `first` to before `last`, into rows of noughts."""
    for bag in range(first, last):
        for at in range(ends[bag], ends[bag + 1]):
            _add(rows, np.float32(1), places[at], out, bag)


@numba.njit(cache=True, nogil=True)
def descend(
    touched: Any,
    starts: Any,
    bag: Any,
    slopes: Any,
    rows: Any,
    mean: Any,
    square: Any,
    stride: float,
    first: int,
    last: int,
) -> None:
    """One step of Adam on the rows `touched[first:last]`; row t lies in the bags `bag[starts[t]:starts[t + 1]]`."""
    small = np.float32(stride)
    slope = np.empty((1, rows.shape[1]), np.float32)
    for one in range(first, last):
        row = touched[one]
        slope[:] = 0
        for at in range(starts[one], starts[one + 1]):
            _add(slopes, np.float32(1), bag[at], slope, 0)
        for column in range(rows.shape[1]):
            now = slope[0, column]
            mean[row, column] = np.float32(0.9) * mean[row, column] + np.float32(0.1) * now
            square[row, column] = np.float32(0.999) * square[row, column] + np.float32(0.001) * now * now
            rows[row, column] -= small * mean[row, column] / (np.sqrt(square[row, column]) + np.float32(1e-8))
