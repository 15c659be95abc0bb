"""What the phrase lists say of texts, beside a plain second reading of the same lists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import features, shipped
from insight.phrases import SPACELESS, Finder, spelled_out
from insight.voices import KINDS, LANGUAGES, LISTS, NUMBERS, WEIGHED, said


def numbers(text, language):
    row = said(features.texts_of([text]), [language]).numbers[0]
    return dict(zip(NUMBERS, row.tolist(), strict=True))


def hashes(*texts, language="en"):
    found = said(features.texts_of(list(texts)), [language] * len(texts))
    return [set(found.hashes[a:b].tolist()) for a, b in zip(found.ends, found.ends[1:], strict=False)]


def finder(language):
    """The lists of a language for the searcher that uses regular expressions."""
    told = shipped.toml(LISTS)
    own, marks = told[language], told["any"]
    lists = {kind: listed for kind, listed in own.items() if isinstance(listed, list)}
    ends = {kind: [*marks[kind], *lists.pop(kind, ())] for kind in ("stops", "questions")}
    return Finder(lists, apart=language not in SPACELESS, accents=not own.get("plain", False), marks={**marks, **ends})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_pass_finds_what_a_regular_expression_finds(language):
    told, find = shipped.toml(LISTS)[language], finder(language)
    listed = [find.fold(p) for kind in WEIGHED for p in list(spelled_out(told[kind]))]
    stems = tuple(p.removesuffix("*") for p in listed if p.endswith("*"))  # the expression tries them first
    phrases = [p for p in listed[::40] if not any(word.startswith(stems) for word in [p, *p.split()])]
    assert len(phrases) > 8
    for phrase in phrases:
        found = [hit.kind for hit in find(find.fold(phrase)) if hit.kind in WEIGHED]
        read = numbers(phrase, language)
        counted = {
            kind: sum(read[name] ** 2 for name in (kind, f"{kind} negated", f"{kind} asked")) for kind in WEIGHED
        }

        assert {kind: found.count(kind) for kind in WEIGHED} == pytest.approx(counted), phrase


def test_a_negator_turns_a_phrase_over_and_marks_the_words_beside_it():
    plain, negated = numbers("it is comfortable", "en"), numbers("it is not at all comfortable", "en")

    assert (1, 0) == (plain["positive"], plain["positive negated"])
    assert (0, 1) == (negated["positive"], negated["positive negated"])
    assert negated["negative mass"] > 0 == negated["positive mass"]


def test_two_negators_cancel_out_but_not_in_languages_in_which_they_confirm():
    assert 0 == numbers("not that it was never comfortable", "en")["positive negated"]
    assert 1 == numbers("no es nada cómodo", "es")["positive negated"]


def test_what_stands_beside_a_negator_has_features_of_its_own():
    plain, negated = hashes("this zipper", "not this zipper")

    assert len(negated - plain) > len(hashes("not")[0])


def test_a_question_keeps_its_hits_apart():
    asked = numbers("Is it comfortable?", "en")

    assert (0, 1) == (asked["positive"], asked["positive asked"])
    assert 1 == asked["questions"]


def test_a_phrase_must_be_a_word_where_words_are_written_apart():
    assert 0 == numbers("a badge", "en")["negative"]
    assert 1 == numbers("太差了", "zh")["negative"]


def test_case_accents_and_apostrophes_do_not_matter_where_the_list_has_none():
    once = said(features.texts_of(["NO FUNCIONÓ"]), ["es"]).numbers[0]
    again = said(features.texts_of(["no funciono"]), ["es"]).numbers[0]
    other = [place for place, name in enumerate(NUMBERS) if name != "capitals"]

    assert once[other].tolist() == again[other].tolist()
    assert numbers("It doesn’t fit", "en")["facts"] == numbers("It doesn't fit", "en")["facts"] == 1


def test_a_language_without_lists_knows_the_marks_of_all():
    read = numbers("tuote 😡👎 on rikki", "fi")

    assert 0 == read["listed"]
    assert read["negative"] > 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from([*LANGUAGES, "xx", ""])), min_size=1, max_size=6))
def test_a_text_is_read_alike_whatever_stands_beside_it(told):
    texts, languages = zip(*told, strict=True)
    together = said(features.texts_of(list(texts)), list(languages))
    for place, (text, language) in enumerate(told):
        alone = said(features.texts_of([text]), [language])

        assert alone.numbers[0].tolist() == together.numbers[place].tolist()
        assert alone.hashes.tolist() == together.hashes[together.ends[place] : together.ends[place + 1]].tolist()
        assert np.isfinite(alone.numbers).all()


def test_every_kind_of_phrase_in_the_lists_is_known():
    told = shipped.toml(LISTS)

    assert {kind for language in LANGUAGES for kind, listed in told[language].items() if isinstance(listed, list)} <= {
        *KINDS
    }
    assert set(WEIGHED) == set(told["weights"])
