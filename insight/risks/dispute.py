"""Does the customer ask the money back over the shop's head: chargeback, A-to-z claim, PayPal case?

Only a source that names a dispute tells one: a return whose reason is a dispute (models/return_reasons.toml). A ticket
that was escalated to another team is none, and a customer who threatens with one has not opened it. Platforms of which
no source tells a dispute have no cases: the head cannot be learned there, and does not score.
"""

from __future__ import annotations

import pyarrow as pa

from insight.risks import order_signs, return_reasons
from insight.risks.base import CASE, FATE, Cases, Head
from insight.settings import Settings


def _cases(*tables: pa.Table, settings: Settings) -> Cases:
    book = order_signs.book(*tables, settings=settings, when=order_signs.DELIVERY)
    disputes = book.returns[return_reasons.of_kind(book.returns["reason"], return_reasons.DISPUTE)]
    rows = book.rows
    first = disputes.groupby("order_id")["returned_ms"].min()
    opened = rows["order_id"].map(first).astype("int64[pyarrow]")
    told = rows["platform"].isin(rows.loc[opened.notna(), "platform"])
    found = rows.assign(
        event_ms=order_signs.after(rows, disputes.rename(columns={"returned_ms": "told_ms"})),
        seen_ms=book.seen_ms,
        asked=True,
        answered=True,
    )[[*CASE, *FATE]]
    waiting = ~order_signs.yes(opened.le(rows["scored_ms"]))
    return order_signs.only(Cases(found, book.signs), waiting & told.to_numpy(dtype=bool))


HEAD = Head(
    "dispute",
    "How likely does each order end in a dispute within 60 days of its delivery?",
    order_signs.READS,
    "risks/dispute.toml",
    (60.0,),
    60.0,
    _cases,
)
