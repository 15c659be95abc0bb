"""Files that commands write for people: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from insight.errors import SettingsError


def write_whole(out: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write a text so that it is there as a whole or as it was before; its line ends stay as they are.

    :raises SettingsError: it cannot be written there.
    """
    write_bytes(out, text.encode(encoding))


def write_bytes(out: Path, data: bytes) -> None:
    """Write a file so that it is there as a whole or as it was before.

    :raises SettingsError: it cannot be written there.
    """
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(data)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        wanted = "a file in a folder that exists"
        raise SettingsError("this file cannot be written", where=str(out), came=str(error), wanted=wanted) from error
