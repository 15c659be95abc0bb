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


DESK = "[[schedules]]\nname = 'desk'\nhours = { %s }\n"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("mon = ['09:00-12:00', '11:00-13:00']", ["'desk'", "two spans of mon overlap at 11:00", "from 09:00"]),
        ("tue = ['9 to 5']", ["'desk', tue", "'9 to 5' is no span of a day", "09:00-18:00"]),
        ("wed = ['09:00-24:30']", ["'desk', wed", "goes beyond the day", "24:00 at the latest"]),
        ("thu = ['22:00-06:00']", ["'desk', thu", "ends before it begins", "22:00-24:00", "00:00-06:00"]),
        ("fri = ['09:00-09:00']", ["'desk', fri", "ends before it begins"]),
        ("", ["'desk' is never open", "hours = { mon"]),
        ("Mon = ['09:00-18:00']", ["schedules.0.hours"]),
        ("mon = ['09:00-18:00'] }\nzone = 'Mars/Base'\nholidays = []\n#{", ["is no time zone"]),
        (
            "mon = ['09:00-18:00'] }\n" + DESK % "sun = ['10:00-11:00']" + "#{",
            ["two schedules are called 'desk'", "rename"],
        ),
    ],
)
def test_hours_that_make_no_sense_are_refused_by_schedule_and_day(tmp_path, hours, words):
    with pytest.raises(SettingsError) as error:
        told(tmp_path, DESK % hours)

    assert [] == [w for w in words if w not in str(error.value)]


def test_hours_may_touch_end_at_midnight_and_come_in_any_order(tmp_path):
    [read] = told(tmp_path, DESK % "sat = ['13:00-24:00', ' 9:00 - 13:00']").schedules

    assert [(780, 1440), (540, 780)] == read.spans("sat")
    assert [] == read.spans("sun")


def test_the_nearest_target_counts_and_of_several_the_last(tmp_path):
    targets = """
    [[targets]]
    kpi = "csat_mean"
    target = 0.3
    [[targets]]
    kpi = "csat_mean"
    target = 0.25
    [[targets]]
    kpi = "csat_mean"
    target = 0.2
    team = "day"
    [[targets]]
    kpi = "csat_mean"
    target = 0.1
    team = "day"
    agent_id = "ann"
    """
    read = told(tmp_path, targets)
    aims = [
        read.aim("csat_mean", team=team, agent_id=who) for team, who in (("day", "ann"), ("day", "bo"), ("x", "bo"))
    ]

    assert [0.1, 0.2, 0.25] == [aim and aim.target for aim in aims]
    assert 0.25 == read.aim("csat_mean").target
    assert read.aim("handle_mean") is None


ACTION = '[[actions]]\nname = "a"\nsince = 2026-05-01\n'


def test_an_action_names_one_or_several(tmp_path):
    one = ACTION + 'topic_id = "how_to"\nsku = ["x", "y"]\n'
    other = ACTION + 'until = 2026-06-01\ntopic_id = ["t1", "t2"]\nwritten = 2026-04-30\n'
    first, second = told(tmp_path, one + other).actions

    assert (("how_to",), ("x", "y"), ()) == (first.topic_id, first.sku, first.market)
    assert (("t1", "t2"), False, "orders") == (second.topic_id, second.spiked, second.reaches)


@pytest.mark.parametrize("wrong", ["until = 2026-05-01", "hoped = 1.5", 'reaches = "some"', "topic_id = []"])
def test_an_action_that_makes_no_sense_is_refused(tmp_path, wrong):
    about = "" if wrong.startswith("topic_id") else 'topic_id = "how_to"\n'
    with pytest.raises(SettingsError):
        told(tmp_path, ACTION + about + wrong + "\n")
