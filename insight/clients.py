"""The doors to the world: files by pattern, and the key that hides customers."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from insight.errors import SettingsError, SourceError
from insight.schema import WORLD, Door
from insight.settings import Settings, SourcePart
from insight.sources import SOURCES, Page

KEY_BYTES = 32

WILD = frozenset("*?[")
"""Marks of a pattern."""


@dataclass(frozen=True)
class World:
    """Every page that the settings name, in a total order, and the key of the customers' hashes."""

    settings: Settings

    def __iter__(self) -> Iterator[tuple[SourcePart, Page]]:
        return self.pages()

    def pages(self) -> Iterator[tuple[SourcePart, Page]]:
        """Pages with the source they belong to, by source name and file.

        :raises SourceError: a source's kind is unknown, a pattern matches nothing, a file cannot be opened, two
            sources have one name.
        """
        _check_names(self.settings)
        for part in sorted(self.settings.sources, key=lambda part: part.name):
            for page in SOURCES[part.kind].fetch(self._get, part):
                yield part, page

    def read(self, door: Door = WORLD) -> World:
        """What the job that reads the world is handed: the pages, as it asks for them."""
        return self

    def digest(self, door: Door = WORLD) -> str:
        """Hash over the name and content of every page and what the settings say about it; changes with the key."""
        found = hashlib.sha256(hmac.digest(self.secret, b"digest", "sha256"))
        for part, page in self.pages():
            found.update("\0".join((part.model_dump_json(), page.file, page.sha256, "")).encode())
        return found.hexdigest()

    @cached_property
    def secret(self) -> bytes:
        """The key of the customers' hashes: the file that the settings name, else `customer.key` in the lake."""
        told = self.settings.privacy.customer_key_file
        return _kept_key(self.settings.lake_path / "customer.key") if told is None else _key(self.settings.home / told)

    def _get(self, pattern: str) -> Iterator[Page]:
        for path in files(self.settings.home, pattern):
            body = path.read_bytes()
            name = Path(os.path.relpath(path, self.settings.home)).as_posix()
            yield Page(name, body, hashlib.sha256(body).hexdigest())


def world(settings: Settings) -> World:
    """What the settings let in. Nothing is opened before it is asked for."""
    return World(settings)


def files(home: Path, pattern: str) -> list[Path]:
    """The files that a pattern below `home` names, in the order of their names.

    The pattern is the owner's own word, so it may lead out of `home` with `..`. What lies in a folder may be someone
    else's: a link there that leads out of the folder which the pattern names is refused.

    :raises SourceError: nothing matches, or a link leads out.
    """
    parts = Path(pattern).parts
    wild = next((n for n, part in enumerate(parts) if WILD & set(part)), len(parts) - 1)
    base = (home / Path(*parts[:wild])).resolve() if parts else home
    found = sorted(path for path in base.glob(str(Path(*parts[wild:]))) if path.is_file()) if parts else []
    if not found:
        raise SourceError(
            "there is no such file",
            where=pattern,
            came=f"nothing that matches in {base}",
            fix="mend `path`; it counts from the folder of insight.toml",
        )
    for path in found:
        if not path.resolve().is_relative_to(base):
            raise SourceError(
                "this link leads out of its folder", where=path.name, wanted=f"a file in {base}", fix="copy the file"
            )
    return found


def _check_names(settings: Settings) -> None:
    """Source names are unique and their kinds known."""
    seen: set[str] = set()
    for part in settings.sources:
        if part.kind not in SOURCES:
            raise SourceError(
                "there is no such kind of source", where=part.name, came=part.kind, wanted=", ".join(sorted(SOURCES))
            )
        if part.name in seen:
            raise SourceError("two sources have one name", where="[[sources]]", came=part.name, fix="rename one")
        seen.add(part.name)


def _kept_key(path: Path) -> bytes:
    """The key in the lake, made at first use: whole or not at all, and never a second one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: its key is the key
            path.hardlink_to(draft)
        draft.unlink()
    return _key(path)


def _key(path: Path) -> bytes:
    """:raises SettingsError: there is no such file, or it is too short for a key."""
    if not path.is_file():
        raise SettingsError("there is no key file", where=str(path), fix="mend privacy.customer_key_file")
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise SettingsError(
            "this key is too short",
            where=str(path),
            came=f"{len(key)} bytes",
            wanted=f"at least {KEY_BYTES}",
            fix="take the whole file from your backup; a new key gives every customer a new hash",
        )
    return key
