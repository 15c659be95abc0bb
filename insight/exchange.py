"""Amounts in the currency of the shop, by rates that each hold from a moment until the next; never one to one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insight.columns import column

EXPONENTS = {
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
}
"""Decimal places of the minor unit (ISO 4217); 2 for every other currency."""

LARGEST = 2**62
"""No amount reaches this; what would is a slip of a file, and is unknown rather than wrong."""

Whole = npt.NDArray[np.int64]


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit."""
    return EXPONENTS.get(currency, 2)


def converted(minor: pa.Array, currency: pa.Array, at_ms: pa.Array, rates: pa.Table, *, to: str) -> pa.Array:
    """Amounts in minor units of one currency, each rounded once, halves upwards; null where no rate was told.

    The rate counts exactly as it is written: 0.145 is 145/1000, whatever the nearest float may be. Before the first
    moment of its currency a rate is unknown, and so is the amount.

    :param minor: whole minor units, shape (n,); null where unknown.
    :param currency: of each amount, shape (n,).
    :param at_ms: the moment whose rate counts, shape (n,).
    :param rates: rows of EXCHANGE_RATES: units of `to` for one unit of the currency.
    """
    amounts = np.asarray(pc.fill_null(minor, 0), dtype=np.int64)
    moments = np.asarray(pc.fill_null(at_ms, 0), dtype=np.int64)
    found, known = np.zeros_like(amounts), np.zeros(len(amounts), dtype=bool)
    packed = pc.dictionary_encode(currency)
    codes = np.asarray(pc.fill_null(packed.indices, -1), dtype=np.int64)
    for code, name in enumerate(packed.dictionary.to_pylist()):
        rows = np.flatnonzero(codes == code)
        if name == to:
            found[rows], known[rows] = amounts[rows], True
            continue
        for part, rate in _rated(rows, moments, rates, name):
            found[part], known[part] = _times(amounts[part], rate * Fraction(10) ** (exponent(to) - exponent(name)))
    told = known & np.asarray(pc.is_valid(minor)) & np.asarray(pc.is_valid(at_ms))
    return pa.array(found, mask=~told)


def _rated(rows: Whole, moments: Whole, rates: pa.Table, currency: str) -> Iterator[tuple[Whole, Fraction]]:
    """The rows of one currency by the rate that holds for them; those before the first rate in none."""
    own = rates.filter(pc.equal(rates["currency"], currency)).sort_by("valid_from_ms")
    since = np.asarray(column(own, "valid_from_ms"), dtype=np.int64)
    place = np.searchsorted(since, moments[rows], side="right") - 1
    order = np.argsort(place, kind="stable")
    places, starts = np.unique(place[order], return_index=True)
    for which, part in zip(places, np.split(rows[order], starts[1:]), strict=True):
        if which >= 0:
            yield part, Fraction(repr(own["rate"][int(which)].as_py()))


def _times(amounts: Whole, factor: Fraction) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """Amounts times a factor, and which of them fit; integers of any size where 64 bits would not do."""
    num, den = factor.numerator, factor.denominator
    largest = int(np.abs(amounts).max(initial=0))
    exact = amounts if 2 * (largest * num + den) < LARGEST else amounts.astype(object)
    rounded = (2 * exact * num + den) // (2 * den)
    fits = np.asarray(abs(rounded) < LARGEST, dtype=bool)
    return np.where(fits, rounded, 0).astype(np.int64), fits
