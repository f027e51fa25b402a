"""Clients that are not ours find the simulated hardware as they find the real: pymodbus, mbpoll,
mosquitto_sub and mosquitto_pub, ffmpeg, curl."""

import json
import shutil
import subprocess

import cv2
import numpy as np
import pytest
from pymodbus.client import ModbusSerialClient, ModbusTcpClient

from simulator.barrier.lane_place import PASSWORD
from simulator.rig import LanePlan, Rig
from tests.support.waiting import wait_for

LANES = [
    LanePlan("serial", "export", "1", rtsp=True),
    LanePlan("tcp", "export", "2", barrier="tcp"),
    LanePlan("cover", "export", "3", barrier="cover"),
    LanePlan("isapi", "export", "4", barrier="isapi"),
]
WIDTH, HEIGHT = 320, 176
CLOSED = [False, False, False, False, True, True, False, False]
"""Inputs with an empty lane and the arm down: the limit, and the stop button's closed contact."""


def needs(name, package):
    lacks = shutil.which(name) is None
    return pytest.mark.skipif(lacks, reason=f"{name} is not installed (apt install {package})")


def picture(n):
    """One more of a stream of moving pictures."""
    image = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    cv2.circle(image, (20 + n % 280, 90), 15, (40, 200, 240), -1)
    return n, cv2.imencode(".jpg", image)[1].tobytes()


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    shown = iter(range(1, 1 << 30))
    pictures = {plan.name: lambda: picture(next(shown)) for plan in LANES}
    rig = Rig(tmp_path_factory.mktemp("rig"), LANES, ready=pictures)
    rig.start()
    yield rig
    rig.stop()


@pytest.fixture(autouse=True)
def closed(rig):
    """Every arm is down before each test."""
    for world in rig.worlds.values():
        world.arm.lift(0.0, world.at)


def said(*command, given=None):
    done = subprocess.run(
        [str(part) for part in command], input=given, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    return done.stdout


def opens(rig, lane):
    wait_for(lambda: rig.worlds[lane].sense()["limit_open"])


def serial(rig):
    return ModbusSerialClient(rig.boards.port, baudrate=9600, timeout=2)


def over_tcp(rig):
    (gateway,) = rig.hardware["tcp"].twins
    return ModbusTcpClient("127.0.0.1", port=gateway.port, timeout=2)


@pytest.mark.parametrize(
    ("lane", "address", "client"), [("serial", 1, serial), ("tcp", 2, over_tcp)]
)
def test_pymodbus_reads_the_inputs_and_drives_the_arm(rig, lane, address, client):
    with client(rig) as modbus:
        inputs = modbus.read_discrete_inputs(0, count=8, device_id=address)
        assert inputs.bits == CLOSED
        modbus.write_coil(0, True, device_id=address)
        assert modbus.read_coils(0, count=8, device_id=address).bits[0]
        modbus.write_coil(0, False, device_id=address)
        opens(rig, lane)
        assert modbus.read_discrete_inputs(0, count=8, device_id=address).bits[3]
        assert modbus.read_holding_registers(0, count=1, device_id=address).isError()


@needs("mbpoll", "mbpoll")
def test_mbpoll_reads_the_inputs_and_drives_the_arm(rig):
    line = ("-m", "rtu", "-b", "9600", "-P", "none", "-a", "1", "-o", "2", "-1", "-q")
    told = said("mbpoll", *line, "-t", "1", "-r", "1", "-c", "8", rig.boards.port)
    values = [row.split(":")[1].strip() for row in told.splitlines() if row.startswith("[")]
    assert [value == "1" for value in values] == CLOSED
    said("mbpoll", *line, "-t", "0", "-r", "1", rig.boards.port, "1")
    opens(rig, "serial")
    said("mbpoll", *line, "-t", "0", "-r", "1", rig.boards.port, "0")


@needs("mbpoll", "mbpoll")
@pytest.mark.parametrize("parity", ["none", "even", "odd"])
def test_mbpoll_is_answered_whatever_parity_it_opens_the_line_with(rig, parity):
    line = ("-m", "rtu", "-b", "9600", "-P", parity, "-a", "1", "-o", "2", "-1", "-q")
    told = said("mbpoll", *line, "-t", "1", "-r", "5", "-c", "2", rig.boards.port)
    assert [row.split(":")[1].strip() for row in told.splitlines() if row[:1] == "["] == ["1", "1"]


@needs("mosquitto_sub", "mosquitto-clients")
def test_mosquitto_sub_hears_a_cover_and_mosquitto_pub_opens_it(rig):
    (cover,) = rig.hardware["cover"].twins
    place = ("-h", rig.broker.host, "-p", rig.broker.port)
    topics = ("-t", f"{cover.topic}/state", "-t", f"{cover.topic}/availability")
    told = said("mosquitto_sub", *place, *topics, "-C", "2", "-W", "60", "-F", "%t %r %p")
    assert f"{cover.topic}/availability 1 online" in told
    said("mosquitto_pub", *place, "-t", f"{cover.topic}/set", "-m", "OPEN", "-q", "1")
    opens(rig, "cover")
    heard = said("mosquitto_sub", *place, "-t", f"{cover.topic}/state", "-C", "1", "-W", "60")
    assert heard.strip() in ("open", "opening")


def frames(*source):
    """Sums of three pictures, each with its size, as ffmpeg decodes them."""
    decode = ("-frames:v", "3", "-pix_fmt", "yuvj420p", "-f", "framecrc", "-")
    told = said("ffmpeg", "-v", "error", "-nostdin", *source, *decode)
    rows = [row.split(",") for row in told.splitlines() if not row.startswith("#")]
    assert {int(row[4]) for row in rows} == {WIDTH * HEIGHT * 3 // 2}
    return [row[5] for row in rows]


@needs("ffmpeg", "ffmpeg")
@pytest.mark.parametrize("transport", ["over HTTP", "tcp", "udp", "as it likes"])
def test_ffmpeg_plays_a_camera(rig, transport):
    if transport == "over HTTP":
        found = frames("-f", "mpjpeg", "-i", rig.cameras.url("tcp"))
    else:
        how = ("-rtsp_transport", transport) if transport in ("tcp", "udp") else ()
        found = frames(*how, "-i", rig.rtsp.url("serial"))
    assert len(set(found)) == 3


@needs("curl", "curl")
def test_curl_speaks_with_the_platform_as_a_gate_does(rig):
    rig.platform.put({"assignment_id": "A-1", "state": "active", "plates": [{"text": "24C12345"}]})
    place = f"{rig.platform.url}/v1/gates/kt1"
    told = json.loads(said("curl", "-sf", f"{place}/assignments"))
    assert (told["full"], told["items"][-1]["assignment_id"]) == (True, "A-1")
    since = json.loads(said("curl", "-sf", f"{place}/assignments?cursor={told['cursor']}&wait=1"))
    assert (since["full"], since["items"]) == (False, [])
    post = (
        "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Idempotency-Key: k1",
        "-H", "Content-Type: application/json", "-d",
    )  # fmt: skip
    before = rig.platform.repeated
    for _ in range(2):
        assert said(*post, '{"passage": "p1"}', f"{place}/passages") == "201"
    assert (len(rig.platform.posted), rig.platform.repeated) == (1, before + 1)
    assert said(*post, '{"no": 1}', f"{place}/passages") == "422"


@needs("curl", "curl")
def test_curl_signs_in_at_an_isapi_barrier_and_opens_it(rig):
    (device,) = rig.hardware["isapi"].twins
    place = f"{device.url}/ISAPI/Parking/channels/1/barrierGate"
    sign_in = ("curl", "-sf", "--digest", "-u", f"admin:{PASSWORD}")
    assert "<barrierGateStatus>1<" in said(*sign_in, f"{place}/barrierGateStatus")
    body = "<BarrierGate><ctrlMode>open</ctrlMode></BarrierGate>"
    assert "<subStatusCode>ok<" in said(*sign_in, "-X", "PUT", "-d", body, place)
    opens(rig, "isapi")
    wrong = subprocess.run(["curl", "-sf", "--digest", "-u", "admin:wrong", place])
    assert wrong.returncode == 22


@needs("curl", "curl")
def test_curl_fetches_one_picture_of_a_camera(rig, tmp_path):
    file = tmp_path / "one.jpg"
    said("curl", "-sf", "-o", file, rig.cameras.snapshot_url("tcp"))
    assert cv2.imread(str(file)).shape == (HEIGHT, WIDTH, 3)
