"""The files of models/: each is checked against the manifest before it is used."""

import pytest

from insight import shipped
from insight.errors import MissingPart


@pytest.fixture
def models(tmp_path):
    """A small folder of shipped files, not yet sealed."""
    (tmp_path / "words.toml").write_text('[en]\nwords = ["good"]\n', encoding="utf-8")
    (tmp_path / shipped.MANIFEST).write_text(
        '# kept\n[files."words.toml"]\nsha256 = ""\nlicence = "Apache-2.0"\nsheet = "w"\nrebuild = "write it"\n',
        encoding="utf-8",
    )
    return tmp_path


def test_a_sealed_file_is_found(models):
    assert ["words.toml"] == shipped.seal(models)
    assert models / "words.toml" == shipped.checked(models, "words.toml")


def test_sealing_keeps_the_other_words_and_changes_nothing_twice(models):
    shipped.seal(models)
    words = (models / shipped.MANIFEST).read_text(encoding="utf-8")

    assert words.startswith("# kept\n")
    assert [] == shipped.seal(models)
    assert words == (models / shipped.MANIFEST).read_text(encoding="utf-8")


def test_a_changed_file_is_refused_with_what_to_do(models):
    shipped.seal(models)
    (models / "words.toml").write_text("[en]\n", encoding="utf-8")

    with pytest.raises(MissingPart, match=r"words.toml: a shipped file was changed(.|\n)*--seal"):
        shipped.checked(models, "words.toml")


def test_an_absent_file_is_refused_with_the_command_that_makes_it(models):
    (models / "words.toml").unlink()

    with pytest.raises(MissingPart, match="fix: write it"):
        shipped.checked(models, "words.toml")
    with pytest.raises(MissingPart, match="fix: write it"):
        shipped.seal(models)


def test_a_file_that_the_manifest_does_not_list_is_refused(models):
    with pytest.raises(MissingPart, match="does not list"):
        shipped.checked(models, "other.toml")


def test_a_folder_without_a_manifest_is_no_folder_of_models(tmp_path):
    with pytest.raises(MissingPart, match="no manifest"):
        shipped.checked(tmp_path, "words.toml")


def test_an_entry_whose_sha256_is_not_where_the_seal_writes_it_is_refused(models):
    words = (models / shipped.MANIFEST).read_text(encoding="utf-8")
    (models / shipped.MANIFEST).write_text(words.replace('sha256 = ""\n', "") + 'sha256 = ""\n', encoding="utf-8")

    with pytest.raises(MissingPart, match="first line"):
        shipped.seal(models)


def test_what_ships_is_sealed_described_and_complete():
    models = shipped.folder()
    listed = shipped.manifest(models)
    there = {file.relative_to(models).as_posix() for file in models.rglob("*") if file.is_file()} - {shipped.MANIFEST}

    assert set(listed) == there
    for name, about in listed.items():
        assert models / name == shipped.path(name)
        assert all(about[key] for key in ("sha256", "licence", "sheet", "rebuild"))
