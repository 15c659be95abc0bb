"""The taxonomy as it ships, and its checks."""

import copy
from collections import Counter

import pytest

from insight import shipped, taxonomy
from insight.errors import MissingPart
from insight.phrases import fold
from insight.taxonomy import LANGUAGES


def test_thirteen_families_with_two_names_hold_forty_nine_leaves_in_seven_languages():
    assert 13 == len(taxonomy.families())
    assert 49 == len(taxonomy.leaves())
    for leaf in taxonomy.leaves():
        assert leaf.topic_id.startswith(f"{leaf.family}.")
        assert leaf.name
        assert leaf.name_zh
        assert set(LANGUAGES) == set(leaf.phrases)


def test_every_phrase_is_under_one_leaf_only():
    counts = Counter(fold(one.text) for one in taxonomy.phrases())

    assert {1} == set(counts.values())


def told():
    return copy.deepcopy(shipped.toml(taxonomy.FILE))


def test_a_phrase_in_two_leaves_is_refused_whatever_its_case():
    broken = told()
    broken["topics"]["price.shipping_fee"]["phrases"]["en"].append(
        broken["topics"]["other.restock"]["phrases"]["en"][0].upper()
    )

    with pytest.raises(MissingPart, match=r"two leaves[\s\S]*price\.shipping_fee and other\.restock"):
        taxonomy.taxonomy(broken)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t["topics"].update({"weather.rain": t["topics"]["other.restock"]}), "no known family"),
        (lambda t: t["topics"].update({"sizing": t["topics"]["other.restock"]}), "no known family"),
        (lambda t: t["topics"]["other.restock"]["phrases"].pop("ja"), "no phrase in a language[\\s\\S]*ja"),
        (lambda t: t["topics"]["other.restock"]["phrases"].update(pt=[" "]), "no phrase in a language[\\s\\S]*pt"),
        (lambda t: t["topics"]["other.restock"].update(zh=" "), "no name[\\s\\S]*zh"),
        (lambda t: t["families"].update(weather={"en": "Weather", "zh": "天气"}), "no leaf[\\s\\S]*weather"),
    ],
)
def test_a_broken_taxonomy_says_where(spoil, says):
    broken = told()
    spoil(broken)

    with pytest.raises(MissingPart, match=says):
        taxonomy.taxonomy(broken)
