"""One frozen settings object, read once from insight.toml and the environment; an unknown key is an error.

The environment overrides the file: `INSIGHT__SERVE__PORT=9000` sets `port` of `[serve]`.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from insight.errors import SettingsError

PREFIX = "INSIGHT__"

Feeds = Literal[
    "messages",
    "conversations",
    "customers",
    "agents",
    "shifts",
    "orders",
    "order_items",
    "returns",
    "reviews",
    "surveys",
    "catalogue",
    "ticket_events",
    "exchange_rates",
]


class Part(BaseModel):
    """A part of the settings: frozen, and it refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError(f"{zone!r} is no time zone; use a name such as 'Europe/Berlin', 'Asia/Shanghai' or 'UTC'")
    return zone


class Shop(Part):
    """Who we are: the name on the page and the clock of the business."""

    name: str = "My shop"
    zone: str = Field(default="UTC", description="business time zone: days, weekdays and hours are counted in it")
    currency: str = Field(default="USD", description="shown where an order names none")

    _zone = field_validator("zone")(_known_zone)

    @property
    def clock(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.zone)


class SourcePart(Part):
    """One `[[sources]]` of insight.toml: which file, which table it feeds, which column is what."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: str = Field(default="table", description="which member of insight/sources reads it")
    path: str = Field(description="file or pattern, below the folder of insight.toml")
    feeds: Feeds
    system: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="whose ids these are: leads the ids of conversations, messages, reviews … so that two systems "
        "cannot clash; customers, agents, orders and products are shared by all systems",
    )
    columns: dict[str, str] = Field(default_factory=dict, description="our column = the file's column")
    fixed: dict[str, str] = Field(default_factory=dict, description="our column = a value that holds for every row")
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="our column = {value in the file = our value}; '' matches an empty cell"
    )
    skip: dict[str, list[str]] = Field(
        default_factory=dict, description="the file's column = values whose rows are left out (counted, not rejected)"
    )
    zone: str | None = Field(
        default=None, description="zone of times that carry none; without it their rows are refused"
    )
    times: str = Field(default="iso", description="iso, epoch_s, epoch_ms, or a strptime pattern")
    encoding: str = Field(default="utf-8", description="never guessed")
    delimiter: str | None = Field(default=None, description="of CSV; a .tsv is tab separated without being told")
    sheet: str | None = Field(default=None, description="of XLSX; the first one where none is told")
    decimal: Literal[".", ","] = "."
    scale: tuple[float, float] | None = Field(default=None, description="worst and best score of ratings")

    @field_validator("zone")
    @classmethod
    def _zone(cls, zone: str | None) -> str | None:
        return None if zone is None else _known_zone(zone)

    @field_validator("scale")
    @classmethod
    def _scale(cls, scale: tuple[float, float] | None) -> tuple[float, float] | None:
        if scale is not None and scale[0] == scale[1]:
            raise ValueError("the worst and the best score are the same; use for example [1, 5], or [6, 1] for marks")
        return scale


class Privacy(Part):
    """How personal data are kept out."""

    min_customers: int = Field(default=5, ge=1, description="a quote or a text cell needs this many distinct customers")
    order_ids: tuple[str, ...] = Field(default=(), description="further patterns of the shop's own order numbers")
    customer_key_file: str | None = Field(
        default=None, description="file with the key of the customers' hashes; made in the lake where none is told"
    )


class Encoder(Part):
    """Which encoder turns text into vectors."""

    name: str = "static"
    model: str | None = Field(default=None, description="folder or id, for the encoders that load a model")
    backend: Literal["torch", "openvino"] = Field(
        default="torch", description="what computes for the encoders that load a model; openvino is an extra"
    )
    batch: int = Field(default=64, ge=1)
    adapt: bool = Field(default=True, description="the static encoder learns from the shop's own texts")
    sample: int = Field(default=3_000, ge=0, description="English texts that its teacher reads at most")


class Topics(Part):
    """How topics are found."""

    seed: int = 7
    sample: int = Field(default=20_000, ge=100, description="clusters are found on at most this many texts")
    min_mentions: int = Field(
        default=15, ge=2, description="a smaller cluster is no topic; its mentions are unassigned"
    )
    min_customers: int = Field(default=8, ge=1, description="a cluster that fewer customers speak of is no topic")
    most: int = Field(default=400, ge=1, description="a finer split than this many topics is not looked at")
    new: int = Field(default=60, ge=0, description="a run finds at most this many topics beside those that are known")
    by_language: bool = Field(
        default=False, description="look for topics within each language; false where the encoder has one space for all"
    )


class Names(Part):
    """A language model that may name topics that were found; off where no url is told."""

    url: str | None = Field(
        default=None,
        description="base of an API that speaks as OpenAI's does, such as http://127.0.0.1:11434/v1; it is sent masked "
        "words and quotes of customers",
    )
    model: str = Field(default="", description="the name by which that API knows the model")
    key_env: str | None = Field(default=None, description="the environment variable that holds the key of the API")
    seconds: float = Field(default=30, gt=0, le=600, description="how long an answer is waited for")
    most: int = Field(default=60, ge=1, description="only so many topics, those spoken of most, are named by the model")


LIMITS_S = MappingProxyType({"chat": 60, "default": 86_400})


class Service(Part):
    """What the team promises."""

    first_response_limit_s: dict[str, int] = Field(
        default=dict(LIMITS_S), description="by channel; 'default' for the others; a channel not told keeps its own"
    )
    promised_day: bool = Field(
        default=True, description="a delivery promised for midnight is kept until that day is over; false: until then"
    )
    at_risk: int = Field(default=20, ge=1, description="how many customers the team can work on in a day")
    hold_out: float = Field(
        default=0.1,
        ge=0,
        le=0.5,
        description="share of those at risk who are left alone by lot, so that it can be seen what the list saves",
    )
    seed: int = 7
    win_back_days: Literal[7, 14] = Field(
        default=7, description="who asked and did not buy within so many days is to be won back"
    )

    @field_validator("first_response_limit_s")
    @classmethod
    def _limits(cls, told: dict[str, int]) -> dict[str, int]:
        return {**LIMITS_S, **told}


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Schedule(Part):
    """One `[[schedules]]`: when the business is open for some of the conversations; the first that fits counts."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    zone: str | None = Field(default=None, description="its time zone; the shop's where none is told")
    hours: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], list[str]] = Field(
        default={}, description='by weekday, ["09:00-12:00", "13:00-18:00"]; to 24:00 at most; a day not told is closed'
    )
    holidays: tuple[date, ...] = Field(default=(), description="days on which it is closed whatever the weekday")
    channels: tuple[str, ...] = Field(default=(), description="for these channels only; all where none is told")
    platforms: tuple[str, ...] = Field(default=(), description="for these platforms only; all where none is told")
    shops: tuple[str, ...] = Field(default=(), description="for these shops only; all where none is told")
    markets: tuple[str, ...] = Field(default=(), description="for these markets only; all where none is told")

    @field_validator("zone")
    @classmethod
    def _zone(cls, zone: str | None) -> str | None:
        return None if zone is None else _known_zone(zone)

    @model_validator(mode="after")
    def _makes_sense(self) -> Schedule:
        """Spans of a day can be read, end after they start, and do not overlap; some day has one."""
        for day in WEEKDAYS:
            spans = sorted(self.spans(day))
            for (_, until), (since, _) in pairwise(spans):
                if since < until:
                    fix = f"let one end before the next begins, or write them as one from {_clock(spans[0][0])}"
                    raise ValueError(f"schedule {self.name!r}: two spans of {day} overlap at {_clock(since)}; {fix}")
        if not any(self.hours.values()):
            fix = 'tell its hours, for example hours = { mon = ["09:00-18:00"] }'
            raise ValueError(f"schedule {self.name!r} is never open; {fix}")
        return self

    def spans(self, day: str) -> list[tuple[int, int]]:
        """When it is open on a weekday ("mon" … "sun"): minutes since midnight, half-open, as they are told."""
        return [_span(text, f"schedule {self.name!r}, {day}") for text in self.hours.get(day, ())]  # type: ignore[call-overload]


_SPAN = re.compile(r"\s*(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)\s*")


def _span(text: str, where: str) -> tuple[int, int]:
    """One span of a day as minutes since midnight."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f'{where}: {text!r} is no span of a day; write "09:00-18:00"')
    since, until = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
    if max(since, until) > 24 * 60:
        raise ValueError(f"{where}: {text!r} goes beyond the day; it ends at 24:00 at the latest")
    if until <= since:
        fix = f'over midnight, write "{_clock(since)}-24:00" here and "00:00-{_clock(until)}" on the next day'
        raise ValueError(f"{where}: {text!r} ends before it begins; {fix}")
    return since, until


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


class Promotion(Part):
    """One `[[promotions]]`: days on which more is ordered and asked than usual."""

    name: str
    since: date
    until: date = Field(description="the first day after it")


class Target(Part):
    """One `[[targets]]`: what a KPI should reach, for all or for one team or agent, and what others reach."""

    kpi: str
    target: float | None = Field(default=None, description="in the KPI's own unit: a share of 1, seconds, …")
    benchmark: float | None = Field(default=None, description="what others reach, shown beside it")
    team: str | None = None
    agent_id: str | None = None


def _several(told: object) -> object:
    """One word stands for a list of one."""
    return (told,) if isinstance(told, str) else told


OneOrSeveral = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Action(Part):
    """One `[[actions]]`: what was done about a topic, written down before its effect can be seen.

    Entries of the same name about the same topics are one action that was taken in steps.
    """

    name: str = Field(description="what was done, in a few words")
    since: date = Field(description="the first day on which it could work")
    until: date | None = Field(default=None, description="the first day on which it no longer did")
    topic_id: OneOrSeveral = Field(
        min_length=1, description="what it is to make rarer: topics as `insight topics list` names them, or families"
    )
    sku: OneOrSeveral = Field(default=(), description="for these products only")
    market: OneOrSeveral = Field(default=(), description="in these markets only")
    written: date | None = Field(default=None, description="the day on which this was written down")
    spiked: bool = Field(default=False, description="it was chosen because the topic had just risen")
    reaches: Literal["orders", "everyone"] = Field(
        default="orders",
        description="orders: only who orders from that day on, as with another product or listing; everyone: who has "
        "ordered before, too, as with a guide that is sent to all",
    )
    hoped: float = Field(default=0.3, gt=0, lt=1, description="share by which contacts are to fall at least")
    why: str = Field(default="", description="why it was done")

    @model_validator(mode="after")
    def _ends_later(self) -> Action:
        if self.until is not None and self.until <= self.since:
            raise ValueError(f"action {self.name!r} ends on {self.until}, before it begins; let until be a later day")
        return self


class Money(Part):
    """What service costs, in the shop's currency."""

    wage_per_hour: float = Field(default=0.0, ge=0, description="of an agent, all costs included; major units")


class Staffing(Part):
    """How many people are needed at which hour."""

    answer_within_s: float = Field(default=60, gt=0, description="a chat should be answered within so many seconds …")
    service_level: float = Field(default=0.8, gt=0, lt=1, description="… in this share of cases")
    concurrency: int = Field(default=2, ge=1, description="chats that one agent holds at a time")
    patience_s: float = Field(default=180, gt=0, description="after how long half of the customers have given up")
    shrinkage: float = Field(default=0.3, ge=0, lt=1, description="share of paid time that is breaks, training, leave")
    max_occupancy: float = Field(default=0.85, gt=0, le=1, description="nobody should be busy for more of the time")
    backlog_days: float = Field(default=1, gt=0, description="tickets that wait are to be gone after so many days")
    weeks: int = Field(default=2, ge=1, le=8, description="how far ahead is forecast")


class Item(Part):
    """One `[[quality.rubric]]`: what a conversation is scored by."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    label_zh: str
    asks: str = Field(description="what the scorer asks, one sentence")
    asks_zh: str
    weight: float = Field(default=1, gt=0)
    levels: int = Field(default=5, ge=2, le=10, description="scores go from 1 (worst) to this")
    critical: bool = Field(default=False, description="its worst score fails the conversation, counted apart")


RUBRIC = (
    Item(
        name="politeness",
        label="Politeness",
        label_zh="礼貌",
        asks="Was the tone friendly and respectful throughout?",
        asks_zh="语气是否始终友好、尊重？",
    ),
    Item(
        name="problem_identified",
        label="Problem identified",
        label_zh="问题识别",
        asks="Did the agent understand what the customer needed?",
        asks_zh="客服是否弄清了客户的需求？",
    ),
    Item(
        name="knowledge",
        label="Knowledge",
        label_zh="业务知识",
        asks="Was what the agent said right and complete?",
        asks_zh="客服的答复是否正确、完整？",
        weight=2,
    ),
    Item(
        name="solution",
        label="Solution",
        label_zh="解决方案",
        asks="Did the customer get a solution or a clear next step?",
        asks_zh="客户是否得到解决方案或明确的下一步？",
        weight=2,
    ),
    Item(
        name="privacy",
        label="Privacy kept",
        label_zh="隐私保护",
        asks="Were personal data handled as they should be?",
        asks_zh="个人信息是否得到妥善处理？",
        levels=2,
        critical=True,
    ),
)


SHEET = (
    *("sample_id", "conversation_id", "stream", "place", "week", "agent_id", "channel", "topic", "two_people"),
    *("note", "scorer", "transcript"),
)
"""Columns of the sheet in which conversations are scored, beside one per item of the rubric."""


class Quality(Part):
    """How conversations are sampled and scored."""

    per_week: int = Field(default=40, ge=0, description="conversations of the random sample each week")
    coaching_per_week: int = Field(default=10, ge=0, description="conversations chosen for coaching; in no average")
    double: float = Field(default=0.1, ge=0, le=1, description="share of the random sample that two people score")
    seed: int = 7
    rubric: tuple[Item, ...] = Field(default=RUBRIC, min_length=1)

    @field_validator("rubric")
    @classmethod
    def _named(cls, rubric: tuple[Item, ...]) -> tuple[Item, ...]:
        names = [item.name for item in rubric]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two items are called {', '.join(twice)}; give each its own name")
        if taken := sorted(set(names) & set(SHEET)):
            raise ValueError(f"{', '.join(taken)} is a column of the sheet of scores; call the item something else")
        return rubric


class Lake(Part):
    """Where results are kept, below the folder of insight.toml."""

    path: str = ".insight"


class People(Part):
    """The database of what people write: edits of topics, scores of conversations, what was done on the lists."""

    url: SecretStr | None = Field(
        default=None, description="as SQLAlchemy writes it; a file of SQLite in the lake where none is told"
    )


class Serve(Part):
    """The API and the dashboard."""

    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=1, le=65535)
    token_sha256: str | None = Field(default=None, description="sha256 of the token that callers must send")


class Settings(Part):
    """Everything that can be told. `home` is the folder of insight.toml."""

    home: Path
    shop: Shop = Shop()
    sources: tuple[SourcePart, ...] = ()
    privacy: Privacy = Privacy()
    encoder: Encoder = Encoder()
    topics: Topics = Topics()
    names: Names = Names()
    service: Service = Service()
    schedules: tuple[Schedule, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    targets: tuple[Target, ...] = ()
    actions: tuple[Action, ...] = ()
    money: Money = Money()
    staffing: Staffing = Staffing()
    quality: Quality = Quality()
    owners: dict[str, str] = Field(
        default={}, description="who looks at early warnings, by family of the topic; else as models/owners.toml says"
    )
    lake: Lake = Lake()
    people: People = People()
    serve: Serve = Serve()

    @field_validator("schedules")
    @classmethod
    def _each_once(cls, schedules: tuple[Schedule, ...]) -> tuple[Schedule, ...]:
        names = [s.name for s in schedules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two schedules are called {name!r}; rename one of them, events tell them by name")
        return schedules

    def aim(self, kpi: str, *, team: str | None = None, agent_id: str | None = None) -> Target | None:
        """The target that counts for an agent, a team or all: the agent's own, else the team's, else that of the shop.

        Of several for the same one, the last that is told counts.
        """
        told = [target for target in self.targets if target.kpi == kpi]
        own = [target for target in told if target.agent_id is not None and target.agent_id == agent_id]
        others = [target for target in told if target.agent_id is None]
        teams = [target for target in others if target.team is not None and target.team == team]
        every = [target for target in others if target.team is None]
        return next((found[-1] for found in (own, teams, every) if found), None)

    @property
    def lake_path(self) -> Path:
        """The folder of the lake and of the published files."""
        return self.home / self.lake.path


def read(path: Path, env: Mapping[str, str] | None = None) -> Settings:
    """Read insight.toml and let the environment override it.

    :raises SettingsError: the file is absent or no TOML, a key is unknown, a value has the wrong type.
    """
    if not path.is_file():
        raise SettingsError(
            "there are no settings",
            where=str(path),
            wanted="a file insight.toml",
            fix="write one with `insight init`, or name another with --settings",
        )
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError("this is no TOML", where=str(path), came=str(error), fix="mend that line") from error
    for name, value in sorted((os.environ if env is None else env).items()):
        if name.startswith(PREFIX):
            _override(told, name.removeprefix(PREFIX).lower().split("__"), value, where=name)
    if "home" in told:
        raise SettingsError("home is not yours to set", where=str(path), fix="move insight.toml instead")
    try:
        return Settings(home=path.resolve().parent, **told)
    except ValidationError as error:
        raise SettingsError(
            "the settings cannot be used",
            where=str(path),
            came="; ".join(_problem(told, e) for e in error.errors()),
            fix="see `insight init --print` for every key and what it means",
        ) from error


def _override(told: dict[str, Any], keys: list[str], value: str, *, where: str) -> None:
    """Set one value from the environment; TOML decides its type, a bare word is text."""
    part: Any = told
    for key in keys[:-1]:
        part = part.setdefault(key, {})
        if not isinstance(part, dict):
            raise SettingsError("the environment cannot set a list", where=where, fix="set it in insight.toml")
    try:
        part[keys[-1]] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        part[keys[-1]] = value


def _problem(told: dict[str, Any], error: Any) -> str:
    """One wrong key in words, with the nearest right one."""
    place = ".".join(str(p) for p in error["loc"])
    if error["type"] != "extra_forbidden":
        return f"{place}: {error['msg']} (came {str(error['input'])[:60]!r})"
    near = difflib.get_close_matches(str(error["loc"][-1]), _keys(error["loc"][:-1]), n=1)
    return f"{place}: unknown key" + (f", did you mean {near[0]!r}?" if near else "")


def _keys(loc: tuple[Any, ...]) -> list[str]:
    """The keys that the part at `loc` knows."""
    part: Any = Settings
    for step in loc:
        if not isinstance(step, int):
            told = part.model_fields[step].annotation
            part = next((a for a in get_args(told) if isinstance(a, type) and issubclass(a, BaseModel)), told)
    return [k for k in part.model_fields if k != "home"] if hasattr(part, "model_fields") else []
