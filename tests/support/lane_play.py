"""What several tests share: a lane that is fed facts, and one that has let a vehicle in."""

from dataclasses import replace

from edge.domain.facts import VehicleArrived
from edge.domain.mode import LaneMode
from edge.domain.policy import KeyWeight
from edge.lane.effects import RaiseAlarm, Record
from edge.lane.rules import react
from edge.lane.state import Context, Lane, LaneState
from edge.system.clock import ManualClock
from tests.support.builders import NOON, Ids, a_book, a_plate_view, a_policy, a_vehicle_seen


class Play:
    """Feeds facts to one lane and keeps every effect."""

    def __init__(self, book=None, needs_loop=True, lane=None):
        self.clock = ManualClock(NOON)
        self.book = book or a_book()
        self.ids = Ids()
        self.needs_loop = needs_loop
        self.lane = lane or Lane("out1")
        self.effects = []
        self.entry_loop = self.safety_loop = self.exit_loop = None
        self.journeys, self.trailer_needed = {}, False
        self.mode, self.key = LaneMode.AUTOMATIC, KeyWeight.OFF

    def __call__(self, *facts, after=0.0):
        self.clock.advance(after)
        fresh = []
        for fact in facts:
            context = Context(
                self.clock.now(),
                self.book,
                replace(
                    a_policy(self.needs_loop),
                    mode=self.mode,
                    second_key=self.key,
                    trailer_needed=self.trailer_needed,
                ),
                self.ids,
                self.journeys,
                entry_loop=self.entry_loop,
                safety_loop=self.safety_loop,
                exit_loop=self.exit_loop,
            )
            self.lane, effects = react(self.lane, fact, context)
            fresh += effects
        self.effects += fresh
        return fresh

    def recorded(self, type):
        return [e.data for e in self.effects if isinstance(e, Record) and e.type == type]

    @property
    def alarms(self):
        """Codes of those that were raised."""
        return [e.code for e in self.effects if isinstance(e, RaiseAlarm)]


def admitted(**kwargs):
    """A lane that has let a vehicle in."""
    play = Play(**kwargs)
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    assert play.lane.state is LaneState.ADMITTED
    return play
