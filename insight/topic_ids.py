"""Who is who: the permanent id of each cluster that a run found.

For now an id follows from what lies at the heart of the cluster, so the same clusters have the same ids in every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def identify(hearts: Sequence[str]) -> list[str]:
    """One id per cluster. The registry of earlier runs and the ledger of people's edits enter here.

    :param hearts: per cluster the hash of the text nearest to its centre; a text is in one cluster, so ids differ.
    """
    return [f"t{sha256(heart.encode()).hexdigest()[:10]}" for heart in hearts]
