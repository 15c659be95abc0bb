"""Dissatisfied turns of chats: classes of satisfaction, folds by conversation, and files that cannot be measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insight.errors import SourceError
from insight.evaluate.chats import chats_file, classes

SAID = {
    0: ["still no parcel, this is useless", "you promised it twice already", "nobody helps me here"],
    1: ["my order number is 4711", "which size is it", "I want to change the address"],
    2: ["thank you, that helps", "great, all clear now", "perfect, thanks a lot"],
}


def chats(path: Path, many: int = 90, *, mixed: float = 0.2, seed: int = 4) -> Path:
    """Chats of ten turns whose words tell the satisfaction, but for a share of them."""
    dice = np.random.default_rng(seed)
    rows = []
    for n in range(many):
        for turn in range(10):
            mood = int(dice.integers(0, 3))
            words = SAID[mood if dice.random() > mixed else int(dice.integers(0, 3))]
            rows.append([f"v{n}", turn, f"{words[int(dice.integers(0, 3))]} {n % 5}", mood if turn else ""])
    pd.DataFrame(rows, columns=["chat", "turn", "words", "mark"]).to_csv(path, index=False)
    return path


def test_words_that_tell_are_learned(tmp_path: Path) -> None:
    found = chats_file(chats(tmp_path / "a.csv"), conversation="chat", text="words", satisfaction="mark")

    assert (810, 90, 90) == (found.turns, found.conversations, found.unlabelled)
    assert 0.8 < found.auc_low < found.auc < found.auc_high < 0.97
    assert 0.75 < found.accuracy_low < found.accuracy < found.accuracy_high < 0.95
    assert found.majority < 0.4
    assert found.ece < 0.1


def test_words_that_do_not_tell_are_not(tmp_path: Path) -> None:
    file = chats(tmp_path / "a.csv", mixed=1.0)

    found = chats_file(file, conversation="chat", text="words", satisfaction="mark")

    assert 0.42 < found.auc < 0.58


def test_satisfaction_is_read_by_the_middle_of_its_range() -> None:
    assert [0, 0, 1, 2, 2] == classes(["1", "2", "3", "4", "5"], "here").tolist()
    assert [0, 1, 2] == classes(["-1", "0", "1"], "here").tolist()
    assert [0, 2] == classes(["0", "1.0"], "here").tolist()


def test_files_that_cannot_be_measured(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no number"):
        classes(["good"], "here")
    with pytest.raises(SourceError, match="equally satisfied"):
        classes(["2", "2"], "here")
    with pytest.raises(SourceError, match="too few"):
        chats_file(chats(tmp_path / "a.csv", 10), conversation="chat", text="words", satisfaction="mark")
