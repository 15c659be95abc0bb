"""Which language a text is in, and its words."""

from pathlib import Path

import pytest

from insight import language
from insight.schema import UNKNOWN

SHARED = Path(__file__).resolve().parents[1] / "../shared/data"

SENTENCES = {
    "en": "My parcel has not arrived yet, where is it?",
    "de": "Mein Paket ist immer noch nicht angekommen, wo bleibt es?",
    "es": "Mi paquete todavía no ha llegado, ¿dónde está?",
    "fr": "Mon colis n'est toujours pas arrivé, où est-il ?",
    "pt": "Minha encomenda ainda não chegou, onde ela está?",
    "it": "Il mio pacco non è ancora arrivato, dov'è?",
    "nl": "Mijn pakket is nog steeds niet aangekomen, waar blijft het?",
    "zh": "我的包裹还没有到，请帮我查一下",
    "ja": "荷物がまだ届いていません。確認してください",
    "ko": "소포가 아직 도착하지 않았어요",
    "ru": "Моя посылка ещё не пришла",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_told_by_its_script_or_its_words(code):
    assert code == language.detect(SENTENCES[code])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我的 iPhone 15 Pro Max 屏幕坏了", "zh"),
        ("サイズ交換したい", "ja"),
        ("这个の设计很好看，但是尺码太小了", "zh"),
        ("I bought this on 天猫 but it never came, please help me", "en"),
        ("返品", "zh"),
    ],
)
def test_mixed_scripts_go_with_the_one_that_says_most(text, code):
    assert code == language.detect(text)


@pytest.mark.parametrize(
    "text", ["", "   ", "😀👍", "12345", "[EMAIL] [ORDER]", "https://example.com/path", "@shop #sale"]
)
def test_what_has_no_words_is_in_no_language(text):
    assert UNKNOWN == language.detect(text)
    assert [UNKNOWN] == language.settle([text], ["DE"])


def test_a_short_text_takes_the_language_it_is_told():
    assert "de" == language.detect("ok", otherwise="de")


def test_a_text_too_short_to_tell_takes_what_is_common_in_its_market():
    texts = [SENTENCES["de"], SENTENCES["de"], SENTENCES["en"], "hallo", "hello", "ola"]

    assert ["de", "de", "en", "de", "en", "de"] == language.settle(texts, ["DE", "DE", "US", "DE", "US", "MX"])


def test_words_are_cut_by_language_and_placeholders_are_none():
    assert ["我", "的", "包裹", "还", "没有", "到"] == language.words("我的包裹还没有到。", "zh")
    assert ["where", "is", "my", "order", "it's", "late"] == language.words(
        "Where is my order [ORDER]? It's late!", "en"
    )
    assert ["größe", "zu", "klein"] == language.words("Größe zu klein", "de")
    assert ["サイズ", "が", "小", "さい"] == language.words("サイズが小さい", "ja")


@pytest.mark.skipif(not SHARED.exists(), reason="the evaluation sentences do not lie beside this checkout")
@pytest.mark.parametrize("code", ["de", "es", "fr", "pt", "zh", "ja"])
def test_at_least_98_of_100_short_sentences_are_told_right(code):
    import pyarrow.parquet as pq

    texts = pq.read_table(SHARED / f"parallel/eval_tatoeba_en_{code}.parquet")[code].to_pylist()[:500]

    found = language.settle(texts, [code] * len(texts))
    assert 0.98 <= sum(f == code for f in found) / len(texts)
