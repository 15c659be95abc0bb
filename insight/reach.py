"""Ways to reach a person, in one spelling each: mail addresses and phone numbers, so that equal ones can be seen.

Only keyed hashes of what comes out of here are ever stored.
"""

from __future__ import annotations

import re
import unicodedata

CODES = {
    **{"US": "1", "CA": "1", "MX": "52", "BR": "55", "JP": "81", "CN": "86", "HK": "852", "TW": "886", "SG": "65"},
    **{"DE": "49", "AT": "43", "CH": "41", "FR": "33", "BE": "32", "NL": "31", "ES": "34", "IT": "39", "PT": "351"},
    **{"GB": "44", "UK": "44", "IE": "353", "PL": "48", "SE": "46", "DK": "45", "NO": "47", "FI": "358", "AU": "61"},
}
"""Calling codes of markets (ITU-T E.164)."""

KEEPS_ZERO = frozenset({"IT"})
"""Where the 0 before a number belongs to it; elsewhere it is said within the country only."""

SHORTEST, LONGEST = 7, 15
"""Digits of a number that reaches one person; E.164 allows 15."""

VARIED = 3
"""A number of fewer different digits, 0000000 or 1212121, is typed to get past a form."""

_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_WITHIN = re.compile(r"\(0\)")
_EXTENSION = re.compile(r"(?:ext|durchwahl|内线|#|;).*$", re.IGNORECASE | re.DOTALL)


def mailbox(text: str) -> str | None:
    """A mail address as it is compared: NFKC, lower case; None where it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().lower().removeprefix("mailto:")
    return plain if _MAILBOX.fullmatch(plain) else None


def phone(text: str, market: str | None = None) -> str | None:
    """A phone number as its digits, led by the code of its country; None where it can reach nobody.

    :param market: where the number is from if it is told without the code of its country. Where that is unknown too, a
        number equals only those that are told alike.
    """
    plain = _WITHIN.sub("", _EXTENSION.sub("", unicodedata.normalize("NFKC", text).strip()))
    digits = "".join(str(unicodedata.digit(mark)) for mark in plain if mark.isdigit())
    place = (market or "").upper()
    code = CODES.get(place, "")
    if digits.startswith("00"):
        digits = digits[2:]
    elif not plain.lstrip("( ").startswith(("+", "tel:+")):
        digits = _abroad(digits, code, keeps_zero=place in KEEPS_ZERO)
    meant = SHORTEST <= len(digits) <= LONGEST and len(set(digits)) >= VARIED
    return digits if meant else None


def _abroad(digits: str, code: str, *, keeps_zero: bool) -> str:
    """A number as it is dialled within its country, as from another one."""
    if not code or (code == "1" and digits.startswith("1") and len(digits) == len("12015550100")):
        return digits
    return code + (digits if keeps_zero else digits.removeprefix("0"))
