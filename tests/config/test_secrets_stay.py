"""No password, token or secret is told: by no text, no error, and no words of a library."""

import json
import logging
import pickle
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from edge.barrier.wires.isapi import IsapiLine
from edge.barrier.wires.mqtt import MqttLine
from edge.barrier.wires.port import WireGone
from edge.config import CameraConfig, ConfigError, CustomsConfig, OAuthConfig, PlatformConfig, load
from edge.config.address import Source, masked
from edge.config.secret import SecretError, secret_of
from edge.sync.customs.mqtt_link import LinkDown, MqttLink
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.port import PlatformDown
from edge.system.clock import SystemClock
from edge.vision.camera import Camera
from edge.vision.capture import CameraError, frames
from tests.support.builders import a_configuration
from tests.support.command_line import gate
from tests.support.waiting import wait_for

PARTS = ("Qz7xk", "Wv3mp")
"""The two halves of every password here; none may be told."""

ADDRESSES = [
    "{s}://gate:Qz7xkWv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk/Wv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk@Wv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk@/Wv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk@Wv3mp/Qz7xk@127.0.0.1:9/x",
    "{s}://gate:Qz7xk?Wv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk#Wv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk:Wv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk%40Wv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk Wv3mp@127.0.0.1:9/x",
    "{s}://gate:Qz7xk[Wv3mp@127.0.0.1:9/x",
    "{s}://Qz7xkWv3mp@127.0.0.1:9/x",
    "{s}://gate:12/Qz7xkWv3mp@127.0.0.1:9/x",
    "{s}://127.0.0.1:9/x?user=gate&pwd=Qz7xkWv3mp",
    "{s}://127.0.0.1:9/x?user=a@b&pwd=Qz7xkWv3mp",
    "{s}://127.0.0.1:9/user=admin_password=Qz7xkWv3mp_channel=1",
    "{s}://127.0.0.1:9/user=admin&password=Qz7xk&Wv3mp&channel=1",
    "{s}://127.0.0.1:9/x#Qz7xkWv3mp",
]
ALL = [a.format(s=s) for a in ADDRESSES for s in ("rtsp", "http", "ftp")]
ALL += ["gate:Qz7xkWv3mp@127.0.0.1/x", "rtsp:/gate:Qz7xkWv3mp@127.0.0.1/x"]


def hidden(*texts):
    for text in texts:
        assert not any(part in str(text) for part in PARTS), text


@pytest.mark.parametrize("address", ALL)
def test_a_cameras_address_is_told_without_its_secrets(address, capfd):
    source = Source(address)
    config = CameraConfig(source=address)
    hidden(source, repr(source), f"{source!s:>9} {source}", repr(config), str(config))
    hidden(config.model_dump(), config.model_dump_json(), masked(address))
    assert pickle.loads(pickle.dumps(source)) == source
    with pytest.raises(CameraError) as caught:
        next(frames(source, loop=False))
    hidden(caught.value, repr(caught.value))
    hidden(*capfd.readouterr())


@pytest.mark.parametrize("address", ["rtsp://h:554/stream1", "http://h/a/b.mjpg", "/x/y.mp4"])
def test_what_holds_no_secret_is_told_as_it_is(address):
    assert str(Source(address)) == address


@pytest.mark.parametrize("address", ALL[:12])
def test_a_cameras_thread_fault_and_name_are_without_them(address, caplog):
    caplog.set_level(logging.DEBUG)
    camera = Camera(CameraConfig(source=address, stall_after_s=0.1))
    try:
        hidden(wait_for(camera.fault), camera._thread.name, *caplog.messages)
    finally:
        camera.stop()


@pytest.mark.parametrize("address", ALL)
def test_check_and_doctor_are_without_them(tmp_path, address):
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration(camera=f'source = "{address}"'), encoding="utf-8")
    from edge.cli import doctor_lanes

    hidden(*doctor_lanes.camera(load(file), "out1"))
    file.write_text(a_configuration(camera=f'source = "{address}"\nzone = "{address}"'))
    with pytest.raises(ConfigError) as caught:
        load(file)
    hidden(*caught.value.problems)


@pytest.mark.parametrize("key", ["host", "port", "url", "token_url"])
def test_a_wrong_value_that_holds_one_is_told_without_it(tmp_path, key):
    address = "ftp://gate:Qz7xk/Wv3mp@h/x"
    more = {
        "host": f'[customs]\nhost = 1\nport = "{address}"\n',
        "port": f'[customs]\nhost = "h"\nport = "{address}"\n',
        "url": f'[platform]\nurl = "{address}"\n',
        "token_url": f'[platform]\nurl = "{address}"\n[platform.oauth]\ntoken_url = 1\n',
    }[key]
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration(more))
    with pytest.raises(ConfigError) as caught:
        load(file)
    hidden(*caught.value.problems)
    done = gate("config", "check", file)
    hidden(done.stdout, done.stderr)


def test_a_password_beside_the_address_is_encoded_and_read_anew(tmp_path):
    file = tmp_path / "p"
    config = CameraConfig(source="rtsp://old:one@h:554/s?x=1", username="gát", password_file=file)
    with pytest.raises(SecretError, match="cannot be read"):
        config.signed()
    file.write_text("Qz7xk/@:Wv3mp\n")
    signed = config.signed()
    assert signed.opened() == "rtsp://g%C3%A1t:Qz7xk%2F%40%3AWv3mp@h:554/s?x=1"
    hidden(signed, repr(signed))
    file.write_text("new")
    assert ":new@" in config.signed().opened()
    assert not signed.mistake()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"Qz7xk\nWv3mp", "several lines"),
        (b"Qz7xk\xffWv3mp", "not UTF-8"),
        ("Qz7xkWv3mp".encode("utf-16"), "UTF-16"),
        (b"Qz7xkWv3mp" * 1000, "larger"),
        (b" \n", "empty"),
        (b"Qz7xk\x07Wv3mp", "characters"),
    ],
)
def test_a_file_that_holds_no_password_is_told_without_what_it_says(tmp_path, data, why):
    file = tmp_path / "p"
    file.write_bytes(data)
    with pytest.raises(SecretError, match=why) as caught:
        secret_of(file)
    hidden(caught.value, caught.value.__cause__)
    isapi = IsapiLine("http://127.0.0.1:9", "admin", file, 0.3, None)
    with pytest.raises(WireGone, match=why) as wire:
        isapi.open()
    hidden(wire.value)
    link = MqttLink(
        CustomsConfig(host="127.0.0.1", port=9, username="g", password_file=file), "c", "w", b""
    )
    with pytest.raises(LinkDown, match=why) as down:
        link.connect([])
    hidden(down.value)
    line = MqttLine("127.0.0.1", 9, "g", file)
    line.open()
    try:
        reported = wait_for(lambda: line._why if "password_file" in line._why else "")
        assert why in reported
        hidden(reported)
    finally:
        line.close()


class Tokens(BaseHTTPRequestHandler):
    """Gives the server's token to everybody."""

    def do_POST(self):
        body = json.dumps({"access_token": self.server.token}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("token", ["Qz7xk\nWv3mp", "Qz7xkWv3mp\u0007", "Qz7xkWv3mpé"])
def test_a_token_that_fits_no_header_is_not_told(tmp_path, token):
    secret = tmp_path / "s"
    secret.write_text("Qz7xkWv3mp")
    server = HTTPServer(("127.0.0.1", 0), Tokens)
    server.token = token
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    link = HttpPlatform(
        PlatformConfig(
            url=url,
            oauth=OAuthConfig(token_url=url, client_id="gate", client_secret_file=secret),
        ),
        "g",
        SystemClock(),
    )
    try:
        with pytest.raises(PlatformDown) as caught:
            link.fetch("")
        hidden(caught.value)
    finally:
        link.close()
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("address", [a.format(s="http") for a in ADDRESSES])
def test_a_platforms_and_a_devices_address_are_told_without_them(tmp_path, address):
    link = HttpPlatform(PlatformConfig(url=address), "g", SystemClock())
    with pytest.raises(PlatformDown) as caught:
        link.fetch("")
    hidden(caught.value, repr(link))
    link.close()
    (tmp_path / "p").write_text("x")
    line = IsapiLine(address, "admin", tmp_path / "p", 0.1, None)
    line.watch(1)
    hidden(line, line.place)
    try:
        line.open()
        hidden(wait_for(lambda: line._session and line._session.channels[1].why))
    except WireGone as error:
        hidden(error)
    finally:
        line.close()
