"""Counts that close, and those that must not."""

import pandas as pd

from insight import counts


def rows(found):
    return {(r.stage, r.outcome): (r.rows, r.closes) for r in found.itertuples()}


def test_what_belongs_to_nothing_that_came_in_is_counted():
    found = rows(counts.belonging("reviews", pd.Series(["1", "9", None]), pd.Series(["1", "2"]), of="order"))

    assert {
        ("reviews, order", "in"): (3, True),
        ("reviews, order", "order known"): (1, True),
        ("reviews, order", "order unknown"): (1, True),
        ("reviews, order", "no order named"): (1, True),
    } == found


def test_rows_that_are_merged_by_id_close_only_where_their_table_holds_them():
    intake = pd.DataFrame({"feeds": ["agents", "customers"], "rows_out": [2, 3]})
    found = rows(counts.rows_merged(intake, {"agents": 5, "customers": 2}))

    assert (2, True) == found["kept rows of agents", "in the table, merged by id"]
    assert (2, False) == found["kept rows of customers", "in the table, merged by id"]


def test_conversations_without_a_mood_are_counted_with_their_reason():
    messages = pd.DataFrame(
        {
            "conversation_id": ["1", "2", "3", "3"],
            "author": ["customer", "customer", "agent", "customer"],
            "public": [True, True, True, False],
        }
    )
    found = rows(counts.moods(pd.Series(["1", "2", "3", "4"]), messages, pd.Series(["1"])))

    assert {
        ("moods of conversations", "in"): (4, True),
        ("moods of conversations", "with a mood"): (1, True),
        ("moods of conversations", "customer wrote no words"): (1, True),
        ("moods of conversations", "customer wrote nothing"): (2, True),
    } == found


def test_a_mood_of_a_conversation_that_never_came_in_does_not_close():
    messages = pd.DataFrame({"conversation_id": ["1"], "author": ["customer"], "public": [True]})

    assert not counts.moods(pd.Series(["1"]), messages, pd.Series(["1", "9"]))["closes"].any()
