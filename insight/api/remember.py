"""Each question is answered once per published file: weak ETag, 304, and a bounded memory of answers."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

MOST_ANSWERS = 256
"""How many answers are kept; the one unused for longest goes first."""


class Memory:
    """Answers by their tag."""

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._answers: OrderedDict[str, Response] = OrderedDict()
        self._most = most

    def get(self, tag: str) -> Response | None:
        """The answer, if it is still known."""
        if tag in self._answers:
            self._answers.move_to_end(tag)
        return self._answers.get(tag)

    def put(self, tag: str, answer: Response) -> None:
        """Keep an answer, and forget the oldest."""
        self._answers[tag] = answer
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)


class Remembered(APIRoute):
    """A route whose answer follows from the published file, the settings and the address, and from nothing else.

    The file is looked up once per request and kept in `request.state.generation`, so that one answer never mixes two.
    What is sent to be written is never remembered.
    """

    @staticmethod
    def beside(request: Request) -> str:
        """What else the answer follows from; a kind of route that has more says it here. It may wait."""
        return ""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler."""
        answer = super().get_route_handler()

        async def remembered(request: Request) -> Response:
            state = request.app.state
            request.state.generation = await run_in_threadpool(state.published.current)
            if request.method != "GET":
                return await answer(request)
            tag = _tag(request, await run_in_threadpool(self.beside, request))
            if tag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=_headers(tag))
            known: Response | None = state.memory.get(tag)
            if known is None:
                known = await answer(request)
                known.headers.update(_headers(tag))
                state.memory.put(tag, known)
            return known

        return remembered


def _tag(request: Request, beside: str) -> str:
    """What the answer depends on, as a weak ETag."""
    asked = sorted(
        request.query_params.multi_items(), key=lambda pair: pair[0]
    )  # values keep their order: it can matter
    language = request.headers.get("accept-language", "")
    parts = (request.app.state.edition, request.state.generation.id, request.url.path, asked, language, beside)
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language, Authorization"}
