"""What a feed never tells is unknown, not zero: no share of nought, no share of everything."""

from pathlib import Path

import pytest

from insight.engines import ENGINES
from insight.run import Run
from insight.settings import Settings
from jobs import conversation_facts, order_facts
from tests.rows import DAY, START, kept, table

BOUGHT = [{"order_id": "a", "ordered_ms": START, "promised_ms": START + DAY, "delivered_ms": START + 2 * DAY}]
LATER = {"order_id": "b", "ordered_ms": START + 90 * DAY}
RETURN = {"return_id": "r", "order_id": "a", "returned_ms": START + 5 * DAY}


def facts(job, engine, **rows):
    tables = [table(of, *rows.get(of.name, ())) for of in job.READS]
    engine = ENGINES[engine]
    found = job.work(*(engine.frame(t) for t in tables), run=Run(Settings(home=Path()), engine))
    return kept(job.WRITES, engine.arrow(found))[0]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ([], (None, None, None)),
        ([{**RETURN, "order_id": "b"}], (False, False, None)),
        ([{**RETURN, "order_id": "b", "refund_minor": 5}], (False, False, 0)),
        ([{**RETURN, "refund_minor": 5}], (True, True, 5)),
    ],
)
def test_without_a_feed_of_returns_nobody_knows_what_came_back(engine, returned, expected):
    row = facts(order_facts, engine, orders=[*BOUGHT, LATER], returns=returned)
    assert (row["returned"], row["returned_30d"], row["refund_minor"]) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_without_any_delivery_nobody_knows_what_is_late(engine):
    silent = [{**BOUGHT[0], "delivered_ms": None}, LATER]
    told = facts(order_facts, engine, orders=silent)
    assert (told["delivered"], told["late"]) == (None, None)
    told = facts(order_facts, engine, orders=[*silent, {**BOUGHT[0], "order_id": "c"}])
    assert (told["delivered"], told["late"]) == (False, True)


@pytest.mark.parametrize("engine", ENGINES)
def test_without_surveys_nobody_knows_who_would_have_answered(engine):
    talks = [{"conversation_id": name, "opened_ms": START} for name in "ab"]
    answer = {"survey_id": "s", "conversation_id": "b", "score": 5, "scale_min": 1, "scale_max": 5, "rating": 1}
    assert facts(conversation_facts, engine, conversations=talks)["surveyed"] is None
    assert facts(conversation_facts, engine, conversations=talks, surveys=[answer])["surveyed"] is False
