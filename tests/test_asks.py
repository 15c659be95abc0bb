"""What a customer's text asks for: found where it is a thing, and not where it is an update, a size or a complaint."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import shipped
from insight.asks import asks, in_english, singular

DATA = Path(__file__).parent / "data"
LANGUAGES = sorted(name for name, part in shipped.toml("demand.toml").items() if "frames" in part)


def ask(text, language="en"):
    return next(iter(asks([text], language)))


def asked(text, language="en"):
    found = ask(text, language)
    return found and found.asked


@pytest.mark.parametrize("language", ["en", "zh"])
def test_most_asks_are_found_and_what_is_found_is_right(language):
    """Sentences written for this test by hand; the thing that is asked for stands beside each, or nothing."""
    with (DATA / f"demand_{language}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    wanted = [row["asked"] or None for row in rows]
    found = [answer and answer.asked for answer in asks([row["text"] for row in rows], language)]
    right = sum(w is not None and w == f for w, f in zip(wanted, found, strict=True))

    assert sum(w is not None for w in wanted) >= 60
    assert wanted.count(None) >= 150
    assert right / sum(f is not None for f in found) >= 0.85
    assert right / sum(w is not None for w in wanted) >= 0.60


@pytest.mark.parametrize(
    ("text", "language", "thing", "what"),
    [
        ("Do you have a waterproof case for the action camera?", "en", "waterproof case", "camera"),
        ("请问有适合运动相机的防水壳吗", "zh", "waterproof case", "camera"),
        ("Haben Sie eine wasserdichte Hülle für die Kamera?", "de", "waterproof case", "camera"),
        ("¿Tienen una funda impermeable para la cámara?", "es", "waterproof case", "camera"),
        ("このカメラに合う防水ケースはありますか", "ja", "waterproof case", "camera"),
        ("Avez-vous une coque étanche pour la caméra ?", "fr", "waterproof case", "camera"),
    ],
)
def test_one_thing_has_one_spelling_in_every_language(text, language, thing, what):
    assert (thing, what) == ask(text, language)[:2]


def test_plural_size_and_colour_do_not_make_another_thing():
    assert {"battery"} == {
        asked(f"do you sell {x}?") for x in ("batteries", "a spare battery", "black batteries", "two larger batteries")
    }


def test_what_it_should_go_with_is_left_open_where_the_text_only_points():
    assert ("strap", None) == ask("do you have a strap for this one?")[:2]


def test_a_question_after_why_or_how_is_no_ask():
    assert asked("why do you sell straps") is None
    assert asked("how do you make straps") is None


def test_a_language_without_frames_asks_for_nothing():
    assert asked("onko teillä kotelo?", "fi") is None


@pytest.mark.parametrize(
    ("many", "one"),
    [("batteries", "battery"), ("boxes", "box"), ("cases", "case"), ("brushes", "brush"), ("glass", "glass"),
     ("lens", "lens"), ("bus", "bus"), ("", "")],
)  # fmt: skip
def test_plurals_fold(many, one):
    assert one == singular(many)


def test_only_what_is_known_in_whole_is_put_into_english():
    assert "waterproof camera case" == in_english("相机防水壳", apart=False)
    assert "" == in_english("相机防水什么", apart=False)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_any_text_is_read(text, language):
    for wording in (text, f"do you have {text}?", f"有没有{text}"):
        assert all(found is None or found.asked for found in asks([wording], language))
