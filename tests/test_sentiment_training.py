"""What the seller's own customers teach, and when it is believed."""

import random

import numpy as np
import pytest

from insight import sentiment_training as training
from insight.schema import MENTIONS, REVIEWS, SENTIMENT_HEAD, SURVEYS
from insight.sentiment_fit import fit
from insight.sentiment_head import Head
from insight.store import conform
from tests.moods import rows_of_moods, sentence
from tests.rows import DAY, START, table

STARS = (1, 3, 5)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A shipped head that knows nothing of the made-up language, and few seed sentences."""
    plain = rows_of_moods(60, seed=9)
    strange = type(plain)([f"word{n % 7}" for n in range(60)], plain.languages, plain.classes, plain.weights)
    monkeypatch.setattr(training, "seeds", lambda: (strange, ("s",) * 60))
    monkeypatch.setattr(training, "shipped_head", lambda: fit(strange, speaks="shipped"))


def review(number, text, rating, **more):
    told = {"review_id": f"r{number:04}", "reviewed_ms": START + number * DAY, "language": "en"}
    return {**told, "text": text, "score": 1 + 4 * rating, "scale_min": 1, "scale_max": 5, "rating": rating, **more}


def reviews(count, seed=1, learnable=True):
    chance = random.Random(seed)
    moods = [chance.randrange(3) for _ in range(count)]
    said = [sentence(mood if learnable else chance.randrange(3), chance) for mood in moods]
    return table(REVIEWS, *(review(n, t, m / 2) for n, (t, m) in enumerate(zip(said, moods, strict=True))))


def told(*tables):
    return training.labelled(*tables)


NONE = (table(SURVEYS), table(MENTIONS))


def test_what_is_learnable_is_promoted_with_its_figures():
    verdict = training.learn(told(reviews(600), *NONE))

    assert verdict.head is not None
    assert verdict.low > 0
    assert verdict.gain == pytest.approx(verdict.macro_f1 - verdict.shipped_macro_f1)
    assert (600, 90) == (verdict.rows, verdict.held)
    kept = Head.from_table(conform(SENTIMENT_HEAD, training.rows_of_head(verdict.head)))
    assert "own" == kept.speaks
    assert 2 == kept.chances(["zing florra"], ["en"]).argmax()


def test_what_is_noise_is_refused_with_its_figures():
    verdict = training.learn(told(reviews(600, learnable=False), *NONE))

    assert verdict.head is None
    assert verdict.low <= 0
    assert "not surely better" in verdict.why
    assert 0 == training.rows_of_head(None).num_rows


def test_the_same_reviews_in_another_order_give_the_same_head():
    rows = reviews(330)
    other = rows.take(np.random.default_rng(3).permutation(len(rows)))
    heads = [training.learn(told(t, *NONE)).head for t in (rows, other)]

    assert heads[0].to_bytes() == heads[1].to_bytes()


def test_too_few_rows_are_said_so_with_the_number_needed():
    few = training.learn(told(reviews(50), *NONE))
    one_sided = table(REVIEWS, *(review(n, f"zing {n}", 1.0) for n in range(400)))

    assert (None, 50, None) == (few.head, few.rows, few.gain)
    assert "300 are needed" in few.why
    assert "only 0 negative ones" in training.learn(told(one_sided, *NONE)).why
    assert "0 rated texts" in training.learn(told(table(REVIEWS), *NONE)).why


def test_stars_marks_and_good_or_bad_are_read_on_their_own_scales():
    given = [
        ("one", 0.0),
        ("two", 0.25),
        ("three", 0.5),
        ("four", 0.75),
        ("bad", 0.0),
        ("good", 1.0),
        ("4 of 10", 1 / 3),
    ]
    rows = told(table(REVIEWS, *(review(n, text, rating) for n, (text, rating) in enumerate(given))), *NONE)

    assert [0, 0, 1, 2, 0, 2, 0] == rows["class"].to_pylist()


def test_texts_without_words_teach_nothing():
    rows = told(table(REVIEWS, review(1, None, 1.0), review(2, "  ", 1.0), review(3, "fine", 1.0)), *NONE)

    assert ["fine"] == rows["text"].to_pylist()


def test_a_survey_labels_its_comment_and_the_last_mention_of_its_conversation():
    surveys = table(
        SURVEYS,
        {
            "survey_id": "s1",
            "conversation_id": "c1",
            "answered_ms": 5,
            "rating": 0.0,
            "comment": "rude",
            "language": "en",
        },
        {"survey_id": "s2", "conversation_id": "c1", "answered_ms": 9, "rating": 1.0, "comment": None},
    )
    mentions = table(
        MENTIONS,
        *(
            {
                "mention_id": f"m{n}",
                "origin": origin,
                "conversation_id": c,
                "said_ms": n,
                "text": text,
                "language": "en",
            }
            for n, (origin, c, text) in enumerate(
                [
                    ("message", "c1", "it is broken"),
                    ("message", "c1", "that solved it"),
                    ("survey", "c1", "rude"),
                    ("message", "c2", "never rated"),
                ]
            )
        ),
    )
    rows = told(table(REVIEWS), surveys, mentions)

    assert [("that solved it", 2), ("rude", 0)] == [(r["text"], r["class"]) for r in rows.to_pylist()]


def test_macro_f1_and_calibration_error_agree_with_a_plain_count():
    from sklearn.metrics import f1_score

    chance = np.random.default_rng(5)
    chances = chance.dirichlet([1, 1, 1], size=200)
    classes = chance.integers(0, 3, size=200)
    error = 0.0
    for low in np.arange(15) / 15:
        inside = [
            (c.max(), c.argmax() == y) for c, y in zip(chances, classes, strict=True) if low < c.max() <= low + 1 / 15
        ]
        if inside:
            error += abs(sum(ok for _, ok in inside) - sum(p for p, _ in inside)) / 200

    assert f1_score(classes, chances.argmax(axis=1), average="macro") == pytest.approx(
        training.macro_f1(chances, classes)
    )
    assert error == pytest.approx(training.calibration_error(chances, classes))


def test_the_interval_of_the_gain_of_equal_heads_is_nought():
    held = rows_of_moods(90, seed=1)
    chances = np.eye(3)[held.classes]

    assert (0, 0) == training.gain_interval(chances, chances, held.classes)
    low, high = training.gain_interval(chances, np.roll(chances, 1, axis=1), held.classes)
    assert low > 0.9
    assert high <= 1
