"""The measure of topics that keep their ids while a file grows."""

import json
import random

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from insight import encoders, taxonomy
from insight.cli.evaluate import app
from insight.encoders import static
from insight.errors import SettingsError, SourceError
from insight.evaluate import stability
from insight.evaluate.adapted import distinct
from insight.settings import Encoder, Settings, Topics

SETTINGS = Settings(home=".", encoder=Encoder(name="planted"), topics=Topics(min_mentions=8))
WORDS = ("size", "parcel", "refund")


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
    monkeypatch.setattr(taxonomy, "phrases", tuple)
    monkeypatch.setattr(stability.placing, "phrases", tuple)


def rows(each=30, words=WORDS):
    return [(f"{word} text {i}", word) for word in words for i in range(each)]


def grown(told=None, *, grow=(0.8, 1.0), **options):
    told = rows() if told is None else told
    return stability.stability(
        [text for text, _ in told], [gold for _, gold in told], grow=grow, settings=SETTINGS, **options
    )


@pytest.fixture(scope="module")
def plain():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(encoders.ENCODERS, "planted", lambda part: Planted())
        patch.setattr(taxonomy, "phrases", tuple)
        patch.setattr(stability.placing, "phrases", tuple)
        return grown()


def test_old_mentions_keep_their_ids_and_nothing_is_lost_beside_a_refit(plain):
    found = plain
    assert [0.8, 1.0] == [step.share for step in found.steps]
    assert [72, 90] == [step.mentions for step in found.steps]
    assert [3, 0] == [step.born for step in found.steps]
    assert (1, 0, pytest.approx(0)) == (found.kept, found.accuracy_loss, found.nmi_loss)
    assert 1 == found.steps[-1].quality.accuracy
    assert found.identical


def test_the_first_step_has_nothing_to_keep(plain):
    first, second = plain.steps
    assert first.kept is None
    assert first.joined is None
    assert 1 == second.kept


def test_topics_grow_in_as_many_steps_as_are_told():
    found = grown(grow=(0.4, 0.6, 0.8, 1.0))
    assert [36, 54, 72, 90] == [step.mentions for step in found.steps]
    assert [None, 1, 1, 1] == [step.kept for step in found.steps]


def test_another_encoder_leaves_old_mentions_where_they_are(plain):
    assert "planted" != plain.other.encoder
    assert 1 == plain.other.kept


def test_what_comes_late_is_a_topic_of_its_own():
    told = [*rows(), *rows(words=("zipper",))]
    moments = [str(at) for at in range(len(told))]
    found = grown(told, grow=(0.75, 1.0), moments=moments)
    assert [3, 1] == [step.born for step in found.steps]
    assert 1 == found.kept


def test_rows_come_in_the_order_of_their_moments_numbers_as_numbers():
    told = rows(each=10)
    by_number = stability._mentions([text for text, _ in told], None, [str(at) for at in range(30)])
    assert [text for text, _ in told] == by_number["text"].tolist()
    days = [f"2026-01-{30 - at:02}" for at in range(30)]
    assert [text for text, _ in reversed(told)] == stability._mentions([t for t, _ in told], None, days)[
        "text"
    ].tolist()


def test_the_order_of_rows_in_the_file_changes_nothing():
    told = [*rows(), *rows(each=4)]
    shuffled = random.Random(3).sample(told, len(told))
    assert grown(told) == grown(shuffled)


def test_without_gold_ids_are_measured_and_agreement_is_not():
    found = stability.stability([text for text, _ in rows()], None, grow=(0.8, 1.0), settings=SETTINGS)
    assert 1 == found.kept
    assert found.accuracy_loss is found.nmi_loss is found.refit.quality is None


def test_a_loss_shows_as_one(monkeypatch):
    """Where earlier assignments are thrown away, ids of topics that follow from their heart no longer stay."""
    monkeypatch.setattr(stability.topic_ids, "kept", lambda said, earlier: {})
    monkeypatch.setattr(stability.placing, "named", lambda heart: f"t{random.random()}")
    found = grown()
    assert 0 == found.kept
    assert not found.identical


def test_numbers_by_size_would_not_stay():
    told = [*rows(each=30, words=("size",)), *rows(each=28, words=("parcel",)), *rows(each=60, words=("refund",))]
    late = [text for text, word in told if word == "refund"][10:]
    moments = ["1" if text in late else "0" for text, _ in told]
    found = grown(told, grow=(0.6, 1.0), moments=moments)
    assert 1 == found.kept
    assert found.renumbered < 0.5


def test_the_encoder_learns_when_a_run_would_let_it(monkeypatch):
    heard = []

    def taught(said, *args, **told):
        heard.append(len(said))
        table = static.ships()
        return table, {"taught_from": table.digest, "texts": len(said)}

    monkeypatch.setattr(stability.adapt, "taught", taught)
    texts = [f"where is order {i} of mine" for i in range(1200)]
    told = Settings(home=".", topics=Topics(min_mentions=8))
    stability.stability(texts, None, grow=(0.2, 0.5, 0.6, 1.0), settings=told)
    assert [600, 1200, 1200] == heard, "too few texts, first lesson, not enough more of them, again, the refit"


@pytest.mark.parametrize("told", ["", "0.8", "0.8:0.8", "1.0:0.8", "0:1", "-1:1", "0.8:1.1", "a:b", "nan:1", "0.8:"])
def test_steps_that_do_not_rise_are_refused_with_an_example(told):
    with pytest.raises(SettingsError, match=r"0\.8:1\.0"):
        stability.shares(told)
    assert (0.6, 0.8, 1.0) == stability.shares("0.6:0.8:1.0")


def test_a_wrong_column_is_answered_with_the_columns_found(tmp_path):
    pd.DataFrame(rows(), columns=["said", "gold"]).to_parquet(tmp_path / "f.parquet")
    with pytest.raises(SourceError) as error:
        stability.stability_file(tmp_path / "f.parquet", text="said", when="day", grow=(0.8, 1), settings=SETTINGS)
    assert ("day", "said or gold") == (error.value.came, error.value.wanted)


def test_one_row_is_no_reason_to_fall_over():
    found = grown([("size matters", "size")], grow=(0.1, 1.0))
    assert [1, 1] == [step.mentions for step in found.steps]
    assert found.kept is None


def test_the_command_shows_steps_goals_and_machine_words(tmp_path, monkeypatch):
    pd.DataFrame(rows(), columns=["said", "topic"]).to_csv(tmp_path / "f.csv", index=False)
    (tmp_path / "insight.toml").write_text('[encoder]\nname = "static"\n[topics]\nmin_mentions = 8\n')
    words = ["stability", str(tmp_path / "f.csv"), "--grow", "0.8:1.0", "--text", "said", "--gold", "topic"]
    words += ["--settings", str(tmp_path / "insight.toml")]
    screen = CliRunner().invoke(app, words)
    assert 0 == screen.exit_code, screen.output
    for row in ("80 %", "100 %", "nothing new", "another encoder", "found anew", "kept", "loss"):
        assert row in screen.output
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert 1 == told["kept"]
    assert [0.8, 1.0] == [step["share"] for step in told["steps"]]
    assert {"accuracy_loss", "nmi_loss", "identical", "renumbered"} <= set(told)


def test_equal_texts_are_encoded_once():
    assert ["a b"] == list(distinct(["A b", "a  B"]).values())
