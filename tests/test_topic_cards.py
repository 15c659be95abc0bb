"""The card of each topic."""

import pandas as pd
import pytest

from insight import language, topic_cards
from insight.schema import UNASSIGNED


def said(*rows):
    """Mentions: topic, customer, text, and where needed how it came to its topic and its mood."""
    frame = pd.DataFrame([(*row, "found", None)[:5] if len(row) < 5 else row for row in rows], columns=COLUMNS)
    numbers = [f"m{i:03}" for i in range(len(frame))]
    return frame.assign(mention_id=numbers, text_hash=frame["text"], language="en", said_ms=range(len(frame)))


COLUMNS = ["topic_id", "customer_key", "text", "how", "mood"]
SHOES = [("t0", f"c{i}", f"these shoes are too small {'pinching' if i == 0 else ''}") for i in range(6)]


def cards(frame, *topics, alike=()):
    """The cards of topics told as id, kind, state, and name in English and Chinese where a person gave one."""
    rows = [(*row, "", "")[:5] for row in topics]
    known = pd.DataFrame(rows, columns=["topic_id", "kind", "state", "name_en", "name_zh"]).astype("str")
    known = known.assign(automatic_state=known["state"], merged_into=None)
    told = topic_cards.cards(frame, known, dict(alike), split=language.words, min_customers=5)
    return told.set_index("topic_id")


def test_the_card_counts_every_mention_and_always_shows_what_fits_no_topic():
    told = cards(said(*SHOES, ("t0", "c1", "again"), (UNASSIGNED, "c1", "?")), ("t0", "found", "new"))
    assert told["mentions"].tolist() == [7, 1]
    assert told["customers"].tolist() == [6, 1]
    assert told["share"].tolist() == [7 / 8, 1 / 8]
    assert set(told["words"]["t0"]) == {"shoes", "small"}
    assert told["words"][UNASSIGNED] == told["why"][UNASSIGNED] == told["why_zh"][UNASSIGNED] == []
    alone = cards(said(*SHOES).head(0))
    assert alone["mentions"].tolist() == [0]
    assert alone["first_said_ms"].isna().all()


def test_a_name_is_of_a_person_or_the_taxonomy_or_made_of_words():
    seed = ("sizing.too_small", "seed", "live", "Too small or tight", "尺码偏小")
    told = cards(said(*SHOES), seed, ("t0", "found", "new"), ("t1", "found", "live", "Runs small"))
    assert {"sizing.too_small": "taxonomy", "t0": "rule", "t1": "person", UNASSIGNED: "rule"} == dict(told["named_by"])
    assert "sizing" == told["family"]["sizing.too_small"]
    assert ("Runs small", "没有共同的词") == tuple(told.loc["t1", ["name_en", "name_zh"]])


@pytest.mark.parametrize("name", ["warranty", "Warranty", "WARRANTY"])
def test_a_topic_that_was_found_is_never_called_as_one_of_the_taxonomy_or_of_a_person(name):
    frame = said(*(("t0", f"c{i}", "the warranty") for i in range(6)))
    told = cards(frame, ("t0", "found", "new"), ("t1", "found", "live", name, "保修"))
    assert told["name_en"]["t1"] == name
    assert told["name_en"].str.casefold().is_unique
    assert told["name_zh"].str.casefold().is_unique


def test_only_topics_that_wait_for_a_person_are_said_to_be_like_another():
    alike = {"t0": "sizing.too_small", "t1": "t0"}
    told = cards(said(*SHOES), ("t0", "found", "candidate"), ("t1", "found", "live"), alike=alike.items())
    assert ["sizing.too_small", True] == [told["like_id"]["t0"], pd.isna(told["like_id"]["t1"])]


def test_what_follows_its_conversation_gives_a_topic_no_words():
    frame = said(*SHOES, *(("t0", f"c{i}", "colleague promised", "context", "negative") for i in range(6)))
    told = cards(frame, ("t0", "found", "new"))
    assert set(told["words"]["t0"]) == {"shoes", "small"}
    assert told["why"]["t0"] == []


def test_the_card_tells_why_in_both_languages_and_repeats_neither_words_nor_name():
    words = "the bottle leaks from its lid into my bag again, please send another cover or refund the whole order soon"
    calm = [("t0", f"a{i}", words) for i in range(40)]
    angry = [("t0", f"b{i}", f"{words}: plastic hinge", "found", "negative") for i in range(9)]
    frame = said(*calm, *angry, *(("t1", f"d{i}", "where is my parcel") for i in range(40)))
    rule, named = ("t0", "found", "new"), ("t0", "found", "live", "Hinge leaks", "")
    told = cards(frame, rule, ("t1", "found", "new"))
    why, why_zh = told["why"]["t0"], told["why_zh"]["t0"]
    assert ["hinge", "plastic"] == sorted({*why, *told["words"]["t0"]} & {"hinge", "plastic"})
    assert not set(why) & set(told["words"]["t0"])
    assert [{"plastic": "塑料"}.get(word, word) for word in why] == why_zh
    assert "hinge" not in cards(frame, named, ("t1", "found", "new"))["why"]["t0"]
