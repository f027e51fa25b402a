"""A scenario fails when the controller is broken in the matching way: mistakes in a copy of it."""

import json

import pytest

from tests.support.planted import Planted, a_copy, failed, run

ROWS = "domain/decision_rows.py"
PLANTED = (
    Planted("what two polls see of the safety loop is a vehicle", "barrier/core/sensing.py",
            "SAFETY_LOOP_TIMES = 2\n", "SAFETY_LOOP_TIMES = 1\n", ("glitching_safety_loop",)),
    Planted("an unsure reading is enough", ROWS,
            '"no plate is surely read", lambda q: not q.sure)',
            '"no plate is surely read", lambda q: False)', ("unsurely_read",)),
    Planted("a trailer's plate is enough", ROWS,
            "only a trailer's plate was read\",\n        lambda q: q.trailers_only,",
            "only a trailer's plate was read\",\n        lambda q: False,", ("trailer_alone",)),
    Planted("whose trailer it pulls is not asked", ROWS, "        trailer_unread,\n",
            "        lambda q: False,\n", ("a_strangers_trailer_read_too_late",)),
    Planted("any clock is believed", ROWS, "        clock_matters,\n", "        lambda q: False,\n",
            ("clock_jumps_back_an_hour",)),
    Planted("what cannot be recorded is done all the same", "gate/commits.py",
            "            return False\n        if item.events:",
            "            pass\n        if item.events:",
            ("disk_read_only_for_a_minute", "disk_read_only_while_one_crosses")),
    Planted("nobody is told of who passes a lane that shows closed", "barrier/core/slipping.py",
            "        GuardAlarm(b.lane, AlarmCode.PASSED_CLOSED, True),\n", "", ("torn_off",)),
    Planted("an admission that nobody uses never ends", "barrier/core/crossing.py",
            "if now - b.claim.asked_at < b.limits.entry_timeout_s:", "if True:", ("dawdles",)),
    Planted("events are numbered and not chained", "sync/journal/writing.py",
            'self.seq, self._hash = number, body["hash"]\n        return',
            "self.seq = number\n        return",
            ("declared_truck",)),
    Planted("states of assignments are not looked at", ROWS,
            "return lambda q: q.on(lambda a: a.state is state)", "return lambda q: False",
            ("held", "cancelled", "the_same_plate_twice")),
    Planted("what is over still counts", ROWS, "lambda q: q.on(lambda a: late(a, q.now)),",
            "lambda q: False,", ("expired",)),
    Planted("what is to come counts already", ROWS, "lambda q: q.on(lambda a: early(a, q.now)),",
            "lambda q: False,", ("not_yet_valid",)),
    Planted("any lane will do", ROWS, "lambda q: q.on(lambda a: q.policy.lane not in a.lanes),",
            "lambda q: False,", ("wrong_lane", "sent_to_the_lane_of_his_assignment")),
    Planted("nobody is sent to his lane", "lane/guiding.py", "    return right_lane(",
            '    return "" and right_lane(', ("sent_to_the_lane_of_his_assignment",)),
    Planted("everybody is sent to the first open lane", "lane/guiding.py",
            "assigned, context.open_lanes, before)", "tuple(context.open_lanes), "
            "context.open_lanes, before)", ("sent_to_the_lane_of_his_assignment",)),
    Planted("any direction will do", ROWS,
            "lambda q: q.on(lambda a: a.direction != q.policy.direction),", "lambda q: False,",
            ("wrong_direction",)),
    Planted("clearances are not waited for", ROWS, "lambda q: bool(lacking(q)),",
            "lambda q: False,", ("clearance_pending",)),
    Planted("a refusal of an authority is not heard", ROWS, "lambda q: bool(refused_by(q)),",
            "lambda q: False,", ("clearance_refused",)),
    Planted("a motorcycle may be a truck", ROWS, "        implausible,\n        lambda",
            "        lambda q: False,\n        lambda", ("motorcycle_with_a_trucks_plate",)),
    Planted("a person's no is a yes", "gate/operations.py",
            "OperatorDecided(lane, passage, admit, plate,",
            "OperatorDecided(lane, passage, True, plate,", ("undeclared", "held")),
    Planted("what was used is not kept for a restart", "gate/lanes.py",
            "if isinstance(effect, Spend):", "if False:", ("a_copy_comes_after_a_restart",)),
    Planted("nobody is told of a tailgater", "lane/telling.py",
            "return lane, [RaiseAlarm(AlarmCode.TAILGATE)]", "return lane, []",
            ("tailgater", "tailgater_at_a_metre", "two_tailgaters")),
    Planted("nobody is told of one whom nobody admitted", "lane/telling.py",
            "return lane, [RaiseAlarm(AlarmCode.PASSED_UNADMITTED)]", "return lane, []",
            ("breaks_through", "through_an_arm_that_stands_open")),
    Planted("a closing arm does not turn back", "barrier/core/signals.py",
            "(b.phase is Phase.CLOSING and unseen(s))", "False",
            ("somebody_drives_in_while_it_comes_down",)),
    Planted("a lost wire is not told", "barrier/core/safety.py",
            'done = done.then(_lose, AlarmCode.WIRE_LOST, {"why": given.why})', "pass",
            ("the_board_is_silent_while_one_crosses", "board_power_cut_while_one_waits")),
    Planted("an arm that does not arrive is not told", "barrier/core/motion.py",
            "return reported(gone, [GuardAlarm(b.lane, AlarmCode.TRAVEL_TIMEOUT, True, tried, "
            "variant)])", "return Step(gone)", ("blocked_arm",)),
    Planted("a camera that is gone is not told", "gate/gate.py",
            'self._alarms.raise_alarm(AlarmCode.CAMERA, fact.lane, {"why": why}, again=True)',
            "pass", ("no_pictures",)),
    Planted("every tenth event is not sent", "sync/customs/delivery.py",
            "        sequence, type, lane, body = row\n",
            "        sequence, type, lane, body = row\n        if sequence % 10 == 0:\n"
            "            return\n", ("broker_away",)),
    Planted("a list never grows old", "domain/conditions.py",
            "if age > policy.book_max_age or age", "if age", ("list_grows_old",)),
    Planted("a second text counts for nothing", ROWS,
            "lambda q: any(view.accepted and view.rival >= RIVAL for view in q.reads),",
            "lambda q: False,", ("two_texts_nearly_as_likely",)),
    Planted("a rider who vanishes beside a truck is nobody", "lane/from_facts.py",
            "track = slipped_past(lane, fact, context)\n", "track = None\n",
            ("motorcycle_past_a_truck_that_waits",)),
    Planted("a trailer's plate is one of a vehicle", "lane/identity.py",
            'return plate is not None and plate.kind == "trailer"', "return False",
            ("a_trailer_that_nobody_declared",)),
    Planted("the loop's arrival is not told to the lane", "barrier/core/crossing.py",
            "[*first, VehicleArrived(b.lane)]", "first",
            ("the_camera_sees_nobody", "no_pictures")),
)  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return a_copy(tmp_path_factory.mktemp("planted"))


def test_in_the_copy_without_a_mistake_they_pass(copy):
    names = sorted({name for mistake in PLANTED for name in mistake.caught_by})
    done = run(copy, "run", *names, "--fast", "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    assert {json.loads(line)["name"] for line in done.stdout.splitlines()} == set(names)


IN_TIME = 6
"""So many are tried with every `make test`; the rows of the decision, which are all alike, and the
rest with the long ones."""


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(mistake, marks=[] if n >= len(PLANTED) - IN_TIME else [pytest.mark.long])
        for n, mistake in enumerate(PLANTED)
    ],
    ids=lambda mistake: mistake.name,
)
def test_a_planted_mistake_is_caught_by_the_scenario_that_is_about_it(copy, mistake):
    assert failed(copy, mistake, "--fast") == set(mistake.caught_by)
