"""Encoders turn texts into vectors: `static` (ours, the default), `minilm`, and `sentence_transformer` (any other).

A folder of its own because encoders are an open set: add a file with a `make`, and name it here.
"""

from collections.abc import Callable

import pyarrow as pa

from insight.encoders import minilm, sentence_transformer, static
from insight.encoders.base import Encoder, Vectors, embed
from insight.errors import SettingsError
from insight.settings import Encoder as EncoderPart

ENCODERS: dict[str, Callable[[EncoderPart], Encoder]] = {
    "minilm": minilm.make,
    "sentence_transformer": sentence_transformer.make,
    "static": static.make,
}


def encoder(part: EncoderPart) -> Encoder:
    """The encoder that the settings name.

    :raises SettingsError: no encoder has that name.
    """
    if part.name not in ENCODERS:
        raise SettingsError(
            "there is no such encoder", where="encoder.name", came=part.name, wanted=" or ".join(sorted(ENCODERS))
        )
    return ENCODERS[part.name](part)


def speaking(features: pa.Table, part: EncoderPart) -> Encoder:
    """The encoder that the shop's own texts have taught, where there is one; else the one that the settings name.

    :param features: as in ENCODER_FEATURES.
    """
    return static.taught(features) if len(features) else encoder(part)


__all__ = ["ENCODERS", "Encoder", "Vectors", "embed", "encoder", "speaking"]
