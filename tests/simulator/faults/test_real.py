"""Faults on real wires: a broker that refuses or forgets, one board of two, a disk, a clock."""

import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx
import paho.mqtt.client as paho
import pytest

from edge.sync.platform.items import read_item
from simulator.barrier.bad_wires import Clean
from simulator.broker import Embedded, Mosquitto
from simulator.declaring import assignment_item
from simulator.faults import real
from simulator.faults.wires import bad_wire
from simulator.rig import LanePlan, Rig
from simulator.spoilt_pictures import PictureFault, Spoiling
from tests.support.disturbance import Disturbance
from tests.support.waiting import wait_for

LANES = [LanePlan("out1", "export", "1"), LanePlan("in1", "import", "2", rtsp=True)]


def connected(broker):
    """The broker's answer to one who comes without a password."""
    answers = []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.on_connect = lambda c, data, flags, reason, more: answers.append(reason)
    client.connect(broker.host, broker.port)
    client.loop_start()
    wait_for(lambda: answers)
    client.loop_stop()
    return not answers[0].is_failure


def retained(broker, topic, say=None):
    """What is retained there; `say`: after this has been said."""
    heard, joined = [], []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.on_message = lambda c, data, message: heard.append((message.topic, message.payload))
    client.on_subscribe = lambda *_: joined.append(True)
    client.connect(broker.host, broker.port)
    client.loop_start()
    if say is not None:
        client.publish(topic, say, qos=1, retain=True).wait_for_publish(60)
    client.subscribe([(topic, 1), ("probe", 1)])
    wait_for(lambda: joined)
    client.publish("probe", b"now", qos=1)
    wait_for(lambda: ("probe", b"now") in heard)
    client.loop_stop()
    return [payload for name, payload in heard if name == topic]


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path, LANES, ready={plan.name: lambda: (1, b"") for plan in LANES})


@pytest.fixture
def broker(tmp_path):
    broker = Mosquitto(tmp_path) if Mosquitto.installed() else Embedded(tmp_path)
    broker.start()
    yield broker
    broker.stop()


def test_a_broker_that_refuses_lets_nobody_in_until_it_is_well_again(rig, broker):
    rig.broker = broker
    assert connected(broker)
    end = real.begin(rig, None, "broker_refusing", "out1", "")
    assert not connected(broker)
    end()
    assert connected(broker)


def test_a_broker_that_loses_its_store_is_back_without_it(rig, broker):
    rig.broker = broker
    assert retained(broker, "state", b"green") == [b"green"]
    real.begin(rig, None, "broker_loses_store", "out1", 0.1)
    assert retained(broker, "state") == []


def test_a_silent_board_leaves_the_others_alone(rig):
    ends = [real.begin(rig, None, "wire_silent", "in1", "")]
    assert rig.boards.cut == {2}
    ends.append(real.begin(rig, None, "board_power_cut", "out1", ""))
    assert rig.boards.cut == {1, 2}
    for end in ends:
        end()
    assert rig.boards.cut == set()


def test_a_camera_has_its_faults_however_it_is_asked(rig):
    end = real.begin(rig, None, "camera_dark", "in1", "")
    assert rig.rtsp.faults["in1"].dark
    assert not rig.cameras.faults["out1"].dark
    end()
    assert not rig.rtsp.faults["in1"].dark


WRITES = """
import sys, time
file = open(sys.argv[1], "r+b", buffering=0)
for line in sys.stdin:
    try:
        file.seek(0 if line.strip() == "over" else 0, 0 if line.strip() == "over" else 2)
        file.write(b"more")
        print("written", time.time(), flush=True)
    except OSError as error:
        print(error.strerror, time.time(), flush=True)
"""


def test_a_process_has_a_disk_that_fills_up_and_a_clock_that_jumps(tmp_path):
    disturbance = Disturbance(tmp_path)
    file = tmp_path / "file"
    file.write_bytes(b"some")
    command = [sys.executable, "-c", WRITES, str(file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=disturbance.env, stdin=pipe, stdout=pipe, text=True, bufsize=1
    ) as process:

        def asked(how):
            process.stdin.write(f"{how}\n")
            what, _, at = process.stdout.readline().strip().rpartition(" ")
            return what, float(at) - time.time()

        assert asked("more")[0] == "written"
        disturbance.disk(1)
        assert asked("more")[0] == "No space left on device"
        assert asked("over")[0] == "written"
        disturbance.disk(2)
        assert asked("over")[0] == "Read-only file system"
        disturbance.disk(0)
        assert asked("more")[0] == "written"
        disturbance.jump_by(-3600)
        assert asked("over")[1] == pytest.approx(-3600, abs=60)
        disturbance.jump_to(datetime(2030, 1, 1, tzinfo=UTC))
        assert asked("over")[1] > 3600
        process.stdin.close()
    assert file.read_bytes() == b"moremoremore"


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_of_two_faults_of_a_camera_the_newest_shows_and_none_stays_behind(rig, first_to_end):
    spoiling = rig.cameras.faults["in1"].spoiling
    names = ["camera_black", "camera_blinded"]
    ends = [real.begin(rig, None, name, "in1", "") for name in names]
    assert spoiling.fault is PictureFault.BLINDED
    ends.pop(first_to_end)()
    left = [PictureFault.BLINDED, PictureFault.BLACK][first_to_end]
    assert spoiling.fault is left
    ends.pop()()
    assert spoiling.fault is Spoiling().fault


def test_of_two_faults_of_the_wire_the_other_goes_on_when_one_ends(rig):
    first = real.begin(rig, None, "wire_noise", "out1", 0.3)
    second = real.begin(rig, None, "wire_loss", "out1", 0.3)
    noise = type(bad_wire("wire_noise", 0.3))
    second()
    assert type(rig.boards.fault) is noise
    first()
    assert isinstance(rig.boards.fault, Clean)


def test_a_broker_that_is_down_and_refuses_too_is_well_once_both_are_over(rig, broker):
    rig.broker = broker
    down = real.begin(rig, None, "broker_down", "out1", "")
    refusing = real.begin(rig, None, "broker_refusing", "out1", "")
    assert not broker.running
    down()
    assert not connected(broker)
    real.begin(rig, None, "broker_loses_store", "out1", 0.0)
    assert not connected(broker)
    refusing()
    assert connected(broker)


def test_a_platform_is_slow_wrong_stale_floods_and_restarts(rig):
    """As a gate asks it; each over at its end."""
    platform = rig.platform
    platform.start()
    item = assignment_item(
        "A-1", "out1", "export", "truck", [("24C12345", "VN")], datetime.now(UTC)
    )
    platform.put(item)

    def asked(cursor=""):
        url = f"{platform.url}/v1/gates/demo/assignments"
        return httpx.get(url, params={"cursor": cursor, "wait": 1}, timeout=30)

    cursor = asked().json()["cursor"]
    end = real.begin(rig, None, "platform_wrong", "out1", "")
    assert asked().headers["content-type"].startswith("text/html")
    end()
    end = real.begin(rig, None, "platform_stale", "out1", "")
    platform.change("A-1", state="cancelled")
    assert asked(cursor).json() == {"cursor": cursor, "full": False, "items": []}
    end()
    assert asked(cursor).json()["items"][0]["state"] == "cancelled"
    platform.put({**item, "assignment_id": "A-2"})
    cursor = asked(cursor).json()["cursor"]
    real.begin(rig, None, "platform_restarts", "out1", "")
    platform.drop("A-2")
    assert asked(cursor).status_code == 410
    whole = asked().json()
    assert (whole["full"], [one["assignment_id"] for one in whole["items"]]) == (True, ["A-1"])
    cursor = whole["cursor"]
    assert asked(cursor).json() == {"cursor": cursor, "full": False, "items": []}
    end = real.begin(rig, None, "platform_flooding", "out1", 300)
    first, second = asked(cursor).json()["items"], asked(cursor).json()["items"]
    assert len(first) == len(second) == 300
    assert first[0]["revision"] < second[0]["revision"]
    assert read_item(first[0]).assignment_id == "A-flood-0"
    end()
    end = real.begin(rig, None, "platform_slow", "out1", 0.5)
    began = time.monotonic()
    asked()
    assert time.monotonic() - began >= 0.5
    end()
    assert (platform.slow_s, platform.flooding, platform.wrong, platform.stale) == (
        0,
        0,
        False,
        False,
    )
    platform.stop()
