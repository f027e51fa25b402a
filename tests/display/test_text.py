"""What the driver is told, and on which sign."""

import pytest

from edge.display.text import lane_text, plain
from edge.domain.facts import Arm
from edge.lane.state import LaneState


def reported(state, verdict="", arm=Arm.CLOSED, green=False, in_service=True, language="vi"):
    return lane_text(state, verdict, arm, green, in_service, "34A-368.37", language)


def test_come_in_stands_there_only_while_the_arm_is_open_and_the_light_green():
    assert reported(LaneState.ADMITTED, "allow", Arm.OPEN, True) == "34A-368.37 MỜI VÀO"
    assert reported(LaneState.ADMITTED, "allow", Arm.OPENING, False) == "34A-368.37 XIN CHỜ"
    assert reported(LaneState.ADMITTED, "allow", Arm.OPEN, False) == "34A-368.37 XIN CHỜ"


@pytest.mark.parametrize("state", list(LaneState))
@pytest.mark.parametrize("arm", [a for a in Arm if a is not Arm.OPEN])
@pytest.mark.parametrize("verdict", ["", "allow", "refuse", "refer"])
def test_nobody_is_asked_in_under_an_arm_that_is_not_open(state, arm, verdict):
    assert "MỜI VÀO" not in reported(state, verdict, arm, True)


def test_an_empty_lane_is_dark_and_a_broken_one_says_so():
    assert reported(LaneState.EMPTY) == ""
    assert reported(LaneState.EMPTY, in_service=False) == "LÀN ĐÓNG"
    assert reported(LaneState.WAITING, arm=Arm.FAULT) == "LÀN ĐÓNG"


def test_the_next_driver_is_stopped_while_one_crosses_and_when_refused():
    assert reported(LaneState.CROSSING, "allow", Arm.OPEN, True) == "DỪNG LẠI"
    assert reported(LaneState.WAITING, "refuse") == "DỪNG LẠI"
    assert reported(LaneState.WAITING, arm=Arm.CLOSING) == "DỪNG LẠI"


def test_every_language_has_its_words():
    assert reported(LaneState.WAITING, language="en") == "34A-368.37 WAIT"
    assert reported(LaneState.WAITING, language="zh") == "34A-368.37 请等候"


def test_a_plain_sign_gets_letters_without_marks():
    assert plain("34A-368.37 MỜI VÀO") == "34A-368.37 MOI VAO"
    assert plain("Làn đóng") == "LAN DONG"
    assert plain("粤Z") == "?Z"
