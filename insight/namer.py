"""The client of a language model: one question, one answer, over an API that speaks as OpenAI's does.

A local server (llama.cpp, Ollama, vLLM and their like) or a vendor. It is told a seed and temperature 0, so that the
same question has the same answer as far as the model can. Redirects are not followed and proxies are not used: what is
sent goes to the address that the settings name, and nowhere else. The key is read from the environment when a question
is sent; it is never stored, shown or logged.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

from insight.errors import SettingsError
from insight.model_names import NAMER, NoAnswer
from insight.schema import Door
from insight.settings import Names

LARGEST = 65_536
"""Bytes of an answer; a longer one is not read to its end."""
TOKENS = 400
SEED = 7
TRIES = 2
PAUSE_S = 0.5
"""Before a second try."""
BUSY = frozenset({429, 500, 502, 503, 504})
"""What a server says when a second try may help."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Namer:
    """A language model behind an address, or none; nothing is opened before it is asked.

    :param told: the settings; without a url it is switched off, and its name is empty.
    :raises SettingsError: the url cannot be used, or no model is named.
    """

    def __init__(self, told: Names, env: Mapping[str, str] | None = None) -> None:
        self._told, self._env = told, os.environ if env is None else env
        self._url = _address(told) if told.url is not None else None

    @property
    def name(self) -> str:
        """What the settings call the model; empty where it is switched off."""
        return self._told.model if self._url else ""

    @property
    def most(self) -> int:
        """So many topics may be named by it."""
        return self._told.most

    def read(self, door: Door = NAMER) -> Namer:
        """What the job is handed that asks for names."""
        return self

    def digest(self, door: Door = NAMER) -> str:
        """Changes with the settings; never empty, for no model is an answer too."""
        return hashlib.sha256(self._told.model_dump_json().encode()).hexdigest()

    def ask(self, task: str, material: str) -> str:
        """The model's answer to a task about some material.

        :raises NoAnswer: there is none: no connection, too slow, too long, a refusal, another form, no key.
        """
        said = [{"role": "system", "content": task}, {"role": "user", "content": material}]
        settled = {"temperature": 0, "seed": SEED, "max_tokens": TOKENS, "stream": False}
        body = json.dumps({"model": self._told.model, "messages": said, **settled}).encode()
        until = time.monotonic() + self._told.seconds
        for last in range(TRIES):
            status, answer = self._post(body, until)
            if status not in BUSY or last == TRIES - 1:
                break
            time.sleep(min(PAUSE_S, max(until - time.monotonic(), 0)))
        if status != 200:
            raise NoAnswer("moved elsewhere" if 300 <= status < 400 else f"status {status}")
        return _content(answer)

    def _post(self, body: bytes, until: float) -> tuple[int, bytes]:
        """Send one question; the status and the body of what comes back."""
        url = self._url
        if url is None or not (left := until - time.monotonic()) > 0:
            raise NoAnswer("took too long" if url else "switched off")
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = kind(str(url.hostname), url.port, timeout=left)
        try:
            connection.request("POST", f"{url.path.rstrip('/')}/chat/completions", body, self._headers())
            response = connection.getresponse()
            return response.status, _read(response, connection, until)
        except TimeoutError:
            raise NoAnswer("took too long") from None
        except (OSError, HTTPException, UnicodeError):
            raise NoAnswer("no connection") from None
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "insight"}
        if self._told.key_env:
            key = self._env.get(self._told.key_env, "").strip()
            if not key or not key.isascii() or not key.isprintable():
                raise NoAnswer("no key in the environment" if not key else "the key is not plain text")
            headers["Authorization"] = f"Bearer {key}"
        return headers


def _read(response: HTTPResponse, connection: HTTPConnection, until: float) -> bytes:
    """The body, piece by piece, so that a server which drips cannot hold the run."""
    body = bytearray()
    while piece := response.read1(8192):
        body += piece
        if len(body) > LARGEST:
            raise NoAnswer("too long")
        if (left := until - time.monotonic()) <= 0:
            raise NoAnswer("took too long")
        if connection.sock is not None:
            connection.sock.settimeout(left)
    return bytes(body)


def _content(body: bytes) -> str:
    """What the model said, out of what the API sent."""
    try:
        told: Any = json.loads(body)
        said = told["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise NoAnswer("in another form") from None
    if not isinstance(said, str):
        raise NoAnswer("in another form")
    return said


def _address(told: Names) -> SplitResult:
    """:raises SettingsError: no usable address; what came is not shown, for it may hold a password."""
    problem, url = "", None
    try:
        url = urlsplit(str(told.url))
        usable = url.scheme in ("http", "https") and url.hostname and url.port != 0
        if not usable or url.query or url.fragment or not str(told.url).isascii() or re.search(r"\s", str(told.url)):
            problem = "this is no address of an API"
        elif url.username is not None or url.password is not None:
            problem = "an address must hold no password"
        elif told.key_env is not None and url.scheme == "http" and url.hostname not in HERE:
            problem = "the key would be sent in the clear"
    except ValueError:
        problem = "this is no address of an API"
    if problem or url is None:
        raise SettingsError(
            problem,
            where="names.url",
            wanted="https://host/v1, or http://127.0.0.1:port/v1 on this machine",
            fix="name the environment variable that holds the key in names.key_env" if "key" in problem else "mend it",
        )
    if not told.model.strip():
        raise SettingsError("which model shall name topics?", where="names.model", fix="tell the name the API knows")
    if told.key_env is not None and not _VARIABLE.fullmatch(told.key_env):
        raise SettingsError(
            "this is no name of an environment variable",
            where="names.key_env",
            wanted="a name such as NAMER_KEY, never the key itself",
        )
    return url
