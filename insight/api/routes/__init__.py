"""The routes of the API: an open set. Add a file with a `ROUTER`, and name it here."""

from insight.api.routes import (
    agents,
    at_risk,
    counts,
    demand,
    emerging,
    faq,
    findings,
    health,
    kpis,
    logistics,
    products,
    qa,
    slices,
    staffing,
    topic_costs,
    topics,
)

ROUTERS = (
    health.ROUTER,
    kpis.ROUTER,
    slices.ROUTER,
    findings.ROUTER,
    topics.ROUTER,
    emerging.ROUTER,
    at_risk.ROUTER,
    demand.ROUTER,
    faq.ROUTER,
    products.ROUTER,
    logistics.ROUTER,
    topic_costs.ROUTER,
    staffing.ROUTER,
    agents.ROUTER,
    qa.ROUTER,
    counts.ROUTER,
)
"""In the order in which the OpenAPI document lists them."""
