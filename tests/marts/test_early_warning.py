"""Early warning: one false discovery rate over kinds of different size, one alert for one matter, and its owner."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from insight.discovery import benjamini_hochberg
from insight.errors import SettingsError
from insight.marts import early_warning, owners
from insight.marts.early_warning import AGAIN, ENDS_BAD, LOW, MORE, PARCELS, Family, Sign
from insight.schema import ALL
from tests.bench import early_warning as bench

FIRST = dt.date(2026, 1, 1)
UNTIL = FIRST + dt.timedelta(days=60)
NO_LANES = pd.DataFrame({"p": [], "verdict": []})


def family(kind, p, *, observed=12, expected=3.0, markets=("DE",), sku=ALL):
    """One kind that judged the cells t0, t1 … on the last day; `p` by cell."""
    cells = pd.DataFrame(
        [(f"t{n // len(markets)}", m, sku) for n, m in zip(range(len(p)), markets * len(p), strict=False)]
    )
    cells.columns = ["topic_id", "market", "sku"]
    shape = (1, len(p), 60)
    every = np.full(shape, np.nan)
    every[0, :, -1] = p
    return Family(
        kind, cells, (7,), FIRST, np.full(shape, observed), None, np.full(shape, expected), every,
        lambda at: (np.zeros(len(at[0])), np.full(len(at[0]), 6.0)),
    )  # fmt: skip


def test_a_kind_with_many_cells_does_not_drown_one_with_few():
    """By hand: 4 cells and 96, so a kind's p weighs 2 * 4 / 100 or 2 * 96 / 100 of itself."""
    few, many = np.array([0.004, 1, 1, 1.0]), np.array([0.004, *[1.0] * 95])
    found = early_warning.signs([family(LOW, few), family(MORE, many)], NO_LANES, UNTIL)
    by_hand = benjamini_hochberg([0.004 * 0.08, 0.004 * 1.92, *[1.0] * 98])
    assert [sign.kind for sign in found] == [LOW]
    assert found[0].q == pytest.approx(by_hand[0])
    alike = early_warning.signs([family(LOW, few), family(MORE, few)], NO_LANES, UNTIL)
    assert {sign.kind for sign in alike} == {LOW, MORE}


def test_parcels_are_one_test_since_their_chance_counts_every_part_already():
    lane = {"verdict": "rise", "orders_after": 100, "per_100_before": 2.0, "before_low": 1.0, "before_high": 4.0}
    lane |= dict.fromkeys(early_warning.PROPERTIES, ALL) | {"carrier": "Orbit", "measure": "late", "affected": 50}
    lane |= {"events_after": 60, "since": FIRST, "p": 0.01}
    quiet = family(MORE, np.ones(199))
    [found] = early_warning.signs([quiet], pd.DataFrame([lane]), UNTIL)
    assert (found.kind, found.of, found.part["carrier"]) == (PARCELS, 100, "Orbit")
    assert found.q == pytest.approx(0.02), "two kinds share the errors"
    assert found.day.weekday() == 0


def sign(day, *, topic="t", place="DE", kind=MORE, market=None, customers=9, **more):
    told = {"since": day - dt.timedelta(days=6), "observed": 12, "of": None, "expected": 3.0, "low": 0.0, "high": 6.0}
    told |= {"p": 0.0001, "q": 0.01, "sku": ALL, "market": market or place, "customers": customers} | more
    return Sign(kind=kind, topic_id=topic, place=place, day=day, **told)


def on(day):
    return FIRST + dt.timedelta(days=day)


def days_of(*signs):
    return [(matter, (told[0].day - FIRST).days, len(told)) for matter, told in early_warning.raised(list(signs))]


def test_a_matter_speaks_once_in_seven_days():
    loud = [sign(on(day)) for day in range(10, 26)]
    assert days_of(*loud) == [(("t", "DE"), 10, 1), (("t", "DE"), 17, 1), (("t", "DE"), 24, 1)]


def test_what_speaks_everywhere_takes_in_the_markets_and_silences_them():
    both = [sign(on(10), place=ALL), sign(on(10)), sign(on(12)), sign(on(12), topic="u")]
    assert days_of(*both) == [(("t", ALL), 10, 2), (("u", "DE"), 12, 1)]
    spread = [sign(on(10)), sign(on(12), place="US"), sign(on(13), place=ALL)]
    assert [(matter, day) for matter, day, _ in days_of(*spread)] == [
        (("t", "DE"), 10), (("t", "US"), 12), (("t", ALL), 13),
    ]  # fmt: skip


def test_an_alert_goes_on_with_the_one_before():
    told = early_warning.raised([sign(on(day)) for day in (10, 17, 40)])
    first, second, third = early_warning.chained(told)
    assert [(a.nth, a.since) for a in (first, second, third)] == [(1, on(4)), (2, on(4)), (1, on(34))]


def test_what_is_surely_beyond_the_usual_is_counted_in_customers():
    """By hand: 12 contacts are at least 6.2 (Garwood); 6.2 - 3 beyond, of 9 customers in 12 contacts."""
    assert sign(on(9)).beyond == pytest.approx((6.2006 - 3) * 9 / 12, abs=1e-3)
    assert sign(on(9), of=40, kind=LOW, customers=12).beyond == pytest.approx(40 * 0.1807 - 3, abs=0.01)
    assert sign(on(9), expected=8.0).beyond == 0


def test_the_sum_over_markets_belongs_to_the_market_that_holds_most_of_it():
    cells = family(MORE, np.array([1, 1, 0.00001]), markets=("DE", "US", ALL))
    cells.observed[0, :, -1] = [14, 4, 18]
    cells.expected[0, :, -1] = [3, 4, 7]
    [found] = early_warning.signs([cells], NO_LANES, UNTIL)
    assert (found.market, found.place) == (ALL, "DE")
    cells.observed[0, :, -1] = [9, 9, 18]
    [found] = early_warning.signs([cells], NO_LANES, UNTIL)
    assert found.place == ALL


def test_owner_and_remedies_come_from_the_clearest_sign_and_the_family():
    assert owners.advice([ENDS_BAD], "sizing", told={}).owner == "Product"
    assert owners.advice([AGAIN, ENDS_BAD], "sizing", told={}).owner == "Customer service"
    assert owners.advice([PARCELS], "logistics", told={}).owner_zh == "物流"
    assert owners.advice([MORE], "", told={}).owner == "Customer service"
    named = owners.advice([AGAIN], "sizing", told={"sizing": "Li Wei"}, more=("ask_carrier",))
    assert (named.owner, named.owner_zh, named.remedies[0]) == (
        "Li Wei", "Li Wei", "Ask the carrier what happened on this lane",
    )  # fmt: skip
    twice = owners.advice([LOW, ENDS_BAD], "quality", told={})
    assert len(set(twice.remedies)) == len(twice.remedies) == len(twice.remedies_zh) == 2


def test_a_family_that_does_not_exist_is_refused():
    assert owners.checked({"sizing": "Li Wei"}) == {"sizing": "Li Wei"}
    with pytest.raises(SettingsError, match="no such family"):
        owners.checked({"sizes": "Li Wei"})


def test_a_shop_that_does_not_change_is_hardly_ever_warned_and_a_bad_mood_is_found():
    quiet, _, _ = bench.shop(3)
    assert len(bench.spoken(quiet)) <= 2, "in eight weeks of sixty topics"
    families, topic, start = bench.shop(3, worse=ENDS_BAD, factor=6.0)
    found = [(day, kinds) for name, day, kinds in bench.spoken(families) if name == f"t{topic:02}"]
    assert any(start <= day < start + 14 and ENDS_BAD in kinds for day, kinds in found)
