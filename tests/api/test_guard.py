"""Who may ask, and how much may be sent."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.api import guard
from insight.errors import SettingsError
from insight.settings import Serve
from tests.api.conftest import client_of

TOKEN = "correct horse battery staple"
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()
LOCKED = {"serve": {"host": "0.0.0.0", "token_sha256": DIGEST}}
STRANGER = "203.0.113.9"


def basic(password: str) -> str:
    return f"Basic {base64.b64encode(f'anyone:{password}'.encode()).decode()}"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "shop.example", "", "127.0.0.1.example"])
def test_refuses_to_open_to_others_without_a_token(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError, match="token_sha256"):
        client_of(tmp_path, serve={"host": host})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "localhost", "::1", "[::1]"])
def test_needs_no_token_on_this_machine(host: str) -> None:
    guard.check(Serve(host=host))


@pytest.mark.parametrize("digest", ["", TOKEN, DIGEST.upper(), DIGEST[:-1], DIGEST + "0"])
def test_refuses_a_token_that_is_no_sha256(digest: str) -> None:
    with pytest.raises(SettingsError, match="no sha256"):
        guard.check(Serve(token_sha256=digest))


@pytest.mark.parametrize("sent", [f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(TOKEN)])
def test_a_stranger_with_the_token_comes_in(folder: Path, sent: str) -> None:
    answer = client_of(folder, address=STRANGER, **LOCKED).get("/api/v1/health", headers={"Authorization": sent})

    assert 200 == answer.status_code


@pytest.mark.parametrize(
    "sent",
    ["", "Bearer", "Bearer ", f"Bearer {DIGEST}", f"Bearer {TOKEN}x", TOKEN, basic("wrong"), "Basic %%%", "Basic YQ"],
)
def test_a_stranger_without_it_does_not(folder: Path, sent: str) -> None:
    answer = client_of(folder, address=STRANGER, **LOCKED).get("/api/v1/health", headers={"Authorization": sent})

    assert (401, "Bearer, Basic") == (answer.status_code, answer.headers["www-authenticate"][:13])


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_no_other_token_opens(sent: str) -> None:
    lock = guard.Guard(lambda scope, receive, send: None, token_sha256=DIGEST)  # type: ignore[arg-type, return-value]

    assert (sent.strip() == TOKEN) == lock._has_token(guard.Headers({"authorization": f"Bearer {sent.strip()}"}))


def test_no_token_opens_where_none_was_set(folder: Path) -> None:
    answer = client_of(folder, address=STRANGER).get("/api/v1/health", headers={"Authorization": "Bearer "})

    assert 401 == answer.status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:8321"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
def test_what_only_seems_to_come_from_this_machine_needs_the_token(folder: Path, headers: dict[str, str]) -> None:
    """A page elsewhere whose name resolves to 127.0.0.1, and a proxy that hands strangers on."""
    assert 401 == client_of(folder).get("/api/v1/health", headers=headers).status_code


@pytest.mark.parametrize("host", ["localhost", "localhost:8321", "127.0.0.1", "[::1]:8321", "[::1]"])
def test_this_machine_may_call_itself_by_any_of_its_names(folder: Path, host: str) -> None:
    assert 200 == client_of(folder).get("/api/v1/health", headers={"Host": host}).status_code


def test_a_large_body_is_refused(folder: Path) -> None:
    answer = client_of(folder).post("/api/v1/health", content=b"x" * (guard.MOST_BYTES + 1))

    assert (413, "application/problem+json") == (answer.status_code, answer.headers["content-type"])


def test_a_large_body_is_refused_while_it_comes_in(folder: Path) -> None:
    answer = client_of(folder).request("POST", "/api/v1/health", content=iter([b"x" * 1000] * 1000))

    assert 413 == answer.status_code


@pytest.mark.parametrize("told", ["-1", "many", "99999999999999999999", "1e3"])
def test_a_length_that_is_no_length_breaks_nothing(folder: Path, told: str) -> None:
    answer = client_of(folder).post("/api/v1/health", content=b"x", headers={"Content-Length": told})

    assert answer.status_code in (405, 413)


def test_a_small_body_is_passed_over(folder: Path) -> None:
    assert 200 == client_of(folder).request("GET", "/api/v1/health", content=b"{}").status_code
