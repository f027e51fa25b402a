"""Strangers at the console's door, over real sockets: half requests, floods, garbage."""

import contextlib
import logging
import time
from pathlib import Path

import httpx
import pytest

from edge.console.doors import MOST, MOST_OF_ONE, REQUEST_S, STALLED_S
from edge.console.server import ConsoleServer
from tests.support.authority import Authority
from tests.support.operations_twin import PASSWORD
from tests.support.raw_client import BOOTH, STRANGER, exchange, request, still_open
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(180)

HALF = b"GET /healthz HTTP/1.1\r\nHost: gate\r\nX-Slow: "
HALF_BODY = b"POST /sign-in HTTP/1.1\r\nHost: gate\r\nContent-Length: 100\r\n\r\nuser="
BIG = 150 * 1024 * 1024


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "ca").issue("gate")


@pytest.fixture
def places(app, certificate):
    """(port, tls) of the console without and with TLS."""
    made = [
        ConsoleServer(app, "127.0.0.1", 0),
        ConsoleServer(app, "127.0.0.1", 0, *certificate),
    ]
    for server in made:
        server.start()
    yield [(server.port, tls) for server, tls in zip(made, (False, True), strict=True)]
    for server in made:
        server.stop()


def heard(connect, port, tls):
    try:
        return request(connect(port, STRANGER, tls)) == 200
    except OSError:
        return False


def send(client, part):
    with contextlib.suppress(OSError):
        client.sendall(part)


def test_six_hundred_half_requests_are_not_held_and_keep_nobody_out(connect, places):
    flood = []
    for port, tls in places:
        silent = [connect(port) for _ in range(100)]
        half = [connect(port) for _ in range(200)]
        for n, client in enumerate(half):
            send(client, b"\x16\x03\x01\x00" if tls else (HALF, HALF_BODY)[n % 2])
            # The booth's own requests are answered all the while.
            if n % 40 == 0:
                assert request(connect(port, BOOTH, tls)) == 200
        flood += [silent + half]
        # Its own address is heard again a moment later.
        wait_for(lambda port=port, tls=tls: heard(connect, port, tls))
    for clients in flood:
        wait_for(lambda clients=clients: sum(map(still_open, clients)) <= MOST_OF_ONE)
        wait_for(lambda clients=clients: not any(map(still_open, clients)), REQUEST_S + 60)


def test_strangers_of_many_addresses_keep_nobody_out(connect, places):
    for port, tls in places:
        held = [connect(port, f"127.0.1.{n % 12 + 1}") for n in range(MOST + 100)]
        wait_for(lambda held=held: sum(map(still_open, held)) <= MOST)
        assert request(connect(port, BOOTH, tls)) == 200
        connect.close()


def test_a_request_that_comes_a_byte_at_a_time_has_a_deadline_and_a_kept_connection_none(
    connect, server
):
    slow, kept = [connect(server.port), connect(server.port)], connect(server.port, BOOTH)
    send(slow[0], HALF)
    send(slow[1], HALF_BODY)
    began = time.monotonic()

    def ended():
        for client in slow:
            send(client, b"x")
        kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: gate\r\n\r\n")
        answer = b""
        while not answer.endswith(b'{"status":"ok"}'):
            answer += kept.recv(65536)
        return not any(map(still_open, slow))

    wait_for(ended, REQUEST_S + 60, every=0.3)
    assert time.monotonic() - began > REQUEST_S - 1
    # For longer than one request may take, it has been answered.
    assert still_open(kept)


def resident_kb():
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/sign-in", "application/x-www-form-urlencoded"),
        ("POST", "/sign-in", "multipart/form-data; boundary=b"),
        ("POST", "/api/session", "application/json"),
        ("POST", "/order", "application/x-www-form-urlencoded"),
        ("GET", "/healthz", "text/plain"),
    ],
)
def test_a_long_body_is_never_in_memory(connect, server, method, path, kind, chunked):
    before = resident_kb()
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {BIG}"
    head = f"{method} {path} HTTP/1.1\r\nHost: gate\r\nContent-Type: {kind}\r\n{length}\r\n\r\n"
    megabyte = b"a" * (1024 * 1024)
    part = b"100000\r\n" + megabyte + b"\r\n" if chunked else megabyte
    most = 0
    client = connect(server.port)
    sent = 0
    try:
        client.sendall(head.encode())
        for _ in range(BIG // len(megabyte)):
            client.sendall(part)
            sent += 1
            most = max(most, resident_kb())
    except OSError:
        pass
    assert sent < 20
    assert most - before < 32 * 1024


def test_a_body_that_is_a_little_too_long_is_told_so(connect, server):
    answer = request(connect(server.port), "POST", "/api/session", "", b"x" * 200_000)
    assert answer == 413


def test_who_asks_first_is_told_at_once_that_the_body_is_too_long(connect, server):
    head = f"POST /api/session HTTP/1.1\r\nHost: g\r\nExpect: 100-continue\r\nContent-Length: {BIG}"
    answer = exchange(connect(server.port), head.encode() + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_long_head_is_refused(connect, server):
    for path, head in (
        ("/healthz?" + "a" * 60_000, ""),
        ("/healthz", f"X-Long: {'a' * 60_000}\r\n"),
    ):
        assert request(connect(server.port), "GET", path, head) in (0, 400, 431)


GARBAGE = (
    b"\x00" * 5000,
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n\x00\x01 garbage behind it\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: g\r\nContent-Length: 9\r\n\r\n",
    b"POST /api/session HTTP/1.1\r\nHost: g\r\nContent-Length: -1\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /api/session HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"GET /live HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"GET http://elsewhere/healthz HTTP/1.1\r\nHost: g\r\n\r\n",
    b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: g\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: g\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 200,
)


def test_garbage_is_answered_or_ended_and_nothing_is_left_of_it(connect, places, caplog):
    clients = []
    for port, _ in places:
        for garbage in GARBAGE:
            clients.append(connect(port))
            send(clients[-1], garbage)
    wait_for(lambda: not any(map(still_open, clients)), REQUEST_S + 60)
    assert all(request(connect(port, BOOTH, tls)) == 200 for port, tls in places)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


@pytest.mark.long
def test_who_takes_nothing_of_his_answer_is_ended(connect, server, operations, users):
    with httpx.Client(base_url=server.url) as signed_in:
        signed_in.post("/api/session", json={"user": "viewer", "password": PASSWORD})
        cookie = signed_in.cookies["gate_session"]
    operations.picture = lambda lane: bytes(16 * 1024 * 1024)
    client = connect(server.port)
    head = f"GET /picture/out1 HTTP/1.1\r\nHost: g\r\nCookie: gate_session={cookie}\r\n\r\n"
    client.sendall(head.encode())
    wait_for(lambda: server.connections == 0, STALLED_S + 60)
    taken = len(exchange(client))
    assert 0 < taken < 16 * 1024 * 1024
