"""Who comes back, measured on files: what counts as coming back, what may be known, and what must not move a figure."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insight.errors import LeakError, SettingsError, SourceError
from insight.evaluate import risk, risk_cases, risk_signs
from insight.evaluate.risk_cases import DAY_MS, Told
from insight.evaluate.risk_events import NEVER
from insight.risks.base import Sign

START = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
TOLD = Told("who", "about", "opened", "resolved")


def stamp(days: float) -> str:
    return (START + dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def shop(seed: int = 1, days: int = 100, customers: int = 300) -> pd.DataFrame:
    """Customers who differ in how often they write, each with issues that they favour."""
    dice = np.random.default_rng(seed)
    rows = []
    for who in range(customers):
        pace, likes = dice.gamma(0.5, 0.12), dice.dirichlet(np.full(6, 0.4))
        for opened in np.sort(dice.uniform(0, days, dice.poisson(pace * days))):
            rows.append((f"c{who}", f"i{dice.choice(6, p=likes)}", opened, opened + dice.exponential(0.5)))
    found = pd.DataFrame(rows, columns=["who", "about", "opened", "resolved"]).sort_values("opened", ignore_index=True)
    return found.assign(
        number=[f"n{k}" for k in range(len(found))], opened=found.opened.map(stamp), resolved=found.resolved.map(stamp)
    )


def log_of(rows: pd.DataFrame, seed: int = 2) -> pd.DataFrame:
    """Events of contacts: opened, perhaps handed over, resolved, closed; `closed_code` is written into all of them."""
    dice = np.random.default_rng(seed)
    told = []
    for row in rows.itertuples():
        begins, ends = pd.Timestamp(row.opened), pd.Timestamp(row.resolved)
        moved = dice.random() < 0.4
        steps = [(begins, "New", 0), (ends, "Resolved", int(moved)), (ends + pd.Timedelta("5D"), "Closed", 9)]
        steps += [(begins + (ends - begins) / 2, "Active", 1)] if moved else []
        for at, state, hops in steps:
            told.append((row.number, row.about, state, hops, at.strftime("%Y-%m-%dT%H:%M:%SZ"), f"k{dice.integers(3)}"))
    columns = ["number", "about", "state", "hops", "at", "code"]
    events = pd.DataFrame(told, columns=columns)
    return events.assign(code=events.groupby("number")["code"].transform("first"))


def written(folder: Path, **tables: pd.DataFrame) -> list[Path]:
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return [folder / f"{name}.csv" for name in tables]


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> risk.RiskScores:
    rows = shop()
    final = rows.assign(hops=9, code="k0")
    path, events = written(tmp_path_factory.mktemp("risk"), rows=final, events=log_of(rows))
    return risk.risk_file(path, TOLD, events=events)


# ---------------------------------------------------------------- what counts


def small(tmp_path: Path, rows: list[tuple]) -> risk_cases.Contacts:
    told = [(who, about, stamp(a), stamp(b) if b is not None else "") for who, about, a, b in rows]
    (path,) = written(tmp_path, rows=pd.DataFrame(told, columns=["who", "about", "opened", "resolved"]))
    return risk_cases.read(path, TOLD)


def test_a_repeat_is_a_new_contact_of_the_same_customer_and_issue_after_the_resolution(tmp_path: Path) -> None:
    contacts = small(
        tmp_path,
        [
            ("ann", "late", 0.0, 2.0),
            ("ann", "late", 1.0, 1.5),  # opened before the first was resolved: no repeat of it
            ("ann", "size", 3.0, 3.5),  # another issue
            ("bob", "late", 4.0, 4.5),  # another customer
            ("ann", "late", 8.5, None),  # 6.5 days after the first, 7 after the second; not resolved: no case
            ("cat", "late", 9.0, 9.5),
        ],
    )
    _, about = risk_signs.cases(risk_signs.Histories.make(contacts, 7.0))
    days = about[about["judged"]]["days"].tolist()

    assert days[:2] == pytest.approx([6.5, 7.0])
    assert np.isnan(days[2:]).all()
    assert 1 == contacts.left_out["not resolved in the stream"]


def test_counts_of_earlier_contacts_by_hand(tmp_path: Path) -> None:
    contacts = small(
        tmp_path,
        [
            ("ann", "late", 0.0, 0.5),
            ("ann", "size", 5.0, 5.5),
            ("ann", "late", 6.0, 7.0),
            ("ann", "late", 6.5, 20.0),  # while the third was open
            ("bob", "late", 6.9, 7.5),
            *((f"filler {day}", "other", day + 0.95, day + 0.99) for day in range(24)),
        ],
    )
    cases, about = risk_signs.cases(risk_signs.Histories.make(contacts, 7.0))
    number = int(np.flatnonzero(contacts.opened_ms == (START + dt.timedelta(days=6)).timestamp() * 1000)[0])
    third = int(np.flatnonzero(about["judged"] & about["contact"].eq(number))[0])
    told = {name: float(np.expm1(cases.signs[name].values[third])) for name in cases.signs}

    for name, count in {"same_1": 1, "same_7": 1, "same_14": 2, "same_all": 2, "any_3": 2, "any_30": 3}.items():
        assert count == pytest.approx(told[name])
    assert told["gap_same"] == pytest.approx(7.0)
    assert told["gap_any"] == pytest.approx(2.0)
    assert told["since_same"] == pytest.approx(0.5)
    assert told["open_same"] == pytest.approx(1)
    assert told["meanwhile_any"] == pytest.approx(1)
    assert (2, 3) == (round(about["same_30"][third]), round(about["any_30"][third]))


def test_rows_that_say_too_little_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = shop(3, 60, 200)
    rows.loc[3, "who"] = None
    rows.loc[4, "opened"] = "soon"
    rows.loc[5, "resolved"] = "2025-12-01T00:00:00Z"
    (path,) = written(tmp_path, rows=rows)

    left = risk_cases.read(path, TOLD).left_out

    assert (2, 1) == (left["without customer, issue or opening"], left["resolved before it was opened"])


# ---------------------------------------------------------------- what may be known


def test_columns_come_from_the_log_as_of_the_resolution_or_not_at_all(tmp_path: Path) -> None:
    rows = shop(4, 60, 200)
    events = log_of(rows)
    path, log = written(tmp_path, rows=rows.assign(hops=9, code="k0", happy="yes"), events=events)

    contacts = risk_cases.read(path, TOLD, log)
    resolved = contacts.resolved_ms != NEVER

    assert ["hops"] == list(contacts.columns)
    assert {0, 1} == set(contacts.columns["hops"].values[resolved].tolist())  # never the 9 of the closing
    assert (contacts.columns["hops"].known_ms <= contacts.resolved_ms)[resolved].all()
    assert "filled in at the end" in contacts.columns_left["code"]
    assert "the events do not tell it" == contacts.columns_left["happy"]
    assert {} == risk_cases.read(path, TOLD).columns


def test_the_first_resolution_counts_where_the_file_keeps_the_last(tmp_path: Path) -> None:
    rows = shop(5, 60, 200)
    events = log_of(rows)
    again = rows.copy()
    again.loc[0, "resolved"] = stamp(50)
    path, log = written(tmp_path, rows=again, events=events)

    one = risk_cases.read(path, TOLD, log)

    assert stamp((one.resolved_ms[0] - START.timestamp() * 1000) / DAY_MS) == rows["resolved"][0]


def test_an_issue_that_was_renamed_counts_under_its_old_name_until_then(tmp_path: Path) -> None:
    rows = shop(6, 60, 200)
    events = log_of(rows)
    first = events["number"].eq("n0") & events["state"].eq("New")
    events.loc[first, "about"] = "i9"
    path, log = written(tmp_path, rows=rows, events=events)

    contacts = risk_cases.read(path, TOLD, log)

    assert [0] == np.flatnonzero(contacts.issue != contacts.issue_first).tolist()
    assert contacts.opened_ms[0] < contacts.named_ms[0] <= contacts.resolved_ms[0]


@pytest.mark.parametrize(("column", "words"), [("resolved", "after the opening"), ("hops", "changes after")])
def test_a_column_that_is_said_to_be_known_and_is_not_is_named(tmp_path: Path, column: str, words: str) -> None:
    rows = shop(7, 60, 200)
    path, log = written(tmp_path, rows=rows.assign(hops=9), events=log_of(rows))

    with pytest.raises(LeakError, match=words) as error:
        risk_cases.read(path, dataclasses.replace(TOLD, known=(column,)), log)
    assert column in str(error.value)


def test_a_planted_sign_that_knows_the_future_makes_training_fail_with_its_name(tmp_path: Path) -> None:
    (path,) = written(tmp_path, rows=shop(8, 60, 200))
    cases, about = risk_signs.cases(risk_signs.Histories.make(risk_cases.read(path, TOLD), 7.0))
    moment = np.asarray(about["at_ms"])
    told = np.asarray(about["days"] <= 7, dtype=float)
    planted = dataclasses.replace(cases, signs={**cases.signs, "final count": Sign(told, moment + DAY_MS)})

    with pytest.raises(LeakError, match="final count"):
        risk.matrix(planted)


@pytest.mark.parametrize("with_events", [False, True])
def test_what_came_later_changes_no_sign(tmp_path: Path, with_events: bool) -> None:
    rows = shop(9, 90, 200)
    events = log_of(rows)
    renamed = events["state"].eq("New") & events["number"].str.endswith(("3", "7"))
    events.loc[renamed, "about"] = "i0"
    path, log = written(tmp_path, rows=rows.assign(hops=9), events=events)
    contacts = risk_cases.read(path, TOLD, log if with_events else None)
    cut = contacts.start_ms + 50 * DAY_MS

    whole, about = risk_signs.cases(risk_signs.Histories.make(contacts, 7.0))
    short, past = risk_signs.cases(risk_signs.Histories.make(contacts.until(cut), 7.0))
    rows_then = np.flatnonzero(about["at_ms"] <= cut)

    assert len(past) == len(rows_then)
    order, order_past = (np.lexsort((t["contact"], t["judged"])) for t in (about.iloc[rows_then], past))
    for name, sign in short.signs.items():
        assert np.array_equal(sign.values[order_past], whole.signs[name].values[rows_then][order]), name
        assert (sign.known_ms <= past["at_ms"]).all(), name


# ---------------------------------------------------------------- figures


def test_the_score_beats_the_count_on_customers_who_differ(scores: risk.RiskScores) -> None:
    assert 0.6 < scores.baseline_auc < scores.auc < 0.85
    assert scores.auc_low < scores.auc < scores.auc_high
    assert scores.beyond_baseline_low > 0
    assert scores.lift_at_10 > 1.5
    assert scores.ece < 0.09  # chance alone moves each tenth of so few cases by a few points
    assert scores.warning is None
    assert ["hops"] == scores.columns_used


def test_labels_dealt_out_anew_say_nothing(scores: risk.RiskScores) -> None:
    assert 0.45 <= scores.shuffled_auc <= 0.55


def test_every_case_is_somewhere(scores: risk.RiskScores) -> None:
    assert scores.cases == scores.matured + scores.unmatured
    assert scores.contacts == scores.cases + scores.left_out["not resolved in the stream"]
    assert scores.matured == scores.trained_on + scores.purged + scores.test_cases
    assert scores.test_cases == scores.first.cases + scores.returning.cases
    assert scores.test_events == scores.first.events + scores.returning.events
    assert scores.unmatured > 0


def test_other_windows_come_from_the_same_curve(scores: risk.RiskScores) -> None:
    assert {"1", "3", "14", "30"} == set(scores.windows)
    events = [scores.windows[days].events for days in ("1", "3")]
    assert events[0] < events[1] < scores.test_events
    assert {"test"} == {scores.windows[days].by for days in ("1", "3", "14")}
    assert all(0.5 < reach.auc < 0.9 for reach in scores.windows.values())


def test_the_challenger_speaks_only_where_its_gain_is_sure(scores: risk.RiskScores) -> None:
    sure = [name for name, way in scores.ways.items() if name != "hazard" and way.gain_low > 0]

    assert scores.promoted == bool(sure)
    assert scores.speaks in (sure or ["hazard"])
    assert (0.0, 0.0, 0.0) == tuple(getattr(scores.ways["hazard"], k) for k in ("gain", "gain_low", "gain_high"))


def test_rows_in_any_order_give_the_same(tmp_path: Path, scores: risk.RiskScores) -> None:
    rows = shop()
    mixed = rows.assign(hops=9, code="k0").sample(frac=1, random_state=4)
    path, events = written(tmp_path, rows=mixed, events=log_of(rows).sample(frac=1, random_state=5))
    again = risk.risk_file(path, TOLD, events=events)

    for name in ("auc", "lift_at_10", "ece", "shuffled_auc", "baseline_auc", "challenger_auc", "speaks"):
        assert getattr(again, name) == getattr(scores, name), name


def test_a_score_that_is_too_good_is_called_a_leak(tmp_path: Path) -> None:
    rows = []
    for who in range(400):  # a tenth of them come every three days, the others once
        for day in range(0, 70, 3) if who % 10 == 0 else [who * 0.17]:
            rows.append((f"c{who}", "late", stamp(day + who / 500), stamp(day + who / 500 + 0.1)))
    told = pd.DataFrame(rows, columns=["who", "about", "opened", "resolved"])
    (path,) = written(tmp_path, rows=told)

    assert risk.LEAK == risk.risk_file(path, TOLD).warning


def test_a_file_that_is_too_short_says_so(tmp_path: Path) -> None:
    (path,) = written(tmp_path, rows=shop(2, 20, 300))

    with pytest.raises(SourceError, match="35 days"):
        risk.risk_file(path, TOLD)


def test_a_file_in_which_nobody_comes_back_says_so(tmp_path: Path) -> None:
    rows = shop(2, 60, 300).drop_duplicates("who")
    (path,) = written(tmp_path, rows=rows)

    with pytest.raises(SourceError, match="too few cases"):
        risk.risk_file(path, TOLD)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"customer": "whom"}, SourceError),
        ({"known": ("nothing",)}, SourceError),
        ({"zone": "Mars/Base"}, SettingsError),
        ({"times": "epoch_s"}, SourceError),
    ],
)
def test_a_wrong_word_is_an_error_that_names_it(tmp_path: Path, change: dict, error: type) -> None:
    (path,) = written(tmp_path, rows=shop(2, 40, 50))

    with pytest.raises(error):
        risk.risk_file(path, dataclasses.replace(TOLD, **change))


def test_events_of_another_file_are_refused(tmp_path: Path) -> None:
    rows = shop(2, 40, 50)
    other = log_of(rows).assign(number=lambda t: "x" + t["number"])
    path, log = written(tmp_path, rows=rows, events=other)

    with pytest.raises(SourceError, match="do not belong"):
        risk_cases.read(path, TOLD, log)


def test_events_without_a_moment_are_refused(tmp_path: Path) -> None:
    rows = shop(2, 40, 50)
    path, log = written(tmp_path, rows=rows, events=log_of(rows).drop(columns="at"))

    with pytest.raises(SourceError, match="when an event was"):
        risk_cases.read(path, TOLD, log)


# ---------------------------------------------------------------- parts


def test_stretching_finds_base_and_slope() -> None:
    dice = np.random.default_rng(3)
    odds = dice.normal(-2, 1, 40_000)
    back = dice.random(40_000) < risk.probability(0.5 + 1.3 * odds)

    assert (0.5, 1.3) == pytest.approx(risk.stretch(odds, back), abs=0.08)
    assert (0.0, 1.0) == pytest.approx(risk.stretch(np.empty(0), np.empty(0, dtype=bool)))


def test_reasons_add_up_to_the_log_odds(tmp_path: Path) -> None:
    (path,) = written(tmp_path, rows=shop())
    field = risk.Field.make(risk_cases.read(path, TOLD), "rows")
    line = risk.fit_line(field, field.cut_ms, risk_signs.DIETS["all"])

    assert np.abs(line.reasons(field.x).sum(axis=1) - line.added(field.x)).max() < 1e-9


def test_another_window_of_the_curve_goes_through_the_told_one() -> None:
    from insight import hazard

    curve = hazard.certain(hazard.DAYS, np.linspace(-4, -5, 9), [])
    odds = risk.logit(curve.within(np.linspace(-3, 3, 7), 7.0))

    assert risk.other_window(curve, odds, 7.0) == pytest.approx(risk.probability(odds), abs=1e-5)
    assert risk.other_window(curve, odds, 14.0) == pytest.approx(curve.within(np.linspace(-3, 3, 7), 14.0), abs=1e-5)


def test_the_public_log_of_incidents() -> None:
    folder = Path("/work/shared/data/kpi_tables")
    if not folder.is_dir():
        pytest.skip("the public log of incidents is not here")
    told = Told("caller_id", "category", "opened_at", "resolved_at")
    contacts = risk_cases.read(folder / "itsm_incidents.parquet", told, folder / "itsm_incident_events.parquet")

    assert {"closed_code", "resolved_by", "closed_at", "sys_updated_at"} <= set(contacts.columns_left)
    assert {"reassignment_count", "reopen_count", "made_sla"} <= set(contacts.columns)
    resolved = contacts.resolved_ms != NEVER
    reopened = contacts.columns["reopen_count"]
    assert 0.999 <= (reopened.values[resolved] == 0).mean()  # nothing is reopened before its first resolution
    assert 14_000 < resolved.sum() < 15_000
    json.dumps(dict(contacts.left_out))
