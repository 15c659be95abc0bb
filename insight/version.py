"""Which code is this? One digest over everything that can change a result: sources, models, and pinned libraries."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parent
LIBRARIES = (
    "bertopic",
    "deltalake",
    "duckdb",
    "narwhals",
    "networkit",
    "numpy",
    "pandas",
    "py3langid",
    "pyarrow",
    "python-calamine",
    "rjieba",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "torch",
)
ONLY_SHOWS = ("api", "cli")  # these read results and make none


def code_digest() -> str:
    """The digest; equal for equal code, wherever it is installed."""
    summed = hashlib.sha256()
    for name in LIBRARIES:
        summed.update(f"{name}=={version(name)}\n".encode())
    for root in (PACKAGE, PACKAGE.parent / "jobs", PACKAGE.parent / "models"):
        for file in sorted(root.rglob("*")):
            place = file.relative_to(root)
            if file.suffix in {".py", ".toml"} and place.parts[0] not in ONLY_SHOWS:
                summed.update(str(place).encode())
                summed.update(file.read_bytes())
    return summed.hexdigest()
