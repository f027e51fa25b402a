"""A camera that lies is found within ten seconds, and one that shows the truth is believed."""

import cv2
import numpy as np
import pytest

from edge.domain.alarm_codes import AlarmCode as Code
from edge.vision.picture_health import PictureHealth
from tests.support.lane_pictures import HEIGHT, WIDTH, LaneCamera

TOLD_S = 10


class Watched:
    """One camera's pictures, one a second; `told`: what stood, and since when."""

    def __init__(self, health=None):
        self.health, self.now, self.told = health or PictureHealth(), 0.0, []

    def see(self, picture, boxes=()):
        self.now += 1.0
        if self.health.check(picture, self.now, boxes):
            self.told.append((self.now, set(self.health.standing)))

    def ever(self):
        return set().union(*(codes for _, codes in self.told))


def learned(camera, seconds=40, **how):
    watched = Watched()
    for n in range(seconds):
        watched.see(camera.picture(**{k: v(n) for k, v in how.items()}))
    assert watched.told == []
    return watched


def white(picture):
    return np.clip(picture.astype(np.int16) * 3 + 150, 0, 255).astype(np.uint8)


def black(picture):
    return (picture * 0.04).astype(np.uint8)


def written(picture):
    """With the camera's clock and name, as bright as ever."""
    shown = picture.copy()
    for text, x, y in (("2026-11-30 08:03:23 IN 2", 250, 22), ("KIM THANH", 8, HEIGHT - 10)):
        cv2.putText(shown, text, (x, y), 0, 0.7, (255, 255, 255), 2)
    return shown


def half(value, axis):
    """The lower half, or the right one, shows nothing."""

    def spoilt(picture):
        shown = picture.copy()
        shown[(slice(None),) * axis + (slice(picture.shape[axis] // 2, None),)] = value
        return shown

    return spoilt


def no_video(ground):
    """As a recorder draws it where a camera is missing, compressed."""

    def drawn(picture):
        shown = np.full_like(picture, ground)
        cv2.putText(shown, "NO VIDEO", (WIDTH // 4, HEIGHT // 2), 0, 2.2, (255, 255, 255), 5)
        cv2.putText(shown, str(picture[50, 50, 0]), (8, 20), 0, 0.6, (255, 255, 255), 2)
        return cv2.imdecode(cv2.imencode(".jpg", shown)[1], cv2.IMREAD_COLOR)

    return drawn


FAULTS = {
    "a recorder's blue": (Code.CAMERA_BLACK, no_video((255, 0, 0))),
    "a recorder's dark blue": (Code.CAMERA_BLACK, no_video((130, 20, 20))),
    "a recorder's black": (Code.CAMERA_BLACK, no_video((0, 0, 0))),
    "a recorder's grey": (Code.CAMERA_BLACK, no_video((128, 128, 128))),
    "black": (Code.CAMERA_BLACK, black),
    "black but for what the camera writes": (Code.CAMERA_BLACK, lambda p: written(black(p))),
    "blinded": (Code.CAMERA_BLINDED, white),
    "blurred": (Code.CAMERA_BLURRED, lambda p: cv2.GaussianBlur(p, (0, 0), 3)),
    "the lower half is black": (Code.CAMERA_COVERED, half(0, 0)),
    "the lower half is lost, and grey": (Code.CAMERA_COVERED, half(128, 0)),
    "something hangs before a half": (Code.CAMERA_COVERED, half((22, 25, 20), 1)),
}


@pytest.mark.parametrize("light", [1.0, 0.35], ids=["day", "night"])
@pytest.mark.parametrize(("code", "spoil"), FAULTS.values(), ids=FAULTS.keys())
def test_a_spoilt_picture_is_told_in_time_and_ends_with_its_cause(code, spoil, light):
    camera = LaneCamera()
    watched = learned(camera, light=lambda n: light)
    began = watched.now
    while not watched.told and watched.now < began + 20:
        watched.see(spoil(camera.picture(light=1.0 if code is Code.CAMERA_BLINDED else light)))
    assert watched.told[0][1] == {code}
    assert watched.told[0][0] - began <= TOLD_S
    for _ in range(6):
        watched.see(camera.picture(light=light))
    assert watched.told[-1][1] == set()


@pytest.mark.parametrize(("soft", "vehicle"), [(2, None), (4, None), (8, None), (4, 180), (8, 180)])
def test_the_camera_s_own_clock_is_sharp_before_a_lens_out_of_focus_and_does_not_hide_that(
    soft, vehicle
):
    camera = LaneCamera()
    watched = Watched()
    for _ in range(40):
        watched.see(written(camera.picture()))
    assert watched.told == []
    boxes = [(vehicle, 90, vehicle + 260, 330)] if vehicle else ()
    while not watched.told and watched.now < 40 + TOLD_S:
        watched.see(written(cv2.GaussianBlur(camera.picture(vehicle=vehicle), (0, 0), soft)), boxes)
    assert watched.health.standing == {Code.CAMERA_BLURRED}
    for _ in range(8):
        watched.see(written(camera.picture()))
    assert watched.health.standing == frozenset()


@pytest.mark.parametrize("clock", [False, True], ids=["without a clock", "its clock goes on"])
def test_a_picture_that_stands_still_is_told_in_time(clock):
    camera = LaneCamera()
    watched = learned(camera, clock=lambda n: n)
    still, began = camera.picture(clock=0), watched.now
    while not watched.told and watched.now < began + 20:
        shown = still.copy()
        if clock:
            cv2.putText(shown, f"{watched.now:.0f}", (60, 20), 0, 0.6, (255, 255, 255), 2)
        watched.see(shown)
    assert watched.told[0] == (watched.told[0][0], {Code.CAMERA_FROZEN})
    assert watched.told[0][0] - began <= TOLD_S
    assert watched.health.blind


@pytest.mark.parametrize("clock", [False, True], ids=["without a clock", "with a clock"])
def test_an_empty_lane_before_a_sensor_without_noise_stands_still_for_hours(clock):
    camera, watched = LaneCamera(noise=0), Watched()
    shown = camera.picture()
    for n in range(3 * 3600 // 8):
        # Eight seconds a picture: it stands still for hours.
        watched.now += 7.0
        watched.see(camera.picture(clock=n) if clock else shown)
    assert watched.told == []


def test_an_encoder_that_repeats_a_picture_between_two_whole_ones_is_not_frozen():
    camera, watched = LaneCamera(), Watched()
    shown = camera.picture()
    for n in range(400):
        if n % 4 == 0:
            shown = camera.picture()
        watched.see(shown)
    assert watched.told == []


def test_a_still_picture_without_noise_is_frozen_once_a_vehicle_is_known_to_be_there():
    camera, watched = LaneCamera(noise=0), Watched()
    for n in range(120):
        watched.see(camera.picture(clock=n))
    assert watched.health.unchanged_s(watched.now) > 100
    watched.health.doubt()
    watched.see(camera.picture(clock=121))
    assert watched.health.standing == {Code.CAMERA_FROZEN}
    for _ in range(5):
        watched.see(camera.picture(vehicle=200, clock=122))
    assert watched.health.standing == frozenset()


@pytest.mark.parametrize("light", [1.0, 0.35], ids=["day", "night"])
def test_a_frozen_picture_of_which_no_two_are_alike_is_told_once_a_vehicle_came_and_went(light):
    """As of an encoder that hides it: each picture differs, and none comes back."""
    camera, watched = LaneCamera(), Watched()
    for n in range(120):
        watched.see(camera.picture(light, clock=n))
    assert watched.told == []
    assert watched.health.unchanged_s(watched.now) < 2
    assert watched.health.unmoved_s(watched.now) > 100
    watched.health.doubt()
    for n in range(10):
        watched.see(camera.picture(light, clock=n))
    assert watched.health.standing == {Code.CAMERA_FROZEN}
    assert watched.health.blind
    watched.see(camera.picture(light, vehicle=200, clock=122))
    assert not watched.health.blind
    assert watched.health.unmoved_s(watched.now) == 0
    for _ in range(4):
        watched.see(camera.picture(light, vehicle=200, clock=122))
    assert watched.health.standing == frozenset()


def test_such_a_doubt_stands_where_the_encoder_repeats_a_picture_between_two_whole_ones():
    camera, watched = LaneCamera(), Watched()
    for n in range(60):
        if n % 4 == 0:
            shown = camera.picture()
        watched.see(shown)
    watched.health.doubt()
    for n in range(20):
        watched.see(camera.picture() if n % 4 == 0 else shown)
    assert watched.health.standing == {Code.CAMERA_FROZEN}


def test_a_motorcycle_far_away_by_night_moves_something_in_the_picture():
    camera, watched = LaneCamera(), Watched()
    for _ in range(60):
        watched.see(camera.picture(0.35))
    assert watched.health.unmoved_s(watched.now) > 50
    shown = camera.picture(0.35)
    shown[150:210, 300:340] = shown[150:210, 300:340] // 3
    watched.see(shown)
    assert watched.health.unmoved_s(watched.now) < 2


def test_dusk_and_a_noise_that_grows_with_it_are_no_fault():
    camera, watched = LaneCamera(), Watched()
    for n in range(900):
        camera.noise = 2 + n // 150
        watched.see(camera.picture(light=1.0 - 0.75 * n / 900))
    assert watched.told == []


def test_lights_that_are_switched_are_no_fault_though_the_noise_goes_with_the_dark():
    camera = LaneCamera(noise=8)
    watched = learned(camera, light=lambda n: 0.3)
    camera.noise = 0
    for _ in range(120):
        watched.see(camera.picture())
    assert watched.told == []


@pytest.mark.parametrize(("dx", "dy"), [(40, 0), (70, 30), (0, -35)])
def test_a_camera_that_was_turned_is_told_in_time_with_and_without_a_vehicle(dx, dy):
    for vehicle in (None, 180):
        camera = LaneCamera()
        watched, began = learned(camera), 40
        boxes = [(vehicle, 90, vehicle + 260, 330)] if vehicle else ()
        while not watched.told and watched.now < began + 20:
            watched.see(camera.picture(dx=dx, dy=dy, vehicle=vehicle), boxes)
        assert watched.told[0][1] == {Code.CAMERA_MOVED}
        assert watched.told[0][0] - began <= TOLD_S
        for _ in range(8):
            watched.see(camera.picture())
        assert watched.health.standing == frozenset(), "it was turned back"


def test_another_view_altogether_is_told_in_time():
    watched = learned(LaneCamera())
    other = LaneCamera(seed=77)
    for _ in range(TOLD_S):
        watched.see(other.picture())
    assert watched.health.standing == {Code.CAMERA_MOVED}


def test_another_view_is_told_in_time_also_where_something_in_it_is_taken_for_a_vehicle():
    """A camera that hangs upside down sees a bus in a booth, and one that looks at the queue always
    sees trucks."""
    camera = LaneCamera()
    watched = learned(camera)
    for _ in range(TOLD_S):
        upside_down = np.ascontiguousarray(camera.picture()[::-1, ::-1])
        watched.see(upside_down, [(300, 100, 560, 330)])
    assert watched.health.standing == {Code.CAMERA_MOVED}


def test_a_mast_that_sways_in_the_wind_is_no_fault():
    camera = LaneCamera()
    watched = learned(camera)
    for n in range(200):
        watched.see(camera.picture(dx=round(6 * np.sin(n))))
    assert watched.told == []


def test_a_vehicle_that_waits_for_long_is_no_other_view_neither_there_nor_gone():
    camera = LaneCamera()
    watched = learned(camera)
    for _ in range(650):
        watched.see(camera.picture(vehicle=150), [(150, 90, 410, 330)])
    for _ in range(60):
        watched.see(camera.picture())
    assert watched.told == []


def test_a_view_that_a_person_confirms_is_the_new_one():
    camera = LaneCamera()
    watched = learned(camera)
    for _ in range(10):
        watched.see(camera.picture(dx=60))
    assert watched.health.standing == {Code.CAMERA_MOVED}
    watched.health.confirm()
    watched.told.clear()
    for _ in range(60):
        watched.see(camera.picture(dx=60))
    assert watched.told == []
    for _ in range(10):
        watched.see(camera.picture())
    assert watched.health.standing == {Code.CAMERA_MOVED}


def test_a_camera_that_was_turned_or_froze_while_the_gate_was_down_is_told_after_its_start():
    camera = LaneCamera()
    known = learned(camera).health.learned
    moved, still = Watched(), Watched()
    moved.health.recall(known)
    still.health.recall(known)
    shown = camera.picture()
    for _ in range(TOLD_S):
        moved.see(camera.picture(dx=60))
        still.see(shown)
    assert moved.health.standing == {Code.CAMERA_MOVED}
    assert still.health.standing == {Code.CAMERA_FROZEN}


@pytest.mark.parametrize(
    "stored",
    [
        {"view": np.zeros((3, 3), np.complex64)},
        {"view": np.full((96, 160), np.nan, np.complex64)},
        {"lively": np.ones((5, 3), np.float32)},
        {},
    ],
)
def test_what_was_stored_and_does_not_fit_is_learned_anew(stored):
    camera, watched = LaneCamera(), Watched()
    watched.health.recall(stored)
    for _ in range(40):
        watched.see(camera.picture(dx=50))
    assert watched.told == []


def test_a_picture_of_another_size_is_another_picture():
    camera = LaneCamera()
    watched = learned(camera)
    for _ in range(30):
        watched.see(cv2.resize(camera.picture(), (WIDTH // 2, HEIGHT // 2)))
    assert Code.CAMERA_FROZEN not in watched.ever()


def test_a_camera_that_sees_again_is_believed_at_once_though_its_alarm_stands_a_little_longer():
    camera = LaneCamera()
    watched = learned(camera)
    for _ in range(8):
        watched.see(white(camera.picture()))
    assert watched.health.blind
    watched.see(camera.picture())
    assert not watched.health.blind
    assert watched.health.standing == {Code.CAMERA_BLINDED}


def test_a_camera_that_freezes_just_after_it_was_blinded_is_told():
    camera = LaneCamera()
    watched = learned(camera)
    for _ in range(8):
        watched.see(white(camera.picture()))
    for _ in range(6):
        watched.see(camera.picture())
    shown, began = camera.picture(), watched.now
    for _ in range(TOLD_S):
        watched.see(shown)
    assert watched.health.standing == {Code.CAMERA_FROZEN}
    assert watched.told[-1][0] - began <= TOLD_S


def test_bare_ground_without_an_edge_is_not_out_of_focus_before_a_vehicle_or_after():
    camera, watched = LaneCamera(), Watched()
    bare = np.full_like(camera.picture(), 120)
    rng = np.random.default_rng(3)
    for n in range(180):
        noise = rng.integers(-3, 4, bare.shape, dtype=np.int16)
        empty = np.clip(bare.astype(np.int16) + noise, 0, 255).astype(np.uint8)
        watched.see(camera.picture() if 60 <= n < 90 else empty)
    assert Code.CAMERA_BLURRED not in watched.ever()


def test_a_camera_that_always_showed_edges_and_shows_none_is_covered():
    camera = LaneCamera()
    watched = learned(camera)
    rng = np.random.default_rng(3)
    for _ in range(12):
        noise = rng.integers(-3, 4, camera.picture().shape, dtype=np.int16)
        watched.see(np.clip(120 + noise, 0, 255).astype(np.uint8))
    assert Code.CAMERA_BLURRED in watched.ever()


def test_a_covered_camera_is_told_after_a_restart_too_and_ends_when_a_person_confirms_its_view():
    camera = LaneCamera()
    health = PictureHealth()
    health.recall(learned(camera).health.learned)
    watched, covered = Watched(health), half(0, 0)
    for _ in range(TOLD_S):
        watched.see(covered(camera.picture()))
    assert health.standing == {Code.CAMERA_COVERED}
    health.confirm()
    for _ in range(60):
        watched.see(covered(camera.picture()))
    assert health.standing == set()


def test_a_part_that_darkens_with_the_rest_or_behind_a_vehicle_is_not_covered():
    camera = LaneCamera()
    watched = learned(camera)
    for _ in range(60):
        dim = (camera.picture() * 0.45).astype(np.uint8)
        dim[HEIGHT // 2 :] = (dim[HEIGHT // 2 :] * 0.05).astype(np.uint8)
        watched.see(dim)
        behind = half((20, 20, 20), 0)(camera.picture())
        watched.see(behind, [(0, HEIGHT // 2, WIDTH, HEIGHT)])
    assert Code.CAMERA_COVERED not in watched.ever()


def test_a_recorder_that_never_had_the_camera_is_told_too():
    watched = Watched()
    for _ in range(TOLD_S):
        watched.see(no_video((200, 30, 10))(LaneCamera().picture()))
    assert watched.health.standing == {Code.CAMERA_BLACK}


def test_lamps_and_a_plate_on_black_are_what_a_camera_for_plates_shows_by_night():
    watched = Watched()
    for n in range(60):
        shown = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        cv2.circle(shown, (250, 200), 12, (255, 255, 255), -1)
        cv2.rectangle(shown, (280 + n, 220), (360 + n, 245), (235, 235, 235), -1)
        watched.see(shown, [(200, 90, 460, 330)])
    assert Code.CAMERA_BLACK not in watched.ever()
