"""From pages to rows that are told apart: gathered by feed, ids made and led, doubles refused, every row counted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insight import cells
from insight.columns import combined, first_rows, look_up, one_mailbox
from insight.errors import SourceError
from insight.feeds import FEEDS, Field, Rejected, shown
from insight.masking import Masker
from insight.reach import mailbox, phone
from insight.schema import INTAKE, REJECTS
from insight.settings import SourcePart
from insight.sources import SOURCES, Found, Page, Rows, Skipped

TYPES = {
    "moment": pa.int64(),
    "money": cells.MONEY,
    "number": pa.float64(),
    "whole": pa.int64(),
    "flag": pa.bool_(),
}
"""Arrow types of the kinds of cells; the others are text."""

WITHHELD_CELL = "withheld"
"""The reason of a cell that was withheld: its row went on without it."""

SHARED_CELL = "shared"
"""The reason of a mail address or phone number that many customers share: it joins nobody, and its row went on."""

MASKER = Masker()
"""Knows the shapes of personal data, and no shop's own."""

PLACE = ("source", "file", "file_line")
"""Where a row stood; unique, and so the last word in every order."""


class World(Protocol):
    """What comes in: pages with their sources, in a total order, and the key of the customers' hashes."""

    @property
    def secret(self) -> bytes:
        """At least 32 random bytes."""
        ...

    def __iter__(self) -> Iterator[tuple[SourcePart, Page]]: ...


@dataclass
class Count:
    """How many rows of a file were found and left out."""

    feeds: str
    sha256: str
    rows_in: int = 0
    skipped: int = 0


@dataclass
class Gathered:
    """Rows by feed in the order of source, file and line; what was refused; what each file held."""

    feeds: dict[str, pa.Table]
    rejects: dict[tuple[str, str], list[Rejected]] = field(default_factory=dict)
    counts: dict[tuple[str, str], Count] = field(default_factory=dict)

    def refuse(
        self, feed: str, rows: npt.NDArray[np.bool_], name: str, reason: str, *, wanted: str, fix: str, came: str = ""
    ) -> None:
        """Take rows out of a feed, all for one reason. `came` names the column that shows what was found."""
        table = self.feeds[feed]
        out = table.filter(pa.array(rows))
        cells_ = pc.cast(out[came], pa.string()).to_pylist() if came else [""] * out.num_rows
        for source, file, line, cell in zip(*(out[c].to_pylist() for c in PLACE), cells_, strict=True):
            self.rejects[source, file].append(Rejected(line, name, reason, shown(name, cell or ""), wanted, fix))
        self.feeds[feed] = table.filter(pa.array(~rows))


def gather(world: World, *, tell: Callable[[int, int], None]) -> Gathered:
    """Read every page, and refuse rows whose key was there before (in the order of source, file and line)."""
    parts: dict[str, list[pa.Table]] = {name: [] for name in FEEDS}
    gathered = Gathered({})
    sources: dict[str, tuple[str, SourcePart]] = {}
    for number, (source, page) in enumerate(world, start=1):
        tell(number, number)
        place = (source.name, page.file)
        gathered.counts[place] = count = Count(source.feeds, page.sha256)
        gathered.rejects[place] = rejects = []
        for item in SOURCES[source.kind].read(page, source):
            match item:
                case Rejected():
                    rejects.append(item)
                case Skipped():
                    count.skipped += item.rows
                case Rows():
                    parts[item.feeds].append(_placed(item, source, page, world.secret))
                case Found():
                    count.rows_in += item.rows
        sources[source.name] = (page.file, source)
    for name, tables in parts.items():
        rows = pa.concat_tables([_schema(name).empty_table(), *tables]).combine_chunks()
        gathered.feeds[name] = rows.sort_by([(column, "ascending") for column in PLACE])
        _refuse_doubles(gathered, name)
    _check_customers(gathered.feeds["messages"], sources)
    return gathered


def _check_customers(messages: pa.Table, sources: Mapping[str, tuple[str, SourcePart]]) -> None:
    """Where a column tells who wrote, somebody in it is the customer; else the customer's word is not mapped.

    Over all files of a source, for one small file may well hold answers alone.

    :raises SourceError: a source has messages and none of a customer.
    """
    authors = messages.group_by(["source", "author"], use_threads=False).aggregate([]).to_pylist()
    for name, (file, part) in sorted(sources.items()):
        found = sorted(row["author"] for row in authors if row["source"] == name)
        if found and "customer" not in found and "author" in part.columns:
            raise SourceError(
                "no message of this source is a customer's",
                where=f"source {name!r}, {file}, line 0, column {part.columns['author']!r}",
                came=f"only {', '.join(found)}",
                wanted="a message of a customer",
                fix='map your customer\'s word: values.author = { "what the file says" = "customer" }; '
                "where a file holds one side alone, say who it is in `fixed`",
            )


def _schema(feed: str) -> pa.Schema:
    """The columns of a feed with their types, the scale of its scores, and where a row stood."""
    columns = [(f.name, TYPES.get(f.kind, pa.string())) for f in FEEDS[feed].fields]
    if any(name == "score" for name, _ in columns):
        columns += [("scale_min", pa.float64()), ("scale_max", pa.float64())]
    return pa.schema([*columns, ("source", pa.string()), ("file", pa.string()), ("file_line", pa.int64())])


def _placed(rows: Rows, source: SourcePart, page: Page, secret: bytes) -> pa.Table:
    """Rows with every column of the feed, ids made, hashed where they are personal, led by the system, and places."""
    columns = {name: rows.table[name].combine_chunks() for name in rows.table.column_names}
    for told in FEEDS[rows.feeds].fields:
        if told.name not in columns:
            columns[told.name] = _made(rows, told, secret) if told.made else _same(told.otherwise, rows)
        elif told.name in REACHED:
            columns[told.name] = _reached(told.name, columns[told.name], columns.get("market"), secret)
        elif told.kind == "id" and told.name not in ("customer", "merged_into"):
            columns[told.name] = hidden(told.name, columns[told.name], secret)
        if told.own and source.system:
            columns[told.name] = pc.binary_join_element_wise(source.system, columns[told.name], ":")
    worst, best = source.scale or (None, None)
    columns |= {"scale_min": _same(worst, rows), "scale_max": _same(best, rows)}
    columns |= {"source": _same(source.name, rows), "file": _same(page.file, rows), "file_line": rows.lines}
    schema = _schema(rows.feeds)
    return pa.Table.from_arrays([pc.cast(columns[f.name], f.type) for f in schema], schema=schema)


CONTACTS = ("EMAIL", "PHONE", "CARD", "IBAN")
"""What an id may be that leads to a person."""

GOODS = ("order_id", "sku")
"""Ids of a shop, which are long numbers as cards and phones are: of these only what can be no number is hidden."""


def hidden(name: str, ids: pa.Array, secret: bytes) -> pa.Array:
    """Ids that are a way to reach or charge a person become keyed hashes, equal ones equal, so that joins hold."""
    packed = pc.dictionary_encode(ids)
    plain = packed.dictionary.to_pylist()
    hidden = [_hashed(i, secret) if _is_contact(i, number=name not in GOODS) else i for i in plain]
    return pa.array(hidden, pa.string()).take(packed.indices)


def _is_contact(found: str, *, number: bool) -> bool:
    """Whether an id holds an e-mail address, a phone number, a card or an IBAN; `number` says that digits count."""
    if not number and not any(mark in found for mark in "@+") and not found[:2].isalpha():
        return False
    masked = MASKER.mask(found).text
    return any(f"[{name}]" in masked and f"[{name}]" not in found for name in CONTACTS)


REACHED = ("email", "phone")
"""Columns that lead to a person: only hashes of them go on."""


def _reached(name: str, ways: pa.Array, markets: pa.Array | None, secret: bytes) -> pa.Array:
    """Mail addresses or phone numbers as keyed hashes, equal ones equal however they are spelled; others as none."""
    places = [None] * len(ways) if markets is None else markets.to_pylist()
    plain = (
        None if way is None else mailbox(way) if name == "email" else phone(way, place)
        for way, place in zip(ways.to_pylist(), places, strict=True)
    )
    return pa.array([None if way is None else reached(way, secret) for way in plain], pa.string())


def reached(plain: str, secret: bytes) -> str:
    """The keyed hash of a mail address or a phone number in the one spelling that `reach` gives it."""
    return hashlib.blake2b(f"reach\x1f{plain}".encode(), key=secret[:64], digest_size=16).hexdigest()


def _hashed(found: str, secret: bytes) -> str:
    """E-mail addresses are one whatever their case."""
    return hashlib.blake2b(found.lower().encode(), key=secret[:64], digest_size=9).hexdigest()


def _same(value: str | float | None, rows: Rows) -> pa.Array:
    """One value for every row."""
    return pa.array([value] * rows.table.num_rows, pa.float64() if isinstance(value, float) else pa.string())


def _made(rows: Rows, told: Field, secret: bytes) -> pa.Array:
    """Ids out of the content of the row, equal rows of one file counted: the same row in two exports is a double.

    The number of a line counts the lines of its order, in the order of the file.
    """
    if told.kind == "whole":
        return pa.array(_nth(rows.table["order_id"].to_pylist()), pa.int64())
    columns = [pc.cast(rows.table[name].combine_chunks(), pa.string()) for name in rows.table.column_names]
    content = combined(columns).to_pylist()
    hashes = [hashlib.blake2b(row.encode(), key=secret[:64], digest_size=9).hexdigest() for row in content]
    return pa.array([f"{h}-{n}" if n > 1 else h for h, n in zip(hashes, _nth(hashes), strict=True)], pa.string())


def _nth(keys: list[str]) -> list[int]:
    """1 for the first of equal keys, 2 for the second …"""
    seen: Counter[str] = Counter()
    numbers = []
    for key in keys:
        seen[key] += 1
        numbers.append(seen[key])
    return numbers


def _refuse_doubles(gathered: Gathered, feed: str) -> None:
    """Keep the first row of each key."""
    rows, key = gathered.feeds[feed], FEEDS[feed].key
    if feed == "agents":
        _refuse_second_teams(gathered)
        rows = gathered.feeds[feed]
    double = np.ones(rows.num_rows, dtype=bool)
    keys = [pc.cast(rows[name].combine_chunks(), pa.string()) for name in key]
    double[first_rows(one_mailbox(combined(keys)) if feed == "customers" else combined(keys))] = False
    fix = "take the second one away; if two systems use one id, set `system` in their [[sources]]"
    gathered.refuse(feed, double, ", ".join(key), "duplicate", came=key[0], wanted="each once", fix=fix)


def _refuse_second_teams(gathered: Gathered) -> None:
    """An agent counts in one team, the first that is told: figures of teams add up to those of all."""
    rows = gathered.feeds["agents"]
    team, first = rows["team"].combine_chunks(), rows.filter(pc.is_valid(rows["team"]))
    ids = first["agent_id"].combine_chunks()
    of = look_up(rows["agent_id"].combine_chunks(), ids, first["team"].combine_chunks())
    second = np.asarray(pc.fill_null(pc.not_equal(team, of), False))
    fix = "keep the row of the team that the agent works in most, or give the agent an id in each team"
    gathered.refuse("agents", second, "team", "two_teams", came="team", wanted="each agent in one team", fix=fix)


# ---------------------------------------------------------------- counts that close


def counts(gathered: Gathered) -> pa.Table:
    """INTAKE: for each file, rows found = rows out + rows skipped + rows rejected, unless one got lost on the way.

    A file that is refused as a whole (line 0) counts as one row.
    """
    out: Counter[tuple[str, str]] = Counter()
    for rows in gathered.feeds.values():
        out.update(zip(rows["source"].to_pylist(), rows["file"].to_pylist(), strict=True))
    rejected = {
        place: len({r.line for r in found if r.reason not in (WITHHELD_CELL, SHARED_CELL)})
        for place, found in gathered.rejects.items()
    }
    return pa.Table.from_pylist(
        [
            {
                "source": source,
                "file": file,
                "feeds": count.feeds,
                "sha256": count.sha256,
                "rows_in": count.rows_in,
                "rows_out": out[source, file],
                "rows_skipped": count.skipped,
                "rows_rejected": rejected[source, file],
            }
            for (source, file), count in sorted(gathered.counts.items())
        ],
        schema=INTAKE.arrow,
    )


def refusals(gathered: Gathered, masker: Masker) -> pa.Table:
    """REJECTS: one row per line and column, what came masked and cut."""
    found = {
        (source, file, r.line, r.field): r
        for (source, file), rejects in gathered.rejects.items()
        for r in rejects[::-1]
    }
    return pa.Table.from_pylist(
        [
            {
                "source": source,
                "file": file,
                "line": line,
                "field": name,
                "reason": r.reason,
                "came": masker.mask(r.came[:400]).text[:80],
                "wanted": r.wanted,
                "fix": r.fix,
            }
            for (source, file, line, name), r in sorted(found.items())
        ],
        schema=REJECTS.arrow,
    )
