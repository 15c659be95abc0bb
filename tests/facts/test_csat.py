"""What did the customer say in the survey?"""

import pytest

from insight.facts import csat
from insight.schema import SURVEYS
from tests.rows import START, found, table


def answer(score, scale=(1, 5), at=0, survey="s"):
    low, high = scale
    return {
        "survey_id": survey,
        "conversation_id": "c",
        "answered_ms": START + at,
        "score": score,
        "scale_min": low,
        "scale_max": high,
        "rating": (score - low) / (high - low),
    }


def told(*answers):
    [row] = found(csat.answers, table(SURVEYS, *answers))
    return row


@pytest.mark.parametrize(
    ("score", "scale", "top_box", "top_two"),
    [
        (5, (1, 5), True, True),
        (4, (1, 5), False, True),
        (3, (1, 5), False, False),
        (10, (0, 10), True, True),
        (8, (0, 10), False, False),
        (1, (0, 1), True, None),
        (0, (0, 1), False, None),
        (2, (1, 3), False, None),
        (3, (1, 4), False, True),
        (1, (6, 1), True, True),
        (2, (6, 1), False, True),
        (6, (6, 1), False, False),
    ],
)
def test_each_answer_is_judged_on_its_own_scale(score, scale, top_box, top_two):
    row = told(answer(score, scale))
    assert (row["top_box"], row["top_two"]) == (top_box, top_two)


def test_the_newest_answer_counts_and_among_equals_the_first_by_id():
    row = told(answer(1, at=0, survey="a"), answer(4, at=9, survey="c"), answer(5, at=9, survey="b"))
    assert (row["csat_score"], row["csat_rating"]) == (5.0, 1.0)
