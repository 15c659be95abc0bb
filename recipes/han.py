"""Make models/han.toml anew: `pip install opencc`, then `python -m recipes.han`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

from insight import shipped

FILE = "han.toml"
BLOCKS = ((0x3400, 0x9FFF), (0xF900, 0xFAFF))
LINE = 50


def main() -> None:
    """Convert each character, write those that change, seal."""
    changed = list(pairs())
    came, goes = ("".join(pair[side] for pair in changed) for side in (0, 1))
    words = [
        "# The form in which a Chinese character is compared: always the simplified one.",
        "# The character at a place of `from` becomes the one at the same place of `to`.",
        *("".join(part) for part in (("\nfrom = ", quoted(came)), ("\nto = ", quoted(goes)))),
    ]
    (shipped.folder() / FILE).write_text("\n".join(words) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(changed)} characters\n" + "".join(f"sealed {n}\n" for n in shipped.seal(shipped.folder())))


def pairs() -> Iterator[tuple[str, str]]:
    """A character and its simplified form, where OpenCC knows one that is a single character below U+10000."""
    opencc = import_module("opencc")
    modern, simple = opencc.OpenCC("jp2t"), opencc.OpenCC("t2s")
    for first, last in BLOCKS:
        for point in range(first, last + 1):
            form = simple.convert(modern.convert(chr(point)))
            if form != chr(point) and len(form) == 1 and ord(form) < 0x10000:
                yield chr(point), form


def quoted(text: str) -> str:
    """A TOML string over several lines."""
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return '"""\\\n' + "\\\n".join(lines) + '"""'


if __name__ == "__main__":
    main()
