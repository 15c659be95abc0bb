"""The sample shop is the same each time, speaks like customers do, and shows what is planted in it and nothing else."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from examples.sample_shop import accounts, world
from examples.sample_shop.make import Shop, happen, make
from examples.sample_shop.phrases import bank, languages
from insight import settings

ROOT = Path(__file__).parents[2]

WEEK = 7 * world.DAY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shop")
    make(out, conversations=700, seed=7)
    return out


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shop() -> Shop:
    return happen(conversations=2500, seed=7)


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def rows(path: Path, *, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def texts(folder: Path) -> dict[str, str]:
    """The text of each message by its id, as the systems exported it."""
    found = {r["message_id"]: r["body"] for p in folder.glob("amazon/buyer_messages_*.csv") for r in rows(p)}
    found |= {r["Message ID"]: r["Message"] for r in rows(folder / "ebay/member_messages.tsv", delimiter="\t")}
    found |= {r["Comment"]: r["Body"] for r in rows(folder / "helpdesk/comments.csv", delimiter=";")}
    found |= {r["消息ID"]: r["内容"] for r in rows(folder / "kefu/messages.csv", encoding="gb18030")}
    lines = (folder / "chat/messages.jsonl").read_text(encoding="utf-8").splitlines()
    return found | {r["id"]: r["text"] for r in map(json.loads, lines)}


# ---------------------------------------------------------------- the files


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    make(tmp_path, conversations=700, seed=7)
    assert digests(folder) == digests(tmp_path)


def test_another_seed_gives_another_shop(folder: Path, tmp_path: Path) -> None:
    make(tmp_path, conversations=700, seed=8)
    assert digests(folder)["chat/messages.jsonl"] != digests(tmp_path)["chat/messages.jsonl"]


def test_the_smallest_shop_has_every_file(folder: Path, tmp_path: Path) -> None:
    counts = make(tmp_path, conversations=150, seed=1)
    assert counts["conversations"] == 150
    assert {n for n in digests(folder) if "amazon/buyer" not in n} <= set(digests(tmp_path))


def test_the_settings_can_be_read_and_name_files_that_are_there(folder: Path) -> None:
    told = settings.read(folder / "insight.toml", {})
    assert told.shop.zone == "Asia/Shanghai"
    for part in told.sources:
        assert list(folder.glob(part.path)), part.path


def test_every_file_but_the_truth_has_a_source(folder: Path) -> None:
    told = settings.read(folder / "insight.toml", {})
    mapped = {str(path.relative_to(folder)) for part in told.sources for path in folder.glob(part.path)}
    assert set(digests(folder)) - mapped == {"insight.toml", "truth.json"}


def test_every_kind_of_table_is_fed(folder: Path) -> None:
    told = settings.read(folder / "insight.toml", {})
    feeds = settings.SourcePart.model_fields["feeds"].annotation
    assert {part.feeds for part in told.sources} == set(feeds.__args__)


def test_no_exported_column_tells_the_truth(folder: Path) -> None:
    heads = [
        p.read_bytes().split(b"\n")[0].decode("gb18030") for p in folder.rglob("*") if p.suffix in (".csv", ".tsv")
    ]
    heads += [p.read_text(encoding="utf-8").split("\n")[0] for p in folder.rglob("*.jsonl")]
    words = re.compile(r"\b(intents?|nth|solved|angry|planted|truth|quiet|repeat)\b")
    known = "Ticket;Requester;Assignee;Created;Solved;Status"
    assert [head for head in heads if words.search(head) and not head.startswith(known)] == []


def test_every_foreign_currency_has_a_rate_before_its_first_order_and_costs_are_below_totals(shop: Shop) -> None:
    first: dict[str, int] = {}
    for currency, since, worth in accounts.rates(7):
        first.setdefault(currency, since)
        assert float(worth) > 0
    assert set(first) == {o.currency for o in shop.orders} - {"USD"}
    assert all(first[o.currency] <= o.ordered for o in shop.orders if o.currency in first)
    costs = accounts.costs(shop.orders, 7)
    assert {o.customer.platform for o in shop.orders if o.id in costs} == {"amazon", "shopify"}
    assert all(0 < costs[o.id] < o.total for o in shop.orders if o.id in costs)


# ---------------------------------------------------------------- the conversations


def test_all_languages_platforms_and_channels_speak(shop: Shop) -> None:
    spoken = Counter(t.contact.customer.language for t in shop.conversations)
    assert set(spoken) == {"en", "zh", "de", "es", "ja"} == set(languages())
    assert min(spoken.values()) > 0.05 * len(shop.conversations)
    assert {t.contact.customer.platform for t in shop.conversations} == {"amazon", "shopify", "ebay"}
    assert {t.channel for t in shop.conversations} == {"chat", "email", "marketplace"}


def test_moments_lie_in_the_days_and_follow_each_other(shop: Shop) -> None:
    for talk in shop.conversations:
        sent = [said.sent for said in talk.said]
        assert sent == sorted(set(sent))
        assert world.first() <= sent[0] == talk.opened
        assert sent[-1] < world.end()


def test_nobody_answers_off_shift_in_mails(shop: Shop) -> None:
    for talk in shop.conversations:
        for said in talk.said:
            if said.author == "agent" and talk.channel != "chat":
                assert said.agent in shop.staff.there(said.sent)


def test_chats_are_answered_in_seconds_and_mails_in_hours(shop: Shop) -> None:
    waits: dict[str, list[int]] = {"chat": [], "email": [], "marketplace": []}
    for talk in shop.conversations:
        asked = next((s.sent for s in talk.said if s.author == "customer"), None)
        answers = [s.sent for s in talk.said if s.author == "agent" and asked is not None and s.sent > asked]
        if asked is not None and answers:
            waits[talk.channel].append(answers[0] - asked)
    median = {channel: sorted(found)[len(found) // 2] / 1000 for channel, found in waits.items()}
    assert 10 < median["chat"] < 120
    assert 3600 < median["email"] < 24 * 3600
    assert 3600 < median["marketplace"] < 24 * 3600


def test_about_a_tenth_asks_for_nothing(shop: Shop) -> None:
    silent = sum(not talk.intents for talk in shop.conversations) / len(shop.conversations)
    assert 0.06 < silent < 0.14


def test_texts_hardly_repeat(shop: Shop) -> None:
    said = [s.turn.text for t in shop.conversations for s in t.said if s.turn.intents]
    assert len(set(said)) > 0.85 * len(said)


def test_no_slot_is_left_unfilled(folder: Path) -> None:
    left = re.compile(r"[{}]|<<|>>|@date|@time|\[[^\]]*\|")
    assert [text for text in texts(folder).values() if left.search(text)] == []


@pytest.mark.parametrize("language", languages())
def test_each_language_can_say_everything(language: str) -> None:
    told = bank(language)
    assert set(told["intent"]) == set(world.world()["intents"])
    for intent, parts in told["intent"].items():
        assert len(parts["core"]) >= 10, intent
        assert all(parts[part] for part in ("detail", "ask", "fix")), intent


# ---------------------------------------------------------------- what is planted


def contacts(shop: Shop, name: str) -> list[int]:
    told = world.world()["planted"][name]
    hits = [t for t in shop.conversations if (t.contact.sku, t.contact.intent) == (told["sku"], told["intent"])]
    return [t.opened for t in hits if t.plan.nth == 1]


def test_one_jacket_runs_small_in_every_language(shop: Shop) -> None:
    sku = world.world()["planted"]["runs_small"]["sku"]
    small = [t for t in shop.conversations if t.contact.intent == "runs_small"]
    planted = [t for t in small if t.contact.sku == sku]
    assert len(planted) > 0.6 * len(small)
    assert {t.contact.customer.language for t in planted} == set(languages())
    returned = Counter(r.sku for r in shop.returns if r.reason == "SIZE_TOO_SMALL")
    assert returned[sku] > 0.7 * returned.total()


def test_one_carrier_is_late_on_one_lane_from_its_day_on(shop: Shop) -> None:
    told = world.world()["planted"]["late_carrier"]
    lane = [o for o in shop.orders if (o.carrier, o.lane) == (told["carrier"], told["lane"]) and not o.cancelled]
    before = [o.late for o in lane if o.shipped < world.midnight(told["day"])]
    after = [o.late for o in lane if o.shipped >= world.midnight(told["day"])]
    rest = [o.late for o in shop.orders if (o.carrier, o.lane) != (told["carrier"], told["lane"])]
    assert sum(before) / len(before) < 0.1
    assert sum(after) / len(after) > 0.6
    assert sum(rest) / len(rest) < 0.1


def test_many_ask_for_what_the_catalogue_lacks(folder: Path, truth: dict[str, Any]) -> None:
    told, said = truth["planted"]["accessory"], texts(folder)
    askers = dict.fromkeys(told["words"], 0)
    for message, intents in truth["messages"].items():
        for language, words in told["words"].items():
            nouns = [w.split(" ", 1)[-1].lower() if language in ("en", "de", "es") else w for w in words]
            found = any(noun in said[message].lower() for noun in nouns)
            askers[language] += "accessory_demand" in intents and found
    assert sum(askers.values()) >= 10
    names = [p.name.lower() for p in world.products().values()]
    assert not any("waterproof" in name for name in names)
    assert truth["planted"]["accessory_sold"]["sold_as"] in world.products()


@pytest.mark.parametrize("name", ["fix_that_works", "fix_that_does_not"])
def test_contacts_follow_the_planted_effect_of_a_fix(shop: Shop, name: str) -> None:
    told = world.world()["planted"][name]
    day, opened = world.midnight(told["day"]), contacts(shop, name)
    before = sum(day - 7 * WEEK <= at < day for at in opened)
    after = sum(day <= at < day + 7 * WEEK for at in opened)
    likely = told["ratio"] / (1 + told["ratio"])
    spread = sqrt((before + after) * likely * (1 - likely))
    assert before >= 15
    assert abs(after - (before + after) * likely) <= 3 * spread


def test_who_comes_back_had_reasons_that_can_be_seen(shop: Shop) -> None:
    came = {a.id for a, b in shop_pairs(shop) if b.opened - a.opened <= WEEK}
    talks = [t for t in shop.conversations if not t.plan.quiet]
    hard = [t for t in talks if not t.plan.solved or not t.plan.answered or t.slow or t.angry]
    easy = [t for t in talks if t not in hard]
    share = len(came) / len(shop.conversations)
    assert 0.12 <= share <= 0.18
    assert sum(t.id in came for t in hard) / len(hard) > 3 * sum(t.id in came for t in easy) / len(easy)


def shop_pairs(shop: Shop) -> list[tuple[Any, Any]]:
    threads: dict[int, list[Any]] = {}
    for talk in shop.conversations:
        threads.setdefault(talk.thread, []).append(talk)
    return [pair for talks in threads.values() for pair in pairwise(talks)]


def test_the_helpdesk_logs_each_mail_from_its_creation_to_its_solution(folder: Path, truth: dict[str, Any]) -> None:
    tickets = {r["Ticket"]: r for r in rows(folder / "helpdesk/tickets.csv", delimiter=";")}
    log = rows(folder / "helpdesk/events.csv", delimiter=";")
    changes = {name: [r for r in log if r["Ticket"] == name] for name in tickets}
    assert {r["Ticket"] for r in log} == set(tickets) == set(truth["tickets"])
    every = {"Created", "Assigned", "Escalated", "Schedule", "Solved", "Reopened", "Closed"}
    assert {r["Change"] for r in log} == every
    for name, told in changes.items():
        kinds, ticket = [r["Change"] for r in told], tickets[name]
        assert (kinds[0], told[0]["At"]) == ("Created", ticket["Created"])
        assert kinds.count("Reopened") == truth["tickets"][name]["reopens"]
        solved = [r["At"] for r in told if r["Change"] == "Solved"]
        assert len(solved) == kinds.count("Reopened") + (ticket["Status"] == "solved")
        assert ticket["Status"] != "solved" or solved[-1] == ticket["Solved"]
        assert not ticket["Assignee"] or ticket["Assignee"] in [r["To"] for r in told if r["Change"] == "Assigned"]


def test_schedules_that_the_log_names_are_those_of_the_settings(folder: Path) -> None:
    told = settings.read(folder / "insight.toml", {})
    named = {r["To"] for r in rows(folder / "helpdesk/events.csv", delimiter=";") if r["Change"] == "Schedule"}
    assert named
    assert named <= {s.name for s in told.schedules}
    assert any(s.holidays for s in told.schedules)


def test_some_who_came_back_left_a_bad_review(folder: Path, truth: dict[str, Any]) -> None:
    lines = (folder / "reviews/reviews.jsonl").read_text(encoding="utf-8").splitlines()
    stars = {r["review_id"]: r["stars"] for r in map(json.loads, lines)}
    bad = [thread["review"] for thread in truth["threads"] if thread["review"]]
    assert len(bad) >= 5
    assert all(stars[review] <= 2 for review in bad)


def test_threads_name_conversations_that_the_files_hold(folder: Path, truth: dict[str, Any]) -> None:
    held = {message.rsplit("-", 1)[0] for message in texts(folder)}
    assert set(truth["conversations"]) == held
    named = {talk for thread in truth["threads"] for talk in thread["conversations"]}
    assert named <= held
    assert set(truth["came_back"]) <= named
    assert any(len(set(thread["channels"])) > 1 for thread in truth["threads"])


def test_planted_personal_data_stands_in_the_messages_it_names(folder: Path, truth: dict[str, Any]) -> None:
    said = texts(folder)
    assert {p["kind"] for p in truth["personal"]} == {"email", "phone", "address", "iban", "card", "order_id"}
    assert [p for p in truth["personal"] if p["text"] not in said[p["message_id"]]] == []


def test_planted_cards_and_accounts_pass_their_checks(truth: dict[str, Any]) -> None:
    for told in truth["personal"]:
        plain = told["text"].replace(" ", "")
        if told["kind"] == "iban":
            assert int(plain[4:] + "1314" + plain[2:4]) % 97 == 1
        if told["kind"] == "card":
            digits = [int(d) for d in reversed(plain)]
            assert sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def test_a_shop_that_is_there_is_not_made_again(tmp_path):
    words = [sys.executable, "-m", "examples.sample_shop", "--out", str(tmp_path / "shop"), "--conversations", "150"]
    said = [subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout for _ in range(2)]

    assert "150 conversations" in said[0]
    assert "nothing changed" in said[1]
