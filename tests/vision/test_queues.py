"""Queues before the barrier, box by box: no track changes its vehicle, none is counted twice."""

import pytest

from edge.domain.facts import Heading
from tests.support.vision.road import Detecting, FrontCamera, SideCamera, Vehicle
from tests.support.vision.watching import Watching

TEXTS = ("24C11111", "51D22222", "15C33333", "34A44444", "29H55555", "89C66666", "90B77777")
SIDE = {
    "travel": (0.1, 0.7, 0.9, 0.7),
    "lines": {"arm": (0.5625, 0.4, 0.5625, 0.95)},
    "approach": ((0.0, 0.5), (0.4, 0.5), (0.4, 0.9), (0.0, 0.9)),
    "waiting": ((0.4, 0.5), (0.57, 0.5), (0.57, 0.9), (0.4, 0.9)),
    "exit": ((0.57, 0.5), (1.0, 0.5), (1.0, 0.9), (0.57, 0.9)),
}
FRONT = {"travel": (0.5, 0.4, 0.5, 0.95)}


def a_queue(kinds, gap, first=57.0, colours=None):
    """Vehicles one behind the other, so many metres apart."""
    queue, at = [], first
    for n, kind in enumerate(kinds):
        colour = n if colours is None else colours[n]
        queue.append(Vehicle(TEXTS[n], at, kind, colour=colour))
        at = queue[-1].rear - gap
    return queue


def passes_one_by_one(watching, queue):
    """Each is let through, and the others move up behind it."""
    left = list(queue)
    watching.still(left, 3)
    while left:
        first, rest = left[0], left[1:]
        watching.drive(left, [first], 8)
        shift = 57.0 - rest[0].front if rest else 0.0
        for n in range(24):
            first.front += min(1.6, 0.6 + n / 10)
            for other in rest:
                other.front += shift / 24
            watching.see(left)
        left = rest
        watching.still(left, 2)
    watching.still([], 3)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("camera", "ways"), [(SideCamera, SIDE), (FrontCamera, FRONT)])
def test_in_a_queue_bumper_to_bumper_no_track_changes_its_vehicle(camera, ways, seed):
    watching = Watching(Detecting(camera(), seed), **ways)
    passes_one_by_one(watching, a_queue(["truck", "truck", "car", "truck", "bus"], 0.5))
    assert watching.mixed == {}
    tracks = {text: len(numbers) for text, numbers in watching.of_vehicle.items()}
    assert tracks == dict.fromkeys(TEXTS[:5], 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_queue_of_one_colour_whose_plates_are_not_read_keeps_its_tracks(seed):
    watching = Watching(Detecting(SideCamera(), seed, reads=0.0), **SIDE)
    passes_one_by_one(watching, a_queue(["truck"] * 4, 1.0, colours=[3] * 4))
    assert watching.mixed == {}
    assert watching.ways.fronts["arm"] == 4


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kinds", [["truck", "truck"], ["car", "car"], ["truck", "car", "car"]])
def test_tailgaters_at_one_metre_are_counted_each(seed, kinds):
    watching = Watching(Detecting(SideCamera(), seed), **SIDE)
    queue = a_queue(kinds, 1.0, first=40.0)
    watching.drive(queue, queue, 66, speed=4.0)
    assert watching.ways.fronts["arm"] == len(kinds)
    whole = [text for text, one in watching.crossed if one.whole and one.forward]
    assert whole == list(TEXTS[: len(kinds)])


@pytest.mark.parametrize("seed", range(4))
def test_reversing_and_the_wrong_way_are_named_and_a_queue_is_neither(seed):
    watching = Watching(Detecting(SideCamera(), seed, misses=0.05), **SIDE)
    here = Vehicle(TEXTS[0], 30.0, "car")
    watching.drive([here], [here], 25)
    watching.still([here], 3)
    assert set(watching.headings[here.text]) <= {Heading.UNKNOWN, Heading.FORWARD, Heading.STANDING}
    watching.drive([here], [here], -15)
    assert watching.headings[here.text][-1] is Heading.REVERSING
    ghost = Vehicle(TEXTS[1], 95.0, "car")
    watching.drive([ghost], [ghost], -40)
    assert watching.headings[ghost.text][-1] is Heading.WRONG_WAY
    backwards = [text for text, one in watching.crossed if one.whole and not one.forward]
    assert backwards == [ghost.text]


@pytest.mark.parametrize("seed", range(4))
def test_the_queue_is_counted_and_the_time_at_the_barrier_told(seed):
    watching = Watching(Detecting(SideCamera(), seed), **SIDE)
    queue = a_queue(["car"] * 4, 1.0, first=58.0)
    watching.still(queue, 20)
    assert watching.ways.queue == 4
    track = next(t for t in watching.tracker.tracks if t.said and t.said.text == TEXTS[0])
    assert watching.ways.of(track).dwell_s == pytest.approx(20, abs=1.5)
    watching.still(queue[1:], 12)
    assert watching.ways.queue == 3


def test_a_tractor_and_its_trailer_in_two_boxes_are_no_sure_crossing():
    watching = Watching(Detecting(SideCamera(), 2, misses=0.0, tremble=0.0), **SIDE)
    tractor = Vehicle(TEXTS[0], 58.0, "car")
    trailer = Vehicle("", tractor.rear - 0.8, "truck")
    both = [tractor, trailer]
    watching.still(both, 3)
    watching.drive(both, both, 30)
    first = next(one for _, one in watching.crossed if one.whole)
    assert first.sure <= 0.5, "its own trailer may stand on the line"


def test_a_trailer_whose_foot_is_hidden_while_its_tractor_stops_is_not_taken_for_another():
    """Its last heading must not stand for one that drives on while the tractor stands."""
    watching = Watching(Detecting(SideCamera(), 2, misses=0.0, reads=0.0, tremble=0.0), **SIDE)
    tractor = Vehicle("", 40.0, "car")
    trailer = Vehicle("", tractor.rear - 0.8, "truck")
    both = [tractor, trailer]
    watching.drive(both, both, 15)
    cover = Vehicle("", trailer.front - 1.0, "bus", side=0.9, colour=9)
    for _ in range(25):
        watching.see([tractor, trailer, cover])
    apart = [watching.ways.of(t).apart_from for t in watching.tracker.tracks if t.kind == "car"]
    trailers = {t.number for t in watching.tracker.tracks if t.kind == "truck"}
    assert not trailers & frozenset().union(*apart)


@pytest.mark.parametrize("speed", [0.3, 0.6, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("camera", [SideCamera, FrontCamera])
def test_a_trailer_that_creeps_behind_its_tractor_is_never_taken_for_another(camera, speed):
    """The far end moves less in the picture than the near end."""
    ways = SIDE if camera is SideCamera else FRONT
    watching = Watching(Detecting(camera(), 3, misses=0.05, reads=0.0), **ways)
    tractor = Vehicle("", 46.0, "car")
    trailer = Vehicle("", tractor.rear - 0.8, "truck", colour=5)
    for _ in range(3):
        watching.still([tractor, trailer], 2)
        watching.drive([tractor, trailer], [tractor, trailer], 4, speed=speed)
    tracks = watching.tracker.tracks
    assert {t.kind for t in tracks} == {"car", "truck"}
    assert not any(watching.ways.of(t).apart_from for t in tracks)


def test_who_drove_while_the_other_stood_is_another_vehicle_and_its_crossing_is_sure():
    watching = Watching(Detecting(SideCamera(), 2, misses=0.0, reads=0.0), **SIDE)
    queue = a_queue(["car", "car"], 6.0, first=58.0)
    watching.still(queue, 2)
    watching.drive(queue, queue[1:], 5, speed=2.0)
    watching.still(queue, 2)
    watching.drive(queue, queue, 30)
    assert [one.sure for _, one in watching.crossed if one.whole] == [0.95, 0.95]
