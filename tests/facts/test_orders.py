"""What was bought, did it come in time, and who bought after asking?"""

import datetime as dt
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.engines import ENGINES
from insight.facts import orders
from insight.schema import CONVERSATIONS, EXCHANGE_RATES, ORDER_ITEMS, ORDERS
from tests.rows import DAY, HOUR, START, found, table

WEEK = 7 * DAY


def test_products_of_an_order_are_its_first_by_line_its_only_one_and_its_pieces():
    lines = [
        {"order_id": "a", "line": 2, "sku": "x", "quantity": 1},
        {"order_id": "a", "line": 1, "sku": "y", "quantity": 3},
        {"order_id": "b", "line": 1, "sku": "z", "quantity": 1},
        {"order_id": "b", "line": 2, "sku": "z", "quantity": 1},
    ]
    assert found(orders.products, table(ORDER_ITEMS, *lines)) == [
        {"order_id": "a", "first_sku": "y", "only_sku": None, "items": 4},
        {"order_id": "b", "first_sku": "z", "only_sku": "z", "items": 2},
    ]


def test_contacts_of_an_order_are_the_conversations_about_it():
    rows = [{"conversation_id": name, "order_id": order} for name, order in (("a", "o"), ("b", "o"), ("c", None))]
    assert found(orders.contacts, table(CONVERSATIONS, *rows)) == [{"order_id": "o", "contacts": 2}]


# ---------------------------------------------------------------- in time


ARRIVED = {"order_id": "another", "delivered_ms": START}


def late(
    promised_ms,
    delivered_ms,
    newest_ms=START + 90 * DAY,
    status="delivered",
    zone="Europe/Berlin",
    others=(ARRIVED,),
    whole_day=True,
):
    row = {"order_id": "o", "promised_ms": promised_ms, "delivered_ms": delivered_ms, "status": status}
    bought = table(ORDERS, row, *others)
    due = orders.due(bought, zone=ZoneInfo(zone), whole_day=whole_day)
    answers = []
    for engine in ENGINES.values():
        rows = engine.frame(bought).join(engine.frame(due), on="order_id", how="left")
        answers += engine.arrow(rows.select("order_id", late=orders.late(newest_ms=newest_ms))).to_pylist()
    first, second = (row["late"] for row in answers if row["order_id"] == "o")
    assert first == second
    return first


def test_a_promised_moment_is_kept_up_to_that_moment():
    assert late(START + 13 * HOUR, START + 13 * HOUR - 1) is False
    assert late(START + 13 * HOUR, START + 13 * HOUR) is True


def test_midnight_is_a_moment_like_any_other_where_the_settings_say_so():
    assert late(START - HOUR, START - HOUR - 1, whole_day=False) is False
    assert late(START - HOUR, START - HOUR, whole_day=False) is True


def test_a_promised_day_is_kept_until_it_is_over():
    midnight_in_berlin = START - HOUR
    assert late(midnight_in_berlin, midnight_in_berlin + DAY - 1) is False
    assert late(midnight_in_berlin, midnight_in_berlin + DAY) is True
    assert late(START, START + DAY - 1) is False, "midnight in UTC is a promised day too"


def test_what_has_not_arrived_is_late_once_it_is_due_and_unknown_before():
    promised = START + 13 * HOUR
    assert late(promised, None, newest_ms=promised + 1) is True
    assert late(promised, None, newest_ms=promised) is None
    assert late(promised, promised - HOUR, newest_ms=promised - 1) is None, "early arrivals wait for the late ones"


def test_where_the_platform_never_tells_a_delivery_nothing_is_late():
    assert late(START, None, others=()) is None
    assert late(START, None, others=[{**ARRIVED, "platform": "another"}]) is None
    assert late(START, None, others=[ARRIVED]) is True


def test_without_a_promise_or_when_cancelled_nothing_is_late():
    assert late(None, START) is None
    assert late(START, None, status="Cancelled") is None


# ---------------------------------------------------------------- buying after asking


def asked(customer, at, conversation="c", order=None):
    return {
        "conversation_id": conversation,
        "customer_key": customer,
        "opened_ms": START + round(at * DAY),
        "order_id": order,
    }


def bought(customer, at, order="o"):
    return {"order_id": order, "customer_key": customer, "ordered_ms": START + round(at * DAY)}


def buying(contacts, purchases, newest_day=100):
    tables = table(CONVERSATIONS, *contacts), table(ORDERS, *purchases)
    rows = found(orders.buying, *tables, newest_ms=START + newest_day * DAY)
    return {row["conversation_id"]: (row["presale"], row["converted"]) for row in rows if row["conversation_id"] != "x"}


EARLY = bought("somebody else", -50, "early")
KNOWN = asked("somebody else", 0, "x")
"""A buyer asks in the same source: it names customers as the shop does."""


@pytest.mark.parametrize(
    ("day", "expected"), [(0, (False, None)), (0.1, (True, True)), (6.9, (True, True)), (7, (True, False))]
)
def test_a_purchase_within_seven_days_of_asking_converts(day, expected):
    assert buying([asked("ann", 0)], [EARLY, bought("ann", day)]) == {"c": expected}


def test_a_customer_with_an_order_or_naming_one_is_not_presale():
    assert buying([asked("ann", 0)], [EARLY, bought("ann", -3)]) == {"c": (False, None)}
    assert buying([asked("ann", 0, order="o-9"), KNOWN], [EARLY]) == {"c": (False, None)}


def test_somebody_elses_purchase_converts_nobody():
    assert buying([asked("ann", 0), KNOWN], [EARLY, bought("bob", 1)]) == {"c": (True, False)}


def test_conversion_is_unknown_until_seven_days_have_passed():
    assert buying([asked("ann", 0)], [EARLY, bought("ann", 1)], newest_day=6) == {"c": (True, None)}


def test_a_source_that_names_no_buyer_tells_of_nobody_whether_they_had_bought():
    chats = [asked("chat 1", 0, "a"), asked("chat 2", 0, "b", order="o-9")]
    assert buying(chats, [EARLY, bought("ann", 1)]) == {"a": (None, None), "b": (None, None)}
    mails = [{**asked("ann", 0, "m"), "source": "mail"}]
    assert buying([*chats, *mails], [EARLY, bought("ann", 1)])["m"] == (True, True)
    assert buying([*chats, *mails], [EARLY, bought("ann", 1)])["a"] == (None, None)


def test_where_orders_do_not_reach_back_presale_is_unknown():
    assert buying([asked("ann", 0)], [bought("ann", 3)]) == {"c": (None, None)}
    assert buying([asked("ann", 0)], []) == {"c": (None, None)}


EVENT = st.tuples(st.sampled_from("ab"), st.sampled_from([0, 0, 1, 6.9, 7, 8, 14, 20]), st.booleans())


@settings(max_examples=20, deadline=None)
@given(st.lists(EVENT, max_size=7), st.lists(EVENT, max_size=7), st.integers(0, 30))
def test_any_customers_give_what_looking_at_each_order_gives(contacts, purchases, newest_day):
    asks = [asked(who, at, f"c{n}", "named" if names else None) for n, (who, at, names) in enumerate(contacts)]
    buys = [bought(who, at, f"o{n}") for n, (who, at, _) in enumerate(purchases)]
    expected = {}
    for ask in asks:
        theirs = [b["ordered_ms"] - ask["opened_ms"] for b in buys if b["customer_key"] == ask["customer_key"]]
        known = any(b["ordered_ms"] <= ask["opened_ms"] for b in buys)
        linked = {b["customer_key"] for b in buys} & {a["customer_key"] for a in asks}
        presale = (
            None
            if not linked
            else False
            if ask["order_id"] or any(gap <= 0 for gap in theirs)
            else True
            if known
            else None
        )
        judged = presale and ask["opened_ms"] + WEEK <= START + newest_day * DAY
        expected[ask["conversation_id"]] = presale, any(0 < gap < WEEK for gap in theirs) if judged else None
    assert expected == buying(asks, buys, newest_day)


# ---------------------------------------------------------------- contacts, weeks and money of an order


@pytest.mark.parametrize(
    ("days", "newest", "expected"),
    [((0, 27.999), 28, 2), ((28,), 28, 0), ((-1, 3), 28, 2), ((), 28, 0), ((3,), 27.999, None)],
)
def test_contacts_of_four_weeks_are_counted_once_they_have_passed(days, newest, expected):
    asks = [asked("ann", at, f"c{n}", order="o") for n, at in enumerate(days)] + [asked("bob", 1, "z")]
    tables = table(CONVERSATIONS, *asks), table(ORDERS, bought("ann", 0))
    rows = found(orders.early_contacts, *tables, newest_ms=START + round(newest * DAY))
    assert {row["order_id"]: row["contacts_28d"] for row in rows} == ({} if expected is None else {"o": expected})


def test_a_week_begins_on_the_monday_of_the_business():
    sunday_night = START + 4 * DAY - HOUR // 2  # Sunday 23:30 in UTC is Monday 00:30 in Berlin
    rows = table(ORDERS, {"order_id": "o", "shipped_ms": sunday_night}, {"order_id": "p"})
    weeks = {zone: orders.ship_week(rows, zone=ZoneInfo(zone))["ship_week"].to_pylist() for zone in ("UTC", BERLIN)}
    assert weeks == {"UTC": [dt.date(2025, 12, 29), None], BERLIN: [dt.date(2026, 1, 5), None]}


BERLIN = "Europe/Berlin"


def test_total_and_cost_are_converted_at_the_moment_of_the_order():
    rates = table(EXCHANGE_RATES, {"currency": "EUR", "valid_from_ms": START, "rate": 1.1})
    told = {"currency": "EUR", "ordered_ms": START, "total_minor": 1000, "cost_minor": 400}
    rows = table(ORDERS, {"order_id": "o", **told}, {"order_id": "p", **told, "ordered_ms": START - 1})
    assert orders.in_shop(rows, rates, to="USD").to_pylist() == [
        {"order_id": "o", "total_shop_minor": 1100, "cost_shop_minor": 440},
        {"order_id": "p", "total_shop_minor": None, "cost_shop_minor": None},
    ]


@pytest.mark.parametrize(
    ("total", "cost", "refund", "status", "expected"),
    [
        (1000, 400, 250, "delivered", 350),
        (1000, 400, 1200, "delivered", -600),
        (1000, None, 0, "delivered", None),
        (1000, 400, None, "delivered", None),
        (1000, 400, 0, "Cancelled", None),
        (1000, 400, 0, "unknown", 600),
    ],
)
def test_a_margin_is_known_where_all_of_it_is(total, cost, refund, status, expected):
    amounts = {"total_shop_minor": total, "cost_shop_minor": cost, "refund_shop_minor": refund}
    rows = pa.table({name: pa.array([value], pa.int64()) for name, value in amounts.items()} | {"status": [status]})
    work = lambda frame: frame.with_columns(cancelled=orders.cancelled()).select(left=orders.margin())  # noqa: E731
    assert found(work, rows) == [{"left": expected}]


@pytest.mark.parametrize(("status", "expected"), [("Cancelled", True), ("shipped", False), ("unknown", None)])
def test_whether_an_order_was_cancelled_is_unknown_without_a_status(status, expected):
    rows = table(ORDERS, {"order_id": "o", "status": status})
    assert found(lambda frame: frame.select(gone=orders.cancelled()), rows) == [{"gone": expected}]


@pytest.mark.parametrize(
    ("shipped", "delivered", "promised", "expected"),
    [
        (1, 7, 5, {"promised_days": 5.0, "transit_days": 6.0, "late_days": 2.0}),
        (1, 3, 5, {"promised_days": 5.0, "transit_days": 2.0, "late_days": -2.0}),
        (7, 3, -1, {"promised_days": None, "transit_days": None, "late_days": 4.0}),
        (None, None, 5, {"promised_days": 5.0, "transit_days": None, "late_days": None}),
    ],
)
def test_days_are_unknown_where_time_runs_backwards(shipped, delivered, promised, expected):
    days = {"ordered_ms": 0, "shipped_ms": shipped, "delivered_ms": delivered, "due_ms": promised}
    rows = pa.table({k: pa.array([None if d is None else START + d * DAY], pa.int64()) for k, d in days.items()})
    assert found(lambda frame: frame.select(**orders.spans()), rows) == [expected]
