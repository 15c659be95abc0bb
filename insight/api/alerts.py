"""An early warning in words: what it is about, where, and what was seen; for its page, the overview and reports."""

from __future__ import annotations

from insight.api.routes.early_warnings import EarlyWarning, Sign
from insight.api.words import Words
from insight.schema import ALL


def matter(one: EarlyWarning, words: Words) -> str:
    """What an alert is about: the topic, or what rose among the parcels of a part."""
    name = one.name_zh if words.lang == "zh" else one.name_en
    if name is None or one.kind == "parcels":
        measure = next((s.measure for s in one.signs if s.measure), "late")
        return words.say(f"logistics_what.{measure}")
    return name


def where(one: EarlyWarning, words: Words) -> str:
    """Market, product, carrier and lane."""
    market = words.say("emerging.everywhere") if one.market == ALL else words.place(one.market)
    parts = (one.part, "" if one.part and one.market == ALL else market, "" if one.sku == ALL else one.sku)
    return " · ".join(part for part in parts if part)


def said(sign: Sign, one: EarlyWarning, words: Words) -> str:
    """One sign in a sentence: what was seen, of how many, and what is usual."""
    days = words.duration(((one.day - sign.since).days + 1) * 86_400)
    place = "" if sign.market in (ALL, one.market) else words.place(sign.market)
    sku = "" if sign.sku in (ALL, one.sku) else sign.sku
    key = sign.kind.replace(" ", "_") if sign.measure is None else f"parcels_{sign.measure}"
    line = words.say(
        f"warnings.{key}",
        count=sign.observed,
        of=words.number(sign.of),
        days=days,
        since=words.day(sign.since),
        expected=words.number(sign.expected, 1),
        now=words.percent(sign.observed / sign.of if sign.of else None),
        usual=words.percent(sign.expected / sign.of if sign.of else None),
    )
    only = " · ".join(part for part in (place, sku) if part)
    return words.say("warnings.only", where=only, line=line) if only else line
