"""Any model that sentence-transformers can load: a folder on this machine, or an id of a model hub."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from insight.encoders.base import Encoder, sentence_encoder
from insight.errors import SettingsError
from insight.settings import Encoder as EncoderPart


def make(part: EncoderPart) -> Encoder:
    """The encoder; its weights are read when the first text comes.

    :raises SettingsError: no model is named, or the path is a file.
    :raises MissingPart: the backend is not installed.
    """
    if not part.model:
        raise SettingsError(
            "the encoder sentence_transformer needs a model",
            where="encoder.model",
            wanted="a folder, or an id such as 'intfloat/multilingual-e5-small'",
        )
    path = Path(part.model).expanduser()
    if path.is_file():
        raise SettingsError("a model is a folder", where="encoder.model", came=path.name, fix="name its folder")
    return sentence_encoder(name(part.model, path), part.model, part)


def name(model: str, path: Path) -> str:
    """A folder is named by what lies in it, so that exchanged weights never mix with old vectors; an id by itself."""
    if not path.is_dir():
        return model
    digest = sha256()
    for file in sorted(f for f in path.rglob("*") if f.is_file()):
        digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                digest.update(block)
    return f"{path.name} {digest.hexdigest()[:12]}"
