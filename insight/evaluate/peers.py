"""Who is compared when encoders are measured: the one of the settings, MiniLM, TF-IDF with SVD, Model2Vec, any model.

An entrant is asked for its encoder once for each file, with the texts of the file and never their labels. Most take no
notice of the texts; TF-IDF is fitted on them, and an adapted encoder learns from them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from insight.encoders import ENCODERS, Encoder, Vectors, encoder, minilm
from insight.encoders.static import StaticEncoder
from insight.errors import InsightError, MissingPart, SettingsError
from insight.evaluate.adapted import adapted, distinct
from insight.evaluate.gold import SEED
from insight.settings import Encoder as EncoderPart
from insight.settings import Privacy

Tell = Callable[[int, int], None]

MINILM = "minilm"
TFIDF = "tfidf"
MODEL2VEC = "model2vec"
PEERS = (TFIDF, MODEL2VEC, MINILM)

COMPONENTS = 100
"""Of the SVD over TF-IDF."""


@dataclass(frozen=True)
class Entrant:
    """One row of a comparison.

    :param name: what the row is called; unique in a run.
    :param ready: the encoder for these texts, loaded or fitted.
    :param own_text: it learns from a shop's texts, so parallel files are met by what the first labelled file made.
    :param peer: it is here to be compared with; where it is not installed the run goes on without it.
    """

    name: str
    ready: Callable[[Sequence[str], Tell], Encoder]
    own_text: bool = False
    peer: bool = True


def entrants(
    part: EncoderPart, peers: Sequence[str], *, adapt: bool, exact: Callable[[], Encoder] | None = None
) -> list[Entrant]:
    """The rows of a run: the encoder of the settings, its exact twin, what it adapts to, and the peers, each once.

    :param exact: the same encoder before its weights were rounded, where one was kept.
    :param peers: `tfidf`, `model2vec`, a name of insight/encoders, or a folder that sentence-transformers loads.
    :raises SettingsError: a peer is none of these.
    """
    chosen = encoder(part)
    name = part.name if part.name in ENCODERS and part.name != "sentence_transformer" else chosen.name
    made = [Entrant(name, lambda texts, tell: chosen, peer=False)]
    if exact:
        made.append(_always(exact_name(name), exact, peer=False))
    if adapt:
        made.append(Entrant(f"{name} (adapted)", partial(_adapted, chosen), own_text=True, peer=False))
    return [*made, *(_peer(other, part.batch) for other in dict.fromkeys(peers) if other != name)]


def exact_name(name: str) -> str:
    """What the row of an encoder's exact twin is called."""
    return f"{name} (fp32)"


def _adapted(encoder: Encoder, texts: Sequence[str], tell: Tell) -> Encoder:
    """The encoder after it has learned from these texts.

    :raises InsightError: this encoder cannot learn.
    """
    if not isinstance(encoder, StaticEncoder):
        raise InsightError("this encoder cannot be adapted", came=encoder.name, fix="leave --adapt out")
    said = list(distinct(texts).values())
    return adapted(said, sample=EncoderPart().sample, min_customers=Privacy().min_customers, tell=tell)[0]


def _peer(name: str, batch: int) -> Entrant:
    """The entrant of this name."""
    if name == TFIDF:
        return Entrant(TFIDF, lambda texts, tell: TfidfSvd(texts))
    if name == MODEL2VEC:
        return _always(MODEL2VEC, Model2Vec)
    if name in ENCODERS and name != "sentence_transformer":  # that one is named by its folder
        return _always(name, lambda: encoder(EncoderPart(name=name, batch=batch)))
    if Path(name).is_dir():
        return _always(name, lambda: encoder(EncoderPart(name="sentence_transformer", model=name, batch=batch)))
    raise SettingsError(
        "there is no such peer",
        where="--peers",
        came=name,
        wanted=", ".join([*PEERS, *sorted(set(ENCODERS) - {MINILM, "sentence_transformer"})]) + ", or a model's folder",
    )


def _always(name: str, make: Callable[[], Encoder], *, peer: bool = True) -> Entrant:
    """An entrant whose encoder is made once and takes no notice of the texts."""
    made = cache(make)
    return Entrant(name, lambda texts, tell: made(), peer=peer)


class TfidfSvd:
    """TF-IDF of words, word pairs and 3 to 5 characters of a word, fitted on the texts, in at most 100 dimensions.

    Latent semantic analysis (Deerwester et al. 1990) with sublinear term counts.
    """

    name = "TF-IDF + SVD"

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.utils.extmath import randomized_svd
        from threadpoolctl import threadpool_limits

        self._counts = TfidfVectorizer(analyzer=_features, sublinear_tf=True, dtype=np.float32)
        found = self._counts.fit_transform(texts)
        with threadpool_limits(limits=1):
            _, _, axes = randomized_svd(found, min(COMPONENTS, *found.shape), random_state=SEED)
        self._axes = axes.T

    def encode(self, texts: Sequence[str], tell: Tell) -> Vectors:
        """One unit vector per text; nothing but noughts for a text without a known feature."""
        return unit(self._counts.transform(texts) @ self._axes)


class Model2Vec:
    """Model2Vec (Tulkens & van Dongen 2024) of the MiniLM that is installed, with the defaults of its package.

    Each piece of the vocabulary goes through the model alone; PCA to 256 dimensions; weights by the pieces' ranks.

    :raises MissingPart: the package is not installed.
    """

    def __init__(self) -> None:
        if find_spec("model2vec") is None or find_spec("skeletoken") is None:
            raise MissingPart("Model2Vec is not installed", fix="pip install 'insight[peers]'")
        from model2vec.distill import distill

        self.name = f"model2vec {version('model2vec')}"
        with redirect_stderr(io.StringIO()):  # its own bar would tear ours
            self._model = distill(str(minilm.folder()), device="cpu")

    def encode(self, texts: Sequence[str], tell: Tell) -> Vectors:
        """One unit vector per text; nothing but noughts for a text without a known piece."""
        return unit(self._model.encode(list(texts), use_multiprocessing=False))


def unit(rows: Any) -> Vectors:
    """Rows of length one as float32; a row of noughts stays one."""
    found: Vectors = np.array(rows, np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    found /= np.where(lengths > 0, lengths, 1)
    return found


def _features(text: str) -> list[str]:
    """Words, word pairs and character pieces; a text without a word is its own only feature."""
    words = re.findall(r"\w+", text.lower())
    pairs = [f"{one} {other}" for one, other in pairwise(words)]
    marked = [f" {word} " for word in words]
    pieces = [word[at : at + size] for word in marked for size in (3, 4, 5) for at in range(len(word) - size + 1)]
    return [*words, *pairs, *pieces] or [text]
