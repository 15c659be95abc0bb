"""The pages: an open set. Add a file with a `ROUTER` and a template, and name it here."""

from insight.api.pages import (
    actions,
    agents,
    drivers,
    knowledge,
    kpis,
    logistics,
    models,
    money,
    overview,
    products,
    quality,
    reports,
    staffing,
    today,
    topics,
    warnings,
)

ROUTERS = (
    overview.ROUTER,
    warnings.ROUTER,
    today.ROUTER,
    kpis.ROUTER,
    topics.ROUTER,
    drivers.ROUTER,
    actions.ROUTER,
    products.ROUTER,
    logistics.ROUTER,
    money.ROUTER,
    staffing.ROUTER,
    agents.ROUTER,
    knowledge.ROUTER,
    reports.ROUTER,
    quality.ROUTER,
    models.ROUTER,
)
