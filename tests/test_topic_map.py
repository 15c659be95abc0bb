"""The map and the tree of topics: near is near, families hold together, and no order of rows shows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from insight import topic_map

FAMILIES = {"size.small": "size", "size.large": "size", "parcel.late": "parcel", "parcel.lost": "parcel"}


def drawn(near, noise=0.1, each=6, seed=0):
    """Texts of topics, each text about the sum of the unit axes that its topic is told by."""
    dice = np.random.default_rng(seed)
    said, keys, rows = [], [], []
    for topic, axes in near.items():
        for n in range(each):
            keys.append(f"{topic}-{n}")
            said.append({"text_hash": keys[-1], "topic_id": topic})
            rows.append(np.bincount(axes, minlength=12) + noise * dice.normal(size=12))
    vectors = np.array(rows, np.float32).reshape(len(keys), 12)
    order = np.argsort(keys)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return pd.DataFrame(said, columns=["text_hash", "topic_id"]), [keys[i] for i in order], unit[order]


SHOP = {
    "size.small": [0, 1],
    "size.large": [0, 2],
    "parcel.late": [5, 6],
    "parcel.lost": [5, 7],
    "t-tight": [0, 1, 1],
    "t-snow": [5, 9],
}


def told(near=SHOP, families=FAMILIES, **more):
    return topic_map.table(*drawn(near, **more), families).set_index("topic_id")


def test_topics_that_are_alike_lie_near_each_other():
    places = told()[["x", "y"]]

    def apart(one, other):
        return float(np.linalg.norm(places.loc[one] - places.loc[other]))

    assert apart("size.small", "t-tight") < apart("size.small", "parcel.late")
    assert apart("parcel.late", "parcel.lost") < apart("parcel.late", "size.large")
    assert places.abs().to_numpy().max() == pytest.approx(1, abs=0.3)


def test_a_topic_that_was_found_hangs_under_the_nearest_family():
    assert {"t-tight": "size", "t-snow": "parcel"} == told()["parent"].filter(like="t-").to_dict()


def test_each_topic_names_those_that_are_most_alike():
    nearest = told()["nearest"]

    assert ["t-tight", "size.large"] == nearest["size.small"][:2]
    assert {5} == set(nearest.map(len))
    assert [["b"], ["a"]] == told({"a": [0], "b": [1]})["nearest"].tolist()
    assert [[]] == told({"a": [0]})["nearest"].tolist()


def test_where_no_family_is_spoken_of_there_is_none_to_hang_under():
    assert {None} == set(told(families={})["parent"])


def test_the_tree_keeps_families_together_and_joins_the_nearest_first():
    tree = told().sort_values("place")

    assert [1, 2, 3, 4, 5, 6] == tree["place"].tolist()
    assert ["parcel"] * 3 + ["size"] * 3 == tree["parent"].tolist()
    joined = tree["joined"].tolist()
    assert np.isnan(joined[0])
    assert max(joined[1:]) == joined[3], "the two families meet last"
    assert told().loc["t-tight", "joined"] < joined[3]


def test_a_family_is_never_torn_by_a_topic_that_is_nearer_to_another_one():
    """The words say one thing, the taxonomy another: the tree is the taxonomy's, the map the words'."""
    near = SHOP | {"parcel.small": [0, 1]}
    tree = told(near, FAMILIES | {"parcel.small": "parcel"}).sort_values("place")

    assert 2 == 1 + int((tree["parent"] != tree["parent"].shift()).iloc[1:].sum())


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_topics_have_a_map_too(count):
    rows = told(dict(list(SHOP.items())[:count]))

    assert count == len(rows)
    assert np.isfinite(rows[["x", "y"]].to_numpy(float)).all()
    assert list(range(1, count + 1)) == sorted(rows["place"])
    assert min(count, 1) == int(rows["joined"].isna().sum())


def test_two_topics_lie_left_and_right():
    assert [(1, 0), (-1, 0)] == [tuple(row) for row in told({"a": [0], "b": [1]})[["x", "y"]].to_numpy()]


def test_topics_that_say_the_same_lie_in_one_place():
    rows = told({name: [0] for name in "abcd"}, noise=0)

    assert np.ptp(rows[["x", "y"]].to_numpy(), axis=0) == pytest.approx([0, 0], abs=0.01)
    assert [0.0] * 3 == rows["joined"].dropna().tolist()


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_neither_the_order_of_rows_nor_threads_are_seen(threads):
    said, keys, rows = drawn({f"t{n:02}": [n % 12, (n * 5) % 12] for n in range(40)}, noise=0.3)
    expected = topic_map.table(said, keys, rows, {"t01": "one", "t07": "two"})
    with threadpool_limits(threads):
        again = topic_map.table(said.sample(frac=1, random_state=threads), keys, rows, {"t07": "two", "t01": "one"})

    pd.testing.assert_frame_equal(expected, again)


def test_a_mention_whose_text_has_no_vector_says_nothing():
    said, keys, rows = drawn(SHOP)
    strange = pd.DataFrame([{"text_hash": "unknown", "topic_id": "t-new"}])

    assert set(SHOP) == set(topic_map.table(pd.concat([said, strange]), keys, rows, FAMILIES)["topic_id"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=3), min_size=1, max_size=14), st.integers(0, 3))
def test_any_topics_have_finite_places_and_a_tree_that_names_each_once(axes, families):
    near = {f"t{n:02}": one for n, one in enumerate(axes)}
    under = {name: f"f{n % families}" for n, name in enumerate(near) if families and n % 2}
    rows = told(near, under, noise=0)

    assert np.abs(rows[["x", "y"]].to_numpy()).max() <= 1
    assert list(range(1, len(near) + 1)) == sorted(rows["place"])
    assert (rows["joined"].dropna() >= 0).all()
    runs, joined = rows.sort_values("place")["parent"].fillna(""), rows.sort_values("place")["joined"]
    for family in set(runs):
        twigs, forks = joined[runs == family].iloc[1:], joined[(runs == family) & (runs != runs.shift())].dropna()
        assert not len(twigs) or not len(forks) or twigs.max() < forks.min(), "and meet others above their topics"
    assert runs.nunique() == 1 + int((runs != runs.shift()).iloc[1:].sum()), "families hold together"
