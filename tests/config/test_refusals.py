"""What `gate config check` refuses and warns of, each with its place and cure."""

import pytest

from edge.barrier.wires.isapi import IsapiLine
from edge.barrier.wires.port import WireGone
from edge.barrier.wires.tcp import TcpLine
from edge.config import PlatformConfig, load, refusals, warnings
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.port import PlatformDown
from edge.system.causes import Cause
from edge.system.clock import SystemClock
from edge.vision.capture import CameraError, frames
from tests.support.authority import Authority
from tests.support.builders import a_configuration
from tests.support.command_line import gate
from tests.support.waiting import wait_for

BROKER = '[customs]\nhost = "{}"\n'
MQTT = '[wires.m]\nkind = "mqtt"\nhost = "{}"\n'
ISSUER = '[[issuers]]\nname = "customs"\nactions = ["open"]\n'


def settings(tmp_path, more="", **sections):
    file = tmp_path / "gate.toml"
    sections.setdefault("camera", 'source = "rtsp://h/s"')
    file.write_text(a_configuration(more, **sections), encoding="utf-8")
    return load(file)


def test_an_ordinary_file_is_neither_refused_nor_odd(tmp_path):
    good = settings(tmp_path, barrier="outputs = { open = 1, close = 2, stop = 3 }")
    assert not list(refusals(good))
    assert not list(warnings(good))


REFUSED = [
    (BROKER.format("mqtt://h"), "customs.host", "tls = true"),
    (BROKER.format("h:8883"), "customs.host", "the port as port"),
    (BROKER.format("[::1]:8883"), "customs.host", "the port as port"),
    (BROKER.format("h/x"), "customs.host", "name or an address"),
    (BROKER.format("a host"), "customs.host", "name or an address"),
    (BROKER.format(""), "customs.host", "name or an address"),
    (BROKER.format("10.0.0.256"), "customs.host", "name or an address"),
    (BROKER.format("010.0.0.1"), "customs.host", "name or an address"),
    (BROKER.format("10.0.0"), "customs.host", "name or an address"),
    (BROKER.format("h") + 'tls = true\nca_file = "gate.toml"\n', "customs.ca_file", "PEM"),
    (BROKER.format("h") + 'username = "g"\npassword_file = "gate.toml"\n',
     "customs.password_file", "several lines"),
    (BROKER.format("a..b"), "customs.host", "name or an address"),
    (BROKER.format("x" * 64 + ".vn"), "customs.host", "name or an address"),
    ('[platform]\nurl = "https://a..b"\n', "platform.url", "https://"),
    (MQTT.format("mqtts://h"), "wires.m.host", "tls = true"),
    ('[wires.t]\nkind = "tcp"\nhost = "10.0.0.1:502"\n', "wires.t.host", "the port as port"),
    (BROKER.format("h") + 'ca_file = "gate.toml"\n', "customs.ca_file", "tls = true"),
    (MQTT.format("h") + 'ca_file = "gate.toml"\n', "wires.m.ca_file", "tls = true"),
    (BROKER.format("h") + 'tls = true\nca_file = "none.pem"\n', "customs.ca_file", "no such file"),
    (BROKER.format("h") + 'password_file = "gate.toml"\n', "customs.password_file", "username"),
    (BROKER.format("h") + 'username = "g"\npassword_file = "none"\n', "customs.password_file",
     "no such file"),
    (BROKER.format("h") + 'tls = true\nkey_file = "gate.toml"\n', "customs.key_file", "cert_file"),
    (BROKER.format("h") + 'tls = true\ncert_file = "gate.toml"\nkey_file = "gate.toml"\n',
     "customs.cert_file", "PEM"),
    ('[console]\nhost = "http://0.0.0.0"\n', "console.host", "name or address alone"),
    ('[console]\ncert_file = "none.pem"\n', "console.cert_file", "no such file"),
    ('[console]\ncert_file = "gate.toml"\n', "console.cert_file", "PEM"),
    ('[console]\nkey_file = "gate.toml"\n', "console.key_file", "cert_file"),
    ('[vision]\ndetector = "none.onnx"\n', "vision.detector", "no such file"),
    ('[vision]\nreader = "none"\n', "vision.reader", "no such file"),
    ('[platform]\nurl = "https://h"\nca_file = "none.pem"\n', "platform.ca_file", "no such file"),
    ('[platform]\nurl = "http://h"\nca_file = "gate.toml"\n', "platform.url", "https://"),
    ('[platform]\nurl = "https://u:p/w@h"\n', "platform.url", "keys of their own"),
    ('[platform]\nurl = "https://h"\n[platform.oauth]\ntoken_url = "ftp://h"\nclient_id = "g"\n'
     'client_secret_file = "gate.toml"\n', "platform.oauth.token_url", "https://"),
    ('[platform]\nurl = "https://h"\n[platform.oauth]\ntoken_url = "https://h"\nclient_id = "g"\n'
     'client_secret_file = "none"\n', "platform.oauth.client_secret_file", "no such file"),
    ('[wires.c]\nkind = "isapi"\nurl = "http://h"\npassword_file = "none"\n',
     "wires.c.password_file", "no such file"),
    (ISSUER + ISSUER, "issuers.1.name", "twice"),
    (ISSUER + 'lanes = ["out9"]\n', "issuers.0.lanes", "known: out1"),
    (MQTT.format("h") + '[lanes.in1]\ndirection = "import"\n[lanes.in1.camera]\nsource = '
     '"rtsp://h/t"\n[lanes.in1.barrier]\nwire = "m"\nnever_closes = true\n[lanes.in1.barrier.cover]'
     '\ncommand = "c"\nstate = "s"\navailability = "a"\n[lanes.out1.display]\nkind = "mqtt"\n'
     'wire = "m"\ntopic = "c"\n', "lanes.out1.display.topic", "one of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "key", "cure"), REFUSED)
def test_it_is_refused_with_its_place_and_cure(tmp_path, more, key, cure):
    reported = list(refusals(settings(tmp_path, more)))
    assert any(p.key == key and cure in p.why for p in reported), reported
    assert all(isinstance(p.why, Cause) for p in reported)


@pytest.mark.parametrize(
    "camera",
    [
        'source = "rtsp://g:p@ss@h/s"',
        'source = "rtsp://g:p/ss@h/s"',
        'source = "rtsp://g:p#ss@h/s"',
        'source = "rtsp://g:p:ss@h/s"',
        'source = "rtsp://g:p%ss@h/s"',
        'source = "rtsp://g:p ss@h/s"',
        'source = "rtsp://g:pässw@h/s"',
        'source = "rtsp://g:p@s/s@h/s"',
        'source = "rtsp://g:12/34@h/s"',
        'source = "rtsp://g:12?34@h/s"',
        'source = "rtsp://h/cam@1"',
        'source = "rtmp://h/s"',
        'source = "hppt://h/s"',
        'source = "rtsp://h:port/s"',
        'source = "rtsp://"',
        'source = "none.mp4"',
        'source = "rtsp:/h/s"',
        'source = "rtsp://h/s"\npassword_file = "word"',
        'source = "rtsp://h/s"\nusername = "g"\npassword_file = "none"',
    ],
)
def test_a_cameras_address_that_cannot_be_meant_is_refused(tmp_path, camera):
    (tmp_path / "word").write_text("p")
    reported = list(refusals(settings(tmp_path, camera=camera)))
    assert len(reported) == 1
    assert reported[0].key.startswith("lanes.out1.camera.")
    assert isinstance(reported[0].why, Cause)


@pytest.mark.parametrize(
    "source", ["rtsp://g:p%40ss@h/s", "rtsp://h:554/s?a=b", "http://g@h/x", "rtsp://[fe80::1]/s"]
)
def test_a_cameras_address_as_it_must_be_is_taken(tmp_path, source):
    assert not list(refusals(settings(tmp_path, camera=f'source = "{source}"')))


def test_a_certificate_that_fits_its_key_is_taken_and_anothers_key_is_not(tmp_path):
    ours = Authority(tmp_path / "ca", "ours")
    cert, key = ours.issue("gate")
    _, other = ours.issue("other")
    text = '[console]\ncert_file = "{}"\nkey_file = "{}"\n'
    assert not list(refusals(settings(tmp_path, text.format(cert, key))))
    (reported,) = refusals(settings(tmp_path, text.format(cert, other)))
    assert reported.key == "console.cert_file"


ODD = [
    ("", "inverted = []\ninputs = { safety_loop = 1, stop = 2 }", "lanes.out1.barrier.inverted"),
    ("", "fresh_s = 5", "lanes.out1.barrier.fresh_s"),
    ("", "clear_before_close_s = 0.2", "lanes.out1.barrier.clear_before_close_s"),
    ("", "watchdog_s = 30", "lanes.out1.barrier.watchdog_s"),
    ("", "quiet_gap_s = 0.05", "lanes.out1.barrier.quiet_gap_s"),
    ("", "dead_time_s = 0.1", "lanes.out1.barrier.dead_time_s"),
    ("", "entry_timeout_s = 3600", "lanes.out1.barrier.entry_timeout_s"),
    ("", "outputs = { open = 1, close = 2 }", "lanes.out1.barrier.outputs"),
    ("", "outputs = { green = 3 }", "lanes.out1.barrier.outputs"),
    ("", "outputs = { open = 1, close = 2, stop = 3, permit = 4 }", "lanes.out1.barrier.outputs"),
    ("", "outputs = { open = 1, close = 2, stop = 3, warning = 4 }", "lanes.out1.barrier.warn_s"),
    ("", "warn_s = 3", "lanes.out1.barrier.warn_s"),
    ('[[issuers]]\nname = "p"\nactions = []\n', "", "issuers.0.actions"),
    ("[journal]\nkeep_days = 3650\n", "", "journal.keep_days"),
    ('[console]\nhost = "0.0.0.0"\n', "", "console.host"),
    ('[console]\nhost = "192.168.1.2"\n', "", "console.host"),
    ('[console]\nhost = "::"\n', "", "console.host"),
    ('[console]\nhost = "0.0.0.0"\ninsecure = true\n', "", "console.insecure"),
    ('[customs]\nhost = "h"\nusername = "g"\n', "", "customs.tls"),
    (
        '[lanes.out1.display]\nkind = "alpha"\nport = "/dev/y"\nbaud = 9500\n',
        "",
        "lanes.out1.display.baud",
    ),
    ('[wires.usb]\nkind = "lcus"\nport = "/dev/x"\nbaud = 9500\n', "", "wires.usb.baud"),
]


@pytest.mark.parametrize(("more", "barrier", "key"), ODD)
def test_what_is_seldom_meant_is_told(tmp_path, more, barrier, key):
    reported = list(warnings(settings(tmp_path, more, barrier=barrier)))
    assert any(p.key == key for p in reported), reported


@pytest.mark.parametrize(
    "again", ["rtsp://h/s", "RTSP://H/s", "rtsp://h:554/s", "rtsp://u:p@h/s", "rtsp://h./s"]
)
def test_one_camera_on_two_lanes_is_told(tmp_path, again):
    more = (
        f'[lanes.in1]\ndirection = "import"\n[lanes.in1.camera]\nsource = "{again}"\n'
        '[lanes.in1.barrier]\nwire = "bus"\naddress = 2\n'
    )
    reported = list(warnings(settings(tmp_path, more)))
    assert any(p.key == "lanes.in1.camera.source" and "out1" in p.why for p in reported)


@pytest.mark.parametrize("source", ["rtsp://u:p@h/s", "gate.toml"])
def test_a_user_that_is_not_used_is_told_without_the_password(tmp_path, source):
    camera = f'source = "{source}"\nusername = "g"'
    reported = [w for w in warnings(settings(tmp_path, camera=camera)) if "camera" in w.key]
    assert len(reported) == 1
    assert reported[0].key == "lanes.out1.camera.username"
    assert "u:p" not in reported[0].why


@pytest.mark.parametrize("old", ['gate = "g"', 'direction = "export"'])
def test_a_lane_where_nobody_clears_a_vehicle_is_told(tmp_path, old):
    key = "authorities" if old.startswith("gate") else "clearances_needed"
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration().replace(old, f"{old}\n{key} = []"))
    assert any(
        w.key.endswith("clearances_needed") and "nobody" in w.why for w in warnings(load(file))
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_a_console_for_this_computer_alone_needs_no_certificate(tmp_path, host):
    reported = warnings(settings(tmp_path, f'[console]\nhost = "{host}"\n'))
    assert not any(problem.key.startswith("console") for problem in reported)


@pytest.mark.parametrize("host", ["h", "broker.example.vn", "10.0.0.1", "::1", "fe80::1%e0", "a_b"])
def test_a_host_as_it_must_be_is_taken(tmp_path, host):
    assert not list(refusals(settings(tmp_path, BROKER.format(host))))


def test_a_wire_that_cannot_be_recorded_is_told(tmp_path):
    (reported,) = refusals(settings(tmp_path, barrier='trace = "gate.toml/trace"'))
    assert reported.key == "lanes.out1.barrier.trace"
    assert not list(refusals(settings(tmp_path, barrier='trace = "traces/out1"')))


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".vn", "xn--a", "hố.vn", "a b", "*", ""])
def test_a_host_that_is_none_is_a_gone_wire_and_a_link_that_is_down(tmp_path, host):
    """Python's own codec raises errors of its own kind for some."""
    (tmp_path / "p").write_text("x")
    with pytest.raises(WireGone):
        TcpLine(host, 9).open()
    link = HttpPlatform(PlatformConfig(url=f"http://{host}"), "g", SystemClock())
    with pytest.raises(PlatformDown):
        link.fetch("")
    link.close()
    for scheme in ("http", "rtsp"):
        with pytest.raises(CameraError):
            next(frames(f"{scheme}://{host}/x", loop=False))
    line = IsapiLine(f"http://{host}", "admin", tmp_path / "p", 0.1, None)
    line.watch(1)
    try:
        line.open()
        wait_for(lambda: "not answered yet" not in line._standing().channels[1].why)
        assert line._session.alive()
    except WireGone:
        pass
    finally:
        line.close()


def test_check_ends_with_2_for_a_refusal_and_with_0_for_a_warning(tmp_path):
    file = tmp_path / "gate.toml"
    settings(tmp_path, "", barrier="fresh_s = 5")
    odd = gate("config", "check", file)
    assert odd.returncode == 0
    assert f"warning: {file}: lanes.out1.barrier.fresh_s" in odd.stderr
    settings(tmp_path, ISSUER + ISSUER)
    refused = gate("config", "check", file)
    assert refused.returncode == 2
    assert f"{file}: issuers.1.name" in refused.stderr
    done = gate("doctor", "--json", "--config", file)
    assert '"found": "issuers.1.name"' in done.stdout


@pytest.mark.parametrize("folder", ["/proc/x", "/sys/x", "/dev/shm/gate", "/run/gate", "gate.toml"])
def test_a_data_folder_that_can_keep_nothing_is_refused(tmp_path, folder):
    file = tmp_path / "gate.toml"
    text = a_configuration(camera='source = "rtsp://h/s"')
    file.write_text(text.replace('data_folder = "data"', f'data_folder = "{folder}"'))
    (told,) = refusals(load(file))
    assert told.key == "data_folder"
    assert "name a folder" in told.why
    assert isinstance(told.why, Cause)
