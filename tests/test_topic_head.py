"""The head that tells topics: as the shipped phrases teach it, and so small that it can be worked by hand."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from insight import taxonomy, topic_head
from insight.encoders import static
from insight.errors import TableError
from insight.pieces import folded
from insight.topic_head import fit

EAST, NORTH, UP = np.eye(3)


def around(*centres, each=12, spread=0.15, seed=3):
    """Unit vectors around each centre, and the names of the centres."""
    chance = np.random.default_rng(seed)
    rows = np.concatenate([centre + spread * chance.normal(size=(each, 3)) for centre in centres])
    labels = [name for name in "abc"[: len(centres)] for _ in range(each)]
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), labels


@cache
def shipped_head():
    told = taxonomy.phrases()
    texts = [folded(one.text) for one in told]
    return fit(static.ships().vectors(texts), [one.topic_id for one in told], texts=texts)


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        ("Where is my parcel? The tracking has not moved for a week.", "logistics.where_is_it"),
        ("我的退款怎么还没到账", "returns.refund_status"),
        ("Die Hose ist mir zu eng", "sizing.too_small"),
        ("¿Cuál es el gasto de envío?", "price.shipping_fee"),
        ("J'ai oublié mon mot de passe", "account.login_or_profile"),
        ("保証期間は何年ですか", "account.warranty"),
        ("A bateria não carrega", "quality.battery_or_charging"),
    ],
)
def test_without_any_label_plain_words_find_their_leaf(text, leaf):
    told = shipped_head().tell(static.ships().vectors([text]), [text])

    assert leaf == shipped_head().topics[told.best[0]]


def test_it_is_silent_where_nothing_fits():
    strange = ["Book me a table for two at eight", "明天会下雨吗", "Wie hoch ist der Eiffelturm?", "", "👍"]
    topics, chances = shipped_head().assign(static.ships().vectors(strange), strange)

    assert [None] * 5 == topics
    assert (chances < shipped_head().sure).all()


# ---------------------------------------------------------------- a head of three directions


def test_each_direction_is_its_topic_and_the_middle_of_two_is_nobodys():
    head = fit(*around(EAST, NORTH, UP))

    assert (["a", "b", "c"], True) == (
        head.assign(np.eye(3))[0],
        bool((head.assign(np.eye(3))[1] > 0.9).all()),
    )
    middle = (EAST + NORTH)[None] / np.sqrt(2)
    assert [None] == head.assign(middle)[0]
    assert {"a", "b"} == {head.topics[head.tell(middle).best[0]], head.topics[head.tell(middle).second[0]]}


def test_probabilities_are_the_softmax_of_the_logits():
    head = fit(*around(EAST, NORTH, UP))
    logits = EAST @ head.weights + head.bias
    chances = np.exp(logits) / np.exp(logits).sum()
    said = head.tell(EAST[None])

    assert np.allclose([chances.max(), sorted(chances)[-2]], [said.chance[0], said.second_chance[0]])


def test_nothing_moves_with_the_order_of_examples_or_the_number_of_threads():
    rows, labels = around(EAST, NORTH, UP)
    texts = [f"{label} {at % 5}" for at, label in enumerate(labels)]
    order = np.random.default_rng(5).permutation(len(rows))
    with threadpool_limits(2):
        one = fit(rows, labels, texts=texts)
    other = fit(rows[order], [labels[at] for at in order], texts=[texts[at] for at in order])

    assert one.topics == other.topics
    assert one.sure == other.sure
    assert (one.weights == other.weights).all()
    assert (one.bias == other.bias).all()
    assert (one.words == other.words).all()


def test_where_vectors_tell_nothing_words_do():
    """All examples lie in one place: what is left is that "lid" was only ever said of a."""
    said = ["the lid broke", "a lid is missing", "my lid", "the hose broke", "a hose is missing", "my hose"]
    head = fit(np.stack([EAST] * 6), list("aaabbb"), texts=said)
    told = head.tell(np.stack([EAST] * 3), ["lid", "hose", "never heard"])

    assert ["a", "b"] == [head.topics[at] for at in told.best[:2]]
    assert pytest.approx(0.5) == told.chance[2]


def test_naive_bayes_by_hand():
    """Two texts of one word each have two features: the word, and one that every text has.

    Each text is a row of length one, 1/√2 for each feature; every feature was heard `SMOOTH` times more of each topic.
    """
    said = ["abc", "xyz"]
    head = fit(np.stack([EAST] * 2), ["a", "b"], texts=said)
    first, second = (set(topic_head._bags([text]).indices) for text in said)
    every, (own,), (other,) = first & second, first - second, second - first
    each, total = 1 / np.sqrt(2), 2 / np.sqrt(2) + topic_head.SMOOTH * topic_head.BUCKETS
    heard = topic_head.WORDS * np.log((each + topic_head.SMOOTH) / total)
    unheard = topic_head.WORDS * np.log(topic_head.SMOOTH / total)

    assert np.allclose([[heard, unheard], [unheard, heard]], head.words[[own, other]])
    assert np.allclose(heard, head.words[list(every)])
    assert {own, other, *every} == set(np.flatnonzero(head.words.any(axis=1)))


def test_a_text_is_told_the_same_alone_and_in_a_crowd():
    head, texts = shipped_head(), [one.text for one in taxonomy.phrases()[::40]]
    vectors = static.ships().vectors(texts)
    crowd = head.tell(vectors, texts)
    for at in range(0, len(texts), 7):
        alone = head.tell(vectors[at : at + 1], texts[at : at + 1])
        assert (crowd.best[at], crowd.chance[at], crowd.second[at]) == (
            alone.best[0],
            alone.chance[0],
            alone.second[0],
        )


def test_a_confirmed_text_outvotes_the_same_words_among_the_phrases():
    rows, labels = around(EAST, NORTH, UP)
    odd = (EAST + UP)[None] / np.sqrt(2)
    taught = fit(np.concatenate([rows, odd, odd]), [*labels, "a", "c"], np.arange(len(rows) + 2) == len(rows) + 1)

    assert "c" == taught.topics[taught.tell(odd).best[0]]


@pytest.mark.parametrize(("tags", "known"), [(4, False), (5, True)])
def test_a_found_topic_is_learned_from_five_confirmed_texts_on(tags, known):
    rows, labels = around(EAST, NORTH)
    more, _ = around(UP, each=tags)
    head = fit(np.concatenate([rows, more]), [*labels, *["t0123456789"] * tags], np.arange(24 + tags) >= 24)

    assert known == ("t0123456789" in head.topics)
    assert known == (head.topics[head.tell(UP[None]).best[0]] == "t0123456789")


def test_who_knows_one_topic_only_assigns_nothing():
    for rows, labels in ((np.zeros((0, 3)), []), (EAST[None], ["a"]), (np.stack([EAST] * 30), ["a"] * 30)):
        head = fit(rows, labels)
        assert [None] == head.assign(EAST[None])[0]
        assert -1 == head.tell(EAST[None]).best[0]


def test_one_example_each_is_too_little_to_be_sure():
    head = fit(np.eye(3)[:2], ["a", "b"])

    assert [None, None] == head.assign(np.eye(3)[:2])[0]
    assert ["a", "b"] == [head.topics[at] for at in head.tell(np.eye(3)[:2]).best]


def test_equal_examples_with_two_labels_leave_it_unsure():
    head = fit(np.stack([EAST] * 60), ["a", "b"] * 30)
    topics, chances = head.assign(EAST[None])

    assert [None] == topics
    assert pytest.approx(0.5, abs=0.01) == chances[0]


def test_a_text_without_a_vector_has_no_topic():
    head = fit(*around(EAST, NORTH, UP))
    rows = np.stack([np.zeros(3), [np.nan, 0, 0], EAST])

    assert ([None, None, "a"], 0.0) == (head.assign(rows)[0], head.assign(rows)[1][0])
    assert ([], 0) == (head.assign(np.zeros((0, 3)))[0], len(head.tell(np.zeros((0, 3))).best))


def test_vectors_of_another_encoder_are_refused():
    with pytest.raises(TableError, match="two encoders"):
        fit(*around(EAST, NORTH)).assign(np.eye(4))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 5), st.booleans()), max_size=16),
    st.integers(0, 2**32 - 1),
)
def test_any_examples_give_a_head_that_answers(examples, seed):
    chance = np.random.default_rng(seed)
    corners = np.concatenate([chance.normal(size=(5, 4)), np.zeros((1, 4))])
    rows = np.array([corners[corner] for _, corner, _ in examples]).reshape(-1, 4)
    said = [f"said {corner}" for _, corner, _ in examples]
    head = fit(rows, [label for label, _, _ in examples], np.array([tag for _, _, tag in examples], bool), said)
    topics, chances = head.assign(
        corners, ["said 1", "", "👍", "said 3 \ud83d".encode("utf8", "ignore").decode(), "x" * 999, "0"]
    )

    assert set(topics) <= {None, *(label for label, _, _ in examples)}
    assert ((chances >= 0) & (chances <= 1)).all()
    assert None is topics[5]


# ---------------------------------------------------------------- the bound


def test_the_bound_is_the_least_that_keeps_nine_of_ten_right():
    """Forty own answers: 30 right at .9, then 10 wrong ones at .5. Nine of ten hold down to .9 only."""
    chance = np.array([0.9] * 30 + [0.5] * 10)
    right = np.array([True] * 30 + [False] * 10)

    assert 0.9 == topic_head._least(chance, right, np.zeros(40, bool))
    assert np.isinf(topic_head._least(chance, ~right, np.zeros(40, bool)))


def test_strangers_weigh_a_fifth_of_all_texts():
    """Forty own answers right, 30 of them at .9, 10 at .6. Five strangers weigh 40 · .2 / .8 / 5 = 2 each.

    One of them at .9 leaves 30 of 32 right; a second and a third at .6 leave 40 of 46, which is less than nine of ten.
    """
    chance = np.array([0.9] * 31 + [0.6] * 12 + [0.1] * 2)
    strange = np.array([False] * 30 + [True] + [False] * 10 + [True] * 2 + [True] * 2)

    assert 0.9 == topic_head._least(chance, ~strange, strange)
