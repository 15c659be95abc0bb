"""Does a product run small or large? What words and codes say, and what a few of them may claim."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import size_bias, taxonomy
from insight.size_bias import LARGE, SMALL

SAID = [
    ("en", "The jacket runs two sizes small.", None),  # says neither by its words; the topic tells
    ("en", "This jacket runs small", SMALL),
    ("en", "Way too tight across the shoulders!", SMALL),
    ("en", "I had to size up", SMALL),
    ("en", "It is too big, I am swimming in it", LARGE),
    ("en", "order a size down", LARGE),
    ("en", "It is not too small", None),
    ("en", "Does it run small?", None),
    ("en", "too tight in the chest but too long in the sleeves", None),
    ("en", "the delivery took far too long", None),
    ("en", "true to size", None),
    ("zh", "尺码偏小，穿不进去", SMALL),
    ("zh", "衣服太大了，松松垮垮", LARGE),
    ("zh", "声音太大", None),
    ("zh", "大小正好", None),
    ("de", "Fällt viel zu klein aus", SMALL),
    ("de", "Die Hose ist mir zu weit", LARGE),
    ("de", "Die Lieferung dauerte viel zu lang", None),
    ("es", "Me queda pequeña", SMALL),
    ("es", "La talla es demasiado grande", LARGE),
    ("fr", "Trop serré, il faut prendre une taille au-dessus", SMALL),
    ("fr", "Taille grand", LARGE),
    ("pt", "Ficou muito apertada", SMALL),
    ("pt", "Ficou larga demais, veio grande", LARGE),
    ("ja", "サイズが小さすぎます", SMALL),
    ("ja", "ぶかぶかでした", LARGE),
    ("ja", "音が大きい", None),
    ("xx", "too small", SMALL),  # a language without words is read as English
]


@pytest.mark.parametrize(("language", "text", "wanted"), SAID)
def test_what_words_say(language, text, wanted):
    assert list(size_bias.directions([text], [language])) == [wanted]


def test_the_phrases_of_the_taxonomy_are_never_read_the_wrong_way_round():
    told = [p for p in taxonomy.phrases() if p.topic_id in size_bias.LEAVES]
    found = list(size_bias.directions([p.text for p in told], [p.language for p in told]))
    wrong = [p.text for p, d in zip(told, found, strict=True) if d not in (None, size_bias.LEAVES[p.topic_id])]
    assert len(wrong) <= 0.01 * len(told)
    assert sum(d is not None for d in found) >= 0.6 * len(told)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("SIZE_TOO_SMALL", SMALL),
        ("APPAREL_TOO_LARGE", LARGE),
        ("Too small", SMALL),
        ("too-big", LARGE),
        ("尺码偏大", LARGE),
        ("zu klein", SMALL),
        ("DEFECTIVE", None),
        ("WRONG_SIZE", None),
        ("", None),
    ],
)
def test_what_codes_of_platforms_say(code, wanted):
    assert size_bias.of_code(code) == wanted


@settings(deadline=None)
@given(st.text(max_size=80), st.sampled_from([*taxonomy.LANGUAGES, "xx", ""]))
def test_any_text_is_read(text, language):
    assert next(iter(size_bias.directions([text], [language]))) in (None, SMALL, LARGE)
    assert size_bias.of_code(text) in (None, SMALL, LARGE)


def voice(sku, order, customer, direction, source="words"):
    return dict(zip(size_bias.VOICE, (sku, order, customer, direction, source), strict=True))


def voices(*rows):
    return size_bias.voices([pd.DataFrame(rows, columns=size_bias.VOICE)])


def test_who_writes_and_sends_back_is_one_voice():
    told = voices(
        voice("s", "o1", "ann", SMALL), voice("s", "o1", "ann", SMALL, "return"), voice("s", None, "bob", SMALL)
    )
    assert told["voice"].tolist() == ["bob", "o1"]
    assert told["words"].tolist() == [True, True]
    assert told["sent_back"].tolist() == [False, True]


def test_who_says_both_is_no_voice_for_either():
    told = voices(voice("s", "o1", "ann", SMALL), voice("s", "o1", "ann", LARGE, "return"))
    assert told["direction"].tolist() == ["both"]


def meter(sold, *rows):
    counted = pd.DataFrame([(sku, orders, 10) for sku, orders in sold.items()], columns=["sku", "orders", "returns"])
    return size_bias.meter(voices(*rows), counted).set_index("sku")


def many(sku, direction, count):
    return [voice(sku, f"{sku}-{direction}-{n}", f"k{n}", direction) for n in range(count)]


def test_a_meter_worked_by_hand():
    found = meter({"s": 100}, *many("s", SMALL, 6), *many("s", LARGE, 2)).loc["s"]
    # beta(2 + 2, 6 + 2): mean 4/12, balance 2/3 - 1
    assert found["balance"] == pytest.approx(-1 / 3)
    assert (found["small"], found["large"], found["verdict"]) == (6, 2, "cannot tell")


def test_verdicts():
    sold = {"small": 200, "large": 200, "even": 400, "quiet": 5000, "few": 3}
    rows = [*many("small", SMALL, 30), *many("large", LARGE, 30), *many("even", SMALL, 40), *many("even", LARGE, 40)]
    found = meter(sold, *rows, *many("quiet", SMALL, 6), *many("few", SMALL, 9))
    assert found["verdict"].to_dict() == {
        "small": "runs small",
        "large": "runs large",
        "even": "true to size",
        "quiet": "true to size",  # 6 of 5,000 orders
        "few": "cannot tell",  # 9 voices, but 3 orders
    }
    assert found.index[-1] == "few"


@settings(deadline=None, max_examples=20)
@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1))
def test_the_surest_comes_first_and_ranks_are_whole(told):
    rows = [v for sku, (a, b) in told.items() for v in (*many(sku, SMALL, a), *many(sku, LARGE, b))]
    found = meter(dict.fromkeys(told, 100), *rows).reset_index()
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    sure = [max(low, -high, 0) for low, high in zip(found["low"], found["high"], strict=True)]
    assert sure == sorted(sure, reverse=True)


def test_nobody_speaks_of_sizes():
    assert meter({"s": 100}).empty
