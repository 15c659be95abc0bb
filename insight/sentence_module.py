"""The static encoder as a module of sentence-transformers, which models/encoder/modules.json names.

`SentenceTransformer("models/encoder", trust_remote_code=True)` works wherever insight is installed; the flag is what
sentence-transformers asks for, from version 6 on, before it imports any class that is not its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers.base.modules.input_module import InputModule

from insight.errors import MissingPart
from insight.pooling import REMAKE, StaticTable

FILE = "model.safetensors"


class StaticSentences(InputModule):  # type: ignore[misc]
    """Texts to unit vectors through a static table. There is nothing to train here: see distil.py."""

    def __init__(self, table: StaticTable) -> None:
        super().__init__()
        self.table = table

    def preprocess(self, inputs: Any, prompt: str | None = None, **_: Any) -> dict[str, torch.Tensor]:
        """The vectors themselves: reading and adding up are one pass."""
        texts = self._prepend_prompt(inputs, prompt) if prompt else inputs
        return {"sentence_embedding": torch.from_numpy(self.table.vectors(list(texts)))}

    def forward(self, features: dict[str, torch.Tensor], **_: Any) -> dict[str, torch.Tensor]:
        """Nothing is left to do."""
        return features

    def get_embedding_dimension(self) -> int:
        """Of a vector."""
        return self.table.dimensions

    @property
    def max_seq_length(self) -> float:
        """No text is cut."""
        return np.inf

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Write the table into a folder."""
        (Path(output_path) / FILE).write_bytes(self.table.to_bytes())

    @classmethod
    def load(cls, model_name_or_path: str, *_: Any, **__: Any) -> StaticSentences:
        """The module of a folder.

        :raises MissingPart: the folder has no table, or one that was changed.
        """
        file = Path(model_name_or_path) / FILE
        if not file.is_file():
            raise MissingPart("this folder holds no static encoder", where=str(file), fix=REMAKE)
        return cls(StaticTable.from_bytes(file.read_bytes()))
