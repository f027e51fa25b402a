"""Walks every reachable state of core, outputs and a small physical arm; judges each step.

Time is whole ticks; ages beyond the longest timer that looks at them are one age, so the states
are finitely many and the walk ends by itself. In each state everything may happen that a lane can
do: any value of each free input, a failed reading, a lost wire, a stalled guard, an arm that
sticks, is moved by hand or comes down by itself, limit switches that glitch or are both on, a stop
input whose wire is torn, every request. A wiring says which inputs and outputs are there. States
are walked breadth first, so a counterexample is a shortest one.
"""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import product

from edge.barrier.core import motion, outage, safety, sensing
from edge.barrier.core.contacts import Contacts, Fall, Lamps, Said
from edge.barrier.core.outputs import Outputs, Pulse
from edge.barrier.core.sensing import InputState, blocked
from edge.barrier.core.signals import whereabouts
from edge.barrier.core.state import Barrier, Drive, Exit, Limits, OpenedBy, Reported, Way
from edge.barrier.core.table import TABLE, Phase
from edge.domain.commands import Action, Order
from edge.domain.facts import VehicleCrossed, VehicleEntered

MOVING = (Phase.OPENING, Phase.CLOSING)

TRAVEL = 3
"""Ticks from limit to limit."""

AGAIN = 2
"""So many ticks what was due waits for inputs that cannot be read, in the walk."""

LOST = AGAIN + 1
"""From here on they have been lost for long."""

PROOF = 2
"""So many samples of a limit switch prove it in the walk: a third would only make more states."""

GLITCHES = PROOF - 1
"""So many samples in a row a limit switch may lie: fewer than prove anything."""

CLEAR_LONG = 3
"""Two clear samples, and one tick for `clear_before_close_s`."""

KEEP_EVERY = 150
"""So many states apart are those that the mutants are judged by ..."""

KEPT_A_CELL = 2
"""... and so many of each wiring for each cell of the table."""

LIMITS = Limits(
    fresh_s=1.5, travel_s=3.0, travel_margin_s=1.0, clear_before_close_s=1.0,
    entry_timeout_s=2.0, retries=1, open_on_fire=True, start_s=1.0,
    entry_held_s=2.0,
)  # fmt: skip


@dataclass(frozen=True)
class Wiring:
    """`free`: inputs that the environment sets at will; the limits follow the arm."""

    name: str
    free: tuple[str, ...]
    limits: bool = True
    outputs: tuple[str, ...] = ("open", "close", "stop")
    actions: tuple[str, ...] = ()
    authorised: bool = True
    events: tuple[str, ...] = ("missed", "lost", "stalled")
    arm: tuple[str, ...] = ()
    reversals: bool = False
    """whether turned closings are counted; elsewhere every one may be the first"""
    found: int | None = None
    """where an arm is at the start that was sent down before; elsewhere it is closed"""
    line: bool = False
    """whether vision tells of vehicles that go over the line under the arm"""

    @property
    def inputs(self) -> frozenset[str]:
        return frozenset(self.free) | (
            {"limit_open", "limit_closed"} if self.limits else frozenset()
        )


@dataclass(frozen=True)
class Arm:
    """`at` 0 closed .. TRAVEL open; `way` -1, 0, 1."""

    at: int = 0
    way: int = 0

    def moved(self) -> Arm:
        at = min(TRAVEL, max(0, self.at + self.way))
        return Arm(at, 0 if at in (0, TRAVEL) and at == self.at else self.way)

    def driven(self, writes) -> Arm:
        arm = self
        for write in writes:
            if isinstance(write, Pulse):
                arm = Arm(arm.at, {"open": 1, "close": -1}.get(write.output, 0))
        return arm


@dataclass(frozen=True)
class Node:
    """`clear`: clear samples in a row, as the monitor counts them by the truth, from the second on
    ticks of being clear under a red light; at most CLEAR_LONG.
    `entry`, `under`: the monitor's own memory of the order of loops; `watched`: since it counts.
    `stopped`: the arm has been stopped over the vehicle that is still under it. `found`: the arm
    still moves as it was found at the start. `alone`: it comes down by itself, WATCHED since it
    left its upper end, or LET_GO by a stop or out of service. `torn`: it comes down although the
    stop input says pressed. `glitches`: samples in a row in which a switch has lied.
    `entry_clear`, `exit_clear`: clear samples of that loop in a row; `kept`: not two of the entry
    loop since the vehicle under the arm came. `exit`: what the exit loop has shown of it, `line`
    which way vision has seen it go."""

    barrier: Barrier
    outputs: Outputs
    arm: Arm
    clear: int = 0
    entry: bool = False
    under: bool = False
    watched: bool = False
    stopped: bool = False
    found: bool = False
    alone: int = 0
    torn: bool = False
    glitches: int = 0
    entry_clear: int = 2
    kept: bool = False
    exit_clear: int = 2
    exit: Exit = Exit.NO
    line: Way = Way.UNKNOWN


WATCHED, LET_GO = 1, 2


@dataclass
class Seen:
    """One step as the invariants look at it."""

    wiring: Wiring
    before: Node
    event: str
    sample: dict | None
    after: Node
    effects: tuple
    writes: list
    facts: tuple
    now: float

    @property
    def b(self):
        return self.after.barrier

    @property
    def was(self):
        return self.before.barrier

    def pulsed(self, output):
        return any(isinstance(w, Pulse) and w.output == output for w in self.writes)

    def drove(self, action):
        return Drive(action) in self.effects

    def occupied(self):
        """Whether the truth, as far as anybody can know it now, is that something is there."""
        if self.sample is None:
            return True
        return any(self.sample.get(n) for n in ("safety_loop", "photocell"))


@dataclass
class Walk:
    states: int = 0
    steps: int = 0
    broken: dict = field(default_factory=dict)
    """invariant -> the shortest way to its first breach"""
    complete: bool = False
    kept: list = field(default_factory=list)
    """some of the states, spread over the walk"""
    asking: dict = field(default_factory=dict)
    """cell of the table -> the first states from which a step asked for it"""


class Consulted(dict):
    """The table, putting each cell that it is asked for into `cells`."""

    def __init__(self, table):
        super().__init__(table)
        self.cells = set()

    def __getitem__(self, cell):
        self.cells.add(cell)
        return super().__getitem__(cell)


def walk(wiring, invariants):
    """Every reachable state. `invariants`: name -> function of Seen, true where it holds."""
    table = motion.TABLE = Consulted(TABLE)
    try:
        return _walk(wiring, invariants, table.cells)
    finally:
        motion.TABLE = TABLE


def _walk(wiring, invariants, asked):
    start = begun(wiring)
    found = Walk()
    came = {key(start, 0.0, True): None}
    queue = deque([(start, key(start, 0.0, True))])
    names = list(invariants.items())
    while queue:
        node, at = queue.popleft()
        for seen in steps(wiring, node):
            found.steps += 1
            for cell in asked:
                states = found.asking.setdefault(cell, [])
                if len(states) < KEPT_A_CELL and (not states or states[-1] is not node):
                    states.append(node)
            asked.clear()
            for name, holds in names:
                if name not in found.broken and not holds(seen):
                    found.broken[name] = "\n".join([*way(came, at), reported(seen)])
            k = key(seen.after, seen.now, wiring.reversals)
            if k not in came:
                came[k] = (at, seen)
                fresh = canonical(seen.after, seen.now, wiring.reversals)
                queue.append((fresh, k))
                if len(came) % KEEP_EVERY == 0:
                    found.kept.append(fresh)
    found.states, found.complete = len(came), True
    return found


def begun(wiring):
    """The start, at 0."""
    may_fall_s = LIMITS.travel_s + LIMITS.travel_margin_s if wiring.limits else 0.0
    contacts = Contacts(frozenset(wiring.outputs), 1.0, 1.0)
    outputs = Outputs(contacts, fall=Fall(until=may_fall_s))
    arm = Arm() if wiring.found is None else Arm(wiring.found, -1)
    barrier = safety.begin("x", LIMITS, wiring.inputs)
    return Node(barrier, outputs, arm, found=wiring.found is not None)


def steps(wiring, node):
    """Everything that may happen in a state."""
    for action in wiring.actions:
        yield request(wiring, node, action, safety.Ordered(Order("o", Action(action), "x", "")))
    if wiring.authorised:
        yield request(wiring, node, "authorise", safety.Authorised("a"))
        if node.barrier.claim.authorisation:
            yield request(wiring, node, "revoke", safety.Revoked("a"))
    if wiring.line:
        for forward in (True, False):
            name = f"line {'forward' if forward else 'back'}"
            yield request(wiring, node, name, safety.LineCrossed(forward, 0.95))
    moved = [("", node.arm.moved())]
    if "sticks" in wiring.arm and node.arm.way and node.arm.moved().at != node.arm.at:
        moved.append(("sticks ", node.arm))
    if "hand" in wiring.arm:
        moved += [
            (f"by hand to {at} ", Arm(at, 0)) for at in range(TRAVEL + 1) if at != node.arm.at
        ]
    for how, arm in moved:
        for values in product((False, True), repeat=len(wiring.free)):
            sample = dict(zip(wiring.free, values, strict=True))
            yield sampled(wiring, node, arm, sample, how)
    for values in product((False, True), repeat=len(wiring.free)):
        sample = dict(zip(wiring.free, values, strict=True))
        if "alone" in wiring.arm and node.arm == Arm(TRAVEL, 0):
            yield sampled(wiring, node, Arm(TRAVEL - 1, -1), dict(sample), "by itself ")
        if "torn" in wiring.arm and sample["stop"] and node.arm.way < 0:
            yield sampled(wiring, node, node.arm.moved(), dict(sample), "torn ")
        if "glitch" in wiring.arm and node.glitches < GLITCHES:
            for name in ("limit_open", "limit_closed"):
                lie = {name: True}
                yield sampled(wiring, node, node.arm.moved(), dict(sample), "glitch ", lie)
    if "conflict" in wiring.arm:
        sample = dict.fromkeys(wiring.free, False)
        both = {"limit_open": True, "limit_closed": True}
        yield sampled(wiring, node, node.arm.moved(), sample, "both limits ", both)
    for event in wiring.events:
        given = {
            "missed": safety.Missed(),
            "lost": safety.WireLost("gone"),
            "stalled": safety.Stalled(9.0),
            "silence": safety.Elapsed(),
        }[event]
        yield step(wiring, node, node.arm.moved(), event, given, None, 1.0)


def request(wiring, node, name, given):
    return step(wiring, node, node.arm, name, given, None, 0.0)


def sampled(wiring, node, arm, sample, how="", limits=None):
    if wiring.limits:
        sample["limit_open"] = arm.at == TRAVEL
        sample["limit_closed"] = arm.at == 0
        sample.update(limits or {})
    if sample.get("stop") and how != "torn ":
        # The local stop acts on the barrier itself.
        arm = Arm(arm.at, 0)
    on = how + " ".join(n for n, v in sorted(sample.items()) if v)
    return step(wiring, node, arm, f"sees [{on}]", safety.Sampled(sample), sample, 1.0)


@contextlib.contextmanager
def proof_in_ticks():
    """With PROOF in place of the guard's own number of samples. A tick is longer than a glitch: in
    the walk each front counts at once."""
    samples, again, front = sensing.PROOF_SAMPLES, outage.AGAIN_S, sensing.FRONT_S
    sensing.PROOF_SAMPLES, outage.AGAIN_S, sensing.FRONT_S = PROOF, AGAIN, 0.0
    try:
        yield
    finally:
        sensing.PROOF_SAMPLES, outage.AGAIN_S, sensing.FRONT_S = samples, again, front


def step(wiring, node, arm, event, given, sample, now):
    with proof_in_ticks():
        return _step(wiring, node, arm, event, given, sample, now)


def _step(wiring, node, arm, event, given, sample, now):
    done = safety.step(node.barrier, given, now)
    outputs, writes = node.outputs, []
    for effect in done.effects:
        outputs, more = outputs.asked(effect, now)
        outputs, writes = written(outputs, more, now), writes + more
    if now:
        outputs, more = outputs.due(now, bool(done.barrier.input_state.on("stop")))
        outputs, writes = written(outputs, more, now), writes + more
        stop = bool(done.barrier.input_state.on("stop"))
        seen = blocked(done.barrier.input_state)
        outputs, more = outputs.unwatched(whereabouts(done.barrier, now), stop, seen, now)
        outputs, writes = written(outputs, more, now), writes + more
    clear, entry, under, watched = remembered(wiring, node, given, sample, done, now)
    stopped = over_a_vehicle(node, event, sample, done, clear)
    moves = any(isinstance(write, Pulse) for write in writes)
    found = node.found and not moves and arm.way < 0
    driven = arm.driven(writes)
    after = Node(
        done.barrier, outputs, driven, clear, entry, under, watched, stopped, found,
        by_itself(node, event, sample, done, driven if moves else arm),
        driven.way < 0 and not moves and (node.torn or "[torn " in event),
        node.glitches + 1 if "[glitch " in event else 0 if now else node.glitches,
        *on_the_entry_loop(wiring, node, event, sample, done, now),
        *on_the_exit_loop(wiring, node, sample, done, now), over_the_line(node, event, done),
    )  # fmt: skip
    return Seen(wiring, node, event, sample, after, done.effects, writes, done.facts, now)


def by_itself(node, event, sample, done, arm):
    """Whether the arm comes down by itself."""
    if arm.way >= 0:
        return 0
    if "[by itself " in event:
        seen = node.barrier.phase in (Phase.OPEN, Phase.UNREAD)
        alone = WATCHED if seen and node.barrier.motion.upper else LET_GO
    else:
        alone = node.alone
    let_go = event in ("stop", "out_of_service") or bool(sample and sample.get("stop"))
    let_go = let_go or done.barrier.phase in (Phase.FAULT, Phase.OUT_OF_SERVICE)
    return LET_GO if alone and let_go else alone


def clear_samples(wiring, node, loop, count, sample, now):
    """How many samples in a row have shown that loop clear, at most two."""
    if loop not in wiring.free or not now:
        return count
    if sample is None:
        return 0 if count < 2 else 2
    in_a_row = 0 if stale(node.barrier, now) and count < 2 else count
    return 0 if sample[loop] else min(2, in_a_row + 1)


def on_the_entry_loop(wiring, node, event, sample, done, now):
    """(entry_clear, kept)."""
    if "entry_loop" not in wiring.free:
        return 2, False
    count = clear_samples(wiring, node, "entry_loop", node.entry_clear, sample, now)
    was, c = node.barrier.crossing, done.barrier.crossing
    # One over whom the arm was stopped comes in order, and closes nothing.
    comes = c.in_order or (was.stopped and c.entry_kept)
    newly = c.inside and not was.inside and comes
    # Another vehicle's admission says that this loop is the other's now.
    other = event == "authorise" and was.inside and not node.barrier.claim.authorisation
    kept = count < 2 and (newly or node.kept) and not other
    return count, kept and c.inside


def on_the_exit_loop(wiring, node, sample, done, now):
    """(exit_clear, exit)."""
    if "exit_loop" not in wiring.free:
        return 2, Exit.NO
    count = clear_samples(wiring, node, "exit_loop", node.exit_clear, sample, now)
    if not done.barrier.crossing.inside:
        return count, Exit.NO
    if node.barrier.crossing.slipping and not came_and_went(done):
        # What it has shown of one who came under the closed arm, for whom that goes up now.
        return count, done.barrier.crossing.exit
    another = not node.barrier.crossing.inside or came_and_went(done)
    if another:
        return count, Exit.BEFORE if count < 2 else Exit.NO
    shown = node.exit
    if shown is Exit.BEFORE:
        shown = Exit.LEFT if count == 2 else shown
    elif sample and sample["exit_loop"]:
        shown = Exit.ON
    elif shown is Exit.ON and count == 2:
        shown = Exit.PASSED
    return count, shown


def over_the_line(node, event, done):
    """Which way vision has seen the vehicle under the arm go, last."""
    if not done.barrier.crossing.inside:
        return Way.UNKNOWN
    if event.startswith("line "):
        return Way(event.removeprefix("line "))
    return Way.UNKNOWN if came_and_went(done) else node.line


def came_and_went(done):
    """Whether one has gone from under the arm and the next is there."""
    return any(isinstance(f, VehicleCrossed) for f in done.facts)


def written(outputs, writes, now):
    """The board confirms each write; what becomes of those that it does not, the wires tell."""
    for write in writes:
        if isinstance(write, Pulse) or write.output in outputs.ends:
            outputs, _ = outputs.answered(write, True, now)
    return outputs


def remembered(wiring, node, given, sample, done, now):
    """What the monitor itself keeps in mind, from nothing but the true inputs."""
    if not now:
        return red(node, done, node.clear), node.entry, node.under, node.watched
    if sample is None:
        lost = stale(done.barrier, now)
        clear = node.clear if isinstance(given, safety.Elapsed) and not lost else 0
        clear = min(CLEAR_LONG, clear + 1) if clear > 1 else clear
        return red(node, done, clear), node.entry, node.under, node.watched and not lost
    occupied = sample.get("safety_loop") or sample.get("photocell")
    in_a_row = 0 if stale(node.barrier, now) else node.clear
    clear = red(node, done, 0 if occupied else min(CLEAR_LONG, in_a_row + 1))
    if "entry_loop" not in wiring.free:
        return clear, node.entry, node.under, node.watched
    over, beneath = bool(sample["entry_loop"]), bool(sample["safety_loop"])
    under = node.under or (beneath and (node.entry or over or not node.watched))
    # Whoever is on the safety loop has left the entry loop behind; the next one comes over it.
    entry = over or (node.entry and not beneath)
    if any(isinstance(f, VehicleCrossed) for f in done.facts):
        # The next one may be there already, close behind it, or this one came another way.
        c = done.barrier.crossing
        next_one = c.inside and any(isinstance(f, VehicleEntered) for f in done.facts)
        under = under and (next_one or not node.barrier.crossing.in_order)
        # Who stood behind it and left the entry loop unseen is awaited on the safety loop.
        entry = entry or c.leaving_at is not None
    return clear, entry, under, node.watched or clear > 0


def stale(barrier, now):
    """Whether the last good sample is no longer fresh."""
    read_at = barrier.input_state.read_at
    return read_at is None or now - read_at >= LIMITS.fresh_s


def over_a_vehicle(node, event, sample, done, clear):
    """Whether the arm is or was stopped over the vehicle that is still under it, told or not."""
    ends = (Phase.FAULT, Phase.OUT_OF_SERVICE)
    now = event in ("stop", "out_of_service") or bool(sample and sample.get("stop"))
    now = now or (done.barrier.phase in ends and node.barrier.phase not in ends)
    there = done.barrier.crossing.inside or clear < 2
    still = node.stopped and not came_and_went(done) and done.barrier.phase is not Phase.CLOSED
    return there and (still or now)


def red(node, done, clear):
    """The count; from the end of a green it begins with the samples alone."""
    return min(clear, 2) if node.barrier.green and not done.barrier.green else clear


# --- states without absolute time ---


def age(at, now, cap):
    return None if at is None else max(-cap, at - now)


def fell(b, now):
    """Since when the arm comes down, as far as it can still be too early for the lower switch."""
    since = age(b.motion.falls_from, now, 3.0)
    return None if since == -3.0 else since


def unread(b, now):
    """Since when the inputs are not known, as long as that decides something."""
    counts = b.phase is Phase.UNREAD and not b.gone
    return age(b.unread_since, now, LOST) if counts else None


def canonical(node, now, counted):
    """The same state with `now` at 0 and ages capped; what no rule reads is forgotten."""
    b, o, s = node.barrier, node.outputs, node.barrier.input_state
    moving, c = b.phase in MOVING, b.crossing
    barrier = replace(
        b,
        input_state=InputState(
            s.wired, s.believed, s.clear_runs, age(s.read_at, now, 2.0), s.blind,
            s.on_runs, {n: age(at, now, 1.0) for n, at in s.on_since.items()}, {}, s.lasting,
        ),
        motion=replace(
            b.motion,
            moved_at=age(b.motion.moved_at, now, 6.0) if moving else -6.0,
            left_limit=b.motion.left_limit and moving,
            full=False,
            falls_from=fell(b, now),
            retries=b.motion.retries if moving or b.motion.lost_at is not None else 0,
            lost_at=age(b.motion.lost_at, now, LOST),
            reversals=b.motion.reversals if counted else 0,
        ),
        claim=replace(
            b.claim,
            asked_at=age(b.claim.asked_at, now, 2.0) if b.claim.authorisation else 0.0,
            used=(),
            opened_by=b.claim.opened_by if ours(b) else OpenedBy.LOCAL,
        ),
        crossing=replace(
            c,
            in_order=c.in_order and c.inside,
            entry_kept=c.entry_kept and c.inside,
            gap_since=age(c.gap_since, now, 2.0),
            seen=frozenset(),
            backwards=False,
            found=False,
            off_at=None,
            exit=c.exit if c.inside or c.slipping else Exit.NO,
            released_at=age(c.released_at, now, 2.0) if c.inside else None,
            leaving_at=age(c.leaving_at, now, 2.0),
        ),
        reported=Reported(lost=b.reported.lost),
        clear_since=age(b.clear_since, now, 1.0),
        unread_since=unread(b, now),
        standing={},
        silent={},
        travel={},
    )  # fmt: skip
    ends = {n: end - now for n, end in o.ends.items() if end - now > -1.0}
    outputs = replace(
        o, ends=ends, turned_at=0.0, said_at=0.0, lost=0, lamps=Lamps(o.lamps.green), said=Said(),
        fall=Fall(o.fall.falling, max(0.0, o.fall.until - now), max(0.0, o.fall.lands_at - now)),
    )  # fmt: skip
    return replace(node, barrier=barrier, outputs=outputs)


def ours(b):
    """Nothing else is decided by who opened it."""
    return b.claim.opened_by is OpenedBy.AUTHORISATION


def key(node, now, counted):
    """What tells states apart, with ages as `canonical` has them. Whether an alarm has been told
    moves nothing and tells no states apart."""
    b, o, s = node.barrier, node.outputs, node.barrier.input_state
    m, claim, c, modes = b.motion, b.claim, b.crossing, b.modes
    moving = b.phase in MOVING
    return (
        b.phase, claim.authorisation, ours(b), claim.open_wish, claim.close_wish, c.inside,
        c.in_order and c.inside, c.inside_by, c.arrived, c.order_unknown, modes.held_open,
        modes.locked, modes.in_service, modes.stop_ordered, m.reversals if counted else 0, b.green,
        (age(m.moved_at, now, 6.0), m.left_limit, m.retries) if moving else None,
        (m.away, m.touched) if b.phase is Phase.OPENING else None, b.gone, unread(b, now), s.blind,
        (age(m.lost_at, now, LOST), m.retries) if m.lost_at is not None else None,
        age(b.clear_since, now, 1.0), age(c.leaving_at, now, 2.0),
        age(claim.asked_at, now, 2.0) if claim.authorisation else None,
        age(s.read_at, now, 2.0),
        frozenset(s.believed.items()), frozenset(s.clear_runs.items()),
        frozenset(s.on_runs.items()),
        fell(b, now), m.upper, c.entry_kept and c.inside, c.stopped,
        age(c.gap_since, now, 2.0), c.behind, c.slipping, c.half_in,
        c.exit if c.inside or c.slipping else None, c.line,
        age(c.released_at, now, 2.0) if c.inside else None,
        frozenset((n, end - now) for n, end in o.ends.items() if end - now > -1.0),
        o.waiting, o.last, o.fall.falling, max(0.0, o.fall.until - now), o.lamps.green,
        o.fall.lands_at - now, node.alone, node.torn, node.glitches, node.entry_clear, node.kept,
        node.exit_clear, node.exit, node.line,
        node.arm.at, node.arm.way, node.clear, node.entry, node.under, node.watched, node.stopped,
        node.found,
    )  # fmt: skip


def reported(seen):
    """One line of a counterexample."""
    wrote = [
        f"{w.output} pulse" if isinstance(w, Pulse) else f"{w.output} {'on' if w.on else 'off'}"
        for w in seen.writes
    ]
    arm = seen.after.arm
    text = f"{seen.event:40} -> {seen.b.phase:8} arm {arm.at}{'v ^'[arm.way + 1]}"
    return f"{text} writes {wrote}" if wrote else text


def way(came, at):
    lines = []
    while came[at] is not None:
        at, seen = came[at]
        lines.append(reported(seen))
    return lines[::-1]
