"""How long all facts and KPIs take for a shop of five million messages, and how much memory.

`python -m tests.bench.facts [MESSAGES]` makes a lake of made-up rows in a folder of its own, in a process of its own,
and then runs the jobs from the store to the store, as `insight run` does. Goal: 90 s and 6 GB on two cores.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insight import clock, plan
from insight.engines import ENGINES
from insight.run import Places, Run, job
from insight.schema import Table
from insight.settings import Settings
from insight.store import Store
from jobs import agent_day, conversation_facts, customer_facts, customer_turns, hour_load, kpis, order_facts
from tests.rows import DAY, HOUR, START, plain

MESSAGES = 5_000_000
JOBS = (conversation_facts, customer_turns, order_facts, customer_facts, agent_day, hour_load, kpis)
SETTINGS = Settings(home=Path(), shop={"zone": "Europe/Berlin"})
DAYS = 365
MARKETS, CHANNELS, PLATFORMS = ("DE", "FR", "US", "GB"), ("chat", "email", "marketplace"), ("amazon", "ebay", "shopify")
Rows = dict[str, Any]


class Shop:
    """Made-up rows: as many messages as told, a fifth as many conversations and orders."""

    def __init__(self, messages: int) -> None:
        self.dice = np.random.default_rng(7)
        self.many = messages // 5
        self.opened = START + np.sort(self.dice.integers(0, DAYS * DAY, self.many))
        self.ordered = START + np.sort(self.dice.integers(0, DAYS * DAY, self.many))
        self.topics = ids("t", self.dice.integers(0, 80, self.many))

    def pick(self, names: tuple[str, ...], count: int | None = None) -> pa.Array:
        """Some of these names."""
        drawn = self.dice.integers(0, len(names), self.many if count is None else count)
        return pa.array(names).take(pa.array(drawn))

    def drawn(self, letter: str, most: int, count: int | None = None) -> pa.Array:
        """Ids up to so many."""
        return ids(letter, self.dice.integers(0, most, self.many if count is None else count))

    def holes(self, values: Any, share: float) -> pa.Array:
        """Some of the values, the others missing."""
        told = values if isinstance(values, pa.Array) else pa.array(values)
        return pc.if_else(pa.array(self.dice.random(len(told)) < share), told, None)

    def conversations(self) -> Rows:
        local = clock.to_local(self.opened, SETTINGS.shop.clock)
        return {
            "conversation_id": ids("c", np.arange(self.many)),
            "platform": self.pick(PLATFORMS),
            "channel": self.pick(CHANNELS),
            "market": self.pick(MARKETS),
            "language": self.pick(("de", "en", "fr")),
            "customer_key": self.drawn("k", self.many // 3),
            "order_id": self.holes(self.drawn("o", self.many), 0.6),
            "sku": pa.repeat("unknown", self.many),
            "opened_ms": self.opened,
            "closed_ms": self.holes(self.opened + DAY, 0.8),
            "day": pa.array(clock.days(local).astype(np.int32)).cast(pa.date32()),
            "weekday": clock.weekdays(local),
            "hour": clock.hours(local),
            "status": self.pick(("open", "resolved", "unknown")),
        }

    def messages(self) -> Rows:
        sizes = self.dice.multinomial(self.many * 3, np.full(self.many, 1 / self.many)) + 2
        of = np.repeat(np.arange(self.many), sizes)
        seq = np.arange(len(of)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        gaps = np.where(seq == 0, 0, self.dice.exponential(20 * 60_000, len(of)).astype(np.int64))
        total = np.cumsum(gaps)
        at = self.opened[of] + total - total[np.repeat(np.cumsum(sizes) - sizes, sizes)]
        author = np.where(self.dice.random(len(of)) < 0.15, self.dice.integers(0, 4, len(of)), seq % 2)
        names = pa.array(["customer", "agent", "bot", "system"]).take(pa.array(author))
        agent = ids("a", (of * 7 + self.dice.integers(0, 5, len(of)) // 4) % 300)
        return {
            "message_id": ids("m", np.arange(len(of))),
            "conversation_id": ids("c", of),
            "seq": seq + 1,
            "author": names,
            "agent_id": pc.if_else(pa.array(author == 1), agent, None),
            "public": self.dice.random(len(of)) < 0.95,
            "sent_ms": at,
            "text": pa.array(["where is it", "it is on its way", "thank you very much"]).take(pa.array(of % 3)),
            "language": pa.repeat("en", len(of)),
        }

    def orders(self) -> Rows:
        sent = self.ordered + DAY
        local = clock.to_local(self.ordered, SETTINGS.shop.clock)
        return {
            "order_id": ids("o", np.arange(self.many)),
            "platform": self.pick(PLATFORMS),
            "market": self.pick(MARKETS),
            "customer_key": self.drawn("k", self.many // 3),
            "ordered_ms": self.ordered,
            "day": pa.array(clock.days(local).astype(np.int32)).cast(pa.date32()),
            "promised_ms": self.ordered + 6 * DAY,
            "shipped_ms": sent,
            "delivered_ms": self.holes(sent + self.dice.integers(1, 9, self.many) * DAY, 0.95),
            "carrier": self.drawn("carrier", 5),
            "currency": self.pick(("EUR", "USD")),
            "total_minor": self.dice.integers(500, 20_000, self.many),
            "status": pa.repeat("delivered", self.many),
        }

    def order_items(self) -> Rows:
        return {
            "order_id": ids("o", np.arange(self.many)),
            "line": np.ones(self.many, np.int64),
            "sku": self.drawn("s", 5000),
            "quantity": self.dice.integers(1, 3, self.many),
        }

    def returns(self) -> Rows:
        few = self.many // 12
        of = np.sort(self.dice.choice(self.many, few, replace=False))
        return {
            "return_id": ids("r", np.arange(few)),
            "order_id": ids("o", of),
            "returned_ms": self.ordered[of] + 12 * DAY,
            "reason": self.pick(("small", "broken"), few),
            "refund_minor": self.dice.integers(100, 9000, few),
        }

    def reviews(self) -> Rows:
        few = self.many // 10
        rating = self.dice.integers(0, 5, few) / 4
        return {"review_id": ids("v", np.arange(few)), "order_id": self.drawn("o", self.many, few), "rating": rating}

    def surveys(self) -> Rows:
        few = self.many // 7
        score = self.dice.integers(1, 6, few)
        return {
            "survey_id": ids("u", np.arange(few)),
            "conversation_id": self.drawn("c", self.many, few),
            "answered_ms": np.full(few, START),
            **{"score": score, "scale_min": np.ones(few), "scale_max": np.full(few, 5.0), "rating": (score - 1) / 4},
        }

    def mentions(self) -> Rows:
        number = np.arange(self.many)
        return {
            "mention_id": ids("message:m", number),
            "origin": pa.repeat("message", self.many),
            "origin_id": ids("m", number * 5),
            "conversation_id": ids("c", number),
            "said_ms": self.opened,
            "text": pa.repeat("where is it", self.many),
        }

    def filtered(self) -> Rows:
        number = np.arange(0, self.many * 5, 7)
        return {
            "origin": pa.repeat("message", len(number)),
            "origin_id": ids("m", number),
            "piece": np.ones(len(number), np.int64),
            "reason": self.pick(("thanks", "greeting", "identification"), len(number)),
        }

    def mention_topics(self) -> Rows:
        return {"mention_id": ids("message:m", np.arange(self.many)), "topic_id": self.topics}

    def issue_threads(self) -> Rows:
        key = self.dice.integers(0, self.many // 3, self.many)
        return {
            "conversation_id": ids("c", np.arange(self.many)),
            "topic_id": self.topics,
            "thread_id": pc.binary_join_element_wise(ids("k", key), self.topics, " "),
            "customer_key": ids("k", key),
            "contacted_ms": self.opened,
            "kind": self.pick(("first", "repeat", "repeat", "thanks"), self.many),
        }

    def conversation_sentiment(self) -> Rows:
        bad = self.dice.random(self.many) < 0.2
        recovered = self.holes(self.dice.random(self.many) < 0.5, 0.2)
        return {"conversation_id": ids("c", np.arange(self.many)), "turned_bad": bad, "recovered": recovered}

    def ticket_events(self) -> Rows:
        few = self.many // 2
        return {
            "event_id": ids("e", np.arange(few)),
            "conversation_id": self.drawn("c", self.many, few),
            "occurred_ms": self.opened[:few] + HOUR,
            "kind": self.pick(("solved", "reopened", "assigned"), few),
        }

    def catalogue(self) -> Rows:
        return {"sku": ids("s", np.arange(5000)), "family": ids("f", np.arange(5000) % 50)}

    def agents(self) -> Rows:
        return {"agent_id": ids("a", np.arange(300)), "team": ids("team", np.arange(300) % 9)}

    def shifts(self) -> Rows:
        number = np.arange(300 * DAYS)
        starts = START + number // 300 * DAY + 8 * HOUR
        return {"agent_id": ids("a", number % 300), "starts_ms": starts, "ends_ms": starts + 8 * HOUR}

    def exchange_rates(self) -> Rows:
        return {"currency": pa.array(["EUR"]), "valid_from_ms": np.array([START]), "rate": np.array([1.1])}

    def made(self) -> Iterator[tuple[Table, pa.Table]]:
        """Every table that the jobs read from outside, filled where there is a way to fill it."""
        outside = {n for one in JOBS for n in job(one).needs} - {w for one in JOBS for w in job(one).writes}
        for table in sorted(outside, key=lambda t: t.name):
            maker: Callable[[], Rows] = getattr(self, table.name, dict)
            yield table, filled(table, maker())


def ids(letter: str, numbers: Any) -> pa.Array:
    """Texts such as c0000012."""
    distinct, place = np.unique(numbers, return_inverse=True)
    return pa.array([f"{letter}{n:07}" for n in distinct.tolist()]).take(pa.array(place))


def filled(table: Table, told: Rows) -> pa.Table:
    """Rows with every column of the table: the plainest value where nothing is told."""
    columns = {name: values if isinstance(values, pa.Array) else pa.array(values) for name, values in told.items()}
    many = len(next(iter(columns.values()))) if columns else 0
    for field in table.arrow:
        if not field.name.endswith("_at"):
            columns.setdefault(field.name, pa.repeat(pa.scalar(plain(field), field.type), many))
    return pa.table(columns)


def measured(store: Store) -> pd.DataFrame:
    """One row per job: seconds on the clock, seconds of processors, rows, and the most memory so far."""
    run, places = Run(SETTINGS, ENGINES["local"]), Places({"": store})
    rows = []
    for one in JOBS:
        before = os.times()
        *_, outcome = plan.run([job(one)], places, run, version="bench", force=True)
        after, taken = os.times(), outcome.seconds
        cpu = after.user + after.system - before.user - before.system
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        rows.append({"job": outcome.job, "seconds": taken, "cpu": cpu, "peak_gb": peak})
        print(f"{outcome.job:<20} {taken:7.1f} s {cpu:7.1f} s of processors, {peak:5.2f} GB at most so far", flush=True)
    return pd.DataFrame(rows)


def main(messages: int) -> None:
    """Make the lake in another process, whose memory is not counted, and run the jobs in this one."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "tests.bench.facts", str(messages), folder], check=True)
        found = measured(Store(Path(folder)))
    print(f"{'all':<20} {found['seconds'].sum():7.1f} s {found['cpu'].sum():7.1f} s of processors")


def make(messages: int, folder: Path) -> None:
    """Write every table that comes in."""
    began = time.perf_counter()
    store = Store(folder)
    for table, rows in Shop(messages).made():
        store.write(table, rows, fingerprint="made")
    print(f"made {messages:,} messages in {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    size = int(sys.argv[1]) if sys.argv[1:] else MESSAGES
    make(size, Path(sys.argv[2])) if sys.argv[2:] else main(size)
