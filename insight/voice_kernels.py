"""The compiled loops behind voices.py: bytes of texts and a tree of phrases in, numbers and hashed features out.

They lie in one file because numba keeps compiled code by the file it came from. The features of a text are its words,
its pairs of words, pieces of three to five letters of longer words, runs of one to four characters of Chinese, Japanese
and Thai, and its marks, each hashed to 64 bits.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

RULES = 1
"""Which rules made a feature; a change of what follows is another number, since weights belong to hashes."""

WEIGHED = 9
"""The first kinds of phrases have a weight; from `FIRST_NEGATIVE` on they weigh on the negative side."""

FIRST_NEGATIVE, FACTS = 3, 6
NEGATORS, INTENSIFIERS, CONTRASTS, WHYS, NEUTRAL, STOPS, QUESTIONS = range(WEIGHED, WEIGHED + 7)
SIDES = 3 * WEIGHED
QUESTIONED = SIDES + 8
EXCLAIMED = QUESTIONED + 5
SHOUTED, CAPITALS, LENGTH, LISTED, FIRST_LANGUAGE = range(EXCLAIMED + 1, EXCLAIMED + 6)
"""Where each number of a text stands in its row."""

APART = 100
"""A kind above this is a phrase that must begin and end where a word does."""

NOT = np.uint64(0xA5A5_5A5A_C3C3_3C3C)
"""Mixed into the hash of a feature that stands within the reach of a negator."""

WORD, SPACELESS, MARK = 1, 2, 3
"""Kinds of code points, as features.py tells them."""

LONG = 4
RUN = 4
MOST_A_LETTER = 8

SEED, STEP = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
PIECE, PAIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


@numba.njit(cache=True, nogil=True, inline="always")
def _hash(key: Any, mask: Any) -> Any:
    value = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64((value ^ (value >> np.uint64(29))) & np.uint64(mask))


@numba.njit(cache=True, nogil=True)
def fill(wanted: Any, values: Any, keys: Any, nodes: Any) -> None:
    """Fill a hash table with linear probing: an empty place holds key -1."""
    for number in range(len(wanted)):
        place = _hash(wanted[number], len(keys) - 1)
        while keys[place] != -1:
            place = (place + 1) & (len(keys) - 1)
        keys[place] = wanted[number]
        nodes[place] = values[number]


@numba.njit(cache=True, nogil=True)
def _step(keys: Any, nodes: Any, node: Any, point: Any) -> Any:
    """The node behind `node` by this character, or -1."""
    key = node << 21 | np.int64(point)
    place = _hash(key, len(keys) - 1)
    while keys[place] != -1:
        if keys[place] == key:
            return nodes[place]
        place = (place + 1) & (len(keys) - 1)
    return np.int64(-1)


@numba.njit(cache=True, nogil=True)
def _folded(raw: Any, count: int, plain: Any, bases: Any, spelling: Any, points: Any) -> int:
    """The text as the lists spell it."""
    kept = 0
    for at in range(count):
        point = raw[at]
        if plain and 0x300 <= point < 0x370:
            continue
        point = spelling[point]
        if plain:
            point = bases[point]
        if point == 32 and kept and points[kept - 1] == 32:
            continue
        points[kept] = point
        kept += 1
    return kept


@numba.njit(cache=True, nogil=True)
def _is_word(sorts: Any, point: Any) -> Any:
    sort = sorts[point]
    return sort == 1 or sort == 2


@numba.njit(cache=True, nogil=True)
def _longest(points: Any, count: int, at: int, root: Any, tree: Any, sorts: Any) -> Any:
    """The kind and the end of the longest phrase that begins here; kind -1 where there is none."""
    keys, nodes, kinds, rests = tree[0], tree[1], tree[2], tree[3]
    inside = at > 0 and _is_word(sorts, points[at - 1])
    node, place, kind, end = root, at, -1, at
    while place < count:
        node = _step(keys, nodes, node, points[place])
        if node < 0:
            break
        place += 1
        apart = kinds[node] >= APART
        if kinds[node] >= 0 and not (apart and (inside or (place < count and _is_word(sorts, points[place])))):
            kind, end = kinds[node] % APART, place
        if rests[node] >= 0 and not (rests[node] >= APART and inside):
            rest = place
            while rest < count and _is_word(sorts, points[rest]):
                rest += 1
            if rest > end:
                kind, end = rests[node] % APART, rest
    return kind, end


@numba.njit(cache=True, nogil=True)
def _find(points: Any, count: int, root: Any, tree: Any, sorts: Any, found: Any) -> int:
    """All phrases of a text as (kind, start, end), from left to right; says how many."""
    at = number = 0
    while at < count:
        kind, end = _longest(points, count, at, root, tree, sorts)
        if kind < 0:
            at += 1
            continue
        found[number, 0], found[number, 1], found[number, 2] = kind, at, end
        number += 1
        at = end
    return number


@numba.njit(cache=True, nogil=True)
def _is_negated(found: Any, first: int, last: int, hit: int, reach: Any) -> Any:
    """A negator stands near enough in the clause, on the side where the language puts it.

    Two of them cancel each other, but for languages in which they confirm each other ("no me gusta nada").
    """
    near = 0
    if reach[2]:
        end = found[hit, 2]
        for other in range(hit + 1, last):
            if found[other, 0] == NEGATORS and found[other, 1] - end <= reach[0]:
                near += 1
                end = found[other, 2]
    else:
        start = found[hit, 1]
        for other in range(hit - 1, first - 1, -1):
            if found[other, 0] == NEGATORS and start - found[other, 2] <= reach[0]:
                near += 1
                start = found[other, 1]
    return near > 0 if reach[5] else near % 2 == 1


@numba.njit(cache=True, nogil=True)
def _clause(found: Any, first: int, last: int, asked: bool, rules: Any, language: Any, row: Any) -> Any:
    """The masses of one clause, negative and positive; counts its hits in `row`."""
    weights, context, reaches = rules
    for hit in range(first, last):
        asked = asked and found[hit, 0] != WHYS
    negative = positive = 0.0
    for hit in range(first, last):
        kind = found[hit, 0]
        if kind >= WEIGHED:
            continue
        mass, bad = weights[kind], kind >= FIRST_NEGATIVE
        if hit > first and found[hit - 1, 0] == INTENSIFIERS:
            mass *= context[0]
        if asked:
            mass *= context[5] if kind == FACTS else context[4] if bad else context[3]
        turned = _is_negated(found, first, last, hit, reaches[language])
        row[kind + WEIGHED * (2 if asked else 1 if turned else 0)] += 1
        if turned:
            mass, bad = mass * (context[2] if bad else context[1]), not bad
        if bad:
            negative += mass
        else:
            positive += mass
    return negative, positive


@numba.njit(cache=True, nogil=True)
def _clauses(found: Any, number: int, rules: Any, language: Any, row: Any) -> None:
    """Read what was found clause by clause into the numbers of one text."""
    keep = rules[1][6]
    sides = row[SIDES : SIDES + 6]
    first = 0
    for hit in range(number + 1):
        kind = found[hit, 0] if hit < number else STOPS
        if CONTRASTS != kind != STOPS and kind != QUESTIONS:
            continue
        negative, positive = _clause(found, first, hit, kind == QUESTIONS, rules, language, row)
        first = hit + 1
        sides[0] += negative
        sides[1] += positive
        sides[4] += negative
        sides[5] += positive
        if negative or positive:
            sides[2], sides[3] = negative, positive
        if kind == CONTRASTS:
            sides[0] *= keep
            sides[1] *= keep
            sides[4] = sides[5] = 0.0


@numba.njit(cache=True, nogil=True)
def _counted(found: Any, number: int, row: Any) -> None:
    """What else is known of a text from its phrases, after its clauses were read."""
    contrasts = 0
    for hit in range(number):
        kind = found[hit, 0]
        if kind == QUESTIONS:
            row[QUESTIONED] += 1
        elif kind == WHYS:
            row[QUESTIONED + 1] += 1
        elif kind == CONTRASTS:
            contrasts += 1
        elif kind == NEGATORS:
            row[QUESTIONED + 3] += 1
        elif kind == INTENSIFIERS:
            row[QUESTIONED + 4] += 1
    row[QUESTIONED + 2] = contrasts
    if contrasts == 0:
        row[SIDES + 4] = row[SIDES + 5] = 0.0
    row[SIDES + 6] = row[SIDES] > 0 and row[SIDES + 1] > 0
    row[SIDES + 7] = row[SIDES] == 0 and row[SIDES + 1] == 0


@numba.njit(cache=True, nogil=True)
def _loudness(data: Any, start: int, end: int, points: Any, count: int, row: Any) -> None:
    """Exclamation marks, capitals of ASCII and the length of one text."""
    for at in range(count):
        if points[at] == 33:
            row[EXCLAIMED] += 1
            row[SHOUTED] += at > 0 and points[at - 1] == 33
    capitals = small = 0
    for at in range(start, end):
        capitals += 65 <= data[at] <= 90
        small += 97 <= data[at] <= 122
    row[CAPITALS] = capitals / (capitals + small) if capitals + small > 3 and capitals > 2 else 0.0
    row[LENGTH] = np.log1p(count) / 5


@numba.njit(cache=True, nogil=True)
def _scope(found: Any, hit: int, number: int, points: Any, count: int, reach: Any, sorts: Any) -> Any:
    """Where the words beside a negator begin and end: within reach, within its clause, whole words."""
    if reach[2]:
        low = max(0, found[hit, 1] - reach[1])
        for other in range(hit - 1, -1, -1):
            if found[other, 0] in (STOPS, QUESTIONS, CONTRASTS):
                low = max(low, found[other, 2])
                break
        return low, found[hit, 1]
    high = min(count, found[hit, 2] + reach[1])
    while reach[4] and high < count and _is_word(sorts, points[high - 1]) and _is_word(sorts, points[high]):
        high += 1
    for other in range(hit + 1, number):
        if found[other, 0] in (STOPS, QUESTIONS, CONTRASTS):
            high = min(high, found[other, 1])
            break
    return found[hit, 2], high


@numba.njit(cache=True, nogil=True)
def _of_all(points: Any, count: int, sorts: Any, bases: Any, out: Any) -> int:
    """The features of a whole text, its accents left out; says how many."""
    letters, kinds = np.empty(count, np.int32), np.empty(count, np.uint8)
    kept = 0
    for at in range(count):
        if 0x300 <= points[at] < 0x370:
            continue
        letters[kept] = bases[points[at]]
        kinds[kept] = sorts[points[at]]
        kept += 1
    return _grams(letters, kinds, kept, out)


@numba.njit(cache=True, nogil=True)
def _negated(found: Any, number: int, points: Any, count: int, reach: Any, tables: Any, out: Any, n: int) -> int:
    """Write the features beside negators, marked by `NOT`, behind the others; says how many there are in all."""
    sorts, bases = tables[0], tables[1]
    for hit in range(number):
        if found[hit, 0] != NEGATORS:
            continue
        low, high = _scope(found, hit, number, points, count, reach, sorts)
        size = high - low
        if size <= 0:
            continue
        letters, kinds = np.empty(size, np.int32), np.empty(size, np.uint8)
        for at in range(size):
            letters[at] = bases[points[low + at]]
            kinds[at] = sorts[points[low + at]]
        if n + MOST_A_LETTER * size > len(out):
            break
        last = n + _grams(letters, kinds, size, out[n:])
        for feature in range(n, last):
            out[feature] ^= NOT
        n = last
    return n


@numba.njit(cache=True, nogil=True)
def said(texts: Any, tree: Any, rules: Any, tables: Any, numbers: Any, ends: Any) -> Any:
    """Fill the numbers of each text, and give the features of all texts, with where each text's end in `ends`."""
    starts, data, codes = texts
    sorts, bases, spelling = tables
    longest = 1
    for text in range(len(codes)):
        longest = max(longest, starts[text + 1] - starts[text])
    raw, points = np.empty(longest, np.int32), np.empty(longest, np.int32)
    found, room = np.empty((longest, 3), np.int64), np.empty(2 * MOST_A_LETTER * longest, np.uint64)
    row, out, total = np.zeros(numbers.shape[1]), np.empty(1024, np.uint64), 0
    for text in range(len(codes)):
        language = codes[text]
        row[:] = 0.0
        count = _points(data, starts[text], starts[text + 1], raw)
        count = _folded(raw, count, rules[2][language, 3], bases, spelling, points)
        number = _find(points, count, tree[4][language], tree, sorts, found)
        _clauses(found, number, rules, language, row)
        _counted(found, number, row)
        _loudness(data, starts[text], starts[text + 1], points, count, row)
        for place in range(CAPITALS):
            numbers[text, place] = np.sqrt(row[place])
        numbers[text, CAPITALS], numbers[text, LENGTH] = row[CAPITALS], row[LENGTH]
        numbers[text, LISTED] = language > 0
        if language > 0:
            numbers[text, FIRST_LANGUAGE + language - 1] = 1
        made = _of_all(points, count, sorts, bases, room)
        made = _negated(found, number, points, count, rules[2][language], tables, room, made)
        while total + made > len(out):
            out = np.concatenate((out, np.empty_like(out)))
        out[total : total + made] = room[:made]
        total += made
        ends[text + 1] = total
    return out[:total].copy()


@numba.njit(cache=True, nogil=True)
def _points(data: Any, start: int, end: int, points: Any) -> int:
    """The code points of one text. Broken UTF-8 cannot come out of Arrow."""
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
        points[count] = point
        count += 1
    return count


@numba.njit(cache=True, nogil=True, inline="always")
def _mixed(value: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014): nearby numbers end far apart."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def _grams(points: Any, sorts: Any, count: int, out: Any) -> int:
    """Write the features of one text into `out`; says how many."""
    n = at = 0
    before = np.uint64(0)
    while at < count:
        sort = sorts[at]
        if sort == WORD:
            end, value = at, SEED
            while end < count and sorts[end] == WORD:
                value = (value ^ np.uint64(points[end])) * STEP
                end += 1
            out[n] = word = _mixed(value)
            n += 1
            if before != 0:
                out[n] = _mixed(before * PAIR + word)
                n += 1
            before = word
            n = _pieces(points, at, end, out, n)
            at = end
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
def _runs(points: Any, sorts: Any, at: int, count: int, out: Any, n: int) -> int:
    """Runs of characters that begin here, in a script without spaces."""
    value = SEED
    for length in range(RUN):
        if at + length >= count or sorts[at + length] != SPACELESS:
            break
        value = (value ^ np.uint64(points[at + length])) * STEP
        out[n] = _mixed(value)
        n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _pieces(points: Any, start: int, end: int, out: Any, n: int) -> int:
    """Runs of letters of one longer word, which has a mark before its first letter and after its last."""
    if end - start <= LONG:
        return n
    for size in range(3, 6):
        for first in range(start - 1, end - size + 2):
            value = SEED
            for place in range(first, first + size):
                letter = np.uint64(points[place]) if start <= place < end else np.uint64(0x1F)
                value = (value ^ letter) * STEP
            out[n] = _mixed(value + PIECE)
            n += 1
    return n


@numba.njit(cache=True, nogil=True)
def distinct(ends: Any, hashes: Any, keys: Any, places: Any, seen: Any, rows: Any) -> Any:
    """The rows of a table of features that each text has, each once, and where each text's rows end.

    :param keys: the hashes of the table and :param places: their rows, from `table_of`.
    """
    kept = np.zeros(len(ends), np.int64)
    total = 0
    mask = np.uint64(len(keys) - 1)
    for text in range(len(ends) - 1):
        for at in range(ends[text], ends[text + 1]):
            slot = np.int64(hashes[at] & mask)
            while places[slot] >= 0 and keys[slot] != hashes[at]:
                slot = (slot + 1) & np.int64(mask)
            row = places[slot]
            if row >= 0 and seen[row] != text:
                seen[row] = text
                rows[total] = row
                total += 1
        kept[text + 1] = total
    return kept


@numba.njit(cache=True, nogil=True)
def table_of(hashes: Any, keys: Any, places: Any) -> None:
    """Fill a hash table with open addresses, at most half full: an empty place holds row -1."""
    mask = np.uint64(len(keys) - 1)
    for row in range(len(hashes)):
        slot = np.int64(hashes[row] & mask)
        while places[slot] >= 0:
            slot = (slot + 1) & np.int64(mask)
        keys[slot] = hashes[row]
        places[slot] = row


@numba.njit(cache=True, nogil=True)
def add(ends: Any, hashes: Any, keys: Any, places: Any, grams: Any, out: Any) -> None:
    """Add what the features of each text weigh, each once, as a vector of unit length, to `out` (texts, classes)."""
    mask = np.uint64(len(keys) - 1)
    seen = np.full(len(grams), -1, np.int64)
    classes = out.shape[1]
    sums = np.zeros(classes)
    for text in range(len(ends) - 1):
        length = 0.0
        sums[:] = 0.0
        for at in range(ends[text], ends[text + 1]):
            slot = np.int64(hashes[at] & mask)
            while places[slot] >= 0 and keys[slot] != hashes[at]:
                slot = (slot + 1) & np.int64(mask)
            row = places[slot]
            if row < 0 or seen[row] == text:
                continue
            seen[row] = text
            weight = np.float64(grams[row, 0])
            length += weight * weight
            for one in range(classes):
                sums[one] += weight * grams[row, 1 + one]
        if length > 0.0:
            for one in range(classes):
                out[text, one] += sums[one] / np.sqrt(length)


@numba.njit(cache=True, nogil=True)
def descend(
    ends: Any, columns: Any, values: Any, gold: Any, share: Any, weights: Any, logits: Any, slope: Any
) -> float:
    """The loss of logistic regression with three classes over all texts, and its slope in the weights of features.

    :param columns: unsigned, so that no place can count from the end.
    :param logits: (texts, 3), what else speaks for a class; becomes probability less truth, times the share.
    :param slope: gets the slope of each feature's weights added.
    """
    lost = 0.0
    for text in range(len(gold)):
        a, b, c = logits[text, 0], logits[text, 1], logits[text, 2]
        for at in range(ends[text], ends[text + 1]):
            value, column = values[at], columns[at]
            a += value * weights[column, 0]
            b += value * weights[column, 1]
            c += value * weights[column, 2]
        most, truth = max(a, b, c), gold[text]
        right = a if truth == 0 else b if truth == 1 else c
        a, b, c = np.exp(a - most), np.exp(b - most), np.exp(c - most)
        total, part = a + b + c, share[text]
        lost += part * (most + np.log(total) - right)
        a = part * (a / total - (truth == 0))
        b = part * (b / total - (truth == 1))
        c = part * (c / total - (truth == 2))
        logits[text, 0], logits[text, 1], logits[text, 2] = a, b, c
        for at in range(ends[text], ends[text + 1]):
            value, column = values[at], columns[at]
            slope[column, 0] += value * a
            slope[column, 1] += value * b
            slope[column, 2] += value * c
    return lost
