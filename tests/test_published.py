"""Readers see a whole published file or the one before, never half of one, never a damaged one."""

import json
import threading

import duckdb
import pytest

from insight.errors import PublishedError
from insight.published import TABLES_OUT, Folder, Published
from insight.schema import COUNTS, PUBLISHED


def tables(rows=1):
    counts = COUNTS.arrow.empty_table().to_pandas()
    counts["stage"] = [f"stage {n}" for n in range(rows)]
    counts["outcome"], counts["rows"], counts["closes"] = "in", 1, True
    return [counts if t is COUNTS else t.arrow.empty_table() for t in TABLES_OUT]


def publish(root, rows=1, fingerprint="f"):
    Folder(root).write(PUBLISHED, tables(rows), fingerprint=fingerprint)


def file_of(root):
    return root / "published" / f"{(root / 'published' / 'CURRENT').read_text()}.duckdb"


def test_what_was_published_can_be_read(tmp_path):
    publish(tmp_path, 3)

    now = Published(tmp_path).current()

    assert 3 == now.rows("select count(*) as n from mart.main.counts")[0]["n"]
    assert 3 == len(now.frame(COUNTS).collect())
    assert "f" == Folder(tmp_path).fingerprint(PUBLISHED)


def test_nothing_published_says_what_to_run(tmp_path):
    with pytest.raises(PublishedError, match="insight run"):
        Published(tmp_path).current()


def test_the_same_rows_have_the_same_id_and_other_rows_another(tmp_path):
    ids = []
    for place, rows in (("a", 1), ("b", 1), ("c", 2)):
        publish(tmp_path / place, rows)
        ids.append(Published(tmp_path / place).current().id)

    assert ids[0] == ids[1] != ids[2]


def test_a_reader_moves_on_when_the_pointer_moves_and_keeps_what_it_holds(tmp_path):
    publish(tmp_path, 1)
    reader = Published(tmp_path)
    held = reader.current()
    for rows in (2, 3, 4):
        publish(tmp_path, rows)

    assert 4 == reader.current().rows("select count(*) as n from mart.main.counts")[0]["n"]
    assert 1 == held.rows("select count(*) as n from mart.main.counts")[0]["n"]
    assert 2 == len(list((tmp_path / "published").glob("*.duckdb")))


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_one_flipped_bit_is_refused_and_the_file_before_keeps_serving(tmp_path, at):
    publish(tmp_path, 1)
    reader = Published(tmp_path)
    good = reader.current()
    publish(tmp_path, 2)
    file = file_of(tmp_path)
    body = bytearray(file.read_bytes())
    body[int(len(body) * at)] ^= 1
    file.write_bytes(body)

    assert good is reader.current()
    with pytest.raises(PublishedError, match="does not match"):
        Published(tmp_path).current()


def test_what_a_killed_publisher_left_behind_is_swept_away(tmp_path):
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "0123.building").write_text("half a file")
    publish(tmp_path)

    assert [] == list(folder.glob("*.building*"))


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/passwd')",
        "copy mart.main.counts to '/tmp/out.csv'",
        "attach '/tmp/other.duckdb' as other",
        "create table mart.main.mine (a int)",
        "set enable_external_access=true",
        "install httpfs",
    ],
)
def test_a_reader_can_neither_write_nor_leave_its_file(tmp_path, query):
    publish(tmp_path)

    with pytest.raises(duckdb.Error):
        Published(tmp_path).current().sql(query)


def test_many_threads_may_read_at_once(tmp_path):
    publish(tmp_path, 5)
    now = Published(tmp_path).current()
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.append(now.rows("select count(*) as n from mart.main.counts")[0]["n"]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [5] * 8 == seen


def test_the_manifest_names_every_table_with_rows_and_digest(tmp_path):
    publish(tmp_path)
    manifest = json.loads(file_of(tmp_path).with_suffix(".json").read_text())

    assert {t.name for t in TABLES_OUT} == set(manifest["tables"])
    assert 64 == len(manifest["sha256"])


@pytest.mark.parametrize("harm", [lambda f: f.unlink(), lambda f: f.write_bytes(b"damaged")])
def test_a_damaged_file_is_not_taken_for_up_to_date(tmp_path, harm):
    publish(tmp_path)
    harm(file_of(tmp_path))

    assert "" == Folder(tmp_path).fingerprint(PUBLISHED)
    publish(tmp_path)
    assert Published(tmp_path).current().rows("select 1 as n from mart.main.counts")
