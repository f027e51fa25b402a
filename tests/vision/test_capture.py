"""Cameras over real HTTP, and what goes wrong with them."""

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig
from edge.vision.camera import Camera
from edge.vision.capture import CameraError, frames
from simulator.camera import Cameras
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(200)


def a_jpeg(tone=120):
    return cv2.imencode(".jpg", np.full((90, 160, 3), tone, np.uint8))[1].tobytes()


@pytest.fixture
def cameras():
    count = iter(range(10**9))
    made = Cameras({"c": lambda: (next(count), a_jpeg())}, rate=20.0)
    made.start()
    yield made
    made.stop()


def test_pictures_come_over_http(cameras):
    stream = frames(cameras.url("c"), loop=False)
    assert next(stream).shape == (90, 160, 3)
    stream.close()


def test_a_camera_that_is_not_there_names_its_address():
    with pytest.raises(CameraError, match=r"127\.0\.0\.1:9/x"):
        next(frames("http://127.0.0.1:9/x", loop=False))


def test_a_wrong_path_is_told(cameras):
    with pytest.raises(CameraError, match="404"):
        next(frames(cameras.url("other"), loop=False))


def test_a_missing_file_is_told():
    with pytest.raises(CameraError, match="no such video file"):
        next(frames("/no/such/file.mp4", loop=False))


def test_a_camera_that_cuts_every_picture_is_told_and_recovers(cameras):
    camera = Camera(CameraConfig(source=cameras.url("c"), stall_after_s=0.5))
    wait_for(lambda: camera.newest(0))
    cameras.faults["c"].cut = True
    assert "no picture" in wait_for(camera.fault)
    cameras.faults["c"].cut = False
    wait_for(lambda: not camera.fault())
    camera.stop()


def test_pictures_with_a_thumbnail_inside_are_taken_whole():
    whole, small = a_jpeg(), cv2.imencode(".jpg", np.zeros((10, 10, 3), np.uint8))[1].tobytes()
    withal = whole[:2] + b"\xff\xe1" + (len(small) + 2).to_bytes(2, "big") + small + whole[2:]
    count = iter(range(10**9))
    made = Cameras({"c": lambda: (next(count), withal)}, rate=20.0)
    made.start()
    stream = frames(made.url("c"), loop=False)
    assert [next(stream).shape for _ in range(3)] == [(90, 160, 3)] * 3
    stream.close()
    made.stop()


@pytest.mark.parametrize("kind", ["http", "rtsp"])
def test_a_password_in_the_address_is_never_told(kind):
    with pytest.raises(CameraError) as reported:
        next(frames(f"{kind}://guard:secret@127.0.0.1:9/x", loop=False))
    assert "secret" not in str(reported.value)
    assert "127.0.0.1:9/x" in str(reported.value)
