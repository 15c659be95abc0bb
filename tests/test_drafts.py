"""Drafts of help pages: what stands in them, and that nothing in them runs."""

import csv
import io

from insight import drafts

QUESTION = {
    "question_id": "q1",
    "topic_id": "returns",
    "question": "Wo ist das Etikett?",
    "question_en": "Where is the *label*?",
    "question_zh": None,
    "languages": ["de", "en"],
    "contacts": 12,
    "customers": 11,
    "gap": "",
}
ANSWER = {"question_id": "q1", "answer": "It is in your account.", "language": "en", "rank": 1, "contacts": 9}
ANSWER |= {"judged": 8, "share": 0.9, "low": 0.7}
GERMAN = ANSWER | {"language": "de", "answer": "Im Konto."}
GAP = QUESTION | {"question_id": "q2", "topic_id": "none", "question_en": None, "gap": "comes back"}


def test_a_page_says_question_answer_and_what_is_missing():
    page = drafts.markdown([QUESTION, GAP], [ANSWER, GERMAN], {"returns": "Returns"}, lang="en")

    assert page.index("## Returns") < page.index("### Where is the \\*label\\*?") < page.index("It is in your account.")
    assert "settled 90%, at least 70%, n = 8" in page
    assert "- (de) Im Konto." in page
    assert "## Other questions" in page
    assert "### Wo ist das Etikett?" in page
    assert "Customers come back about this more than usual." in page
    assert "No answer is common yet" in page


def test_a_page_in_chinese_shows_what_nobody_asked_in_chinese_as_it_was_asked():
    page = drafts.markdown([QUESTION], [ANSWER], {"returns": "退货"}, lang="zh")

    assert "## 退货" in page
    assert "### Wo ist das Etikett?" in page
    assert "还没有常用答复" in page
    assert "- (en) It is in your account." in page


def test_a_sheet_has_a_line_for_each_answer_and_for_a_question_without():
    text = drafts.sheet([QUESTION, GAP], [ANSWER, ANSWER | {"rank": 2, "answer": "=1+1"}], {}, lang="en")
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [(r["question_id"], r["answer"]) for r in rows] == [
        ("q1", "It is in your account."),
        ("q1", "'=1+1"),
        ("q2", ""),
    ]
    assert rows[0]["settled_share"] == "0.9"
    assert rows[2]["question_language"] == "de"
