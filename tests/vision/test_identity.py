"""A vehicle keeps its identity while it waits, and another in its place never gets it."""

import random

import pytest

from edge.vision.frame_result import FrameResult, SeenPlate, SeenVehicle
from edge.vision.tracking import CONFIRM_S, COVERED_S, MISSING_S, STOOD_S, Tracker
from tests.support.vision.road import Detecting, SideCamera, Vehicle, a_reading, appearance_of
from tests.support.vision.watching import Watching

BOX = (400.0, 300.0, 600.0, 500.0)
BUS = (300.0, 150.0, 800.0, 640.0)


def a_vehicle(box=BOX, text="", confidence=0.97, colour=1, kind="truck"):
    plate = None
    if text:
        reading = a_reading(text, confidence, confidence > 0.9)
        plate = SeenPlate((box[0] + 80, box[3] - 30, box[0] + 120, box[3] - 20), 0.8, reading)
    return SeenVehicle(kind, 0.9, box, plate, appearance_of(Vehicle("", 0.0, colour=colour)))


class Scene:
    """Feeds a tracker at 5 pictures a second."""

    def __init__(self):
        self.tracker, self.now, self.lost = Tracker(), 0.0, []

    def see(self, *vehicles, step=0.2):
        self.now += step
        plates = tuple(v.plate for v in vehicles if v.plate)
        seen, lost = self.tracker.update(FrameResult(vehicles, plates), self.now)
        self.lost += [track.number for track in lost]
        return [track.number for track in seen]

    def stay(self, seconds, *vehicles):
        numbers = set()
        for _ in range(round(seconds / 0.2)):
            numbers |= set(self.see(*vehicles))
        return numbers


@pytest.mark.parametrize("seed", range(3))
def test_a_vehicle_that_waits_ten_minutes_keeps_its_track_through_gaps_and_a_bus(seed):
    """The detector misses it for up to four seconds now and then; a bus hides it for eight."""
    rng = random.Random(seed)
    detecting = Detecting(SideCamera(), seed, misses=0.15, reads=0.3)
    watching = Watching(detecting)
    here = Vehicle("24C11111", 57.0, "car")
    bus = Vehicle("51D22222", 20.0, "bus", side=0.4, colour=7)
    hidden = 0
    while watching.now < 600:
        watching.still([here], rng.uniform(5, 20))
        watching.still([], rng.uniform(0.5, 4.0))
        if rng.random() < 0.2:
            watching.still([here], 3)
            bus.front = 20.0
            watching.drive([here, bus], [bus], 40, speed=6.0)
            watching.still([here, bus], 8)
            hidden += 1
            watching.drive([here, bus], [bus], 40, speed=6.0)
    watching.still([here], 5)
    assert hidden >= 2
    assert watching.of_vehicle[here.text] == [1]
    assert watching.mixed == {}


def test_one_that_is_covered_is_there_until_the_cover_is_gone_for_long():
    scene = Scene()
    scene.stay(4, a_vehicle(text="24C11111"))
    scene.stay(20, a_vehicle(BUS, kind="bus", colour=9))
    assert scene.lost == []
    assert [t.covered for t in scene.tracker.tracks if t.kind == "truck"] == [True]
    scene.stay(STOOD_S + 1)
    assert 1 in scene.lost


def test_one_that_is_covered_for_ever_is_given_up():
    scene = Scene()
    scene.stay(4, a_vehicle())
    scene.stay(COVERED_S + 1, a_vehicle(BUS, kind="bus", colour=9))
    assert scene.lost == [1]


def test_one_that_drove_is_not_waited_for():
    scene = Scene()
    for n in range(20):
        scene.see(a_vehicle((400.0 + 15 * n, 300.0, 600.0 + 15 * n, 500.0)))
    scene.stay(MISSING_S + 0.4)
    assert scene.lost == [1]


def test_another_colour_that_comes_from_behind_the_cover_is_another_vehicle():
    scene = Scene()
    scene.stay(4, a_vehicle(colour=1))
    scene.stay(4, a_vehicle(BUS, kind="bus", colour=9))
    assert scene.see(a_vehicle(colour=2)) not in ([1],)


def test_one_with_a_known_plate_that_comes_back_is_believed_when_its_plate_is_read_again():
    scene = Scene()
    scene.stay(4, a_vehicle(text="24C11111"))
    scene.stay(3, a_vehicle(BUS, kind="bus", colour=9))
    assert scene.see(a_vehicle()) == [1]
    assert not scene.tracker.tracks[0].believed
    assert scene.see(a_vehicle(text="24C11111", confidence=0.6)) == [1]
    assert scene.tracker.tracks[0].believed


def test_one_that_comes_back_with_another_plate_or_with_none_for_long_is_another():
    for later in ("51D22222", ""):
        scene = Scene()
        scene.stay(4, a_vehicle(text="24C11111"))
        scene.stay(3, a_vehicle(BUS, kind="bus", colour=9))
        assert scene.see(a_vehicle()) == [1]
        assert scene.stay(CONFIRM_S + 1, a_vehicle(text=later)) >= {3}
        assert [t.number for t in scene.tracker.tracks if t.kind == "truck"] == [3]


def test_one_that_the_detector_missed_in_the_open_is_believed_at_once():
    scene = Scene()
    scene.stay(4, a_vehicle(text="24C11111"))
    scene.stay(3)
    assert scene.see(a_vehicle()) == [1]
    assert scene.tracker.tracks[0].believed


def test_two_half_sure_readings_of_another_plate_begin_a_new_track_and_the_first_is_kept_from_it():
    scene = Scene()
    scene.stay(2, a_vehicle(text="24C11111"))
    assert scene.see(a_vehicle(text="59X98765", confidence=0.6)) == [1]
    assert scene.tracker.tracks[0].plate.reading is None, "it would be fused with the first's"
    assert scene.see(a_vehicle(text="59X98765", confidence=0.7)) == [2]


def test_a_single_misreading_and_a_slip_of_one_character_change_nothing():
    scene = Scene()
    scene.stay(2, a_vehicle(text="24C11111"))
    for text in ("59X98765", "24C11111", "36A00000", "24C11111", "24C11117", "24C11117"):
        assert scene.see(a_vehicle(text=text, confidence=0.6)) == [1]


def test_a_plate_read_with_a_dropped_character_is_the_same():
    scene = Scene()
    scene.stay(2, a_vehicle(text="24C11111"))
    for _ in range(3):
        assert scene.see(a_vehicle(text="4C11111", confidence=0.8)) == [1]


def test_a_vehicle_that_appears_behind_one_that_drove_off_is_another():
    """Seen from before: the first drives out of the picture below, and the one behind it, which
    it hid, appears above the place where it was."""
    scene = Scene()
    box = (480.0, 200.0, 800.0, 600.0)
    scene.stay(2, a_vehicle(box))
    for n in range(4):
        moved = (box[0], box[1] + 30 * n, box[2], min(720.0, box[3] + 30 * n))
        assert scene.see(a_vehicle(moved)) == [1]
    assert scene.see(a_vehicle((530.0, 180.0, 750.0, 440.0))) == [2]


def panned(rng, plates, frames_each, steps):
    """A handheld camera goes from one motorcycle to the next: each stays before it for a while,
    trembling, then the next one is in its place, all of one size and colour."""
    for text in plates:
        for n in range(frames_each):
            dx, dy = rng.gauss(0, 14), rng.gauss(0, 10)
            grown = rng.uniform(0.95, 1.05)
            box = (500 + dx, 250 + dy, 500 + dx + 220 * grown, 250 + dy + 300 * grown)
            read = rng.random()
            confidence = 0.0 if n < steps or read < 0.5 else 0.6 if read < 0.75 else 0.97
            yield text, a_vehicle(box, text if confidence else "", confidence, kind="motorcycle")


@pytest.mark.parametrize("seed", range(12))
def test_a_handheld_camera_that_goes_from_one_motorcycle_to_the_next_mixes_no_readings(seed):
    rng, scene = random.Random(seed), Scene()
    read = {}
    plates = ("29H111111", "59X298765", "36B544444", "60F177777")
    for _, vehicle in panned(rng, plates, 40, 3):
        scene.see(vehicle, step=0.1)
        for track in scene.tracker.tracks:
            if track.plate and track.plate.reading and track.at == scene.now:
                read.setdefault(track.number, set()).add(track.plate.reading.text)
    assert all(len(texts) == 1 for texts in read.values()), read
    assert {text for texts in read.values() for text in texts} == set(plates)
