"""What several tests share: lane, guard and a small world together, and walks through their
states.

The lane is the product's `react`, the guard the product's core with its outputs and a small arm
(the barrier's explorer). The world is a lane with four places, a fifth where an exit loop is wired,
and two vehicles: one declared, one not. Sensors and camera show what is true there. Time is whole
ticks of a second; ages beyond the longest timer that looks at them are one age, passages take the
first free of a few names, so that the states are finitely many.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import timedelta

from edge.barrier.core import safety
from edge.barrier.core.state import Drive
from edge.barrier.core.table import ArmAction
from edge.domain.commands import Action, Order
from edge.domain.facts import (
    Arm as ArmState,
)
from edge.domain.facts import (
    AssignmentsChanged,
    BarrierFirstSeen,
    OperatorDecided,
    RequestHandled,
    Ticked,
    VehicleLost,
    VehicleSeen,
)
from edge.domain.moment import Moment
from edge.domain.question import LanePolicy
from edge.lane import snapshot
from edge.lane.cues import UNTOLD_BY_GUARD
from edge.lane.effects import Authorise, RaiseAlarm, Record, Revoke, Spend
from edge.lane.presence import HALF_WAY_S, UNFELT_S
from edge.lane.rules import react
from edge.lane.state import Context, Lane
from edge.lane.vocabulary import Stage
from tests.support.barrier import explorer
from tests.support.barrier.explorer import TRAVEL, Node, Wiring, begun
from tests.support.builders import NOON, a_book, a_plate_view, an_assignment

AWAY, LINE, BOTH, UNDER, PAST = range(5)
"""Places: out of sight, on the entry loop, on both loops, under the arm, on the exit loop alone."""

DECLARED, STRANGER = "24C12345", "29C11111"
NAMES = ("D", "X")
PLATES = {"D": DECLARED, "X": STRANGER}

READ_WAIT_S = 2.0
KEEP_EVERY = 100
"""So many states apart are those from which the way home is driven."""

POLICY = LanePolicy("x", "export", (), timedelta(days=1), READ_WAIT_S)
LISTS = ("active", "held", "used")

WIRINGS = [
    Wiring(
        f"{'entry loop' if entry else 'no entry loop'}, {'beam' if beam else 'no beam'}, "
        f"{'limits' if limits else 'no limits'}",
        (*(["entry_loop"] if entry else []), "safety_loop", *(["photocell"] if beam else [])),
        limits=limits,
    )
    for entry in (True, False)
    for beam in (True, False)
    for limits in (True, False)
]
DEAD = Wiring("a dead entry loop, beam, limits", ("entry_loop", "safety_loop", "photocell"))
"""It is wired and feels nobody: a person lets in whom the camera shows."""

WIRINGS += [
    Wiring(
        "all three loops, beam, limits", ("entry_loop", "safety_loop", "photocell", "exit_loop")
    ),
    Wiring("exit loop, no entry loop, no limits", ("safety_loop", "exit_loop"), limits=False),
    DEAD,
]


def exits(wiring):
    return "exit_loop" in wiring.free


@dataclass(frozen=True)
class Car:
    """`read`: whether the camera has read its plate. `apart`: whether anything can tell it from the
    vehicle before it: a gap, the entry loop, or the camera that has read it."""

    place: int = AWAY
    read: bool = False
    apart: bool = True


@dataclass(frozen=True)
class World:
    """`admitted`: to whom the admission that stands was given; `owed`: how many crossed and are not
    recorded yet; `alarmed`: since the lane was idle people have been called; `list`: what the
    platform says; `ordered`: a person has opened the arm; `last`: who stood at the line last, for
    sensors take a moment to see that nobody does."""

    lane: Lane
    node: Node
    cars: tuple[Car, ...] = (Car(), Car())
    list: str = "active"
    admitted: str = ""
    owed: int = 0
    ordered: bool = False
    alarmed: bool = False
    last: str = ""

    def car(self, name):
        return self.cars[NAMES.index(name)]

    def at_line(self):
        """Who stands on the entry loop, or before the arm where none is wired."""
        return next((n for n in NAMES if self.car(n).place in (LINE, BOTH)), "")

    def under(self):
        return [n for n in NAMES if self.car(n).place in (BOTH, UNDER)]

    def idle(self):
        empty = all(car.place == AWAY for car in self.cars)
        down = self.node.arm.at == 0 and not self.node.arm.way
        return (
            empty
            and down
            and self.lane.stage is Stage.EMPTY
            and not self.node.barrier.crossing.inside
        )


@dataclass
class Step:
    """What an event led to, as the invariants look at it."""

    wiring: Wiring
    before: World
    event: str
    after: World
    effects: list = field(default_factory=list)
    opened: bool = False
    crossed: list = field(default_factory=list)

    @property
    def records(self):
        return [e.data for e in self.effects if isinstance(e, Record)]


def start(wiring):
    return World(Lane("x"), begun(wiring))


# --- what may happen ---


def events(world, wiring):
    """The names of all that may happen next."""
    yield "wait"
    up = world.node.arm.at >= TRAVEL - 1
    line, under = world.at_line(), world.under()
    for name in NAMES:
        car = world.car(name)
        if car.place == AWAY and not line:
            yield f"{name} comes"
        if car.place == LINE:
            yield f"{name} turns away"
            if not car.read:
                yield f"{name} is read"
            if up and not under:
                yield f"{name} drives under"
                yield f"{name} drives on to both"
            other = NAMES[1 - NAMES.index(name)]
            if world.car(other).place == AWAY:
                yield f"{other} takes the place of {name}"
            if up and under == [other] and world.car(other).place == UNDER:
                yield f"{name} follows without a gap"
        if car.place == BOTH:
            yield f"{name} drives under"
            yield f"{name} backs to the line"
        if car.place == PAST:
            yield f"{name} leaves"
        if car.place == UNDER and exits(wiring):
            if PAST not in [c.place for c in world.cars]:
                yield f"{name} goes on"
            if not line:
                yield f"{name} backs to the line"
        elif car.place == UNDER:
            yield f"{name} leaves"
            if not line:
                yield f"{name} backs to the line"
                if world.car(NAMES[1 - NAMES.index(name)]).place == AWAY:
                    yield f"{name} leaves as the other comes"
    yield (
        f"list {LISTS[(LISTS.index(world.list) + 1) % 2]}"
        if world.list != "used"
        else "list active"
    )
    if world.lane.state.value == "waiting":
        yield "person admits"
        yield "person rejects"
    if world.node.barrier.reported.left_open or "order" in wiring.actions:
        yield "person closes"
    if "open" in wiring.actions:
        yield "person opens"
    if "restart" in wiring.events:
        yield "restart"


def happen(world, wiring, event):
    """The step that an event leads to. What happened before the lane was idle is over."""
    if world.idle():
        world = replace(world, owed=0, alarmed=False)
    step = Step(wiring, world, event, world)
    words = event.split()
    if words[0] == "list":
        step.after = replace(step.after, list=words[1])
        _tell(step, AssignmentsChanged())
    elif words[0] == "person":
        _person(step, words[1])
    elif event == "restart":
        _restart(step)
    else:
        _moves(step, words)
        _tick(step)
    return step


def _moves(step, words):
    world, event = step.after, " ".join(words)
    if words == ["wait"]:
        return
    name, other = words[0], NAMES[1 - NAMES.index(words[0])]
    if "comes" in words and "leaves" not in words:
        places = {name: LINE}
    elif "turns" in words:
        places = {name: AWAY}
    elif "takes" in words:
        places = {name: LINE, other: AWAY}
    elif "follows" in words:
        places = {name: UNDER, other: PAST if exits(step.wiring) else AWAY}
        step.crossed = [other]
    elif "goes" in words:
        places = {name: PAST}
        step.crossed = [name]
    elif "leaves" in words:
        places = {name: AWAY, **({other: LINE} if "comes" in words else {})}
        step.crossed = [name] if world.car(name).place == UNDER else []
    elif "backs" in words:
        places = {name: LINE}
    elif event.endswith("on to both"):
        places = {name: BOTH}
    elif event.endswith("under"):
        places = {name: UNDER}
    else:
        cars = tuple(
            replace(c, read=c.read or n == name) for n, c in zip(NAMES, world.cars, strict=True)
        )
        step.after = replace(world, cars=cars)
        return
    owed = world.owed + sum(world.car(name).apart for name in step.crossed)

    def moved(name, car):
        place = places.get(name, car.place)
        apart = car.apart
        if place in (BOTH, UNDER) and car.place == LINE:
            gap = not world.node.barrier.crossing.inside
            felt = "entry_loop" in step.wiring.free and step.wiring.name != DEAD.name
            apart = gap or car.read or felt
        return Car(place, car.read and place != AWAY, apart or place == AWAY)

    cars = tuple(moved(n, c) for n, c in zip(NAMES, world.cars, strict=True))
    step.after = replace(world, cars=cars, owed=owed)


def _tick(step):
    """A second passes: the guard reads its inputs, the camera looks, the lane has its tick."""
    wiring, world = step.wiring, step.after
    places = [car.place for car in world.cars]
    truth = {
        "entry_loop": (LINE in places or BOTH in places) and wiring.name != DEAD.name,
        "safety_loop": BOTH in places or UNDER in places,
        "photocell": BOTH in places or UNDER in places,
        "exit_loop": PAST in places,
    }
    sample = {name: truth[name] for name in wiring.free}
    _guard(step, explorer.sampled(wiring, world.node, world.node.arm.moved(), sample), 1.0)
    before = step.before
    for name in NAMES:
        was, now = (
            before.car(name).place in (LINE, BOTH),
            step.after.car(name).place in (LINE, BOTH),
        )
        if was and not now:
            _tell(step, VehicleLost("x", name))
        if now:
            view = a_plate_view(PLATES[name]) if step.after.car(name).read else None
            _tell(step, VehicleSeen("x", name, "truck", view, 5, True))
    if step.after.lane.restored:
        _look(step)
    _tell(step, Ticked())
    believed = step.after.node.barrier.input_state.on("entry_loop")
    last = step.after.at_line() or (world.last if believed else "")
    step.after = _aged(replace(step.after, last=last), wiring)


def _guard(step, seen, now):
    node = explorer.canonical(seen.after, now, step.wiring.reversals) if now else seen.after
    step.opened = step.opened or Drive(ArmAction.OPEN) in seen.effects
    step.after = replace(step.after, node=node)
    for fact in seen.facts:
        _tell(step, fact)


def _person(step, word):
    passage = step.after.lane.passage
    if word in ("admits", "rejects"):
        fact = OperatorDecided("x", passage.id, word == "admits", "", "", "lan", passage.version)
        _tell(step, fact)
        return
    action = Action.OPEN if word == "opens" else Action.CLOSE
    order = safety.Ordered(Order("o", action, "x", ""))
    done = explorer.request(step.wiring, step.after.node, word, order)
    _guard(step, done, 0.0)
    step.after = replace(step.after, ordered=word == "opens" or step.after.ordered)


def _restart(step):
    """The service begins again, with the arm as it is; its first look comes with the next tick."""
    kept = snapshot.dump(step.after.lane)
    lane = snapshot.revive("x", kept, _now(), READ_WAIT_S)
    node = begun(step.wiring)
    step.after = replace(
        step.after, lane=lane, node=replace(node, arm=step.after.node.arm), admitted=""
    )
    _tick(step)


def _look(step):
    """What the barrier shows a lane that begins again, until that says enough."""
    believed = step.after.node.barrier.input_state
    position = step.after.node.arm
    arm = ArmState.CLOSED if position.at == 0 and not position.way else ArmState.OPEN
    loops = (believed.on("entry_loop"), believed.on("safety_loop"), _exit_loop(step))
    _tell(step, BarrierFirstSeen("x", arm, *loops))


def _exit_loop(step):
    """What the guard believes of it; None where it is not wired."""
    believed = step.after.node.barrier.input_state.on("exit_loop")
    return believed if exits(step.wiring) else None


def _now():
    return Moment(0.0, NOON)


def _tell(step, fact):
    """The lane hears a fact, and what it wishes is done at once."""
    if isinstance(fact, RequestHandled) and fact.request == "o":
        return
    world = step.after
    barrier = world.node.barrier
    taken = {barrier.claim.authorisation, barrier.crossing.inside_by}
    taken.add(world.lane.passage.id if world.lane.passage else None)

    def new_id():
        name = next(f"p{n}" for n in range(1, 9) if f"p{n}" not in taken)
        taken.add(name)
        return name

    book = a_book(an_assignment(DECLARED, lanes=["x"], state=world.list, clearances=[]))
    policy = replace(POLICY, needs_loop="entry_loop" in step.wiring.free)
    entry = barrier.input_state.on("entry_loop") if policy.needs_loop else None
    under = barrier.input_state.on("safety_loop")
    context = Context(
        _now(), book, policy, new_id, entry_loop=entry, safety_loop=under,
        exit_loop=_exit_loop(step),
    )  # fmt: skip
    lane, effects = react(world.lane, fact, context)
    step.after = replace(world, lane=lane)
    step.effects += effects
    for effect in effects:
        _follow(step, effect)


def _follow(step, effect):
    world = step.after
    match effect:
        case Authorise(passage):
            step.after = replace(world, admitted=world.at_line() or world.last)
            given = safety.Authorised(passage)
        case Revoke(passage):
            step.after = replace(world, admitted="")
            given = safety.Revoked(passage)
        case RaiseAlarm():
            step.after = replace(world, alarmed=True)
            return
        case Spend():
            step.after = replace(world, list="used")
            return
        case Record("passage.completed", _):
            step.after = replace(world, owed=world.owed - 1)
            return
        case _:
            return
    _guard(step, explorer.request(step.wiring, step.after.node, "request", given), 0.0)


def _aged(world, wiring):
    """A second later, with the clock back at 0 and ages no older than anybody asks. A loop that is
    occupied for longer than a vehicle takes is at once so for as long as anybody asks."""
    lane = world.lane

    def stands(track):
        # Only where the loop does not feel him is it asked how long the camera sees him there.
        since = track.at_line_since
        asked = since is not None and wiring.name == DEAD.name
        return max(-UNFELT_S, since - 1.0) if asked else None

    tracks = {
        n: replace(t, seen=max(-4.0, t.seen - 1.0), at_line_since=stands(t))
        for n, t in lane.tracks.items()
    }
    exit = lane.exit_since
    if exit is not None:
        exit = exit - 1.0 if exit > -3.0 else -HALF_WAY_S
    free = None if lane.loop_free_since is None else max(-3.0, lane.loop_free_since - 1.0)
    under = None if lane.arm_free_since is None else max(-6.0, lane.arm_free_since - 1.0)
    passage = lane.passage
    if passage is not None:
        passage = replace(
            passage, read_by=max(-1.0, passage.read_by - 1.0), version=0, reads=(), frames=0,
            evidence=(), decided_at=None, entered_at=None, arrived_at=NOON, recorded=None,
            recorded_sure=(),
        )  # fmt: skip
    kept = replace(
        lane, tracks=tracks, loop_free_since=free, arm_free_since=under, passage=passage,
        exit_since=exit,
        motions=(), since=None,
        present_at=None,
    )  # fmt: skip
    opened = world.ordered and world.node.arm.at > 0
    aged = replace(world, lane=kept, ordered=opened, owed=max(-2, min(2, world.owed)))
    return aged


def key(world, wiring):
    """What tells states apart."""
    lane, passage = world.lane, world.lane.passage
    return (
        explorer.key(world.node, 0.0, wiring.reversals), world.cars, world.list, world.admitted,
        world.owed, world.alarmed, world.ordered, world.last, lane.stage, lane.present, lane.found,
        lane.released, lane.changing, lane.blind, lane.exit_since, lane.loop_free_since,
        lane.arm_free_since if lane.stage in UNTOLD_BY_GUARD else None,
        tuple(sorted(
            (n, t.plate is not None, t.seen, t.at_line_since or 0.0)
            for n, t in lane.tracks.items()
        )),
        tuple(sorted(lane.served)), lane.follower and lane.follower.track,
        frozenset(lane.vanished), tuple(track.track for track in lane.noted),
        passage and (
            passage.id, passage.track, passage.view, passage.decision, passage.by, passage.before,
            passage.read_by, passage.taken_back, passage.perhaps, passage.earlier is not None,
        ),
    )  # fmt: skip


# --- the walks ---


@dataclass
class Walk:
    states: int = 0
    steps: int = 0
    complete: bool = False
    broken: dict = field(default_factory=dict)
    stages: set = field(default_factory=set)
    stuck: list = field(default_factory=list)
    kept: list = field(default_factory=list)
    """some of the states, spread over the walk"""


def walk(wiring, invariants, most):
    """Breadth first, `most` states of it. Where all are seen, each has a way back to idle."""
    first = start(wiring)
    came = {key(first, wiring): None}
    queue = deque([first])
    back: dict = {}
    idle = []
    found = Walk()
    while queue and len(came) < most:
        world = queue.popleft()
        here = key(world, wiring)
        found.stages.add(world.lane.stage)
        if world.idle():
            idle.append(here)
        for event in events(world, wiring):
            step = happen(world, wiring, event)
            found.steps += 1
            _judge(found, invariants, step, came, here)
            there = key(step.after, wiring)
            back.setdefault(there, set()).add(here)
            if there not in came:
                came[there] = (here, event)
                queue.append(step.after)
                if len(came) % KEEP_EVERY == 0:
                    found.kept.append(step.after)
    found.states, found.complete = len(came), not queue
    if found.complete:
        home = set(idle)
        ahead = list(idle)
        while ahead:
            for before in back.get(ahead.pop(), ()):
                if before not in home:
                    home.add(before)
                    ahead.append(before)
        found.stuck = [way(came, k) for k in came if k not in home][:3]
    return found


def wander(wiring, invariants, steps, seed):
    """At random, from idle on; a step that breaks an invariant ends it."""
    chance = random.Random(seed)
    world, found, trail = start(wiring), Walk(), []
    seen = set()
    for _ in range(steps):
        event = chance.choice(list(events(world, wiring)))
        step = happen(world, wiring, event)
        trail = [*trail[-60:], brief(step)]
        found.steps += 1
        found.stages.add(step.after.lane.stage)
        seen.add(hash(key(step.after, wiring)))
        for name, holds in invariants.items():
            if name not in found.broken and not holds(step):
                found.broken[name] = "\n".join([*trail, told(step)])
        world = step.after
        if found.steps % KEEP_EVERY == 0:
            found.kept.append(world)
    found.states = len(seen)
    return found


def _judge(found, invariants, step, came, here):
    for name, holds in invariants.items():
        if name not in found.broken and not holds(step):
            found.broken[name] = "\n".join([*way(came, here), told(step)])


def way(came, at):
    lines = []
    while came[at] is not None:
        at, event = came[at]
        lines.append(event)
    return lines[::-1]


def brief(step):
    """One line of a long way."""
    ends = [d["outcome"] for d in step.records if "outcome" in d]
    before, after = step.before.lane.stage, step.after.lane.stage
    return f"{step.event:34} {before} -> {after}, owed {step.after.owed}, {ends}"


def told(step):
    lane, barrier = step.after.lane, step.after.node.barrier
    effects = [
        f"{e.type} {e.data.get('outcome') or e.data.get('reason')}"
        if isinstance(e, Record)
        else str(e)
        for e in step.effects
    ]
    return (
        f"{step.event}: {step.before.lane.stage} -> {lane.stage}, arm {step.after.node.arm}, "
        f"authorised {barrier.claim.authorisation}, cars {step.after.cars}, "
        f"owed {step.after.owed}, {effects}"
    )


# --- what must hold ---

LET_THROUGH = (Stage.ADMITTED, Stage.LET_IN)


def no_authorisation_without_a_reason(step):
    """Whom the guard lets through is whom the lane admits now, and its reasons hold."""
    world = step.after
    given = world.node.barrier.claim.authorisation
    if given is None:
        return True
    lane = world.lane
    if lane.stage not in LET_THROUGH or lane.passage is None or lane.passage.id != given:
        return False
    return lane.stage is Stage.LET_IN or world.list == "active"


def the_admission_is_of_who_stands_there(step):
    world = step.after
    given = world.node.barrier.claim.authorisation
    line = world.at_line()
    return given is None or not line or not world.admitted or line == world.admitted


def no_stranger_is_admitted_by_the_gate(step):
    """A sure reading and the list admit the declared one only."""
    admitted = [e for e in step.effects if isinstance(e, Authorise)]
    by_gate = step.after.lane.stage is Stage.ADMITTED
    return not (admitted and by_gate) or step.after.admitted == "D"


def the_arm_opens_for_a_reason(step):
    if not step.opened:
        return True
    barrier = step.after.node.barrier
    under = bool(step.after.under()) or bool(step.before.under())
    stage = step.after.lane.stage
    return (
        under or step.after.ordered or stage in LET_THROUGH or barrier.claim.authorisation is None
    )


def nobody_crosses_unrecorded(step):
    """When nobody is here any more and nothing is under way, everybody who crossed is recorded, or
    people are called to look at the pictures."""
    return not step.after.idle() or step.after.owed <= 0 or step.after.alarmed


def an_admission_is_recorded_once(step):
    admitted = [d for d in step.records if d.get("outcome") == "admitted"]
    return len(admitted) <= 1


def an_unadmitted_crossing_is_told(step):
    bad = ("tailgated", "passed_unadmitted", "wrong_way", "arm_by_hand")
    loud = [d for d in step.records if d.get("outcome") in bad]
    told = any(isinstance(e, RaiseAlarm) for e in step.effects)
    before = step.before.lane.stage is Stage.TAILGATING
    return not loud or told or before


INVARIANTS = {
    f.__name__: f
    for f in (
        no_authorisation_without_a_reason,
        the_admission_is_of_who_stands_there,
        no_stranger_is_admitted_by_the_gate,
        the_arm_opens_for_a_reason,
        nobody_crosses_unrecorded,
        an_admission_is_recorded_once,
        an_unadmitted_crossing_is_told,
    )
}


# --- the way home ---

PATIENCE_TICKS = 60
HOME = ("leaves", "goes on", "drives under", "turns away")
"""What a vehicle does where it may, in this order."""


def goes_home(world, wiring):
    """Whether the lane comes to rest when everybody drives off and a person closes an arm that
    stays up: nothing but physical events, a person and time."""
    for tick in range(PATIENCE_TICKS):
        if world.idle():
            return True
        allowed = set(events(world, wiring)) | {"person closes"}
        leaving = [f"{n} {how}" for n in NAMES for how in HOME]
        event = next((e for e in leaving if e in allowed), "wait")
        if event == "wait" and tick % 10 == 9:
            world = happen(world, wiring, "person closes").after
        world = happen(world, wiring, event).after
    return False
