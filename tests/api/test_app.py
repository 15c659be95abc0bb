"""What leaves the server besides answers: nothing that a customer said."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from insight.api.app import Discreet
from tests.api.conftest import client_of


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


def test_it_starts_before_anything_was_published(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        assert 503 == client.get("/api/v1/health").status_code


def test_it_is_warm_when_it_starts(folder: Path) -> None:
    with client_of(folder) as client:
        assert 200 == client.get("/").status_code


def test_other_lines_of_the_log_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord("uvicorn.error", logging.INFO, "x", 1, "Started on %s", ("here",), None)

    assert Discreet().filter(record)
    assert "Started on here" == record.getMessage()
