"""Foreseeing bad reviews in files of orders: the moments, what was known then, and the figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.errors import SettingsError, SourceError
from insight.evaluate import review_orders, reviews
from insight.evaluate.review_orders import BEFORE, DELIVERY, OUTCOME
from insight.evaluate.reviews import LOGISTIC, RULE, bar, f1, in_folder, orders_file

OLIST = Path("/work/shared/data/kpi_olist")
START = pd.Timestamp("2026-01-01", tz="UTC")
NAMES = {
    "order": "id",
    "customer": "buyer",
    "ordered": "placed",
    "promised": "due",
    "shipped": "sent",
    "delivered": "came",
    "score": "stars",
    "reviewed": "written",
    "product": "sku",
}


def moment(days: float) -> str:
    return "" if np.isnan(days) else (START + pd.Timedelta(days=days)).isoformat()


def shop(folder: Path, many: int = 2400, *, seed: int = 5, late_hurts: bool = True) -> Path:
    """Files of a shop in which late and missing parcels get bad reviews, and nothing else matters."""
    dice = np.random.default_rng(seed)
    rows, written, lines = [], [], []
    for n in range(many):
        placed = 300 * n / many
        took = dice.choice([7.0, 12.0, np.nan], p=[0.8, 0.12, 0.08]) + dice.normal(0, 0.5)
        late = not took < 10
        bad = dice.random() < (0.75 if late and late_hurts else 0.18)
        rows.append([f"o{n}", f"c{n % (many // 2)}", *(moment(placed + d) for d in (0, 10, 2, took))])
        if dice.random() < 0.9:
            written.append([f"o{n}", 1 if bad else 5, moment(placed + 13 + dice.random())])
        lines.append([f"o{n}", f"s{n % 7}"])
    for name, told, columns in (
        ("my_orders", rows, ["id", "buyer", "placed", "due", "sent", "came"]),
        ("my_reviews", written, ["id", "stars", "written"]),
        ("my_items", lines, ["id", "sku"]),
    ):
        pd.DataFrame(told, columns=columns).to_csv(folder / f"{name}.csv", index=False)
    return folder


@pytest.fixture(scope="module", name="found")
def scored(tmp_path_factory: pytest.TempPathFactory) -> reviews.ReviewScores:
    return orders_file(*in_folder(shop(tmp_path_factory.mktemp("shop"))), columns=NAMES)


def test_a_shop_whose_late_parcels_are_reviewed_badly(found: reviews.ReviewScores) -> None:
    model = found.moments[DELIVERY].models[LOGISTIC]

    assert 0.85 <= found.response_rate <= 0.95
    assert 0.55 < model.f1_low < model.f1 < model.f1_high < 0.8
    assert 0.65 < model.auc_low < model.auc < model.auc_high < 0.9
    assert model.f1 >= found.moments[DELIVERY].models[RULE].f1 - 0.03
    assert model.ece < 0.06


def test_before_delivery_nothing_is_known_of_it(found: reviews.ReviewScores) -> None:
    before = found.moments[BEFORE]

    assert RULE not in before.models
    assert 0.42 < before.models[LOGISTIC].auc < 0.58


def test_everything_is_counted(found: reviews.ReviewScores) -> None:
    for one in found.moments.values():
        assert one.judged == found.orders == 2400
        assert one.measured <= one.answered - one.early
        assert one.bad < one.measured
    assert found.moments[OUTCOME].early == 0
    assert found.moments[DELIVERY].not_come > found.moments[OUTCOME].not_come > 0


def test_where_nothing_matters_nothing_is_foreseen(tmp_path: Path) -> None:
    told = orders_file(*in_folder(shop(tmp_path, 3000, late_hurts=False)), columns=NAMES)

    assert 0.44 < told.moments[DELIVERY].models[LOGISTIC].auc < 0.56


def test_a_file_with_too_few_bad_reviews_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="too few bad reviews"):
        orders_file(*in_folder(shop(tmp_path, 300)), columns=NAMES)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="order_purchase_timestamp"):
        orders_file(*in_folder(shop(tmp_path, 50)), columns={k: v for k, v in NAMES.items() if k != "ordered"})
    with pytest.raises(SettingsError, match="colour"):
        orders_file(*in_folder(tmp_path), columns={**NAMES, "colour": "red"})


def test_a_folder_tells_its_files_by_their_names(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file of orders"):
        in_folder(tmp_path)
    shop(tmp_path, 5)
    (tmp_path / "notes.txt").write_text("orders")
    assert ["my_orders", "my_reviews", "my_items"] == [file.stem for file in in_folder(tmp_path) if file]
    (tmp_path / "old_orders.csv").write_text("id\n")
    with pytest.raises(SourceError, match="which file tells the orders"):
        in_folder(tmp_path)


# ---------------------------------------------------------------- moments and signs


def orders(**columns: list[float]) -> pd.DataFrame:
    """Orders with moments in days."""
    many = len(columns["ordered"])
    empty = {name: [np.nan] * many for name in ("promised", "shipped", "delivered", "reviewed")}
    told = pd.DataFrame(empty | columns) * review_orders.DAY_MS
    rest = {"product": ["mug"] * many, "seller": ["x"] * many, "bad": [True] * many, "customer": list(range(many))}
    return told.assign(**rest, **dict.fromkeys(("pieces", "products", "sellers", "price", "freight"), 1.0))


def test_when_an_order_is_judged() -> None:
    rows = orders(
        ordered=[0, 0, 0, 0],
        promised=[10, 10, 10, np.nan],
        shipped=[2, 3, np.nan, 1],
        delivered=[9, 15, np.nan, np.nan],
    )
    days = {which: review_orders.moment(rows, which, wait=2) / review_orders.DAY_MS for which in review_orders.MOMENTS}

    assert [9, 12, 12, None] == [None if np.isnan(d) else d for d in days[DELIVERY]]
    assert [2, 3, 10, 1] == days[BEFORE].tolist()
    assert [9, 15, 12, None] == [None if np.isnan(d) else d for d in days[OUTCOME]]


def test_what_has_not_come_yet_is_not_known_to_come() -> None:
    rows = orders(ordered=[0], promised=[10], shipped=[2], delivered=[15])

    early = review_orders.signs(rows, np.array([12 * review_orders.DAY_MS])).iloc[0]
    late = review_orders.signs(rows, np.array([15 * review_orders.DAY_MS])).iloc[0]

    assert (1, 2, 12) == (early["not_come"], early["late_days"], early["days"])
    assert (0, 5, 15, 13) == (late["not_come"], late["late_days"], late["days"], late["days_under_way"])


def test_later_moments_and_reviews_change_no_sign() -> None:
    dice = np.random.default_rng(2)
    ordered = np.sort(dice.uniform(0, 100, 60))
    rows = orders(
        ordered=ordered.tolist(),
        promised=(ordered + 10).tolist(),
        shipped=(ordered + dice.uniform(1, 12, 60)).tolist(),
        delivered=(ordered + dice.uniform(5, 30, 60)).tolist(),
        reviewed=(ordered + dice.uniform(10, 40, 60)).tolist(),
    ).assign(product=[f"p{n % 4}" for n in range(60)], bad=dice.random(60) < 0.4)
    at = review_orders.moment(rows, DELIVERY, wait=2)
    whole = review_orders.signs(rows, at)

    for place, now in enumerate(at):
        told = rows.copy()
        for name in ("shipped", "delivered", "reviewed"):
            told[name] = told[name].where(told[name] <= now)
        told["bad"] = told["bad"].where(told["reviewed"].notna())
        pd.testing.assert_series_equal(whole.iloc[place], review_orders.signs(told, at).iloc[place])


# ---------------------------------------------------------------- the bar


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40))
def test_no_other_bar_has_a_better_f1(told: list[tuple[bool, int]]) -> None:
    bad, chance = np.array([b for b, _ in told]), np.array([c / 6 for _, c in told])

    best = bar(bad, chance)

    if not bad.any():
        assert best == np.inf
    else:
        assert f1(bad, chance >= best) == max(f1(bad, chance >= other) for other in chance)


def test_f1_by_hand() -> None:
    assert 2 * 1 / (2 + 3) == f1(np.array([True, True, False, False]), np.array([True, False, True, True]))
    assert np.isnan(f1(np.array([False]), np.array([False])))


@pytest.mark.skipif(not OLIST.is_dir(), reason="needs the shared data")
def test_olist_is_read_with_the_names_that_it_has() -> None:
    told = review_orders.read(*in_folder(OLIST))

    assert (14_368, 0) == (len(told.rows), told.unreadable)
    assert 14_249 == told.rows["reviewed"].notna().sum()
    assert 0.14 < told.rows["bad"].astype(float).mean() < 0.15
