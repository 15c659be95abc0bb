"""Phrase lists as one pattern: the longest phrase at each place, whole words where words are written apart."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.phrases import Finder, beginnings, expression, fold, spelled_out, wording


def found(find, text):
    folded = find.fold(text)
    return [(hit.kind, folded[hit.start : hit.end]) for hit in find(folded)]


def test_one_spelling_for_what_reads_the_same():
    assert "don't  stop".replace("  ", " ") == fold("DON’T \t stop")
    assert "ａｂｃ" != fold("ａｂｃ") == "abc"
    assert "défectueux" == fold("Défectueux")
    assert "defectueux" == fold("Défectueux", accents=False)
    assert "が" == fold("が", accents=True)


def test_a_choice_stands_for_each_of_its_words():
    assert ["no fit", "no work", "not fit", "not work"] == list(spelled_out(["{no,not} {fit,work}"]))
    assert ["well", "very well"] == list(spelled_out(["{,very }well"]))


def test_the_longest_phrase_wins_and_words_are_whole():
    find = Finder({"bad": ["not", "not working", "fail*"], "good": ["working"]}, apart=True)

    assert [("bad", "not working")] == found(find, "Not Working")
    assert [("bad", "not"), ("good", "working")] == found(find, "not yet working")
    assert [("bad", "failures")] == found(find, "failures knotted networking")


def test_a_rest_of_a_word_stands_at_the_end_of_a_phrase():
    with pytest.raises(ValueError, match="stands at the end"):
        Finder({"again": ["follow* up"]}, apart=True)


def test_chinese_needs_no_blanks():
    find = Finder({"good": ["不错", "好"], "no": ["不"]}, apart=False)

    assert [("good", "不错"), ("no", "不"), ("good", "好")] == found(find, "这个不错，那个不太好")


def test_marks_may_touch_words():
    find = Finder({"good": ["great"]}, apart=True, marks={"glad": ["😀"], "stop": ["!"]})

    assert [("good", "great"), ("glad", "😀"), ("stop", "!")] == found(find, "great😀!")


@pytest.mark.parametrize("apart", [True, False])
def test_an_empty_list_finds_nothing(apart):
    assert re.search(expression([], apart=apart), "anything") is None
    assert [] == found(Finder({}, apart=apart), "anything")


words = st.text(alphabet="ab中.*?(", min_size=1, max_size=4).filter(lambda word: "*" not in word)


@settings(deadline=None)
@given(st.lists(words, min_size=1, max_size=8), st.text(alphabet="ab中.*?( ", max_size=30))
def test_it_finds_what_a_plain_search_from_left_to_right_finds(listed, text):
    expected, at = [], 0
    while at < len(text):
        longest = max((word for word in listed if text.startswith(word, at)), key=len, default="")
        expected += [longest] if longest else []
        at += len(longest) or 1

    assert expected == re.findall(expression(listed, apart=False), text)


def test_a_wording_is_one_expression_however_many_phrases_it_stands_for():
    phrases = "{do,does} {it ,the * ,}come {with,without}"

    assert {"do come with", "does it come with", "do the lamps come without"} == {
        text
        for text in ("do come with", "does it come with", "do the lamps come without", "did it come with")
        if re.fullmatch(wording(phrases), text)
    }


def test_beginnings_spell_out_a_few_choices_and_stop_before_any_word():
    assert ["do it", "do they", "does it", "does they"] == beginnings("{do,does} {it,they}")
    assert ["do ", "does "] == beginnings("{do,does} {a,b,c}", most=4)
    assert ["the"] == beginnings("{the} * comes")
