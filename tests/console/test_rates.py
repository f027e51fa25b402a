"""The console takes its part of the computer and leaves the rest to the guard."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from edge.console.rates import CONNECTIONS, MOST_KEPT, MOST_WAIT_S, Limiter, Rate, Rates
from tests.support.operations_twin import PASSWORD
from tests.support.raw_client import BOOTH, STRANGER, request

pytestmark = pytest.mark.timeout(120)


def passed(rates, clients, signed_in, seconds):
    """How many requests are let through to their end within the time, if all ask at once always."""
    count, now = 0, 0.0
    while now < seconds:
        for client in clients:
            wait = rates.take(client, signed_in, now)
            count += wait is not None and now + wait < seconds
        now += 0.01
    return count


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_flood_gets_its_rate_and_no_more(signed_in):
    def rates():
        return Rates(Rate(20, 60), Rate(60, 120), Rate(20, 60), Rate(60, 120))

    assert passed(rates(), ["a"], signed_in, 20) == pytest.approx(20 * 20 + 60, abs=3)
    many = [f"a{n}" for n in range(50)]
    assert passed(rates(), many, signed_in, 20) == pytest.approx(60 * 20 + 120, abs=3)


def test_strangers_take_no_turn_of_those_who_are_signed_in():
    rates = Rates()
    for n in range(2000):
        rates.take(f"a{n}", False, 0.0)
    assert rates.take("a", False, 0.0) is None
    assert rates.take("a session", True, 0.0) == 0.0


def test_who_is_refused_has_his_turn_when_he_waits():
    rates = Rates()
    while rates.take("a", False, 0.0) is not None:
        pass
    assert rates.take("a", False, MOST_WAIT_S) is not None


def test_clients_are_not_remembered_for_ever():
    limiter = Limiter(Rate(1, 1))
    for n in range(3 * MOST_KEPT):
        limiter.take(str(n), float(n))
    assert len(limiter._next) == MOST_KEPT


def test_a_flood_of_connections_and_requests_is_slowed_down_and_holds_up_no_stop(
    connect, server, operations
):
    over, served = threading.Event(), []

    def flood():
        while not over.is_set():
            with contextlib.suppress(OSError):
                if request(connect(server.port, STRANGER)) == 200:
                    served.append(1)

    transport = httpx.HTTPTransport(local_address=BOOTH)
    with httpx.Client(base_url=server.url, transport=transport, timeout=60) as booth:
        answer = booth.post("/api/session", json={"user": "operator", "password": PASSWORD})
        head = {"X-CSRF-Token": answer.json()["csrf"]}
        with ThreadPoolExecutor(20) as many:
            began = time.monotonic()
            floods = [many.submit(flood) for _ in range(20)]
            try:
                for _ in range(10):
                    asked = time.monotonic()
                    body = {"lane": "out1", "action": "stop"}
                    assert booth.post("/api/order", json=body, headers=head).status_code == 200
                    assert time.monotonic() - asked < MOST_WAIT_S
                    over.wait(0.3)
            finally:
                over.set()
            assert all(one.exception() is None for one in floods)
        assert len(served) <= CONNECTIONS.burst + CONNECTIONS.per_s * (time.monotonic() - began + 1)
    assert [asked[1] for asked in operations.asked if asked[0] == "out1"] == ["stop"] * 10
