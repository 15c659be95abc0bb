"""A made-up world for tests: pages in memory, no disk, and the tables that ingest makes of them."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from insight.engines import ENGINES
from insight.run import Run
from insight.settings import Settings, SourcePart
from insight.sources import Page
from jobs import ingest

SECRET = bytes(range(32))


@dataclass
class World:
    """Pages with their sources, as `insight.clients.World` gives them."""

    pages: list = field(default_factory=list)
    secret: bytes = SECRET

    def __iter__(self):
        return iter(sorted(self.pages, key=lambda pair: (pair[0].name, pair[1].file)))

    def add(self, feeds, body, *, file=None, name=None, columns=None, **told):
        """A file of a feed; where no columns are told, the header's names are ours."""
        file = file or f"{feeds}.csv"
        if columns is None and feeds:
            columns = {n: n for n in body.partition("\n")[0].split(",") if n}
        part = SourcePart(name=name or file.partition(".")[0], path=file, feeds=feeds, columns=columns, **told)
        data = body.encode() if isinstance(body, str) else body
        self.pages.append((part, Page(file, data, hashlib.sha256(data).hexdigest())))
        return self


def settings(**told):
    return Settings(home=Path("/nowhere"), **told)


def ingested(world, **told):
    """Every table of `ingest`, by name, as lists of rows; settings as keywords."""
    tables = ingest.work(world, run=Run(settings(**told), ENGINES["local"]))
    return {table.name: rows.to_pylist() for table, rows in zip(ingest.WRITES, tables, strict=True)}
