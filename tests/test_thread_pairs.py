"""Repeats about the same issue in seven languages: the labelled pairs through the real stages."""

from collections import Counter

from tests.thread_pairs import LANGUAGES, judged, pairs, scores


def test_there_are_enough_pairs_of_both_kinds_in_both_halves():
    rows = pairs()

    assert all(n >= 30 for n in Counter(rows["language"]).values())
    assert set(LANGUAGES) == set(rows["language"])
    shares = rows.groupby(["language", "half"])["repeat"].agg(lambda part: part.eq("yes").mean())
    assert shares.between(0.4, 0.6).all()
    assert rows["pair"].is_unique


def test_repeats_are_told_in_every_language():
    """On the half held back .967 over all languages: .875 (zh), .941 (en, de) to 1.0; no false repeat."""
    held = judged()[judged()["half"] == "held"]

    assert scores(held)["f1"] >= 0.85
    for language in LANGUAGES:
        assert scores(held[held["language"] == language])["f1"] >= 0.8
    assert scores(held)["precision"] >= 0.95


def test_the_second_contact_is_called_what_it_is():
    rows = judged()
    asked, thanks = rows["why"].str.contains("asked for|answer to a question"), rows["why"].eq("thanks, settled")
    mine = ~rows["why"].eq("a photo nobody asked for")

    assert rows[asked & mine]["kind"].isin(["asked for", ""]).mean() >= 0.85
    assert rows[thanks]["kind"].isin(["thanks", ""]).mean() >= 0.85
    assert not rows[rows["truly"]]["kind"].str.contains("thanks|asked").any()
