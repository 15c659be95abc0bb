"""What each action of the register did to contacts about its topics, week by week against units left alone.

Contacts are conversations, whatever their channel, so that a question that only moves elsewhere is still counted; one
counts once for a product, on the day on which the topic is first named. They are counted over the orders that they are
to be expected from: orders of the days before, by how long after the order such contacts usually come. Weeks have seven
days, counted from the first day of the action, so that none of them lies on both sides.

An action that reaches only who orders afterwards (a better product, a corrected listing) meets customers of earlier
orders for a while. Weeks in which these are more than a fifth belong to neither side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from insight import effects
from insight.effects import Effect, Estimate, Flags, Panel
from insight.engines.base import Frame
from insight.intervals import Numbers
from insight.periods import WEEK, Period
from insight.schema import UNASSIGNED, UNKNOWN
from insight.settings import Action, Promotion

LONGEST = 56
"""Days after an order in which a contact still belongs to it."""

LEAST_DELAYS = 30
"""So many contacts must name their order for their delay to be learned; else orders of the same day are counted."""

TOLD = 0.9
REACHED = 0.8
"""Share of a week's expected contacts whose orders are known; and whose orders the action has reached."""

MUCH_UNPLACED = 0.3
MUCH_WIDER = 1.5
NEAR_DAYS = 14
"""A promotion so near to the first day of an action changes who buys, and is said beside it."""

PARTS = ("sku", "market")
BEFORE, RISE, OUT, AFTER = "before", "spike", "out", "after"


@dataclass(frozen=True)
class Case:
    """One action: its entries, which are its steps, the topics that it is about, and names that nothing has."""

    number: int
    steps: tuple[Action, ...]
    topics: frozenset[str]
    unknown: tuple[str, ...]

    @property
    def first(self) -> Action:
        """The step that began first."""
        return min(self.steps, key=lambda step: step.since)

    @property
    def by(self) -> tuple[str, ...]:
        """What a unit is: a product, a market, both or neither."""
        return tuple(part for part in PARTS if any(getattr(step, part) for step in self.steps))


# ---------------------------------------------------------------- the register


def cases(actions: Sequence[Action], topics: pd.DataFrame, names: Mapping[str, Collection[str]]) -> list[Case]:
    """The actions in the order of the register, each with its steps.

    :param topics: topic_id, near (its family, or the nearest one), merged_into.
    :param names: what topics (leaves and families), products and markets are called.
    """
    steps: dict[tuple[str, frozenset[str]], list[Action]] = {}
    for action in actions:
        steps.setdefault((action.name, frozenset(action.topic_id)), []).append(action)
    return [_case(number, told, topics, names) for number, told in enumerate(steps.values(), start=1)]


def _case(number: int, steps: list[Action], topics: pd.DataFrame, names: Mapping[str, Collection[str]]) -> Case:
    named = list(steps[0].topic_id)
    into = {row.topic_id: row.merged_into for row in topics.itertuples() if isinstance(row.merged_into, str)}
    meant = set()
    for name in named:
        meant |= {name} | set(topics.loc[topics["near"] == name, "topic_id"])
        heir = into.get(name)
        while heir and heir not in meant:
            meant.add(heir)
            heir = into.get(heir)
    told = [
        *(("topic", name) for name in named),
        *((part, name) for step in steps for part in PARTS for name in getattr(step, part)),
    ]
    unknown = dict.fromkeys(name for kind, name in told if name not in names[kind])
    return Case(number, tuple(steps), frozenset(meant - {UNASSIGNED}), tuple(unknown))


# ---------------------------------------------------------------- what is counted


def spoken(mentions: Frame, mention_topics: Frame, orders: Frame, topics: Iterable[str]) -> Frame:
    """Mentions of contacts about these topics, with place and day, and the day of the order that they name."""
    placed = mention_topics.filter(nw.col("topic_id").is_in(sorted(topics))).select("mention_id", "topic_id")
    rows = mentions.filter((nw.col("origin") == "message") & ~nw.col("conversation_id").is_null())
    rows = rows.join(placed, on="mention_id", how="inner")
    bought = orders.select("order_id", ordered="day")
    rows = rows.join(bought, on="order_id", how="left")
    return rows.select("conversation_id", "topic_id", "sku", "market", "day", "ordered", "said_ms", "mention_id")


def sold(orders: Frame, order_items: Frame, by: tuple[str, ...]) -> Frame:
    """Orders by day and unit; one that holds several products counts for each of them."""
    if "sku" not in by:
        return orders.group_by("day", *by).agg(nw.len().alias("orders"))
    lines = order_items.select("order_id", "sku").unique()
    rows = orders.select("order_id", "day", "market").join(lines, on="order_id", how="inner")
    return rows.group_by("day", *by).agg(nw.len().alias("orders"))


def delays(said: pd.DataFrame) -> Numbers:
    """How contacts are spread over the days after their order, shape (LONGEST,), adding up to 1.

    All on the day itself where most name no order, or too few do: then orders of the same week are counted over.
    """
    one = said.sort_values(["said_ms", "mention_id"]).drop_duplicates("conversation_id")
    found: Numbers = np.zeros(LONGEST)
    known = one.dropna(subset=["ordered"])
    days = np.array([(a - b).days for a, b in zip(known["day"], known["ordered"], strict=True)], dtype=np.int64)
    days = days[(days >= 0) & (days < LONGEST)]
    if len(days) < LEAST_DELAYS or 2 * len(days) < len(one):
        found[0] = 1.0
        return found
    np.add.at(found, days, 1.0)
    share: Numbers = found / found.sum()
    return share


@dataclass(frozen=True)
class Counted:
    """The panel of a case, and beside it what it was made from.

    `all_orders` has the orders of every week, also of those that count for nothing; `first` is the day of week 0.
    """

    panel: Panel
    first: dt.date
    all_orders: Numbers
    families: tuple[str, ...]
    touched: int
    doubled: bool
    unplaced: int
    contacts: int


def count(
    case: Case,
    said: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    span: Period,
    others: Sequence[Case],
    families: Mapping[str, str],
) -> Counted:
    """Contacts and orders by unit and week.

    :param said: as `spoken` gives it, of this case's topics. :param orders: day, the parts of a unit, orders.
    :param span: days of which contacts are known as a whole. :param others: the other cases.
    :param families: the product family of each SKU.
    """
    since = case.first.since
    low, high = ((day - since).days for day in (span.since, span.until))
    weeks = np.arange(-(-low // WEEK), high // WEEK)
    placed = said[np.logical_and.reduce([said[part] != UNKNOWN for part in case.by] or [said["sku"].notna()])]
    keys = ["conversation_id", *case.by]
    placed = placed.sort_values(["said_ms", "mention_id"]).drop_duplicates(keys)
    units = _units(case, placed, orders)
    contacts = _weekly(placed.assign(orders=1), units, case.by, since, weeks)
    spread = delays(said)
    exposed = _exposed(orders, units, case.by, since, weeks, spread)
    steps = [_start(case, unit, since, weeks) for unit in units]
    starts = np.array([start for start, _ in steps], dtype=np.int64)
    lost = np.array([gone for _, gone in steps], dtype=np.bool_).reshape(len(units), len(weeks))
    lost |= _in_between(case, units, since, weeks, spread)
    touched = np.array([_touched(case, unit, others) for unit in units], dtype=np.bool_)
    keep = (starts >= 0) | ~touched
    out = _untold(orders, since, weeks, spread)
    panel = Panel(
        units=tuple(" · ".join(unit.values()) or "all" for unit in units),
        contacts=np.where(lost, 0, contacts),
        orders=np.where(lost, 0, exposed),
        starts=starts,
        out=out,
        spike=effects.SPIKE if any(step.spiked for step in case.steps) else 0,
    )
    return Counted(
        panel=_only(panel, keep),
        first=since + dt.timedelta(days=int(weeks[0]) * WEEK) if len(weeks) else since,
        all_orders=exposed[keep],
        families=tuple(families.get(unit.get("sku", ""), "") for unit, kept in zip(units, keep, strict=True) if kept),
        touched=int((~keep).sum()),
        doubled=bool((touched & (starts >= 0)).any()),
        unplaced=int(said["conversation_id"].nunique() - placed["conversation_id"].nunique()),
        contacts=int(said["conversation_id"].nunique()),
    )


def _only(panel: Panel, keep: Flags) -> Panel:
    """Some units of a panel."""
    return replace(
        panel,
        units=tuple(name for name, kept in zip(panel.units, keep, strict=True) if kept),
        contacts=panel.contacts[keep],
        orders=panel.orders[keep],
        starts=panel.starts[keep],
    )


def _units(case: Case, said: pd.DataFrame, orders: pd.DataFrame) -> list[dict[str, str]]:
    """Every unit that somebody bought from or wrote about, in the order of its names; without parts, one for all."""
    if not case.by:
        return [{}]
    parts = list(case.by)
    found = pd.concat([rows[parts].astype(object) for rows in (said, orders)]).drop_duplicates()
    found = found[np.logical_and.reduce([found[part] != UNKNOWN for part in parts])].sort_values(parts)
    return [dict(zip(parts, map(str, row), strict=True)) for row in found.itertuples(index=False)]


def _daily(rows: pd.DataFrame, units: list[dict[str, str]], by: tuple[str, ...], first: dt.date, days: int) -> Numbers:
    """Sums of `orders` by unit and day, shape (units, days)."""
    places = {tuple(unit.values()): number for number, unit in enumerate(units)}
    found = np.zeros((len(units), max(days, 0)))
    labels = rows[list(by)].astype(object).itertuples(index=False) if by else ((),) * len(rows)
    for label, day, orders in zip(labels, rows["day"], rows["orders"], strict=True):
        place, at = places.get(tuple(label)), (day - first).days
        if place is not None and 0 <= at < days:
            found[place, at] += orders
    return found


def _weekly(
    rows: pd.DataFrame, units: list[dict[str, str]], by: tuple[str, ...], since: dt.date, weeks: Any
) -> Numbers:
    """The same by week."""
    if not len(weeks):
        return np.zeros((len(units), 0))
    first = since + dt.timedelta(days=int(weeks[0]) * WEEK)
    found: Numbers = _daily(rows, units, by, first, len(weeks) * WEEK).reshape(len(units), len(weeks), WEEK).sum(axis=2)
    return found


def _exposed(
    orders: pd.DataFrame, units: list[dict[str, str]], by: tuple[str, ...], since: dt.date, weeks: Any, spread: Numbers
) -> Numbers:
    """Orders that contacts of each week are to be expected from, shape (units, T): those of the days before, spread."""
    if not len(weeks):
        return np.zeros((len(units), 0))
    days = len(weeks) * WEEK
    first = since + dt.timedelta(days=int(weeks[0]) * WEEK - (LONGEST - 1))
    daily = _daily(orders, units, by, first, days + LONGEST - 1)
    seen = np.array([np.convolve(row, spread)[LONGEST - 1 : LONGEST - 1 + days] for row in daily])
    found: Numbers = np.maximum(seen.reshape(len(units), len(weeks), WEEK).sum(axis=2), 0)
    return np.where(found > 1e-9, found, 0)


def _untold(orders: pd.DataFrame, since: dt.date, weeks: Any, spread: Numbers) -> Flags:
    """Weeks whose contacts come, to a good part, from orders before the first that is told."""
    if not len(orders):
        return np.ones(len(weeks), dtype=np.bool_)
    first = (min(orders["day"]) - since).days
    found: Flags = _share_since(first, weeks, spread) < TOLD
    return found


def _share_since(day: int, weeks: Any, spread: Numbers) -> Numbers:
    """Share of each week's expected contacts whose orders are of this day or later; days counted from the action."""
    within = np.concatenate([[0.0], np.cumsum(spread)])
    days = (weeks[:, None] * WEEK + np.arange(WEEK)[None, :]) - day + 1
    found: Numbers = within[np.clip(days, 0, len(spread))].mean(axis=1)
    return found


def _fits(step: Action, unit: Mapping[str, str]) -> bool:
    """Whether a step was taken at a unit; a unit of which a part is not told lies everywhere."""
    return all(not getattr(step, part) or part not in unit or unit[part] in getattr(step, part) for part in PARTS)


def _start(case: Case, unit: Mapping[str, str], since: dt.date, weeks: Any) -> tuple[int, list[bool]]:
    """The first whole week with the action, -1 without it; and the weeks that are partly with it, or after its end."""
    own = [step for step in case.steps if _fits(step, unit)]
    if not own or not len(weeks):
        return -1, [False] * len(weeks)
    begins = min((step.since - since).days for step in own)
    ends = [step.until for step in own]
    over = max((day - since).days for day in ends if day) if all(ends) else None
    whole = [week * WEEK for week in weeks]
    gone = [at < begins < at + WEEK or (over is not None and at + WEEK > over) for at in whole]
    return max(0, -(-begins // WEEK) - int(weeks[0])), gone


def _in_between(case: Case, units: list[dict[str, str]], since: dt.date, weeks: Any, spread: Numbers) -> Flags:
    """Weeks after the action in which many customers still had ordered before it, shape (units, T)."""
    found = np.zeros((len(units), len(weeks)), dtype=np.bool_)
    for number, unit in enumerate(units):
        for step in case.steps:
            if step.reaches == "orders" and _fits(step, unit):
                begins = (step.since - since).days
                found[number] |= (weeks * WEEK >= begins) & (_share_since(begins, weeks, spread) < REACHED)
    return found


def _touched(case: Case, unit: Mapping[str, str], others: Sequence[Case]) -> bool:
    """Another action about the same topics was taken there."""
    return any(_fits(step, unit) for other in others if other.topics & case.topics for step in other.steps)


# ---------------------------------------------------------------- what is told


def row(case: Case, counted: Counted, promotions: Sequence[Promotion]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One row of EFFECTS, and its rows of EFFECT_WEEKS."""
    first, panel = case.first, counted.panel
    found = effects.effect(panel, hoped=min(step.hoped for step in case.steps))
    siblings = _siblings(case, counted)
    parts = _parts(panel)
    treated, known = panel.treated, parts != OUT
    contacts = panel.contacts[treated].sum(axis=0)
    written = [step.written for step in case.steps]
    newest = max((day for day in written if day), default=None)
    ends = [step.until for step in case.steps]
    told = {
        "action": case.number,
        "name": first.name,
        "topic_ids": list(first.topic_id),
        "skus": sorted({sku for step in case.steps for sku in step.sku}),
        "markets": sorted({market for step in case.steps for market in step.market}),
        "since": first.since,
        "until": max(day for day in ends if day) if all(ends) else None,
        "written": newest if all(written) else None,
        "after_the_fact": _late(case),
        "spiked": any(step.spiked for step in case.steps),
        "reaches": first.reaches,
        "hoped": min(step.hoped for step in case.steps),
        "why": first.why,
        "verdict": found.verdict,
        **_figures(found.estimate, ""),
        "chance": found.estimate and found.estimate.chance,
        "detectable": found.estimate and 1 - found.estimate.detectable,
        "weeks_before": found.before,
        "weeks_after": found.after,
        "weeks_out": int((~known | (parts == RISE)).sum()),
        "treated": found.treated,
        "others": found.others,
        "others_out": counted.touched,
        "contacts_before": int(contacts[parts == BEFORE].sum()),
        "contacts_after": int(contacts[parts == AFTER].sum()),
        "expected_after": float(np.nansum(found.expected[:, parts == AFTER])) if found.estimate else None,
        "unplaced": counted.unplaced,
        "swing": found.noise and found.noise.swing,
        "memory": found.noise and found.noise.memory,
        "wider": found.wider if found.noise else None,
        **_figures(found.in_time, "earlier"),
        **_figures(siblings, "siblings"),
        "unknown": list(case.unknown),
        "against": _against(case, counted, found, siblings, promotions),
    }
    return told, _week_rows(case, counted, found, parts)


def _figures(found: Estimate | None, lead: str) -> dict[str, float | None]:
    """Estimate and ends of the interval; an end that is not there is null."""
    names = (lead or "ratio", f"{lead}_low".strip("_"), f"{lead}_high".strip("_"))
    values = (None,) * 3 if found is None else (found.ratio, found.low, found.high)
    return {name: v if v is None or np.isfinite(v) else None for name, v in zip(names, values, strict=True)}


def _late(case: Case) -> bool | None:
    """Whether any step was written down after it began; None where nobody tells when."""
    if any(step.written is not None and step.written > step.since for step in case.steps):
        return True
    return False if all(step.written for step in case.steps) else None


def _parts(panel: Panel) -> Any:
    """What each week is, by the first of the units acted on that says anything of it."""
    size = panel.contacts.shape[1]
    found = np.full(size, OUT, dtype=object)
    weeks = np.arange(size)
    for unit in np.flatnonzero(panel.treated)[::-1]:
        known, start = ~panel.out & (panel.orders[unit] > 0), panel.starts[unit]
        part = np.where(weeks >= start, AFTER, np.where(weeks >= start - panel.spike, RISE, BEFORE))
        found = np.where(known, part, found)
    return found


def _siblings(case: Case, counted: Counted) -> Estimate | None:
    """How contacts changed at the products that are most like those acted on: a fix may help or harm them, too."""
    panel = counted.panel
    acted = panel.treated
    own = {family for family, here in zip(counted.families, acted, strict=True) if here and family not in ("", UNKNOWN)}
    near = ~acted & np.array([family in own for family in counted.families], dtype=np.bool_)
    if "sku" not in case.by or not acted.any() or not near.any():
        return None
    if panel.contacts[near].sum() < effects.LEAST_CONTACTS:
        return None
    rest = _only(panel, ~acted & ~near)
    joined = replace(
        rest,
        units=("siblings", *rest.units),
        contacts=np.vstack([panel.contacts[near].sum(axis=0), rest.contacts]),
        orders=np.vstack([panel.orders[near].sum(axis=0), rest.orders]),
        starts=np.concatenate([[panel.starts[acted].min()], rest.starts]).astype(np.int64),
    )
    found = effects.effect(joined, hoped=0.5)
    return None if found.weak else found.estimate


def _against(
    case: Case, counted: Counted, found: Effect, siblings: Estimate | None, promotions: Sequence[Promotion]
) -> list[str]:
    """What speaks against believing the estimate, in codes that pages put into words."""
    day, near = case.first.since, dt.timedelta(days=NEAR_DAYS)
    said = {
        "weak": found.weak,
        "drifted": found.drifted,
        "wide": found.wider > MUCH_WIDER,
        "after the fact": _late(case) is True,
        "not written": _late(case) is None,
        "siblings": siblings is not None and not siblings.low <= 1 <= siblings.high,
        "unplaced": counted.unplaced > MUCH_UNPLACED * max(counted.contacts, 1),
        "promotion": any(p.since < day + near and p.until > day - near for p in promotions),
        "other action": counted.doubled,
        "unknown": bool(case.unknown),
    }
    return [code for code, holds in said.items() if holds]


def _week_rows(case: Case, counted: Counted, found: Effect, parts: Any) -> list[dict[str, Any]]:
    panel, treated = counted.panel, counted.panel.treated
    rows = []
    for week, part in enumerate(parts):
        contacts, rest = (int(panel.contacts[which, week].sum()) for which in (treated, ~treated))
        orders, others = (float(counted.all_orders[which, week].sum()) for which in (treated, ~treated))
        expected = found.expected[:, week]
        rows.append(
            {
                "action": case.number,
                "week": counted.first + dt.timedelta(days=week * WEEK),
                "part": str(part),
                "contacts": contacts,
                "orders": orders,
                "per_1000": _per_1000(contacts, orders),
                "others_contacts": rest,
                "others_orders": others,
                "others_per_1000": _per_1000(rest, others),
                "expected_per_1000": _per_1000(float(np.nansum(expected)), orders)
                if np.isfinite(expected).any()
                else None,
            }
        )
    return rows


def _per_1000(contacts: float, orders: float) -> float | None:
    return 1000 * contacts / orders if orders > 0 else None
