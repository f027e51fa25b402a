"""PURE. The lane's display before the arm: one line of text for the driver.

"Come in" is shown only while the arm is fully open for this vehicle, as the green light is.
"""

from __future__ import annotations

import unicodedata

from edge.domain.facts import Arm
from edge.lane.state import LaneState

COME_IN, WAIT, STOP, CLOSED = "come_in", "wait", "stop", "closed"

TEXTS = {
    "vi": {COME_IN: "MỜI VÀO", WAIT: "XIN CHỜ", STOP: "DỪNG LẠI", CLOSED: "LÀN ĐÓNG"},
    "en": {COME_IN: "COME IN", WAIT: "WAIT", STOP: "STOP", CLOSED: "LANE CLOSED"},
    "zh": {COME_IN: "请进", WAIT: "请等候", STOP: "停车", CLOSED: "车道关闭"},
}


def message(state: str, verdict: str, arm: Arm, green: bool, in_service: bool) -> str:
    """Which of the four texts is shown; "" for an empty lane."""
    if not in_service or arm in (Arm.FAULT, Arm.OUT_OF_SERVICE):
        return CLOSED
    if arm is Arm.CLOSING or verdict == "refuse":
        return STOP
    match state:
        case LaneState.EMPTY:
            return ""
        case LaneState.ADMITTED:
            return COME_IN if green and arm is Arm.OPEN else WAIT
        case LaneState.CROSSING:
            return STOP
        case _:
            return WAIT


def lane_text(
    state: str,
    verdict: str,
    arm: Arm,
    green: bool,
    in_service: bool,
    plate: str,
    language: str,
) -> str:
    """The line: the plate, where the words are for that vehicle, and the words."""
    reported = message(state, verdict, arm, green, in_service)
    if not reported:
        return ""
    words = TEXTS[language][reported]
    with_plate = plate and reported in (COME_IN, WAIT)
    return f"{plate} {words}" if with_plate else words


GO_TO = {"vi": "SANG {lane}", "en": "GO TO {lane}", "zh": "请到{lane}"}


def guided(plate: str, lane: str, language: str) -> str:
    """Where the vehicle is sent; `lane` as people call it."""
    words = GO_TO[language].format(lane=lane.upper())
    return f"{plate} {words}" if plate else words


def closed(language: str) -> str:
    return TEXTS[language][CLOSED]


def plain(text: str) -> str:
    """The text for signs that know ASCII only: no marks, upper case; "?" for a character without an
    equivalent."""
    bare = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return letters.upper().encode("ascii", "replace").decode("ascii")
