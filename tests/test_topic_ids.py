"""Who is who."""

from insight.topic_ids import identify


def test_the_same_heart_has_the_same_id_and_another_another():
    one, other = identify(["a", "b"])
    assert identify(["b", "c", "a"]) == [other, identify(["c"])[0], one]
    assert len({one, other, *identify(["c"])}) == 3


def test_no_clusters_have_no_ids():
    assert identify([]) == []
