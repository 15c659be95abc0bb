"""CSV that a spreadsheet shows and never runs."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from insight.sheets import csv_text, harmless


def test_numbers_stay_numbers_and_nothing_is_empty():
    assert csv_text(["a", "b"], [[-1.5, None], ["x,y", 'say "hi"']]) == 'a,b\r\n-1.5,\r\n"x,y","say ""hi"""\r\n'


@given(st.text(max_size=40))
def test_no_text_begins_as_a_formula(text):
    assert harmless(text).lstrip(" \u00a0")[:1] not in tuple("=+-@\t\r\n")


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)))
def test_what_is_written_can_be_read_again(cells):
    [row] = list(csv.reader(io.StringIO(csv_text([str(n) for n in range(len(cells) + 1)], [["lead", *cells]]))))[1:]

    assert row == ["lead", *(harmless(cell) for cell in cells)]
