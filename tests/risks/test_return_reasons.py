"""Codes of returns as platforms write them: a defect, a dispute, or neither."""

from __future__ import annotations

import pandas as pd
import pytest

from insight.risks.return_reasons import DEFECT, DISPUTE, of_kind, plain


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("DEFECTIVE", DEFECT),
        ("CR-DEFECTIVE", DEFECT),
        ("Missing parts", DEFECT),
        ("QUALITY_UNACCEPTABLE", DEFECT),
        ("质量问题", DEFECT),
        ("少件/漏发", DEFECT),
        ("A-to-z claim", DISPUTE),
        ("chargeback", DISPUTE),
        ("拒付", DISPUTE),
        ("SIZE_TOO_SMALL", None),
        ("NOT_AS_DESCRIBED", None),
        ("not defective", None),
        ("unknown", None),
    ],
)
def test_each_code_is_of_one_kind_or_none(reason: str, kind: str | None) -> None:
    told = pd.Series([reason, None], dtype=object)

    assert [kind == DEFECT, False] == of_kind(told, DEFECT).tolist()
    assert [kind == DISPUTE, False] == of_kind(told, DISPUTE).tolist()


def test_marks_and_capitals_do_not_matter() -> None:
    assert "cr damaged by fc" == plain("CR-DAMAGED_BY_FC ") == plain("cr damaged  by fc")


def test_no_reason_at_all() -> None:
    assert [] == of_kind(pd.Series([], dtype=object), DEFECT).tolist()
