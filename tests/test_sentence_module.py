"""Our encoder through sentence-transformers: the same vectors, and a folder that was tampered with."""

import shutil

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from insight import shipped
from insight.encoders import static
from insight.errors import MissingPart

TEXTS = ["where is my parcel?", "", "物流太慢了", "x" * 5_000, "Wo ist mein Paket?"]
FOLDER = shipped.folder() / "encoder"


def test_the_folder_loads_as_any_model_does_and_gives_our_vectors():
    model = SentenceTransformer(str(FOLDER), device="cpu", trust_remote_code=True)
    assert model.get_embedding_dimension() == static.ships().dimensions
    assert np.array_equal(model.encode(TEXTS, batch_size=2), static.ships().vectors(TEXTS))


def test_what_was_saved_loads_again(tmp_path):
    SentenceTransformer(str(FOLDER), device="cpu", trust_remote_code=True).save(str(tmp_path / "copy"))
    again = SentenceTransformer(str(tmp_path / "copy"), device="cpu", trust_remote_code=True)
    assert np.array_equal(again.encode(TEXTS), static.ships().vectors(TEXTS))


def test_a_copy_with_one_flipped_bit_is_refused(tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(FOLDER, folder)
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1000] ^= 1
    weights.chmod(0o644)
    weights.write_bytes(data)
    with pytest.raises(MissingPart, match="changed"):
        SentenceTransformer(str(folder), device="cpu", trust_remote_code=True)


def test_a_folder_without_weights_is_refused(tmp_path):
    shutil.copy(FOLDER / "modules.json", tmp_path)
    with pytest.raises(MissingPart, match="no static encoder"):
        SentenceTransformer(str(tmp_path), device="cpu", trust_remote_code=True)
