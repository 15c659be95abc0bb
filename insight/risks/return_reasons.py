"""What the reason of a return means: a defect, a dispute, or neither."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import pandas as pd

from insight import shipped

FILE = "return_reasons.toml"
DEFECT, DISPUTE = "defect", "dispute"

_apart = re.compile(r"[\W_]+")


def of_kind(reasons: pd.Series, kind: str) -> pd.Series:
    """Which of many reasons, as their platforms write them, are of a kind: `DEFECT` or `DISPUTE`."""
    listed = _listed(kind)
    codes = {reason: plain(str(reason)) in listed for reason in reasons.dropna().unique()}
    return reasons.map(codes).fillna(False).astype(bool)


def plain(reason: str) -> str:
    """A reason in lower case, its words one blank apart."""
    return _apart.sub(" ", unicodedata.normalize("NFKC", reason).lower()).strip()


@cache
def _listed(kind: str) -> frozenset[str]:
    return frozenset(plain(code) for code in shipped.toml(FILE)[kind])
