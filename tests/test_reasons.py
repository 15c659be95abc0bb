"""Why-words: what customers give as a reason, against the rest of what they say about the same topic."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import language, reasons
from insight.topic_names import Word

COLUMNS = ["label", "customer_key", "text", "language", "unhappy"]


def said(*rows):
    """Mentions: topic, customer, text, language, and whether in a bad mood."""
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"label": "int64", "unhappy": "bool"})
    return frame.astype(dict.fromkeys(COLUMNS[1:4], "str")).assign(text_hash=frame["text"])


def whys(frame, told=((),), enough=5):
    found = reasons.whys(frame, told, split=language.words, min_customers=enough)
    return [[one.word for one in few] for few in found]


def plain(topic, text, customers, lang="en", unhappy=False):
    return [(topic, f"{lang}{text}{i}", text, lang, unhappy) for i in range(customers)]


RETURNS = [*plain(0, "i want to return the jacket, label please", 40), *plain(1, "where is my parcel", 40)]


@pytest.mark.parametrize(
    ("lang", "text", "word"),
    [
        ("en", "i return it because the hinge squeaks", "hinge"),
        ("en", "the hinge squeaks since the update arrived", "update"),
        ("de", "ich schicke sie zurück, weil das scharnier klemmt", "scharnier"),
        ("es", "lo devuelvo porque la bisagra chirría", "bisagra"),
        ("fr", "je la renvoie parce que la charnière grince", "charnière"),
        ("pt", "vou devolver porque a dobradiça range", "dobradiça"),
        ("zh", "洗了两次以后褪色，想退货", "洗了两次"),
        ("ja", "蝶番が壊れたので返品したいです", "蝶番"),
    ],
)
def test_what_stands_where_a_reason_is_told_is_a_reason_in_seven_languages(lang, text, word):
    assert word in "\n".join(reasons.clauses(text, lang))


def test_a_reason_ends_with_its_clause_and_is_never_long():
    assert ["the zipper broke"] == list(reasons.clauses("refund please because the zipper broke, thanks", "en"))
    (far,) = reasons.clauses(f"because {'very ' * 40}", "en")
    assert len(far) <= reasons.REACH_APART
    assert far.endswith("very")
    assert [] == list(reasons.clauses("where is my parcel", "en"))
    assert [] == list(reasons.clauses("omdat de rits stuk is", "nl"))


def test_words_that_customers_give_as_a_reason_are_told_and_the_rest_is_not():
    frame = said(*RETURNS, *plain(0, "i want to return the jacket because the hinge squeaks", 8))
    assert [["hinge", "squeaks"], []] == whys(frame, [[], []])


def test_what_unhappy_customers_say_more_than_others_is_a_reason():
    frame = said(*RETURNS, *plain(0, "i return the jacket, a hinge squeaks", 8, unhappy=True))
    assert [["hinge", "squeaks"], []] == whys(frame, [[], []])


def test_a_word_of_too_few_customers_is_no_why_word_however_often_they_say_it():
    loud = [(0, "ann", f"return because the hinge squeaks {i}", "en", True) for i in range(50)]
    assert [[], []] == whys(said(*RETURNS, *loud), [[], []])


def test_customers_of_several_languages_add_up_where_the_glossary_knows_the_word():
    few = [
        *plain(0, "return because the zipper broke", 3),
        *plain(0, "rückgabe, weil der reißverschluss klemmt", 2, "de"),
    ]
    assert "zipper" in whys(said(*RETURNS, *few), [[], []])[0]


def test_words_of_the_topic_and_feelings_are_no_why_words():
    frame = said(*RETURNS, *plain(0, "return because the awful hinge squeaks", 8))
    assert [["squeaks"]] == whys(frame[frame["label"] == 0], [[Word("hinges", "en")]])


def test_five_words_at_most_and_none_where_nobody_speaks():
    many = plain(0, "return because hinge squeaks button rattles cable frays lamp flickers", 9)
    assert [5, 0] == [len(few) for few in whys(said(*RETURNS, *many), [[], []])]
    assert [[], []] == whys(said(*RETURNS).head(0), [[], []])


def test_all_the_same_text_has_no_why_words():
    assert [[]] == whys(said(*plain(0, "hinge", 30)))
    assert [[]] == whys(said(*plain(0, "hinge", 30, unhappy=True)))


def test_why_words_are_readable_in_both_languages_and_name_their_language_where_they_are_not():
    few = [Word("plastic", "de"), Word("köln-niehl", "de"), Word("hinge", "en"), Word("金曜", "ja")]
    assert reasons.readable(few) == (
        ["plastic", "köln-niehl (de)", "hinge", "金曜 (ja)"],
        ["塑料", "köln-niehl (de)", "hinge", "金曜 (ja)"],
    )


TEXTS = st.text(st.sampled_from("ab .,因为后时ので because after weil\n[]"), max_size=40)


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 1), st.sampled_from("ab"), TEXTS, st.sampled_from(["en", "zh", "ja", "xx"]), st.booleans()
        ),
        max_size=8,
    ),
    st.randoms(),
)
def test_hostile_texts_in_any_order_give_the_same_why_words(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, two = (whys(said(*part), [[], []], enough=1) for part in (rows, shuffled))
    assert one == two
