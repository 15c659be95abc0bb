"""The pages: an open set. Add a file with a `ROUTER` and a template, and name it here."""

from insight.api.pages import overview, topics

ROUTERS = (overview.ROUTER, topics.ROUTER)
