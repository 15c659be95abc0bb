"""Encoders side by side: clusters, few-shot labels, translations, cost, and files that cannot be measured."""

import json
import sys
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from insight import encoders
from insight.cli import app
from insight.errors import InsightError, MissingPart, SettingsError, SourceError
from insight.evaluate import base, encoder, gold, peers
from insight.settings import Encoder, Settings

SETTINGS = Settings(home=".", encoder=Encoder(name="planted"))
WORDS = ("size", "parcel", "refund")
GERMAN = {"size": "groesse", "parcel": "paket", "refund": "geld"}


def quiet(done, total):
    pass


class Planted:
    """A fake encoder: known words are directions, in whatever language; a number in the text turns it a little."""

    name = "planted 1"
    meaning = MappingProxyType({said: at for at, word in enumerate(WORDS) for said in (word, GERMAN[word])})

    def encode(self, texts, tell):
        rows = np.zeros((len(texts), 64), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[self.meaning.get(word, 3)] += 4
                if word.isdigit():
                    row[4 + int(word) % 60] += 1
        tell(len(texts), len(texts))
        return peers.unit(rows)


class Blind(Planted):
    """As MiniLM stands in here: it knows no German."""

    name = "blind 1"
    meaning = MappingProxyType({word: at for at, word in enumerate(WORDS)})


class Rounded(Planted):
    """An encoder that lost something when its weights were rounded."""

    name = "rounded 1"
    meaning = MappingProxyType({"size": 0, "parcel": 0, "refund": 2})


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    monkeypatch.setitem(encoders.ENCODERS, "planted", lambda part: Planted())
    monkeypatch.setitem(encoders.ENCODERS, "rounded", lambda part: Rounded())
    monkeypatch.setitem(encoders.ENCODERS, "minilm", lambda part: Blind())
    monkeypatch.setattr(encoder, "LEAST_SECONDS", 0.0)


def frame(each=12):
    rows = [(f"{word} {i}", word, "test" if i % 2 else "train") for word in WORDS for i in range(each)]
    return pd.DataFrame(rows, columns=["said", "topic", "split"])


def pair_frame(each=12):
    rows = [(f"{word} {i}", f"{GERMAN[word]} {i}") for word in WORDS for i in range(each)]
    return pd.DataFrame(rows, columns=["en", "de"])


@pytest.fixture
def labelled(tmp_path):
    frame().to_parquet(tmp_path / "gold.parquet")
    return gold.Labelled(tmp_path / "gold.parquet", "said", "topic")


@pytest.fixture
def parallel(tmp_path):
    pair_frame().to_csv(tmp_path / "pairs.csv", index=False)
    return gold.Parallel(tmp_path / "pairs.csv", "en", "de")


def said(*words):
    result = CliRunner().invoke(app, ["eval", "encoder", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


# ---------------------------------------------------------------- measures, worked by hand


def test_clusters_are_matched_with_labels_one_to_one():
    tight = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]], np.float32)

    accuracies, nmis = encoder.clustered(tight, ["a", "a", "b", "b", "b", "b"])

    # clusters {0,1,2} and {3,4,5}: a with the first, b with the second, so five of six are right
    assert accuracies == [pytest.approx(5 / 6)] * encoder.SEEDS
    # H(gold) = .9183 bit, H(found) = 1, H(gold | found) = .4591, so I = .4591, over the mean .9591
    assert nmis == [pytest.approx(0.4787, abs=1e-4)] * encoder.SEEDS


def test_fewer_distinct_vectors_than_labels_still_give_a_figure():
    accuracies, _ = encoder.clustered(np.ones((6, 2), np.float32), ["a", "a", "a", "b", "b", "c"])

    assert set(accuracies) == {0.5}


def test_few_shot_guesses_only_what_it_has_not_seen():
    place = {"a1": 0, "a2": 0, "a3": 1, "b1": 1, "b2": 1}
    vectors = np.eye(2, dtype=np.float32)
    texts, labels = ["a1", "a2", "a3", "b1", "b2", "a1"], ["a", "a", "a", "b", "b", "a"]
    of = lambda asked: vectors[[place[text] for text in asked]]  # noqa: E731

    right = encoder.few_shot(of(texts), texts, labels, [(["a1", "b1"], ["a", "b"])], of)

    # asked: a2 (right), a3 (lies with b: wrong), b2 (right); a1 was seen, and so was its copy
    assert right == [pytest.approx(2 / 3)]


def test_a_label_without_an_example_is_guessed_wrong():
    of = lambda asked: np.eye(3, dtype=np.float32)[[ord(text[0]) - ord("a") for text in asked]]  # noqa: E731
    texts, labels = ["a2", "b2", "c2"], ["a", "b", "c"]

    assert encoder.few_shot(of(texts), texts, labels, [(["a1", "b1"], ["a", "b"])], of) == [pytest.approx(2 / 3)]


def test_few_shot_has_no_figure_where_nothing_can_be_learned_or_guessed():
    of = lambda asked: np.ones((len(asked), 2), np.float32)  # noqa: E731

    assert encoder.few_shot(of(["x", "y"]), ["x", "y"], ["a", "b"], [(["x"], ["a"])], of) == []
    assert encoder.few_shot(of(["x", "y"]), ["x", "y"], ["a", "b"], [(["x", "y"], ["a", "b"])], of) == []


def test_the_nearest_sentence_may_be_a_copy_of_the_translation():
    queries = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    candidates = np.array([[1, 0], [0, 1], [0, 1]], np.float32)

    # the third query finds the second row; its own translation reads the same, or does not
    assert encoder.nearest(queries, candidates, ["yes", "no", "no"]) == 1
    assert encoder.nearest(queries, candidates, ["yes", "no", "never"]) == pytest.approx(2 / 3)


def test_retrieval_over_many_blocks_is_that_over_one(monkeypatch):
    chance = np.random.default_rng(1)
    one, other = (peers.unit(chance.normal(size=(50, 8))) for _ in range(2))
    names = [str(i) for i in range(50)]
    whole = encoder.nearest(one, other, names)
    monkeypatch.setattr(encoder, "BLOCK", 7)

    assert encoder.nearest(one, other, names) == whole


rows_of_labels = st.lists(st.tuples(st.text(max_size=4), st.sampled_from("abc")), min_size=1, max_size=40)


@given(rows_of_labels, st.integers(1, 5), st.booleans(), st.randoms())
def test_draws_take_no_more_than_they_may_and_mind_no_order(rows, shots, half, chance):
    texts, labels = zip(*rows, strict=True)
    drawn = gold.draws(texts, labels, shots, half=half)
    moved = list(rows)
    chance.shuffle(moved)

    assert drawn == gold.draws(*zip(*moved, strict=True), shots, half=half)
    for examples, told in drawn:
        assert set(zip(examples, told, strict=True)) <= set(rows)
        for label in set(labels):
            distinct = len({text for text, own in rows if own == label})
            assert told.count(label) == min(shots, distinct // 2 if half else distinct)


# ---------------------------------------------------------------- a whole comparison


def test_encoders_stand_side_by_side(labelled, parallel):
    found = encoder.compare([labelled], [parallel], SETTINGS, peers=["tfidf", "minilm"])
    rows = {row.encoder: row for row in found.rows}

    assert list(rows) == ["planted", "tfidf", "minilm"]
    assert rows["planted"].version == "planted 1"
    assert rows["planted"].dimensions == 64
    assert rows["planted"].files["gold"].accuracy == 1
    assert rows["planted"].files["gold"].few_shot == 1
    assert rows["planted"].parallel["pairs"] == encoder.ParallelScores(1, 1)
    assert rows["minilm"].parallel["pairs"].top1 < 0.5
    assert rows["planted"].to_minilm["top1"] == pytest.approx(1 / rows["minilm"].mean["top1"])
    assert set(rows["minilm"].to_minilm.values()) == {1}
    assert all(row.texts_per_second > 0 and row.peak_mb > 1 for row in found.rows)
    assert (found.files["gold"].texts, found.files["gold"].labels, found.parallel["pairs"]) == (36, 3, 36)
    assert found.quantisation_loss is None


def test_the_order_of_the_rows_changes_no_figure(tmp_path):
    figures = []
    for seed in (1, 2):
        frame().sample(frac=1, random_state=seed).to_parquet(tmp_path / "gold.parquet")
        told = gold.Labelled(tmp_path / "gold.parquet", "said", "topic")
        found = encoder.compare([told], [], SETTINGS, peers=["tfidf"], limit=20, shots=2)
        figures.append([row.files for row in found.rows])

    assert figures[0] == figures[1]


def test_examples_come_from_the_part_for_training(labelled):
    told = gold.Labelled(labelled.path, "said", "topic", ("split=test",), ("split=train",))
    sets, _ = gold.read([told], [], 3, None)

    assert {int(text.split()[1]) % 2 for text in sets[0].texts} == {1}
    assert {int(text.split()[1]) % 2 for texts, _ in sets[0].draws for text in texts} == {0}
    assert [len(texts) for texts, _ in sets[0].draws] == [9] * gold.SEEDS
    assert encoder.compare([told], [], SETTINGS, peers=[]).files["gold"] == encoder.FileFacts(18, 3, 18)


def test_what_rounding_costs_is_told_beside_the_exact_twin(labelled):
    found = encoder.compare(
        [labelled], [], Settings(home=".", encoder=Encoder(name="rounded")), peers=[], exact=Planted
    )
    rounded, exact = found.rows

    assert exact.encoder == "rounded (fp32)"
    assert exact.version == "planted 1"
    assert found.quantisation_loss["accuracy"] == pytest.approx(exact.mean["accuracy"] - rounded.mean["accuracy"])
    assert found.quantisation_loss["accuracy"] > 0.1
    assert "top1" not in found.quantisation_loss


def test_what_learns_from_a_file_hears_its_texts_and_no_translation(labelled, parallel, monkeypatch):
    heard = []

    def adapted(encoder, texts, tell):
        heard.append(list(texts))
        return encoder

    monkeypatch.setattr(peers, "_adapted", adapted)
    found = encoder.compare([labelled], [parallel], SETTINGS, peers=[], adapt=True)

    assert [row.encoder for row in found.rows] == ["planted", "planted (adapted)"]
    assert heard == [sorted(frame()["said"])]
    assert found.rows[1].parallel["pairs"].top1 == 1


def test_long_work_says_what_it_does(labelled):
    heard = []
    encoder.compare([labelled], [], SETTINGS, peers=["tfidf"], say=lambda *told: heard.append(told))

    assert [("planted: gold", 0, 0), ("planted: gold", 36, 36), ("tfidf: gold", 0, 0)] == heard


def test_an_encoder_that_cannot_learn_says_so(labelled):
    with pytest.raises(InsightError, match="cannot be adapted"):
        encoder.compare([labelled], [], SETTINGS, peers=[], adapt=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can forget an older peak")
def test_an_older_peak_of_memory_is_forgotten():
    held = np.ones(40_000_000)
    before = base.peak_mb()
    del held
    base.forget_peak()

    assert base.peak_mb() < before - 200


def test_a_peer_that_is_not_installed_says_how_to_get_it(labelled, monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda name: None)

    def missing(part):
        raise MissingPart("the MiniLM model is not installed", fix="pip install it")

    monkeypatch.setitem(encoders.ENCODERS, "minilm", missing)
    found = encoder.compare([labelled], [], SETTINGS, peers=["model2vec", "minilm"])

    assert [row.note for row in found.rows] == [
        None,
        "Model2Vec is not installed: pip install 'insight[peers]'",
        "the MiniLM model is not installed: pip install it",
    ]
    assert found.rows[0].to_minilm == {}
    assert found.rows[1].mean["accuracy"] is None


def test_the_encoder_of_the_settings_has_to_be_there(labelled, monkeypatch):
    monkeypatch.setattr(Planted, "encode", lambda self, texts, tell: (_ for _ in ()).throw(MissingPart("gone")))

    with pytest.raises(MissingPart):
        encoder.compare([labelled], [], SETTINGS, peers=[])


def test_an_unknown_peer_is_answered_with_those_that_there_are(labelled):
    with pytest.raises(SettingsError, match="tfidf, model2vec, minilm") as error:
        encoder.compare([labelled], [], SETTINGS, peers=["bert"])
    assert error.value.came == "bert"


# ---------------------------------------------------------------- peers


def test_tfidf_lays_alike_texts_together_and_knows_nothing_of_others():
    texts = ["where is my parcel", "where is the parcel", "i want a refund", "give me a refund", "?!", "我的包裹在哪里"]
    vectors = peers.TfidfSvd(texts).encode([*texts, "zzz"], quiet)

    assert vectors.dtype == np.float32
    assert vectors[0] @ vectors[1] > 0.4 > vectors[0] @ vectors[2]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 1, 1, 1, 0], abs=1e-5)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_tfidf_takes_any_texts(texts):
    vectors = peers.TfidfSvd(texts).encode(texts, quiet)

    assert len(vectors) == len(texts)
    assert np.isfinite(vectors).all()


# ---------------------------------------------------------------- files that cannot be measured


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ({"said": ["a", "b"], "topic": ["x", "x"]}, "nothing to tell apart"),
        ({"said": ["a"], "topic": ["x"]}, "nothing to tell apart"),
        ({"said": ["", " "], "topic": ["x", "y"]}, "is blank"),
        ({"said": [None, None], "topic": ["x", "y"]}, "no row has a value"),
        ({"said": ["a", "b"], "gold": ["x", "y"]}, "no such column"),
        ({"said": [["a"], ["b"]], "topic": ["x", "y"]}, "cannot be read"),
    ],
)
def test_a_file_without_two_labels_is_refused_in_words(tmp_path, rows, what):
    pd.DataFrame(rows).to_parquet(tmp_path / "gold.parquet")

    with pytest.raises(SourceError, match=what):
        encoder.compare([gold.Labelled(tmp_path / "gold.parquet", "said", "topic")], [], SETTINGS, peers=[])


def test_one_text_under_two_labels_is_measured(tmp_path):
    pd.DataFrame({"said": ["size", "size"], "topic": ["x", "y"]}).to_parquet(tmp_path / "gold.parquet")
    found = encoder.compare([gold.Labelled(tmp_path / "gold.parquet", "said", "topic")], [], SETTINGS, peers=["tfidf"])

    assert [row.files["gold"].accuracy for row in found.rows] == [0.5, 0.5]


def test_copies_of_two_texts_are_measured(tmp_path):
    pd.DataFrame({"said": ["size", "parcel"] * 20, "topic": ["x", "y"] * 20}).to_parquet(tmp_path / "gold.parquet")
    found = encoder.compare([gold.Labelled(tmp_path / "gold.parquet", "said", "topic")], [], SETTINGS, peers=["tfidf"])

    assert [row.files["gold"].accuracy for row in found.rows] == [1, 1]
    assert found.rows[0].files["gold"].few_shot is None


def test_pairs_without_a_choice_are_refused(tmp_path):
    pd.DataFrame({"en": ["yes", "yes"], "de": ["ja", "jawohl"]}).to_csv(tmp_path / "pairs.csv", index=False)

    with pytest.raises(SourceError, match="no translation to choose from"):
        encoder.compare([], [gold.Parallel(tmp_path / "pairs.csv", "en", "de")], SETTINGS, peers=[])


@pytest.mark.parametrize(
    ("where", "what"),
    [("split=dev", "no row has this value"), ("part=test", "no such column"), ("split", "no condition")],
)
def test_a_condition_that_picks_nothing_is_refused(labelled, where, what):
    with pytest.raises(SourceError, match=what):
        base.rows(labelled.path, ["said"], [where])


def test_two_values_for_one_column_are_refused(labelled):
    with pytest.raises(SourceError, match="one value only"):
        base.rows(labelled.path, ["said"], ["split=test", "split=train"])


def test_a_csv_keeps_texts_as_they_are_written(tmp_path):
    (tmp_path / "t.csv").write_text('said,topic,n\n007,1,3\n"two\nlines",2,3\nNA,3,3\n,4,3\n', encoding="utf-8")

    assert base.columns(tmp_path / "t.csv", ("said", "topic"), ["n=3"]) == (
        ["007", "two\nlines", "NA"],
        ["1", "2", "3"],
    )


def test_a_training_part_with_other_labels_is_refused(tmp_path):
    rows = pd.DataFrame({"t": ["a", "b", "c"], "g": ["x", "y", "z"], "s": ["test", "test", "train"]})
    rows.to_parquet(tmp_path / "gold.parquet")

    with pytest.raises(SourceError, match="none of the labels"):
        gold.read([gold.Labelled(tmp_path / "gold.parquet", "t", "g", ("s=test",), ("s=train",))], [], 1, None)


# ---------------------------------------------------------------- how files are spelled


def test_a_file_can_name_its_own_columns_and_parts(labelled):
    path = labelled.path
    full = gold.labelled(f"{path}:said:topic:split=test:split=train")

    assert full == gold.Labelled(path, "said", "topic", ("split=test",), ("split=train",))
    assert gold.labelled(f"{path}:a:b", where=["x=1"]) == gold.Labelled(path, "a", "b", ("x=1",))
    assert gold.labelled(str(path), text="a", gold="b") == gold.Labelled(path, "a", "b")
    assert gold.parallel(f"{path}:en:de") == gold.Parallel(path, "en", "de")


def test_a_path_may_hold_a_colon(tmp_path):
    path = tmp_path / "a:b.csv"
    path.write_text("x", encoding="utf-8")

    assert gold.labelled(f"{path}:t:g").path == path


@pytest.mark.parametrize("spelled", ["{}:said", "{}:a:b:c=d:e=f:g", "{}x:a:b"])
def test_a_file_spelled_otherwise_is_refused(labelled, spelled):
    with pytest.raises(SourceError):
        gold.labelled(spelled.format(labelled.path))


def test_files_of_one_name_are_told_apart_and_one_file_told_twice_is_refused(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        frame().to_parquet(tmp_path / folder / "gold.parquet")
    one, two = (gold.Labelled(tmp_path / f / "gold.parquet", "said", "topic") for f in ("one", "two"))
    test = gold.Labelled(one.path, "said", "topic", ("split=test",))

    assert [g.name for g in gold.read([one, test], [], 1, None)[0]] == ["gold", "gold split=test"]
    assert len({g.name for g in gold.read([one, two], [], 1, None)[0]}) == 2
    with pytest.raises(SourceError, match="told twice"):
        gold.read([one, one], [], 1, None)


# ---------------------------------------------------------------- the command


@pytest.fixture
def told(tmp_path):
    path = tmp_path / "insight.toml"
    path.write_text('[encoder]\nname = "planted"\n', encoding="utf-8")
    return path


def test_the_command_prints_json_and_nothing_else(labelled, parallel, told):
    out = said(
        f"{labelled.path}:said:topic",
        *("--parallel", f"{parallel.path}:en:de", "--peers", "tfidf,minilm", "--json", "-s", told),
    )
    answer = json.loads(out.stdout)

    assert set(answer) == {
        *("rows", "files", "parallel", "shots", "seeds", "cpus", "torch_threads", "quantisation_loss")
    }
    assert set(answer["rows"][0]) == {
        *("encoder", "version", "note", "dimensions", "texts_per_second", "peak_mb", "ready_seconds"),
        *("files", "parallel", "mean", "to_minilm"),
    }
    assert set(answer["rows"][0]["files"]["gold"]) == {
        *("accuracy", "accuracy_spread", "nmi", "nmi_spread", "few_shot", "few_shot_spread")
    }
    assert set(answer["rows"][0]["mean"]) == {"accuracy", "nmi", "few_shot", "top1", "top1_back", "lowest_top1"}
    assert set(answer["rows"][0]["to_minilm"]) == {*answer["rows"][0]["mean"], "texts_per_second"}
    assert answer["files"] == {"gold": {"texts": 36, "labels": 3, "train_texts": 0}}


def test_the_command_shows_a_table(labelled, told, monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    words = (
        labelled.path,
        "--text",
        "said",
        "--gold",
        "topic",
        "--where",
        "split=test",
        "--train-where",
        "split=train",
    )
    shown = said(*words, "--peers", "model2vec,minilm", "-s", told).stdout

    for word in ("planted", "minilm", "clusters, accuracy", "few-shot accuracy", "÷ MiniLM", "texts a second"):
        assert word in shown
    assert "model2vec: Model2Vec is not installed: pip install 'insight[peers]'" in shown
    assert "nearest translation" not in shown


def test_the_command_wants_a_file():
    with pytest.raises(InsightError, match="no file to measure on"):
        said()
