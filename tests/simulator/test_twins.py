"""docs/twins.md is true: each exchange of the page is played, byte for byte, against its twin."""

import os
import re
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import paho.mqtt.client as paho
import pytest

from simulator.barrier.lane_place import PASSWORD
from simulator.rig import LanePlan, Rig
from tests.support.waiting import wait_for

PAGE = (Path(__file__).parents[2] / "docs" / "twins.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", PAGE, re.S))
KINDS = ("serial", "tcp", "lcus", "cover", "tasmota", "shelly", "controlbyweb", "onvif", "isapi")
LANES = [LanePlan(kind, "export", kind, barrier=kind, rtsp=kind == "serial") for kind in KINDS]
JPEG = b"\xff\xd8\xff\xd9"


def exchanges(name):
    """(sent, what must come) in order; nothing is sent for what is there before."""
    found = [("", [])]
    for line in BLOCKS[name].splitlines():
        way, _, text = line.partition(" ")
        assert way in ("<", ">"), line
        if way == ">":
            found.append((text, []))
        else:
            found[-1][1].append(text)
    return found if found[0][1] else found[1:]


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    pictures = {plan.name: lambda: (round(time.monotonic() * 10), JPEG) for plan in LANES}
    rig = Rig(tmp_path_factory.mktemp("rig"), LANES, ready=pictures)
    rig.start()
    yield rig
    rig.stop()


def twin(rig, kind):
    (found,) = rig.hardware[kind].twins
    return found


@pytest.fixture
def port(rig):
    """Opens a serial device."""
    opened = []

    def open_(path):
        opened.append(os.open(path, os.O_RDWR | os.O_NOCTTY))
        return opened[-1]

    yield open_
    for file in opened:
        os.close(file)


def heard(file, size):
    data = b""
    while len(data) < size:
        data += os.read(file, size - len(data))
    return data


def test_the_serial_board_says_these_bytes(rig, port):
    file = port(rig.boards.port)
    for sent, (answer,) in exchanges("serial"):
        os.write(file, bytes.fromhex(sent))
        wanted = bytes.fromhex(answer)
        assert heard(file, len(wanted)).hex(" ") == wanted.hex(" "), sent


def test_the_tcp_board_says_these_bytes(rig):
    with socket.create_connection(("127.0.0.1", twin(rig, "tcp").port), 10) as wire:
        for sent, (answer,) in exchanges("tcp"):
            # The page's board is the first; each lane here has one of its own.
            unit = rig.address("tcp")
            wire.sendall(_unit(sent, unit))
            wanted = _unit(answer, unit)
            assert wire.recv(len(wanted), socket.MSG_WAITALL).hex(" ") == wanted.hex(" "), sent


def _unit(text, unit):
    data = bytearray.fromhex(text)
    data[6] = unit
    return bytes(data)


def test_the_lcus_relays_obey_these_bytes(rig, port):
    relays = twin(rig, "lcus")
    file = port(relays.port)
    for (sent, _), on in zip(exchanges("lcus"), (True, False), strict=True):
        os.write(file, bytes.fromhex(sent))
        wait_for(lambda on=on: relays.relays.get(1) is on)


@pytest.mark.parametrize("kind", ["cover", "tasmota"])
def test_the_mqtt_devices_say_these_texts(rig, kind):
    device = twin(rig, kind)

    def real(text):
        return text.replace(f"gate-sim/{kind}", device.topic).replace("gate-sim", device.topic)

    said = []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.on_message = lambda c, data, m: said.append(f"{m.topic} {m.payload.decode()}")
    client.on_connect = lambda c, *_: c.subscribe("#")
    client.connect(rig.broker.host, rig.broker.port)
    client.loop_start()
    for sent, answers in exchanges(kind):
        if sent:
            topic, _, text = real(sent).partition(" ")
            client.publish(topic, text)
        for answer in answers:
            wanted = real(answer).replace('":"', '": "')
            wait_for(lambda wanted=wanted: wanted in said, why=lambda: said)
    client.loop_stop()


SIGN_IN = {
    "shelly": httpx.DigestAuth("admin", PASSWORD),
    "onvif": httpx.DigestAuth("admin", PASSWORD),
    "isapi": httpx.DigestAuth("admin", PASSWORD),
    "controlbyweb": httpx.BasicAuth("none", PASSWORD),
}


@pytest.mark.parametrize("kind", SIGN_IN)
def test_the_devices_with_a_web_address_say_this(rig, kind):
    url = twin(rig, kind).url
    with httpx.Client(base_url=url) as client:
        for sent, answers in exchanges(kind):
            method, path, *body = sent.split(" ", 2)
            content = body[0] if body else None
            assert client.request(method, path, content=content).status_code == 401
            answer = client.request(method, path, content=content, auth=SIGN_IN[kind])
            status, _, text = answers[0].partition(" ")
            assert answer.status_code == int(status), answer.text
            assert text in re.sub(r"\s*\n\s*", "", answer.text), answer.text


def test_the_sign_shows_what_these_bytes_say(rig, port):
    file = port(rig.signs["serial"].port)
    ((sent, _),) = exchanges("sign")
    os.write(file, bytes.fromhex(sent))
    wait_for(lambda: rig.signs["serial"].text == "XIN CHO")


def test_the_cameras_say_this(rig):
    ((sent, answers),) = exchanges("mjpeg")
    assert sent == "GET /out1.mjpeg"
    with httpx.stream("GET", rig.cameras.url("tcp")) as answer:
        status, _, kind = answers[0].partition(" ")
        assert (answer.status_code, answer.headers["content-type"]) == (int(status), kind)
        first = next(answer.iter_raw()).decode("latin-1").split("\r\n")
        assert first[:2] == answers[1:]
    place = urlsplit(rig.rtsp.url("serial"))
    with socket.create_connection((place.hostname, place.port), 10) as wire:
        replies = wire.makefile("rb")
        for number, (sent, (answer,)) in enumerate(exchanges("rtsp"), 1):
            line, _, more = sent.partition(" | ")
            line = line.replace("rtsp://gate/out1", rig.rtsp.url("serial"))
            head = "".join(f"{h}\r\n" for h in (line, f"CSeq: {number}", more) if h)
            wire.sendall(f"{head}\r\n".encode())
            assert replies.readline().decode().strip() == answer
            size = 0
            while (header := replies.readline().strip()) != b"":
                if header.lower().startswith(b"content-length:"):
                    size = int(header.split(b":")[1])
            replies.read(size)


def test_every_block_of_the_page_is_played():
    assert set(BLOCKS) == {*KINDS, "sign", "mjpeg", "rtsp"}
