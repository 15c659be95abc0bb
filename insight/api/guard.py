"""What stands before every request: who may ask, how much may be sent, and which headers leave with the answer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from insight.api.headers import HEADERS
from insight.api.problems import problem
from insight.errors import SettingsError
from insight.settings import Serve

MOST_BYTES = 64 * 1024
"""No request of this API needs a body; more than this is refused before it is read."""

CHALLENGE = 'Bearer, Basic realm="insight", charset="UTF-8"'
SEALS = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())


def is_loopback(host: str) -> bool:
    """Whether a name or address can only be reached from this machine."""
    bare = host.strip("[]")
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return bare == "localhost"


def check(serve: Serve) -> None:
    """Refuse to open the door to others without a lock.

    :raises SettingsError: the host is not loopback and no token is set, or the token's hash is none.
    """
    digest = serve.token_sha256
    if digest is not None and not (len(digest) == 64 and all(c in "0123456789abcdef" for c in digest)):
        raise SettingsError(
            "serve.token_sha256 is no sha256", wanted="64 digits of 0-9 and a-f", fix="printf %s TOKEN | sha256sum"
        )
    if digest is None and not is_loopback(serve.host):
        raise SettingsError(
            "the API would be open to others without a token",
            where="[serve]",
            came="a host that is not this machine only",
            wanted="token_sha256, or host = '127.0.0.1'",
            fix="make a token with `openssl rand -hex 32` and set token_sha256 to its sha256",
        )


class Guard:
    """Lets in who is on this machine, or carries the token; the rest get 401.

    "On this machine" means: the connection comes from a loopback address, the request names a loopback host (a page of
    another site that resolves its own name to 127.0.0.1 does not), and nothing says that it was forwarded.
    """

    def __init__(self, app: ASGIApp, *, token_sha256: str | None) -> None:
        self._app, self._digest = app, token_sha256

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *SEALS]}
            await send(message)

        headers = Headers(scope=scope)
        if not (self._is_local(scope, headers) or self._has_token(headers)):
            refused = problem(401, headers={"WWW-Authenticate": CHALLENGE})
            return await refused(scope, receive, sealed)
        body = await _read(headers, receive)
        if body is None:
            return await problem(413, headers={"Connection": "close"})(scope, receive, sealed)
        return await self._app(scope, _replayed(body, receive), sealed)

    @staticmethod
    def _is_local(scope: Scope, headers: Headers) -> bool:
        client, host = scope.get("client"), headers.get("host", "")
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        forwarded = any(name in headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
        return client is not None and is_loopback(client[0]) and is_loopback(name) and not forwarded

    def _has_token(self, headers: Headers) -> bool:
        sent = hashlib.sha256(_token(headers.get("authorization", ""))).hexdigest()
        return hmac.compare_digest(sent, self._digest or "")


def _token(authorization: str) -> bytes:
    """The token of a Bearer header, or the password of a Basic one (which is what a browser can ask for)."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return value.encode() if kind.lower() == "bearer" else b""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


async def _read(headers: Headers, receive: Receive) -> bytes | None:
    """The body, or None where it is too large: told so beforehand, or found so while reading."""
    told = headers.get("content-length", "0")
    if "transfer-encoding" not in headers and told == "0":
        return b""
    body = b""
    while len(body) <= MOST_BYTES and (not told.isdecimal() or int(told) <= MOST_BYTES):
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body if len(body) <= MOST_BYTES else None
    return None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body that was read already, then what the server says."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
