"""GET /risk-models: which weights speak for each risk, why, on what they were measured, and how good they are there."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from insight.api.deps import Nothing, Snapshot
from insight.api.remember import Remembered
from insight.published import Generation
from insight.schema import ALL

ROUTER = APIRouter(route_class=Remembered, tags=["risks"])


class Part(BaseModel):
    """How good the chances are on a part of the measured cases: all of them, a market, a language, new or known."""

    part: str = Field(description="all, market, language or seen", examples=["market"])
    value: str = Field(examples=["DE"])
    cases: int = Field(description="matured, and answered where an answer is needed", examples=[642])
    events: int = Field(description="of them, those with the outcome", examples=[127])
    unmatured: int = Field(description="left out, since their window is not over", examples=[102])
    response_rate: float | None = Field(description="null where nobody need answer", examples=[0.31])
    expected: float = Field(description="events by the chances", examples=[118.4])
    ratio: float | None = Field(description="observed by expected", examples=[1.07])
    ratio_low: float | None = Field(description="lower end of its 95 % interval", examples=[0.89])
    ratio_high: float | None = Field(examples=[1.27])
    calibration: str = Field(
        description="calibrated, recalibrated, more than expected, fewer than expected or too few",
        examples=["too few"],
    )
    auc: float | None = Field(description="how often a case with the outcome scores higher", examples=[0.77])
    auc_low: float | None = Field(description="lower end of its 95 % interval, over customers", examples=[0.74])
    auc_high: float | None = Field(examples=[0.8])
    average_precision: float | None = Field(examples=[0.41])
    lift_at_10: float | None = Field(description="rate in the top tenth by the usual rate", examples=[3.1])
    ece: float | None = Field(description="expected calibration error", examples=[0.018])
    card_auc: float | None = Field(description="of the scorecard on the same cases", examples=[0.75])
    gain: float | None = Field(description="AUC above the scorecard's", examples=[0.023])
    gain_low: float | None = Field(examples=[0.014])


class Week(BaseModel):
    """What happened to the cases of a week beside what was expected of them."""

    week: date = Field(description="its Monday", examples=["2026-05-04"])
    cases: int = Field(examples=[286])
    events: int = Field(examples=[42])
    expected: float = Field(examples=[42.4])
    ratio: float | None = Field(examples=[0.99])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[0.71])
    high: float | None = Field(examples=[1.34])
    verdict: str = Field(description="calibrated, drifted or cannot tell", examples=["cannot tell"])


class Weight(BaseModel):
    """A term of the model: what the card says, and what counts now."""

    kind: str = Field(description="curve (by days), sign or group", examples=["sign"])
    term: str = Field(examples=["second_contact"])
    prior: float = Field(description="log-odds that the card says", examples=[0.9])
    spread: float = Field(description="how far own cases may move it: standard deviation", examples=[0.5])
    weight: float = Field(description="log-odds that count", examples=[0.3])
    error: float = Field(description="standard error", examples=[0.15])
    words: str | None = Field(examples=["second contact about this issue in …"])
    words_zh: str | None = Field(examples=["…内第二次联系同一问题"])


class RiskModel(BaseModel):
    """The model card of one risk."""

    head: str = Field(examples=["repeat_contact"])
    speaks: str = Field(description="scorecard, blend or own", examples=["blend"])
    because: str = Field(
        description="too few, no gain, worse calibration, gain or worse than before", examples=["no gain"]
    )
    trained_since: date | None = Field(description="first day of what it learned from", examples=["2026-03-02"])
    trained_until: date | None = Field(description="first day after", examples=["2026-06-08"])
    tested_since: date | None = Field(description="first day of what it was measured on", examples=["2026-04-18"])
    tested_until: date | None = Field(description="first day after", examples=["2026-06-24"])
    trained: int = Field(description="matured cases it learned from", examples=[3392])
    trained_events: int = Field(description="of them, those with the outcome", examples=[466])
    challenger_gain: float | None = Field(description="AUC of boosted trees above ours", examples=[-0.02])
    challenger_low: float | None = Field(description="lower end of its 95 % interval", examples=[-0.03])
    parts: list[Part] = Field(description="all cases first")
    weeks: list[Week] = Field(description="oldest first")
    weights: list[Weight] = Field(description="signs, heaviest first; then the curve by days; then groups")

    @property
    def whole(self) -> Part:
        """All measured cases."""
        return self.parts[0]


class RiskModels(BaseModel):
    """Every risk, each outcome for itself."""

    models: list[RiskModel]


CARDS = (
    "select * from mart.main.risk_cards order by head, part <> 'all', "
    "case part when 'seen' then 1 when 'market' then 2 else 3 end, cases desc, value"
)
WEEKS = "select * from mart.main.risk_weeks order by head, week"
WEIGHTS = (
    "select * from mart.main.risk_weights order by head, "
    "case kind when 'sign' then 1 when 'curve' then 2 else 3 end, "
    "case kind when 'sign' then -abs(weight) when 'curve' then cast(term as double) else 0 end, term"
)


def read(generation: Generation) -> RiskModels:
    """Every head with its card; weeks and weights belong to it."""
    weeks, weights = (_by_head(generation.rows(query)) for query in (WEEKS, WEIGHTS))
    cards = _by_head(generation.rows(CARDS))
    return RiskModels(
        models=[
            RiskModel(
                **rows[0] | {"parts": rows, "weeks": weeks.get(head, []), "weights": map(_told, weights.get(head, []))}
            )
            for head, rows in cards.items()
            if rows[0]["part"] == ALL
        ]
    )


def _by_head(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {head: list(mine) for head, mine in groupby(rows, key=lambda row: str(row["head"]))}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """A weight whose words have dots for the number that each case fills in."""
    return row | {
        name: row[name].replace("{count}", "…").replace("{span}", "…") for name in ("words", "words_zh") if row[name]
    }


@ROUTER.get("/risk-models", operation_id="risk_models", summary="How far can the chances be trusted, and why?")
def risk_models(asked: Nothing, generation: Snapshot) -> RiskModels:
    """A model card per risk: what speaks and why, how good it is, where, week by week, and every weight."""
    return read(generation)
