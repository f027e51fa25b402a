"""The console is a process of its own: real processes, really killed, over real HTTP."""

import inspect
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from multiprocessing.context import SpawnProcess
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from edge.console.channel import MOST_SAID, QUESTIONS, VERSION, Ask, Hello, given
from edge.console.first_user import FirstUser
from edge.console.process import ConsoleProcess
from edge.console.users import UserStore
from edge.gate.port import GateOperations
from edge.sync.journal.journal import open_journal
from edge.system.causes import cause
from edge.system.clock import SystemClock
from edge.system.supervision import Limits, Stage
from tests.support.operations_twin import PASSWORD, OperationsTwin
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)

SHORT = Limits({s: 60.0 for s in Stage} | {Stage.WORKING: 2.0}, dict.fromkeys(Stage, 60.0))


class Told:
    def __init__(self):
        self.up, self.down = [], []


@pytest.fixture
def settings(settings):
    console = settings.console.model_copy(update={"port": 0})
    open_journal(settings.data_folder, settings.journal, "/s/g", SystemClock()).close()
    return settings.model_copy(update={"console": console})


@pytest.fixture
def store(settings, users):
    """The users of all tests, without hashing their passwords anew."""
    (settings.data_folder / "users.json").write_bytes(users._file.read_bytes())
    return UserStore(settings.data_folder)


@pytest.fixture
def serve(settings, operations):
    made = []

    def make(body=None, first=None, asked=operations, **more):
        told = Told()
        first = first or FirstUser(UserStore(settings.data_folder))
        process = ConsoleProcess(
            settings, asked, first, told.up.append, told.down.append, body, **more
        )
        process.start()
        made.append(process)
        return process, told

    yield make
    for process in made:
        process.stop()
        assert process.pid is None


def url(told, number=1):
    return wait_for(lambda: len(told.up) >= number and told.up[-1].url, 60.0)


def signed_in(address, user="operator"):
    browser = httpx.Client(base_url=address, timeout=30)
    body = {"user": user, "password": PASSWORD}
    browser.headers["X-CSRF-Token"] = browser.post("/api/session", json=body).json()["csrf"]
    return browser


def stop(browser):
    return browser.post("/api/order", json={"lane": "out1", "action": "stop"})


def test_every_operation_of_the_port_is_asked_or_read_from_files():
    port = {name for name, _ in inspect.getmembers(GateOperations, inspect.isfunction)}
    port = {name for name in port if not name.startswith("_")}
    assert QUESTIONS.keys() | {"recent", "counts_by_hour", "evidence"} == port


def test_a_question_takes_what_the_port_takes_and_nothing_else():
    asked = {"lane": "out1", "action": "open", "reason": "", "user": "lan"}
    assert given("order", asked)["seen"] is None
    seen = given("order", asked | {"seen": {"passage": "p1", "version": 3}})["seen"]
    assert (seen.passage, seen.version) == ("p1", 3)
    for wrong in ({"lane": 7}, {"strange": 1}, {"seen": {"passage": "p1", "more": 1}}):
        with pytest.raises(ValidationError):
            given("order", asked | wrong)
    with pytest.raises(KeyError):
        given("__class__", {})


def test_pages_come_from_another_process_and_what_is_ordered_is_done_in_this_one(
    serve, operations, store, monkeypatch
):
    monkeypatch.setattr(OperationsTwin, "recent", None)
    process, told = serve()
    browser = signed_in(url(told))
    assert process.pid != os.getpid()
    assert browser.get("/").status_code == 200
    assert stop(browser).json() == {"done": True}
    assert ("out1", "stop", "", "operator") in operations.asked
    # The past is read from its file, which has nothing yet.
    assert browser.get("/api/events").json() == []
    assert browser.get("/picture/out1").content == b"\xff\xd8\xff\xd9"
    assert browser.get("/picture/nowhere").status_code == 404


def test_a_refusal_comes_across_in_the_readers_language(serve, operations, store):
    operations.refuse = cause("refused.stands_no_more")
    _, told = serve()
    answer = stop(signed_in(url(told)))
    assert answer.status_code == 409
    assert answer.json()["says"] != answer.json()["error"] == operations.refuse


def test_one_that_is_killed_is_told_and_comes_back_with_its_sessions(serve, operations, store):
    process, told = serve()
    browser = signed_in(url(told))
    sessions = store._file.with_name("sessions.json")
    wait_for(lambda: sessions.exists() and "operator" in sessions.read_text())
    old = process.pid
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: told.down)
    assert told.down == ["the console's process has died"]
    browser.base_url = url(told, 2)
    assert process.pid != old
    assert stop(browser).json() == {"done": True}


def test_one_that_is_stopped_is_replaced(serve, store):
    process, told = serve(limits=SHORT)
    url(told)
    wait_for(lambda: process._child.patience._last.stage is Stage.WORKING)
    os.kill(process.pid, signal.SIGSTOP)
    assert "not come round for" in wait_for(lambda: told.down, 60.0)[0]
    url(told, 2)


def test_a_first_administrator_is_made_there_once_over_the_link_of_this_process(serve, settings):
    people = UserStore(settings.data_folder)
    first = FirstUser(people)
    journal = open_journal(settings.data_folder, settings.journal, "/s/g", SystemClock())
    link = first.offer(journal)
    journal.close()
    process, told = serve(first=first)
    address = url(told)
    assert httpx.get(address + link).status_code == 200
    form = {"token": link.partition("=")[2], "user": "lan", "password": PASSWORD}
    assert httpx.post(address + "/first", data=form).status_code == 303
    assert [user.name for user in people.all()] == ["lan"]
    os.kill(process.pid, signal.SIGKILL)
    assert httpx.get(url(told, 2) + link).status_code == 404


def test_where_no_process_can_be_begun_it_is_told_and_tried_again(serve, store, monkeypatch):
    """As where the computer has no memory or no number for one."""
    begin, left = SpawnProcess.start, [2]

    def none(process):
        if left[0]:
            left[0] -= 1
            raise BlockingIOError(11, "Resource temporarily unavailable")
        begin(process)

    monkeypatch.setattr(SpawnProcess, "start", none)
    _, told = serve()
    url(told)
    assert len(told.down) == 2
    assert "Resource temporarily" in told.down[0]


class Hung(OperationsTwin):
    """Everything but an order waits for a disk that hangs."""

    def __init__(self):
        super().__init__()
        self.on, self.disk = threading.Event(), threading.Event()

    def view(self):
        if self.on.is_set():
            self.disk.wait(60)
        return super().view()

    def audit(self, user, action, data):
        if self.on.is_set():
            self.disk.wait(60)


def test_a_stop_waits_for_neither_pages_nor_records_that_hang(serve, store):
    hung = Hung()
    _, told = serve(asked=hung)
    browser = signed_in(url(told))
    hung.on.set()
    waiting = [
        threading.Thread(target=lambda: browser.get("/api/gate"), daemon=True) for _ in range(12)
    ]
    body = {"user": "operator", "password": PASSWORD}
    waiting += [
        threading.Thread(target=lambda: browser.post("/api/session", json=body), daemon=True)
        for _ in range(4)
    ]
    for one in waiting:
        one.start()
    try:
        assert stop(browser).json() == {"done": True}
        assert all(one.is_alive() for one in waiting[:12])
    finally:
        hung.disk.set()
        for one in waiting:
            one.join()


# --- one that has been taken over says what it likes ---


def _says(*messages):
    def body(settings, pipe, link, level):
        for message in messages:
            pipe.send_bytes(message)
        time.sleep(60)

    return body


def says_nonsense(settings, pipe, link, level):
    _says(Hello(version=VERSION).model_dump_json().encode(), b"{nonsense")(settings, pipe, 0, 0)


def asks_what_is_no_question(settings, pipe, link, level):
    ask = Ask(number=1, call="__class__", given={})
    _says(*(m.model_dump_json().encode() for m in (Hello(version=VERSION), ask)))(
        settings, pipe, 0, 0
    )


def says_too_much(settings, pipe, link, level):
    _says(Hello(version=VERSION).model_dump_json().encode(), b" " * (MOST_SAID + 1))(
        settings, pipe, 0, 0
    )


def is_of_another_version(settings, pipe, link, level):
    _says(Hello(version="9").model_dump_json().encode())(settings, pipe, 0, 0)


def asks_before_it_greets(settings, pipe, link, level):
    order = {"lane": "out1", "action": "open", "reason": "x", "user": "lan"}
    _says(Ask(number=1, call="order", given=order).model_dump_json().encode())(settings, pipe, 0, 0)


def asks_wrongly_then_ends(settings, pipe, link, level):
    """It is answered, and may go on."""
    order = {"lane": "out1", "action": ["open"], "reason": "x", "user": "lan"}
    for message in (Hello(version=VERSION), Ask(number=1, call="order", given=order)):
        pipe.send_bytes(message.model_dump_json().encode())
    pipe.recv_bytes()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (says_nonsense, "what is not understood"),
        (asks_what_is_no_question, "what is not understood"),
        (says_too_much, "has died"),
        (is_of_another_version, "restart it"),
        (asks_before_it_greets, "restart it"),
        pytest.param(asks_wrongly_then_ends, "has died", marks=pytest.mark.unhandled),
    ],
)
def test_what_it_says_wrongly_has_no_effect_and_ends_it(serve, operations, body, why):
    _, told = serve(body)
    assert why in wait_for(lambda: told.down, 60.0)[0]
    assert operations.asked == []


SERVICE = """
    import logging, sys, time
    from pathlib import Path
    from edge.console.first_user import FirstUser
    from edge.console.process import ConsoleProcess
    from edge.console.users import UserStore
    from edge.config import load
    from tests.support.operations_twin import CONFIG, OperationsTwin

    if __name__ == "__main__":
        settings = load(CONFIG)
        console = settings.console.model_copy(update={"port": 0})
        update = {"data_folder": Path(sys.argv[1]), "console": console}
        settings = settings.model_copy(update=update)
        first = FirstUser(UserStore(settings.data_folder))
        def up(where):
            print(process.pid, flush=True)
        process = ConsoleProcess(settings, OperationsTwin(), first, up, print)
        process.start()
        time.sleep(600)
"""


@pytest.mark.parametrize("stopped", [False, True], ids=["working", "stopped"])
def test_it_ends_with_a_service_that_is_killed(tmp_path, stopped):
    script = tmp_path / "service_of_a_test.py"
    script.write_text(textwrap.dedent(SERVICE))
    root = Path(__file__).parents[2]
    service = subprocess.Popen(
        [sys.executable, script, tmp_path], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(root)}, cwd=root,
    )  # fmt: skip
    try:
        console = int(service.stdout.readline())
        if stopped:
            os.kill(console, signal.SIGSTOP)
    finally:
        service.kill()
        service.wait()
        service.stdout.close()
    wait_for(lambda: not alive(console))


def alive(pid):
    """A zombie is dead: nobody here may wait for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
