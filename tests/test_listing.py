"""What a listing promises and what customers name: attributes and values in seven languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import listing


@pytest.mark.parametrize(
    ("language", "text", "values"),
    [
        ("en", "The page says aluminium but it is cheap plastic", {"material": ("aluminium", "plastic")}),
        ("en", "It is fake leather", {"material": ("imitation leather",)}),
        ("en", "The colour is totally wrong", {"colour": ()}),
        ("de", "Auf der Seite steht schwarz, gekommen ist dunkelblau", {"colour": ("black", "navy")}),
        ("zh", "写着真皮，结果是人造革", {"material": ("imitation leather", "leather")}),
        ("es", "Es de polipiel", {"material": ("imitation leather",)}),
        ("fr", "C'est du plastique, pas du bois", {"material": ("plastic", "wood")}),
        ("pt", "Veio em poliéster", {"material": ("polyester",)}),
        ("ja", "届いたのはブルーでした", {"colour": ("blue",)}),
        ("en", "I want my money back", {}),
        ("xx", "plastic", {"material": ("plastic",)}),  # English is read beside every language
    ],
)
def test_what_customers_name(language, text, values):
    assert listing.of_customer(text, language).values == values


def test_a_promise_is_the_sentence_that_names_most():
    told = listing.promises("Comes in black.\nBody of brushed aluminium, black or red. Weighs 480 g.")
    assert told["colour"] == (("black", "red"), "Body of brushed aluminium, black or red.")
    assert told["material"] == (("aluminium",), "Body of brushed aluminium, black or red.")
    assert told["weight"].values == ()
    assert "water" not in told


@pytest.mark.parametrize("text", ["机身为铝合金。颜色：黑色。", "Gehäuse aus Aluminium. In Schwarz."])
def test_a_listing_may_be_of_any_language(text):
    told = listing.promises(text)
    assert (told["material"].values, told["colour"].values) == (("aluminium",), ("black",))


def test_every_value_and_attribute_has_a_chinese_name():
    names = [zh for _, zh in listing.names().values()] + list(listing.values_zh().values())
    assert all(any("一" <= letter <= "鿿" for letter in name) for name in names)


@settings(deadline=None)
@given(st.text(max_size=120))
def test_any_listing_is_read(text):
    for attribute, promise in listing.promises(text).items():
        assert attribute in listing.names()
        assert promise.sentence in text
