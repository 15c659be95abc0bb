"""Words, numbers, days and money in the reader's language: one folder of TOML per language, figures by Babel."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from insight.kpis.base import MONEY

CATALOGUES = Path(__file__).parent / "pages" / "words"
NONE = "–"
"""What stands where there is no value."""

PLATFORMS = {"ebay": "eBay", "tiktok": "TikTok", "aliexpress": "AliExpress"}
"""Names with a capital where one does not expect it."""

STEPS = ((60, "second", 1), (3600, "minute", 60), (86_400, "hour", 3600), (float("inf"), "day", 86_400))
"""Below how many seconds, in which unit, of how many seconds."""


def languages() -> tuple[str, ...]:
    """The languages of the pages: one per folder, English first."""
    return tuple(sorted((f.name for f in CATALOGUES.iterdir()), key=lambda lang: (lang != "en", lang)))


def accepted(header: str) -> str:
    """The first of our languages in an Accept-Language header, in the order of the header; else English."""
    wanted = (part.partition(";")[0].strip().lower().partition("-")[0] for part in header[:200].split(","))
    return next((lang for lang in wanted if lang in languages()), "en")


@cache
def catalogue(lang: str) -> dict[str, Any]:
    """All words of a language: the sections of its files side by side.

    :raises ValueError: two files hold the same section.
    """
    words: dict[str, Any] = {}
    for file in sorted((CATALOGUES / lang).glob("*.toml")):
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        if twice := words.keys() & told:
            raise ValueError(f"{file.name} says again what stands in another file: {', '.join(sorted(twice))}")
        words |= told
    return words


@dataclass(frozen=True)
class Words:
    """Speaks one language. `zone` is the clock of the business, `currency` the shop's own."""

    lang: str
    zone: ZoneInfo
    currency: str = "USD"

    @property
    def locale(self) -> Locale:
        """What Babel knows about the language."""
        return Locale.parse(self.lang)

    def say(self, key: str, /, *, count: float | None = None, **values: Any) -> str:
        """The words of a key such as 'risk.title', with values put in; `count` chooses the plural form.

        :raises KeyError: the catalogue has no such key.
        """
        found: Any = catalogue(self.lang)
        for step in key.split("."):
            found = found[step]
        if isinstance(found, dict):
            found = found.get(self.locale.plural_form(count or 0), found["other"])
        return str(found).format(count=self.number(count), **values)

    def number(self, value: float | None, digits: int | None = None) -> str:
        """A figure with the language's separators; at most three digits and no idle zeros where none are asked for."""
        if value is None:
            return NONE
        if digits is None:
            digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
            pattern = f"#,##0.{'#' * digits}"
        else:
            pattern = f"#,##0.{'0' * digits}"
        return str(numbers.format_decimal(value, pattern.rstrip("."), self.locale))

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share of 1 as percent."""
        pattern = "#,##0%" if digits == 0 else f"#,##0.{'0' * digits}%"
        return NONE if share is None else numbers.format_percent(share, pattern, self.locale)

    def duration(self, seconds: float | None) -> str:
        """A time span in the unit in which it is best read."""
        if seconds is None:
            return NONE
        _, unit, size = next(step for step in STEPS if abs(seconds) < step[0])
        shown = round(seconds / size, 0 if unit == "second" and seconds >= 10 else 1)
        return self.say(f"span.{unit}", count=shown)

    def money(self, minor: int | None, currency: str | None) -> str:
        """Minor units of a currency, in its major unit."""
        if minor is None or currency is None:
            return NONE
        return numbers.format_currency(minor / 10 ** self.decimals(currency), currency, locale=self.locale)

    def value(self, value: float | None, unit: str) -> str:
        """A KPI's value in its unit."""
        if unit == "share":
            return self.percent(value)
        if unit == "seconds":
            return self.duration(value)
        if unit == MONEY and value is not None:
            return self.money(round(value), self.currency)
        return self.number(value, 1) if unit == "per 100" else self.number(value)

    def values(self, values: Sequence[float | None], unit: str) -> str:
        """Several values in a row."""
        return ", ".join(self.value(value, unit) for value in values)

    def difference(self, amount: float, relative: float | None, unit: str) -> str:
        """How much a value changed: a share by points, anything else by percent where there is something to compare."""
        if unit == "share":
            return self.say("kpi.points", count=round(abs(amount) * 100, 1))
        return (
            self.value(abs(amount), unit)
            if relative is None
            else self.percent(abs(relative), 0 if abs(relative) >= 0.01 else 1)
        )

    def day(self, day: date) -> str:
        """A day without its year."""
        return str(dates.format_skeleton("MMMd", day, locale=self.locale))

    def decimals(self, currency: str) -> int:
        """Digits of a currency's minor unit."""
        return int(numbers.get_currency_precision(currency))

    def full_day(self, day: date) -> str:
        """A day with its year."""
        return str(dates.format_date(day, "medium", self.locale))

    def last_day(self, until: date) -> str:
        """The last day of a half-open span."""
        return self.day(until - timedelta(days=1))

    def moment(self, moment: datetime) -> str:
        """A moment on the clock of the business."""
        local = moment.astimezone(self.zone)
        day, clock = (
            dates.format_date(local, "medium", self.locale),
            dates.format_time(local, "HH:mm", locale=self.locale),
        )
        return f"{day}, {clock}" if self.lang == "en" else f"{day} {clock}"

    def weekday(self, iso: int, width: str = "abbreviated") -> str:
        """1 Monday … 7 Sunday."""
        return str(self.locale.days["stand-alone"][width][iso - 1])

    def place(self, market: str) -> str:
        """A market: a country by its name, anything else as it is."""
        return str(self.locale.territories.get(market.upper(), market)) if len(market) == 2 else market

    def platform(self, platform: str) -> str:
        """A platform as it writes itself."""
        return PLATFORMS.get(platform, platform.capitalize())

    def code(self, code: str) -> str:
        """A fixed English code of the data (a verdict, a stage) in words; one that nobody translated, as it is."""
        return str(catalogue(self.lang).get("codes", {}).get(code, code))
