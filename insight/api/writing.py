"""Who may send what is to be written, and the fields of a form that was sent."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError

FOREIGN = "This can be sent from this site's own pages, or by a program as application/json."
MOST_FIELDS = 200
"""Fields of a form; a rubric has two per item."""


def own_site(request: Request) -> None:
    """Refuse what a page of another site sends through its reader's browser.

    A browser says where a request comes from in Sec-Fetch-Site, or at least in Origin; a page of another site cannot
    send JSON without asking first, which nobody here allows.

    :raises HTTPException: 403, it comes from elsewhere, or nothing says where from and it is no JSON.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if site is not None:
        allowed = site == "same-origin"
    elif origin is not None:
        allowed = origin == ours
    else:
        allowed = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    if not allowed:
        raise HTTPException(403, FOREIGN)


async def form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent; the last of a name counts.

    :raises RequestValidationError: it is no form, not UTF-8, or has too many fields.
    """
    try:
        fields = parse_qs(
            (await request.body()).decode("utf-8"), errors="strict", keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        wrong = {"type": "value_error", "loc": ("body",), "msg": "This is no form of this site."}
        raise RequestValidationError([wrong]) from error
    return {name: values[-1] for name, values in fields.items()}
