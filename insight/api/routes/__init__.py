"""The routes of the API: an open set. Add a file with a `ROUTER`, and name it here."""

from insight.api.routes import at_risk, counts, demand, emerging, health, kpis, topics

ROUTERS = (health.ROUTER, kpis.ROUTER, topics.ROUTER, emerging.ROUTER, at_risk.ROUTER, demand.ROUTER, counts.ROUTER)
"""In the order in which the OpenAPI document lists them."""
