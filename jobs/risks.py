"""How likely is each outcome, why, and how far can the chances be trusted?"""

from itertools import chain

import pyarrow as pa

from insight import risk_cards, risk_scoring, risk_training
from insight.engines.base import Frame
from insight.risks import HEADS
from insight.run import Run
from insight.schema import RISK_CARDS, RISK_SCORES, RISK_WEEKS, RISK_WEIGHTS, Table
from insight.store import conform

TABLES: tuple[Table, ...] = tuple(dict.fromkeys(chain.from_iterable(head.reads for head in HEADS.values())))
READS = (*TABLES, RISK_WEIGHTS.previous, RISK_CARDS.previous)
WRITES = (RISK_SCORES, RISK_WEIGHTS, RISK_CARDS, RISK_WEEKS)


def work(*frames: Frame, run: Run) -> tuple[pa.Table, ...]:
    """Every head learns from its matured cases and scores all of them."""
    told = {table: run.arrow(frame) for table, frame in zip(TABLES, frames, strict=False)}
    before, cards = (run.pandas(frame) for frame in frames[-2:])
    zone, few = run.settings.shop.clock, run.settings.privacy.min_customers
    made: dict[Table, list[pa.Table]] = {table: [] for table in WRITES}
    for place, head in enumerate(HEADS.values()):
        run.tell(place, len(HEADS))
        cases = head.cases(*(told[table] for table in head.reads), settings=run.settings).checked(head.name)
        learned = risk_training.learn(head, cases, before, cards, zone=zone)
        rows = risk_cards.cards(head, cases.rows, learned, zone, few=few)
        weeks = risk_cards.weeks(head, cases.rows, learned.tested, zone, few=few)
        made[RISK_SCORES].append(conform(RISK_SCORES, risk_scoring.scores(head, cases, learned.model)))
        made[RISK_WEIGHTS].append(conform(RISK_WEIGHTS, risk_scoring.as_rows(head, learned.model, learned.errors)))
        made[RISK_CARDS].append(conform(RISK_CARDS, rows))
        made[RISK_WEEKS].append(conform(RISK_WEEKS, weeks))
    return tuple(pa.concat_tables(made[table]) for table in WRITES)
