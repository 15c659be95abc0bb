"""Cases and weights to scores whose every part can be read: base and points add up to the log-odds, exactly.

A head's card (models/…) tells the chances where no sign applies, by the ends of the head's intervals, and for each sign
its points in log-odds and its words. The model that speaks has the card's own numbers (scorecard), numbers that the
shop's cases moved (blend), or numbers that the cases alone decide (own); the words stay the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from insight import shipped
from insight.hazard import Hazard, certain
from insight.risks.base import Cases, Head
from insight.schema import RISK_SCORES, RISK_WEIGHTS

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DAY_MS = 86_400_000
WINDOWS = (1.0, 3.0, 14.0, 30.0)
"""The further windows, in days, that a score tells beside the head's own."""
SPREAD = 0.5
"""How far own cases may move a sign whose card tells no spread: standard deviation in log-odds."""
CURVE_SPREAD = 1.0
GROUPS = ("market", "language")

UNITS = (("day", "天", 86_400_000), ("hour", "小时", 3_600_000), ("minute", "分钟", 60_000))


@dataclass(frozen=True)
class Card:
    """What was set by hand: `prior` (its error is how far own cases may move it) and the words of each sign."""

    signs: tuple[str, ...]
    words: Mapping[str, tuple[str, str]]
    prior: Hazard


@dataclass(frozen=True)
class Model:
    """What gives a head's scores. `groups` are shifts of the base by "market=DE", learned where chances were off."""

    card: Card
    speaks: str
    hazard: Hazard
    groups: Mapping[str, float] = field(default_factory=dict)


def card(head: Head) -> Card:
    """The head's card, as its file in models/ tells it."""
    told = shipped.toml(head.card)
    reached = np.array([0.0, *(float(told["curve"][f"{end:g}"]) for end in head.ends)])
    chance = np.diff(reached) / (1 - reached[:-1])
    listed: dict[str, dict[str, Any]] = told["reasons"]
    points = [each["points"] for each in listed.values()]
    mean = certain(head.ends, np.log(chance / (1 - chance)), points)
    spread = [CURVE_SPREAD] * len(head.ends) + [float(each.get("spread", SPREAD)) for each in listed.values()]
    words = {name: (each["en"], each["zh"]) for name, each in listed.items()}
    return Card(tuple(listed), words, Hazard(mean.ends, mean.curve, mean.weights, np.array(spread)))


def scorecard(card: Card) -> Model:
    """The model of a shop without history."""
    return Model(card, "scorecard", card.prior)


def matrix(cases: Cases, card: Card) -> Numbers:
    """The signs of n cases side by side, in the order of the card: shape (n, p)."""
    if not card.signs:
        return np.zeros((len(cases.rows), 0))
    return np.column_stack([np.asarray(cases.signs[name].values, dtype=np.float64) for name in card.signs])


def shifts(rows: pd.DataFrame, groups: Mapping[str, float]) -> Numbers:
    """What the groups of each case add to its base: shape (n,)."""
    added = np.zeros(len(rows))
    for part in GROUPS:
        by_value = {term.partition("=")[2]: shift for term, shift in groups.items() if term.startswith(f"{part}=")}
        if by_value:
            added += rows[part].map(by_value).fillna(0.0).to_numpy(dtype=np.float64)
    return added


def chances(head: Head, model: Model, x: Numbers, rows: pd.DataFrame) -> Numbers:
    """The chance of each case within the head's window: shape (n,)."""
    return model.hazard.within(x @ model.hazard.weights + shifts(rows, model.groups), head.window)


def scores(head: Head, cases: Cases, model: Model) -> pa.Table:
    """The rows of risk_scores, but for the timestamps that the store makes.

    Where no sign applies the base is the log-odds of the head's window; the other windows follow from the curve.
    """
    rows, points = cases.rows, matrix(cases, model.card) * model.hazard.weights
    still = model.hazard.within(np.zeros(1), head.window)[0]
    base = np.log(still / (1 - still)) + shifts(rows, model.groups)
    order = np.argsort(-np.abs(points), axis=1, kind="stable")
    told = np.take_along_axis(points, order, axis=1)
    added = np.cumsum(told, axis=1)[:, -1] if told.shape[1] else np.zeros(len(rows))
    moved = added + shifts(rows, model.groups)
    within = {f"within_{days:g}d": _within(head, model, moved, days) for days in WINDOWS}
    columns = {name: rows[name] for name in RISK_SCORES.arrow.names if name in rows.columns}
    listed = _reasons(cases, model.card, told, order)
    made = {
        "head": np.full(len(rows), head.name, dtype=object),
        "speaks": np.full(len(rows), model.speaks, dtype=object),
        "base": base,
        "logit": base + added,
        "probability": model.hazard.within(moved, head.window),
        "happened": happened(head, rows),
        **listed,
        **within,
    }
    columns |= made
    fields = [f for f in RISK_SCORES.arrow if f.name in columns]
    return pa.table([_typed(columns[f.name], f.type) for f in fields], schema=pa.schema(fields))


def _typed(column: Any, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if isinstance(column, pa.Array):
        return column
    return pa.array(column, kind, from_pandas=True)


def _within(head: Head, model: Model, added: Numbers, days: float) -> Numbers:
    """The chance within so many days; NaN for a head whose curve has no such end."""
    known = days in head.ends and len(head.ends) > 1
    return model.hazard.within(added, days) if known else np.full(len(added), np.nan)


def matured(head: Head, rows: pd.DataFrame) -> Flags:
    """Which cases were watched over the whole window."""
    seen = rows["seen_ms"].to_numpy(dtype=np.int64) - rows["scored_ms"].to_numpy(dtype=np.int64)
    return np.asarray(seen >= head.window * DAY_MS, dtype=np.bool_)


def happened(head: Head, rows: pd.DataFrame) -> pa.Array:
    """Whether it happened within the window; null until matured, and where no answer came."""
    days = after(rows, "event_ms")
    known = matured(head, rows) & rows["answered"].to_numpy(dtype=bool)
    return pa.array(days <= head.window, mask=~known)  # NaN is not


def after(rows: pd.DataFrame, column: str) -> Numbers:
    """Days from the moment of the score to another; NaN where there is none."""
    moment = rows[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray((moment - rows["scored_ms"].to_numpy(dtype=np.float64)) / DAY_MS, dtype=np.float64)


# ---------------------------------------------------------------- reasons in words


def _reasons(cases: Cases, card: Card, told: Numbers, order: npt.NDArray[np.int64]) -> dict[str, pa.Array]:
    """The lists of points and words, strongest first; a sign that adds nothing gives no reason."""
    applies = told != 0
    ends = np.concatenate([[0], np.cumsum(applies.sum(axis=1))]).astype(np.int32)
    codes, spoken = _spoken(cases, card)
    picked = np.take_along_axis(codes, order, axis=1)[applies]
    lists = {"points": pa.array(told[applies], pa.float64())}
    for name, words in zip(("reasons", "reasons_zh"), spoken, strict=True):
        lists[name] = pa.array(words, pa.string()).take(pa.array(picked))
    return {name: pa.ListArray.from_arrays(pa.array(ends), values) for name, values in lists.items()}


def _spoken(cases: Cases, card: Card) -> tuple[npt.NDArray[np.int64], tuple[list[str], list[str]]]:
    """By case and sign the place of its words in the lists of all words, English and Chinese: codes of shape (n, p).

    Words are made once for each number that is told, so that a hundred thousand cases need a few hundred sentences.
    """
    codes = np.zeros((len(cases.rows), len(card.signs)), dtype=np.int64)
    english: list[str] = []
    chinese: list[str] = []
    for place, name in enumerate(card.signs):
        sign, (en, zh) = cases.signs[name], card.words[name]
        numbers = np.zeros(len(codes), dtype=np.int64)
        if sign.told is not None:
            numbers = np.nan_to_num(np.asarray(sign.told, dtype=np.float64)).astype(np.int64)
        if "{span}" in en:
            numbers = _rounded(numbers)
        each, found = np.unique(numbers, return_inverse=True)
        codes[:, place] = len(english) + found
        english += [en.format(count=n, span=span(n, "en")) for n in each.tolist()]
        chinese += [zh.format(count=n, span=span(n, "zh")) for n in each.tolist()]
    return codes, (english, chinese)


def _rounded(ms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Lengths of time rounded down to their largest fitting unit, at least one minute."""
    sizes = np.array([size for _, _, size in UNITS])
    unit = sizes[np.argmax(ms[:, None] >= sizes, axis=1)]
    unit = np.where(ms < sizes[-1], sizes[-1], unit)
    return np.asarray(np.maximum(ms // unit, 1) * unit, dtype=np.int64)


def span(ms: int, language: str) -> str:
    """A length of time in words, in its largest fitting unit, rounded down, at least 1 minute."""
    unit, unit_zh, size = next((u for u in UNITS if ms >= u[2]), UNITS[-1])
    count = max(1, ms // size)
    return f"{count}{unit_zh}" if language == "zh" else f"{count} {unit}{'s' * (count > 1)}"


# ---------------------------------------------------------------- weights as rows, and back


def as_rows(head: Head, model: Model, errors: Mapping[str, float] | None = None) -> pd.DataFrame:
    """The rows of risk_weights. :param errors: by group, the standard error of its shift."""
    prior, now = model.card.prior, model.hazard
    terms = [("curve", f"{end:g}") for end in head.ends] + [("sign", name) for name in model.card.signs]
    words = [(None, None)] * len(head.ends) + [model.card.words[name] for name in model.card.signs]
    means = [*prior.curve, *prior.weights]
    weights = [*now.curve, *now.weights]
    spread, error = list(prior.error), list(now.error)
    for term, shift in sorted(model.groups.items()):
        off = (errors or {}).get(term, 0.0)
        terms, words, means = [*terms, ("group", term)], [*words, (None, None)], [*means, 0.0]
        weights, spread, error = [*weights, shift], [*spread, 0.0], [*error, off]
    return pd.DataFrame(
        {
            "head": head.name,
            "kind": [kind for kind, _ in terms],
            "term": [term for _, term in terms],
            "speaks": model.speaks,
            "prior": means,
            "spread": spread,
            "weight": weights,
            "error": error,
            "words": [en for en, _ in words],
            "words_zh": [zh for _, zh in words],
        }
    )[list(RISK_WEIGHTS.arrow.names)]


def from_rows(head: Head, card: Card, rows: pd.DataFrame) -> Model | None:
    """The model that rows of risk_weights tell; none where the head has other terms by now, or had no rows."""
    mine = rows[rows["head"].eq(head.name)]
    told = {(kind, term): n for n, (kind, term) in enumerate(zip(mine["kind"], mine["term"], strict=True))}
    wanted = [("curve", f"{end:g}") for end in head.ends] + [("sign", name) for name in card.signs]
    groups = [pair for pair in told if pair[0] == "group"]
    if set(wanted) != set(told) - set(groups):
        return None
    weight, error = (mine[name].to_numpy(dtype=np.float64) for name in ("weight", "error"))
    places, k = [told[pair] for pair in wanted], len(head.ends)
    hazard = Hazard(head.ends, weight[places][:k], weight[places][k:], error[places])
    return Model(card, str(mine["speaks"].iloc[0]), hazard, {term: weight[told["group", term]] for _, term in groups})
