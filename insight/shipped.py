"""The files of models/: phrase lists, seeds and weights, each checked against the manifest before it is used.

`python -m insight.shipped --seal` writes the sha256 of every listed file into the manifest, after an edit by hand.
"""

from __future__ import annotations

import json as json_format
import re
import sys
import tomllib
from functools import cache
from hashlib import file_digest
from pathlib import Path
from typing import Any

from insight.errors import MissingPart

MANIFEST = "MANIFEST.toml"
SEAL = "python -m insight.shipped --seal"


@cache
def folder() -> Path:
    """Where the files lie: beside the package, in a checkout and in a wheel."""
    return Path(__file__).parent.parent / "models"


def path(name: str) -> Path:
    """The file, checked. Names use `/` below models/.

    :raises MissingPart: the manifest does not list it, it is absent, or it was changed.
    """
    return checked(folder(), name)


def toml(name: str) -> dict[str, Any]:
    """What a TOML file says. Do not change what you get: all callers share it."""
    return _toml(folder(), name)


def json(name: str) -> Any:
    """What a JSON file says. Do not change what you get: all callers share it."""
    return _json(folder(), name)


def tsv(name: str) -> list[dict[str, str]]:
    """The rows of a tab-separated file by the names in its first line; cells are not quoted."""
    head, *rows = path(name).read_text(encoding="utf-8").splitlines()
    return [dict(zip(head.split("\t"), row.split("\t"), strict=True)) for row in rows]


@cache
def checked(models: Path, name: str) -> Path:
    """`name` below the folder `models`, once its bytes match the manifest's sha256."""
    file, listed = models / name, manifest(models)
    if name not in listed:
        raise MissingPart("the manifest does not list this file", where=name, fix=f"describe it in models/{MANIFEST}")
    if not file.is_file():
        raise MissingPart("a shipped file is absent", where=name, fix=listed[name]["rebuild"])
    came, wanted = _sha256(file), listed[name]["sha256"]
    if came != wanted:
        raise MissingPart(
            "a shipped file was changed", where=name, came=came, wanted=wanted, fix=f"if the change is meant: `{SEAL}`"
        )
    return file


def manifest(models: Path) -> dict[str, dict[str, str]]:
    """By file: sha256, licence, sheet (what it is, how it was made, known limits) and rebuild (what makes it again)."""
    file = models / MANIFEST
    if not file.is_file():
        raise MissingPart("the shipped files have no manifest", where=str(file), fix="install insight again")
    listed: dict[str, dict[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))["files"]
    return listed


def seal(models: Path) -> list[str]:
    """Write the sha256 of every listed file into the manifest, leaving its other words as they stand.

    :returns: the files whose sha256 changed.
    :raises MissingPart: a listed file is absent, or its entry does not begin with its sha256.
    """
    words, changed = (models / MANIFEST).read_text(encoding="utf-8"), []
    for name, about in manifest(models).items():
        if not (models / name).is_file():
            raise MissingPart("a shipped file is absent", where=name, fix=about["rebuild"])
        entry = re.compile(rf'(\[files\."{re.escape(name)}"\]\nsha256 = )"[^"]*"')
        now = _sha256(models / name)
        words, found = entry.subn(rf'\g<1>"{now}"', words)
        if not found:
            raise MissingPart("the seal has no place", where=name, wanted='sha256 = "…" as the first line of its entry')
        changed += [name] * (now != about["sha256"])
    (models / MANIFEST).write_text(words, encoding="utf-8")
    return changed


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


@cache
def _toml(models: Path, name: str) -> dict[str, Any]:
    return tomllib.loads(checked(models, name).read_text(encoding="utf-8"))


@cache
def _json(models: Path, name: str) -> Any:
    return json_format.loads(checked(models, name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    if sys.argv[1:] != ["--seal"]:
        sys.exit(f"usage: {SEAL}")
    sys.stdout.write("".join(f"sealed {name}\n" for name in seal(folder())) or "nothing changed\n")
