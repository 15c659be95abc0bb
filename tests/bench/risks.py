"""How long does a risk head take on 100,000 conversations: signs, learning, scores with reasons? Seconds of one core.

    python -m tests.bench.risks [conversations]

Conversations are made up: six messages in two languages, an issue or two each, a third of the customers come again.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
import pyarrow as pa

from insight import risk_scoring, risk_training
from insight.risks import HEADS, contact_signs
from insight.risks.base import Cases
from insight.schema import (
    CONVERSATION_FACTS,
    CONVERSATION_SENTIMENT,
    CONVERSATIONS,
    ISSUE_THREADS,
    MENTION_SENTIMENT,
    MENTIONS,
    MESSAGES,
    ORDERS,
    RISK_CARDS,
    RISK_WEIGHTS,
    Table,
)
from insight.settings import Settings
from tests.rows import DAY, HOUR, START, table

SAID = (
    ("Where is my parcel? It should have been here last week, number {n}.", "en"),
    ("I want a refund for order {n}, this is the third time that I write.", "en"),
    ("The zip of the jacket {n} broke after two days, what now?", "en"),
    ("If nobody answers by {n} I will open a dispute.", "en"),
    ("订单{n}还没有收到，已经两个星期了。", "zh"),
    ("我要退货，{n}号商品的拉链坏了。", "zh"),
)
ANSWERS = (
    ("We have asked the carrier about {n} and get back to you tomorrow.", "en"),
    ("亲，已为您核实{n}，请耐心等待。", "zh"),
)


def shop(n: int) -> dict[Table, pa.Table]:
    """The tables that the heads of contacts read."""
    dice = np.random.default_rng(7)
    ids = np.array([f"c{i:07}" for i in range(n)])
    opened = START + (dice.random(n) * 180 * DAY).astype(np.int64)
    who = np.array([f"k{i:07}" for i in range(n)])
    again = np.flatnonzero(dice.random(n) < 0.2)[1:]
    who[again] = who[again - 1]
    opened[again] = opened[again - 1] + (DAY / 2 + dice.exponential(4, len(again)) * DAY).astype(np.int64)
    order = np.array([f"o{i:07}" for i in dice.integers(0, n, n)])
    bought = np.unique(order)
    place = np.repeat(np.arange(n), 6)
    seq = np.tile(np.arange(1, 7), n)
    by_customer = seq % 2 == 1
    said = dice.integers(0, len(SAID), len(place))
    texts = [
        (SAID[s] if c else ANSWERS[s % 2])[0].format(n=i)
        for i, (s, c) in enumerate(zip(said.tolist(), by_customer.tolist(), strict=True))
    ]
    spoken = [(SAID[s] if c else ANSWERS[s % 2])[1] for s, c in zip(said.tolist(), by_customer.tolist(), strict=True)]
    messages = {"message_id": np.array([f"m{i:08}" for i in range(len(place))]), "conversation_id": ids[place]}
    messages |= {"seq": seq, "author": np.where(by_customer, "customer", "agent"), "public": np.full(len(place), True)}
    messages |= {"sent_ms": opened[place] + seq * HOUR, "text": texts, "language": spoken}
    issue = np.flatnonzero(by_customer & (seq < 5))
    mention = {"mention_id": messages["message_id"][issue], "origin_id": messages["message_id"][issue]}
    mention |= {"origin": np.full(len(issue), "message"), "conversation_id": ids[place[issue]]}
    mention |= {"said_ms": messages["sent_ms"][issue], "text": [texts[i] for i in issue]}
    mention |= {"language": [spoken[i] for i in issue]}
    told = {"conversation_id": ids, "customer_key": who, "order_id": order, "opened_ms": opened}
    about = dice.integers(0, 60, n)
    about[again] = about[again - 1]
    facts = told | {"topic_id": np.array([f"t{i}" for i in about])}
    facts |= {"needs_answer": np.full(n, True), "answered": dice.random(n) < 0.9, "agents": dice.integers(0, 3, n)}
    facts |= {"agent_messages": dice.integers(0, 3, n), "late_response": dice.random(n) < 0.2}
    facts |= {"first_response_ms": dice.integers(0, 9 * DAY, n), "market": np.where(dice.random(n) < 0.5, "DE", "US")}
    rows = {
        CONVERSATION_FACTS: facts,
        CONVERSATIONS: told | {"first_key": who, "closed_ms": opened + 7 * HOUR, "status": np.full(n, "resolved")},
        MESSAGES: messages,
        MENTIONS: mention,
        MENTION_SENTIMENT: {"mention_id": mention["mention_id"], "negative": dice.random(len(issue))},
        ISSUE_THREADS: {k: told[k] for k in ("conversation_id", "customer_key", "order_id")}
        | {"topic_id": facts["topic_id"], "contacted_ms": opened, "kind": np.full(n, "first")}
        | {"thread_id": np.char.add(np.char.add(who, "/"), facts["topic_id"])},
        ORDERS: {"order_id": bought, "promised_ms": START + dice.integers(0, 180, len(bought)) * DAY},
        CONVERSATION_SENTIMENT: {"conversation_id": ids, "end_mood": dice.random(n) * 2 - 1},
    }
    return {of: filled(of, columns) for of, columns in rows.items()}


def filled(of: Table, columns: dict[str, object]) -> pa.Table:
    """Columns of a table, the others as `tests.rows` fills them."""
    plain = table(of, {})
    n = len(next(iter(columns.values())))  # type: ignore[arg-type]
    made = {}
    for field in of.arrow:
        if field.name in columns:
            made[field.name] = pa.array(columns[field.name], field.type)
        else:
            made[field.name] = pa.repeat(plain[field.name][0], n)
    return pa.table(made, schema=of.arrow)


def main(n: int) -> None:
    """Print seconds by step."""
    head, tables = HEADS["repeat_contact"], shop(n)
    none = (table(RISK_WEIGHTS).to_pandas(), table(RISK_CARDS).to_pandas())
    given = [tables[of] for of in contact_signs.READS]
    head.cases(*(part.slice(0, 10) for part in given), settings=Settings(home="."))  # lists are compiled once
    began = time.process_time()
    cases = head.cases(*given, settings=Settings(home=".")).checked(head.name)
    signed = time.process_time()
    model = risk_scoring.scorecard(risk_scoring.card(head))
    scores = risk_scoring.scores(head, cases, model)
    scored = time.process_time()
    learned(cases, none)
    ended = time.process_time()
    print(f"{n:,} conversations, {len(tables[MESSAGES]):,} messages")
    print(f"signs {signed - began:.2f} s; scores with reasons {scored - signed:.2f} s ({len(scores):,} rows)")
    print(f"{n * len(head.ends):,} person-periods learned, measured and compared with trees: {ended - scored:.1f} s")


def learned(cases: Cases, before: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Learn from the cases as a run does."""
    risk_training.learn(HEADS["repeat_contact"], cases, *before, zone=Settings(home=".").shop.clock)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
