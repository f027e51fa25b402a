"""Guessers are slowed down, and nobody is locked out by them; sessions end with their user."""

import contextlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from edge.console import patience
from edge.console.app import create_app
from edge.console.live import MOST_OF_USER
from edge.console.patience import Patience, Try
from edge.console.server import ConsoleServer
from edge.console.signing_in import HASHES, MOST_AT_ONCE
from edge.console.users import ROLES, UserStore
from edge.gate.port import Unanswered
from tests.support.browser import a_page, needs_chromium
from tests.support.browser import sign_in as sign_in_page
from tests.support.builders import a_configuration
from tests.support.command_line import gate
from tests.support.operations_twin import PASSWORD, OperationsTwin
from tests.support.raw_client import BOOTH, STRANGER
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def own_users(tmp_path):
    """Users who may be changed; in the data folder of the configuration."""
    store = UserStore(tmp_path)
    for role in ROLES:
        store.add(role, role, PASSWORD)
    return store


@pytest.fixture
def at(server):
    """Clients of the server by their address, closed in the end."""
    made = []

    def client(address, **more):
        transport = httpx.HTTPTransport(local_address=address)
        made.append(httpx.Client(base_url=server.url, transport=transport, timeout=60, **more))
        return made[-1]

    yield client
    for one in made:
        one.close()


def sign_in(client, user="operator", password=PASSWORD, **more):
    body = {"user": user, "password": password}
    return client.post("/api/session", json=body, **more).status_code


def test_a_stranger_locks_out_himself_and_nobody_else(at):
    known, stranger, booth = at(STRANGER), at(STRANGER), at(BOOTH)
    assert sign_in(known) == 200
    guesses = [sign_in(stranger, password="a-guess") for _ in range(8)]
    assert guesses == [403] * 5 + [429] * 3
    # Not even with the right password, from there; from elsewhere, and a browser known there, do.
    assert sign_in(stranger) == 429
    assert sign_in(booth) == 200
    assert sign_in(known) == 200


def test_a_known_browser_is_not_spared_its_own_mistakes(at):
    known, other = at(BOOTH), at(BOOTH)
    assert sign_in(known) == 200
    assert [sign_in(known, password="a-guess") for _ in range(6)] == [403] * 5 + [429]
    assert sign_in(known) == 429
    assert sign_in(other) == 200


def test_a_browser_is_known_for_those_who_signed_in_on_it_only(at):
    shift = at(BOOTH)
    for name in ("viewer", "operator"):
        assert sign_in(shift, name) == 200
    insider = at(STRANGER)
    assert sign_in(insider, "viewer") == 200
    assert [sign_in(insider, "operator", "a-guess") for _ in range(6)][-1] == 429
    # A further cookie of his own name wins him nothing.
    insider.cookies.clear()
    assert sign_in(insider, "viewer") == 200
    assert sign_in(insider, "operator", "a-guess") == 429
    assert [sign_in(shift, name) for name in ("viewer", "operator")] == [200, 200]


@pytest.mark.parametrize(
    "cookie", ["x", "x.y", "." * 3000, "eyJpZCI6ImEiLCJuYW1lcyI6WyJvcGVyYXRvciJdfQ==." + "0" * 64]
)
def test_a_browser_that_only_says_it_is_known_is_a_stranger(at, cookie):
    stranger = at(STRANGER)
    for _ in range(5):
        sign_in(stranger, password="a-guess", headers={"Cookie": f"gate_browser={cookie}"})
    assert sign_in(stranger, headers={"Cookie": f"gate_browser={cookie}"}) == 429


def test_a_browser_stays_known_over_a_restart(at, app, operations, users, settings):
    before = at(STRANGER)
    assert sign_in(before) == 200
    anew = ConsoleServer(create_app(operations, users, settings), "127.0.0.1", 0)
    anew.start()
    try:
        transport = httpx.HTTPTransport(local_address=STRANGER)
        with httpx.Client(base_url=anew.url, transport=transport, timeout=60) as stranger:
            assert [sign_in(stranger, password="a-guess") for _ in range(6)][-1] == 429
            stranger.cookies = before.cookies
            assert sign_in(stranger) == 200
    finally:
        anew.stop()


def test_nobody_chooses_the_address_by_which_he_is_counted(at):
    stranger = at(STRANGER)
    answers = [
        sign_in(stranger, password="a-guess", headers={"X-Forwarded-For": f"10.0.0.{n}"})
        for n in range(6)
    ]
    assert answers == [403] * 5 + [429]


def test_guesses_at_the_same_time_count_each(at):
    stranger = at(STRANGER)
    with ThreadPoolExecutor(12) as many:
        guess = lambda n: sign_in(stranger, password=f"a-guess-{n}")  # noqa: E731
        answers = list(many.map(guess, range(40)))
    assert (answers.count(403), answers.count(429)) == (5, 35)


def test_new_names_win_a_guesser_nothing(at):
    stranger = at(STRANGER)
    answers = [sign_in(stranger, f"name{n}", "a-guess") for n in range(30)]
    assert answers == [403] * patience.TRIES_OF_ADDRESS + [429] * 10
    assert sign_in(at(BOOTH)) == 200


def test_invented_names_are_bounded_in_memory_and_push_out_no_count_of_their_inventor():
    guesses = Patience()
    name_at = lambda n: (f"name{n}" * 1000, f"2001:db8:0:{n:x}::")  # noqa: E731
    for n in range(3 * patience.MOST_KEPT):
        guesses.begin(*name_at(n), "", float(n) / 1000)
    assert len(guesses) == patience.MOST_KEPT


def test_a_crowd_that_guesses_one_name_is_stopped_and_known_browsers_go_on():
    guesses = Patience()
    answers = [guesses.begin("operator", f"10.0.0.{n}", "", 1.0) for n in range(100)]
    assert sum(isinstance(answer, Try) for answer in answers) == patience.TRIES_OF_NAME
    assert isinstance(guesses.begin("operator", "10.0.0.1", "a known one", 1.0), Try)
    assert isinstance(guesses.begin("operator", "10.0.0.1", "", 62.0), Try)


def test_a_right_password_forgives_only_the_name_at_that_address():
    guesses = Patience()
    for n in range(patience.TRIES_OF_ADDRESS):
        name = "own" if n % 4 == 3 else f"name{n}"
        tried = guesses.begin(name, "10.0.0.1", "", 1.0)
        if name == "own":
            guesses.right(tried)
    left = patience.TRIES_OF_ADDRESS // 4
    answers = [guesses.begin(f"more{n}", "10.0.0.1", "", 1.0) for n in range(left + 1)]
    assert [isinstance(answer, Try) for answer in answers] == [True] * left + [False]


class SlowUsers(UserStore):
    """Whose every hash waits until `go` is set, and is counted meanwhile."""

    def __init__(self, folder):
        super().__init__(folder)
        self.go, self.now, self.most, self._count = threading.Event(), 0, 0, threading.Lock()

    def verify(self, name, password):
        with self._count:
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.go.wait(60)
        with self._count:
            self.now -= 1
        return super().verify(name, password)


def test_few_hashes_at_once_and_a_queue_of_strangers_keeps_no_known_browser_waiting(
    tmp_path, settings
):
    users = SlowUsers(tmp_path)
    users.add("operator", "operator", PASSWORD)
    server = ConsoleServer(create_app(OperationsTwin(), users, settings), "127.0.0.1", 0)
    server.start()
    clients = [
        httpx.Client(
            base_url=server.url,
            transport=httpx.HTTPTransport(local_address=f"127.0.3.{n + 1}"),
            timeout=60,
        )
        for n in range(1 + MOST_AT_ONCE + 5)
    ]
    try:
        users.go.set()
        assert sign_in(clients[0]) == 200
        users.go.clear()
        users.most = 0
        with ThreadPoolExecutor(len(clients)) as many:
            guess = lambda c: sign_in(c, password="a-guess")  # noqa: E731
            answers = [many.submit(guess, client) for client in clients[1:]]
            wait_for(lambda: sum(answer.done() for answer in answers) >= 5)
            known = many.submit(sign_in, clients[0])
            wait_for(lambda: users.now == 2 * HASHES)
            # Pages are shown meanwhile: hashes take none of their threads.
            assert clients[0].get("/healthz").status_code == 200
            users.go.set()
            assert known.result() == 200
            reported = [answer.result() for answer in answers]
        assert users.most == 2 * HASHES
        assert set(reported) == {403, 429}
        assert reported.count(429) == 5
    finally:
        for client in clients:
            client.close()
        server.stop()


@pytest.mark.parametrize("password", ["\ud800", "\u0000" * 20, "é" * 2_000])
@pytest.mark.parametrize("user", ["operator", "\ud800", "\u202e", "a" * 20_000])
def test_no_name_and_no_password_is_more_than_wrong(client, user, password):
    body = json.dumps({"user": user, "password": password})
    head = {"Content-Type": "application/json"}
    answer = client.post("/api/session", content=body, headers=head)
    assert answer.status_code in (403, 429)


# --- sessions end with their user ---


ENDS = {
    "signed out": lambda users, session: session.post("/sign-out"),
    "disabled": lambda users, session: users.disable("operator"),
    "disabled and enabled": lambda users, session: [
        users.disable("operator", disabled) for disabled in (True, False)
    ],
    "a new password": lambda users, session: users.passwd("operator", "another-password"),
    "the same password anew": lambda users, session: users.passwd("operator", PASSWORD),
    "expired": lambda users, session: None,
    "users unreadable": lambda users, session: (users._file).write_text("{"),
}


@pytest.mark.parametrize("how", list(ENDS))
def test_the_live_stream_ends_with_its_session(own_users, settings, how):
    hours = 2.0 / 3600 if how == "expired" else 12.0
    console = settings.console.model_copy(update={"session_hours": hours})
    settings = settings.model_copy(update={"console": console})
    server = ConsoleServer(create_app(OperationsTwin(), own_users, settings), "127.0.0.1", 0)
    server.start()
    try:
        with httpx.Client(base_url=server.url, timeout=30) as session:
            csrf = session.post(
                "/api/session", json={"user": "operator", "password": PASSWORD}
            ).json()["csrf"]
            session.headers["X-CSRF-Token"] = csrf
            with session.stream("GET", "/live") as stream:
                reported = stream.iter_lines()
                assert next(reported).startswith("data: {")
                ENDS[how](own_users, session)
                lines = [line for line in reported if line]
            # The one that was under way, and no further.
            assert len([line for line in lines if line.startswith('data: {"')]) <= 6
            assert "event: over" in lines
            assert session.get("/api/gate").status_code in (401, 503)
    finally:
        server.stop()


def test_one_user_holds_no_more_streams_than_he_has_pages(at):
    viewer, booth = at(STRANGER), at(BOOTH)
    assert (sign_in(viewer, "viewer"), sign_in(booth)) == (200, 200)
    with contextlib.ExitStack() as held:
        for _ in range(MOST_OF_USER):
            assert held.enter_context(viewer.stream("GET", "/live")).status_code == 200
        assert viewer.get("/live").status_code == 429
        with booth.stream("GET", "/live") as other:
            assert other.status_code == 200

    def one_more():
        with viewer.stream("GET", "/live") as stream:
            return stream.status_code == 200

    wait_for(one_more)


def test_gate_users_ends_the_sessions_of_whom_it_changes(own_users, settings, tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration().replace('"data"', f'"{tmp_path}"'))
    app = create_app(OperationsTwin(), own_users, settings)
    server = ConsoleServer(app, "127.0.0.1", 0)
    server.start()
    try:
        with httpx.Client(base_url=server.url, timeout=60) as session:
            assert sign_in(session) == 200
            assert session.get("/api/gate").status_code == 200
            answer = gate(
                "users", "passwd", "operator", "--config", file, "--password-stdin",
                stdin="another-password\n",
            )  # fmt: skip
            assert answer.returncode == 0, answer.stderr
            assert session.get("/api/gate").status_code == 401
            assert sign_in(session, password="another-password") == 200
    finally:
        server.stop()


def test_users_made_by_many_at_once_are_all_there(tmp_path):
    stores = [UserStore(tmp_path) for _ in range(4)]

    def add(n):
        stores[n % 4].add(f"user{n}", "viewer", PASSWORD)

    with ThreadPoolExecutor(8) as many:
        list(many.map(add, range(24)))
    assert {user.name for user in UserStore(tmp_path).all()} == {f"user{n}" for n in range(24)}


def test_a_users_file_of_before_and_of_later_is_read(tmp_path):
    store = UserStore(tmp_path)
    store.add("anna", "operator", PASSWORD)
    (row,) = json.loads((tmp_path / "users.json").read_text())
    del row["changes"]
    row["of_later"] = 1
    (tmp_path / "users.json").write_text(json.dumps([row]))
    assert store.verify("anna", PASSWORD).name == "anna"


def test_a_user_is_not_changed_where_that_cannot_be_recorded(client, signed_in, operations, users):
    token = signed_in()

    def full(user, action, data):
        raise Unanswered("not recorded, therefore not done: the disk is full")

    operations.audit = full
    body = {"what": "add", "name": "unheard", "role": "viewer", "password": PASSWORD}
    assert client.post("/api/users", json=body, headers=token).status_code == 409
    assert users.find("unheard") is None


@needs_chromium
def test_the_page_of_one_who_is_disabled_asks_for_a_sign_in(own_users, settings):
    server = ConsoleServer(create_app(OperationsTwin(), own_users, settings), "127.0.0.1", 0)
    server.start()
    try:
        with a_page() as page:
            sign_in_page(page, server.url, "operator", PASSWORD)
            page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
            own_users.disable("operator")
            page.wait_for_selector("#again[open]")
    finally:
        server.stop()
