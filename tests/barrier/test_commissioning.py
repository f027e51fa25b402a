"""Commissioning an arm: what is refused, measured and proved, and what turns it."""

import pytest

from edge.barrier.commissioning import LONGEST_S, Trial, snippet
from edge.barrier.wires.port import NoAnswer, Pulse
from tests.support.barrier.lane_truth import CONFIG

TRAVEL_S = 2.0


class Clock:
    """Sleeping takes no time; `at`: what happens at which second."""

    def __init__(self):
        self.now, self.at = 100.0, {}

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        for when in [w for w in self.at if w <= self.now - 100.0]:
            self.at.pop(when)()


class Board:
    """An arm behind a board. `inputs`: what is on besides the limit switches; `said`: pulses and
    switched outputs, with their seconds; `series`: the permit cuts the close."""

    def __init__(self, clock, position=1.0):
        self.clock, self.position, self.way = clock, position, 0
        self.inputs, self.said, self.later = {}, [], []
        self.fails = 0
        self.deaf = self.series = False
        self.permit_until = 0.0
        self.moved_at = clock.now
        self.outputs = {}

    def _move(self):
        now = self.clock.now
        until = min(now, self.permit_until) if self.series and self.way < 0 else now
        self.position += self.way * max(0.0, until - self.moved_at) / TRAVEL_S
        self.position, self.moved_at = min(1.0, max(0.0, self.position)), now

    def read_inputs(self):
        self._move()
        self.clock.sleep(0.001)
        if self.fails:
            self.fails -= 1
            raise NoAnswer("nothing")
        ends = {"limit_open": self.position >= 1.0, "limit_closed": self.position <= 0.0}
        return {**dict.fromkeys(CONFIG.inputs, False), **ends, **self.inputs}

    def read_outputs(self):
        return self.outputs

    def pulse(self, output, seconds):
        self._move()
        self.said.append(output)
        if self.deaf:
            raise NoAnswer("nothing")
        if output == "permit":
            self.permit_until = self.clock.now + seconds
        else:
            self.way = {"open": 1, "close": -1}.get(output, 0)
        return True

    def set(self, output, on):
        self.said.append(f"{output} {'on' if on else 'off'}")
        return True

    def tend(self, now):
        later, self.later = self.later, []
        return later

    @property
    def pulses(self):
        return [said for said in self.said if " " not in said]


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("edge.barrier.commissioning.time", clock)
    return clock


def with_inputs(*names, **update):
    wired = {name: n + 1 for n, name in enumerate(names)}
    return CONFIG.model_copy(update={"inputs": wired, **update})


def permitted(**update):
    outputs = {**CONFIG.outputs, "permit": 6}
    return CONFIG.model_copy(update={"outputs": outputs, "permit_s": 1.0, **update})


# --- what is refused ---


@pytest.mark.parametrize("output", ["open", "close", "red"])
def test_nothing_but_the_stop_is_tried_while_the_stop_is_pressed(clock, output):
    board = Board(clock)
    board.inputs = {"stop": True}
    assert "stop is pressed" in Trial(board, CONFIG).refusal(output)
    assert Trial(board, CONFIG).refusal("stop") == ""


def test_only_a_closing_is_refused_over_something(clock):
    board = Board(clock)
    board.inputs = {"safety_loop": True}
    trial = Trial(board, CONFIG)
    assert trial.refusal("open") == trial.refusal("green") == ""
    assert "under the arm" in trial.refusal("close")


@pytest.mark.parametrize("name", ["safety_loop", "photocell"])
def test_a_closing_is_refused_if_the_second_look_shows_something(clock, name):
    board = Board(clock)
    clock.at[0.015] = lambda: board.inputs.update({name: True})
    assert "under the arm" in Trial(board, CONFIG).refusal("close")


def test_an_arm_without_a_safety_input_is_not_closed_and_a_single_one_is_enough(clock):
    board = Board(clock)
    no_safety = with_inputs("entry_loop", "limit_open", "limit_closed")
    assert "no safety input" in Trial(board, no_safety).refusal("close")
    board.inputs = {"photocell": True}
    one = with_inputs("safety_loop", "limit_open", "limit_closed")
    assert Trial(board, one).refusal("close") == ""


def test_a_fault_of_the_drive_refuses_as_the_stop_does(clock):
    board = Board(clock)
    board.inputs = {"drive_fault": True}
    faulty = with_inputs("safety_loop", "drive_fault", "limit_open", "limit_closed")
    assert "fault" in Trial(board, faulty).refusal("open")


def test_a_few_failed_readings_are_passed_over_and_many_are_told(clock):
    board = Board(clock)
    board.fails = 9
    assert Trial(board, CONFIG).inputs()["limit_open"]
    board.fails = 11
    with pytest.raises(NoAnswer):
        Trial(board, CONFIG).inputs()


# --- motions ---


@pytest.mark.parametrize(("output", "position"), [("open", 0.0), ("close", 1.0)])
def test_a_motion_is_measured_to_its_limit_switch(clock, output, position):
    board = Board(clock, position)
    tried = Trial(board, CONFIG).motion(output)
    assert tried.took_s == pytest.approx(TRAVEL_S, abs=0.05)
    assert board.pulses == [output]
    other = "close" if output == "open" else "open"
    assert board.said == [f"{other} off", output]


def test_a_motion_to_where_the_arm_is_is_not_begun(clock):
    board = Board(clock, 1.0)
    tried = Trial(board, CONFIG).motion("open")
    assert tried.took_s is None
    assert "on already" in tried.why
    assert board.said == []


def test_a_motion_whose_switch_is_not_wired_is_not_measured(clock):
    board = Board(clock, 0.0)
    config = with_inputs("safety_loop", "limit_closed")
    board.inputs = {"limit_open": False}
    tried = Trial(board, config).motion("open")
    assert "not wired" in tried.why
    assert clock.now - 100.0 < 2.0


def test_a_switch_that_does_not_come_is_told(clock):
    board = Board(clock, 0.0)
    board.inputs = {"limit_open": False}
    tried = Trial(board, CONFIG).motion("open")
    assert "did not come" in tried.why
    assert LONGEST_S <= clock.now - 100.0 < LONGEST_S + 1


@pytest.mark.parametrize("name", ["safety_loop", "photocell"])
def test_a_closing_arm_is_turned_by_what_comes_under_it(clock, name):
    board = Board(clock)
    clock.at[1.0] = lambda: board.inputs.update({name: True})
    tried = Trial(board, CONFIG).motion("close")
    assert board.pulses == ["close", "open"]
    assert "turned" in tried.why
    assert board.position > 0.2


def test_a_closing_arm_is_turned_by_a_failed_reading(clock):
    board = Board(clock)
    clock.at[1.0] = lambda: setattr(board, "fails", 1)
    assert "turned" in Trial(board, CONFIG).motion("close").why
    assert board.pulses == ["close", "open"]


def test_a_closing_arm_is_turned_where_the_board_does_not_confirm(clock):
    board = Board(clock)
    board.later = [(Pulse("close", 0.3), False)]
    assert "turned" in Trial(board, CONFIG).motion("close").why
    board = Board(clock)
    board.later = [(Pulse("close", 0.3), True)]
    assert Trial(board, CONFIG).motion("close").took_s is not None


def test_a_safety_input_that_is_not_wired_turns_no_arm(clock):
    board = Board(clock)
    board.inputs = {"photocell": True}
    tried = Trial(board, with_inputs("safety_loop", "limit_open", "limit_closed")).motion("close")
    assert tried.took_s is not None


def test_an_opening_arm_is_turned_by_nothing(clock):
    board = Board(clock, 0.0)
    board.inputs = {"safety_loop": True}
    clock.at[1.0] = lambda: setattr(board, "fails", 2)
    assert Trial(board, CONFIG).motion("open").took_s is not None
    assert board.pulses == ["open"]


def test_after_an_unanswered_opening_nothing_is_said_again(clock):
    board = Board(clock, 0.0)
    board.deaf = True
    with pytest.raises(NoAnswer):
        Trial(board, CONFIG).motion("open")
    assert board.pulses == ["open"]


def test_after_an_unanswered_closing_the_arm_is_opened_until_it_must_be_down(clock):
    board = Board(clock)
    board.deaf = True
    with pytest.raises(NoAnswer):
        Trial(board, CONFIG).motion("close")
    assert board.pulses[:3] == ["close", "open", "open"]
    assert CONFIG.travel_s + CONFIG.travel_margin_s < clock.now - 100.0 < 6.0


def seconds_of(board):
    """What is pulsed from now on, and when."""
    times, pulse = [], board.pulse
    board.pulse = lambda output, s: times.append((output, board.clock.now)) or pulse(output, s)
    return times


def test_the_opening_after_an_unanswered_closing_waits_for_the_dead_time(clock):
    board = Board(clock)
    times = seconds_of(board)
    clock.at[0.1] = lambda: setattr(board, "deaf", False)
    board.deaf = True
    with pytest.raises(NoAnswer):
        Trial(board, CONFIG).motion("close")
    (_, closed), (_, opened) = times
    assert opened - closed >= CONFIG.pulse_s + CONFIG.dead_time_s - 1e-6


def test_a_turning_pulse_whose_answer_is_lost_is_said_again_at_once(clock):
    board = Board(clock)
    times = seconds_of(board)
    clock.at[1.0] = lambda: (board.inputs.update(safety_loop=True), setattr(board, "deaf", True))
    clock.at[1.1] = lambda: setattr(board, "deaf", False)
    assert "turned" in Trial(board, CONFIG).motion("close").why
    assert board.pulses.count("open") > 2
    assert times[-1][1] - times[1][1] < 0.15
    assert board.position > 0.3


def test_one_that_is_not_confirmed_later_is_said_again_too(clock):
    board = Board(clock)
    clock.at[1.0] = lambda: board.inputs.update(safety_loop=True)
    clock.at[1.1] = lambda: board.later.append((Pulse("open", 0.3), False))
    assert "turned" in Trial(board, CONFIG).motion("close").why
    assert board.pulses == ["close", "open", "open"]


def test_a_release_that_is_not_answered_keeps_no_arm_from_turning(clock):
    board = Board(clock)

    def silent(output, on):
        raise NoAnswer("nothing")

    def comes():
        board.inputs.update(safety_loop=True)
        board.set = silent

    clock.at[1.0] = comes
    assert "turned" in Trial(board, CONFIG).motion("close").why
    assert board.pulses == ["close", "open"]
    board = Board(clock)
    board.set = silent
    with pytest.raises(NoAnswer):
        Trial(board, CONFIG).motion("close")
    assert "close" not in board.pulses


def test_a_contact_that_is_not_wired_is_not_released(clock):
    board = Board(clock, 0.0)
    Trial(board, CONFIG.model_copy(update={"outputs": {"open": 1}})).motion("open")
    assert board.said == ["open"]


@pytest.mark.parametrize("ends", [NoAnswer("nothing"), KeyboardInterrupt()], ids=repr)
def test_whatever_ends_the_watch_over_a_closing_arm_opens_it(clock, ends):
    """A permit that is not renewed, a person who ends the command."""
    board = Board(clock)
    pulse = board.pulse

    def fails(output, seconds):
        if output == "permit" and clock.now > 101.0:
            raise ends
        return pulse(output, seconds)

    board.pulse = fails
    with pytest.raises(type(ends)):
        Trial(board, permitted()).motion("close")
    assert board.pulses[-1] == "open"
    assert board.way == 1


def test_the_turning_pulse_waits_for_the_dead_time(clock):
    board = Board(clock)
    times = []
    pulse = board.pulse
    board.pulse = lambda output, s: times.append(clock.now) or pulse(output, s)
    clock.at[0.05] = lambda: board.inputs.update(safety_loop=True)
    Trial(board, CONFIG).motion("close")
    assert times[1] - times[0] >= CONFIG.pulse_s + CONFIG.dead_time_s - 1e-6


# --- the permit ---


def test_a_permit_is_renewed_while_the_arm_comes_down_and_taken_back(clock):
    board = Board(clock)
    board.series = True
    tried = Trial(board, permitted()).motion("close")
    assert tried.took_s == pytest.approx(TRAVEL_S, abs=0.05)
    assert board.pulses[0] == "permit"
    assert board.pulses.count("permit") >= 4
    assert board.said[-1] == "permit off"


def test_an_opening_needs_no_permit(clock):
    board = Board(clock, 0.0)
    Trial(board, permitted()).motion("open")
    assert "permit" not in board.pulses


def test_a_permit_is_not_renewed_after_a_failed_reading(clock):
    board = Board(clock)
    said = []
    clock.at[0.485] = lambda: setattr(board, "fails", 1) or said.extend(board.said)
    Trial(board, permitted()).motion("close")
    assert board.said[len(said) :].count("permit") == 0


def test_a_close_that_is_cut_without_anybody_is_proved_and_the_arm_opened_again(clock):
    board = Board(clock)
    board.series = True
    tried = Trial(board, permitted()).cut()
    assert tried.took_s == 1.0
    assert tried.why.startswith("cut")
    assert board.pulses == ["permit", "close", "open"]


def test_a_close_that_is_not_cut_is_told(clock):
    tried = Trial(Board(clock), permitted()).cut()
    assert tried.took_s is None
    assert tried.why.startswith("NOT cut")


def test_an_arm_that_is_turned_while_the_cut_is_tried_is_no_proof(clock):
    board = Board(clock)
    clock.at[0.3] = lambda: board.inputs.update(safety_loop=True)
    tried = Trial(board, permitted()).cut()
    assert tried.took_s is None
    assert tried.why.startswith("turned")
    assert board.pulses.count("open") == 1


@pytest.mark.parametrize(
    ("config", "position", "why"),
    [
        (permitted(inputs={"safety_loop": 1, "limit_open": 2}), 1.0, "limit_closed is not wired"),
        (permitted(travel_s=1.4), 1.0, "lower permit_s"),
        (permitted(), 0.5, "open the arm first"),
    ],
)
def test_where_a_cut_cannot_be_tried_that_is_told_and_nothing_moves(clock, config, position, why):
    board = Board(clock, position)
    tried = Trial(board, config).cut()
    assert why in tried.why
    assert board.said == []


# --- the rest ---


@pytest.mark.parametrize(("outputs", "found"), [({"red": False}, True), ({"red": True}, False)])
def test_a_board_that_reports_its_relays_says_whether_it_has_dropped_one(clock, outputs, found):
    board = Board(clock)
    board.outputs = outputs
    assert Trial(board, CONFIG).drops("red", 1.0) is found
    assert clock.now - 100.0 > 1.3
    assert board.said == ["red on", "red off"]


def test_a_board_that_does_not_report_them_does_not_say(clock):
    assert Trial(Board(clock), CONFIG).drops("red", 1.0) is None


def test_a_photocell_notices_its_test_or_not(clock):
    board = Board(clock)
    assert not Trial(board, CONFIG).beam_test()
    assert clock.now - 100.0 < 3.0
    clock.at[clock.now - 100.0 + 0.5] = lambda: board.inputs.update(photocell=True)
    assert Trial(board, CONFIG).beam_test()
    assert board.said[-1] == "photocell_test off"


def test_an_input_that_somebody_actuates_is_seen_and_another_is_not(clock):
    board = Board(clock)
    clock.at[1.0] = lambda: board.inputs.update(entry_loop=True)
    assert Trial(board, CONFIG).answers_to("entry_loop", 5.0)
    assert clock.now - 100.0 < 1.5
    assert not Trial(board, CONFIG).answers_to("entry_loop", 5.0)


def test_the_snippet_has_what_was_found_and_seen_to_work_and_nothing_else():
    found = {"open": 2.0, "close": 2.4}
    assert snippet("out1", CONFIG, found, ["open", "permit"]) == (
        "[lanes.out1.barrier]\n# seen to work: open = 1\n# open: 2.00 s\n# close: 2.40 s\n"
        "travel_s = 2.6\n"
    )
    assert snippet("out1", CONFIG, {}, []) == "[lanes.out1.barrier]\n"
