"""The measure of the topic stage."""

import numpy as np
import pandas as pd
import pytest

from insight import encoders
from insight.encoders import static
from insight.errors import SourceError
from insight.evaluate import topics
from insight.settings import Encoder, Settings, Topics

SETTINGS = Settings(home=".", encoder=Encoder(name="planted"), topics=Topics(min_mentions=5))


class Planted:
    """A fake encoder: the first word of a text is its direction, the rest a little noise."""

    name = "planted"

    def encode(self, texts, tell):
        rows = np.zeros((len(texts), 32), np.float32)
        for row, text in zip(rows, texts, strict=True):
            chance = np.random.default_rng(sum(map(ord, text)))
            row += 0.1 * chance.normal(size=32)
            row[sum(map(ord, text.split()[0])) % 32] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def planted(monkeypatch):
    monkeypatch.setitem(encoders.ENCODERS, "planted", lambda part: Planted())


def frame(each=20):
    rows = [(f"{word} text {i}", word) for word in ("size", "parcel", "refund") for i in range(each)]
    return pd.DataFrame(rows, columns=["said", "gold"])


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_planted_topics_are_found_and_scored(tmp_path, kind):
    path = tmp_path / f"gold.{kind}"
    frame().to_parquet(path) if kind == "parquet" else frame().to_csv(path, index=False)
    scores = topics.topics_file(path, text="said", gold="gold", settings=SETTINGS)
    assert (scores.accuracy, scores.nmi, scores.ari, scores.topics, scores.gold_topics) == (
        1,
        pytest.approx(1),
        1,
        3,
        3,
    )
    assert scores.unassigned == 0
    assert scores.seconds > 0
    assert scores.peak_mb > 1


def test_an_unassigned_text_counts_as_wrong():
    rows = pd.concat([frame(), pd.DataFrame({"said": ["zzz alone", "yyx alone"], "gold": ["size", "size"]})])
    scores = topics.topics(rows["said"].tolist(), rows["gold"].tolist(), SETTINGS)
    assert scores.unassigned == pytest.approx(2 / 62)
    assert scores.accuracy == pytest.approx(60 / 62)
    assert scores.nmi < 1


def test_copies_of_a_text_are_scored_each():
    rows = frame()
    scores = topics.topics([*rows["said"], *["size text 0"] * 40], [*rows["gold"], *["size"] * 40], SETTINGS)
    assert scores.accuracy == 1


def test_a_split_that_has_nothing_to_do_with_the_gold_scores_low():
    scores = topics.topics([f"size {i}" for i in range(40)], ["a", "b"] * 20, SETTINGS)
    assert scores.accuracy < 0.7
    assert scores.ari == pytest.approx(0, abs=0.1)


def test_the_encoder_learns_from_the_texts_where_it_is_told_to(monkeypatch):
    heard = []

    def taught(said, languages, speakers, **told):
        heard.append((list(said), len(speakers), told["sample"]))
        return static.ships(), {}

    monkeypatch.setattr(topics.adapt, "taught", taught)
    texts = [f"where is order {i} of mine" for i in range(600)]
    told = Settings(home=".", encoder=Encoder(sample=7))
    topics.topics_of([*texts, *texts[:50]], told)
    assert sorted(heard[0][0]) == sorted(texts), "each text once"
    assert heard[0][1:] == (600, 7)
    topics.topics_of(texts, told.model_copy(update={"encoder": Encoder(adapt=False)}))
    assert len(heard) == 1


def test_a_wrong_column_is_answered_with_the_columns_found(tmp_path):
    frame().to_parquet(tmp_path / "gold.parquet")
    with pytest.raises(SourceError) as error:
        topics.topics_file(tmp_path / "gold.parquet", text="utterance", gold="gold", settings=SETTINGS)
    assert (error.value.came, error.value.wanted) == ("utterance", "said or gold")


@pytest.mark.parametrize(
    ("name", "body"), [("a.txt", b"said"), ("none.csv", None), ("bad.parquet", b"PAR"), ("empty.csv", b"said,gold\n")]
)
def test_a_file_that_cannot_be_scored_is_refused_in_words(tmp_path, name, body):
    if body is not None:
        (tmp_path / name).write_bytes(body)
    with pytest.raises(SourceError):
        topics.topics_file(tmp_path / name, text="said", gold="gold", settings=SETTINGS)
