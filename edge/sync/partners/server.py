"""The door for other systems: HTTPS on a port of its own, for client certificates that are named.

It is slow on purpose where many ask: a few at a time, each with a rate, each exchange with a time
limit. What it serves is read; nothing can be changed through it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from edge.config import Partner, PartnersConfig
from edge.sync.partners.answers import JSON, Answer, Answers, Refused
from edge.system.backoff import Backoff

MOST_AT_ONCE = 8
"""Questions that are answered at a time."""

MOST_CONNECTIONS, MOST_OF_ONE = 64, 16
"""Connections at a time, and those of one address."""

HANDSHAKE_S, EXCHANGE_S = 5.0, 30.0
"""Seconds that a read or a write may take, before and after the client's certificate is known."""

Answered = Callable[[str, str, Message], Answer]
"""To the client of that name: path and headers of its question."""

log = logging.getLogger(__name__)


class Rates:
    """Questions of each partner in a minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def wait_s(self, partner: Partner) -> float:
        """Seconds until the next question is answered; 0: this one is."""
        now, most = self._now(), float(partner.per_minute)
        with self._lock:
            left, at = self._left.get(partner.name, (most, now))
            left = min(most, left + (now - at) * most / 60)
            self._left[partner.name] = (left - 1 if left >= 1 else left, now)
            return 0.0 if left >= 1 else (1 - left) * 60 / most


class PartnerServer:
    """`start` and `stop` once. A port or certificate that is not there is tried again."""

    def __init__(self, config: PartnersConfig, answers: Answers, backoff: Backoff) -> None:
        self._config, self._answers, self._backoff = config, answers, backoff
        self._rates = Rates()
        self._partners = {partner.name: partner for partner in config.clients}
        self._stopping = threading.Event()
        self._server: _Server | None = None
        self._thread = threading.Thread(target=self._run, name="partners", daemon=True)

    @property
    def port(self) -> int:
        """0 while it does not listen."""
        return int(self._server.server_address[1]) if self._server is not None else 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        reported = ""
        while not self._stopping.is_set():
            try:
                with _Server(self._config, self._answered) as server:
                    self._server = server
                    log.info("partners: answers at %s:%d", self._config.host, self.port)
                    if not self._stopping.is_set():
                        server.serve_forever(poll_interval=0.5)
                return
            except (OSError, ssl.SSLError) as error:
                self._server = None
                if str(error) != reported:
                    log.error("partners: cannot answer (%s); tried again", error)
                reported = str(error)
                self._stopping.wait(self._backoff.next())

    def _answered(self, name: str, path: str, headers: Message) -> Answer:
        """To the client whose certificate names it so. Raises Refused, and what Answers raise."""
        partner = self._partners.get(name)
        if partner is None:
            raise Refused(HTTPStatus.FORBIDDEN, "this certificate is not in partners.clients")
        if wait_s := self._rates.wait_s(partner):
            after = {"Retry-After": str(max(1, round(wait_s)))}
            return Answer(HTTPStatus.TOO_MANY_REQUESTS, JSON, _why("too many questions"), after)
        given = {name.title(): value for name, value in headers.items()}
        return self._answers.answer(partner, path, given)


class Connections:
    """How many there are, of all and of one address: who has no certificate and only connects
    cannot keep others out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: Counter[str] = Counter()

    def enter(self, host: str) -> bool:
        with self._lock:
            if self._of[host] >= MOST_OF_ONE or self._of.total() >= MOST_CONNECTIONS:
                return False
            self._of[host] += 1
            return True

    def leave(self, host: str) -> None:
        with self._lock:
            self._of[host] -= 1
            self._of += Counter()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, config: PartnersConfig, answered: Answered) -> None:
        self.answered = answered
        self.room = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._connections = Connections()
        self._config, self._files = config, _stamps(config)
        self._context = server_context(config)
        if ":" in config.host:
            self.address_family = socket.AF_INET6
        super().__init__((config.host, config.port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """The handshake waits for the client, so it is left to the connection's own thread."""
        client, address = super().get_request()
        client.settimeout(HANDSHAKE_S)
        wrapped = self._newest().wrap_socket(client, True, do_handshake_on_connect=False)
        return wrapped, address

    def _newest(self) -> ssl.SSLContext:
        """Of the certificates as they lie there now, for the next connection. Files that do not
        belong together (the second of a pair is not there yet) change nothing."""
        files = _stamps(self._config)
        if files != self._files:
            self._files = files
            try:
                self._context = server_context(self._config)
                log.info("partners: new certificates are taken up")
            except (OSError, ssl.SSLError) as error:
                log.error("partners: the certificates of before stay (%s)", error)
        return self._context

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._connections.enter(str(client_address[0])):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.leave(str(client_address[0]))

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("partners: an exchange with %s failed", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "gate", ""
    timeout = EXCHANGE_S

    def setup(self) -> None:
        self.request.do_handshake()
        super().setup()

    def handle(self) -> None:
        """Only who has a certificate of ours comes so far."""
        if not self.server.room.acquire(timeout=EXCHANGE_S):
            return
        try:
            super().handle()
        finally:
            self.server.room.release()

    def client_name(self) -> str:
        """The common name of the client's certificate, which the context has checked."""
        subject = (self.request.getpeercert() or {}).get("subject", ())
        names = [value for part in subject for key, value in part if key == "commonName"]
        return names[0] if len(names) == 1 else ""

    def do_GET(self) -> None:
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        self._send(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug("partners: %s %s", self.client_name(), format % args)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no request of HTTP, or another method than GET and HEAD."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            allow = {"Allow": "GET, HEAD"}
            why = "nothing can be changed here"
            self._write(Answer(HTTPStatus.METHOD_NOT_ALLOWED, JSON, _why(why), allow), True)
        else:
            self._write(Answer(HTTPStatus(code), JSON, _why(message or "no request")), True)
        self.close_connection = True

    def _send(self, with_body: bool) -> None:
        try:
            answer = self.server.answered(self.client_name(), self.path, self.headers)
        except Refused as error:
            answer = Answer(error.status, body=_why(str(error)))
        except Exception:
            log.exception("partners: a question could not be answered")
            answer = Answer(HTTPStatus.SERVICE_UNAVAILABLE, body=_why("try again later"))
        self._write(answer, with_body)

    def _write(self, answer: Answer, with_body: bool) -> None:
        """With the length of its body: one that was cut off is seen to be."""
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body:
            with contextlib.suppress(BrokenPipeError, ConnectionError):
                self.wfile.write(answer.body)


def _stamps(config: PartnersConfig) -> list[tuple[int, int, int] | None]:
    """By which another file, or another content, is known; None of one that is not there."""
    found: list[tuple[int, int, int] | None] = []
    for file in (config.cert_file, config.key_file, config.ca_file):
        try:
            about = file.stat()
            found.append((about.st_ino, about.st_mtime_ns, about.st_size))
        except OSError:
            found.append(None)
    return found


def server_context(config: PartnersConfig) -> ssl.SSLContext:
    """Raises OSError, ssl.SSLError for a file that is not there, or is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(config.cert_file, config.key_file)
    context.load_verify_locations(config.ca_file)
    return context


def _why(text: str) -> bytes:
    return json.dumps({"error": text}).encode()
