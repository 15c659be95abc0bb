"""What the table source keeps, refuses, and says about mappings that do not fit."""

import json

import pytest

from insight.errors import SourceError
from insight.settings import SourcePart
from insight.sources import Found, Page, Rejected, Rows, Skipped
from insight.sources.table import read

COLUMNS = {"message_id": "id", "conversation_id": "talk", "author": "who", "sent": "when", "text": "said"}
HEAD = "id,talk,who,when,said\n"
NOON = "2024-05-01T12:00:00Z"


def reading(body, *, file="in/messages.csv", feeds="messages", columns=None, **told):
    part = SourcePart(name="probe", path=file, feeds=feeds, columns=COLUMNS if columns is None else columns, **told)
    return list(read(Page(file, body.encode() if isinstance(body, str) else body, ""), part))


def rows(items):
    return [row for item in items if isinstance(item, Rows) for row in item.table.to_pylist()]


def lines(items):
    return [line for item in items if isinstance(item, Rows) for line in item.lines.to_pylist()]


def refused(items):
    return [(item.line, item.field, item.reason) for item in items if isinstance(item, Rejected)]


def test_ids_and_words_survive_as_they_were_written():
    items = reading(f'{HEAD}00123,007,customer,{NOON},NA\n1e5,x,customer,{NOON},"null, ""he"" said"\n')

    assert [("00123", "007", "NA"), ("1e5", "x", 'null, "he" said')] == [
        (r["message_id"], r["conversation_id"], r["text"]) for r in rows(items)
    ]


def test_lines_are_those_of_the_file_also_after_texts_over_several_lines_and_blank_ones():
    items = reading(f'{HEAD}1,a,customer,{NOON},"one\ntwo\nthree"\n\n2,a,agent,{NOON},x\n3,a,agent,soon,y\n')

    assert [2, 6] == lines(items)
    assert [(7, "sent", "not_a_time")] == refused(items)


def test_a_quote_that_is_never_closed_costs_its_line_and_no_other():
    body = f'{HEAD}1,a,customer,{NOON},"open\n' + "".join(f'{n},a,agent,{NOON},"fine {n}"\n' for n in range(2, 50))
    items = reading(body)

    assert [(2, "row", "broken_quotes")] == refused(items)
    assert [str(n) for n in range(2, 50)] == [r["message_id"] for r in rows(items)]


def test_a_quote_that_is_never_closed_at_the_end_of_the_file_costs_its_line():
    items = reading(f'{HEAD}1,a,customer,{NOON},x\n2,a,customer,{NOON},"open\n3,a,agent,{NOON},y\n')

    assert [(3, "row", "broken_quotes")] == refused(items)
    assert ["1", "3"] == [r["message_id"] for r in rows(items)]


def test_a_record_over_several_lines_that_does_not_fit_the_header_costs_no_line_after_it():
    items = reading(f'{HEAD}1,a,customer,"open\n2,a,agent,",{NOON},x\n3,a,agent,{NOON},y\n')

    assert [(2, "row", "broken_quotes"), (3, "row", "broken_quotes")] == refused(items)
    assert ["3"] == [r["message_id"] for r in rows(items)]


def test_a_ragged_row_is_refused_with_its_line():
    assert [(3, "row", "ragged")] == refused(
        reading(f"{HEAD}1,a,customer,{NOON},x\n2,a,customer\n3,a,agent,{NOON},y\n")
    )


def test_a_cell_of_200_000_characters_is_refused_and_the_next_row_read():
    items = reading(f"{HEAD}1,a,customer,{NOON},{'x' * 200_000}\n2,a,agent,{NOON},y\n")

    assert [(2, "row", "too_long")] == refused(items)
    assert ["2"] == [r["message_id"] for r in rows(items)]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm():
    items = reading(b"\xef\xbb\xbf" + f"{HEAD}1,a,customer,{NOON},x\n".replace("\n", "\r\n").encode())

    assert ["1"] == [r["message_id"] for r in rows(items)]


def test_nul_emoji_and_right_to_left_marks_are_read():
    items = reading(f"{HEAD}1,a,customer,{NOON},a\0b👍\u202ec\n")

    assert ["a\0b👍\u202ec"] == [r["text"] for r in rows(items)]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "cp932"])
def test_text_in_another_encoding_is_refused_until_it_is_told(encoding):
    body = f"{HEAD}1,a,customer,{NOON},返品したい大小\n".encode(encoding)

    [refusal] = [item for item in reading(body) if isinstance(item, Rejected)]
    assert (0, "encoding", "wrong_encoding") == (refusal.line, refusal.field, refusal.reason)
    assert "line" in refusal.came
    assert ["返品したい大小"] == [r["text"] for r in rows(reading(body, encoding=encoding))]


def test_json_keeps_ids_and_flattens_inner_objects():
    body = "\n".join(
        json.dumps(row)
        for row in (
            {"id": 9007199254740993, "conversation": {"id": "00123"}, "who": "customer", "when": NOON, "said": "null"},
            {"id": "00123", "conversation": {"id": 7}, "who": "agent", "when": NOON, "said": None},
        )
    )
    items = reading(body, file="x.jsonl", columns={**COLUMNS, "conversation_id": "conversation.id"})

    assert [("9007199254740993", "00123", "null"), ("00123", "7", "")] == [
        (r["message_id"], r["conversation_id"], r["text"]) for r in rows(items)
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "1", "id": "2"}', "duplicate_key"),
        ('{"a": {"b": 1}, "a.b": 2}', "duplicate_key"),
        ('{"id": "\\ud83d"}', "half_a_character"),
        ("[" * 100_000, "too_deep"),
        ('{"a":' * 3_000 + "1" + "}" * 3_000, "too_deep"),
        ("[1, 2]", "not_an_object"),
        ('{"id": ', "not_json"),
    ],
)
def test_a_broken_line_of_json_is_refused_with_its_line_and_the_next_one_read(line, reason):
    good = json.dumps({"id": "1", "talk": "a", "who": "customer", "when": NOON, "said": "x"})
    items = reading(f"{good}\n{line}\n", file="x.jsonl")

    assert [(2, "row", reason)] == refused(items)
    assert 1 == len(rows(items))


def test_numbers_without_end_are_refused():
    body = "\n".join(f'{{"r": "{n}", "o": "1", "when": "{NOON}", "stars": {n}}}' for n in ("1e999", "NaN"))
    columns = {"review_id": "r", "order_id": "o", "reviewed": "when", "score": "stars"}

    items = reading(body, file="x.jsonl", feeds="reviews", columns=columns, scale=(1, 5))

    assert [(1, "score", "not_a_number"), (2, "score", "not_a_number")] == refused(items)


def test_scores_off_the_scale_are_refused_also_where_the_best_is_the_lowest():
    columns = {"review_id": "r", "reviewed": "when", "score": "stars"}
    body = f"r,when,stars\n1,{NOON},1\n2,{NOON},6\n3,{NOON},0\n"

    for scale in ((1, 6), (6, 1)):
        items = reading(body, feeds="reviews", columns=columns, scale=scale)
        assert [(4, "score", "off_scale")] == refused(items)


def test_binary_noise_of_floats_is_no_part_of_an_amount():
    items = reading(
        '{"o": "1", "when": "2024-05-01T12:00:00Z", "paid": 58.900000000000006}',
        file="x.jsonl",
        feeds="orders",
        columns={"order_id": "o", "ordered": "when", "total": "paid"},
    )

    assert ["58.900000"] == [str(r["total"]) for r in rows(items)]


def test_rows_that_the_mapping_leaves_out_are_counted_and_not_judged():
    items = reading(f"{HEAD}1,a,kb,nonsense,x\n2,a,,nonsense,x\n3,a,agent,{NOON},y\n", skip={"who": ["kb", ""]})

    assert [2] == [item.rows for item in items if isinstance(item, Skipped)]
    assert [] == refused(items)
    assert ["3"] == [r["message_id"] for r in rows(items)]


def test_values_say_what_the_words_of_a_file_mean_and_an_unknown_author_is_refused_with_the_fix():
    items = reading(
        f"{HEAD}1,a,BUYER,{NOON},x\n2,a,,{NOON},x\n3,a,Robot,{NOON},x\n",
        values={"author": {"BUYER": "customer", "": "system"}},
    )

    assert ["customer", "system"] == [r["author"] for r in rows(items)]
    [refusal] = [item for item in items if isinstance(item, Rejected)]
    assert (4, "author", "unknown_value", "Robot") == (refusal.line, refusal.field, refusal.reason, refusal.came)
    assert "values.author" in refusal.fix


def test_every_bad_cell_of_a_row_has_its_own_reason():
    assert [(2, "conversation_id", "missing"), (2, "author", "unknown_value"), (2, "sent", "naive_time")] == refused(
        reading(f"{HEAD}1,,Bob,2024-05-01 12:00,x\n")
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            {"columns": {**COLUMNS, "text": "sayd"}},
            ["messages.csv, line 1", "'sayd'", "did you mean 'said'", "id, talk, who"],
        ),
        ({"columns": {**COLUMNS, "txt": "said"}}, ["no column 'txt'", "did you mean 'text'"]),
        ({"columns": {"message_id": "id", "author": "who", "sent": "when"}}, ["'conversation_id'", "columns"]),
        ({"fixed": {"author": "customer"}}, ["'author' is told twice"]),
        ({"skip": {"rolle": ["x"]}}, ["'rolle'"]),
        ({"feeds": "reviews", "columns": {"reviewed": "when", "score": "id"}}, ["scale = [1, 5]"]),
        ({"encoding": "utf-9"}, ["utf-9", "gb18030"]),
    ],
)
def test_a_mapping_that_does_not_fit_is_an_error_that_says_what_to_do(told, words):
    with pytest.raises(SourceError) as caught:
        reading(f"{HEAD}1,a,customer,{NOON},x\n", **told)

    assert [] == [word for word in words if word not in str(caught.value)]


def test_a_file_of_one_cell_per_line_is_told_to_name_its_delimiter():
    with pytest.raises(SourceError, match="delimiter"):
        reading(HEAD.replace(",", ";") + "1;a;customer;x;y\n")


def test_two_columns_of_one_name_are_no_column():
    with pytest.raises(SourceError, match="two columns are called 'said'"):
        reading("id,talk,who,when,said,said\n")


def test_a_first_row_that_is_no_header_is_not_shown():
    with pytest.raises(SourceError) as caught:
        reading(f"1,a,customer,{NOON},bob@example.com\n")

    assert "bob@example.com" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (HEAD, 1),
        ("", 1),
        (f'{HEAD}1,a,customer,{NOON},"one\ntwo"\n\n2,a\n3,a,agent,soon,y\n', 3),
        ('id,talk,"open', 1),
    ],
)
def test_the_rows_of_a_page_are_told_apart_from_what_became_of_them(body, found):
    assert [found] == [item.rows for item in reading(body) if isinstance(item, Found)]


def test_a_header_without_rows_is_an_empty_file():
    items = reading(HEAD)

    assert ([], [(0, "file", "empty_file")]) == (rows(items), refused(items))
