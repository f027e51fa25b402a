"""Commissioning an arm: what turns it."""

import pytest

from edge.barrier.commissioning import Trial
from edge.barrier.wires.port import NoAnswer
from tests.support.barrier.lane_truth import CONFIG

CLEAR = {**dict.fromkeys(CONFIG.inputs, False), "limit_open": True}


class Script:
    """A board that answers as it is told; the last answer again and again."""

    def __init__(self, *answers):
        self.answers, self.pulses = list(answers), []

    def read_inputs(self):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise NoAnswer("nothing")
        return answer

    def pulse(self, output, seconds):
        self.pulses.append(output)
        return True

    def set(self, output, on):
        return True

    def tend(self, now):
        return ()


@pytest.mark.parametrize(
    "seen", [None, {**CLEAR, "safety_loop": True}, {**CLEAR, "photocell": True}]
)
def test_a_closing_arm_is_turned_by_a_failed_reading_as_by_an_occupied_one(seen):
    board = Script(CLEAR, CLEAR, CLEAR, seen)
    tried = Trial(board, CONFIG).motion("close")
    assert board.pulses == ["close", "open"]
    assert "turned" in tried.why
