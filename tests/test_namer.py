"""The client of a language model, against a real server on this machine that answers badly in every way."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from insight import namer
from insight.errors import SettingsError
from insight.model_names import NoAnswer
from insight.namer import Namer
from insight.settings import Names

SAID = {"choices": [{"message": {"content": "hello"}}]}


class Server:
    """Answers POSTs by a list of (status, headers, body); what it was sent is kept."""

    def __init__(self):
        self.answers, self.heard = [], []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                told.heard.append((self.path, dict(self.headers), json.loads(self.rfile.read(length))))
                answer = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
                if callable(answer):
                    answer(self)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def says(self, body=SAID, status=200, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, headers, body))
        return self


@contextmanager
def _running():
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(namer, "PAUSE_S", 0.01)
    with _running() as running:
        yield running


def asked(server, env=None, **told):
    return Namer(Names(**{"url": server.url, "model": "tiny", "seconds": 5, **told}), env or {}).ask("name it", "{}")


def test_the_answer_comes_back_and_the_question_is_settled(server):
    assert "hello" == asked(server.says())
    ((path, headers, body),) = server.heard
    assert "/v1/chat/completions" == path
    assert ["tiny", 0, namer.SEED, False] == [body[key] for key in ("model", "temperature", "seed", "stream")]
    assert [("system", "name it"), ("user", "{}")] == [(m["role"], m["content"]) for m in body["messages"]]
    assert "Authorization" not in headers


def test_the_key_comes_from_the_environment_and_goes_into_one_header(server):
    asked(server.says(), env={"NAMER_KEY": " secret-1 \n"}, key_env="NAMER_KEY")
    assert "Bearer secret-1" == server.heard[0][1]["Authorization"]


@pytest.mark.parametrize("key", [None, "", "sec\nret: x", "schlüssel"])
def test_without_a_usable_key_nothing_is_sent_and_the_key_is_not_shown(server, key):
    env = {} if key is None else {"NAMER_KEY": key}
    with pytest.raises(NoAnswer, match="key") as error:
        asked(server.says(), env=env, key_env="NAMER_KEY")
    assert [] == server.heard
    assert not key or key not in str(error.value)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "another form"),
        (b"\xff\xfe{", "another form"),
        (b"[" * 60_000, "another form"),
        ([], "another form"),
        ({"choices": []}, "another form"),
        ({"choices": {"0": 1}}, "another form"),
        ({"choices": [{"message": None}]}, "another form"),
        ({"choices": [{"message": {"content": None}}]}, "another form"),
        ({"choices": [{"message": {"content": ["x"]}}]}, "another form"),
        (b" " * (namer.LARGEST + 1), "too long"),
    ],
)
def test_an_answer_of_another_form_is_none(server, body, why):
    with pytest.raises(NoAnswer, match=why):
        asked(server.says(body))


@pytest.mark.parametrize(("status", "times"), [(400, 1), (401, 1), (404, 1), (429, 2), (500, 2), (503, 2)])
def test_a_server_that_is_busy_is_asked_once_more_and_one_that_refuses_is_not(server, status, times):
    with pytest.raises(NoAnswer, match=f"status {status}"):
        asked(server.says(b"secret-1 is wrong", status))
    assert times == len(server.heard)


def test_a_server_that_was_busy_may_answer_then(server):
    assert "hello" == asked(server.says(b"", 503).says())


def test_a_redirect_is_not_followed(server):
    with _running() as other:
        other.says()
        server.says(b"", 307, Location=f"{other.url}/chat/completions")
        with pytest.raises(NoAnswer, match="moved"):
            asked(server, env={"K": "k"}, key_env="K")
    assert [] == other.heard
    assert 1 == len(server.heard)


def test_nobody_there_is_no_answer():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(NoAnswer, match="no connection"):
        Namer(Names(url=url, model="tiny", seconds=5), {}).ask("", "")
    with pytest.raises(NoAnswer, match="no connection"):
        Namer(Names(url="http://no-such-host.invalid/v1", model="tiny", seconds=5), {}).ask("", "")


def test_what_is_no_http_or_breaks_off_is_no_answer(server):
    server.answers.append(lambda handler: handler.wfile.write(b"\x00garbage\r\n\r\n"))
    with pytest.raises(NoAnswer, match="no connection"):
        asked(server)
    server.answers[:] = [(200, {"Content-Length": "999"}, b'{"choices"')]
    with pytest.raises(NoAnswer):
        asked(server)


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_is_silent_or_drips_cannot_hold_the_run(server, drips):
    over = threading.Event()

    def slow(handler):
        handler.send_response(200)
        handler.end_headers()
        while drips and not over.wait(0.05):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return
        over.wait(5)

    server.answers.append(slow)
    began = time.monotonic()
    with pytest.raises(NoAnswer, match="took too long"):
        asked(server, seconds=0.3)
    assert time.monotonic() - began < 3
    over.set()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"url": "127.0.0.1:11434/v1"}, "no address"),
        ({"url": "ftp://host/v1"}, "no address"),
        ({"url": "http://"}, "no address"),
        ({"url": "http://host:99999/v1"}, "no address"),
        ({"url": "http://host/v1?key=hunter2"}, "no address"),
        ({"url": "http://host/v1#hunter2"}, "no address"),
        ({"url": "http://ho st/v1"}, "no address"),
        ({"url": "http://bücher.example/v1"}, "no address"),
        ({"url": "https://ann:hunter2@host/v1"}, "no password"),
        ({"url": "http://gpu.example/v1", "key_env": "NAMER_KEY"}, "in the clear"),
        ({"url": "https://host/v1", "key_env": "sk-hunter2"}, "environment variable"),
        ({"url": "https://host/v1", "model": " "}, "which model"),
    ],
)
def test_settings_that_cannot_be_used_are_named_and_no_secret_is_shown(told, words):
    with pytest.raises(SettingsError, match=words) as error:
        Namer(Names(**{"model": "tiny", **told}), {})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    "told", [{"url": "http://localhost:1/v1", "key_env": "K"}, {"url": "https://host", "key_env": "K"}]
)
def test_a_key_may_go_to_this_machine_or_over_tls(told):
    assert "tiny" == Namer(Names(model="tiny", **told), {}).name


def test_without_a_url_it_is_off_and_its_digest_tells_that():
    off, on = Namer(Names()), Namer(Names(url="http://127.0.0.1:1/v1", model="tiny"))
    assert "" == off.name
    assert off.digest()
    assert off.digest() != on.digest()
    assert on.digest() == Namer(Names(url="http://127.0.0.1:1/v1", model="tiny"), {"K": "other"}).digest()
    assert on.read() is on
    with pytest.raises(NoAnswer, match="switched off"):
        off.ask("", "")
