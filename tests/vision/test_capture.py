"""Cameras over real HTTP, and what goes wrong with them."""

import time

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig
from edge.vision.capture import Camera, CameraError, frames
from simulator.camera import Cameras

pytestmark = pytest.mark.timeout(200)


def a_jpeg(tone=120):
    return cv2.imencode(".jpg", np.full((90, 160, 3), tone, np.uint8))[1].tobytes()


def wait_for(true, seconds=60):
    until = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < until, "did not happen"
        time.sleep(0.02)
    return value


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


def test_a_frozen_camera_is_told_and_recovers(cameras):
    camera = Camera(CameraConfig(source=cameras.url("c"), stall_after_s=0.5))
    wait_for(lambda: camera.newest(0))
    cameras.faults["c"].frozen = True
    assert "no picture" in wait_for(camera.fault)
    cameras.faults["c"].frozen = False
    wait_for(lambda: not camera.fault())
    camera.stop()
