"""Cameras of the simulator, over real MJPEG and RTSP, that fail in each way before the real vision
process."""

import pytest

from tests.support.camera_soak import TOLD_AS, Soak, at_random

pytestmark = pytest.mark.timeout(2400)

TOLD_S = 10.0
UNDER_LOAD_S = 30.0
"""What a computer may take that runs all the tests beside it."""


@pytest.fixture
def soak(tmp_path):
    made = Soak(tmp_path)
    made.start()
    yield made
    made.stop()


def test_each_camera_that_fails_is_told_and_believed_again_and_nobody_is_seen_in_it(soak):
    for lane, fault in (("day", "still"), ("night", "moved"), ("day", "black"), ("night", "gone")):
        soak.fail(lane, fault, UNDER_LOAD_S)
    assert soak.phantoms == []
    assert sorted(seconds for *_, seconds in soak.told.after_s)[1] <= TOLD_S


@pytest.mark.long
@pytest.mark.parametrize("seconds", [1800])
def test_half_an_hour_of_failing_cameras_leaves_nothing_behind(soak, seconds):
    for lane in soak.faults:
        for fault in TOLD_AS:
            soak.fail(lane, fault, UNDER_LOAD_S)
    begin = soak.used()
    used = at_random(soak, seconds, 5, UNDER_LOAD_S)
    late = [one for one in soak.told.after_s if one[2] > TOLD_S]
    print(f"{len(soak.told.after_s)} faults, used {begin} at first and {used[-1]} at last")
    print("slowest", sorted(soak.told.after_s, key=lambda one: -one[2])[:5])
    assert soak.phantoms == []
    assert late == []
    assert used[-1][0] < begin[0] * 1.2 + 50_000_000
    assert used[-1][1] <= begin[1] + 4
    assert used[-1][2] <= begin[2] + 8
