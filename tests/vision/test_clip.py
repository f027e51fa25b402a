"""A few seconds before and after, within bounds."""

import cv2
import numpy as np

from edge.vision.clip import AFTER_S, BEFORE_S, MOST, RATE, ClipRing, recorded
from tests.support.lane_pictures import LaneCamera


def filmed(seconds, boxes, step=0.1, size=None):
    camera, ring = LaneCamera(), ClipRing()
    for n in range(int(seconds / step)):
        picture = camera.picture(vehicle=min(380, 4 * n))
        ring.take(cv2.resize(picture, size) if size else picture, n * step, boxes)
    return ring


def pictures(data, tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(data)
    capture, found = cv2.VideoCapture(str(file)), []
    while (read := capture.read())[0]:
        found.append(read[1])
    capture.release()
    return found


def test_the_ring_holds_a_few_pictures_a_second_and_never_more_than_so_many():
    ring = filmed(60, {1: (0, 0, 100, 100)})
    held = ring.between(0, 1e9)
    assert len(held) == MOST
    assert sum(len(shown.jpeg) for shown in held) < 6_000_000
    assert BEFORE_S + AFTER_S < MOST / RATE


def test_an_empty_lane_costs_one_picture_a_second():
    assert len(filmed(10, {}).between(0, 1e9)) == 10


def test_a_clip_can_be_played_and_shows_before_and_after(tmp_path):
    ring = filmed(10, {1: (40, 90, 300, 330)}, size=(1280, 720))
    data = recorded(ring.between(2.0, 2.0 + BEFORE_S + AFTER_S), 1, ())
    shown = pictures(data, tmp_path)
    assert abs(len(shown) - RATE * (BEFORE_S + AFTER_S)) <= 2
    assert shown[0].shape == (360, 640, 3)
    assert np.abs(shown[0].astype(int) - shown[-1]).mean() > 1
    assert len(data) < 2_000_000


def test_a_clip_of_an_almost_empty_ring_is_as_long_as_it_lasted(tmp_path):
    """Pictures of an idle lane, one a second, are not played four times as fast."""
    shown = pictures(recorded(filmed(6, {}).between(0, 1e9), 1, ()), tmp_path)
    assert abs(len(shown) / RATE - 6) <= 1


def test_what_is_not_to_be_seen_is_not_in_the_clip_either(tmp_path):
    ring, grain = ClipRing(), np.random.default_rng(2).integers(0, 255, (90, 160, 3), np.uint8)
    shown = cv2.resize(grain, (640, 360), interpolation=cv2.INTER_NEAREST)
    for n in range(20):
        ring.take(shown, n * 0.25, {1: (200.0, 90.0, 460.0, 330.0)})
    bare, hidden = (recorded(ring.between(0, 9), 1, what) for what in ((), ("surroundings",)))
    edges = [
        cv2.Laplacian(cv2.cvtColor(pictures(data, tmp_path)[3], cv2.COLOR_BGR2GRAY), cv2.CV_64F)
        for data in (bare, hidden)
    ]
    assert np.abs(edges[1][:, :150]).mean() < 0.5 * np.abs(edges[0][:, :150]).mean()


def test_nothing_is_made_of_no_picture():
    assert recorded([], 1, ()) == b""
