"""GET /logistics: which part of the orders explains a rise in late parcels, and what was promised against delivered."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, Field

from insight.api.deps import Nothing, Snapshot, Told
from insight.api.remember import Remembered
from insight.api.routes.products import discreet
from insight.published import Generation
from insight.schema import ALL

ROUTER = APIRouter(route_class=Remembered, tags=["logistics"])


class Cause(BaseModel):
    """A part of the orders that rose, the smallest that explains it; 'all' where a property is no condition.

    It is where and since when it rose, which is no proof of why.
    """

    measure: str = Field(description="late, parcel, damage, customs or address", examples=["late"])
    rank: int = Field(description="1 is the clearest", examples=[1])
    verdict: str = Field(description="rise, no rise or cannot tell", examples=["rise"])
    carrier: str = Field(examples=["Orbit Parcel"])
    lane: str = Field(examples=["CN-DE"])
    warehouse: str = Field(examples=["all"])
    platform: str = Field(examples=["all"])
    market: str = Field(examples=["all"])
    since: date | None = Field(description="first day of the week of hand-over", examples=["2026-05-05"])
    orders_before: int | None = Field(examples=[672])
    events_before: int | None = Field(description="late, or written about", examples=[23])
    orders_after: int | None = Field(examples=[494])
    events_after: int | None = Field(examples=[379])
    per_100_before: float | None = Field(examples=[3.4])
    before_low: float | None = Field(description="lower end of its 95 % interval", examples=[2.3])
    before_high: float | None = Field(examples=[5.1])
    per_100_after: float | None = Field(examples=[76.7])
    after_low: float | None = Field(examples=[72.8])
    after_high: float | None = Field(examples=[80.2])
    ratio: float | None = Field(description="the rate since by the rate before", examples=[22.4])
    ratio_low: float | None = Field(examples=[14.7])
    ratio_high: float | None = Field(examples=[35.8])
    beyond: float | None = Field(description="events since beyond the rate before", examples=[362.1])
    explained: float | None = Field(description="its share of such events in all orders", examples=[1.0])
    p: float | None = Field(description="chance of so clear a rise anywhere if nothing changed", examples=[0.01])
    rest_p: float | None = Field(description="the same for what is left without the parts told", examples=[0.6])
    customers: int = Field(description="distinct customers who wrote about its orders since", examples=[66])
    quote: str | None = Field(description="only where enough customers wrote", examples=["Where is my parcel?"])
    quote_language: str | None = Field(description="ISO 639-1", examples=["en"])
    weeks: list[date] = Field(description="first day of each week of hand-over, oldest first")
    orders_inside: list[int] = Field(description="orders of the part by week")
    events_inside: list[int] = Field(description="of them late, or written about")
    orders_outside: list[int] = Field(description="all other orders by week")
    events_outside: list[int] = Field(description="of them late, or written about")

    @property
    def part(self) -> str:
        """The conditions in words; empty where the part is all orders."""
        told = (self.carrier, self.lane, self.warehouse, self.platform, self.market)
        return " · ".join(one for one in told if one != ALL)


class Delivered(BaseModel):
    """Promised against delivered of a carrier on a lane, 'all' for the sum over either."""

    carrier: str = Field(examples=["Orbit Parcel"])
    lane: str = Field(examples=["CN-DE"])
    orders: int = Field(description="handed over in the last 91 days", examples=[1039])
    delivered: int = Field(examples=[820])
    on_the_way: int = Field(description="not delivered yet; they count as on the way, none is dropped", examples=[219])
    promised_days: float | None = Field(description="median, from the order", examples=[15.0])
    days_median: float | None = Field(description="half had come after so many days", examples=[12.4])
    median_low: float | None = Field(description="lower end of its 95 % interval", examples=[12.0])
    median_high: float | None = Field(examples=[13.1])
    days_p90: float | None = Field(description="nine of ten had come after so many days", examples=[22.3])
    p90_low: float | None = Field(examples=[21.5])
    p90_high: float | None = Field(examples=[23.0])
    transit_median: float | None = Field(description="the same as the median, from hand-over", examples=[11.0])
    judged: int = Field(description="orders whose promised day is over", examples=[878])
    late: int = Field(description="of them late", examples=[393])
    late_share: float | None = Field(examples=[0.448])
    late_low: float | None = Field(description="lower end of its 95 % interval", examples=[0.415])
    late_high: float | None = Field(examples=[0.481])
    verdict: str = Field(description="against all other orders", examples=["later than others"])


class Logistics(BaseModel):
    """What rose where, and how well carriers keep what was promised."""

    causes: list[Cause]
    delivery: list[Delivered] = Field(description="surely latest first")


CAUSES = "select * from mart.main.logistics_causes order by verdict <> 'rise', p nulls last, measure, rank"
DELIVERY = "select * from mart.main.delivery order by late_low desc nulls last, carrier, lane"


def read(generation: Generation, *, few: int) -> Logistics:
    """Rises first, the clearest of them first."""
    return Logistics(
        causes=[Cause(**discreet(row, few)) for row in generation.rows(CAUSES)],
        delivery=[Delivered(**row) for row in generation.rows(DELIVERY)],
    )


@ROUTER.get("/logistics", operation_id="logistics", summary="Which carrier, lane or warehouse explains a rise?")
def logistics(asked: Nothing, generation: Snapshot, told: Told) -> Logistics:
    """The smallest part that explains a rise of the last 16 weeks; promised against delivered of the last 91 days."""
    return read(generation, few=told.privacy.min_customers)
