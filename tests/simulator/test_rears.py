"""The rear camera: whose plate hangs there, what burns when, and what a real vision reads."""

import random
from itertools import count

import numpy as np
import pytest

from edge.vision.detectors import detector_of
from edge.vision.frame_result import detect
from edge.vision.recogniser import OpenVinoPlateReader
from simulator.bodywork import look_for
from simulator.rears import rear, rear_look
from simulator.scene import Placed, Scene
from simulator.viewpoint import HEIGHT, REAR, WAITING_BEHIND, WIDTH
from simulator.world import Driver, LaneWorld, Vehicle, semi_trailer

TRAILER = "桂C6789挂"


def look(kind="truck", plate="29C12345", country="VN", lines=1):
    return look_for(kind, random.Random(7), (plate, country, "yellow", lines))


def placed(of=None, away=9.0, brakes=False, trailer="", long=10.0):
    return Placed(rear_look(of or look(), trailer), away, brakes=brakes, length=long)


def seen(*vehicles, night=False):
    return Scene(3, night, at=REAR).render(vehicles)


def test_behind_a_truck_hangs_a_plate_of_two_rows_and_behind_a_trailer_the_trailers_own():
    own = rear_look(look())
    assert (own.plate, own.lines) == ("29C12345", 2)
    trailers = rear_look(look(), TRAILER)
    assert (trailers.plate, trailers.country, trailers.colour) == (TRAILER, "CN", "yellow")
    assert trailers.lines == 2
    _, truth = seen(placed(trailer=TRAILER))
    assert [box.text for box in truth if box.kind == "plate"] == [TRAILER]


@pytest.mark.parametrize("kind", ["truck", "bus", "car", "motorcycle"])
@pytest.mark.parametrize("night", [False, True])
def test_brake_lights_burn_while_it_stands(kind, night):
    of = look(kind, "59T112345" if kind == "motorcycle" else "29C12345", lines=2)
    lit, truth = seen(placed(of, brakes=True), night=night)
    off, _ = seen(placed(of), night=night)
    x1, y1, x2, y2 = (round(v) for v in truth[0].box)
    more = lit[y1:y2, x1:x2].astype(int) - off[y1:y2, x1:x2]
    redder = (more[..., 2] > 25) & (more[..., 2] >= more[..., 0])
    assert redder.sum() > 20
    assert redder.mean() < 0.5


def test_at_night_a_brake_light_dazzles_beside_the_lamp_too():
    lit, truth = seen(placed(brakes=True), night=True)
    off, _ = seen(placed(), night=True)
    x1, y1, x2, y2 = (round(v) for v in truth[0].box)
    brighter = lit.astype(int) - off
    lamps = rear(rear_look(look()), True).lamps
    assert len(lamps) == 2
    assert (brighter[y1:y2, x1:x2].max(axis=2) > 25).mean() > 0.05


def test_a_headlight_at_night_dazzles_and_by_day_it_does_not():
    def bright(night):
        picture, truth = Scene(3, night).render([Placed(look(), 8.8)])
        x1, y1, x2, y2 = (round(v) for v in truth[0].box)
        return int((picture[y1:y2, x1:x2].min(axis=2) > 245).sum())

    assert bright(True) > 4 * bright(False)


def test_the_road_tells_how_far_the_rear_is_and_whether_it_brakes():
    clock = count()
    now = [0.0]
    road = LaneWorld("out1", lambda: now[0])
    vehicle = Vehicle(look(), 16.0, True, Driver(), semi_trailer(), trailer_plate=TRAILER)
    road.add(vehicle)
    brakes = []
    while vehicle.waited < 3 and next(clock) < 2000:
        now[0] += 0.05
        (one,) = road.placed_behind()
        brakes.append(one.brakes)
        assert one.trailer_plate == TRAILER
    assert one.distance == pytest.approx(vehicle.back + 26.0)
    assert not brakes[1]
    assert brakes[-1]


def test_the_rear_of_whoever_waits_stands_where_the_gate_is_told_that_they_wait():
    for long in (4.4, 7.0, 12.0, 16.0):
        away = 26.0 - 1.2 - long
        _, truth = seen(placed(away=away, long=long))
        x1, _, x2, foot = truth[0].box
        xs = [x * WIDTH for x, _ in WAITING_BEHIND]
        ys = [y * HEIGHT for _, y in WAITING_BEHIND]
        assert min(xs) < (x1 + x2) / 2 < max(xs), long
        assert min(ys) < foot < max(ys), long


def test_who_stands_behind_hides_no_plate_of_a_long_one():
    alone, _ = seen(placed(away=8.8, long=16.0))
    queued, truth = seen(placed(away=8.8, long=16.0), placed(away=-5.0, long=7.8))
    x1, y1, x2, y2 = (round(v) for v in truth[-1].box)
    assert truth[-1].kind == "plate"
    assert np.abs(alone[y1:y2, x1:x2].astype(int) - queued[y1:y2, x1:x2]).mean() < 12


@pytest.mark.parametrize("night", [False, True])
def test_the_real_vision_reads_the_plate_behind_a_trailer(night):
    detector, reader = detector_of(), OpenVinoPlateReader()
    picture, _ = seen(placed(away=8.8, brakes=True, trailer=TRAILER, long=16.0), night=night)
    result = detect(picture, detector, reader)
    assert [p.reading.text for p in result.plates if p.reading] == [TRAILER]
