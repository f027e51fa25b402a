"""Snapshot cameras, USB cameras, sign-in by Digest, and a camera's own clock."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig
from edge.config.address import Source
from edge.vision.camera import Camera
from edge.vision.camera_http import ahead_s
from edge.vision.capture import CameraError, frames
from simulator.barrier.http_relays import Digest
from simulator.camera import Cameras
from simulator.rtsp import RtspCameras
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(200)

JPEG = cv2.imencode(".jpg", np.full((240, 320, 3), 120, np.uint8))[1].tobytes()


@pytest.fixture(params=[Cameras, RtspCameras])
def cameras(request):
    count = iter(range(10**9))
    made = request.param({"c": lambda: (next(count), JPEG)}, rate=20.0)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def http():
    count = iter(range(10**9))
    made = Cameras({"c": lambda: (next(count), JPEG)}, rate=20.0)
    made.start()
    yield made
    made.stop()


def snapshots(cameras, **given):
    return Camera(
        CameraConfig(
            source=cameras.snapshot_url("c"), snapshots_per_s=20, stall_after_s=1.0, **given
        )
    )


def test_a_snapshot_camera_is_asked_again_and_again(http):
    camera = snapshots(http)
    number = wait_for(lambda: camera.newest(0)).number
    wait_for(lambda: camera.newest(number + 5))
    assert camera.fault() == ""
    camera.stop()


@pytest.mark.parametrize("fault", ["frozen", "dark", "cut"])
def test_a_snapshot_camera_that_fails_is_told_and_comes_back(http, fault):
    camera = snapshots(http)
    wait_for(lambda: camera.newest(0))
    setattr(http.faults["c"], fault, True)
    wait_for(camera.fault)
    setattr(http.faults["c"], fault, False)
    wait_for(lambda: not camera.fault(), 60.0)
    camera.stop()


def test_a_stream_in_place_of_a_snapshot_ends_within_bounds(http):
    wrong = frames(http.url("c"), loop=False, snapshots_per_s=5)
    with pytest.raises(CameraError, match=r"no whole picture|more than"):
        next(wrong)


class HangsUp(BaseHTTPRequestHandler):
    """Keeps the connection after its answer, as it says, and hangs up on the next request over it:
    what a camera does whose patience ends just then."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        if self.server.answered.pop(self.connection, False):
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(JPEG)))
        self.end_headers()
        self.wfile.write(JPEG)
        self.server.answered[self.connection] = True


def test_a_camera_that_hangs_up_on_a_kept_connection_is_asked_again_at_once():
    server = ThreadingHTTPServer(("127.0.0.1", 0), HangsUp)
    server.answered = {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        pictures = frames(f"http://127.0.0.1:{server.server_port}/c.jpg", False, True, 50.0)
        assert [next(pictures).shape for _ in range(6)] == [(240, 320, 3)] * 6
        pictures.close()
    finally:
        server.shutdown()
        server.server_close()


def test_snapshots_are_for_http_alone():
    with pytest.raises(ValueError, match="http"):
        CameraConfig(source="rtsp://h/x", snapshots_per_s=2)


@pytest.mark.parametrize(
    ("given", "device"),
    [
        ("usb:0", "/dev/video0"),
        ("/dev/video12", "/dev/video12"),
        ("usb:/dev/v4l/by-id/usb-C920", "/dev/v4l/by-id/usb-C920"),
        ("/dev/v4l/by-id/usb-C920", "/dev/v4l/by-id/usb-C920"),
        ("usb:", ""),
        ("usb:x", ""),
        ("/dev/videos/a.mp4", ""),
        ("rtsp://usb:0/", ""),
    ],
)
def test_a_usb_camera_is_known_by_its_number_or_its_device(given, device):
    assert Source(given).device == device


def test_a_usb_camera_that_is_not_there_is_told_with_where_to_look():
    with pytest.raises(CameraError, match="/dev/v4l/by-id"):
        next(frames("usb:199", loop=False))


def test_a_recording_stands_in_for_a_usb_camera(tmp_path):
    file = tmp_path / "trial.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 50, (320, 240))
    for tone in range(20):
        writer.write(np.full((240, 320, 3), 10 * tone, np.uint8))
    writer.release()
    camera = Camera(CameraConfig(source=f"usb:{file}"))
    number = wait_for(lambda: camera.newest(0)).number
    wait_for(lambda: camera.newest(number + 25))
    camera.stop()


class DigestCamera:
    """One snapshot behind Digest."""

    def __init__(self):
        sign_in, counts = Digest("admin", "12345abc", "MD5"), Counter()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                given = self.headers.get("Authorization", "")
                right = sign_in.good("GET", self.path, given)
                counts[given.split(" ")[0] + (" right" if right else " refused")] += 1
                self.send_response(200 if right else 401)
                if not right:
                    self.send_header("WWW-Authenticate", sign_in.challenge())
                body = JPEG if right else b""
                self.send_header("Content-Type", "image/jpeg")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *given): ...

        self.counts = counts
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.at = f"127.0.0.1:{self._server.server_address[1]}/snap"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def guarded():
    made = DigestCamera()
    yield made
    made.stop()


def test_a_camera_that_asks_for_digest_gets_it_and_the_password_goes_over_the_wire_once(guarded):
    stream = frames(f"http://admin:12345abc@{guarded.at}", False, True, 50)
    for _ in range(5):
        assert next(stream).shape == (240, 320, 3)
    stream.close()
    assert guarded.counts["Digest right"] == 5
    assert guarded.counts["Basic refused"] == 1


def test_a_wrong_password_is_told_and_tried_once(guarded):
    with pytest.raises(CameraError, match="user and password"):
        next(frames(f"http://admin:wrong@{guarded.at}", False, True, 50))
    assert guarded.counts["Digest refused"] == 1


@pytest.mark.parametrize("off_s", [0.0, 95.0, -3600.0])
def test_a_cameras_own_clock_is_known(cameras, off_s):
    cameras.faults["c"].clock_ahead_s = off_s
    camera = Camera(CameraConfig(source=cameras.url("c")))
    wait_for(lambda: camera.clock_ahead_s is not None)
    assert abs(camera.clock_ahead_s - off_s) < 3.0
    camera.stop()


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 9999 99:99:99 GMT", "\x00" * 50])
def test_what_is_no_date_says_nothing(date):
    assert ahead_s(date) is None
