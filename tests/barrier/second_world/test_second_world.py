"""The real line, driver and guard in a world that is not ours: no coming down on a vehicle that is
the guard's fault, every crossing told, and the same play from the same seed.
"""

from pathlib import Path
from random import Random

import pytest

from edge.domain import facts
from edge.domain.commands import Action
from tests.barrier.second_world import play as playing
from tests.barrier.second_world.arm import Arm, Make
from tests.barrier.second_world.board import sealed
from tests.barrier.second_world.drivers import Vehicle
from tests.barrier.second_world.faults import KINDS, Kind
from tests.barrier.second_world.monitor import Descent, Monitor
from tests.barrier.second_world.play import CREEPS, play, tally
from tests.barrier.second_world.sensors import Contact
from tests.barrier.second_world.shapes import car
from tests.barrier.second_world.site import OUTPUTS, Site, Wiring
from tests.barrier.second_world.traffic import Traffic
from tests.barrier.second_world.verdict import LISTED, UNHEARD, judge

SITES = 6
VEHICLES = 12


@pytest.mark.parametrize(
    "seed", [1, 3, *(pytest.param(seed, marks=pytest.mark.long) for seed in (4, 8))]
)
def test_without_faults_each_vehicle_is_counted_once_and_nothing_is_under_the_arm(seed):
    played = play("none", seed, vehicles=VEHICLES)
    assert played.vehicles >= VEHICLES - 2
    assert played.faults == []
    assert played.wrong == []


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "none"])
def test_an_arm_comes_down_on_nobody_by_the_guards_fault(kind):
    assert play(kind, 3, vehicles=3).faults == []


@pytest.mark.parametrize(
    ("kind", "seed", "vehicles"),
    [
        pytest.param("none", 46, 1, id="who reverses out has not crossed"),
        pytest.param("none", 601, 5, id="who closes up behind one that stands is told"),
        pytest.param("close welded", 206, 3, id="an arm that falls twice is turned twice"),
        pytest.param("breaks through", 208, 3, id="who breaks through is told"),
        pytest.param("15 % late", 9000005, 3, id="who is seen at the touch alone"),
        pytest.param(CREEPS, 5, 4, id="who slips under a closed arm is counted, the next behind"),
    ],
)
def test_what_this_world_once_found_stays_mended(kind, seed, vehicles):
    played = play(kind, seed, vehicles)
    assert played.faults == []
    assert played.wrong == []


@pytest.mark.parametrize("seed", [1, 7, 10])
def test_an_admission_that_comes_as_the_arm_arrives_below_is_kept(seed):
    site = Site(seed, traffic_rules=Traffic(count=1, minds={"orderly": 1.0}))
    lower = site.contacts["limit_closed"]
    while not (site.arm.falling and lower.shown):
        site.computer.run(site.world.t + 0.005)
        site.world.settle()
    guard = site.computer.guard_of("1")
    guard.authorise("next")
    site.computer.wake()
    site.computer.run(site.world.t + 12)
    assert site.lane.believed is facts.Arm.OPEN
    assert guard.status().authorisation == "next"


@pytest.mark.parametrize("kind", [k for k in KINDS if k.startswith("15 %")])
def test_at_fifteen_bad_answers_of_a_hundred_the_arm_still_closes_or_says_why_not(kind):
    """Behind one vehicle at each of eight sites; how many closings there are is the dice's."""
    played = [play(kind, seed, vehicles=1) for seed in range(1, 9)]
    assert [fault for p in played for fault in p.faults] == []
    assert [f"{p.where}{what}" for p in played for what in p.wrong] == []
    assert sum(p.closings > 0 for p in played) >= len(played) / 2


def test_the_same_seed_plays_the_same():
    first, second = (play("SIGKILL", 2, vehicles=3, log=True) for _ in range(2))
    assert first.lines == second.lines
    assert first.closings


def blindfolded(site, dice):
    """While the arm comes down the board answers that loop and beam are clear."""
    looks = site.board.inputs
    site.board.inputs = lambda: looks() & ~0b110
    site.world.after(4.0, lambda: setattr(site.board, "inputs", looks))


def stands_still(site, dice):
    """The process hears SIGTERM and is gone without its orderly end."""
    site.world.after(0.5, lambda: site.computer.vanish(10.0))


@pytest.mark.parametrize(
    "broken", [Kind("blindfolded", at_close=blindfolded), Kind("abandons", at_close=stands_still)]
)
def test_a_guard_that_does_not_look_or_leaves_its_arm_is_found_out(broken):
    site = Site(7, traffic_rules=Traffic(count=4), kind=broken)
    site.play(900)
    assert "guard" in {judge(site, d)[0] for d in site.monitor.descents}


def test_vehicles_that_have_just_come_as_the_time_ends_are_played_to_their_end(monkeypatch):
    monkeypatch.setattr(playing, "LONGEST_S", 5.0)
    played = play("none", 3, vehicles=3)
    assert played.vehicles == 3
    assert played.wrong == []


def test_whoever_is_stuck_before_an_arm_that_never_opens_is_told(monkeypatch):
    def dies(site, dice):
        site.arm.dead, site.lane.person = True, False

    monkeypatch.setattr(playing, "LONGEST_S", 5.0)
    monkeypatch.setitem(KINDS, "dead", Kind("dead", always=dies))
    assert [w for w in play("dead", 3, vehicles=1).wrong if "still there: v1 at" in w]


@pytest.mark.parametrize(("break_s", "tellable"), [(0.24, False), (0.27, True)])
def test_who_is_told_apart_by_a_break_of_the_entry_loop_that_a_guard_must_notice(break_s, tellable):
    first, second = (Vehicle(name, car(Random(1)), x=x) for name, x in (("v1", 3.0), ("v2", -9.0)))
    loop = Contact()
    monitor = Monitor(Arm(Make.of(Random(1))), [first, second], {"entry_loop": loop})
    monitor.wired, monitor.edge_m = frozenset({"entry_loop"}), -6.0
    for at, on in ((1000.0, True), (1001.0, False), (1001.0 + break_s, True)):
        loop.shown = on
        monitor.move(at, 0.01)
        second.x = -5.9
    for v in (first, second):
        v.x = v.shape.length + 2.0
        monitor.move(1005.0, 0.01)
    assert [c.tellable for c in monitor.crossings if c.vehicle is second] == [tellable]


def test_who_is_told_apart_by_the_exit_loop_may_be_over_the_safety_loop_with_his_first_metre():
    vehicles = [Vehicle(n, car(Random(1)), x=x) for n, x in (("v1", 0.0), ("v2", -9), ("v3", -9))]
    loops = {n: Contact() for n in ("entry_loop", "safety_loop", "exit_loop")}
    monitor = Monitor(Arm(Make.of(Random(1))), vehicles, loops)
    monitor.wired, monitor.edge_m = frozenset(loops), -6.0
    first, second, third = vehicles
    loops["safety_loop"].shown = True
    monitor.move(1000.0, 0.01)
    loops["exit_loop"].shown = True
    monitor.move(1001.0, 0.01)
    loops["safety_loop"].shown, first.x = False, 8.0
    monitor.move(1002.0, 0.01)
    loops["exit_loop"].shown, second.x, third.x = False, -0.4, -5.4
    monitor.move(1003.0, 0.01)
    for v in (first, second, third):
        v.x = v.shape.length + 2.0
        monitor.move(1005.0, 0.01)
    assert [c.vehicle.name for c in monitor.crossings if c.tellable] == ["v2"]


@pytest.mark.parametrize(("first", "second", "entered"), [(1.0, -9.0, True), (9.0, 0.1, False)])
def test_what_a_sensor_showed_of_the_one_before_is_no_front_of_the_one_under_the_arm(
    first, second, entered
):
    """The first has been in the beam, and the entry loop has had no break since."""
    vehicles = [Vehicle(n, car(Random(1)), x=-9.0) for n in ("v1", "v2")]
    loops = {n: Contact() for n in ("entry_loop", "photocell")}
    monitor = Monitor(Arm(Make.of(Random(1))), vehicles, loops)
    monitor.wired, monitor.edge_m = frozenset(loops), -6.0
    loops["entry_loop"].shown = True
    monitor.move(1000.0, 0.01)
    vehicles[0].x, loops["photocell"].shown = 0.5, True
    monitor.move(1001.0, 0.01)
    monitor.move(1002.0, 0.01)
    vehicles[0].x, vehicles[1].x, loops["photocell"].shown = first, second, False
    monitor.move(1003.0, 0.01)
    monitor.on_close = lambda: None
    monitor.relay("close", True)
    monitor.command("close", "guard")
    assert monitor.descents[-1].entered is entered


@pytest.mark.parametrize(
    ("lost", "address", "relay", "verdict"),
    [
        (0, 1, "open", ("guard", "seen 1.00 s before the touch, never halted")),
        (1, 1, "open", ("guard", "seen 1.00 s before the touch, never halted")),
        (3, 1, "open", ("excused", UNHEARD)),
        (3, 1, "stop", ("excused", UNHEARD)),
        (3, 1, "close", ("guard", "seen 1.00 s before the touch, never halted")),
        (3, 2, "open", ("guard", "seen 1.00 s before the touch, never halted")),
    ],
)
def test_only_lost_frames_that_would_have_halted_this_arm_excuse_the_guard(
    lost, address, relay, verdict
):
    site = Site(7, wiring=Wiring(), kind=KINDS["15 % lost"])
    fell = Descent(1000.0, "guard", touched="v1", touched_at=1005.0)
    fell.seen_at_touch = {"safety_loop": 1004.0}
    said = [1004.3 + 0.2 * n for n in range(lost)]
    site.cable.unheard += [(t, address, OUTPUTS[relay] - 1) for t in said]
    assert judge(site, fell) == verdict


def test_a_pulse_that_is_lost_on_its_way_is_known_to_the_judge():
    site = Site(7, wiring=Wiring())
    site.cable.noise.question_lost = 1.0
    site.cable.sends(sealed(bytes.fromhex("010502020005")))
    site.cable.sends(sealed(bytes.fromhex("010200000008")))
    assert site.cable.unheard == [(1000.0, 1, OUTPUTS["stop"] - 1)]


def test_a_close_that_was_refused_leaves_the_arm_as_a_person_wanted_it():
    site = Site(7, wiring=Wiring(), traffic_rules=Traffic(count=0))

    def ordered(action):
        site.lane.order(action, "test")
        site.computer.run(site.world.t + 1.0)

    site.lane.person = False
    site.computer.run(site.world.t + 3.0)
    ordered(Action.OPEN)
    site.computer.run(site.world.t + 10.0)
    assert site.lane.held
    site.contacts["safety_loop"].lies = True
    site.computer.run(site.world.t + 1.0)
    ordered(Action.CLOSE)
    assert site.lane.held, "refused"
    site.contacts["safety_loop"].lies = None
    site.computer.run(site.world.t + 3.0)
    ordered(Action.CLOSE)
    assert not site.lane.held


def test_what_excuses_the_guard_stands_in_the_rules_with_its_cure():
    rules = Path("docs/barrier.md").read_text(encoding="utf-8")
    assert [row for row in LISTED.values() if f"| {row}" not in rules] == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_twenty_thousand_vehicles_without_faults():
    total = tally("none", 20_000, 0, seed=1, processes=2, progress=True)
    assert total.faults == []
    assert total.wrong == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", [k for k in KINDS if k != "none"])
def test_two_hundred_closings_of_each_kind_of_fault(kind):
    total = tally(kind, 0, 200, seed=1, processes=2)
    assert total.faults == []
    assert total.closings >= 200
