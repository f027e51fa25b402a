"""`gate run` with a wrong configuration: it ends with 2 only for what leaves a motion unsafe or
unknown; with anything else it is ready, tells it, and goes on by itself when it is mended.
"""

import configparser
import socket
from pathlib import Path

import pytest

from simulator.broker import free_port
from simulator.service import Service
from tests.support.authority import Authority
from tests.support.builders import a_configuration
from tests.support.command_line import gate
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).parents[2]

UNSAFE = {
    "syntax": a_configuration() + "= 1",
    "unknown key": a_configuration("[jurnal]\n"),
    "channel": a_configuration(barrier="inputs = { safety_loop = 0 }"),
    "output": a_configuration(barrier="outputs = { open = 9, close = 2 }"),
    "wire": a_configuration().replace('wire = "bus"', 'wire = "bas"'),
    "board": a_configuration(barrier='board = "none"'),
    "board's file": a_configuration(barrier='board = "none.toml"'),
    "number": a_configuration("[journal]\nkeep_days = 1000000\n"),
    "device": a_configuration('[wires.two]\nkind = "lcus"\nport = "absent"\n'),
    "encoding": a_configuration().encode("utf-16"),
}


@pytest.mark.parametrize("what", UNSAFE)
def test_what_leaves_a_motion_unsafe_or_unknown_ends_it_with_2(tmp_path, what):
    file = tmp_path / "gate.toml"
    text = UNSAFE[what]
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = gate("run", "--config", file)
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_systemd_does_not_try_that_for_ever():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(ROOT / "docs" / "gate.service")
    assert unit["Service"]["RestartPreventExitStatus"] == "2"
    assert unit["Service"]["Restart"] == "always"


WRONG = """
[vision]
detector = "gone.onnx"
[customs]
host = "127.0.0.1"
port = {broker}
tls = true
ca_file = "gone.ca"
username = "g"
password_file = "gone.password"
[platform]
url = "https://127.0.0.1:{broker}"
ca_file = "gone.ca"
[platform.oauth]
token_url = "https://127.0.0.1:{broker}/t"
client_id = "g"
client_secret_file = "gone.secret"
[console]
port = {console}
cert_file = "gone.pem"
key_file = "gone.key"
[wires.cam]
kind = "isapi"
url = "http://127.0.0.1:{broker}"
password_file = "gone.isapi"
[lanes.in1]
direction = "import"
[lanes.in1.camera]
source = "rtsp://g:Qz7xk@b@127.0.0.1:{broker}/x"
[lanes.in1.barrier]
wire = "cam"
never_closes = true
[[issuers]]
name = "port"
actions = ["open"]
lanes = ["nowhere"]
"""


@pytest.fixture
def site(tmp_path):
    """A gate in whose configuration everything is wrong that moves nothing."""
    with socket.socket() as held, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        held.bind(("127.0.0.1", 0))
        held.listen()
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        text = WRONG.format(broker=free_port(), console=held.getsockname()[1])
        file = tmp_path / "gate.toml"
        file.write_text(a_configuration(text, barrier='trace = "gate.toml/trace"'))
        service = Service(file, {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        service.systemd, service.held = systemd, held
        yield service
        service.stop()


def ready(service):
    """Whether systemd was told that the whole gate works."""
    return service.systemd.recv(4096) == b"STATUS=ready"


def link(service, name):
    """Why it is down."""
    return {one["name"]: one for one in service.get("/api/system")["links"]}[name]["why"]


def alarms(service):
    """The texts of the standing alarms, by code."""
    found = {}
    for alarm in service.get("/api/alarms"):
        found.setdefault(alarm["code"], []).append(alarm["text"])
    return {code: " ".join(texts) for code, texts in found.items()}


def test_whatever_else_is_wrong_is_told_and_mended_while_it_runs(site, tmp_path, monkeypatch):
    site.add_user()
    site.start()
    wait_for(lambda: ready(site))
    wait_for(lambda: "alarm console_down" in site.log.read_text())
    wait_for(lambda: "alarm configuration_wrong" in site.log.read_text())
    assert "console: http" not in site.log.read_text()
    assert "gone.pem" in site.log.read_text()
    assert "configuration: issuers.0.lanes: no lane 'nowhere'" in site.log.read_text()
    assert "is not recorded" in site.log.read_text()

    # The certificate is put there; the port is still another program's.
    ours = Authority(tmp_path / "ours", "ours")
    cert, key = ours.issue("gate")
    key.rename(tmp_path / "gone.key")
    cert.rename(tmp_path / "gone.pem")
    wait_for(lambda: "cannot be used" in site.log.read_text())
    assert "console: http" not in site.log.read_text()
    site.held.close()
    wait_for(lambda: "console: https" in site.log.read_text())
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.file))

    assert "console_down" not in alarms(site)
    assert "gate config check" in alarms(site)["configuration_wrong"]
    assert "gone.password" in link(site, "customs")
    assert "ca_file" in link(site, "platform")
    wait_for(lambda: "gone.isapi" in alarms(site).get("wire_lost", ""))
    wait_for(lambda: "gone.onnx" in alarms(site).get("camera", ""))

    # What can be mended without the configuration is taken up.
    for name in ("password", "secret", "isapi", "ca"):
        (tmp_path / f"gone.{name}").write_bytes(ours.file.read_bytes()[:20])
    (tmp_path / "gone.ca").write_bytes(ours.file.read_bytes())
    wait_for(lambda: "no connection" in link(site, "customs"))
    wait_for(lambda: "no connection" in link(site, "platform"))
    wait_for(lambda: "gone.isapi" not in alarms(site)["configuration_wrong"])
    wait_for(lambda: "127.0.0.1" in alarms(site)["wire_lost"])
    said = site.log.read_text()
    assert "Traceback" not in said
    assert "Qz7xk" not in said
    assert site.alive()
