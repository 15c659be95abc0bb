"""The doors to the world: which files, in which order, and the key."""

import os

import pytest

from insight import clients
from insight.errors import SettingsError, SourceError
from insight.settings import Privacy, Settings, SourcePart


def world(home, *paths, **told):
    parts = tuple(SourcePart(name=f"source{n}", path=path, feeds="messages") for n, path in enumerate(paths))
    return clients.world(Settings(home=home, sources=parts, **told))


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)


def test_files_come_by_source_and_name_with_their_hash(tmp_path):
    write(tmp_path / "in", b="2", a="1", c="3")

    pages = [(part.name, page.file, page.body) for part, page in world(tmp_path, "in/c.csv", "in/[ab].csv").pages()]

    assert [("source0", "in/c.csv", b"3"), ("source1", "in/a.csv", b"1"), ("source1", "in/b.csv", b"2")] == pages


def test_a_path_may_lead_out_of_the_folder_because_the_owner_said_so(tmp_path):
    write(tmp_path / "shared", a="1")
    (tmp_path / "shop").mkdir()

    assert ["../shared/a.csv"] == [page.file for _, page in world(tmp_path / "shop", "../shared/*.csv").pages()]


def test_a_link_in_a_folder_that_leads_out_of_it_is_refused(tmp_path):
    write(tmp_path / "secret", a="1")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.csv").symlink_to(tmp_path / "secret" / "a.csv")

    with pytest.raises(SourceError, match="leads out"):
        list(world(tmp_path, "in/*.csv").pages())


def test_a_linked_folder_under_a_pattern_is_refused_too(tmp_path):
    write(tmp_path / "secret", a="1")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "deep").symlink_to(tmp_path / "secret", target_is_directory=True)

    with pytest.raises(SourceError, match="leads out"):
        list(world(tmp_path, "in/*/*.csv").pages())


def test_a_folder_or_a_pipe_is_no_file(tmp_path):
    write(tmp_path / "in", a="1")
    (tmp_path / "in" / "b.csv").mkdir()
    os.mkfifo(tmp_path / "in" / "c.csv")

    assert ["in/a.csv"] == [page.file for _, page in world(tmp_path, "in/*.csv").pages()]


def test_a_pattern_that_matches_nothing_is_an_error_that_names_the_folder(tmp_path):
    with pytest.raises(SourceError, match=r"in/\*\.csv.*\n.*nothing that matches"):
        world(tmp_path, "in/*.csv").digest()


def test_an_unknown_kind_and_two_sources_of_one_name_are_errors(tmp_path):
    write(tmp_path, a="1")
    part = SourcePart(name="a", path="a.csv", feeds="messages")

    with pytest.raises(SourceError, match=r"no such kind.*\n.*fax.*\n.*table"):
        clients.world(Settings(home=tmp_path, sources=(part.model_copy(update={"kind": "fax"}),))).digest()
    with pytest.raises(SourceError, match="two sources have one name"):
        clients.world(Settings(home=tmp_path, sources=(part, part))).digest()


def test_the_digest_changes_with_bytes_names_and_mapping_and_with_nothing_else(tmp_path):
    write(tmp_path / "in", a="1", b="2")
    first = world(tmp_path, "in/*.csv").digest()

    (tmp_path / "in" / "a.csv").touch()
    assert first == world(tmp_path, "in/*.csv").digest()
    seen = {first, world(tmp_path, "in/?.csv").digest()}
    write(tmp_path / "in", a="2", b="1")
    seen.add(world(tmp_path, "in/*.csv").digest())
    (tmp_path / "in" / "a.csv").rename(tmp_path / "in" / "c.csv")
    seen.add(world(tmp_path, "in/*.csv").digest())
    assert 4 == len(seen)


def test_the_key_is_made_once_and_only_the_owner_may_read_it(tmp_path):
    key = world(tmp_path).secret
    path = tmp_path / ".insight" / "customer.key"

    assert key == world(tmp_path).secret == path.read_bytes()
    assert (32, 0o600) == (len(key), path.stat().st_mode & 0o777)
    assert ["customer.key"] == [p.name for p in path.parent.iterdir()]


def test_the_key_can_be_a_file_of_the_owner_and_changes_the_digest(tmp_path):
    (tmp_path / "one.key").write_bytes(b"1" * 32)
    (tmp_path / "two.key").write_bytes(b"2" * 32)
    digests = [world(tmp_path, privacy=Privacy(customer_key_file=f"{n}.key")).digest() for n in ("one", "two", "one")]

    assert digests[0] == digests[2] != digests[1]


def test_a_missing_or_short_key_is_an_error_and_never_replaced(tmp_path):
    (tmp_path / "short.key").write_bytes(b"1")

    with pytest.raises(SettingsError, match="too short"):
        _ = world(tmp_path, privacy=Privacy(customer_key_file="short.key")).secret
    with pytest.raises(SettingsError, match="no key file"):
        _ = world(tmp_path, privacy=Privacy(customer_key_file="none.key")).secret
