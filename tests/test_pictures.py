"""The pictures of topics say what their rows say: areas, shares, order, and nothing that is not there."""

import datetime as dt
from html import unescape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import pictures
from insight.pictures import PAGE, PAPER


def spot(n, *, customers=10, parent="sizing", **more):
    row = {"topic_id": f"t{n}", "name": f"Topic {n}", "words": ["tight", "waist"], "kind": "seed"}
    row |= {"parent": parent, "family_name": str(parent), "customers": customers, "x": n / 5, "y": -n / 7}
    return row | {"place": n + 1, "joined": n / 10 if n else None} | more


SPOTS = [spot(0, customers=400), spot(1, customers=100), spot(2, parent="quality"), spot(3, parent=None, kind="found")]


def week(n, topic, contacts, name="yes"):
    day = dt.date(2026, 6, 1) + dt.timedelta(days=7 * n)
    return {"week": day, "topic_id": topic, "name": name and f"Topic {topic}", "contacts": contacts}


def part(topic, part, contacts):
    return {"topic_id": topic, "name": f"Topic {topic}", "part": part, "part_name": part.upper(), "contacts": contacts}


def shares(figure, axis="y"):
    """Each series of a stack by its name."""
    return {trace.name: list(trace[axis]) for trace in figure.data if trace.name}


def test_areas_of_bubbles_are_as_customers():
    figure = pictures.topic_map(SPOTS)
    size = {
        text.split("</b>")[0][3:]: size
        for t in figure.data
        for text, size in zip(t.customdata, t.marker.size, strict=True)
    }

    assert 2 == pytest.approx(size["Topic 0"] / size["Topic 1"])


def test_a_family_has_one_colour_and_what_was_found_is_hollow():
    figure = pictures.topic_map(SPOTS, look=PAPER)
    by_name = {trace.name: trace for trace in figure.data}

    assert {"sizing", "quality", "None"} == set(by_name)
    assert PAPER.of_family("sizing") != PAPER.of_family("quality")
    assert [PAPER.of_family("sizing")] * 2 == list(by_name["sizing"].marker.color)
    assert (PAPER.card,) == by_name["None"].marker.color


def test_names_on_the_map_do_not_cover_each_other():
    rows = [spot(n, x=0.001 * n, y=0, customers=100 - n) for n in range(6)] + [spot(7, x=1, y=1)]
    named = [text for trace in pictures.topic_map(rows).data for text in trace.text if text]

    assert "Topic 7" in named
    assert len(named) < 7


def test_leaves_of_the_tree_stand_in_its_order_and_branches_keep_their_family():
    heights = (None, 0.1, 0.2, 0.15)
    rows = [spot(n, parent="sizing" if n < 2 else "quality", joined=height) for n, height in enumerate(heights)]
    figure = pictures.hierarchy(rows[::-1], look=PAPER)
    colours = {trace.line.color: trace for trace in figure.data if trace.mode == "lines"}

    assert ("Topic 0", "Topic 1", "Topic 2", "Topic 3") == figure.layout.yaxis.ticktext
    assert {PAPER.of_family("sizing"), PAPER.of_family("quality"), PAPER.soft} == set(colours)
    assert 0.2 == max(x for x in colours[PAPER.soft].x if x is not None), "families meet where their rows say"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=0, max_size=20))
def test_every_fork_of_a_tree_is_drawn_once(joins):
    rows = [spot(n, joined=h, parent="sizing") for n, h in enumerate([None, *joins])]
    lines = [t for t in pictures.hierarchy(rows).data if t.mode == "lines"]

    tops = sorted(x for t in lines for x in np.array(t.x, float).reshape(-1, 5)[:, 1])
    assert sorted(joins) == pytest.approx(tops)


def test_weeks_add_up_to_one_and_the_rest_is_told():
    rows = [week(n, f"{topic}", topic + n) for n in range(4) for topic in range(1, 9)] + [week(0, "no", 50, name=None)]
    found = shares(pictures.over_time(rows, most=3))

    assert ["Topic 8", "Topic 7", "Topic 6", "everything else"] == list(found)
    assert [1] * 4 == pytest.approx(np.sum(list(found.values()), axis=0).tolist(), abs=1e-5)
    assert 65 / 86 == pytest.approx(found["everything else"][0], abs=1e-5)


def test_a_week_in_which_nobody_wrote_about_a_topic_is_zero():
    found = shares(pictures.over_time([week(0, "a", 3), week(0, "b", 1), week(1, "a", 2)]))

    assert [0.25, 0] == found["Topic b"]


def test_bars_are_shares_of_a_topics_contacts():
    rows = [part("a", "en", 6), part("a", "de", 2), part("b", "de", 5)]
    figure = pictures.split(rows)

    assert ("Topic a", "Topic b") == figure.layout.yaxis.ticktext
    assert {"DE": [0.25, 1], "EN": [0.75, 0]} == shares(figure, "x")


def test_more_parts_than_colours_become_the_rest():
    rows = [part("a", f"s{n}", n + 1) for n in range(12)]
    found = shares(pictures.split(rows, parts=4), "x")

    assert ["S11", "S10", "S9", "S8", "everything else"] == list(found)
    assert 1 == pytest.approx(sum(bar for [bar] in found.values()))


@pytest.mark.parametrize("draw", [pictures.topic_map, pictures.hierarchy, pictures.over_time, pictures.split])
def test_nothing_to_draw_is_an_empty_picture(draw):
    assert [] == [trace for trace in draw([]).data if len(trace.x or ()) and trace.name]


@pytest.mark.parametrize("draw", [pictures.topic_map, pictures.hierarchy])
def test_the_order_of_rows_is_not_seen(draw):
    assert draw(SPOTS).to_json() == draw(SPOTS[::-1]).to_json()


def test_colours_of_a_page_are_names_and_those_of_paper_values():
    page, paper = (pictures.topic_map(SPOTS, look=look).to_json() for look in (PAGE, PAPER))

    assert "var(--f1)" in page
    assert "var(" not in paper


@given(st.text(max_size=30))
def test_words_are_shown_as_they_are(words):
    assert "<" not in pictures.plain(words)
    assert words == unescape(pictures.plain(words)) or "&" in words
