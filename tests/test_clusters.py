"""Vectors to clusters."""

import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from insight import clusters
from insight.schema import VECTORS
from insight.settings import Topics

TOLD = Topics(min_mentions=10)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clouds(groups=6, each=30, dimensions=48, seed=0, spread=0.25):
    """Texts around a few centres: vectors, keys, and which centre each belongs to."""
    chance = np.random.default_rng(seed)
    truth = np.repeat(np.arange(groups), each)
    rows = chance.normal(size=(groups, dimensions))[truth] + spread * chance.normal(size=(len(truth), dimensions))
    return unit(rows), [f"{chance.integers(2**60):015x}{i:04}" for i in range(len(truth))], truth


def ones(keys):
    return np.ones(len(keys), np.int64)


def together(labels):
    """For each pair of rows whether they share a cluster: what is left of labels when numbers do not matter."""
    return labels[:, None] == labels[None, :]


def test_planted_groups_are_found_without_being_told_how_many():
    vectors, keys, truth = clouds()
    found = clusters.find(vectors, keys, ones(keys), TOLD)
    assert np.array_equal(together(found), together(truth))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_the_order_of_rows_changes_nothing(seed):
    vectors, keys, _ = clouds(spread=0.6)
    order = np.random.default_rng(seed).permutation(len(keys))
    found = clusters.find(vectors, keys, ones(keys), TOLD)
    again = clusters.find(vectors[order], [keys[i] for i in order], ones(keys), TOLD)
    assert np.array_equal(found[order], again)


@pytest.mark.parametrize("sample", [200, 20_000])
def test_one_and_two_threads_find_the_same(sample):
    program = (
        "import numpy as np; from tests.test_clusters import *; v, k, _ = clouds(spread=0.8, each=90);"
        "print(hash(clusters.find(v, k, ones(k), Topics(min_mentions=10, sample=int(sys.argv[1]))).tobytes()))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program, str(sample)],
            env={**os.environ, "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for n in "12"
    ]
    assert told[0] == told[1]


def test_a_small_group_is_no_cluster_but_copies_count():
    vectors, keys, truth = clouds(each=30)
    few = (truth != 5) | (np.arange(len(truth)) < 154)
    vectors, keys, truth = vectors[few], [k for k, kept in zip(keys, few, strict=True) if kept], truth[few]
    copies = ones(keys)
    assert set(clusters.find(vectors, keys, copies, TOLD)[truth == 5]) == {clusters.NONE}
    copies[truth == 5] = 5
    assert clusters.NONE not in clusters.find(vectors, keys, copies, TOLD)[truth == 5]


def test_what_is_far_from_every_cluster_stays_unassigned():
    vectors, keys, _ = clouds(dimensions=200)
    stray = unit(np.random.default_rng(9).normal(size=(3, 200)))
    found = clusters.find(np.vstack([vectors, stray]), [*keys, "x", "y", "z"], ones([*keys, 1, 2, 3]), TOLD)
    assert list(found[-3:]) == [clusters.NONE] * 3


def test_clusters_are_found_on_a_bounded_sample_and_the_rest_joins_its_neighbours():
    vectors, keys, truth = clouds(groups=4, each=100)
    found = clusters.find(vectors, keys, ones(keys), Topics(min_mentions=10, sample=150))
    assert np.array_equal(together(found), together(truth))


def test_rare_matters_are_found_among_very_many_texts():
    chance = np.random.default_rng(3)
    truth = np.repeat(np.arange(25), [500] * 20 + [100] * 5)
    vectors = unit(chance.normal(size=(25, 48))[truth] + 0.6 * chance.normal(size=(len(truth), 48)))
    keys = [f"{i:06}" for i in chance.permutation(len(truth))]
    found = clusters.find(vectors, keys, ones(keys), Topics(min_mentions=10, sample=1500))
    own = [np.bincount(found[truth == matter] + 1).argmax() - 1 for matter in range(25)]
    alone = [matter for matter in range(20, 25) if np.mean(truth[found == own[matter]] == matter) > 0.9]
    assert len(alone) == 5, "drawn in proportion, each would have fourteen texts in the sample"


@pytest.mark.parametrize("count", [200, 2000])
def test_noise_is_no_topic(count):
    vectors = unit(np.random.default_rng(1).normal(size=(count, 192)))
    keys = [f"{i:05}" for i in range(count)]
    found = clusters.find(vectors, keys, ones(keys), Topics())
    assert np.mean(found != clusters.NONE) <= 0.05


def test_words_in_common_are_no_topic():
    chance = np.random.default_rng(4)
    words = unit(chance.normal(size=(400, 64)))
    vectors = unit(words[chance.zipf(1.6, size=(1500, 6)) % 400].sum(axis=1))
    keys = [f"{i:05}" for i in range(len(vectors))]
    found = clusters.find(vectors, keys, ones(keys), Topics())
    assert np.mean(found != clusters.NONE) <= 0.05


def test_texts_about_one_thing_are_one_topic():
    vectors, keys, _ = clouds(groups=1, each=300, spread=0.4)
    found = clusters.find(vectors, keys, ones(keys), Topics())
    assert np.mean(found == 0) >= 0.95


def test_large_and_small_topics_are_found_side_by_side():
    chance = np.random.default_rng(5)
    truth = np.repeat(np.arange(8), [400, 200, 100, 50, 30, 30, 25, 25])
    vectors = unit(chance.normal(size=(8, 64))[truth] + 0.5 * chance.normal(size=(len(truth), 64)))
    keys = [f"{i:05}" for i in range(len(truth))]
    assert np.array_equal(together(clusters.find(vectors, keys, ones(keys), Topics())), together(truth))


def test_new_texts_join_the_topic_that_they_are_nearest_to():
    vectors, _, truth = clouds(groups=5, each=40)
    known = np.arange(len(truth)) % 2 == 0
    found = clusters.nearest(vectors[~known], vectors[known], truth[known])
    assert np.array_equal(found.labels, truth[~known])
    centres = clusters.described(vectors[known], truth[known]).centres
    by_centre = clusters.nearest(vectors[~known], centres, np.arange(5))
    assert np.array_equal(by_centre.labels, truth[~known])
    assert (by_centre.margin > 0.3).all()


def test_what_is_far_or_between_two_topics_joins_none():
    known = np.eye(4, dtype=np.float32)[:2]
    new = unit(np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0.3, 0, 1, 0], [0, 0, 0, 1]]))
    found = clusters.nearest(new, known, np.array([7, 3]))
    assert list(found.labels) == [7, clusters.NONE, clusters.NONE, clusters.NONE]
    assert found.margin[1] == pytest.approx(0)


@pytest.mark.parametrize(("new", "known"), [(0, 3), (3, 0), (1, 1)])
def test_nothing_new_and_nothing_known_do_no_harm(new, known):
    rows = np.eye(4, dtype=np.float32)
    found = clusters.nearest(rows[:new], rows[:known], np.arange(known))
    assert len(found.labels) == len(found.margin) == len(found.familiar) == new
    assert list(found.labels) == ([0] if known == 1 else [clusters.NONE] * new)


def test_planted_new_topics_are_told_from_old_ones():
    vectors, _, truth = clouds(groups=40, each=30, dimensions=48, spread=1.1)
    old = truth < 30
    known = old & (np.arange(len(truth)) % 2 == 0)
    found = clusters.nearest(vectors[~known], vectors[known], truth[known])
    assert roc_auc_score(old[~known], found.familiar) >= 0.95


def test_new_texts_find_the_same_topics_in_any_order():
    vectors, _, truth = clouds(groups=5, each=40, spread=0.9)
    order = np.random.default_rng(2).permutation(100)
    one = clusters.nearest(vectors[:100], vectors[100:], truth[100:])
    other = clusters.nearest(vectors[:100][order], vectors[100:], truth[100:])
    assert np.array_equal(one.labels[order], other.labels)


def test_no_finer_split_than_told_is_taken():
    vectors, keys, _ = clouds(groups=12)
    assert clusters.find(vectors, keys, ones(keys), Topics(min_mentions=10, most=5)).max() < 5


@pytest.mark.parametrize("count", [0, 1, 2, 5, 16])
def test_few_texts_do_no_harm(count):
    vectors, keys, _ = clouds(groups=1, each=count)
    assert len(clusters.find(vectors.reshape(count, 48), keys, ones(keys) * 20, TOLD)) == count


def test_equal_vectors_are_one_cluster():
    vectors = unit(np.ones((40, 8)))
    assert set(clusters.find(vectors, [f"{i:03}" for i in range(40)], ones(range(40)), TOLD)) == {0}


def test_languages_are_looked_at_apart_when_told():
    vectors, keys, truth = clouds(groups=2, each=60)
    spoken = ["de" if i % 2 else "en" for i in range(len(keys))]
    found = clusters.find_apart(vectors, keys, ones(keys), spoken, TOLD)
    halves = [tuple(pair) for pair in zip(truth, spoken, strict=True)]
    assert len(set(found)) == 4
    assert len(set(zip(halves, found, strict=True))) == 4


def test_the_context_draws_a_text_towards_what_is_said_around_it():
    vectors = np.eye(4, dtype=np.float32)
    texts, contexts = np.array([0, 1, 0, 2, 3]), np.array([0, 0, 1, 1, 2])
    drawn = clusters.in_context(vectors, texts, contexts)
    around = (vectors[1] + vectors[2]) / 2
    assert np.allclose(drawn[0], unit((vectors[0] + clusters.CONTEXT * around)[None])[0])
    assert np.array_equal(drawn[3], vectors[3]), "what is said alone stays where it is"
    assert np.allclose(np.linalg.norm(drawn, axis=1), 1)


def test_the_heart_of_a_cluster_is_the_text_nearest_to_its_centre():
    vectors = unit(np.array([[1, 0.3, 0], [1, 0, 0], [1, -0.3, 0], [0, 0, 1]]))
    found = clusters.described(vectors, np.array([0, 0, 0, clusters.NONE]))
    assert clusters.hearts(["a", "b", "c", "d"], found) == ["b"]
    assert found.similarity[3] == 0


def test_vectors_come_out_of_the_table_as_they_went_in():
    rows = {"text_hash": ["a", "b", "c"], "encoder": ["e"] * 3, "vector": [[1.0, 0], [0, 1.0], [0.5, 0.5]]}
    keys, vectors = clusters.matrix(pa.table(rows, schema=VECTORS.arrow).slice(1))
    assert keys == ["b", "c"]
    assert vectors.tolist() == [[0, 1], [0.5, 0.5]]
    assert clusters.matrix(VECTORS.arrow.empty_table())[0] == []
