"""The reports: an open set. Add a file with a `REPORT`, and name it here.

They stand in the API because they are the same answers as its own, put together as a document.
"""

from insight.api.reports import daily, monthly, weekly
from insight.api.reports.base import Report, document

REPORTS: dict[str, Report] = {report.name: report for report in (daily.REPORT, weekly.REPORT, monthly.REPORT)}

__all__ = ["REPORTS", "Report", "document"]
