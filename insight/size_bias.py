"""Does a product run small or large? The direction that a customer's words or a return code tell, and the balance.

Words come from models/fit.toml, in seven languages; a topic of the taxonomy tells the direction where the words do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from insight import shipped
from insight.intervals import Numbers, wilson
from insight.phrases import SPACELESS, Finder
from insight.schema import UNKNOWN
from insight.shrinkage import balance

FILE = "fit.toml"
SMALL, LARGE = "small", "large"
LEAVES = {"sizing.too_small": SMALL, "sizing.too_large": LARGE}

SPEAK_OF_SIZE = frozenset({"", "sizing", "not_as_described"})
ALSO = frozenset({"returns.exchange", "returns.how_to_return"})
"""Families whose words may tell a direction (the empty one: found in the texts, or fits none), and further topics. What
stands under another one speaks of a parcel that is too large, or of a time that is too long."""

NO_VERDICT = frozenset({"sizing.size_advice"})
"""Who asks before buying has no size in hand."""

BEFORE = {True: 3, False: 26}
"""How far before the words a word such as "not" still turns them around: characters, without and with blanks."""

WORTH = 4
"""The prior weighs as much as so many voices, half of each kind."""

LEAST_ORDERS = 30
"""With fewer orders nobody can tell how a product falls."""

EVEN = 0.5
"""A product is called true to size only where its whole interval lies within this balance, or where next to nobody
speaks of its size."""

NEXT_TO_NOBODY = 0.02
"""The upper end of the share of orders with a voice about the size."""

_clause = re.compile(r"[,.;:!?()\n，。！？；、]| but | aber | pero | mais | mas ")
_apart = re.compile(r"[^a-z0-9]+")


def directions(texts: Sequence[str], languages: Sequence[str]) -> Iterator[str | None]:
    """What each text says of a size: "small", "large", or None where it says neither, both, or asks.

    A language without words is read as English, in which codes and mixed texts are often written.
    """
    for text, language in zip(texts, languages, strict=True):
        yield _direction(text, language if language in _finders() else "en")


def of_code(code: str) -> str | None:
    """What a reason for a return says, as platforms write it (SIZE_TOO_SMALL, "Too large"), or in free words."""
    plain = _apart.sub(" ", code.lower()).strip()
    if found := _codes().get(plain):
        return found
    told = {d for language in _finders() if (d := _direction(code, language))}
    return told.pop() if len(told) == 1 else None


@cache
def _codes() -> dict[str, str]:
    return {code: kind for kind, listed in shipped.toml(FILE)["codes"].items() for code in listed}


@cache
def _finders() -> dict[str, Finder]:
    told = {name: part for name, part in shipped.toml(FILE).items() if name != "codes"}
    order = ("neither", SMALL, LARGE, "not")
    return {name: Finder({k: part[k] for k in order}, apart=name not in SPACELESS) for name, part in told.items()}


def _direction(text: str, language: str) -> str | None:
    """The one direction that all clauses of a text agree on."""
    find, close = _finders()[language], BEFORE[language in SPACELESS]
    told = set()
    for clause, asks in _clauses(find.fold(text)):
        turned = -close - 1
        for kind, start, end in find(clause):
            if kind == "not":
                turned = end
            elif kind in (SMALL, LARGE) and not asks and start - turned > close:
                told.add(kind)
    return told.pop() if len(told) == 1 else None


def _clauses(text: str) -> Iterator[tuple[str, bool]]:
    """Each clause of a folded text, and whether it is asked."""
    start = 0
    for border in _clause.finditer(text):
        yield text[start : border.start()], border[0] in "?？"
        start = border.end()
    yield text[start:], False


# ---------------------------------------------------------------- voices


VOICE = ["sku", "order_id", "customer_key", "direction", "source"]


def spoken(said: pd.DataFrame) -> pd.DataFrame:
    """Mentions that tell a direction, as voices.

    :param said: sku, order_id, customer_key, text, language, topic_id, family (of the topic, empty where it has none).
    """
    may = (said["family"].isin(SPEAK_OF_SIZE) | said["topic_id"].isin(ALSO)) & ~said["topic_id"].isin(NO_VERDICT)
    rows = said[may & (said["sku"] != UNKNOWN)]
    each = rows[["text", "language"]].drop_duplicates()  # many customers write the same few words
    found = dict(
        zip(each.itertuples(index=False, name=None), directions(*(each[c].tolist() for c in each)), strict=True)
    )
    said_so = [found[key] for key in rows[["text", "language"]].itertuples(index=False, name=None)]
    words = pd.Series(said_so, index=rows.index, dtype=object)
    told = words.where(words.notna(), rows["topic_id"].map(LEAVES).astype(object))
    kept = [*VOICE, "mention_id", "said_ms", "text", "language"]
    return rows.assign(direction=told, source="words").loc[told.notna(), kept].astype({"sku": object})


def returned(returns: pd.DataFrame) -> pd.DataFrame:
    """Returns whose code tells a direction, as voices.

    :param returns: sku, order_id, customer_key, reason.
    """
    codes = {code: of_code(code) for code in returns["reason"].unique()}
    told = returns["reason"].map(codes).astype(object)
    return returns.assign(direction=told, source="return").loc[told.notna() & returns["sku"].notna(), VOICE]


def voices(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """One row per product and order, or customer where no order is known: who says small and who says large.

    A customer who writes, sends back and reviews is one voice. Who says both (another size was tried) is none.

    :returns: sku, voice, direction (small, large or both), words (told in words), sent_back (told by a return's code).
    """
    rows = pd.concat([part[VOICE].astype(object) for part in parts], ignore_index=True)
    rows = rows.assign(voice=rows["order_id"].where(rows["order_id"].notna(), rows["customer_key"]))
    rows = rows.assign(
        small=rows["direction"] == SMALL, large=rows["direction"] == LARGE, words=rows["source"] == "words"
    )
    found = rows.groupby(["sku", "voice"], as_index=False, sort=True).agg(
        small=("small", "any"), large=("large", "any"), words=("words", "any"), codes=("words", "all")
    )
    both = found["small"] & found["large"]
    named = np.where(both, "both", np.where(found["small"], SMALL, LARGE))
    return found.assign(direction=named, sent_back=~found["codes"].astype(bool))[
        ["sku", "voice", "direction", "words", "sent_back"]
    ]


# ---------------------------------------------------------------- the meter


def meter(told: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """One row per product that anybody speaks of the size of, the surest first; see SIZE_BIAS in schema.py.

    The share of "too large" among its voices is beta, with a prior that leans to neither side (`shrinkage.balance`).

    :param told: as `voices` gives them. :param counted: sku, orders, returns (whole numbers, returns None if not told).
    """
    counts = {name: told[told["direction"] == name].groupby("sku").size() for name in (SMALL, LARGE, "both")}
    rows = pd.DataFrame({"sku": sorted(told["sku"].unique())}, dtype=object)
    for name, count in counts.items():
        rows[name] = rows["sku"].map(count).fillna(0).astype("int64")
    rows["in_words"] = rows["sku"].map(told[told["words"]].groupby("sku").size()).fillna(0).astype("int64")
    rows["sent_back"] = rows["sku"].map(told[told["sent_back"]].groupby("sku").size()).fillna(0).astype("int64")
    rows = rows.merge(counted.astype({"sku": object}), on="sku", how="left")
    rows["orders"] = rows["orders"].fillna(0).astype("int64")
    middle, (low, high) = balance(rows[SMALL], rows[LARGE], worth=WORTH)
    _, most = wilson(np.minimum(rows[SMALL] + rows[LARGE], rows["orders"]), rows["orders"])
    sure = np.maximum(np.maximum(low, -high), 0)
    rows = rows.assign(
        balance=middle,
        low=low,
        high=high,
        verdict=_verdicts(low, high, rows["orders"].to_numpy(), most),
        share_of_returns=rows["sent_back"] / rows["returns"].where(rows["returns"] > 0).astype("float64"),
        sure=np.where(rows["orders"] >= LEAST_ORDERS, sure, -1),
    )
    rows = rows.sort_values(["sure", "small", "large", "sku"], ascending=[False, False, False, True])
    return rows.assign(rank=np.arange(1, len(rows) + 1)).drop(columns="sure").reset_index(drop=True)


def _verdicts(low: Numbers, high: Numbers, orders: Any, most: Numbers) -> list[str]:
    """Runs small or large where the whole interval lies on one side and the share of voices is not next to nothing."""
    quiet = np.nan_to_num(most, nan=1.0) < NEXT_TO_NOBODY
    found = np.select(
        [orders < LEAST_ORDERS, quiet, high < 0, low > 0, (low > -EVEN) & (high < EVEN)],
        ["cannot tell", "true to size", "runs small", "runs large", "true to size"],
        "cannot tell",
    )
    return [str(verdict) for verdict in found]
