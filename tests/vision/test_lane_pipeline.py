"""One lane's eyes: detector, reader and time scripted, the camera real over HTTP."""

import itertools
import json
import time

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig, LaneConfig
from edge.config.second_reader import SecondReaderConfig
from edge.domain.alarm_codes import AlarmCode
from edge.domain.evidence import Kind, parsed
from edge.domain.facts import (
    CameraChanged,
    Heading,
    LinePassed,
    PicturesJudged,
    QueueChanged,
    VehicleLost,
    VehicleSeen,
)
from edge.vision import view_memory
from edge.vision.channel import Word
from edge.vision.child import process_one
from edge.vision.clip import AFTER_S
from edge.vision.detection import Detection
from edge.vision.evidence_files import load
from edge.vision.lane_pipeline import LATER_S, LanePipeline
from edge.vision.read_scheduler import EMPTY_S, ENOUGH, IDLE_PACE_S, PATIENT
from edge.vision.reading import Reading
from simulator.camera import Cameras
from simulator.plate_events import PlateReader
from tests.support.bad_cameras import eight_k
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)
TRUCK = Detection("truck", 0.9, (200.0, 60.0, 440.0, 300.0))
PLATE = Detection("plate", 0.8, (290.0, 250.0, 350.0, 270.0))
PARKED = Detection("car", 0.9, (10.0, 60.0, 110.0, 130.0))
PARKED_PLATE = Detection("plate", 0.8, (40.0, 110.0, 80.0, 120.0))


class Script:
    """Detector and reader: `found` is what every picture shows; both count their work."""

    def __init__(self, *found):
        self.found, self.finds, self.reads, self.sure = list(found), 0, 0, 0.99
        self.text = lambda: "24C12345"

    def find(self, picture):
        if picture.shape[:2] != (360, 640):
            return []
        self.finds += 1
        return self.found

    def read(self, crop):
        self.reads += 1
        text = self.text()
        sure = self.sure >= 0.9
        return Reading(text, text, "VN", "white", 1, self.sure, sure, ((text, 1.0),), 90)


class Lane:
    """Serves one picture after the other and lets the watch take each. `drawn`: what is found shows
    in the picture, so that something moves there; `instead`: what the camera sends."""

    def __init__(self, tmp_path, script, clips=False, **camera):
        self.number, self.now, self.facts = 0, 0.0, []
        self.noise, self.script, self.drawn = np.random.default_rng(3), script, False
        self.instead = None
        self.cameras = Cameras({"c": self._frame}, rate=100.0)
        self.cameras.start()
        config = CameraConfig(source=self.cameras.url("c"), stall_after_s=60.0, **camera)
        self.pipeline = LanePipeline(
            "out1", LaneConfig.model_construct(camera=config), script, script, 0.9, tmp_path, "s",
            self.facts.append, lambda lane, jpeg: None, clips=clips,
        )  # fmt: skip

    def _frame(self):
        if self.instead is not None:
            return self.number, self.instead
        picture = np.full((360, 640, 3), 90, np.uint8)
        for x1, y1, x2, y2 in (d.box for d in self.script.found if self.drawn):
            picture[int(y1) : int(y2), int(max(0, x1)) : int(max(0, x2))] = 200
        picture = cv2.add(picture, self.noise.integers(0, 6, picture.shape, np.uint8))
        return self.number, cv2.imencode(".jpg", picture)[1].tobytes()

    def frames(self, count):
        for _ in range(count):
            self.number += 1
            self.now += 0.1
            wait_for(lambda: self.pipeline.step(self.now), every=0.002)

    def seen(self):
        return [f for f in self.facts if isinstance(f, VehicleSeen)]

    def stop(self):
        self.pipeline.stop()
        self.cameras.stop()


@pytest.fixture
def lane(tmp_path):
    made = []

    def build(script, **camera):
        made.append(Lane(tmp_path, script, **camera))
        return made[-1]

    yield build
    for one in made:
        one.stop()


def test_an_empty_lane_where_nothing_moves_is_looked_at_seldom(lane):
    script = Script()
    lane(script).frames(20)
    assert 2 <= script.finds <= 6


def test_an_idle_lane_takes_fewer_frames_and_whoever_comes_is_looked_at_at_once(lane):
    script = Script()
    here = lane(script)
    here.drawn = True
    here.frames(52)
    before, here.now = script.finds, here.now + 0.1
    assert not takes(here, here.now, 0.3), "it is idle"
    here.now += IDLE_PACE_S
    assert takes(here, here.now, 60)
    for _ in range(round(4 / IDLE_PACE_S)):
        here.now += IDLE_PACE_S
        assert takes(here, here.now, 60)
    assert script.finds - before <= 4 / EMPTY_S + 1, "though the camera sends as before"
    script.found, before = [TRUCK], script.finds
    for _ in range(2):  # one picture may still be on its way
        here.now += IDLE_PACE_S
        assert takes(here, here.now, 60)
    assert script.finds > before
    assert takes(here, here.now + 0.1, 60), "and it is idle no more"


def test_a_vehicle_that_stands_unread_is_looked_at_in_every_picture(lane):
    script = Script(TRUCK, PLATE)
    script.sure = 0.05
    here = lane(script)
    here.frames(15)
    assert script.finds == 15
    assert not here.seen()[-1].plate.accepted


def test_a_vehicle_that_stands_surely_read_rests_the_models_and_is_told_on(lane):
    script = Script(TRUCK, PLATE)
    here = lane(script)
    here.frames(40)
    assert script.finds <= ENOUGH + 2 + 40 * 0.1 / 0.5 + 1
    last = here.seen()[-1]
    assert last.plate.accepted
    assert last.frames_read == script.reads, "a picture told twice is not read twice"
    assert len(here.seen()) >= 6, "it is told again and again while it stands there"
    assert not [f for f in here.facts if isinstance(f, VehicleLost)]


def test_a_second_text_that_is_read_now_and_then_is_told_with_its_share(lane):
    script = Script(TRUCK, PLATE)
    texts = itertools.cycle(["24C12345"] * 3 + ["24C12346"])
    script.text = lambda: next(texts)
    one = lane(script)
    one.frames(16)
    views = [fact.plate for fact in one.seen() if fact.plate]
    assert views[-1].text == "24C12345"
    assert views[-1].rival == pytest.approx(0.25, abs=0.08)


def test_a_parked_vehicle_beside_the_lane_is_neither_told_nor_read(lane):
    script = Script(PARKED, PARKED_PLATE)
    here = lane(script, zone=(0.25, 0.0, 1.0, 1.0))
    here.frames(6)
    assert here.seen() == []
    assert script.reads == 0


def test_only_what_has_reached_the_stop_line_is_at_the_barrier(lane):
    script = Script(TRUCK, PLATE, PARKED, PARKED_PLATE)
    here = lane(script, stop_line=0.6)
    here.frames(6)
    at = {(f.kind, f.at_barrier) for f in here.seen()}
    assert at == {("truck", True), ("car", False)}


def test_a_vehicle_that_leaves_is_told_lost_once(lane):
    script = Script(TRUCK, PLATE)
    here = lane(script)
    here.frames(5)
    script.found = []
    here.frames(25)
    assert len([f for f in here.facts if isinstance(f, VehicleLost)]) == 1


def test_what_is_seen_names_the_moment_its_picture_had_come(lane):
    here = lane(Script(TRUCK, PLATE))
    began = time.monotonic()
    here.frames(3)
    assert began < here.seen()[-1].frame_at < time.monotonic()


def takes(here, now, seconds):
    """Whether a picture is taken at that moment, within so many real seconds."""
    here.number += 1
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if here.pipeline.step(now):
            return True
        time.sleep(0.005)
    return False


def test_a_picture_taken_late_does_not_put_off_the_next_and_the_pace_is_kept(lane):
    here = lane(Script(), max_frames_per_s=10.0)
    assert takes(here, 100.0, 60)
    assert takes(here, 100.02, 60), "a first one is as if it had been late"
    assert not takes(here, 100.08, 0.3)
    assert takes(here, 100.17, 60)
    assert takes(here, 100.19, 60)
    assert not takes(here, 100.25, 0.3)
    assert takes(here, 100.28, 60)


def test_a_camera_whose_pictures_take_long_to_be_decoded_is_taken_seldom_and_spares_the_others(
    lane,
):
    here = lane(Script(), max_frames_per_s=10.0)
    here.instead = eight_k()
    takes(here, 90.0, 60)  # a small one may still be on its way
    assert takes(here, 100.0, 60)
    assert takes(here, 100.02, 60), "a first one is as if it had been late"
    spent = here.pipeline._camera.decoding_s
    assert not takes(here, 100.02 + 3 * spent, 0.5)
    assert takes(here, 100.02 + 60 * spent, 60)


def test_where_a_vehicle_is_not_surely_read_the_turn_comes_sooner(lane):
    script = Script(TRUCK, PLATE)
    script.sure = 0.05
    here = lane(script)
    here.frames(3)
    assert here.pipeline.place <= time.monotonic(), "it is waited for"
    here.frames(PATIENT)
    began = time.monotonic()
    here.frames(1)
    assert here.pipeline.place >= began + LATER_S, "it will not be read; others come first"


def test_a_surely_read_vehicle_and_an_empty_lane_have_their_turn_later(lane):
    here = lane(Script(TRUCK, PLATE))
    here.frames(5)
    empty = lane(Script())
    for one in (here, empty):
        began = time.monotonic()
        one.frames(1)
        assert one.pipeline.place >= began + LATER_S


class Pipeline:
    """A lane as the vision process's loop sees it."""

    def __init__(self, place, has_frame, log):
        self.place, self.has_frame, self.log = place, has_frame, log

    def step(self, now):
        self.log.append(self.place)
        return self.has_frame


def test_one_lane_at_a_time_looks_and_the_first_in_turn_that_has_a_picture():
    log = []
    assert process_one(
        [Pipeline(3.0, True, log), Pipeline(1.0, False, log), Pipeline(2.0, True, log)]
    )
    assert log == [1.0, 2.0]
    assert not process_one([Pipeline(1.0, False, log)])


# --- whose vehicle it is, and where ---

NEAR_FOOT = ((0.2, 0.6), (0.8, 0.6), (0.8, 1.0), (0.2, 1.0))
BESIDE_FOOT = ((0.0, 0.3), (0.19, 0.3), (0.19, 0.5), (0.0, 0.5))
LEANING = Detection("plate", 0.8, (205.0, 110.0, 240.0, 120.0))
WIDE = Detection("bus", 0.9, (40.0, 10.0, 260.0, 130.0))


def test_a_neighbours_vehicle_is_not_told_nor_read_though_its_plate_hangs_into_this_lanes_part(
    lane,
):
    script = Script(WIDE, LEANING)
    here = lane(script, ways={"waiting": ((0.3, 0.2), (0.9, 0.2), (0.9, 1.0), (0.3, 1.0))})
    here.frames(6)
    assert here.seen() == []
    assert script.reads == 0


def test_a_neighbours_plate_in_the_zone_is_not_this_lanes_where_its_vehicle_stands_outside(lane):
    script = Script(WIDE, LEANING)
    here = lane(script, zone=(0.3, 0.0, 1.0, 1.0))
    here.frames(6)
    assert here.seen() == []
    assert script.reads == 0


def test_a_plate_above_the_drawn_ground_is_its_vehicles(lane):
    here = lane(Script(TRUCK, PLATE), ways={"waiting": NEAR_FOOT, "approach": BESIDE_FOOT})
    here.frames(6)
    last = here.seen()[-1]
    assert (last.area, last.at_barrier, last.plate.text) == ("waiting", True, "24C12345")


def test_a_vehicle_that_drives_over_to_the_neighbour_is_lost_to_this_lane(lane):
    script = Script(TRUCK, PLATE)
    here = lane(script, zone=(0.25, 0.0, 1.0, 1.0))
    here.drawn = True
    here.frames(6)
    for left in range(60, 361, 60):
        script.found = [Detection("truck", 0.9, (200.0 - left, 60.0, 440.0 - left, 300.0))]
        here.frames(2)
    assert [type(f) for f in here.facts if isinstance(f, VehicleLost)] == [VehicleLost]
    assert isinstance(here.facts[-1], VehicleLost), "and is told no more"


def test_who_stands_behind_another_unseen_is_told_on(lane):
    script = Script(TRUCK, PLATE)
    here = lane(script, stop_line=0.6)
    here.frames(25)
    before = here.seen()[-1]
    script.found = [Detection("bus", 0.9, (100.0, 10.0, 560.0, 350.0))]
    here.frames(30)
    after = [f for f in here.seen() if f.track == before.track]
    assert after[-1].plate == before.plate
    assert len(after) >= 5
    assert not [f for f in here.facts if isinstance(f, VehicleLost)]


DRIVEN = {
    "travel": (0.1, 0.8, 0.9, 0.8),
    "lines": {"arm": (0.6, 0.2, 0.6, 1.0)},
    "approach": ((0.0, 0.5), (0.6, 0.5), (0.6, 1.0), (0.0, 1.0)),
}


def drives_over(here, script):
    for left in range(0, 520, 26):
        script.found = [Detection("car", 0.9, (left, 200.0, left + 120.0, 280.0))]
        here.frames(1)


def test_a_rear_over_a_line_that_was_never_seen_free_is_no_sure_crossing(lane):
    script = Script()
    here = lane(script, ways=DRIVEN)
    here.drawn = True
    drives_over(here, script)
    here.frames(12)
    crossed = [f for f in here.facts if isinstance(f, LinePassed)]
    assert [(f.whole, f.sure) for f in crossed] == [(False, 0.95), (True, 0.5)]


def test_a_vehicle_that_goes_over_the_line_is_told_with_direction_and_count(lane):
    script = Script()
    here = lane(script, ways=DRIVEN)
    here.drawn = True
    here.frames(14)
    drives_over(here, script)
    crossed = [f for f in here.facts if isinstance(f, LinePassed)]
    assert [(f.line, f.forward, f.whole, f.fronts) for f in crossed] == [
        ("arm", True, False, 1), ("arm", True, True, 1),
    ]  # fmt: skip
    assert min(f.sure for f in crossed) > 0.9
    assert here.seen()[-1].heading is Heading.FORWARD
    assert crossed[0].frame_at < crossed[1].frame_at < time.monotonic()


def test_the_queue_is_told_when_its_length_has_stood_for_a_moment(lane):
    script = Script(Detection("car", 0.9, (20.0, 200.0, 140.0, 280.0)))
    here = lane(script, ways=DRIVEN)
    here.frames(20)
    script.found = [*script.found, Detection("car", 0.9, (170.0, 200.0, 290.0, 280.0))]
    here.frames(20)
    assert [f.vehicles for f in here.facts if isinstance(f, QueueChanged)] == [1, 2]


def test_without_anything_drawn_nothing_new_is_told(lane):
    here = lane(Script(TRUCK, PLATE))
    here.frames(20)
    assert {type(f) for f in here.facts} == {CameraChanged, PicturesJudged, VehicleSeen}
    assert {(f.area, f.heading, f.camera) for f in here.seen()} == {("", Heading.UNKNOWN, "")}


def test_of_an_overview_no_plates_are_read(lane):
    script = Script(TRUCK, PLATE)
    here = lane(script, sees="overview")
    here.frames(6)
    assert script.reads == 0
    assert {(f.kind, f.sees, f.plate) for f in here.seen()} == {("truck", "overview", None)}


def test_a_vehicle_in_a_picture_that_has_frozen_is_lost_and_told_no_more(lane):
    here = lane(Script(TRUCK, PLATE))
    here.frames(5)
    assert here.seen()
    here.pipeline._pictures.health.standing = frozenset({AlarmCode.CAMERA_FROZEN})
    here.pipeline._pictures.health._held[AlarmCode.CAMERA_FROZEN] = 0.0
    here.pipeline._pictures.health.check = lambda *given: False
    before = len(here.seen())
    here.frames(25)
    assert len(here.seen()) == before
    assert [f for f in here.facts if isinstance(f, VehicleLost)]
    assert here.pipeline.status().state == "frozen"


def test_an_arrival_is_kept_with_its_clip_and_why_it_was_read_so_before_it_is_lost(lane, tmp_path):
    script = Script(TRUCK, PLATE)
    here = lane(script, clips=True)
    here.frames(12)
    # Frames are stamped when they come, and the clip lasts for seconds of that time.
    for history in here.pipeline._vehicles.known.values():
        history.arrived_at -= AFTER_S
    here.frames(3)
    kept = {parsed(name).kind: name for name in here.seen()[-1].evidence}
    assert set(kept) == set(Kind)
    said = json.loads(load(tmp_path, kept[Kind.READS]))
    assert said["result"]["text"] == "24C12345"
    assert said["why"]["agreeing"] == said["why"]["of"] == len(said["frames"]) > 1
    assert said["frames"][0]["box"] == [290, 250, 350, 270]
    assert load(tmp_path, kept[Kind.CLIP])[4:8] == b"ftyp"
    here.frames(3)
    again = {parsed(name).kind: name for name in here.seen()[-1].evidence}
    assert again[Kind.CLIP] == kept[Kind.CLIP], "once for each arrival"


def test_the_nearest_view_of_a_whole_vehicle_is_kept_of_those_read_as_surely(lane):
    script = Script()
    width = [40]
    text = "24C12345"
    script.read = lambda crop: Reading(
        text, text, "VN", "white", 1, 0.99, True, ((text, 1.0),), width[0]
    )
    here = lane(script, stop_line=1.0)
    kept = []
    for pixels, bottom in ((40, 200.0), (50, 220.0), (80, 260.0), (140, 360.0)):
        width[0] = pixels
        box = (200.0, 60.0, 440.0, bottom)
        plate = (290.0, bottom - 50, 350.0, bottom - 30)
        script.found = [Detection("truck", 0.9, box), Detection("plate", 0.8, plate)]
        here.frames(2)
        kept.append(here.seen()[-1].evidence)
    far, little_nearer, near, half_out = kept
    assert far
    assert far == little_nearer != near == half_out


def test_one_that_leaves_at_once_has_its_clip_too(lane):
    script = Script(TRUCK, PLATE)
    here = lane(script, clips=True)
    here.frames(5)
    script.found = []
    here.frames(25)
    lost = next(n for n, f in enumerate(here.facts) if isinstance(f, VehicleLost))
    last = [f for f in here.facts[:lost] if isinstance(f, VehicleSeen)][-1]
    assert {parsed(name).kind for name in last.evidence} >= {Kind.CLIP, Kind.READS, Kind.PLATE}


def test_one_whose_passage_may_be_over_at_once_has_its_clip_while_its_track_is_still_waited_for(
    lane,
):
    script = Script(TRUCK, PLATE)
    here = lane(script, clips=True)
    here.frames(5)
    assert not any(parsed(name).kind is Kind.CLIP for name in here.seen()[-1].evidence)
    script.found = []
    while not any(parsed(name).kind is Kind.CLIP for name in here.seen()[-1].evidence):
        here.frames(1)
    assert not [f for f in here.facts if isinstance(f, VehicleLost)]
    assert here.now < 5 * 0.1 + AFTER_S / 2


def test_one_that_is_not_seen_again_once_its_clip_is_kept_has_it_told(lane):
    """Its clip was told with its next sight, half a second later: of one that left then, never."""
    script = Script(TRUCK, PLATE)
    here = lane(script, clips=True)
    here.frames(12)
    for history in here.pipeline._vehicles.known.values():
        history.arrived_at -= AFTER_S
        history.reported_at = here.now
    here.frames(1)
    script.found = []
    while not any(isinstance(f, VehicleLost) for f in here.facts):
        here.frames(5)
    kept = {parsed(name).kind for name in here.seen()[-1].evidence}
    assert kept >= {Kind.CLIP, Kind.READS, Kind.PLATE}


def test_one_that_drives_on_from_the_barrier_has_its_clip_at_once(lane):
    script = Script(TRUCK, PLATE)
    here = lane(
        script, clips=True, ways={"waiting": [[0.2, 0.5], [0.8, 0.5], [0.8, 0.9], [0.2, 0.9]],
                                  "exit": [[0.2, 0.9], [0.8, 0.9], [0.8, 1.0], [0.2, 1.0]]},
    )  # fmt: skip
    here.frames(5)
    beyond = (200.0, 110.0, 440.0, 350.0)
    script.found = [Detection("truck", 0.9, beyond)]
    here.frames(2)
    assert any(parsed(name).kind is Kind.CLIP for name in here.seen()[-1].evidence)


@pytest.fixture
def plate_reader(tmp_path):
    """A camera that reads plates itself, and how a lane asks it."""
    camera = PlateReader()
    camera.start()
    (tmp_path / "password").write_text("12345abc", encoding="utf-8")
    asked = SecondReaderConfig(
        kind="isapi", url=camera.url, username="admin", password_file=tmp_path / "password"
    )
    yield camera, asked
    camera.stop()


def said_by(camera, here, text):
    camera.say(text)
    wait_for(lambda: not here.pipeline._heard.empty())


def test_the_cameras_own_reading_of_the_vehicle_is_told_beside_ours_and_contradicts(
    lane, plate_reader
):
    camera, asked = plate_reader
    here = lane(Script(TRUCK, PLATE), second_reader=asked)
    wait_for(lambda: camera.open)
    here.frames(10)
    assert here.seen()[-1].plate.accepted
    said_by(camera, here, "24C12346")
    here.frames(8)
    plate = here.seen()[-1].plate
    assert (plate.text, plate.second, plate.accepted) == ("24C12345", "24C12346", False)


@pytest.mark.parametrize(
    ("text", "agrees"), [("24C12346", False), ("24C12345", True)], ids=["other", "same"]
)
def test_what_the_camera_says_after_an_arrival_was_kept_stands_in_the_file_that_says_why(
    lane, plate_reader, tmp_path, text, agrees
):
    camera, asked = plate_reader
    here = lane(Script(TRUCK, PLATE), clips=True, second_reader=asked)
    wait_for(lambda: camera.open)
    here.frames(12)
    for history in here.pipeline._vehicles.known.values():
        history.arrived_at -= AFTER_S
    here.frames(3)
    before = {parsed(name).kind: name for name in here.seen()[-1].evidence}
    assert json.loads(load(tmp_path, before[Kind.READS]))["why"]["second_agrees"] is None
    said_by(camera, here, text)
    here.frames(3)
    told = here.seen()[-1]
    after = [parsed(name) for name in told.evidence]
    (reads,) = [one.name for one in after if one.kind is Kind.READS]
    said = json.loads(load(tmp_path, reads))
    assert (said["second"]["text"], said["why"]["second_agrees"]) == (text, agrees)
    assert told.plate.second == text
    assert before[Kind.CLIP] in told.evidence, "the clip is kept once"


def test_a_view_that_is_confirmed_ends_the_alarm_and_is_forgotten_on_the_disk(lane, tmp_path):
    here = lane(Script())
    here.frames(3)
    view_memory.keep(tmp_path / "views", "out1", {"view": np.zeros((96, 160), np.complex64)})
    here.pipeline._pictures._folder = tmp_path / "views"
    here.pipeline._pictures.health.standing = frozenset({AlarmCode.CAMERA_MOVED})
    here.pipeline.take(Word.CONFIRM)
    told = [f for f in here.facts if isinstance(f, PicturesJudged)][-1]
    assert told.faults == frozenset()
    assert view_memory.kept(tmp_path / "views", "out1") == {}
