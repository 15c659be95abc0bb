"""Early warning end to end: what happens in the tables comes out as one alert, with its evidence, and nothing else."""

import datetime as dt
import random
from itertools import pairwise

import pytest

from insight.engines import ENGINES
from insight.errors import SettingsError
from insight.run import Run
from insight.schema import (
    ALL,
    CONVERSATION_FACTS,
    DELIVERY,
    EARLY_WARNINGS,
    ISSUE_THREADS,
    LOGISTICS_CAUSES,
    MENTION_TOPICS,
    MENTIONS,
    ORDER_FACTS,
    ORDER_ITEMS,
    ORDERS,
    TOPIC_MAP,
    TOPICS,
)
from insight.settings import Settings
from jobs import early_warning as job
from tests.rows import DAY, HOUR, START, kept, table

NEWEST = 150
"""The day that is not over; the last full one is the day before."""
LAST = NEWEST - 1
BAD = ("quality.wears_out", "DE")
TOPICS_OF = ("quality.wears_out", "how_to.usage_or_care", "logistics.late")
TELLS = {t.name: t for t in job.READS}


def on(day):
    return dt.datetime.fromtimestamp((START + day * DAY) / 1000, tz=dt.UTC).date()


def talks(*, worse=range(0), what="mood", each=3, markets=("DE", "US")):
    """So many conversations of each topic, market and day; on some days all of one topic and market end badly."""
    found = []
    for day in range(NEWEST + 1):
        for topic in TOPICS_OF:
            for market in markets:
                for n in range(each):
                    hit = (topic, market) == BAD and day in worse
                    found.append(talk(day, topic, market, n, bad=hit or (day + n) % 8 == 0, what=what, hit=hit))
    return found


def talk(day, topic, market, n, *, bad, what, hit):
    name = f"{topic} {market} {day:03} {n}"
    bad = {one: bad if one == what or not hit else (day + n) % 8 == 0 for one in ("mood", "score", "again")}
    return {"name": name, "topic": topic, "market": market, "day": day, "bad": bad, "customer": f"k {name}"}


def tables(rows, *, causes=(), states=None, orders=()):
    ms = {row["name"]: START + row["day"] * DAY + 10 * HOUR for row in rows}
    placed = {row["name"]: order for row, order in zip(rows, orders, strict=False)}
    facts = [
        {"conversation_id": r["name"], "topic_id": r["topic"], "market": r["market"], "customer_key": r["customer"]}
        | {"opened_ms": ms[r["name"]], "day": on(r["day"]), "turned_bad": r["bad"]["mood"], "recovered": False}
        | {"csat_rating": 0.0 if r["bad"]["score"] else 1.0, "order_id": placed.get(r["name"])}
        for r in rows
    ]
    said = [
        {"mention_id": f"m {r['name']}", "origin": "message", "conversation_id": r["name"], "text": f"says {r['name']}"}
        | {"customer_key": r["customer"], "market": r["market"], "said_ms": ms[r["name"]], "day": on(r["day"])}
        for r in rows
    ]
    again = [
        {"conversation_id": r["name"], "topic_id": r["topic"], "customer_key": r["customer"], "kind": "repeat"}
        | {"contacted_ms": ms[r["name"]], "nth": 2 if r["bad"]["again"] else 1, "gap_hours": 30.0}
        for r in rows
    ]
    told = {
        MENTIONS: said,
        MENTION_TOPICS: [{"mention_id": f"m {r['name']}", "topic_id": r["topic"], "similarity": 0.5} for r in rows],
        TOPICS: [
            {"topic_id": t, "family": t.partition(".")[0], "state": (states or {}).get(t, "live")} for t in TOPICS_OF
        ],
        CONVERSATION_FACTS: facts,
        ISSUE_THREADS: again,
        LOGISTICS_CAUSES: causes,
        ORDER_FACTS: [late_order(name) for name in orders],
        **dict.fromkeys((ORDERS, ORDER_ITEMS, TOPIC_MAP, DELIVERY), ()),
    }
    return [table(t, *told[t]) for t in job.READS]


def late_order(name):
    week = on(LAST - 30)
    return {"order_id": name, "customer_key": f"k {name}", "late": True, "carrier": "Orbit", "lane": "CN-DE"} | {
        "ship_week": week - dt.timedelta(days=week.weekday())
    }


def told(made, *, engine="local", shuffled=None, **more):
    if shuffled is not None:
        dice = random.Random(shuffled)
        made = [rows.take(dice.sample(range(len(rows)), len(rows))) if len(rows) else rows for rows in made]
    more = {"home": ".", "shop": {"zone": "UTC"}, "privacy": {"min_customers": 2}} | more
    surroundings = Run(Settings(**more), ENGINES[engine])
    found = kept(EARLY_WARNINGS, job.work(*(ENGINES[engine].frame(t) for t in made), run=surroundings))
    return sorted(found, key=lambda row: row["rank"])


LASTING = range(LAST - 6, NEWEST)


def test_where_nothing_changes_there_is_no_warning():
    assert told(tables(talks())) == []


@pytest.mark.parametrize(("what", "kind"), [("mood", "ends bad"), ("score", "low scores"), ("again", "contacts again")])
def test_what_gets_worse_is_one_warning_with_its_evidence(what, kind):
    found = told(tables(talks(worse=LASTING, what=what)))
    now = found[0]
    assert (now["state"], now["kind"], now["topic_id"], now["market"]) == ("now", kind, *BAD)
    assert {(row["topic_id"], row["market"]) for row in found} == {BAD}, "the sum over markets is the same matter"
    assert now["observed"] <= now["of"]
    assert now["low"] <= now["expected"] <= now["high"] < now["observed"]
    assert now["p"] <= now["q"] <= 0.05
    assert now["ratio"] == pytest.approx(now["observed"] / now["expected"])
    assert now["customers"] >= now["observed"]
    assert 0 < now["at_least"] < now["observed"] - now["expected"]
    assert len(now["conversations"]) == 5
    assert all(name.startswith("quality.wears_out") for name in now["conversations"])
    assert now["quotes"][0].startswith("says quality.wears_out")
    owner = "Customer service" if what == "again" else "Product"
    assert (now["owner"], bool(now["remedies"]), len(now["remedies"])) == (owner, True, len(now["remedies_zh"]))


def test_the_same_on_every_engine_and_in_every_order():
    made = tables(talks(worse=LASTING))
    first = told(made)
    assert first == told(made, shuffled=1)
    assert all(first == told(made, engine=name) for name in ENGINES)


def test_a_matter_that_lasts_speaks_once_a_week_and_goes_on_with_itself():
    found = told(tables(talks(worse=range(LAST - 20, NEWEST))))
    days = sorted(row["day"] for row in found)
    assert all((later - day).days >= 7 for day, later in pairwise(days))
    assert [row["nth"] for row in sorted(found, key=lambda row: row["day"])] == list(range(1, len(found) + 1))
    assert len({row["since"] for row in found}) <= 2
    assert sum(row["state"] == "now" for row in found) == 1


def test_several_signs_of_one_matter_are_one_warning():
    rows = talks(worse=LASTING)
    for row in rows:
        row["bad"]["score"] = row["bad"]["mood"]
    found = [row for row in told(tables(rows)) if row["state"] == "now"]
    assert len(found) == 1
    assert {"ends bad", "low scores"} <= set(found[0]["sign_kind"])
    assert found[0]["sign_kind"][0] == found[0]["kind"]


def test_more_contacts_than_usual_are_a_sign_too():
    rows = talks()
    more = [talk(day, *BAD, 10 + n, bad=False, what="", hit=False) for day in LASTING for n in range(9)]
    [now] = [row for row in told(tables([*rows, *more])) if row["state"] == "now"]
    assert (now["kind"], now["of"], now["market"], now["topic_id"]) == ("more contacts", None, "DE", BAD[0])
    assert now["observed"] > now["high"]


def test_a_muted_topic_is_silent():
    assert told(tables(talks(worse=LASTING), states={"quality.wears_out": "muted"})) == []


def test_too_few_customers_are_no_warning():
    rows = talks(worse=LASTING)
    for row in rows:
        row["customer"] = f"k{row['day'] % 2}"
    assert told(tables(rows)) == []
    assert told(tables(talks(worse=LASTING)), privacy={"min_customers": 500}) == []


def test_the_shop_names_its_own_owners():
    [now, *_] = told(tables(talks(worse=LASTING)), owners={"quality": "Li Wei"})
    assert (now["owner"], now["owner_zh"]) == ("Li Wei", "Li Wei")
    with pytest.raises(SettingsError, match="no such family"):
        told(tables(talks()), owners={"qualty": "Li Wei"})


def rise(**more):
    """Orbit on CN-DE is late since a month."""
    row = {"measure": "late", "rank": 1, "verdict": "rise", "carrier": "Orbit", "lane": "CN-DE", "since": on(LAST - 30)}
    row |= {"warehouse": ALL, "platform": ALL, "market": ALL, "orders_before": 500, "events_before": 10}
    row |= {"orders_after": 100, "events_after": 60, "per_100_before": 2.0, "before_low": 1.0, "before_high": 4.0}
    row |= {"per_100_after": 60.0, "after_low": 50.0, "after_high": 69.0, "p": 0.001, "customers": 30}
    return row | {"weeks": [], "orders_inside": [], "events_inside": []} | more


def test_a_late_lane_is_a_warning_once_a_week():
    orders = [f"o{n}" for n in range(60)]
    [now] = told(tables(talks(), causes=[rise()], orders=orders))
    assert (now["kind"], now["measure"], now["carrier"], now["lane"], now["market"]) == (
        *("parcels", "late", "Orbit", "CN-DE"),
        ALL,
    )
    assert (now["observed"], now["of"], now["expected"], now["low"], now["high"]) == (60, 100, 2.0, 1.0, 4.0)
    assert (now["day"].weekday(), now["since"], now["customers"]) == (0, on(LAST - 30), 60)
    assert now["at_least"] == pytest.approx(50.2 - 2, abs=0.01), "Wilson's lower end of 60 of 100, less what is usual"
    assert now["owner"] == "Logistics"
    assert told(tables(talks(), causes=[rise(verdict="no rise", p=0.6)], orders=orders)) == []


def test_what_customers_say_about_a_late_lane_is_the_same_matter():
    rows = talks()
    more = [
        talk(day, "logistics.late", "DE", 10 + n, bad=False, what="", hit=False) for day in LASTING for n in range(9)
    ]
    orders = [f"o{n}" for n in range(len(more))]
    [now] = [r for r in told(tables([*more, *rows], causes=[rise()], orders=orders)) if r["state"] == "now"]
    assert now["kind"] == "parcels"
    assert "more contacts" in now["sign_kind"]
    assert now["topic_id"] == "logistics.late"
    apart = [r for r in told(tables([*more, *rows], causes=[rise()])) if r["state"] == "now"]
    assert {row["kind"] for row in apart} == {"more contacts"}, "nobody is known to have got a late parcel"


def test_empty_tables_give_no_rows():
    assert told([table(t) for t in job.READS]) == []
