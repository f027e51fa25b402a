"""What goes wrong with every kind of camera alike, over real HTTP and real RTSP."""

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig
from edge.vision.camera import Camera
from edge.vision.capture import CameraError, frames
from simulator.camera import Cameras
from simulator.rtsp import RtspCameras
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(params=[Cameras, RtspCameras])
def cameras(request):
    count = iter(range(10**9))
    jpeg = cv2.imencode(".jpg", np.full((240, 320, 3), 120, np.uint8))[1].tobytes()
    made = request.param({"c": lambda: (next(count), jpeg)}, rate=20.0)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def camera(cameras):
    made = Camera(CameraConfig(source=cameras.url("c"), stall_after_s=1.0))
    wait_for(lambda: made.newest(0))
    yield made
    made.stop()


def test_an_unknown_camera_is_told_with_its_address(cameras):
    with pytest.raises(CameraError, match=r"127\.0\.0\.1:\d+/other"):
        next(frames(cameras.url("other"), loop=False))


def test_a_camera_that_freezes_is_told_and_recovers_though_reading_hangs(cameras, camera):
    cameras.faults["c"].frozen = True
    assert "no picture" in wait_for(camera.fault)
    cameras.faults["c"].frozen = False
    wait_for(lambda: not camera.fault())


def test_a_camera_that_goes_is_told_and_comes_back(cameras, camera):
    number = wait_for(lambda: camera.newest(0)).number
    cameras.faults["c"].dark = True
    assert wait_for(camera.fault)
    cameras.faults["c"].dark = False
    wait_for(lambda: camera.newest(number + 1))
    assert wait_for(lambda: not camera.fault())
