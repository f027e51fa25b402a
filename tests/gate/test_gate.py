"""The shell: an event is committed before its effect happens; a revocation waits for nobody."""

from dataclasses import replace

import pytest

from edge.config import load
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    CameraChanged,
    GuardAlarm,
    PicturesJudged,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)
from edge.gate.lanes import SPENT
from edge.gate.shell import Shell
from edge.system.clock import ManualClock
from edge.system.timings import TIMINGS, Figure
from tests.support.builders import NOON, a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.gate_twins import AUTHORITIES, CONFIG, GuardsTwin, JournalTwin, Log, authorised
from tests.support.waiting import wait_for


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def journal(log):
    return JournalTwin(log)


@pytest.fixture
def clock():
    return ManualClock(NOON)


@pytest.fixture
def shell(log, journal, clock):
    return Shell(
        load(CONFIG), clock, journal, GuardsTwin(log), None,
        lambda: a_book(an_assignment(clearances=[(a, "done") for a in AUTHORITIES])),
        lambda assignment: log.add("spent", assignment),
    )  # fmt: skip


@pytest.fixture
def gate(shell):
    made = shell.gate
    made.start()
    wait_for(lambda: not any(lane.restored for lane in made.lanes.values()))
    yield made
    made.stop()


def a_truck_comes(gate):
    gate.report(VehicleArrived("out1"))
    gate.report(a_vehicle_seen(a_plate_view()))


def test_the_decision_is_committed_before_the_arm_is_asked_to_open(gate, log):
    a_truck_comes(gate)
    log.wait_for("authorised")
    assert log.index("committed", "passage.decided") < log.index("authorised")


def test_nothing_is_admitted_while_the_journal_cannot_commit_and_all_is_after(
    shell, gate, log, journal
):
    journal.full = True
    a_truck_comes(gate)
    log.wait_for("refused")
    wait_for(lambda: shell.commits.stuck > 0)
    assert not [line for line in log.lines if line[0] == "authorised"]
    journal.full = False
    gate.report(CameraChanged("out1", True))
    log.wait_for("authorised")
    assert log.index("committed", "passage.decided") < log.index("authorised")
    wait_for(lambda: shell.commits.stuck == 0)


def test_a_revocation_does_not_wait_for_the_journal(gate, log, journal):
    a_truck_comes(gate)
    log.wait_for("authorised")
    journal.full = True
    gate.report(VehicleBackedOff("out1"))
    log.wait_for("revoked")
    log.wait_for("refused")
    assert not [line for line in log.lines if line[:2] == ("committed", "passage.abandoned")]


def test_the_age_of_the_picture_that_a_vehicle_was_authorised_on_is_measured(gate, clock, log):
    before = len(TIMINGS.recent(Figure.AUTHORISATION))
    gate.report(VehicleArrived("out1"))
    at = clock.now().mono - 0.25
    gate.report(replace(a_vehicle_seen(a_plate_view()), frame_at=at))
    log.wait_for("authorised")
    wait_for(lambda: len(TIMINGS.recent(Figure.AUTHORISATION)) > before)
    one = TIMINGS.recent(Figure.AUTHORISATION)[-1]
    assert (one.of, one.at, round(one.seconds, 4)) == ("out1", at, 0.25)
    assert any(t.figure is Figure.COMMIT for t in TIMINGS.all())


def test_an_authorisation_that_waited_is_not_given_to_a_vehicle_that_left(gate, log, journal):
    journal.full = True
    a_truck_comes(gate)
    log.wait_for("refused")
    gate.report(VehicleBackedOff("out1"))
    log.wait_for("revoked")
    journal.full = False
    gate.report(CameraChanged("out1", True))
    log.wait_for("committed", "passage.abandoned")
    assert not [line for line in log.lines if line[0] == "authorised"]


def test_the_used_assignment_is_committed_with_the_passage_that_used_it(gate, log, journal):
    a_truck_comes(gate)
    passage = log.wait_for("authorised")[1]
    gate.report(VehicleEntered("out1", passage))
    gate.report(VehicleCrossed("out1", passage))
    log.wait_for("spent", "A1")
    assert log.index("committed", "passage.completed") < log.index("spent", "A1")
    assert journal.states[f"{SPENT}A1"] == {"revision": 1}


def test_an_alarm_of_the_guard_is_raised_once_and_cleared_once(gate, log):
    for active in (True, True, False, False):
        gate.report(GuardAlarm("out1", AlarmCode.WIRE_LOST, active, {"why": "no answer"}))
    log.wait_for("committed", "alarm.cleared", "wire_lost")
    raised = [line for line in log.lines if line[1:] == ("alarm.raised", "wire_lost")]
    cleared = [line for line in log.lines if line[1:] == ("alarm.cleared", "wire_lost")]
    assert (len(raised), len(cleared)) == (1, 1)


def test_an_alarm_is_bounded_whatever_it_tells(shell, gate, log, journal):
    counts = {f"invented-{n}": n for n in range(300)}
    why = {"why": ", ".join(counts) * 10}
    shell.alarms.raise_alarm(AlarmCode.JOURNAL_STUCK, "out1", why, counts)
    log.wait_for("committed", "alarm.raised", "journal_stuck")
    (event,) = journal.last
    assert len(event.data["text"]) == len(shell.alarms.standing[0].text) == 800
    assert len(event.data["counts"]) == 50
    assert len(str(journal.states["alarms"])) < 2000


def test_a_fact_that_cannot_be_taken_up_does_not_stop_the_gate(gate, log):
    gate.report(VehicleArrived("no-such-lane"))
    a_truck_comes(gate)
    log.wait_for("authorised")


@pytest.fixture
def two_lanes(log, journal):
    """A gate whose one assignment counts in both lanes, and `used` once it is spent."""
    settings = load(CONFIG)
    lane = settings.lanes["out1"]
    settings = settings.model_copy(update={"lanes": {"out1": lane, "out2": lane}})
    used = set()
    declared = an_assignment(lanes=["out1", "out2"], clearances=[(a, "done") for a in AUTHORITIES])
    made = Shell(
        settings, ManualClock(NOON), journal, GuardsTwin(log), None,
        lambda: a_book(declared).used(used), used.add,
    ).gate  # fmt: skip
    made.start()
    wait_for(lambda: not any(lane.restored for lane in made.lanes.values()))
    yield made
    made.stop()


def another_comes(gate):
    gate.report(VehicleArrived("out2"))
    gate.report(a_vehicle_seen(a_plate_view(), lane="out2"))


def decided(gate, lane):
    """The reason of the lane's decision, once there is one."""
    wait_for(lambda: gate.lanes[lane].passage and gate.lanes[lane].passage.decision)
    return gate.lanes[lane].passage.decision.reason.value


def test_one_assignment_does_not_admit_a_vehicle_in_each_lane_at_once(two_lanes, log):
    a_truck_comes(two_lanes)
    log.wait_for("authorised")
    another_comes(two_lanes)
    assert decided(two_lanes, "out2") == "already_used"
    assert len(authorised(log)) == 1
    # The first turns back: the second may go.
    two_lanes.report(VehicleBackedOff("out1"))
    wait_for(lambda: len(authorised(log)) == 2)


def test_an_assignment_is_used_although_the_journal_cannot_commit_the_passage(
    two_lanes, log, journal
):
    a_truck_comes(two_lanes)
    passage = log.wait_for("authorised")[1]
    journal.full = True
    two_lanes.report(VehicleEntered("out1", passage))
    two_lanes.report(VehicleCrossed("out1", passage))
    wait_for(lambda: two_lanes.lanes["out1"].passage is None)
    another_comes(two_lanes)
    assert decided(two_lanes, "out2") == "already_used"
    journal.full = False
    two_lanes.report(CameraChanged("out1", True))
    log.wait_for("committed", "passage.completed")
    assert decided(two_lanes, "out2") == "already_used"
    assert len(authorised(log)) == 1


def test_what_is_wrong_with_a_cameras_pictures_is_told_and_ends(shell, gate, log):
    frozen, moved = AlarmCode.CAMERA_FROZEN, AlarmCode.CAMERA_MOVED
    gate.report(PicturesJudged("out1", frozenset({frozen, moved})))
    wait_for(lambda: shell.alarms.stands(frozen, "out1") and shell.alarms.stands(moved, "out1"))
    gate.report(PicturesJudged("out1", frozenset({moved}), "rear"))
    gate.report(PicturesJudged("out1", frozenset()))
    wait_for(lambda: not shell.alarms.stands(frozen, "out1"))
    assert shell.alarms.stands(moved, "out1"), "another camera of the lane has it"
    gate.report(PicturesJudged("out1", frozenset(), "rear"))
    wait_for(lambda: not shell.alarms.stands(moved, "out1"))


def test_the_alarm_of_a_picture_holds_no_seconds_which_are_the_clocks(shell, gate, log):
    frozen, clock = AlarmCode.CAMERA_FROZEN, AlarmCode.CAMERA_CLOCK
    gate.report(PicturesJudged("out1", frozenset({frozen, clock}), clock_ahead_s=-12.0))
    wait_for(lambda: shell.alarms.stands(frozen, "out1") and shell.alarms.stands(clock, "out1"))
    said = {a.code: dict(a.params) for a in shell.alarms.standing if a.lane == "out1"}
    assert said[frozen] == {"camera": "out1"}
    assert said[clock] == {"camera": "out1", "seconds": -12.0}


def test_the_alarm_of_a_camera_names_those_that_fail_now_and_why(shell, gate, log):
    """It named the first cause for ever: of another camera, or of a cable mended since."""

    def shown():
        found = [a.text for a in shell.alarms.standing if a.code == AlarmCode.CAMERA]
        return found[0].split(": ", 1)[1] if found else ""

    steps = [
        (CameraChanged("out1", False, "front: no cable"), "front: no cable"),
        (CameraChanged("out1", False, "rear: dark", "rear"), "front: no cable; rear: dark"),
        (CameraChanged("out1", False, "front: 401"), "front: 401; rear: dark"),
        (CameraChanged("out1", True), "rear: dark"),
        (CameraChanged("out1", True, "", "rear"), ""),
    ]
    for fact, text in steps:
        gate.report(fact)
        assert wait_for(lambda text=text: shown() == text), text
