"""What leaves the server besides answers: nothing that a customer said."""

from __future__ import annotations

import logging
import sys

import pytest

from insight.api.app import Discreet


def test_the_log_says_where_it_broke_and_not_what_was_said() -> None:
    try:
        raise ValueError("mail me at jane@example.com")
    except ValueError:
        record = logging.LogRecord(
            "uvicorn.error", logging.ERROR, "x", 1, "Exception in ASGI application", (), sys.exc_info()
        )

    assert Discreet().filter(record)
    text = logging.Formatter().format(record)
    assert text.startswith("ValueError at test_app.py:")
    assert "jane" not in text


def test_other_lines_of_the_log_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord("uvicorn.error", logging.INFO, "x", 1, "Started on %s", ("here",), None)

    assert Discreet().filter(record)
    assert "Started on here" == record.getMessage()
