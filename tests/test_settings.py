"""Settings are read once, told wrong ones are named with the nearest right one, nothing unknown passes."""

import pytest

from insight import settings
from insight.errors import SettingsError

GOOD = """
[shop]
zone = "Asia/Shanghai"

[[sources]]
name = "chats"
path = "messages.csv"
feeds = "messages"
columns = { text = "body" }
"""


def told(tmp_path, text, env=None):
    path = tmp_path / "insight.toml"
    path.write_text(text, encoding="utf-8")
    return settings.read(path, env or {})


def test_settings_are_read_and_their_folder_is_home(tmp_path):
    read = told(tmp_path, GOOD)

    assert "Asia/Shanghai" == read.shop.zone
    assert "body" == read.sources[0].columns["text"]
    assert tmp_path / ".insight" == read.lake_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[shp]\n", ["shp: unknown key", "did you mean 'shop'"]),
        ("[shop]\nzon = 'UTC'\n", ["shop.zon: unknown key", "did you mean 'zone'"]),
        ("[shop]\nzone = 'Mars/Base'\n", ["shop.zone", "is no time zone"]),
        ("[serve]\nport = 'often'\n", ["serve.port", "often"]),
        ("[shop\n", ["this is no TOML", "line 1"]),
        (GOOD.replace('path = "messages.csv"\n', ""), ["sources.0.path", "required"]),
        (GOOD.replace('"messages"\n', '"mesages"\n'), ["sources.0.feeds"]),
        (GOOD.replace("columns =", "colums ="), ["sources.0.colums: unknown key", "did you mean 'columns'"]),
        ("home = '/'\n", ["home is not yours to set"]),
        (GOOD + "scale = [5, 5]\n", ["sources.0.scale", "the same"]),
    ],
)
def test_what_cannot_be_used_is_named_with_place_and_fix(tmp_path, text, words):
    with pytest.raises(SettingsError) as error:
        told(tmp_path, text)

    assert [] == [w for w in [*words, "insight.toml"] if w not in str(error.value)]


def test_no_file_says_how_to_get_one(tmp_path):
    with pytest.raises(SettingsError, match="insight init"):
        settings.read(tmp_path / "insight.toml")


def test_the_environment_overrides_the_file(tmp_path):
    env = {"INSIGHT__SERVE__PORT": "9000", "INSIGHT__SHOP__NAME": "Fine shoes", "PATH": "/bin"}
    read = told(tmp_path, GOOD, env)

    assert 9000 == read.serve.port
    assert "Fine shoes" == read.shop.name


def test_an_unknown_key_in_the_environment_is_an_error_too(tmp_path):
    with pytest.raises(SettingsError, match="porr: unknown key"):
        told(tmp_path, GOOD, {"INSIGHT__SERVE__PORR": "9000"})


def test_settings_cannot_be_changed_after_they_were_read(tmp_path):
    with pytest.raises(ValueError, match="frozen"):
        told(tmp_path, GOOD).shop.name = "other"


def test_a_limit_told_for_one_channel_leaves_those_of_the_others(tmp_path):
    read = told(tmp_path, "[service.first_response_limit_s]\nemail = 3600\n")

    assert {"chat": 60, "default": 86_400, "email": 3600} == read.service.first_response_limit_s
