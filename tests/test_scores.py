"""Which scores can be taken, and which of them stand."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.scores import MOST_NAME, MOST_NOTE, Asked, Score, ScoreError, checked, standing
from insight.settings import RUBRIC

STREAMS = {"c1": "random", "c2": "coaching"}


def check(conversation="c1", scorer="mei", item="politeness", level=4, note=""):
    asked = Asked(conversation, scorer, item, level, note)
    return checked(asked, streams=STREAMS, rubric=RUBRIC, at_ms=5, via="csv", where="a.csv:3")


def test_a_score_knows_its_stream_its_scale_and_its_time():
    assert check("c2", note=" late ") == Score(5, "mei", "c2", "coaching", "politeness", 4, 5, "late", "csv")


@pytest.mark.parametrize(
    ("level", "share"), [(1, 0.0), ("3", 0.5), (" 5 ", 1.0), ("na", None), ("N/A", None), ("不适用", None)]
)
def test_levels_are_shares_of_their_scale(level, share):
    assert check(level=level).share == share


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"level": 0}, "no level of politeness"),
        ({"level": 6}, "1 \\(worst\\) to 5"),
        ({"level": "4.5"}, "no level"),
        ({"level": "²"}, "no level"),
        ({"level": -1}, "no level"),
        ({"level": ""}, "no level"),
        ({"item": "privacy", "level": 3}, "1 \\(worst\\) to 2"),
        ({"item": "politness"}, "did you mean politeness"),
        ({"item": "beauty"}, "no such item"),
        ({"conversation": "c3"}, "not drawn"),
        ({"scorer": "  "}, "nobody signs"),
        ({"scorer": "x" * (MOST_NAME + 1)}, "nobody signs"),
        ({"note": "x" * (MOST_NOTE + 1)}, "too long"),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_place(wrong, said):
    with pytest.raises(ScoreError, match=said) as error:
        check(**wrong)
    assert "a.csv:3" in str(error.value)


@given(st.text(max_size=8) | st.integers())
def test_any_level_is_one_of_the_scale_or_refused(level):
    with suppress(ScoreError):
        assert check(level=level).level in {None, 1, 2, 3, 4, 5}


def test_the_newest_score_of_a_person_stands_and_others_stay_beside_it():
    first, other, again = check(level=2), check(scorer="tom", level=3), check(level="na")
    elsewhere, item = check("c2"), check(item="knowledge")
    assert standing([first, other, elsewhere, again, item]) == (other, elsewhere, again, item)
