"""The lake keeps what it is given, refuses what breaks a contract, and names equal rows equally."""

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.errors import TableError
from insight.schema import (
    COUNTS,
    ISSUE_THREADS,
    TABLES,
    Column,
    Same,
    Table,
    number,
    text,
    texts,
    when,
    whole,
)
from insight.store import Store, conform, digest

THINGS = Table(
    "things",
    "one row per thing",
    ("thing_id",),
    (
        text("thing_id", "which"),
        whole("size", "how big", "mm", null=True),
        number("weight", "kg", null=True),
        *when("made", "when"),
    ),
)


def things(ids: list[str], sizes: list[int | None] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {"thing_id": ids, "size": sizes or [1] * len(ids), "weight": [0.5] * len(ids), "made_ms": [1_500] * len(ids)}
    ).astype({"size": "Int64"})


def test_what_was_written_is_read_back_in_the_order_of_its_key(tmp_path):
    store = Store(tmp_path)
    store.write(THINGS, things(["b", "a"], [2, None]), fingerprint="f")

    rows = store.read(THINGS).to_pydict()

    assert ["a", "b"] == rows["thing_id"]
    assert [None, 2] == rows["size"]
    assert "1970-01-01T00:00:01.500000+00:00" == rows["made_at"][0].isoformat()
    assert "f" == store.fingerprint(THINGS)


def test_a_table_that_was_never_written_is_empty_and_has_no_digest(tmp_path):
    assert 0 == len(Store(tmp_path).read(THINGS))
    assert "" == Store(tmp_path).digest(THINGS)


def test_a_second_write_replaces_the_first_and_leaves_no_old_rows_on_disk(tmp_path):
    store = Store(tmp_path)
    store.write(THINGS, things(["SECRETNAME"]), fingerprint="1")
    store.write(THINGS, things(["b"]), fingerprint="2")

    kept = b"".join(f.read_bytes() for f in (tmp_path / "lake" / "things").rglob("*.parquet"))

    assert ["b"] == store.read(THINGS)["thing_id"].to_pylist()
    assert b"SECRETNAME" not in kept


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (things(["a", "a"]), "the key is not unique"),
        (things(["a"]).drop(columns="weight"), "missing ['weight']"),
        (things(["a"]).assign(colour="red"), "unknown ['colour']"),
        (things(["a"]).assign(made_ms=pd.array([None], "Int64")), "a column that may not be empty"),
        (things(["a"]).assign(size="big"), "a column has another type"),
    ],
)
def test_rows_that_break_the_contract_are_refused_with_the_reason(rows, words):
    with pytest.raises(TableError) as error:
        conform(THINGS, rows)

    assert words in str(error.value)
    assert "things" in str(error.value)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=8), st.one_of(st.none(), st.integers(-(2**62), 2**62)), st.floats(width=32)),
        unique_by=lambda row: row[0],
        max_size=12,
    ),
    st.randoms(),
)
def test_the_digest_forgets_the_order_of_rows_and_nothing_else(rows, random):
    def table(some):
        columns = list(zip(*some, strict=True)) or [(), (), ()]
        return conform(
            THINGS,
            pa.table(
                {
                    "thing_id": pa.array(columns[0], pa.string()),
                    "size": pa.array(columns[1], pa.int64()),
                    "weight": pa.array(columns[2], pa.float64()),
                    "made_ms": pa.array([0] * len(some), pa.int64()),
                }
            ),
        )

    shuffled = random.sample(rows, len(rows))

    assert digest(table(rows)) == digest(table(shuffled))
    if rows:
        name, size, weight = rows[0]
        assert digest(table(rows)) != digest(table([(name, 5 if size is None else None, weight), *rows[1:]]))


def counts(rows):
    return pd.DataFrame({"stage": ["read"], "outcome": ["in"], "rows": [rows], "closes": [True]})


PAIRS = Table("pairs", "one row per pair", ("name", "number"), (text("name", "first"), whole("number", "second")))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abé"), st.integers(-2, 2)), unique=True))
def test_rows_in_any_order_are_kept_in_that_of_all_parts_of_their_key(pairs):
    told = pd.DataFrame({"name": [n for n, _ in pairs], "number": [n for _, n in pairs]}, dtype=object)
    kept = conform(PAIRS, told.astype({"number": "int64"}))
    assert [(row["name"], row["number"]) for row in kept.to_pylist()] == sorted(pairs)


def test_a_second_run_on_the_same_lake_is_kept_out(tmp_path):
    with Store(tmp_path).locked(), pytest.raises(TableError, match="another run"), Store(tmp_path).locked():
        pass


def test_however_many_runs_come_and_go_a_table_is_known_to_be_written(tmp_path):
    store = Store(tmp_path)
    for size in (1, 2):
        store.write(COUNTS, counts(size), fingerprint=f"{size}")
    for _ in range(6):
        with store.locked():
            pass
    assert store.fingerprint(COUNTS) == "2"


def test_every_table_says_its_grain_its_key_and_what_each_column_means():
    for table in TABLES:
        assert table.grain.startswith("one row per "), table.name
        assert set(table.key) <= set(table.arrow.names), table.name
        assert all(c.meaning for c in table.columns), table.name


def test_tables_are_named_once():
    assert len(TABLES) == len({t.name for t in TABLES})
    assert ISSUE_THREADS in TABLES


def test_neither_the_log_nor_another_user_can_tell_what_was_in_a_table(tmp_path):
    store = Store(tmp_path / "shop")
    with store.locked():
        store.write(THINGS, things(["SECRETNAME"]), fingerprint="1")
        store.write(THINGS, things(["b"]), fingerprint="2")

    logs = b"".join(f.read_bytes() for f in (tmp_path / "shop").rglob("*.json"))

    assert b"SECRETNAME" not in logs
    assert 0o700 == (tmp_path / "shop").stat().st_mode & 0o777


def test_what_a_killed_run_left_beside_its_rows_is_swept_by_the_next(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.write(COUNTS, counted("OLDSTAGE"), fingerprint="1")
    monkeypatch.setattr(Store, "_sweep", lambda self, table: None)
    store.write(COUNTS, counted("new"), fingerprint="2")
    monkeypatch.undo()
    with store.locked():
        pass

    kept = b"".join(f.read_bytes() for f in (tmp_path / "lake").rglob("*.parquet"))

    assert b"OLDSTAGE" not in kept
    assert "2" == store.fingerprint(COUNTS)


# ---------------------------------------------------------------- tables of an earlier version


def as_of(*columns: Column) -> Table:
    """The table as a version declares it: an id, and these columns."""
    return Table("things", "one row per thing", ("thing_id",), (text("thing_id", "which"), *columns))


def test_a_column_that_is_new_and_may_be_empty_is_empty_in_older_rows(tmp_path):
    Store(tmp_path).write(as_of(), pd.DataFrame({"thing_id": ["b", "a"]}), fingerprint="f")
    now = as_of(text("colour", "which", null=True), *when("seen", "when", null=True))
    rows = Store(tmp_path).read(now)
    assert now.arrow == rows.schema
    assert [{"thing_id": t, "colour": None, "seen_ms": None, "seen_at": None} for t in "ab"] == rows.to_pylist()


def test_a_column_that_is_new_holds_what_its_table_says_of_older_rows(tmp_path):
    Store(tmp_path).write(as_of(), pd.DataFrame({"thing_id": ["a"]}), fingerprint="f")
    now = as_of(
        text("first_id", "which", older=Same("thing_id")),
        whole("version", "of what", older=1),
        texts("words", "told", older=()),
    )
    assert [{"thing_id": "a", "first_id": "a", "version": 1, "words": []}] == Store(tmp_path).read(now).to_pylist()


def test_a_column_that_is_gone_is_left_out(tmp_path):
    Store(tmp_path).write(as_of(text("old", "which")), pd.DataFrame({"thing_id": ["a"], "old": ["x"]}), fingerprint="f")
    assert [{"thing_id": "a"}] == Store(tmp_path).read(as_of()).to_pylist()


def test_a_column_that_is_new_and_may_not_be_empty_is_named_with_its_table_and_nothing_is_lost(tmp_path):
    Store(tmp_path).write(as_of(), pd.DataFrame({"thing_id": ["a"]}), fingerprint="f")
    with pytest.raises(TableError) as error:
        Store(tmp_path).read(as_of(text("colour", "which"), whole("size", "how big")))
    for words in ("things", "no colour, size", "lake/things"):
        assert words in str(error.value)
    assert ["a"] == Store(tmp_path).read(as_of())["thing_id"].to_pylist()


def test_a_column_whose_type_has_changed_is_read_where_it_can_be_and_named_where_not(tmp_path):
    Store(tmp_path).write(as_of(text("size", "big")), pd.DataFrame({"thing_id": ["a"], "size": ["7"]}), fingerprint="f")
    now = as_of(whole("size", "how big"))
    assert [7] == Store(tmp_path).read(now)["size"].to_pylist()
    Store(tmp_path).write(as_of(text("size", "big")), pd.DataFrame({"thing_id": ["a"], "size": ["x"]}), fingerprint="f")
    with pytest.raises(TableError, match=r"things\.size"):
        Store(tmp_path).read(now)


def counted(stage):
    return pd.DataFrame({"stage": [stage], "outcome": ["in"], "rows": [1], "closes": [True]})
