"""What did customers, agents and platforms tell us, and which rows could not be used?"""

import pyarrow as pa

from insight import intake, people, talk, trade
from insight.cleaning import Cleaner
from insight.run import Run
from insight.schema import (
    AGENTS,
    CATALOGUE,
    CONVERSATIONS,
    CUSTOMER_LINKS,
    CUSTOMERS,
    EXCHANGE_RATES,
    IDENTITIES,
    INTAKE,
    MESSAGES,
    ORDER_ITEMS,
    ORDERS,
    REJECTS,
    RETURNS,
    REVIEWS,
    SHIFTS,
    SURVEYS,
    TICKET_EVENTS,
    WORLD,
)

READS = (WORLD,)
WRITES = (
    *(CONVERSATIONS, MESSAGES, CUSTOMERS, IDENTITIES, CUSTOMER_LINKS, AGENTS, SHIFTS),
    *(ORDERS, ORDER_ITEMS, RETURNS, REVIEWS, SURVEYS, CATALOGUE),
    *(TICKET_EVENTS, EXCHANGE_RATES, INTAKE, REJECTS),
)


def work(world: intake.World, *, run: Run) -> tuple[pa.Table, ...]:
    """Gather, refuse what makes no sense, clean; counts and refusals come last, when nothing more is refused."""
    clean = Cleaner(intake.gather(world, tell=run.tell), run.settings, world.secret)
    for subject in (talk, trade, people):
        subject.refuse_senseless(clean)
    heard = talk.heard(clean)
    clean = people.linked(clean, heard)
    conversations, messages = talk.talk(clean, heard)
    orders, reviews = trade.orders(clean), trade.reviews(clean)
    return (
        conversations,
        messages,
        people.customers(clean, conversations, orders, reviews),
        people.identities(clean),
        people.customer_links(clean, heard),
        people.agents(clean),
        people.shifts(clean),
        orders,
        trade.order_items(clean),
        trade.returns(clean),
        reviews,
        trade.surveys(clean),
        trade.catalogue(clean),
        talk.ticket_events(clean),
        trade.exchange_rates(clean),
        intake.counts(clean.rows),
        intake.refusals(clean.rows, clean.masker),
    )
