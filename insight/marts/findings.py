"""What goes with good and bad outcomes? Every outcome by every obvious split, the surest and largest differences first.

Nothing here is a cause: who was late may have sold other things to other people. That is what the words say, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from insight import contrast
from insight.discovery import benjamini_hochberg
from insight.engines.base import Frame
from insight.schema import CONVERSATION_FACTS, FINDINGS, ORDER_FACTS, UNKNOWN, Table

FEWEST = 30
"""Rows that each side of a comparison needs."""
FALSE = 0.05
"""Of what is found, at most so much is chance, on average."""
UNITS = 10_000
"""Amounts are added up in ten thousandths, as whole numbers, so that their order does not matter."""
LEVELS = 60
"""A split into more parts than that is none that anybody reads."""
COLUMNS = list(FINDINGS.arrow.names)
FIGURES = [name for name in COLUMNS if name not in ("rank", "q", "said", "said_zh")]


@dataclass(frozen=True)
class Outcome:
    """What a row came to: a share of rows, or stars (0 … 1, told as 1 to 5). `does` and `does_zh` say it in words."""

    name: str
    of: Table
    value: nw.Expr
    stars: bool
    does: str
    does_zh: str
    unlike: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """In which the table tells its values."""
        return "stars of 5" if self.stars else "share"


@dataclass(frozen=True)
class Split:
    """Rows apart: by yes and no (`no` says who the others are), or each value of a column against all the others."""

    name: str
    of: Table
    value: nw.Expr
    part: str
    part_zh: str
    no: str = ""
    no_zh: str = ""


OUTCOMES = (
    Outcome("review", ORDER_FACTS, nw.col("review_rating"), True, "reviewed with", "评价平均"),
    Outcome("bad_review", ORDER_FACTS, nw.col("bad_review"), False, "got a bad review", "得到差评"),
    Outcome("returned_30d", ORDER_FACTS, nw.col("returned_30d"), False, "came back", "被退货", ("returned",)),
    Outcome("late", ORDER_FACTS, nw.col("late"), False, "came late", "延迟送达", ("late", "missing")),
    Outcome("contacted", ORDER_FACTS, nw.col("contacted"), False, "led to a contact", "引起咨询", ("contacted",)),
    Outcome("csat", CONVERSATION_FACTS, nw.col("csat_rating"), True, "scored with", "评分平均"),
    Outcome(
        "came_back",
        CONVERSATION_FACTS,
        nw.col("came_back"),
        False,
        "were followed by another about the same within 7 days",
        "在7天内为同一问题再次联系",
    ),
    Outcome("turned_bad", CONVERSATION_FACTS, nw.col("turned_bad"), False, "turned bad", "情绪变差"),
    Outcome("converted", CONVERSATION_FACTS, nw.col("converted"), False, "were followed by an order", "随后下单"),
)
SPLITS = (
    Split(
        "late",
        ORDER_FACTS,
        nw.when(nw.col("delivered")).then(nw.col("late")).cast(nw.Boolean),
        "orders that came late",
        "延迟送达的订单",
        "orders on time",
        "准时送达的订单",
    ),
    Split(
        "missing",
        ORDER_FACTS,
        (nw.col("late") & ~nw.col("delivered")).cast(nw.Boolean),
        "orders that were due and have not come",
        "逾期未送达的订单",
        "all others that were due",
        "其他已到期的订单",
    ),
    Split("returned", ORDER_FACTS, nw.col("returned"), "returned orders", "退货订单", "orders kept", "未退货订单"),
    Split(
        "contacted",
        ORDER_FACTS,
        nw.col("contacted"),
        "orders that the customer wrote about",
        "客户咨询过的订单",
        "orders without a contact",
        "无咨询的订单",
    ),
    *(
        Split(name, ORDER_FACTS, nw.col(name), f"orders of {said} “{{part}}”", f"{said_zh}“{{part}}”的订单")
        for name, said, said_zh in (
            ("carrier", "carrier", "承运商"),
            ("lane", "lane", "线路"),
            ("warehouse", "warehouse", "仓库"),
            ("platform", "platform", "平台"),
            ("market", "market", "市场"),
            ("family", "product family", "商品类别"),
        )
    ),
    Split(
        "late_response",
        CONVERSATION_FACTS,
        nw.col("late_response"),
        "conversations answered too late or not at all",
        "回复超时或未回复的会话",
        "conversations answered in time",
        "及时回复的会话",
    ),
    Split(
        "several_agents",
        CONVERSATION_FACTS,
        nw.when(nw.col("answered")).then(nw.col("agents") > 1),
        "conversations with more than one agent",
        "由多名客服处理的会话",
        "conversations with one agent",
        "由一名客服处理的会话",
    ),
    *(
        Split(
            name, CONVERSATION_FACTS, nw.col(name), f"conversations of {said} “{{part}}”", f"{said_zh}“{{part}}”的会话"
        )
        for name, said, said_zh in (
            ("channel", "channel", "渠道"),
            ("language", "language", "语言"),
            ("platform", "platform", "平台"),
            ("market", "market", "市场"),
            ("carrier", "carrier", "承运商"),
            ("family", "product family", "商品类别"),
        )
    ),
)
YES, NO = "yes", "no"


def found(facts: dict[str, Frame], *, fewest: int = FEWEST) -> pd.DataFrame:
    """The rows of FINDINGS: what surely differs, first what differs most in spreads of single rows.

    :param facts: CONVERSATION_FACTS and ORDER_FACTS by the table's name.
    :param fewest: rows that each side of a comparison needs.
    """
    rows = [row for o in OUTCOMES for s in SPLITS if _fits(o, s) for row in _compared(facts[o.of.name], o, s, fewest)]
    told = pd.DataFrame(rows, columns=[*FIGURES, "size"])
    told["q"] = benjamini_hochberg(told["p"].to_numpy(dtype=np.float64)) if len(told) else []
    told = told[(told["q"] <= FALSE) & (told["size"] > 0)]
    told = told.sort_values(["size", "outcome", "split", "part"], ascending=[False, True, True, True])
    told = told.assign(rank=np.arange(1, len(told) + 1))
    words = [_said(row) for row in told.to_dict("records")]
    return told.assign(said=[en for en, _ in words], said_zh=[zh for _, zh in words])[COLUMNS]


def _fits(outcome: Outcome, split: Split) -> bool:
    return outcome.of is split.of and split.name not in outcome.unlike


def _compared(frame: Frame, outcome: Outcome, split: Split, fewest: int) -> Iterator[dict[str, Any]]:
    """Each part against the others."""
    sums = _sums(frame, outcome, split)
    parts = _parts(sums, fewest)
    rows = {str(part): tuple(map(float, told)) for part, *told in sums.itertuples(name=None)}
    every = tuple(map(sum, zip(*rows.values(), strict=True)))
    for part in parts:
        ours = rows[part]
        others = tuple(whole - mine for whole, mine in zip(every, ours, strict=True))
        if others[0] >= fewest:
            named = {"outcome": outcome.name, "split": split.name, "part": part, "unit": outcome.unit}
            yield named | _row(outcome, ours, others)


def _parts(sums: pd.DataFrame, fewest: int) -> list[str]:
    """What is compared with the rest; of two parts only the first, since the other one says the same."""
    some = [str(part) for part, n in sums["n"].items() if float(n) >= fewest]
    if set(sums.index) <= {YES, NO}:
        return [YES] if {YES, NO} <= set(some) else []
    return some[:1] if len(sums) == 2 else some if 2 < len(sums) <= LEVELS else []


def _sums(frame: Frame, outcome: Outcome, split: Split) -> pd.DataFrame:
    """n, x and xx of each part, by its name; parts that nobody told are left out."""
    value = outcome.value if outcome.stars else outcome.value.cast(nw.Int64).cast(nw.Float64)
    rows = frame.select(part=split.value, value=value).filter(~nw.col("part").is_null() & ~nw.col("value").is_null())
    rows = rows.with_columns(x=(nw.col("value") * UNITS + 0.5).floor().cast(nw.Int64)).with_columns(
        xx=nw.col("x") * nw.col("x")
    )
    few = rows.group_by("part").agg(nw.len().alias("n"), nw.col("x").sum(), nw.col("xx").sum())
    sums: pd.DataFrame = few.collect("pyarrow").to_native().to_pandas()
    sums = sums.astype({"n": "float64", "x": "float64", "xx": "float64"})
    sums["part"] = [{True: YES, False: NO}[part] if split.no else str(part) for part in sums["part"]]
    sums = sums.set_index("part").sort_index()
    sums["x"], sums["xx"] = sums["x"] / UNITS, sums["xx"] / UNITS**2
    return sums.loc[sums.index != UNKNOWN]


def _row(outcome: Outcome, a: Sequence[float], b: Sequence[float]) -> dict[str, Any]:
    """The figures of one comparison, in the outcome's unit, from n, sum and sum of squares of both sides."""
    (n, x, xx), (m, y, yy) = a, b
    told = contrast.means([x], [xx], [n], [y], [yy], [m]) if outcome.stars else contrast.shares([x], [n], [y], [m])
    times, plus = (4.0, 1.0) if outcome.stars else (1.0, 0.0)
    return {
        "n": int(n),
        "value": plus + times * x / n,
        "others_n": int(m),
        "others": plus + times * y / m,
        "difference": times * float(told.difference[0]),
        "low": times * float(told.low[0]),
        "high": times * float(told.high[0]),
        "p": float(told.p[0]),
        "size": float(told.size[0]),
    }


def _said(row: Mapping[Any, Any]) -> tuple[str, str]:
    """The finding as a sentence in English and Chinese, with n and interval; it tells what goes together, no cause."""
    outcome = next(o for o in OUTCOMES if o.name == row["outcome"])
    split = next(s for s in SPLITS if (s.name, s.of) == (row["split"], outcome.of))
    ours, ours_zh = (words.format(part=row["part"]) for words in (split.part, split.part_zh))
    rest = split.no or ("other orders" if outcome.of is ORDER_FACTS else "other conversations")
    rest_zh = split.no_zh or ("其他订单" if outcome.of is ORDER_FACTS else "其他会话")
    n, others_n = f"{row['n']:,}", f"{row['others_n']:,}"
    if outcome.stars:
        value, others = (f"{row[name]:.2f}" for name in ("value", "others"))
        gap, low, high = (f"{row[name]:+.2f}" for name in ("difference", "low", "high"))
        english = f"{_capital(ours)} are {outcome.does} {value} of 5 stars on average, {rest} with {others}"
        chinese = f"{ours_zh}{outcome.does_zh}{value}星（满分5星），{rest_zh}为{others}星"
    else:
        value, others = (f"{row[name]:.1%}" for name in ("value", "others"))
        gap, low, high = (f"{100 * row[name]:+.1f}" for name in ("difference", "low", "high"))
        english = f"{value} of {ours} {outcome.does}, {others} of {rest}"
        chinese = f"{ours_zh}中有{value}{outcome.does_zh}，{rest_zh}为{others}"
    points, points_zh = ("", "") if outcome.stars else (" points", "个百分点")
    return (
        f"{english} (n = {n} and {others_n}; difference {gap}{points}, 95 %: {low} to {high}).",
        f"{chinese}（n = {n}和{others_n}；相差{gap}{points_zh}，95%区间{low}至{high}）。",
    )


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
