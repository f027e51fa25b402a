"""Pictures of real cameras are believed, whatever drives by; the same pictures spoilt are not."""

import random

import cv2
import numpy as np
import pytest

from edge.domain.alarm_codes import AlarmCode as Code
from edge.vision.picture_health import PictureHealth
from edge.vision.view_shift import SWAY, edges, match
from tests.support.real_data import DATA, needs

SMALL = (160, 96)
FEW = 60
"""The cars before the barrier: 43 pictures of one camera, a car close up in each."""


def turned(picture, dx=0.0, dy=0.0, angle=0.0, zoom=1.0):
    height, width = picture.shape[:2]
    how = cv2.getRotationMatrix2D((width / 2, height / 2), angle, zoom)
    how[:, 2] += (dx * width, dy * height)
    return cv2.warpAffine(picture, how, (width, height), borderMode=cv2.BORDER_REFLECT)


def clipped(picture, gain, lift):
    return np.clip(picture.astype(np.float32) * gain + lift, 0, 255).astype(np.uint8)


def blurred(picture, share):
    return cv2.GaussianBlur(picture, (0, 0), share * picture.shape[1])


def no_video(picture, ground):
    """As a recorder draws it where a camera is missing."""
    shown, (height, width) = np.full_like(picture, ground), picture.shape[:2]
    cv2.putText(
        shown,
        "VIDEO LOSS",
        (width // 4, height // 2),
        0,
        width / 400,
        (255, 255, 255),
        width // 160,
    )
    return clocked(shown)


SPOILT = {
    "no video, blue": (Code.CAMERA_BLACK, lambda p: no_video(p, (255, 0, 0))),
    "no video, black": (Code.CAMERA_BLACK, lambda p: no_video(p, (0, 0, 0))),
    "black": (Code.CAMERA_BLACK, lambda p: clipped(p, 0.05, 3)),
    "blinded": (Code.CAMERA_BLINDED, lambda p: clipped(p, 4, 140)),
    "covered": (Code.CAMERA_COVERED, lambda p: np.vstack([p[: len(p) // 2], p[len(p) // 2 :] * 0])),
    "out of focus": (
        Code.CAMERA_BLURRED,
        lambda p: cv2.GaussianBlur(p, (0, 0), 0.004 * p.shape[1]),
    ),
    "shifted a little": (Code.CAMERA_MOVED, lambda p: turned(p, dx=0.05)),
    "shifted": (Code.CAMERA_MOVED, lambda p: turned(p, dx=0.15, dy=0.05)),
    "turned": (Code.CAMERA_MOVED, lambda p: turned(p, angle=6)),
    "nearer": (Code.CAMERA_MOVED, lambda p: turned(p, zoom=1.2)),
    "elsewhere": (Code.CAMERA_MOVED, lambda p: cv2.flip(p, 1)),
}


def clocked(picture):
    """With a camera's clock, as sharp as ever."""
    shown, width = picture.copy(), picture.shape[1]
    at, size = (round(0.6 * width), round(0.035 * width)), width / 1000
    cv2.putText(shown, "2026-11-30 08:03:23", at, 0, size, (255, 255, 255), round(2 * size) or 1)
    return shown


HARMLESS = {
    "dim": lambda p: clipped(p, 0.35, 0),
    "bright": lambda p: clipped(p, 1.4, 10),
    "infrared": lambda p: cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR),
}


def one_camera(folder, most):
    """The pictures of the largest group that one camera of the set took, by their background."""
    pictures = [cv2.imread(str(f)) for f in sorted((DATA / folder).glob("*.jpg"))[:most]]
    seen = []
    for picture in pictures:
        grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), SMALL)
        seen.append(edges(grey.astype(np.float32)))
    left, groups = list(range(len(seen))), []
    while left and len(groups) < 6:
        group, view = [left[0]], seen[left[0]].copy()
        for i in left[1:]:
            found = match(view, seen[i])
            if found.here > 0.3 and max(abs(found.dx), abs(found.dy)) <= SWAY:
                group.append(i)
                view += seen[i]
        groups.append(group)
        left = [i for i in left if i not in group]
    return [pictures[i] for i in max(groups, key=len)]


def toll_lane():
    capture = cv2.VideoCapture(str(DATA / "toll_lane" / "cars.mp4"))
    pictures = []
    while len(pictures) < 339:
        good, picture = capture.read()
        if not good:
            break
        pictures.append(picture)
    return pictures[::5]


SETS = {
    "toll_lane": toll_lane,
    "vn_garage_moto": lambda: one_camera("vn_garage_moto", 400),
    "vn_barrier_cars": lambda: one_camera("vn_barrier_cars", 121),
}


@pytest.fixture(scope="module", params=SETS)
def recording(request):
    """A camera's pictures in a random order, one a second for five minutes and more: each with
    another vehicle, of which nobody says where it is. And what was learned of them."""
    needs(request.param)
    pictures = SETS[request.param]()
    rng, health, told = random.Random(4), PictureHealth(), []
    for now in range(max(300, 2 * len(pictures))):
        if health.check(rng.choice(pictures), float(now)):
            told.append((now, set(health.standing)))
    return pictures, health, told


def after(pictures, learned, spoil, seconds=10):
    """What stands after so many seconds, and when it was told."""
    health = PictureHealth()
    health.recall(learned)
    for now in range(seconds + 1):
        if health.check(spoil(pictures[now * 7 % len(pictures)]), float(now)):
            return set(health.standing), now
    return set(), None


def test_no_fault_is_told_of_a_real_camera_whatever_drives_by(recording):
    assert recording[2] == []


@pytest.mark.parametrize("name", SPOILT)
def test_its_pictures_spoilt_are_told_within_ten_seconds(recording, name):
    pictures, health, _ = recording
    if len(pictures) < FEW and name in ("turned", "nearer"):
        pytest.skip("of this camera there is no picture in which no car fills most of it")
    code, spoil = SPOILT[name]
    assert after(pictures, health.learned, spoil)[0] == {code}


def test_a_lens_out_of_focus_is_told_though_the_camera_s_clock_stays_sharp(recording):
    pictures, health, _ = recording
    code, spoil = SPOILT["out of focus"]
    assert after(pictures, health.learned, lambda p: clocked(spoil(p)))[0] == {code}


@pytest.mark.parametrize("name", HARMLESS)
def test_another_light_is_no_fault(recording, name):
    pictures, health, _ = recording
    assert after(pictures, health.learned, HARMLESS[name], 60) == (set(), None)


@pytest.mark.parametrize("folder", ["vehicles_highway", "plates_night", "cn_scenes"])
def test_no_single_picture_day_or_night_is_black_blinded_or_blurred(folder):
    """But one that is black."""
    needs(folder)
    told = {}
    for file in sorted((DATA / folder).rglob("*.jpg")):
        picture = cv2.imread(str(file))
        if picture is None:
            continue
        health = PictureHealth()
        for now in range(8):
            health.check(picture, float(now))
        if health.standing:
            told[file.name] = (sorted(health.standing), float(picture.mean()))
    assert {name: why for name, why in told.items() if why[1] > 8} == {}
