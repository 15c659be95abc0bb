"""What the customer said of a conversation in a survey. Scales differ, so each answer is judged on its own scale."""

from __future__ import annotations

import narwhals as nw

from insight.engines.base import Frame

TWO_BEST_NEED = 4
"""Steps a scale needs for its two best to mean satisfied: of three, the second best is the middle."""


def answers(surveys: Frame) -> Frame:
    """One row per conversation with a survey, of its newest answer: csat_score, csat_rating, top_box, top_two."""
    newest = surveys.with_columns(earlier_ms=0 - nw.col("answered_ms")).unique(
        subset=["conversation_id"], keep="first", order_by=["earlier_ms", "survey_id"]
    )
    score, worst, best = nw.col("score"), nw.col("scale_min"), nw.col("scale_max")
    steps, short = (best - worst).abs() + 1, (best - score).abs()  # the best of some scales is the lowest, as in marks
    return newest.select(
        "conversation_id",
        csat_score=score,
        csat_rating=nw.col("rating"),
        top_box=short <= 0,
        top_two=nw.when(steps >= TWO_BEST_NEED).then(short <= 1).cast(nw.Boolean),
    )
