"""The way a customer's mood takes: what is heard, where it starts and ends, and whether it recovered."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import sentiment_head, trajectories
from insight.engines import ENGINES
from insight.schema import CONVERSATION_SENTIMENT, MESSAGES
from insight.store import conform
from insight.trajectories import MOODS, SPOKEN, Trajectory
from tests.rows import found, table

ROWS = Path(__file__).parent / "data" / "sentiment_trajectories.tsv"


class Plain:
    """Hears 'bad' and 'good' and nothing else."""

    def chances(self, texts, languages):
        assert len(texts) == len(languages)
        ends = [0.9 if "bad" in text else 0.0 for text in texts], [0.9 if "good" in text else 0.0 for text in texts]
        negative, positive = (np.array(end) for end in ends)
        return np.column_stack([negative, 1 - negative - positive, positive]).reshape(-1, 3)


# ---------------------------------------------------------------- one conversation


def test_a_trajectory_by_hand():
    """Thirds of seven are two messages each; the slope of a line through 0, 1, 2 is 1 a step."""
    way = Trajectory([-0.8, -0.6, -1.0, 0.0, 0.0, 0.5, 0.9])

    assert (pytest.approx(-0.7), pytest.approx(0.7), -1.0) == (way.start, way.end, way.lowest)
    assert (True, True) == (way.turned_bad, way.recovered)
    assert 0.25 == Trajectory([0.0, 0.25, 0.5]).slope


@pytest.mark.parametrize(
    ("moods", "turned_bad", "recovered"),
    [
        ([0.1, -0.4, 0.0], False, None),
        ([-0.5, 0.0], True, True),
        ([0.0, -0.5], True, False),
        ([-0.9, -0.24], True, True),
        ([-0.9, -0.25], True, False),
        ([-0.9, 0.9, -0.9], True, False),
        ([-0.9], True, None),
        ([0.9], False, None),
    ],
)
def test_it_recovered_where_it_had_turned_bad_and_did_not_end_bad(moods, turned_bad, recovered):
    way = Trajectory(moods)

    assert (turned_bad, recovered) == (way.turned_bad, way.recovered)


def test_a_single_message_starts_and_ends_with_itself_and_leads_nowhere():
    way = Trajectory([-0.3])

    assert (-0.3, -0.3, -0.3, None) == (way.start, way.end, way.lowest, way.slope)


MOOD = st.floats(-1, 1, allow_subnormal=False)


@given(st.lists(MOOD, min_size=1, max_size=40))
def test_no_part_of_a_trajectory_leaves_the_scale(moods):
    way = Trajectory(moods)

    assert -1 <= way.lowest <= min(way.start, way.end) + 1e-12
    assert max(way.start, way.end) <= 1
    assert way.turned_bad or way.recovered is None


@given(st.lists(MOOD, min_size=2, max_size=40))
def test_the_slope_is_that_of_the_line_of_least_squares(moods):
    expected = np.polyfit(range(len(moods)), moods, 1)[0]

    assert pytest.approx(expected, abs=1e-9) == Trajectory(moods).slope


@given(st.lists(MOOD, min_size=2, max_size=12))
def test_told_backwards_start_and_end_change_places_and_the_slope_its_sign(moods):
    there, back = Trajectory(moods), Trajectory(moods[::-1])

    assert (there.start, there.end) == (back.end, back.start)
    assert pytest.approx(there.slope, abs=1e-12) == -back.slope


@pytest.mark.parametrize(
    ("mood", "said"), [(-1, "bad"), (-0.25, "bad"), (-0.2, "neutral"), (0.25, "good"), (1, "good")]
)
def test_a_mood_in_a_word(mood, said):
    assert said == trajectories.word(mood)


# ---------------------------------------------------------------- what is heard


def message(number, text, *, author="customer", conversation="c", public=True, at=None):
    names = {"message_id": f"m{number:02}", "conversation_id": conversation, "author": author, "public": public}
    return {**names, "seq": number, "sent_ms": number if at is None else at, "text": text, "language": "en"}


def judged(*messages, engine="local"):
    on = ENGINES[engine]
    return ways(on.arrow(trajectories.spoken(on.frame(table(MESSAGES, *messages)))).cast(SPOKEN))


def ways(said, *, rows_a_batch=1000):
    moods = trajectories.moods(said.to_batches(max_chunksize=rows_a_batch), Plain())
    rows = trajectories.of_conversations(pa.Table.from_batches(moods, schema=MOODS), speaks="shipped")
    return conform(CONVERSATION_SENTIMENT, rows).to_pylist()


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_the_customers_public_words_count_and_nothing_else(engine):
    [row] = judged(
        message(1, "Hello, it is bad"),
        message(2, "bad, bad customer", author="agent"),
        message(3, "bad", author="system"),
        message(4, "bad", public=False),
        message(5, "?!"),
        message(6, "42"),
        message(7, ""),
        message(8, "Thanks, all is good"),
        engine=engine,
    )

    assert (2, -0.9, 0.9, True, True) == (
        *(row["scored"], row["start_mood"], row["end_mood"]),
        *(row["turned_bad"], row["recovered"]),
    )
    assert ("shipped", pytest.approx(1.8)) == (row["speaks"], row["slope"])


def test_thanks_that_repeat_an_agents_words_count_but_a_choice_from_a_bots_menu_does_not():
    [row] = judged(
        message(1, "Rate us: good, bad", author="bot"),
        message(2, "good"),
        message(3, "Was it good?", author="agent"),
        message(4, "good"),
    )

    assert 1 == row["scored"]


def test_an_internal_note_between_a_bots_menu_and_the_choice_changes_nothing():
    assert [] == judged(
        message(1, "good or bad", author="bot"), message(2, "note", author="agent", public=False), message(3, "bad")
    )


def test_quoted_mail_is_not_the_customers_mood():
    [row] = judged(message(1, "All good now, thank you.\n\n> This is bad, bad, bad\n> very bad"))

    assert pytest.approx(0.9) == row["lowest_mood"]


def test_a_conversation_without_words_has_no_row():
    assert [] == judged(message(1, "👍"), message(2, "good", author="agent"))
    assert [] == judged()


def test_messages_of_one_moment_stand_in_the_order_of_their_ids():
    [row] = judged(message(2, "it is good", at=7), message(1, "it is bad", at=7))

    assert (-0.9, 0.9) == (row["start_mood"], row["end_mood"])


WORDS = st.text(max_size=12) | st.sampled_from(["bad", "good", "good or bad\n> bad"])
LINES = st.tuples(st.sampled_from("abc"), WORDS, st.none() | WORDS, st.integers(0, 3))


@settings(max_examples=40, deadline=None)
@given(st.lists(LINES, max_size=25), st.randoms(use_true_random=False), st.integers(1, 7))
def test_order_and_batches_change_nothing_and_every_message_with_letters_is_scored(lines, dice, rows_a_batch):
    told = [(c, f"{n:02}", words, "en", menu, at) for n, (c, words, menu, at) in enumerate(lines)]
    rows = ways(spoken(told))

    assert rows == ways(spoken(dice.sample(told, len(told))), rows_a_batch=rows_a_batch)
    assert len(rows) == len({row["conversation_id"] for row in rows})
    plain = [words for _, words, menu, _ in lines if words.isalpha() and not menu]
    assert len(plain) <= sum(row["scored"] for row in rows) <= len(lines)


def spoken(told):
    columns = zip(*told, strict=True) if told else [[]] * len(SPOKEN)
    return pa.table([pa.array(column, f.type) for column, f in zip(columns, SPOKEN, strict=True)], schema=SPOKEN)


def test_a_long_message_is_heard_whole():
    [row] = judged(message(1, "so " * 33_000 + "bad"))

    assert row["turned_bad"]


def test_the_engines_agree():
    dice = random.Random(3)
    told = [message(n, dice.choice(["bad", "good", "so so"]), conversation=f"c{n % 5}", at=n % 7) for n in range(40)]

    assert 40 == len(found(trajectories.spoken, table(MESSAGES, *told)))


# ---------------------------------------------------------------- with the head that ships


@pytest.fixture(scope="module")
def written():
    """Conversations written by hand, each with whether it recovered; all of them turn bad."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    chances = sentiment_head.shipped_head().chances([r["text"] for r in rows], [r["language"] for r in rows])
    moods = dict[tuple[str, str], list[float]]()
    for row, mood in zip(rows, (chances[:, 2] - chances[:, 0]).tolist(), strict=True):
        moods.setdefault((row["conversation"], row["recovered"]), []).append(mood)
    return {key: Trajectory(values) for key, values in moods.items()}


def test_at_least_85_of_100_written_conversations_are_told_right(written):
    right = [way.recovered is (told == "yes") for (_, told), way in written.items()]

    assert 28 == len(right)
    assert sum(right) / len(right) >= 0.85
