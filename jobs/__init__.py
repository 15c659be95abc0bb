"""The batch jobs: one file each, a pure function between declared tables.

A job module states in its docstring the question it answers, in READS and WRITES its tables, and in `work` the way from
one to the other. Order, progress, freshness and the picture of the river are derived from that by insight/plan.py.
"""

from importlib import import_module
from pkgutil import iter_modules

from insight.plan import ordered
from insight.run import Job, job


def every_job() -> tuple[Job, ...]:
    """All jobs of this folder, in the order of the river."""
    names = sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_"))
    return ordered([job(import_module(f"{__name__}.{name}")) for name in names])
