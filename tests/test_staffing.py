"""People for queues: formulas against published values, an exact second way, and a simulation; backlogs by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import staffing
from insight.staffing import Aim

AIM = Aim(within_s=60, share=0.8, occupancy=0.85, patience_s=180)


def blocked(load, servers):
    return staffing.erlang_b(np.array([load]), servers)[servers]


def answered_c(load, handle_s, servers, within_s):
    told = np.array([load]), np.array([float(handle_s)])
    return float(staffing.answered_c(*told, servers, within_s, blocked(load, servers))[0])


def answered_a(load, handle_s, servers, within_s, patience_s):
    told = np.array([load]), np.array([float(handle_s)])
    return float(staffing.answered_a(*told, servers, within_s, patience_s, blocked(load, servers - 1))[0])


@pytest.mark.parametrize(
    ("load", "servers", "share"), [(1, 1, 0.5), (2, 2, 0.4), (5, 10, 0.01838), (10, 10, 0.21458), (100, 100, 0.07570)]
)
def test_erlang_b_has_the_values_of_the_tables(load, servers, share):
    assert share == pytest.approx(float(blocked(float(load), servers)[0]), abs=5e-6)


@pytest.mark.parametrize(
    ("load", "servers", "waits"), [(1, 2, 1 / 3), (5, 10, 0.03611), (10, 12, 0.44939), (24, 28, 0.33313)]
)
def test_erlang_c_has_the_values_of_the_tables(load, servers, waits):
    found = staffing.erlang_c(np.array([float(load)]), servers, blocked(float(load), servers))

    assert waits == pytest.approx(float(found[0]), abs=2e-5)


def test_erlang_c_is_the_sum_that_its_definition_says():
    for load, servers in ((3.3, 5), (17.0, 20), (60.0, 66)):
        tail = load**servers / math.factorial(servers) * servers / (servers - load)
        expected = tail / (sum(load**k / math.factorial(k) for k in range(servers)) + tail)

        found = staffing.erlang_c(np.array([load]), servers, blocked(load, servers))
        assert expected == pytest.approx(float(found[0]))


def by_states(load, handle_s, servers, within_s, patience_s):
    """Erlang A by its birth and death process: who finds k ahead waits for k + 1 departures, in small steps of time."""
    rate, serve, drop = load / handle_s, 1 / handle_s, math.log(2) / patience_s
    weights = [1.0]
    for k in range(1, servers + 400):
        weights.append(weights[-1] * rate / (min(k, servers) * serve + max(k - servers, 0) * drop))
    share = np.array(weights) / sum(weights)
    served = share[:servers].sum()
    steps = 4000
    dt = within_s / steps
    ahead = share[servers:].copy()  # ahead[k]: k customers wait in front of this one, who is still there
    leave = servers * serve + np.arange(len(ahead)) * drop
    for _ in range(steps):
        moved = ahead * -np.expm1(-leave * dt)
        served += moved[0]
        gone = ahead * -math.expm1(-drop * dt)
        ahead = ahead - moved - gone
        ahead[:-1] += moved[1:]
    return served


@pytest.mark.parametrize(
    ("load", "handle_s", "servers", "within_s", "patience_s"),
    [(8.3, 300, 9, 60, 180), (8.3, 300, 7, 60, 180), (20.0, 240, 18, 20, 60), (0.5, 600, 1, 60, 180)],
)
def test_erlang_a_is_what_its_states_say(load, handle_s, servers, within_s, patience_s):
    expected = by_states(load, handle_s, servers, within_s, patience_s)

    assert expected == pytest.approx(answered_a(load, handle_s, servers, within_s, patience_s), abs=0.004)


def test_without_end_of_patience_erlang_a_is_erlang_c():
    for load, servers in ((8.3, 9), (95.0, 100)):
        assert answered_c(load, 300, servers, 60) == pytest.approx(answered_a(load, 300, servers, 60, 1e9), abs=1e-5)


@pytest.mark.parametrize("patient", [True, False])
def test_a_simulation_has_the_same_share_answered_in_time(patient):
    load, handle_s, servers, within_s = 16.7, 300.0, 19, 60.0
    told = staffing.simulate(
        load * 3600 / handle_s,
        servers,
        within_s=within_s,
        draw=lambda dice, n: dice.exponential(handle_s, n),
        patience_s=None if patient else 180,
        customers=150_000,
        seed=11,
    )
    formula = (
        answered_c(load, handle_s, servers, within_s) if patient else answered_a(load, handle_s, servers, within_s, 180)
    )

    assert formula == pytest.approx(told.answered, abs=0.012)
    assert (told.gave_up == 0) == patient


def test_a_simulation_of_few_customers_by_hand():
    told = staffing.simulate(
        1e9, 1, within_s=25, draw=lambda dice, n: np.full(n, 10.0), patience_s=None, customers=10, seed=1
    )

    # all come at once: they wait 0, 10, 20 … 90 s; the first is not counted
    assert (9, 2 / 9, 0.0) == (told.customers, pytest.approx(told.answered), told.gave_up)
    assert 50.0 == pytest.approx(told.mean_wait_s, abs=0.01)


@pytest.mark.parametrize("load", [0.0, 1e-9, 700.0, 5000.0])
def test_formulas_hold_from_nothing_to_thousands(load):
    for servers in (1, 650, 700, 5200):
        found = [answered_c(load, 300, servers, 60), answered_a(load, 300, servers, 60, 180)]
        assert all(0 <= share <= 1 for share in found)


@given(st.floats(0.01, 200), st.integers(1, 260), st.floats(10, 2000), st.floats(1, 600), st.floats(5, 2000))
def test_more_people_never_answer_fewer(load, servers, handle_s, within_s, patience_s):
    one, more = (answered_a(load, handle_s, n, within_s, patience_s) for n in (servers, servers + 1))
    plain = [answered_c(load, handle_s, n, within_s) for n in (servers, servers + 1)]

    assert 0 <= one <= more + 1e-9 <= 1 + 1e-6
    assert plain[0] <= plain[1] + 1e-9


@pytest.mark.parametrize("patient", [True, False])
def test_people_are_the_fewest_that_keep_the_aim(patient):
    rates, handle = np.array([0.0, 3.0, 38.0, 200.0, 900.0]), np.full(5, 300.0)
    found = staffing.people(rates, handle, AIM, patient=patient)

    for rate, people in zip(rates, found, strict=True):
        load = rate * 300 / 3600
        if not rate:
            assert 0 == people
            continue
        fewer, enough = (
            answered_c(load, 300, n, 60) if patient else answered_a(load, 300, n, 60, 180)
            for n in (max(int(people) - 1, 1), int(people))
        )
        assert enough >= 0.8
        assert load / people <= 0.85
        assert people == 1 or fewer < 0.8 or load / (people - 1) > 0.85


def test_the_band_lies_between_giving_up_and_waiting():
    rates = np.linspace(0.5, 400, 60)
    gone, patient = (staffing.people(rates, np.full(60, 300.0), AIM, patient=p) for p in (False, True))

    assert (gone <= patient).all()
    assert (gone < patient).any()


def test_people_with_two_places_are_half_as_many_servers_again():
    two = Aim(60, 0.8, 0.85, 180, slots=2)
    found = staffing.people(np.array([100.0]), np.array([300.0]), two, patient=True)[0]

    load = 100 * 300 / 3600
    assert answered_c(load, 300, 2 * int(found), 60) >= 0.8
    assert load / (2 * found) <= 0.85


def test_shrinkage_is_of_paid_time():
    assert [0, 2, 10, 8] == list(staffing.scheduled(np.array([0.0, 1.0, 7.0, 5.6]), 0.3))


def test_tickets_of_the_night_and_the_weekend_are_worked_off_on_the_next_open_day():
    work, opened = np.zeros((3, 24)), np.zeros((3, 24))
    work[0, 8], work[0, 22], work[1, 12], work[2, 9] = 4, 2, 1, 3
    opened[0, 9:13], opened[2, 9:14] = 1, 1

    found = staffing.drained(work, opened, backlog_h=4, days=1, occupancy=0.8)

    assert (4 + 4) / 4 / 0.8 == pytest.approx(found[0, 9])
    assert (2 + 1 + 3) / 5 / 0.8 == pytest.approx(found[2, 13])
    assert 0 == found[1].sum() == found[0, 13:].sum()
    assert (4 + work.sum()) == pytest.approx((found * opened).sum() * 0.8)


def test_a_backlog_may_take_more_days():
    work, opened = np.zeros((4, 24)), np.zeros((4, 24))
    opened[:, 9:17] = 1

    found = staffing.drained(work, opened, backlog_h=16, days=2, occupancy=1)

    assert [1.0, 0.5, 0.25, 0.125] == pytest.approx(list(found[:, 9]))


def test_where_nothing_is_open_nobody_works():
    assert 0 == staffing.drained(np.ones((2, 24)), np.zeros((2, 24)), backlog_h=5, days=1, occupancy=0.9).sum()
