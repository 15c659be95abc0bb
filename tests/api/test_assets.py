"""Pages load style and scripts from here, at addresses that change with the content."""

from __future__ import annotations

import gzip

import pytest
from starlette.testclient import TestClient

from insight.api.assets import TYPES, address, asset, foreign_sheets, names


@pytest.mark.parametrize("name", names())
def test_every_file_is_served_for_a_year(client: TestClient, name: str) -> None:
    answer = client.get(address(name))

    assert (200, asset(name).body) == (answer.status_code, answer.content)
    assert "private, max-age=31536000, immutable" == answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith(TYPES["." + name.rpartition(".")[2]])


def test_a_browser_that_can_unpack_gets_it_packed(client: TestClient) -> None:
    answer = client.get(address("plotly.min.js"))

    assert "gzip" == answer.headers["content-encoding"]
    assert gzip.decompress(asset("plotly.min.js").packed) == answer.content


def test_one_that_cannot_gets_it_plain(client: TestClient) -> None:
    answer = client.get(address("page.css"), headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/static/0/page.css", "/static/0/../app.py", "/static/0/%2e%2e%2fapp.py", "/static/0/x.js"]
)
def test_nothing_else_can_be_had(client: TestClient, path: str) -> None:
    assert 404 == client.get(path).status_code


@pytest.mark.parametrize("name", [n for n in names() if n != "plotly.min.js"])
def test_no_file_of_ours_names_an_outside_address(name: str) -> None:
    assert not {b"http://", b"https://", b"//cdn"} & {
        p for p in (b"http://", b"https://", b"//cdn") if p in _mine(name)
    }


def test_plotly_is_kept_from_adding_style_sheets() -> None:
    """If Plotly stops naming them so, the page still works; the browser only blocks them with a message."""
    assert foreign_sheets()


def _mine(name: str) -> bytes:
    return asset(name).body.replace(b'xmlns="http://www.w3.org/2000/svg"', b"")
