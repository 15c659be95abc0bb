"""The KPIs: sums over sums of row-level facts, each with its question, definition, unit and which way is better.

To add one, append a `Kpi` to the list of its group; the table, the API, the pages and the contract test follow.
"""

from insight.kpis import benefit, efficiency, quality, volume
from insight.kpis.base import Kpi
from insight.kpis.measure import measure

KPIS: dict[str, tuple[str, Kpi]] = {
    kpi.name: (group, kpi)
    for group, kpis in (
        ("volume", volume.KPIS),
        ("efficiency", efficiency.KPIS),
        ("quality", quality.KPIS),
        ("benefit", benefit.KPIS),
    )
    for kpi in kpis
}
"""Every KPI by name, with its group."""

__all__ = ["KPIS", "Kpi", "measure"]
