"""Sources bring conversations, orders and the rest of the world in.

A folder of its own because sources are an open set: add a file with a `SOURCE`, and name it here.
"""

from insight.sources import table
from insight.sources.base import Found, Page, Rejected, Rows, Skipped, Source

SOURCES: dict[str, Source] = {"table": table.SOURCE}

__all__ = ["SOURCES", "Found", "Page", "Rejected", "Rows", "Skipped", "Source"]
