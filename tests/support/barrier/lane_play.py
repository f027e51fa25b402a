"""A barrier to play with: the pure core over a small physical lane, step by step."""

from dataclasses import replace

from edge.barrier.core.contacts import Contacts
from edge.barrier.core.outputs import Outputs, Pulse
from edge.barrier.core.safety import (
    Authorised,
    Elapsed,
    Missed,
    Ordered,
    Revoked,
    Sampled,
    begin,
    step,
)
from edge.barrier.core.sensing import blocked
from edge.barrier.core.signals import whereabouts
from edge.barrier.core.state import Limits
from edge.domain.commands import Action, Order
from edge.domain.facts import GuardAlarm
from edge.gate.alarm_texts import alarm_text

LIMIT_SWITCHES = ("limit_open", "limit_closed")
ALL = frozenset(
    {"entry_loop", "safety_loop", "photocell", "stop", "fire", "manual_open", *LIMIT_SWITCHES}
)
EXIT = ALL | {"exit_loop"}
LIMITS = Limits(
    fresh_s=0.5, travel_s=1.0, travel_margin_s=1.0, clear_before_close_s=0.4,
    entry_timeout_s=10.0, retries=1, open_on_fire=True,
)  # fmt: skip
TICK = 0.1


class Play:
    """The arm moves by pulses as a real one; vehicles are put on loops by hand. `unwired`: inputs
    and outputs that this lane lacks. `lies`: inputs that are not as they truly are."""

    def __init__(self, limits=LIMITS, position=0.0, unwired=(), wired=ALL):
        self.now = 100.0
        self.barrier = begin("out1", limits, wired.difference(unwired))
        self.outputs = Outputs(Contacts(frozenset(), 0.2, 0.2))
        self.has({"open", "close", "stop"}.difference(unwired))
        self.lies = {}
        self.position, self.direction = position, 0
        self.inputs = dict.fromkeys(wired, False)
        self.facts, self.writes = [], []
        self.stuck = False
        self.requests = 0

    def has(self, outputs):
        """Only those outputs are wired."""
        contacts = replace(self.outputs.contacts, wired=frozenset(outputs))
        self.outputs = replace(self.outputs, contacts=contacts)
        return self

    def put(self, **inputs):
        self.inputs.update(inputs)
        return self

    def run(self, seconds=TICK, missed=False):
        for _ in range(max(1, round(seconds / TICK))):
            self.now += TICK
            if not self.stuck:
                self.position = min(1.0, max(0.0, self.position + self.direction * TICK))
            self.inputs["limit_open"] = self.position >= 0.99
            self.inputs["limit_closed"] = self.position <= 0.01
            self.give(Missed() if missed else Sampled({**self.inputs, **self.lies}))
            pressed, seen = self.inputs["stop"], blocked(self.barrier.input_state)
            self.outputs, writes = self.outputs.due(self.now, pressed)
            self._write(writes)
            place = whereabouts(self.barrier, self.now)
            self.outputs, writes = self.outputs.unwatched(place, pressed, seen, self.now)
            self._write(writes)
        return self

    def falls(self):
        """The arm comes down, by nobody's order that the gate knows of."""
        self.direction = -1
        return self

    def until(self, true, seconds=10):
        """Runs until that is so."""
        end = self.now + seconds
        while not true():
            assert self.now < end, self.barrier
            self.run()
        return self

    def silence(self, seconds):
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            self.give(Elapsed())
        return self

    def lifted(self, position):
        """By hand, to that position, in one tick; 0 closed, 1 open."""
        self.position, self.direction = position, 0
        return self.run()

    def give(self, given):
        done = step(self.barrier, given, self.now)
        self.barrier = done.barrier
        self.facts += done.facts
        for fact in done.facts:
            if isinstance(fact, GuardAlarm) and fact.active:
                # Whatever the core tells has its text, with these figures.
                for language in ("vi", "en", "zh"):
                    assert alarm_text(language, fact.code, fact.variant, fact.params)
        for effect in done.effects:
            self.outputs, writes = self.outputs.asked(effect, self.now)
            self._write(writes)
        return self

    def vehicle(self):
        """One drives over the entry loop, under the arm and away."""
        on = dict.fromkeys(("safety_loop", "photocell"), True)
        self.put(entry_loop=True).run(0.3).put(entry_loop=False, **on).run(0.4)
        return self.put(**dict.fromkeys(on, False))

    def authorise(self, name="a1"):
        return self.give(Authorised(name))

    def revoke(self, name="a1"):
        return self.give(Revoked(name))

    def order(self, action, name=None):
        self.requests += 1
        return self.give(Ordered(Order(name or f"o{self.requests}", Action(action), "test", "")))

    def pulses(self, output):
        return sum(1 for w in self.writes if isinstance(w, Pulse) and w.output == output)

    def reported(self, kind):
        return [f for f in self.facts if type(f).__name__ == kind]

    def _write(self, writes):
        for write in writes:
            self.writes.append(write)
            self.outputs, _ = self.outputs.answered(write, True, self.now)
            if isinstance(write, Pulse):
                self.direction = {"open": 1, "close": -1}.get(write.output, 0)


IN = ({"entry_loop"}, {"entry_loop", "safety_loop"}, {"safety_loop"}, {"photocell"}, set())
"""From the entry side, through and away."""


def loops(play, *steps):
    """Each step: the loops that are occupied, for half a second."""
    for on in steps:
        play.put(**{n: n in on for n in ("entry_loop", "safety_loop", "photocell")}).run(0.5)
    return play


def drive(play, *steps, each=0.5):
    """Each step: the sensors that are on, for so long, `each` in seconds."""
    for on in steps:
        wired = ("entry_loop", "safety_loop", "photocell", "exit_loop")
        play.put(**{n: n in on for n in wired if n in play.inputs}).run(each)
    return play


def closed(**kwargs):
    """A barrier that has been looked at and is closed."""
    return Play(**kwargs).run(0.5)


def opened(**kwargs):
    """One that an authorisation has opened for the vehicle on the entry loop."""
    play = closed(**kwargs).put(entry_loop=True).run(0.2).authorise().run(2.0)
    assert play.barrier.phase == "open"
    return play


def closing(**kwargs):
    """One that comes down behind the vehicle that has passed; on its way, clear, not yet far."""
    play = opened(**kwargs).vehicle().run(0.8)
    assert play.barrier.phase == "closing"
    return play.run(0.3)


def opened_by_order(**kwargs):
    """One that a person has opened."""
    play = closed(**kwargs).order("open").run(2.0)
    assert play.barrier.phase == "open"
    return play
