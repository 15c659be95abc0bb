"""The published sample shop and a client of its API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from insight.api.app import create_app
from insight.settings import Settings
from tests.api import shop


def client_of(folder: Path, *, address: str = "127.0.0.1", **parts: Any) -> TestClient:
    """A client that calls from `address`, and names the server by its loopback name."""
    told = {
        "home": folder.parent,
        "lake": {"path": folder.name},
        "shop": {"name": "North Ridge", "zone": shop.ZONE.key},
    }
    app = create_app(Settings.model_validate(told | parts))
    return TestClient(app, base_url="http://127.0.0.1:8321", client=(address, 50000), raise_server_exceptions=False)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    shop.publish(folder, shop.make())
    return folder


@pytest.fixture(scope="session")
def client(folder: Path) -> TestClient:
    return client_of(folder)
