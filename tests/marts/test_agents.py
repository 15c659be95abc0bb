"""How does each agent do beside others with the same cases, and who should be coached in what?"""

import datetime as dt
import random

import pandas as pd
import pytest

from insight.engines import ENGINES
from insight.marts import agents as mart
from insight.run import Run
from insight.schema import AGENT_FIGURES, AGENTS, COACHING, CONVERSATION_FACTS, ORDER_FACTS
from insight.settings import Settings
from jobs import agents as job
from tests.rows import DAY, HOUR, START, kept, table

TOPICS = ("refund", "parcel", "size")


def conversation(n, agent, topic, *, came_back=False, **told):
    """One answered conversation of day n % 50; whatever is not told went well."""
    at = START + (n % 50) * DAY + 8 * HOUR
    row = {"conversation_id": f"c{n:05}", "agent_id": agent, "topic_id": topic, "channel": "chat", "market": "DE"}
    row |= {"opened_ms": at, "day": dt.date(2026, 1, 1) + dt.timedelta(days=n % 50), "hour": 8, "answered": True}
    row |= {"came_back": came_back, "turned_bad": False, "late_response": False, "handle_shared_ms": 60_000}
    return row | told


def crew(rates, *, each=120, seed=3):
    """Conversations of agents whose customers come back at these rates, by agent and topic or for all topics."""
    dice, rows = random.Random(seed), []
    for agent, rate in rates.items():
        for n in range(each * len(TOPICS)):
            topic = TOPICS[n % len(TOPICS)]
            chance = rate.get(topic, rate["else"]) if isinstance(rate, dict) else rate
            rows.append(conversation(len(rows), agent, topic, came_back=dice.random() < chance))
    newest = conversation(len(rows), "zoe", "size") | {"opened_ms": START + 60 * DAY}
    return [*rows, newest | {"day": dt.date(2026, 3, 2), "came_back": None}]


def run(rows, *, orders=(), agents=(), engine="local"):
    """Figures by agent and measure, and the list of coaching, as the store would keep them."""
    tables = (table(CONVERSATION_FACTS, *rows), table(ORDER_FACTS, *orders), table(AGENTS, *agents))
    settings = Settings.model_validate({"home": "."})
    made = job.work(*(ENGINES[engine].frame(t) for t in tables), run=Run(settings, ENGINES[engine]))
    figures, lessons = (kept(of, part) for of, part in zip((AGENT_FIGURES, COACHING), made, strict=True))
    return {(row["agent_id"], row["measure"]): row for row in figures}, lessons


USUAL = {f"a{n}": 0.2 for n in range(7)}


@pytest.fixture(scope="module")
def gap():
    """Nine agents: Bo's customers come back far more often than the others', Cy's far less."""
    rows = crew(USUAL | {"bo": 0.45, "cy": 0.04})
    people = [{"agent_id": "bo", "name": "Bo", "team": "day"}, {"agent_id": "cy", "name": "Cy", "team": "night"}]
    return rows, *run(rows, agents=people)


def test_raw_figures_are_plain_shares_of_what_could_be_judged(gap):
    rows, figures, _ = gap
    own = [row for row in rows if row["agent_id"] == "bo" and row["came_back"] is not None]
    bo = figures["bo", "came_back"]

    assert (len(own), sum(row["came_back"] for row in own) / len(own)) == (
        bo["n"],
        pytest.approx(bo["observed"], abs=1e-6),
    )
    assert (dt.date(2025, 12, 8), dt.date(2026, 3, 2)) == (bo["since"], bo["until"])
    assert ("Bo", "day", "share", "down") == tuple(bo[k] for k in ("name", "team", "measured_in", "better"))


def test_who_surely_stands_out_is_on_the_list_and_nobody_else(gap):
    _, figures, lessons = gap
    whole = {(row["agent_id"], row["kind"], row["skill"]) for row in lessons if row["topic_id"] == "all"}

    assert {("bo", "coaching", "resolution"), ("cy", "best practice", "resolution")} == whole
    assert ("below the others", "above the others") == tuple(
        figures[who, "came_back"]["verdict"] for who in ("bo", "cy")
    )
    assert figures["bo", "came_back"]["low"] > figures["bo", "came_back"]["others"]
    assert figures["bo", "came_back"]["q"] < 0.05


def test_what_to_read_went_wrong_and_what_to_learn_from_went_well_with_colleagues_on_the_same_topics(gap):
    rows, _, lessons = gap
    known = {row["conversation_id"]: row for row in rows}
    bo = next(row for row in lessons if (row["agent_id"], row["topic_id"]) == ("bo", "all"))
    read, learn = ([known[one] for one in bo[name]] for name in ("read", "learn"))

    assert (5, {"bo"}, {True}) == (len(read), {r["agent_id"] for r in read}, {r["came_back"] for r in read})
    assert (2, {False}) == (len(learn), {r["came_back"] for r in learn})
    assert bo["learn_from"] == [r["agent_id"] for r in learn]
    assert "bo" not in bo["learn_from"]
    assert {r["topic_id"] for r in learn} <= {r["topic_id"] for r in read}


def test_best_practice_shows_own_conversations_that_went_well(gap):
    rows, _, lessons = gap
    known = {row["conversation_id"]: row for row in rows}
    cy = next(row for row in lessons if (row["agent_id"], row["topic_id"]) == ("cy", "all"))

    assert {("cy", False)} == {(known[one]["agent_id"], known[one]["came_back"]) for one in cy["read"]}
    assert [] == cy["learn"] == cy["learn_from"]


def test_the_order_of_rows_and_the_engine_do_not_matter(gap):
    rows, figures, lessons = gap
    people = [{"agent_id": "cy", "name": "Cy", "team": "night"}, {"agent_id": "bo", "name": "Bo", "team": "day"}]
    mixed = random.Random(1).sample(rows, len(rows))

    assert (figures, lessons) == run(mixed, agents=people, engine="memory")


def test_one_topic_in_which_an_agent_is_below_is_named():
    _, lessons = run(crew(USUAL | {"bo": {"refund": 0.6, "else": 0.15}}))
    topic = [(row["agent_id"], row["kind"], row["topic_id"]) for row in lessons if row["topic_id"] != "all"]

    assert ("bo", "coaching", "refund") in topic
    assert {("bo", "refund")} == {(agent, name) for agent, kind, name in topic if kind == "coaching"}


def test_where_all_are_equal_the_list_is_empty():
    figures, lessons = run(crew(USUAL))

    assert [] == lessons
    assert not {"above the others", "below the others"} & {row["verdict"] for row in figures.values()}


def test_below_thirty_cases_nobody_is_ranked_however_bad():
    bad = [conversation(90_000 + n, "new", "size", came_back=True) for n in range(29)]
    figures, lessons = run([*crew(USUAL), *bad])

    assert ("not ranked", None) == tuple(figures["new", "came_back"][k] for k in ("verdict", "q"))
    assert not [row for row in lessons if row["agent_id"] == "new"]


def test_who_has_the_angry_market_is_compared_with_that_market():
    """Everybody's customers of one market come back at 45 %, of the other at 10 %; Bo has nine in ten of the first."""
    dice, rows = random.Random(5), []
    for agent in ("bo", *USUAL):
        for n in range(400):
            market = "US" if n % 10 < (9 if agent == "bo" else 2) else "DE"
            back = dice.random() < (0.45 if market == "US" else 0.1)
            rows.append(conversation(len(rows), agent, "size", came_back=back, market=market))
    figures, lessons = run(rows)
    bo = figures["bo", "came_back"]

    assert bo["observed"] > 1.5 * bo["others"]
    assert bo["expected"] == pytest.approx(bo["observed"], abs=0.06)
    assert bo["verdict"] in ("cannot tell", "like the others")
    assert [] == lessons


def test_mood_that_turned_bad_and_stayed_bad_counts_only_where_it_could_recover():
    told = pd.DataFrame(
        {"turned_bad": [True, True, True, False, None], "recovered": [False, True, None, None, None]}
    ).convert_dtypes(dtype_backend="pyarrow")
    soured = next(m for m in mart.MEASURES if m.name == "soured")

    assert [True, False, None, False, None] == [None if pd.isna(v) else bool(v) for v in soured.outcome(told)]


def test_only_what_was_settled_can_be_opened_again():
    told = pd.DataFrame({"reopens": [0, 2, 1, None], "first_resolution_ms": [5, 5, None, 5]})
    reopened = next(m for m in mart.MEASURES if m.name == "reopened")

    told = reopened.outcome(told.convert_dtypes(dtype_backend="pyarrow"))
    assert [False, True, None, None] == [None if pd.isna(v) else bool(v) for v in told]


def test_orders_are_compared_within_their_currency():
    """Of four orders in each currency each is a quarter; yen are not taken for dollars."""
    orders = [("USD", 100 * n) for n in (1, 2, 3, 4)] + [("JPY", 9_000 * n) for n in (4, 3, 2, 1)]
    told = pd.DataFrame(
        [(f"o{n}", currency, minor) for n, (currency, minor) in enumerate(orders)],
        columns=["order_id", "currency", "total_minor"],
    )
    facts = [conversation(n, "bo", "size", order_id=f"o{n}") for n in range(8)]
    facts += [conversation(8, "bo", "size"), conversation(9, "bo", "size", order_id="lost")]
    frame = table(CONVERSATION_FACTS, *facts).select(job.USED).to_pandas(types_mapper=pd.ArrowDtype)
    value = mart.cases(frame, told)["mix_order_value"]

    assert value[:4].tolist() == value[:3:-1][2:6].tolist()
    assert 6 == value.nunique()


def test_where_there_is_nothing_to_compare_raw_figures_stand_alone():
    """One agent, or a measure in which nothing ever went wrong: no adjusted figure, and no verdict either way."""
    times = [0, None, 100_000, 400_000]
    alone, _ = run([conversation(n, "bo", "size", handle_shared_ms=times[n % 4]) for n in range(80)])
    two, _ = run([conversation(n, f"a{n % 2}", "size") for n in range(59)])

    assert (40, pytest.approx(200, abs=1e-3), None, "cannot tell") == tuple(
        alone["bo", "handle_s"][k] for k in ("n", "observed", "adjusted", "verdict")
    )
    assert {"cannot tell"} == {two["a0", name]["verdict"] for name in ("came_back", "late_response", "soured")}
    assert "not ranked" == two["a1", "came_back"]["verdict"]
    assert ("a0", "csat_rating") not in two


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_a_shop_without_conversations_has_no_figures(engine):
    assert ({}, []) == run([], engine=engine)
    assert ({}, []) == run([conversation(1, "unknown", "size"), conversation(2, "bo", "size", answered=False)])


def test_an_agent_nobody_listed_goes_by_the_id(gap):
    _, figures, _ = gap
    assert ("a0", "unknown") == tuple(figures["a0", "came_back"][k] for k in ("name", "team"))
