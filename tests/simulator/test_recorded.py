"""A recording as a camera: it plays, holds its last picture, shows nobody, and begins again."""

import json

import cv2
import numpy as np
import pytest

from simulator.barrier.arm import Arm
from simulator.recorded import GAP_S, GREY, HOLD_S, NotAVideo, RecordedLane, Showing
from simulator.world import Crossing, LaneWorld

RATE = 10.0


@pytest.fixture
def video(tmp_path):
    """Two seconds that grow from black to white, and the plates in it."""
    file = tmp_path / "cars.mp4"
    out = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*"mp4v"), RATE, (64, 48))
    for n in range(20):
        out.write(np.full((48, 64, 3), 5 + 12 * n, np.uint8))
    out.release()
    vehicles = [{"plate": "34A36837", "legible_frames": [3, 19]}]
    (tmp_path / "truth.json").write_text(json.dumps({"frames": 20, "events": vehicles}))
    return file


A_CROSSING = Crossing("34A36837", "truck", 1, True, "", None, None, 1.0, 2.0, 1, 1, True)


class Stand:
    """A lane, its recording, and a clock that is moved."""

    def __init__(self, video):
        self.now = 100.0
        self.assigned = []
        self.world = LaneWorld("out1", lambda: self.now)
        self.lane = RecordedLane(
            video, self.world, lambda: self.now, lambda *given: self.assigned.append(given)
        )

    def after(self, seconds, flowing=True):
        """What is shown after so many seconds of a picture every 0.1 s; its middle grey."""
        for _ in range(round(seconds / 0.1)):
            self.now += 0.1
            self.lane.view.draw(flowing)
        number, jpeg = self.lane.view.frame()
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        return self.lane.view.showing, int(picture[24, 32]), number


@pytest.fixture
def stand(video):
    return Stand(video)


def test_it_shows_nobody_until_the_traffic_flows(stand):
    showing, grey, _ = stand.after(10, flowing=False)
    assert showing is Showing.NOTHING
    assert grey == GREY
    assert stand.assigned == []


def test_it_plays_at_its_own_speed_and_holds_its_last_picture(stand):
    _, early, _ = stand.after(0.5)
    _, later, _ = stand.after(1.0)
    assert 20 < early < 100 < later
    showing, last, number = stand.after(5)
    assert showing is Showing.HOLDING
    assert last > 220
    # A camera that gives no new picture counts as lost.
    assert stand.after(1)[2] == number + 10


def test_when_the_vehicle_has_passed_nobody_is_shown_and_then_it_begins_again(stand):
    stand.after(3)
    stand.world.truth.crossings.append(A_CROSSING)
    showing, grey, _ = stand.after(0.2)
    assert (showing, grey) == (Showing.NOTHING, GREY)
    assert stand.after(GAP_S - 0.5)[0] is Showing.NOTHING
    showing, grey, _ = stand.after(0.7)
    assert showing is Showing.PLAYING
    assert grey < 60
    assert stand.assigned == [("34A36837", 1), ("34A36837", 2)]


def test_each_vehicle_waits_where_it_is_legible_best(video):
    legible = {"A": [0, 8], "B": [9, 17], "C": [16, 19]}
    vehicles = [{"plate": p, "legible_frames": frames} for p, frames in legible.items()]
    video.with_name("truth.json").write_text(json.dumps({"frames": 20, "events": vehicles}))
    stand = Stand(video)
    for frame in (4, 13, 19):
        showing, grey, _ = stand.after(3)
        assert showing is Showing.HOLDING
        assert abs(grey - (5 + 12 * frame)) < 9
        stand.world.truth.crossings.append(A_CROSSING)
    assert stand.after(0.2)[0] is Showing.NOTHING
    assert [plate for plate, _ in stand.assigned] == ["A", "B", "C"]


def test_a_recording_without_a_truth_holds_its_last_picture(video):
    video.with_name("truth.json").unlink()
    stand = Stand(video)
    assert stand.after(3)[0] is Showing.HOLDING
    assert stand.assigned == []


def test_a_vehicle_that_never_passes_is_not_shown_for_ever(stand):
    stand.after(2.5 + HOLD_S - 1)
    assert stand.lane.view.showing is Showing.HOLDING
    stand.after(2)
    assert stand.lane.view.showing is Showing.NOTHING


def test_one_that_passed_before_the_end_does_not_end_the_holding(stand):
    stand.after(1)
    stand.world.truth.crossings.append(A_CROSSING)
    assert stand.after(3)[0] is Showing.HOLDING


def test_whom_the_gate_lets_in_sets_off_once_when_the_arm_is_up(stand):
    allowed = [{"passage": "p1", "verdict": "allow", "plate": "34A36837"}]
    assert not stand.lane.drive(lambda: allowed)
    raised = Arm(1.0)
    raised.position = 1.0
    stand.world.arm = raised
    assert not stand.lane.drive(lambda: [])
    assert stand.lane.drive(lambda: allowed)
    assert stand.world.vehicles[0].assigned
    stand.world.vehicles.clear()
    assert not stand.lane.drive(lambda: allowed)
    refused = [{"passage": "p2", "verdict": "refuse", "plate": "29C11111"}]
    assert not stand.lane.drive(lambda: refused)


def test_what_is_no_video_is_told(tmp_path):
    file = tmp_path / "no.mp4"
    file.write_text("nonsense")
    with pytest.raises(NotAVideo, match="is it a video"):
        RecordedLane(file, LaneWorld("out1", lambda: 0.0), lambda: 0.0, lambda *given: None)
