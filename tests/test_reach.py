"""Mail addresses and phone numbers in one spelling each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.reach import mailbox, phone


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Ann@Example.com ", "ann@example.com"),
        ("ａｎｎ＠example．com", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com"),
        ("ann at example.com", None),
        ("n/a", None),
        ("@", None),
    ],
)
def test_a_mail_address_is_one_whatever_its_case_and_width(written, plain):
    assert plain == mailbox(written)


@pytest.mark.parametrize(
    ("written", "market", "digits"),
    [
        ("+49 30 123456-78", None, "493012345678"),
        ("0049 (0)30 12345678", "US", "493012345678"),
        ("030 / 12345678", "DE", "493012345678"),
        ("(201) 555-0123", "US", "12015550123"),
        ("1-201-555-0123", "US", "12015550123"),
        ("090-1234-5678", "JP", "819012345678"),
        ("０９０１２３４５６７８", "JP", "819012345678"),
        ("138 0013 8000", "CN", "8613800138000"),
        ("02 1234 5678", "IT", "390212345678"),
        ("030 12345678 Durchwahl 12", "DE", "493012345678"),
        ("030 12345678", None, "03012345678"),
        ("030 12345678", "XX", "03012345678"),
        ("12345", "DE", "4912345"),
        ("1234", None, None),
        ("000000000", None, None),
        ("12" * 10, "DE", None),
        ("none", "DE", None),
    ],
)
def test_a_phone_number_is_its_digits_with_the_code_of_its_country(written, market, digits):
    assert digits == phone(written, market)


@given(st.text(), st.sampled_from([None, "DE", "US", "zz"]))
def test_whatever_is_written_gives_digits_or_nothing(text, market):
    found = phone(text, market)

    assert found is None or (found.isascii() and found.isdigit() and found == phone(f"+{found}"))
    address = mailbox(text)
    assert address is None or address == mailbox(address)
