"""How does the customer feel about it? Plain complaints, negations, questions and mixed words, in seven languages."""

import math
import tomllib
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import shipped
from insight.phrases import fold, spelled_out
from insight.scorers.sentiment import label, probabilities, sentiments

LANGUAGES = ("en", "zh", "de", "es", "ja", "fr", "pt")
SURE = shipped.toml("sentiment.toml")["curve"]["sure"]

COMPLAINTS_WITHOUT_A_FEELING = {
    "en": [
        "arrived broken",
        "the jacket doesn't fit",
        "it stopped working after two days",
        "wrong size in the box",
        "still waiting for my parcel",
        "one part is missing",
        "I was charged twice",
        "the screen is cracked",
    ],
    "zh": ["还没收到", "衣服太小了", "杯子碎了", "发错货了", "充不进电", "少了一个配件", "物流一直没有更新", "开线了"],
    "de": [
        "zu klein",
        "die Lampe ist kaputt",
        "funktioniert nicht",
        "immer noch nicht angekommen",
        "es fehlt ein Teil",
        "falsche Farbe geliefert",
        "das Glas ist zerbrochen",
    ],
    "es": [
        "no funciona",
        "llegó roto",
        "me queda pequeña",
        "todavía no ha llegado",
        "falta una pieza",
        "talla equivocada",
    ],
    "ja": [
        "壊れていました",
        "まだ届きません",
        "サイズが小さすぎます",
        "部品が足りません",
        "電源が入らない",
        "違う商品が届きました",
    ],
    "fr": ["ne fonctionne pas", "arrivé cassé", "trop petit", "toujours pas reçu", "il manque une pièce"],
    "pt": ["não funciona", "chegou quebrado", "ainda não recebi", "veio errado", "está faltando uma peça"],
}

PRAISE = {
    "en": ["I love it, works perfectly!", "great quality and fast delivery", "very happy with this lamp"],
    "zh": ["质量很好，非常满意", "物流很快，很喜欢", "性价比高，推荐"],
    "de": ["Super Qualität, bin sehr zufrieden", "funktioniert einwandfrei, klare Kaufempfehlung"],
    "es": ["Me encanta, muy buena calidad", "funciona perfectamente, lo recomiendo"],
    "ja": ["とても満足しています", "使いやすくて最高です", "品質が良くて気に入りました"],
    "fr": ["Très content, je recommande", "parfait, bonne qualité"],
    "pt": ["Adorei, ótima qualidade", "chegou antes do prazo, recomendo"],
}

NEGATED = {
    "en": ["not good", "I am not happy with this", "it isn't comfortable at all", "the fit is not very good"],
    "zh": ["不好用", "不太满意", "没有想象的好", "一点都不舒服"],
    "de": ["nicht gut", "bin nicht zufrieden", "gefällt mir gar nicht"],
    "es": ["no es bueno", "no estoy contento", "no me gusta"],
    "ja": ["良くない", "満足できません", "使いやすくないです"],
    "fr": ["pas bon du tout", "je ne suis pas content"],
    "pt": ["não é bom", "não gostei"],
}

STATUS_QUESTIONS = {
    "en": [
        "Where is my order?",
        "When will it arrive?",
        "Has my parcel been shipped yet?",
        "Can you send the invoice?",
        "How long does delivery take?",
        "What is your return policy?",
        "Could you tell me the tracking number?",
        "Hi, I would like to change the address of my order",
        "Is the jacket available in size M?",
        "Do you have a case for this camera?",
        "Is it too small for a 15 inch laptop?",
        "Good morning, any news?",
        "How do I connect it to my phone?",
        "Does the blue one come with a charger?",
        "I want to know the delivery date",
        "please confirm my order, thanks",
        "Which size should I take?",
        "Is this waterproof?",
        "When do you restock?",
        "Can I pay with paypal?",
    ],
    "zh": [
        "我的订单到哪了？",
        "什么时候发货？",
        "请问多久能到",
        "可以开发票吗",
        "怎么连接手机？",
        "这款有黑色的吗",
        "你好，我想改一下地址",
        "请问尺码怎么选",
        "会掉色吗",
        "运费多少",
        "支持七天无理由退货吗",
        "可以用支付宝吗",
    ],
    "de": [
        "Wo ist meine Bestellung?",
        "Wann kommt das Paket an?",
        "Welche Größe soll ich nehmen?",
        "Guten Tag, gibt es Neuigkeiten?",
        "Können Sie mir die Rechnung schicken?",
        "Wie lange dauert der Versand?",
        "Passt das zu meinem Handy?",
    ],
    "es": [
        "¿Dónde está mi pedido?",
        "¿Cuándo llega?",
        "¿Qué talla debo elegir?",
        "Buenos días, ¿me pueden enviar la factura?",
        "¿Cuánto tarda el envío?",
        "¿Es compatible con mi móvil?",
    ],
    "ja": [
        "注文はどこですか？",
        "いつ届きますか？",
        "サイズはどれを選べばいいですか",
        "領収書を発行できますか？",
        "送料はいくらですか",
    ],
    "fr": [
        "Où est ma commande ?",
        "Quand arrive le colis ?",
        "Quelle taille dois-je prendre ?",
        "Bonjour, avez-vous la facture ?",
    ],
    "pt": ["Onde está meu pedido?", "Quando chega?", "Qual tamanho devo escolher?", "Bom dia, podem enviar a fatura?"],
}


def labels(said):
    return {
        (language, text): label(probabilities(text, language), sure=SURE)
        for language in said
        for text in said[language]
    }


def of(said, wanted):
    """The texts that are not what they should be."""
    return [key for key, found in labels(said).items() if found != wanted]


def test_a_complaint_without_a_feeling_is_negative():
    assert [] == of(COMPLAINTS_WITHOUT_A_FEELING, "negative")


def test_praise_is_positive():
    assert [] == of(PRAISE, "positive")


def test_a_negation_turns_praise_over():
    """The bound of the evidence is 90 %; the others must at least not be praise."""
    found = labels(NEGATED)

    assert "positive" not in found.values()
    assert Counter(found.values())["negative"] >= 0.9 * len(found)


def test_questions_about_an_order_are_not_negative():
    found = labels(STATUS_QUESTIONS)

    assert Counter(found.values())["negative"] <= 0.05 * len(found)
    assert Counter(found.values())["neutral"] >= 0.9 * len(found)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("no problem at all", "en"),
        ("没问题", "zh"),
        ("kein Problem", "de"),
        ("問題ありません", "ja"),
        ("sin problemas", "es"),
    ],
)
def test_the_absence_of_a_problem_is_not_negative(text, language):
    assert "negative" != label(probabilities(text, language), sure=SURE)


def test_threats_are_negative():
    said = {
        "en": ["I will open a dispute", "expect a bad review", "my lawyer will contact you"],
        "zh": ["我要投诉你们", "给差评", "打12315"],
        "de": ["das melde ich dem Verbraucherschutz", "ich gebe eine schlechte Bewertung"],
    }

    assert [] == of(said, "negative")


def test_good_and_bad_at_once_is_unsure_rather_than_one_of_them():
    assert "unsure" == label(probabilities("nice colour, bad seams", "en"), sure=SURE)


def test_what_follows_a_but_weighs_more():
    late = probabilities("nice lamp, but the switch is broken", "en")
    early = probabilities("the switch is broken, but nice lamp", "en")

    assert late[0] > early[0]


def test_louder_and_stronger_words_are_more_negative():
    plain, very, loud = (probabilities(t, "en")[0] for t in ("bad", "very bad", "very bad!!"))

    assert plain < very < loud


def test_a_language_without_a_list_is_unsure_but_marks_speak_in_any():
    assert (1 / 3, 1 / 3, 1 / 3) == probabilities("tuote on rikki", "fi")
    assert "negative" == label(probabilities("tuote 😡😡👎", "fi"), sure=SURE)


def test_accents_and_case_do_not_matter_where_customers_leave_them_out():
    assert probabilities("NO FUNCIONÓ", "es") == probabilities("no funciono", "es")
    assert probabilities("Cassé", "fr") == probabilities("casse", "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_stands_in_two_lists(language):
    told = tomllib.loads(shipped.path("sentiment.toml").read_text(encoding="utf-8"))[language]
    plain = not told.get("plain", False)
    kinds = {}
    for kind, listed in told.items():
        if isinstance(listed, list):
            for phrase in spelled_out(listed):
                kinds.setdefault(fold(phrase, accents=plain), set()).add(kind)

    assert {} == {phrase: both for phrase, both in kinds.items() if len(both) > 1}


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from([*LANGUAGES, "xx", ""]))
def test_any_text_gives_three_probabilities_that_add_up(text, language):
    chances = probabilities(text, language)

    assert math.isclose(1, sum(chances), abs_tol=1e-12)
    assert all(0 <= chance <= 1 for chance in chances)


def test_batches_come_out_as_they_went_in():
    batch = pa.record_batch(
        {"mention_id": ["a", "b"], "text": ["broken", "where is it?"], "language": ["en", "en"], "more": [1, 2]}
    )
    (found,) = sentiments(iter([batch]))

    assert [("a", "negative"), ("b", "neutral")] == [(r["mention_id"], r["label"]) for r in found.to_pylist()]
