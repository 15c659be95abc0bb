"""What goes with good and bad outcomes, said unprompted?"""

import pandas as pd

from insight.engines.base import Frame
from insight.marts import findings
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, FINDINGS, ORDER_FACTS

READS = (CONVERSATION_FACTS, ORDER_FACTS)
WRITES = FINDINGS


def work(conversation_facts: Frame, order_facts: Frame, *, run: Run) -> pd.DataFrame:
    """Every outcome by every obvious split, over all days."""
    few = max(findings.FEWEST, run.settings.privacy.min_customers)
    return findings.found({CONVERSATION_FACTS.name: conversation_facts, ORDER_FACTS.name: order_facts}, fewest=few)
