"""One name for one thing: number, hyphen, case, a slip of the finger, word order and language make no other thing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.asks import languages
from insight.things import names, plain, singular


def name(words, language="en", **told):
    return names(language).name(plain(words, language), **told).english


@pytest.mark.parametrize(
    ("many", "one"),
    [("batteries", "battery"), ("boxes", "box"), ("cases", "case"), ("brushes", "brush"), ("glass", "glass"),
     ("lens", "lens"), ("bus", "bus"), ("", "")],
)  # fmt: skip
def test_plurals_fold(many, one):
    assert one == singular(many)


@pytest.mark.parametrize(
    "words", ["screen protector", "Screen Protectors", "screen-protector", "SCREEN PROTECTOR", "protektor"]
)
def test_number_case_hyphen_and_one_wrong_letter_make_no_other_thing(words):
    assert "protector" == name(words)


@pytest.mark.parametrize(
    ("words", "language"),
    [("leather case", "en"), ("Lederhüllen", "de"), ("funda de cuero", "es"), ("étuis en cuir", "fr"),
     ("capinha de couro", "pt"), ("レザーケース", "ja"), ("皮质保护壳", "zh")],
)  # fmt: skip
def test_a_name_is_english_whatever_the_language_and_the_word_order(words, language):
    assert "leather case" == name(words, language)


def test_a_short_word_one_letter_away_is_another_word():
    assert "pen" == name("pen")
    assert "pan" == name("pan")


def test_a_word_with_two_meanings_describes_where_another_thing_is_named():
    assert ("coat", "waterproof case") == (name("impermeable", "es"), name("funda impermeable", "es"))


def test_colours_belong_to_the_name_only_where_they_are_asked_for():
    assert ("jacket", "red jacket") == (name("red jacket"), name("red jacket", variants=True))


def test_an_unlisted_word_stays_in_english_and_gives_way_elsewhere():
    assert "zorb case" == name("zorb case")
    assert "case" == name("funda zorbica", "es")
    assert not names("es").name("zorbica").known


def test_the_end_of_a_german_compound_is_the_thing_and_no_accident_of_letters():
    assert "phone case" == name("Handyhüllen", "de")
    assert not names("de").name(plain("Zollgebühren", "de")).known


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=60), st.sampled_from(sorted(languages())))
def test_any_words_have_one_name_and_keep_it(words, language):
    folded = plain(words, language)
    first = names(language).name(folded)

    assert first == names(language).name(folded)
    assert first.english == " ".join(first.english.split()) or not first.known
