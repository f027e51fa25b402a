"""Vehicles are followed from picture to picture."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config import CameraConfig
from edge.vision.frame_result import FrameResult, SeenPlate, SeenVehicle
from edge.vision.likeness import _distance
from edge.vision.reading import Reading
from edge.vision.tracking import MISSING_S, Tracker
from edge.vision.ways import Ways

DRAWN = {"travel": (0.5, 0.1, 0.5, 0.9), "lines": {"arm": (0.1, 0.8, 0.9, 0.8)}}

BOX = (100.0, 100.0, 300.0, 300.0)


def a_sight(*boxes, plates=()):
    return FrameResult(tuple(SeenVehicle("truck", 0.9, b) for b in boxes), tuple(plates))


def moved(box, dx, dy=0.0):
    return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


def test_a_standing_vehicle_keeps_its_track():
    tracker = Tracker()
    tracks = {tracker.update(a_sight(BOX), n / 10)[0][0].number for n in range(100)}
    assert len(tracks) == 1


def test_a_moving_vehicle_keeps_its_track():
    tracker = Tracker()
    tracks = {tracker.update(a_sight(moved(BOX, 30 * n)), n / 5)[0][0].number for n in range(10)}
    assert len(tracks) == 1


def test_two_vehicles_side_by_side_are_two():
    tracker = Tracker()
    for n in range(5):
        seen, _ = tracker.update(a_sight(BOX, moved(BOX, 260)), n / 10)
    assert len({f.number for f in seen}) == 2


def test_a_short_disappearance_keeps_the_track_and_a_long_one_ends_it():
    tracker = Tracker()
    first = tracker.update(a_sight(BOX), 0.0)[0][0].number
    assert tracker.update(a_sight(), MISSING_S / 2)[1] == []
    assert tracker.update(a_sight(BOX), MISSING_S * 0.9)[0][0].number == first
    _, lost = tracker.update(a_sight(), MISSING_S * 3)
    assert [f.number for f in lost] == [first]


def a_plate(confidence, country="VN", text="24C12345"):
    sure = confidence > 0.9
    reading = Reading(text, text, country, "white", 1, confidence, sure, (), 60)
    return SeenPlate((180, 250, 240, 270), 0.8, reading)


def test_a_vehicle_that_takes_anothers_place_is_another_though_not_every_picture_is_read():
    tracker = Tracker()
    first = FrameResult((SeenVehicle("truck", 0.9, BOX, a_plate(0.95)),), ())
    unread = FrameResult((SeenVehicle("truck", 0.9, BOX, SeenPlate(BOX, 0.8)),), ())
    half_read = FrameResult((SeenVehicle("truck", 0.9, BOX, a_plate(0.4, text="98760")),), ())
    second = FrameResult((SeenVehicle("truck", 0.9, BOX, a_plate(0.95, text="51D98760")),), ())
    sights = (first, unread, half_read, second)
    tracks = [tracker.update(s, n / 10)[0][0].number for n, s in enumerate(sights)]
    assert tracks[0] == tracks[1] == tracks[2] != tracks[3]


def test_a_plate_without_a_vehicle_is_followed_too():
    tracker = Tracker()
    seen, _ = tracker.update(a_sight(plates=[a_plate(0.8)]), 0.0)
    assert seen[0].kind == "vehicle"
    unread, _ = tracker.update(a_sight(plates=[SeenPlate((181, 250, 241, 270), 0.8)]), 0.1)
    assert unread[0].number == seen[0].number
    again, _ = tracker.update(a_sight((120.0, 120.0, 300.0, 300.0)), 0.2)
    assert again[0].number == seen[0].number


def test_a_sign_that_is_not_read_as_a_plate_is_no_vehicle():
    tracker = Tracker()
    signs = [SeenPlate((180, 250, 240, 270), 0.8), a_plate(0.1), a_plate(0.9, "?")]
    for n, sign in enumerate(signs):
        assert tracker.update(a_sight(plates=[sign]), n * 1.0) == ([], [])


def test_a_vehicle_of_which_one_picture_shows_the_plate_alone_keeps_its_track_and_its_size():
    tracker = Tracker()
    box = (400.0, 300.0, 900.0, 700.0)
    plate = SeenPlate((480.0, 620.0, 600.0, 660.0), 0.9)
    whole = FrameResult((SeenVehicle("car", 0.9, box, plate),), (plate,))
    for n in range(3):
        tracker.update(whole, n / 10)
    reading = Reading("34A36837", "34A36837", "VN", "white", 1, 0.99, True, (), 120)
    shown = SeenPlate((470.0, 625.0, 590.0, 665.0), 0.9, reading)
    (alone,), _ = tracker.update(FrameResult((), (shown,)), 0.3)
    assert alone.number == 1
    assert alone.box == (390.0, 305.0, 890.0, 705.0), "moved as the plate has"
    assert [t.number for t in tracker.update(whole, 0.4)[0]] == [1]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_a_detector_finds_the_tracker_and_the_ways_go_on(data):
    """Boxes without a size, outside of the picture, on top of each other; readings of anything."""
    tracker, ways = Tracker(), Ways(CameraConfig(source="x", ways=DRAWN))
    side = st.floats(-200, 1500)
    now, numbers = 0.0, set()
    for _ in range(data.draw(st.integers(1, 12))):
        now += data.draw(st.sampled_from((0.0, 0.1, 0.7, 3.0, 50.0)))
        found = []
        for x, y, w, h in data.draw(st.lists(st.tuples(side, side, side, side), max_size=4)):
            box = (x, y, x + abs(w), y + abs(h))
            text = data.draw(st.sampled_from(("", "24C12345", "51D98760", "?")))
            plate = a_plate(data.draw(st.floats(0, 1)), text=text) if text else None
            kind = data.draw(st.sampled_from(("truck", "car")))
            found.append(SeenVehicle(kind, 0.9, box, plate))
        seen, lost = tracker.update(FrameResult(tuple(found), ()), now)
        ways.update(seen, tracker.tracks, now, 1280, 720)
        alive = [t.number for t in tracker.tracks]
        assert len(set(alive)) == len(alive), "no vehicle is two tracks' or one track two vehicles"
        assert len(seen) == len(found)
        assert not {t.number for t in lost} & {*alive, *numbers}, "lost once, and never again"
        numbers |= {t.number for t in lost}


def test_a_box_under_a_pixel_is_far_from_any_other():
    assert _distance((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.5e-282)) == 1.0
