"""Who bought again, and what came of each customer?"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.engines import ENGINES
from insight.kpis import KPIS, measure
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, CUSTOMER_FACTS, ORDER_FACTS, ORDERS
from insight.settings import Settings
from insight.store import conform
from jobs import customer_facts
from tests.rows import DAY, START, table

DAY_1 = dt.date(2026, 1, 1)


def bought(customer, at, order, **told):
    """An order so many days after the first of January."""
    money = {"total_shop_minor": 1000, "refund_shop_minor": 0, "margin_shop_minor": 300}
    moment = {"ordered_ms": START + round(at * DAY), "day": DAY_1 + dt.timedelta(days=int(at // 1))}
    return {"order_id": order, "customer_key": customer, "cancelled": False, **money, **moment, **told}


def facts(*orders, contacts=(), nameless=(), newest_day=1000):
    """CUSTOMER_FACTS by customer, equal from every engine; somebody else buys on the newest day."""
    rows = [*orders, bought("somebody else", newest_day, "newest")]
    raw = [{"order_id": r["order_id"], "ordered_ms": r["ordered_ms"], "customer_key": r["customer_key"]} for r in rows]
    raw = [row | {"customer_told": row["order_id"] not in nameless} for row in raw]
    asks = [{"conversation_id": f"c{n}", "customer_key": who} for n, who in enumerate(contacts)]
    tables = table(ORDERS, *raw), table(ORDER_FACTS, *rows), table(CONVERSATION_FACTS, *asks)
    results = []
    for engine in ENGINES.values():
        run = Run(Settings(home=Path()), engine)
        results.append(
            conform(CUSTOMER_FACTS, engine.arrow(customer_facts.work(*map(engine.frame, tables), run=run))).to_pylist()
        )
    first, *others = results
    assert all(first == other for other in others)
    return {row["customer_key"]: row for row in first if row["customer_key"] != "somebody else"}


@pytest.mark.parametrize(
    ("again", "newest", "expected"),
    [
        (89.999, 200, (True, True)),
        (90, 200, (False, True)),
        (180, 200, (False, False)),
        (0.9, 200, (False, False)),
        (1, 200, (True, True)),
        (20, 89, (None, None)),
        (20, 90, (True, None)),
        (20, 180, (True, True)),
    ],
)
def test_to_buy_again_is_to_buy_on_a_later_day_within_the_days(again, newest, expected):
    told = facts(bought("ann", 0, "a"), bought("ann", again, "b"), newest_day=newest)["ann"]
    assert (told["repurchased_90d"], told["repurchased_180d"]) == expected


def test_cancelled_orders_are_no_purchase():
    told = facts(
        bought("ann", 0, "a", cancelled=True),
        bought("ann", 5, "b", market="DE"),
        bought("ann", 9, "c", cancelled=True),
        bought("bob", 0, "d", cancelled=True),
    )
    assert list(told) == ["ann"], "who only cancelled never bought"
    ann = told["ann"]
    assert (ann["day"], ann["market"]) == (dt.date(2026, 1, 6), "DE")
    assert (ann["orders"], ann["cancelled_orders"], ann["repurchased_90d"]) == (1, 2, False)


def test_an_order_that_names_nobody_is_no_customer_who_stayed_away():
    assert facts(bought("made up", 0, "a"), nameless=["a"]) == {}


def test_amounts_to_date_and_of_ninety_days_are_known_where_each_is():
    told = facts(
        bought("ann", 0, "a", total_shop_minor=2000, refund_shop_minor=500, margin_shop_minor=100),
        bought("ann", 95, "b", total_shop_minor=3000, refund_shop_minor=0, margin_shop_minor=None),
        bought("bob", 0, "c", total_shop_minor=None),
        contacts=["ann", "ann", "nobody"],
    )
    ann = told["ann"]
    assert (ann["revenue_90d_minor"], ann["margin_90d_minor"]) == (2000, 100)
    assert (ann["lifetime_revenue_minor"], ann["lifetime_refund_minor"], ann["lifetime_margin_minor"]) == (
        5000,
        500,
        None,
    )
    assert (ann["contacts"], told["bob"]["contacts"]) == (2, 0)
    assert (told["bob"]["lifetime_revenue_minor"], told["bob"]["revenue_90d_minor"]) == (None, None)


EVENT = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from([0, 0.4, 1, 30, 89.5, 90, 91, 179, 181, 300]),
    st.sampled_from([False, False, True, None]),
    st.sampled_from([None, 100, 250]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(EVENT, max_size=9), st.sampled_from([301, 390, 481]))
def test_any_customers_are_what_looking_at_each_order_gives(events, newest):
    rows = [
        bought(who, at, f"o{n}", cancelled=gone, total_shop_minor=paid, margin_shop_minor=paid)
        for n, (who, at, gone, paid) in enumerate(events)
    ]
    told = facts(*rows, newest_day=newest)
    for who in "ab":
        kept = [(at, paid) for name, at, gone, paid in events if name == who and not gone]
        assert (who in told) == bool(kept)
        if kept:
            began = min(at for at, _ in kept)
            later = [at for at, _ in kept if at // 1 > began // 1]
            for days in (90, 180):
                again = any(at < began + days for at in later)
                assert told[who][f"repurchased_{days}d"] == (again if began + days <= newest else None)
            every = [paid for _, paid in kept]
            early = [paid for at, paid in kept if at < began + 90]
            assert told[who]["lifetime_margin_minor"] == (None if None in every else sum(every))
            matured = began + 90 <= newest and None not in early
            assert told[who]["revenue_90d_minor"] == (sum(early) if matured else None)


# ---------------------------------------------------------------- a real shop

RETAIL = Path("/work/shared/data/kpi_tables/online_retail_uci.parquet")


@pytest.fixture(scope="module")
def retail():
    """Invoices of a British wholesaler, December 2010 to December 2011: one row each, cancellations apart."""
    if not RETAIL.is_file():
        pytest.skip("the Online Retail data are not on this machine")
    lines = pd.read_parquet(RETAIL)
    lines = lines.assign(
        pence=np.round(lines["quantity"].astype(float) * lines["unit_price"].astype(float) * 100).astype("int64"),
        at=pd.to_datetime(lines["invoice_date"]),
        who=pd.to_numeric(lines["customer_id"], errors="coerce").astype("Int64").astype("string"),
    )
    rows = lines.groupby("invoice_no", as_index=False).agg(
        pence=("pence", "sum"), at=("at", "min"), who=("who", "first")
    )
    return rows.assign(cancelled=rows["invoice_no"].astype(str).str.startswith("C"))


def test_repurchase_and_lifetime_value_of_a_real_shop_are_what_pandas_gives(retail):
    ms = (retail["at"] - pd.Timestamp(0)) // pd.Timedelta(milliseconds=1)
    orders = {
        "order_id": retail["invoice_no"].astype(str),
        "customer_key": retail["who"].fillna("unknown"),
        "ordered_ms": ms,
        "customer_told": retail["who"].notna(),
    }
    told = orders | {
        "day": retail["at"].dt.date,
        "cancelled": retail["cancelled"],
        "total_shop_minor": retail["pence"],
    }
    tables = [filled(ORDERS, orders), filled(ORDER_FACTS, told), table(CONVERSATION_FACTS)]
    engine = ENGINES["local"]
    run = Run(Settings(home=Path()), engine)
    found = conform(CUSTOMER_FACTS, engine.arrow(customer_facts.work(*map(engine.frame, tables), run=run)))

    kept = retail[~retail["cancelled"] & retail["who"].notna()]
    first = kept.groupby("who")["at"].min()
    since = kept["at"] - kept["who"].map(first)
    later = kept["at"].dt.normalize() > kept["who"].map(first).dt.normalize()
    for days in (90, 180):
        again = kept[later & (since < pd.Timedelta(days=days))].groupby("who").size().reindex(first.index).fillna(0) > 0
        old = first + pd.Timedelta(days=days) <= retail["at"].max()
        _, kpi = KPIS[f"repurchase_{days}d"]
        [row] = measure(kpi, engine.frame(found)).collect("pyarrow").to_native().to_pylist()
        assert (row["num"], row["den"]) == (again[old].sum(), old.sum())
    spent = kept.groupby("who")["pence"].sum()
    assert dict(zip(found["customer_key"].to_pylist(), found["lifetime_revenue_minor"].to_pylist(), strict=True)) == (
        spent.to_dict()
    )
    _, kpi = KPIS["lifetime_revenue"]
    [row] = measure(kpi, engine.frame(found)).collect("pyarrow").to_native().to_pylist()
    assert (row["value"], row["n"]) == (pytest.approx(spent.mean(), abs=1e-6), len(spent))


def filled(of, columns):
    """Whole columns, the others filled with what `tests.rows.table` puts there."""
    rows = len(next(iter(columns.values())))
    plain = table(of, {}).to_pydict()
    arrays = {
        f.name: pa.array(columns[f.name], f.type, from_pandas=True)
        if f.name in columns
        else pa.array(plain[f.name] * rows, f.type)
        for f in of.arrow
    }
    return pa.table(arrays, schema=of.arrow)
