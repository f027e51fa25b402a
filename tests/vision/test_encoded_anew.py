"""Cameras that go on sending, over real MJPEG and RTSP: a frozen picture that is encoded anew each
time, and pictures of which the decoder had only a part. A quiet lane at night is neither."""

import itertools

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig
from edge.domain.alarm_codes import AlarmCode as Code
from edge.vision.camera import Camera
from edge.vision.picture_health import PictureHealth
from simulator.camera import Cameras
from simulator.rtsp import RtspCameras
from tests.support.lane_pictures import HEIGHT, WIDTH, LaneCamera
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)

USUAL_S, TOLD_S = 40, 20
QUALITIES = (84, 86, 83, 85, 87, 84, 82, 86)
"""As the control of an encoder's rate wanders."""


def encoded(picture, quality):
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def smeared(picture):
    """A decoder that lost the lower part of a picture repeats its last row, mostly in green."""
    shown = picture.copy()
    shown[HEIGHT // 2 :] = shown[HEIGHT // 2] // 2 + (0, 100, 0)
    return shown


def blocks_repeated(picture):
    """The same macroblock of 16 pixels again and again."""
    shown = picture.copy()
    row = shown[HEIGHT // 2 : HEIGHT // 2 + 16, :16]
    shown[HEIGHT // 2 :] = np.tile(row, (HEIGHT // 32 + 1, WIDTH // 16, 1))[: HEIGHT - HEIGHT // 2]
    return shown


class Lane:
    """A second of it with each picture. `spoil`: what is wrong, of `still` where that is set."""

    def __init__(self, light):
        self._camera, self._light = LaneCamera(), light
        self.spoil, self.still, self.picture = lambda picture: picture, None, self.fresh()
        self._numbers = itertools.count(1)

    def fresh(self):
        return self._camera.picture(light=self._light)

    def frame(self):
        number = next(self._numbers)
        shown = self.spoil(self.fresh() if self.still is None else self.still.copy())
        cv2.putText(shown, f"{number:06}", (8, 20), 0, 0.6, (255, 255, 255), 2)
        return number, encoded(shown, QUALITIES[number * 5 % len(QUALITIES)])


@pytest.fixture(params=[Cameras, RtspCameras], ids=["MJPEG", "RTSP"])
def watched(request):
    """A function of a lane: its camera's pictures over the wire, judged as one a second."""
    ends = []

    def build(lane):
        server = request.param({"c": lane.frame}, rate=40.0)
        server.start()
        camera = Camera(CameraConfig(source=server.url("c")))
        ends.extend([camera.stop, server.stop])
        return Watched(camera)

    yield build
    for end in ends:
        end()


class Watched:
    def __init__(self, camera):
        self._camera, self._number = camera, 0
        self.health, self.now = PictureHealth(), 0.0

    def seconds(self, count, until=None):
        """What stands after so many, or once `until` does."""
        for _ in range(count):
            shot = wait_for(lambda: self._camera.newest(self._number + 1))
            self._number, self.now = shot.number, self.now + 1.0
            self.health.check(shot.picture, self.now)
            if until in self.health.standing:
                break
        return self.health.standing


@pytest.mark.parametrize("light", [1.0, 0.35], ids=["day", "night"])
def test_a_frozen_picture_that_is_encoded_anew_with_its_clock_going_on_is_told(watched, light):
    lane = Lane(light)
    seen = watched(lane)
    assert seen.seconds(USUAL_S) == set()
    lane.still = lane.fresh()
    assert seen.seconds(TOLD_S, Code.CAMERA_FROZEN) == {Code.CAMERA_FROZEN}
    assert seen.health.blind
    lane.still = None
    assert seen.seconds(2 * TOLD_S) == set()


@pytest.mark.parametrize("spoil", [smeared, blocks_repeated])
def test_pictures_that_were_lost_in_part_and_yet_decoded_are_told(watched, spoil):
    lane = Lane(1.0)
    seen = watched(lane)
    assert seen.seconds(USUAL_S) == set()
    lane.spoil = spoil
    assert seen.seconds(TOLD_S, Code.CAMERA_COVERED) == {Code.CAMERA_COVERED}
    lane.spoil = lambda picture: picture
    assert seen.seconds(TOLD_S) == set()


def test_a_picture_of_which_every_second_one_is_damaged_is_told():
    lane, health, told = Lane(1.0), PictureHealth(), set()
    for now in range(USUAL_S):
        health.check(lane.fresh(), float(now))
    for now in range(USUAL_S, USUAL_S + TOLD_S):
        health.check(smeared(lane.fresh()) if now % 2 else lane.fresh(), float(now))
        told |= health.standing
    assert told == {Code.CAMERA_COVERED}
