"""Which product has which issue more than its family, and what differs from its listing?"""

import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from insight import shrinkage
from insight.engines import ENGINES
from insight.marts import sku_fixes
from insight.marts.sku_fixes import CANNOT_TELL, MORE
from insight.schema import LISTING_GAPS, MENTION_TOPICS, MENTIONS, ORDERS, SKU_ISSUES, TOPIC_MAP, TOPICS, UNASSIGNED
from tests.rows import DAY, START, kept, table

SAID = ["mention_id", "origin", "origin_id", "conversation_id", "customer_key", "order_id", "sku", "topic_id"]
SAID += ["family", "near", "similarity", "text", "language", "said_ms"]


def said(*rows):
    """Mentions as told, the rest filled in."""
    plain = {"origin": "message", "order_id": None, "family": "sizing", "near": "sizing", "similarity": 0.5}
    plain |= {"text": "too small", "language": "en"}
    made = []
    for n, row in enumerate(rows):
        ids = {"mention_id": f"m{n:04}", "origin_id": f"x{n}", "conversation_id": f"c{n}", "said_ms": START + n}
        made.append({**plain, **ids, **row})
    return pd.DataFrame(made, columns=SAID)


def voices(sku, count, *, topic="sizing.too_small", **more):
    return [{"sku": sku, "topic_id": topic, "customer_key": f"{sku}-{topic}-{n}", **more} for n in range(count)]


def sold(**orders):
    return pd.DataFrame(list(orders.items()), columns=["sku", "orders"]).astype({"sku": object, "orders": "int64"})


def families(orders, name="apparel"):
    return orders.assign(family=name)[["sku", "family"]]


def matrix(rows, orders, *, min_customers=2, of=None):
    goods = families(orders) if of is None else of
    found = sku_fixes.matrix(said(*rows), orders, goods, min_customers=min_customers)
    return {(row["sku"], row["topic_id"]): row for row in sorted(kept(SKU_ISSUES, found), key=lambda r: r["rank"])}


def test_customers_count_and_not_messages_and_each_origin_stands_apart():
    rows = [
        {"sku": "s", "topic_id": "t", "customer_key": "ann", "conversation_id": "c1"},
        {"sku": "s", "topic_id": "t", "customer_key": "ann", "conversation_id": "c1"},
        {"sku": "s", "topic_id": "t", "customer_key": "ann", "conversation_id": "c2"},
        {"sku": "s", "topic_id": "t", "customer_key": "bob", "origin": "return", "origin_id": "r1"},
        {"sku": "s", "topic_id": "t", "customer_key": "cy", "origin": "review", "origin_id": "v1"},
        {"sku": "s", "topic_id": "t", "customer_key": "dee", "origin": "survey"},
    ]
    row = matrix(rows, sold(s=100))["s", "t"]
    assert (row["contacts"], row["customers"], row["return_comments"], row["reviews"]) == (2, 1, 1, 1)
    assert row["per_100_orders"] == 1.0


def test_a_rate_worked_by_hand():
    # family of four: 8 of 100, 0 of 300 in all others; mean .02, Σ x²/n = .64, spread .64/400 - .0004 - .0002 = .001
    row = matrix(voices("a", 8), sold(a=100, b=100, c=100, d=100))["a", "sizing.too_small"]
    prior = (0.02**2 / 0.001, 0.02 / 0.001)
    assert row["shrunk"] == pytest.approx(100 * (8 + prior[0]) / (100 + prior[1]))
    assert (row["per_100_orders"], row["family_per_100"], row["ratio"]) == (8.0, 0.0, None)
    assert row["ratio_high"] is None
    # 8 of 8 in a quarter of the orders: p = .25⁸, one test of four
    assert row["q"] == pytest.approx(4 * 0.25**8)
    assert row["verdict"] == MORE


def naive(rows, orders, of):
    """The rates and chances of each cell, one at a time."""
    found = {}
    counts = dict(zip(orders["sku"], orders["orders"], strict=True))
    family = dict(zip(of["sku"], of["family"], strict=True))
    topics = {row["topic_id"] for row in rows}
    wrote = {
        (s, t): {r["customer_key"] for r in rows if (r["sku"], r["topic_id"]) == (s, t)} for s in counts for t in topics
    }
    for (sku, topic), people in wrote.items():
        kin = [s for s in counts if family[s] == family[sku]]
        if not people:
            continue
        usual = shrinkage.prior([len(wrote[s, topic]) for s in kin], [counts[s] for s in kin])
        rate = shrinkage.shrunk([len(people)], [counts[sku]], usual)
        others = sum(len(wrote[s, topic]) for s in kin if s != sku)
        exposed = sum(counts[s] for s in kin if s != sku)
        share = counts[sku] / (counts[sku] + exposed)
        p = binomtest(len(people), len(people) + others, share, alternative="greater").pvalue
        found[sku, topic] = (100 * rate.mean[0], 100 * rate.low[0], p)
    order = sorted(found, key=lambda key: found[key][2])
    tests, q = len(counts) * len(topics), {}
    for place, key in reversed(list(enumerate(order, 1))):
        q[key] = min(found[key][2] * tests / place, q[order[place]] if place < len(order) else 1, 1)
    return {key: (*value[:2], q[key]) for key, value in found.items()}


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_a_plain_second_count(seed):
    dice = random.Random(seed)
    orders = sold(**{f"s{n}": dice.randrange(20, 400) for n in range(8)})
    of = families(orders).assign(family=["a"] * 5 + ["b"] * 3)
    rows = [
        {"sku": f"s{dice.randrange(8)}", "topic_id": f"t{dice.randrange(3)}", "customer_key": f"k{dice.randrange(60)}"}
        for _ in range(150)
    ]
    found, wanted = matrix(rows, orders, of=of), naive(rows, orders, of)
    assert found.keys() == wanted.keys()
    for key, (mean, low, q) in wanted.items():
        assert (found[key]["shrunk"], found[key]["low"], found[key]["q"]) == pytest.approx((mean, low, q), rel=1e-6)


@settings(deadline=None, max_examples=15)
@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(30, 2000), st.integers(0, 60)), min_size=1, max_size=8),
)
def test_a_product_of_three_orders_never_tops(few, others):
    """Whatever the others are, as long as anybody says anything of one of them."""
    orders = sold(tiny=3, **{f"s{n}": sold_of for n, (sold_of, _) in enumerate(others)})
    rows = voices("tiny", few) + [v for n, (_, count) in enumerate(others) for v in voices(f"s{n}", count)]
    found = matrix(rows, orders)
    if any(count for _, count in others):
        assert next(iter(found))[0] != "tiny"
    assert found["tiny", "sizing.too_small"]["verdict"] == CANNOT_TELL


def test_the_planted_product_comes_first_and_chance_makes_none():
    """Twenty products and ten topics by chance alone, and one product with six times its family's rate."""
    dice = np.random.default_rng(3)
    orders = sold(**{f"s{n:02}": int(n_orders) for n, n_orders in enumerate(dice.integers(300, 900, 20))})
    rows = [
        voice
        for sku, n in zip(orders["sku"], orders["orders"], strict=True)
        for topic in range(10)
        for voice in voices(sku, int(dice.poisson(0.01 * n)), topic=f"t{topic}")
    ]
    assert not [key for key, row in matrix(rows, orders).items() if row["verdict"] == MORE]
    planted = rows + voices("s03", int(0.05 * orders["orders"][3]), topic="fault")
    for sku, n in zip(orders["sku"], orders["orders"], strict=True):
        planted += voices(sku, int(dice.poisson(0.008 * n)), topic="fault", family="")
    found = matrix(planted, orders)
    assert next(iter(found)) == ("s03", "fault")
    assert [key for key, row in found.items() if row["verdict"] == MORE] == [("s03", "fault")]


def test_words_need_enough_customers_and_are_the_nearest_to_the_topic():
    rows = voices("s", 3)
    rows[1] |= {"text": "the nearest", "similarity": 0.9, "language": "de"}
    row = matrix(rows, sold(s=100), min_customers=3)["s", "sizing.too_small"]
    assert (row["quote"], row["quote_language"]) == ("the nearest", "de")
    assert matrix(rows, sold(s=100), min_customers=4)["s", "sizing.too_small"]["quote"] is None


def test_what_fits_no_topic_and_unknown_orders():
    found = matrix([*voices("s", 2, topic=UNASSIGNED), *voices("ghost", 2)], sold(s=100))
    row = found["ghost", "sizing.too_small"]
    assert list(found) == [("ghost", "sizing.too_small")]
    assert (row["orders"], row["per_100_orders"], row["verdict"], row["family"]) == (0, None, CANNOT_TELL, "unknown")


def test_a_shop_without_orders_or_words():
    assert matrix([], sold(s=10)) == {}
    assert matrix(voices("s", 3), sold())["s", "sizing.too_small"]["customers"] == 3


# ---------------------------------------------------------------- days, topics and orders


def test_days_are_those_that_both_feeds_tell():
    zone = dt.UTC
    shown = [
        {"mention_id": str(n), "said_ms": START + n * DAY, "day": dt.date(2026, 1, 1) + dt.timedelta(n)}
        for n in range(9)
    ]
    mentions = table(MENTIONS, *({"origin": "message", **row} for row in shown))
    days = [dt.date(2026, 1, 1) + dt.timedelta(n) for n in range(3, 40)]
    orders = table(
        ORDERS,
        *({"order_id": str(d), "ordered_ms": START + (d - days[0]).days * DAY + 3 * DAY, "day": d} for d in days),
    )
    for engine in ENGINES.values():
        found = sku_fixes.period(engine.frame(mentions), engine.frame(orders), zone=zone)
        assert (found.since, found.until) == (dt.date(2026, 1, 4), dt.date(2026, 1, 9))
        alone = sku_fixes.period(engine.frame(mentions), engine.frame(orders.slice(0, 0)), zone=zone)
        assert (alone.since, alone.until) == (dt.date(2026, 1, 1), dt.date(2026, 1, 9))


def test_a_found_topic_speaks_of_the_family_it_is_nearest_to():
    topics = table(TOPICS, {"topic_id": "t1"}, {"topic_id": "sizing.too_small", "family": "sizing"}, {"topic_id": "t2"})
    places = table(TOPIC_MAP, {"topic_id": "t1", "parent": "quality"}, {"topic_id": "t2", "parent": None})
    for engine in ENGINES.values():
        rows = engine.arrow(sku_fixes.near(engine.frame(topics), engine.frame(places))).to_pylist()
        assert {row["topic_id"]: (row["family"], row["near"]) for row in rows} == {
            "t1": ("", "quality"),
            "t2": ("", ""),
            "sizing.too_small": ("sizing", "sizing"),
        }
        told = table(MENTION_TOPICS, {"mention_id": "m", "topic_id": "gone"})
        mention = table(MENTIONS, {"mention_id": "m", "sku": "s", "day": dt.date(2026, 1, 2)})
        days = sku_fixes.Period(dt.date(2026, 1, 1), dt.date(2026, 1, 3))
        frames = (engine.frame(t) for t in (mention, told, topics, places))
        [row] = engine.arrow(sku_fixes.spoken(*frames, days)).to_pylist()
        assert (row["family"], row["near"]) == ("", "")


# ---------------------------------------------------------------- the listing


def complaint(sku, customer, text, language="en", **more):
    topic = {"topic_id": "not_as_described.colour_differs", "family": "not_as_described", "near": "not_as_described"}
    return {"sku": sku, "customer_key": customer, "text": text, "language": language, **topic, **more}


def gaps(rows, listings, orders, min_customers=2):
    catalogue = pd.DataFrame(list(listings.items()), columns=["sku", "listing"], dtype=object)
    found = sku_fixes.gaps(said(*rows), catalogue, orders, min_customers=min_customers)
    return {(row["sku"], row["attribute"]): row for row in sorted(kept(LISTING_GAPS, found), key=lambda r: r["rank"])}


def test_what_customers_name_stands_beside_the_sentence_of_the_listing():
    rows = [
        complaint("bag", "ann", "The page says leather, it is plastic"),
        complaint("bag", "bob", "Das ist Plastik", "de"),
        complaint("bag", "bob", "immer noch Plastik", "de"),
        complaint("bag", "cy", "fake leather!"),
    ]
    row = gaps(rows, {"bag": "A bag for the day. Made of fine leather."}, sold(bag=200))["bag", "material"]
    assert (row["customers"], row["mentions"]) == (3, 4)
    assert row["said"] == ["plastic", "imitation leather"]
    assert (row["promised"], row["sentence"]) == (["leather"], "Made of fine leather.")
    assert (row["verdict"], row["quote"]) == ("says otherwise", "fake leather!")


@pytest.mark.parametrize(
    ("listing", "verdict"),
    [
        ("In deep black.", "says otherwise"),
        ("In blue and white.", "cannot tell"),  # customers name what it promises
        ("A choice of colours.", "cannot tell"),
        ("A bag.", "says nothing"),
        (None, "no listing"),
        ("  ", "no listing"),
    ],
)
def test_verdicts_on_a_listing(listing, verdict):
    rows = [complaint("bag", "ann", "it is blue"), complaint("bag", "bob", "mine is white")]
    assert gaps(rows, {"bag": listing}, sold(bag=200))["bag", "colour"]["verdict"] == verdict


def test_what_too_few_say_is_counted_without_their_words():
    row = gaps([complaint("bag", "ann", "it is blue")], {"bag": "In black."}, sold(bag=200))["bag", "colour"]
    assert (row["customers"], row["said"], row["quote"], row["verdict"]) == (1, [], None, "cannot tell")


def test_other_topics_say_nothing_of_the_listing_but_found_ones_near_it_do():
    rows = [complaint("bag", "ann", "blue", topic_id="logistics.late", family="logistics", near="logistics")]
    rows += [complaint("bag", "bob", "blue", topic_id="t1", family="")]
    rows += [complaint("bag", "cy", "blue", topic_id="t2", family="", near="quality")]
    assert gaps(rows, {}, sold(bag=200))["bag", "colour"]["customers"] == 1


def test_no_complaint_is_no_row():
    assert gaps([], {"bag": "Black."}, sold(bag=10)) == {}
