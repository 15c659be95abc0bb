"""GET /products and /products/{sku}: what to fix in which product or its listing, and how sure that is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from insight.api.deps import Name, Question, Snapshot, Told
from insight.api.problems import unknown
from insight.api.remember import Remembered
from insight.api.routes.topics import SHOWN, TOLD
from insight.published import Generation

ROUTER = APIRouter(route_class=Remembered, tags=["products"])


class Issue(BaseModel):
    """A topic that customers name with a product; rates are customers who wrote about it per 100 orders."""

    sku: str = Field(examples=["JKT-01"])
    topic_id: str = Field(examples=["sizing.too_small"])
    name_en: str = Field(examples=["Too small or tight"])
    name_zh: str = Field(examples=["尺码偏小"])
    near_family: str | None = Field(
        description="family of the topic, or the one that a found topic is nearest to", examples=["sizing"]
    )
    family: str = Field(description="product family", examples=["apparel"])
    rank: int = Field(description="1 is the surest over all products", examples=[1])
    contacts: int = Field(description="conversations", examples=[24])
    customers: int = Field(description="distinct customers of those", examples=[22])
    return_comments: int = Field(description="comments of returns, apart", examples=[19])
    reviews: int = Field(description="reviews, apart", examples=[7])
    orders: int = Field(description="orders that hold the product", examples=[875])
    per_100_orders: float | None = Field(description="customers per 100 orders", examples=[2.5])
    shrunk: float | None = Field(description="the same, drawn to what is usual in the family", examples=[2.4])
    low: float | None = Field(description="lower end of its 95 % interval; the order of the list", examples=[1.5])
    high: float | None = Field(description="upper end of it", examples=[3.4])
    family_per_100: float | None = Field(description="the rate of the family's other products", examples=[0.2])
    ratio: float | None = Field(description="its own rate by theirs", examples=[16.5])
    ratio_low: float | None = Field(description="lower end of the 95 % interval", examples=[5.6])
    ratio_high: float | None = Field(description="upper end; null where nobody else says it", examples=[65.0])
    q: float = Field(description="share of false alarms among products as clear as this", examples=[0.0001])
    verdict: str = Field(description="more than its family, or cannot tell", examples=["more than its family"])
    quote: str | None = Field(description="only where enough customers wrote", examples=["Runs a whole size small."])
    quote_language: str | None = Field(description="ISO 639-1", examples=["en"])


class Size(BaseModel):
    """Does a product run small or large?"""

    sku: str = Field(examples=["JKT-01"])
    family: str = Field(description="product family", examples=["apparel"])
    small: int = Field(description="orders whose customer says too small, in words or by return", examples=[148])
    large: int = Field(description="the same for too large", examples=[10])
    both: int = Field(description="orders whose customer says both; they count for neither", examples=[1])
    in_words: int = Field(description="of all these, told in words", examples=[84])
    sent_back: int = Field(description="of all these, told by the code of a return", examples=[126])
    orders: int = Field(description="orders that hold the product", examples=[875])
    returns: int | None = Field(description="returns of the product", examples=[144])
    share_of_returns: float | None = Field(description="returns that name the size, by all", examples=[0.875])
    balance: float = Field(description="-1: all say too small; 0: as many of each; 1: too large", examples=[-0.85])
    low: float = Field(description="lower end of its 95 % interval", examples=[-0.92])
    high: float = Field(description="upper end of it", examples=[-0.76])
    verdict: str = Field(description="runs small, runs large, true to size or cannot tell", examples=["runs small"])
    quote: str | None = Field(description="only where enough customers speak of its size", examples=["Too tight."])
    quote_language: str | None = Field(description="ISO 639-1", examples=["en"])


class Gap(BaseModel):
    """An attribute that customers say differs, beside the sentence of the listing about it."""

    sku: str = Field(examples=["CAM-02"])
    attribute: str = Field(description="colour, material, size, weight, battery or water", examples=["material"])
    customers: int = Field(description="distinct customers who say so", examples=[9])
    mentions: int = Field(description="pieces of text", examples=[11])
    orders: int = Field(description="orders that hold the product", examples=[811])
    per_100_orders: float | None = Field(description="customers per 100 orders, shrunk", examples=[0.9])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[0.4])
    high: float | None = Field(description="upper end of it", examples=[1.6])
    said: list[str] = Field(description="values that customers name and the listing does not", examples=[["plastic"]])
    promised: list[str] = Field(description="values that the listing names", examples=[["aluminium"]])
    sentence: str | None = Field(description="of the listing", examples=["Body of brushed aluminium."])
    verdict: str = Field(
        description="says otherwise, says nothing, no listing or cannot tell", examples=["says otherwise"]
    )
    quote: str | None = Field(description="only where enough customers say so", examples=["It is plastic."])
    quote_language: str | None = Field(description="ISO 639-1", examples=["en"])


class Products(BaseModel):
    """What to fix, surest first."""

    issues: list[Issue]
    sizes: list[Size]
    listings: list[Gap]
    products: int = Field(description="products of which anything is told", examples=[32])


class Asked(Question):
    """Which part of the list."""

    verdict: tuple[Name, ...] = Field(default=(), max_length=8, description="only rows with one of these; none: all")
    limit: int = Field(default=100, ge=1, le=5000, description="how many of each list, surest first")


ISSUES = """
select i.*, t.name_en, t.name_zh, t.named_by, t.customers as speakers, coalesce(t.family, m.parent) as near_family
from mart.main.sku_issues i join mart.main.topics t using (topic_id) left join mart.main.topic_map m using (topic_id)
where list_contains(?::varchar[], t.state) and (len(?::varchar[]) = 0 or list_contains(?::varchar[], i.verdict))
  and (? is null or i.sku = ?)
order by i.rank limit ?
"""
ROWS = """
select * from mart.main.{table}
where (len(?::varchar[]) = 0 or list_contains(?::varchar[], verdict)) and (? is null or sku = ?)
order by rank limit ?
"""
SIZES, GAPS = ROWS.format(table="size_bias"), ROWS.format(table="listing_gaps")
NAMED = """
select count(distinct sku) as products from (
  select sku from mart.main.sku_issues union all select sku from mart.main.size_bias
  union all select sku from mart.main.listing_gaps)
"""


def read(generation: Generation, *, asked: Asked, few: int, sku: str | None = None) -> Products:
    """The three lists, of one product or of all; muted, merged and retired topics are silent."""
    chosen: list[Any] = [list(asked.verdict), list(asked.verdict), sku, sku, asked.limit]
    issues = generation.rows(ISSUES, [list(SHOWN), *chosen])
    [named] = generation.rows(NAMED)
    return Products(
        issues=[Issue(**_named(discreet(row, few), few)) for row in issues],
        sizes=[Size(**_sized(row, few)) for row in generation.rows(SIZES, chosen)],
        listings=[Gap(**_told(row, few)) for row in generation.rows(GAPS, chosen)],
        products=named["products"],
    )


def discreet(row: dict[str, Any], few: int) -> dict[str, Any]:
    """The words of customers are kept back where too few of them spoke."""
    return row if row["customers"] >= few else row | {"quote": None, "quote_language": None}


def _named(row: dict[str, Any], few: int) -> dict[str, Any]:
    """A name that is made of customers' words needs as many of them as a quote does."""
    hidden = row["named_by"] not in TOLD and row["speakers"] < few
    return row | {"name_en": row["topic_id"], "name_zh": row["topic_id"]} if hidden else row


def _sized(row: dict[str, Any], few: int) -> dict[str, Any]:
    return discreet(row | {"customers": row["small"] + row["large"] + row["both"]}, few)


def _told(row: dict[str, Any], few: int) -> dict[str, Any]:
    return discreet(row if row["customers"] >= few else row | {"said": []}, few)


@ROUTER.get("/products", operation_id="products", summary="What should be fixed in which product or its listing?")
def products(asked: Annotated[Asked, Query()], generation: Snapshot, told: Told) -> Products:
    """Issues by product against its family, size meter, and what differs from the listing; the last 91 days."""
    return read(generation, asked=asked, few=told.privacy.min_customers)


@ROUTER.get(
    "/products/{sku}", operation_id="product", summary="One product: its issues, its size, its listing, with evidence"
)
def product(
    sku: Annotated[str, Path(max_length=200)], asked: Annotated[Asked, Query()], generation: Snapshot, told: Told
) -> Products:
    """The same three lists of one product."""
    found = read(generation, asked=asked, few=told.privacy.min_customers, sku=sku)
    if not (found.issues or found.sizes or found.listings or _known(generation, sku)):
        raise unknown("product")
    return found


def _known(generation: Generation, sku: str) -> bool:
    """Whether the product was ever bought."""
    return bool(generation.rows("select 1 from mart.main.order_facts where sku = ? limit 1", [sku]))
