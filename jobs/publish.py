"""Put what people read into one immutable file, and move the pointer to it."""

from insight.engines.base import Frame
from insight.published import TABLES_OUT
from insight.run import Run
from insight.schema import PUBLISHED

READS = TABLES_OUT
WRITES = PUBLISHED


def work(*tables: Frame, run: Run) -> list[Frame]:
    """Every published table as it is; the door does the rest."""
    return list(tables)
