"""Products: what to fix in which one and why, surest first; and each product by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse

from insight import listing, taxonomy
from insight.api import charts
from insight.api.deps import Snapshot, Told
from insight.api.pages.base import View, shared, words_of
from insight.api.remember import Remembered
from insight.api.render import render
from insight.api.routes import products
from insight.api.routes.products import Asked, Gap, Issue, Size
from insight.api.words import Words

ROUTER = APIRouter(route_class=Remembered, include_in_schema=False)

PATH = "/products"
SURE = ("more than its family", "runs small", "runs large", "says otherwise")
FIXABLE = ("sizing", "quality", "not_as_described", "compatibility", "how_to", "accessory_demand")
"""Families of topics that a product or its listing can be changed for; a parcel that is late is none of its doing."""
MOST, MOST_ISSUES, MOST_ROWS = 20, 3, 40


@dataclass
class Found:
    """What is sure about one product."""

    sku: str
    family: str
    issues: list[Issue] = field(default_factory=list)
    size: Size | None = None
    gaps: list[Gap] = field(default_factory=list)


def found_of(every: products.Products) -> list[Found]:
    """Products of which something that can be fixed is sure, in the order of their surest issue."""
    found: dict[str, Found] = {}
    for issue in every.issues:
        if issue.verdict in SURE and issue.near_family in FIXABLE:
            found.setdefault(issue.sku, Found(issue.sku, issue.family)).issues.append(issue)
    for size in every.sizes:
        if size.verdict in SURE:
            found.setdefault(size.sku, Found(size.sku, size.family)).size = size
    for gap in every.listings:
        if gap.verdict in SURE:
            found.setdefault(gap.sku, Found(gap.sku, "")).gaps.append(gap)
    return list(found.values())


@ROUTER.get(PATH, response_class=HTMLResponse)
def overview(asked: Annotated[View, Query()], generation: Snapshot, told: Told, request: Request) -> HTMLResponse:
    """All products: what is surely to fix, then the lists in which nothing is sure."""
    words, few = words_of(asked, told, request), told.privacy.min_customers
    every = products.read(generation, asked=Asked(limit=5000), few=few)
    found = found_of(every)
    rest = [issue for issue in every.issues if issue.verdict not in SURE and issue.near_family in FIXABLE]
    context = {
        "found": found[:MOST],
        "total": len(found),
        "products": every.products,
        "rest": rest[:MOST_ROWS],
        "sizes": [size for size in every.sizes if size.small + size.large + size.both >= few],
        "gaps": [gap for gap in every.listings if gap.customers >= few],
        "few": few,
        "most_issues": MOST_ISSUES,
        **_said(words),
        **shared(asked, generation, told, path=PATH),
    }
    return HTMLResponse(render("products.html", words, **context))


@ROUTER.get(PATH + "/{sku}", response_class=HTMLResponse)
def one_product(
    sku: Annotated[str, Path(max_length=200)],
    asked: Annotated[View, Query()],
    generation: Snapshot,
    told: Told,
    request: Request,
) -> HTMLResponse:
    """One product: its row of the matrix, its size meter, its listing beside what customers say."""
    words = words_of(asked, told, request)
    every = products.product(sku, Asked(limit=200), generation, told)
    most = max((v for i in every.issues for v in (i.high, i.family_per_100) if v is not None), default=0.0)
    context = {
        "sku": sku,
        "every": every,
        "one": next(iter(found_of(every)), None),
        "size": next(iter(every.sizes), None),
        "orders": max([*(i.orders for i in every.issues), *(s.orders for s in every.sizes)], default=0),
        "whiskers": {
            i.topic_id: charts.whisker(i.shrunk, i.low, i.high, i.family_per_100, most=most) for i in every.issues
        },
        **_said(words),
        **shared(asked, generation, told, path=f"{PATH}/{sku}"),
    }
    return HTMLResponse(render("product.html", words, **context))


def _said(words: Words) -> dict[str, Any]:
    """How families, attributes and values are called in the reader's language, and what to do about a family."""
    chinese = words.lang == "zh"
    families = {family: names[chinese] for family, names in taxonomy.families().items()}
    values = listing.values_zh() if chinese else {}
    return {
        "families": families,
        "attributes": {key: names[chinese] for key, names in listing.names().items()},
        "value": lambda value: values.get(value, value),
        "meter": charts.meter,
        "fixable": FIXABLE,
    }
