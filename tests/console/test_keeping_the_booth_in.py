"""Whatever strangers do at the console's door, the booth's stop goes through it."""

import contextlib
import threading
import time

import pytest

from edge.console.app import create_app
from edge.console.doors import KEPT_S, MOST, MOST_OF_ONE, REQUEST_S, Connection, Doors
from edge.console.rates import ORDERS, Rates
from edge.console.server import ConsoleServer
from tests.support.operations_twin import PASSWORD
from tests.support.raw_client import BOOTH, STRANGER, exchange, request, still_open
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(180)

ASKED = b"GET /healthz HTTP/1.1\r\nHost: gate\r\n\r\n"


class Crowded(Rates):
    """Every stranger waits for his turn, as in a flood."""

    def take(self, client, signed_in, now):
        return 0.0 if signed_in else 3.0


@pytest.fixture
def crowded(operations, users, settings):
    made = ConsoleServer(create_app(operations, users, settings, Crowded()), "127.0.0.1", 0)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def stop(connect, server):
    return stopping(connect, server)


def stopping(connect, server):
    """The booth signs in. Then: orders a stop over a connection of its own; the answer's status."""
    body = f'{{"user": "operator", "password": "{PASSWORD}"}}'.encode()
    kind = "Content-Type: application/json\r\n"
    head = f"POST /api/session HTTP/1.1\r\nHost: g\r\nConnection: close\r\n{kind}"
    answer = exchange(
        connect(server.port, BOOTH), f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    ).decode()
    token = answer.split("gate_session=")[1].split(";")[0]
    csrf = answer.split('"csrf":"')[1].split('"')[0]
    signed = f"Cookie: gate_session={token}\r\nX-CSRF-Token: {csrf}\r\n{kind}"

    def order(client=None):
        body = b'{"lane": "out1", "action": "stop"}'
        return request(client or connect(server.port, BOOTH), "POST", "/api/order", signed, body)

    order.signed = signed
    return order


def test_requests_that_wait_for_their_turn_do_not_fill_the_house(connect, crowded):
    stop = stopping(connect, crowded)
    for n in range(MOST + 8):
        with contextlib.suppress(OSError):
            connect(crowded.port, f"127.0.1.{n % 8 + 1}").sendall(ASKED)
    wait_for(lambda: crowded.connections >= MOST - 8)
    assert [stop() for _ in range(5)] == [200] * 5


def test_a_crowd_at_the_booths_own_address_does_not_end_the_booths_connection(
    connect, server, stop
):
    kept = connect(server.port, BOOTH)
    body = b'{"lane": "out1", "action": "stop"}'
    ask = f"POST /api/order HTTP/1.1\r\nHost: g\r\n{stop.signed}Content-Length: {len(body)}\r\n\r\n"
    kept.sendall(ask.encode() + body)
    answer = b""
    while not answer.endswith(b'{"done":true}'):
        answer += kept.recv(65536)
    crowd = [connect(server.port, BOOTH) for _ in range(MOST_OF_ONE + 20)]
    wait_for(lambda: sum(map(still_open, crowd)) <= MOST_OF_ONE)
    assert stop(kept) == 200


def held(address, at, known=False, owes=True):
    made = Connection(address, at if owes else None, lambda: None, lambda: 0, came=at)
    made.known = known
    return made


def admitted(doors, made, now):
    assert doors.admit(made, now)
    return made


def ended_of(doors, all_of):
    return [one for one in all_of if one not in doors]


def test_room_is_made_of_strangers_first_though_they_are_under_answer():
    doors = Doors()
    booth = [admitted(doors, held("booth", 0.0, known=True), 0.0) for _ in range(10)]
    crowd = [
        admitted(doors, held(f"s{n % 5}", 1.0 + n, owes=n % 2 == 0), 100.0)
        for n in range(MOST - 10)
    ]
    for n in range(20):
        assert doors.admit(held("late", 500.0 + n), 500.0 + n)
    assert len(doors) == MOST
    assert ended_of(doors, booth) == []
    assert len(ended_of(doors, crowd)) == 20


def test_many_who_are_signed_in_leave_room_for_one_more():
    doors = Doors()
    crowd = [
        admitted(doors, held(f"v{n % 6}", float(n), known=True, owes=False), 10.0 * n)
        for n in range(MOST)
    ]
    booth = admitted(doors, held("booth", 9999.0), 9999.0)
    assert booth in doors
    assert len(ended_of(doors, crowd)) == 1


def test_one_user_has_so_many_orders_a_second_and_takes_none_of_another():
    rates = Rates()
    waits = [rates.order("viewer", 0.0) for _ in range(2000)]
    assert waits[: ORDERS.burst] == [0.0] * ORDERS.burst
    assert None in waits
    assert rates.order("operator", 0.0) == 0.0


def test_a_viewer_who_orders_without_end_is_slowed_down(server, connect):
    with_viewer = f'{{"user": "viewer", "password": "{PASSWORD}"}}'.encode()
    head = "POST /api/session HTTP/1.1\r\nHost: g\r\nConnection: close\r\n"
    kind = f"Content-Type: application/json\r\nContent-Length: {len(with_viewer)}\r\n\r\n"
    answer = exchange(connect(server.port), (head + kind).encode() + with_viewer).decode()
    token = answer.split("gate_session=")[1].split(";")[0]
    ask = f"POST /api/order HTTP/1.1\r\nHost: g\r\nCookie: gate_session={token}\r\n\r\n".encode()
    over, answers = threading.Event(), [0]

    def flood():
        client = connect(server.port, STRANGER)
        while not over.is_set():
            with contextlib.suppress(OSError):
                client.sendall(ask)
                answers[0] += client.recv(65536).count(b"HTTP/1.1 403")

    began = time.monotonic()
    floods = [threading.Thread(target=flood) for _ in range(6)]
    for one in floods:
        one.start()
    over.wait(4)
    over.set()
    for one in floods:
        one.join(30)
    took = time.monotonic() - began
    assert 0 < answers[0] <= ORDERS.burst + ORDERS.per_s * (took + 1)


def test_the_idle_connection_of_who_is_signed_in_is_kept_but_no_half_request():
    idle, half, stranger = (held("booth", 0.0, known=known) for known in (True, True, False))
    idle.begun = stranger.begun = False
    assert [one.overdue(REQUEST_S + 1) for one in (idle, half, stranger)] == [False, True, True]
    assert idle.overdue(KEPT_S + 1)


def test_a_connection_of_who_is_signed_in_serves_a_stop_after_a_pause(connect, server, stop):
    kept = connect(server.port, BOOTH)
    ask = f"GET /api/session HTTP/1.1\r\nHost: g\r\n{stop.signed}\r\n".encode()
    kept.sendall(ask)
    pause = time.monotonic() + REQUEST_S + 2
    wait_for(lambda: time.monotonic() > pause)
    assert b"operator" in kept.recv(65536)
    assert stop(kept) == 200
