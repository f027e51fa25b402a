"""A camera over real RTSP, read by OpenCV's FFmpeg as at the gate, and what goes wrong with it."""

import cv2
import numpy as np
import pytest

from edge.vision.capture import frames
from simulator.rtsp import RtspCameras, packets, parts_of

pytestmark = pytest.mark.timeout(240)


def a_jpeg(tone=120):
    picture = np.full((240, 320, 3), tone, np.uint8)
    cv2.rectangle(picture, (40, 60), (200, 180), (30, 30, 220), -1)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


@pytest.fixture
def cameras():
    count = iter(range(10**9))
    made = RtspCameras({"c": lambda: (next(count), a_jpeg())}, rate=20.0)
    made.start()
    yield made
    made.stop()


def test_pictures_come_over_rtsp_as_they_were_sent(cameras):
    stream = frames(cameras.url("c"), loop=False)
    picture = next(stream)
    stream.close()
    sent = cv2.imdecode(np.frombuffer(a_jpeg(), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == sent.shape
    assert np.abs(picture.astype(int) - sent).mean() < 3


def test_a_picture_goes_into_packets_and_comes_out_whole():
    jpeg = a_jpeg()
    parts = parts_of(jpeg)
    assert (parts.width, parts.height, len(parts.tables)) == (320, 240, 128)
    sent = list(packets(jpeg, 65_530, 9))
    assert [p[1] >> 7 for p in sent] == [0] * (len(sent) - 1) + [1]
    scan = sent[0][12 + 8 + 4 + 128 :] + b"".join(p[20:] for p in sent[1:])
    assert scan == parts.scan
    with pytest.raises(ValueError, match="no JPEG"):
        parts_of(b"\xff\xd8")
