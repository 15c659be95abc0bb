"""One text to its pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.pieces import Piece, folded, split, text_hash

SCRAPS = [
    "Hi there!",
    "你好，在吗？",
    "the zipper broke",
    "裙子偏小，物流太慢了",
    "\n",
    "\n> ",
    "\n--\n",
    "On Mon, 3 May 2021 at 10:00, Shop wrote:",
    "Subject: hello\n",
    "[ORDER]",
    "https://a.example/b?c=1",
    "@shop ",
    "Best regards,\n",
    "Mason Fox",
    "...",
    ", but ",
    "👍",
    "\u0130\u0000",
]


def mentions(text, prompt=""):
    return [piece.text for piece in split(text, prompt) if not piece.reason]


def reasons(text, prompt=""):
    return [piece.reason for piece in split(text, prompt) if piece.reason]


def test_a_problem_is_freed_from_greeting_name_and_thanks():
    text = "Hi there! My name is Mark. The dress is too small. I want a refund. Thanks a lot!!"
    assert mentions(text) == ["The dress is too small. I want a refund."]
    assert reasons(text) == ["greeting", "identification", "thanks"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "greeting"),
        ("Dear Lumora team,", "greeting"),
        ("カスタマーサポート御中", "greeting"),
        ("好的谢谢", "acknowledgement"),
        ("thanks for the quick reply!", "thanks"),
        ("Vielen Dank für Ihre Hilfe", "thanks"),
        ("merci beaucoup", "thanks"),
        ("muito obrigada!", "thanks"),
        ("はい、わかりました。", "acknowledgement"),
        ("Tschüss, schönen Tag noch", "goodbye"),
        ("order number: 123-4567890-1234567", "identification"),
        ("Pedido [ORDER]", "identification"),
        ("我的订单号是 8837261", "identification"),
        ("转人工", "menu_choice"),
        ("hablar con un agente", "menu_choice"),
        ("https://shop.example/p/1", "no_words"),
        ("???", "no_words"),
        ("👍", "no_words"),
        ("   ", "no_words"),
        ("", "no_words"),
    ],
)
def test_what_says_nothing_has_a_reason(text, reason):
    assert [piece.reason for piece in split(text)] == [reason]


@pytest.mark.parametrize(
    "text",
    [
        "refund",
        "The battery died.",
        "is it ok to wash it?",
        "no refund yet",
        "Thank you for nothing, it broke",
        "追跡が5日更新されません。",
        "没收到",
        "Hello Kitty bag is torn",
    ],
)
def test_what_says_something_is_kept_whole_or_in_part(text):
    assert mentions(text)


def test_a_mail_loses_its_head_its_quote_and_its_signature_and_all_are_counted():
    text = (
        "Subject: Re: order 55\nFrom: someone\n\nHello,\n\nThe zipper broke after two days.\n\nBest regards,\nJohn\n"
        "\nOn Mon, 3 May 2021 at 10:00, Shop wrote:\n> Dear John\n> how can we help\n"
    )
    assert mentions(text) == ["The zipper broke after two days."]
    assert reasons(text) == ["header", "greeting", "signature", "quoted"]


def test_what_the_customer_wrote_below_a_quote_is_kept():
    assert mentions("On Mon, 3 May 2021 at 10:00, Shop wrote:\n> did it arrive?\nIt never arrived.") == [
        "It never arrived."
    ]


@pytest.mark.parametrize("name", ["Mason Fox", "李子轩", "高橋直樹\nAndroidから送信"])
def test_a_name_at_the_end_of_a_letter_is_a_signature(name):
    assert reasons(f"The box was crushed.\n\nThanks,\n{name}")[-1] == "signature"
    assert mentions(f"The box was crushed.\n\nThanks,\n{name}") == ["The box was crushed."]


def test_an_answer_to_a_bot_that_repeats_an_option_is_a_menu_choice():
    menu = "How can we help? 1. Returns 2. Where is my parcel"
    assert split("returns", menu) == [Piece("returns", "menu_choice")]
    assert split("2", menu) == [Piece("2", "menu_choice")]
    assert mentions("the strap is torn", menu) == ["the strap is torn"]


def test_sentences_about_one_problem_stay_together_until_the_customer_turns_elsewhere():
    text = "The zipper broke after two days. I am sad. By the way: do you sell a rain cover?"
    assert mentions(text) == ["The zipper broke after two days. I am sad.", "By the way: do you sell a rain cover?"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The zipper broke after two days.", "Separately, I was charged twice for it."),
        ("The zipper broke after two days.", "One last thing: do you sell a rain cover?"),
        ("The zipper broke after two days.", "Plus, I was charged twice for it."),
        ("Der Reißverschluss ist sofort kaputt gegangen.", "Davon abgesehen war das Paket zu spät."),
        ("Der Reißverschluss ist sofort kaputt gegangen.", "Zusätzlich wurde mir doppelt berechnet."),
        ("La cremallera se rompió a los dos días.", "Aparte de eso me cobraron dos veces."),
        ("ファスナーが二日で壊れました。", "最後に、二重に請求されています。"),
        ("拉链用了两天就坏了，太差了。", "最后，你们多扣了我一次钱。"),
        ("La fermeture est cassée depuis deux jours.", "Pour finir, on m'a débité deux fois."),
        ("O zíper quebrou depois de dois dias.", "Por fim, fui cobrado duas vezes."),
    ],
)
def test_words_that_turn_to_something_else_begin_a_new_mention(first, second):
    before, after = mentions(f"{first} {second}")

    assert before == first
    assert second.endswith(after)


@pytest.mark.parametrize(
    "text",
    [
        "I ordered the red dress. Plus size was too large for me.",
        "The lid and the box came late. Separately packed parts came later still.",
        "我买了三双鞋子一直没收到。最后一个包裹也不见了。",
        "注文した商品が壊れていました。最後に届いた箱です。",
        "Esperei o pacote por duas semanas. Por fim chegou quebrado.",
    ],
)
def test_words_that_only_look_like_a_turn_do_not_tear_a_mention(text):
    assert 1 == len(mentions(text))


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("The battery is dead. The blue one looks green in daylight, the photo is wrong.", 2),
        ("The blanket smells of petrol and the courier left it in the rain.", 2),
        ("电池充不进电。尺码也偏小。", 2),
        ("Der Akku hält nicht. Wo bleibt die Rechnung?", 2),
        ("La batería no dura nada y la talla es pequeña", 2),
        ("L'odeur est forte. Pouvez-vous m'envoyer la facture ?", 2),
        ("充電できません。領収書もください。", 2),
        ("O cheiro é forte e a nota fiscal não veio", 2),
        ("The parcel is late. The tracking shows nothing.", 1),
        ("The charger gets hot, the smell is awful.", 1),
    ],
)
def test_another_subject_begins_a_new_mention_and_a_detail_behind_a_comma_does_not(text, apart):
    assert len(mentions(text)) == apart


@pytest.mark.parametrize(
    "text",
    [
        "1) the lid leaks 2) I was charged twice",
        "Two things:\n- the lid leaks\n- I was charged twice",
        "1. the lid leaks\n2. I was charged twice",
        "①the lid leaks ②I was charged twice",
    ],
)
def test_every_point_of_a_list_is_a_mention(text):
    assert mentions(text)[-2:] == ["the lid leaks", "I was charged twice"]


@pytest.mark.parametrize("text", ["It came on 3. May after 12 days", "I paid 2) euro 1) cent", "I own 2. It is great."])
def test_numbers_that_do_not_count_up_from_line_to_line_are_no_list(text):
    assert "turn" not in reasons(text)


def test_the_form_of_a_marketplace_and_a_mail_that_is_sent_on_are_the_head_of_the_customers_words():
    form = "New message from a buyer\nOrder: 404-9920113\nSubject: Other\nMessage: the lid leaks\n--- End message ---"
    assert mentions(form) == ["the lid leaks"]
    assert reasons(form) == ["header", "notice"]
    assert mentions("---------- Forwarded message ---------\nFrom: Ann\nSubject: pan\n\nthe lid leaks") == [
        "the lid leaks"
    ]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("Lucía Fernán", "Hola, dime el código postal y tu nombre"),
        ("thanks spencer", ""),
        ("Merci pour votre gentillesse", ""),
        ("Danke für die Rückmeldung.\n\nGruß\nH. Brandner", ""),
    ],
)
def test_an_answer_to_a_request_thanks_by_name_and_a_signed_thanks_are_no_mentions(text, prompt):
    assert mentions(text, prompt) == []


def test_a_business_card_below_the_closing_line_is_the_signature():
    text = "The lid leaks.\n\nKind regards\nSabine Kolb\nLindenweg 4, second floor\n70176 Stuttgart"
    assert mentions(text) == ["The lid leaks."]


def test_a_long_letter_is_several_pieces():
    assert len(mentions("The left strap of the bag came off on the second day. " * 12)) > 1


@pytest.mark.parametrize("question", ["Which colour did you order?", "请问您的尺码是多少？"])
def test_a_short_answer_to_a_question_of_the_shop_is_no_mention(question):
    assert split("the blue one", question) == [Piece("the blue one", "answer")]
    assert mentions("why do you ask?", question) == ["why do you ask?"]


@pytest.mark.parametrize("question", ["Hello! How can I help you?", "请问有什么可以帮您？", "Was ist passiert?"])
def test_a_short_answer_to_the_question_what_the_matter_is_is_the_mention(question):
    assert mentions("the parcel never came", question) == ["the parcel never came"]


def test_a_piece_that_cannot_stand_alone_joins_its_neighbour():
    assert mentions("Stopped. After one day, it never came back") == ["Stopped. After one day, it never came back"]


def test_amounts_and_ids_are_not_torn_apart():
    assert mentions("I paid 1,299.50 euro twice") == ["I paid 1,299.50 euro twice"]


@given(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=12), max_size=12).map("".join), st.text(max_size=8))
def test_the_pieces_of_any_text_hold_all_its_letters(text, prompt):
    def letters(words):
        return sorted(char for char in words if char.isalnum())

    pieces = split(text, prompt)
    assert pieces
    assert letters("".join(piece.text for piece in pieces)) == letters(text)


def test_equal_texts_have_equal_hashes_whatever_their_case_width_and_blanks():
    assert text_hash("Too  SMALL\n") == text_hash("too small") == text_hash("ｔｏｏ　small")
    assert folded("Straße") == "strasse"
    assert len(text_hash("")) == 16
