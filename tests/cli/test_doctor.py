"""The doctor before real brokers, platforms and disks: each fault is told with its cure."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edge.cli import doctor, doctor_computer, doctor_links
from edge.cli.finding import Finding
from edge.cli.running import RunningService, running_service
from edge.config import JournalConfig, load
from edge.domain.events import PLATE_READ, Event
from edge.sync.customs.keyring import Keyring
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock
from simulator.broker import Mosquitto, Nats, free_port
from simulator.customs import Customs
from simulator.platform import Platform
from tests.support.authority import Authority
from tests.support.builders import NOON, a_configuration
from tests.support.disturbance import Disturbance
from tests.support.small_disk import a_small_disk, remounted
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def settings(tmp_path):
    def make(more):
        file = tmp_path / "gate.toml"
        file.write_text(a_configuration(more))
        return load(file)

    return make


@pytest.fixture
def mosquitto(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = []

    def make(extra=""):
        made.append(Mosquitto(tmp_path / "broker", extra=extra))
        made[-1].start()
        return made[-1]

    yield make
    for broker in made:
        broker.stop()


def customs(port, more="", version="5"):
    return f'[customs]\nhost = "127.0.0.1"\nport = {port}\nversion = "{version}"\n{more}\n'


def by_name(findings):
    return {finding.what: finding for finding in findings}


def test_a_broker_that_lets_the_gate_speak_and_be_heard_is_good(settings, mosquitto, tmp_path):
    broker = mosquitto()
    receiver = Customs("127.0.0.1", broker.port, "s", "g", tmp_path / "customs.db")
    receiver.start()
    try:
        with receiver.changed:
            receiver.changed.wait(1)
        found = by_name(doctor_links.broker(settings(customs(broker.port)), None))
        assert [f.good for f in found.values()] == [True, True, True], found
        with receiver.changed:
            assert receiver.changed.wait_for(lambda: receiver.status, 60)
        # The truth, while no service runs.
        assert receiver.status["state"] == "offline"
    finally:
        receiver.stop()


def test_a_broker_without_a_receiver_says_so(settings, mosquitto):
    found = by_name(doctor_links.broker(settings(customs(mosquitto().port)), None))
    assert "no subscriber" in found["broker takes"].cure


def test_a_broker_of_3_1_1_alone_is_no_failure_and_dots_are_named(settings, tmp_path):
    if not Nats.installed():
        pytest.skip("NATS is not installed (apt install nats-server)")
    broker = Nats(tmp_path / "broker")
    broker.start()
    try:
        text = customs(broker.port, version="auto")
        found = by_name(doctor_links.broker(settings(text), None))
        assert found["broker"].good, found
        assert "3.1.1" in found["broker"].found
        # NATS takes dots from 2.10 on: they are named only where they end the connection.
        taken = found["broker takes"]
        assert taken.good or "dots_in_topics" in taken.cure, taken
        found = by_name(doctor_links.broker(settings(text + "dots_in_topics = false\n"), None))
        assert all(finding.good for finding in found.values()), found
    finally:
        broker.stop()


def test_a_refused_message_is_told(settings, mosquitto, tmp_path):
    rules = tmp_path / "acl"
    rules.write_text("topic read #\n")
    rules.chmod(0o644)
    broker = mosquitto(f"acl_file {rules}\n")
    found = by_name(doctor_links.broker(settings(customs(broker.port)), None))
    assert "ACL" in found["broker takes"].cure


def test_a_refused_subscription_is_told(settings, mosquitto, tmp_path):
    plugin = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"), None)
    if plugin is None:
        pytest.skip("Mosquitto's security plugin is not installed")
    rules = {
        "defaultACLAccess": {
            "publishClientSend": True, "publishClientReceive": True,
            "subscribe": False, "unsubscribe": True,
        },
        "clients": [], "groups": [], "roles": [],
    }  # fmt: skip
    file = tmp_path / "security.json"
    file.write_text(json.dumps(rules))
    file.chmod(0o666)
    broker = mosquitto(f"plugin {plugin}\nplugin_opt_config_file {file}\n")
    for version in ("5", "3.1.1"):
        found = by_name(doctor_links.broker(settings(customs(broker.port, version=version)), None))
        assert "bordergate/v1/s/g/ack" in found["broker hears"].cure


def test_a_wrong_password_an_unknown_authority_and_a_closed_port_are_told(
    settings, mosquitto, tmp_path
):
    passwords, secret = tmp_path / "passwords", tmp_path / "secret"
    passwords.write_text("")
    passwords.chmod(0o600)
    secret.write_text("wrong")
    ours, strangers = Authority(tmp_path / "ca", "ours"), Authority(tmp_path / "x", "x")
    certificate, key = ours.issue("broker")
    tls = free_port()
    broker = mosquitto(
        f"allow_anonymous false\npassword_file {passwords}\nlistener {tls} 127.0.0.1\n"
        f"cafile {ours.file}\ncertfile {certificate}\nkeyfile {key}\n"
    )
    login = f'username = "gate"\npassword_file = "{secret}"\n'
    for text, cure in (
        (customs(broker.port, login), "password_file"),
        (customs(tls, f'tls = true\nca_file = "{strangers.file}"'), "ca_file"),
        (customs(free_port()), "is the broker running"),
    ):
        (found,) = doctor_links.broker(settings(text), None)
        assert not found.good
        assert cure in found.cure


def test_beside_a_running_service_its_own_word_counts(settings, mosquitto):
    broker = mosquitto()
    for up in (True, False):
        service = RunningService({}, {"customs": up})
        found = by_name(doctor_links.broker(settings(customs(broker.port)), service))
        assert found["broker takes"].good is up


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            {"ready": False, "wires": {"a": False}, "links": {"customs": True}},
            RunningService({"a": False}, {"customs": True}),
        ),
        ({"ready": True}, None),
        ([], None),
        ({"wires": 3, "links": {}}, None),
    ],
)
def test_a_running_service_tells_its_wires_and_links_by_its_own_word(tmp_path, body, found):
    answer = json.dumps(body).encode()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(503 if self.path == "/readyz" else 404)
            self.end_headers()
            self.wfile.write(answer if self.path == "/readyz" else b"")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        (tmp_path / "console.json").write_text(json.dumps({"url": url}))
        assert running_service(tmp_path) == found
    finally:
        server.shutdown()
        server.server_close()


def test_where_nobody_answers_no_service_runs(tmp_path):
    assert running_service(tmp_path) is None
    (tmp_path / "console.json").write_text(f'{{"url": "http://127.0.0.1:{free_port()}"}}')
    assert running_service(tmp_path) is None


def test_a_platform_is_asked_with_the_gates_own_right(settings, tmp_path):
    secret = tmp_path / "secret"
    platform = Platform(client=("gate", "s3cret"))
    platform.start()
    try:
        secret.write_text("s3cret")
        oauth = (
            f'[platform]\nurl = "{platform.url}"\n[platform.oauth]\n'
            f'token_url = "{platform.url}/oauth/token"\nclient_id = "gate"\n'
            f'client_secret_file = "{secret}"\n'
        )
        (good,) = doctor_links.platform(settings(oauth))
        assert (good.good, good.cure) == (True, "")
        secret.write_text("wrong")
        (wrong,) = doctor_links.platform(settings(oauth))
        assert "secret" in wrong.cure
        (without,) = doctor_links.platform(settings(f'[platform]\nurl = "{platform.url}"\n'))
        assert "platform.oauth or cert_file" in without.cure
        secret.write_text("s3cret")
        platform.forbidding = True
        (forbidden,) = doctor_links.platform(settings(oauth))
        assert "platform.oauth or cert_file" in forbidden.cure
        platform.forbidding, platform.down = False, True
        (down,) = doctor_links.platform(settings(oauth))
        assert not down.good
        assert "platform.oauth or cert_file" not in down.cure
    finally:
        platform.stop()
    (gone,) = doctor_links.platform(settings(oauth))
    assert "no connection" in gone.cure


def test_a_drop_folder_needs_its_list_and_room_for_passages(settings, tmp_path):
    folder = tmp_path / "share"
    text = f'[platform]\nkind = "folder"\nfolder = "{folder}"\n'
    (lacking,) = doctor_links.platform(settings(text))
    assert "mount the share" in lacking.cure
    folder.mkdir()
    (folder / "assignments.json").write_text("[]")
    (good,) = doctor_links.platform(settings(text))
    assert good.good
    (folder / "passages").write_text("no folder")
    (wrong,) = doctor_links.platform(settings(text))
    assert "may not write" in wrong.cure


def test_receivers_that_lag_or_are_not_configured_are_told(settings):
    made = settings(customs(1883))
    (none,) = doctor_links.journal(made)
    assert none.good
    config = JournalConfig(max_mb=50, ballast_mb=0)
    journal = open_journal(made.data_folder, config, "/s/g", SystemClock())
    journal.record([Event(PLATE_READ, "out1", NOON, {}) for _ in range(doctor_links.MANY + 2)])
    journal.acknowledge("customs", 1)
    journal.acknowledge("port", journal.last_sequence())
    found = by_name(doctor_links.journal(made))
    assert "does it acknowledge" in found["receiver customs"].cure
    assert "gate journal forget port" in found["receiver port"].cure
    journal.acknowledge("customs", journal.last_sequence())
    assert by_name(doctor_links.journal(made))["receiver customs"].good
    journal.close()


def test_whoever_may_send_commands_needs_a_key(settings):
    made = settings('[[issuers]]\nname = "customs"\nactions = ["open"]\n')
    (lacking,) = doctor_links.issuers(made)
    assert "gate keys new customs" in lacking.cure
    Keyring(made.data_folder / "keys").make("customs")
    (good,) = doctor_links.issuers(made)
    assert good.good


@pytest.fixture
def memory(tmp_path):
    """A file system in memory, which is no place for a journal."""
    with a_small_disk(tmp_path / "memory") as place:
        yield place


def test_a_small_an_unsafe_and_a_read_only_disk_are_told(memory):
    found = by_name(doctor_computer.disk(memory / "data"))
    assert "make room" in found["disk room"].cure
    assert "tmpfs" in found["disk kind"].found
    assert found["disk write"].good
    remounted(memory, "ro")
    assert "able to write" in by_name(doctor_computer.disk(memory / "data"))["disk write"].cure


ASK = """
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from edge.cli.doctor_computer import clock, disk
print([f.cure for f in (*clock(), *disk(Path.cwd())) if f.what in ("clock", "disk write")])
"""


def test_a_slow_disk_and_a_clock_that_nobody_holds_are_told(tmp_path):
    disturbance = Disturbance(tmp_path)

    def cures():
        env = {**os.environ, **disturbance.env}
        done = subprocess.run(
            [sys.executable, "-c", ASK], env=env, cwd=tmp_path, capture_output=True, text=True
        )
        return done.stdout

    disturbance.synchronised(True)
    assert "NTP" not in cures()
    disturbance.synchronised(False)
    disturbance.slow_syncs(0.6, 0.7)
    assert "NTP" in cures()
    assert "replace it" in cures()
    disturbance.jump_by(-20 * 365 * 86400)
    assert "battery" in cures()


def test_two_builds_of_opencv_are_told_with_the_cure(monkeypatch):
    found = {"opencv-python": "5.0.0.93", "opencv-python-headless": "5.0.0.93"}
    monkeypatch.setattr(doctor_computer, "_version", found.get)
    (finding,) = doctor_computer.libraries()
    assert not finding.good
    assert "two builds" in finding.found
    assert "install.sh" in finding.cure
    found["opencv-python"] += "+headless"
    (finding,) = doctor_computer.libraries()
    assert finding.good


def test_without_opencv_the_doctor_tells_the_cure_and_looks_at_the_rest(tmp_path):
    """As on a computer without libGL: a package of that name that cannot be loaded stands first."""
    (tmp_path / "gate.toml").write_text(a_configuration())
    ran = without_opencv(tmp_path, "doctor", "--json", "--config", tmp_path / "gate.toml")
    rows = {row["what"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert ran.returncode == 1, ran.stderr
    assert "libGL" in rows["OpenCV"]["found"]
    assert "install.sh" in rows["OpenCV"]["cure"]
    assert rows["disk write"]["good"]
    assert "Traceback" not in ran.stderr


def test_a_demonstration_without_opencv_is_told_the_cure(tmp_path):
    (tmp_path / "gate.toml").write_text(a_configuration())
    ran = without_opencv(tmp_path, "demo", "--seconds", "1")
    assert ran.returncode == 1
    assert "libGL" in ran.stderr
    assert "./install.sh in the gate's folder" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_service_without_opencv_works_on_without_cameras_and_tells_the_cure(tmp_path):
    """Arms are guarded and people may admit: only the vision process needs it."""
    (tmp_path / "gate.toml").write_text(a_configuration("[console]\nport = 0\n"))
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object')")
    log = tmp_path / "log"
    with log.open("wb") as out:
        service = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", "--config", "gate.toml"], cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[2]}"},
            stdout=out, stderr=out,
        )  # fmt: skip
        try:
            wait_for(lambda: "vision cannot work" in log.read_text())
            said = log.read_text()
            assert "libGL" in said
            assert "./install.sh in the gate's folder" in said
            assert "Traceback" not in said
            assert service.poll() is None
        finally:
            service.kill()
            service.wait()


def without_opencv(folder, *arguments):
    (folder / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object')")
    return subprocess.run(
        [sys.executable, "-m", "edge", *arguments], cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{Path(__file__).parents[2]}"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_what_is_found_is_shown_as_it_is_and_not_as_markup(capsys):
    doctor._show([Finding("keys", False, "[red]x[/]", "take it out of [[issuers]]")])
    shown = capsys.readouterr().out
    assert "[[issuers]]" in shown
    assert "[red]x[/]" in shown
