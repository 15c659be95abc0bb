"""How does the customer feel about it? Plain complaints, negations, questions and mixed words, in seven languages."""

import csv
import math
import tomllib
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import shipped
from insight.phrases import fold, spelled_out
from insight.scorers.sentiment import probabilities, sentiments
from insight.sentiment_head import CLASSES, shipped_head

LANGUAGES = ("en", "zh", "de", "es", "ja", "fr", "pt")
DATA = Path(__file__).parents[1] / "data"

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


def told(said):
    """The label of each text, and its likeliest class."""
    texts, languages = zip(*((text, language) for language in said for text in said[language]), strict=True)
    chances = shipped_head().chances(texts, languages)
    return shipped_head().labels(chances), [CLASSES[place] for place in chances.argmax(axis=1)]


def share(names, wanted):
    return sum(name == wanted for name in names) / len(names)


def written(name):
    """The texts of a set that nothing was fitted or chosen on, by language, and their gold."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    chances = shipped_head().chances([row["text"] for row in rows], [row["language"] for row in rows])
    return rows, chances, shipped_head().labels(chances)


def test_a_complaint_without_a_feeling_is_negative():
    labels, likeliest = told(COMPLAINTS_WITHOUT_A_FEELING)

    assert share(likeliest, "negative") >= 0.9
    assert 0 == share(labels, "positive")


def test_praise_is_positive():
    labels, likeliest = told(PRAISE)

    assert share(likeliest, "positive") >= 0.9
    assert 0 == share(labels, "negative")


def test_a_negation_turns_praise_over():
    labels, likeliest = told(NEGATED)

    assert share(likeliest, "negative") >= 0.9
    assert 0 == share(labels, "positive")


def test_questions_about_an_order_are_not_negative():
    labels, likeliest = told(STATUS_QUESTIONS)

    assert share(labels, "negative") <= 0.05
    assert share(likeliest, "neutral") >= 0.9


def test_calm_questions_are_called_negative_in_one_of_twenty_at_most():
    _, _, labels = written("sentiment_questions.tsv")

    assert share(labels, "negative") <= 0.05


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
    negative, _, positive = probabilities(text, language)

    assert negative < positive


def test_threats_are_negative():
    said = {
        "en": ["I will open a dispute", "expect a bad review", "my lawyer will contact you"],
        "zh": ["我要投诉你们", "给差评", "打12315"],
        "de": ["das melde ich dem Verbraucherschutz", "ich gebe eine schlechte Bewertung"],
    }

    assert share(told(said)[1], "negative") >= 0.75


def test_what_follows_a_but_weighs_more():
    late = probabilities("nice lamp, but the switch is broken", "en")
    early = probabilities("the switch is broken, but nice lamp", "en")

    assert late[0] > early[0]


def test_a_language_without_lists_is_less_sure_than_one_with_lists():
    assert max(probabilities("tuote rikki", "fi")) < max(probabilities("product broken", "en"))


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


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=200), st.sampled_from([*LANGUAGES, "xx", ""]))
def test_any_text_gives_three_probabilities_that_add_up(text, language):
    chances = probabilities(text, language)

    assert math.isclose(1, sum(chances), abs_tol=1e-9)
    assert all(0 <= chance <= 1 for chance in chances)


@pytest.mark.parametrize("text", ["", " ", "…", "a" * 100_000, "非常好" * 30_000, "12345", "😡"])
def test_odd_texts_have_defined_results(text):
    assert math.isclose(1, sum(probabilities(text, "en")), abs_tol=1e-9)


def test_an_empty_text_is_unsure_with_the_shares_of_the_classes():
    head = shipped_head()
    chances = head.chances([""], ["en"])

    assert ["unsure"] == head.labels(chances)
    assert chances[0].tolist() == pytest.approx(head.base.tolist())


def test_batches_come_out_as_they_went_in():
    batch = pa.record_batch(
        {
            "mention_id": ["a", "b"],
            "text": ["arrived broken!", "where is it?"],
            "language": ["en", "en"],
            "more": [1, 2],
        }
    )
    (found,) = sentiments(iter([batch]), shipped_head())

    assert ["a", "b"] == found["mention_id"].to_pylist()
    assert found["negative"][0].as_py() > found["negative"][1].as_py()
    assert ["shipped", "shipped"] == found["speaks"].to_pylist()
