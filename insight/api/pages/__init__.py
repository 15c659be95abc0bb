"""The pages: an open set. Add a file with a `ROUTER` and a template, and name it here."""

from insight.api.pages import (
    agents,
    knowledge,
    kpis,
    logistics,
    money,
    overview,
    products,
    quality,
    reports,
    staffing,
    topics,
)

ROUTERS = (
    overview.ROUTER,
    kpis.ROUTER,
    topics.ROUTER,
    products.ROUTER,
    logistics.ROUTER,
    money.ROUTER,
    staffing.ROUTER,
    agents.ROUTER,
    knowledge.ROUTER,
    reports.ROUTER,
    quality.ROUTER,
)
