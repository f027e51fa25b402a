"""A gate over a real journal, without arms and cameras, on a clock of the test's own."""

from dataclasses import replace

from edge.barrier.port import BarrierStatus, Stance
from edge.config import IssuerConfig, JournalConfig, load
from edge.domain.facts import (
    Arm,
    RequestHandled,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.gate.requests import Requests
from edge.gate.shadowed import read_shadowed, write_shadowed
from edge.gate.shell import Shell
from edge.sync.journal.journal import open_journal
from edge.system.clock import ManualClock, clock_trusted
from edge.vision.port import CameraStatus
from tests.support.builders import NOON, a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.gate_twins import AUTHORITIES, CONFIG


class Guard:
    """A barrier without an arm: what it was asked, and how it stands."""

    def __init__(self, requests):
        self.requests, self.asked, self.stance = requests, [], Stance.KEEPS
        self.loop = False

    def guard(self, lane):
        return self

    def authorise(self, authorisation):
        self.asked.append(("authorise", authorisation))

    def revoke(self, authorisation):
        self.asked.append(("revoke", authorisation))

    def stand(self, stance):
        self.stance = stance

    def order(self, order):
        self.asked.append((order.action.value, order.issuer))
        self.requests.take(RequestHandled("out1", order.request, "done", ""))

    def status(self):
        return replace(
            BarrierStatus("out1", Arm.CLOSED, safety_loop=False, wire_ok=True, age_s=0.01),
            entry_loop=self.loop,
        )


class Eyes:
    def status(self, lane):
        return CameraStatus(lane, "live", "", 9.8, 21.0)


class GovernedGate:
    """A gate over a real journal in a folder; `again` is its next start."""

    def __init__(
        self,
        folder,
        find_key=lambda issuer, key: None,
        issuers=(),
        more_lanes=None,
        trusted=clock_trusted,
    ):
        self.folder, self.clock, self._find_key = folder, ManualClock(NOON), find_key
        self._trusted = trusted
        named = tuple(IssuerConfig(name=name, actions=()) for name in issuers)
        settings = load(CONFIG)
        first = settings.lanes["out1"]
        more = {
            name: first.model_copy(update={"name": called})
            for name, called in (more_lanes or {}).items()
        }
        lanes = {**settings.lanes, **more}
        self.settings = settings.model_copy(update={"issuers": named, "lanes": lanes})
        self.assignment()
        self.open()

    def assignment(self, **changes):
        """The only one of the list, cleared where nothing else is said."""
        cleared = {"clearances": [(a, "done") for a in AUTHORITIES]}
        self.book = a_book(an_assignment(**cleared | changes))

    def open(self, loop=False):
        requests = Requests()
        self.guard = Guard(requests)
        self.guard.loop = loop
        self.journal = open_journal(
            self.folder, JournalConfig(ballast_mb=0), "/s/g", self.clock
        )  # fmt: skip
        self.shell = Shell(
            self.settings, self.clock, self.journal, self.guard, Eyes(), lambda: self.book,
            requests=requests,
            note_shadowed=lambda lanes: write_shadowed(self.folder, lanes),
            shadowed=read_shadowed(self.folder),
            find_key=self._find_key,
            trusted=self._trusted,
        )  # fmt: skip
        self.operations = self.shell.operations
        self.shell.alarms.clear_conditions()
        self.tick()

    def tick(self, seconds=0.3):
        self.clock.advance(seconds)
        self.shell.gate.round()

    def again(self):
        """After a restart, with whoever stood there still there."""
        self.journal.close()
        self.open(self.guard.loop)

    def close(self):
        self.journal.close()

    def report(self, *facts):
        for fact in facts:
            self.shell.gate.report(fact)
        self.shell.gate.round()

    def comes(self, plate="24C12345", lane="out1"):
        self.guard.loop = True
        seen = a_vehicle_seen(a_plate_view(plate), lane=lane)
        self.report(VehicleArrived(lane), seen)

    def leaves(self):
        self.guard.loop = False
        self.report(VehicleLost("out1", "t1"), VehicleBackedOff("out1"))

    def passes(self, authorisation):
        self.report(
            VehicleEntered("out1", authorisation), VehicleCrossed("out1", authorisation)
        )  # fmt: skip
        self.guard.loop = False

    def set(self, mode, reason="drill"):
        self.operations.set_mode("out1", mode, reason, "lan")
        self.shell.gate.round()

    @property
    def lane(self):
        return self.operations.view().lanes[0]

    @property
    def authorised(self):
        return [what for what, _ in self.guard.asked if what == "authorise"]

    def policy(self, text):
        self.operations.activate_policy(text, "order 12", "chief")
        self.shell.gate.round()

    def admit(self, user, *, admit=True, plate="", senior=False, who_may=None):
        """The person's word for whoever waits now."""
        lane = self.lane
        said = self.operations.decide(
            "out1", lane.passage, admit, plate, "seen", user, lane.version, "", senior, who_may
        )
        self.shell.gate.round()
        return said

    def events(self, type):
        rows = self.journal.recent(types=[type], limit=1000)
        return [row.event.data for row in reversed(rows)]

    def alarms(self):
        return {(alarm.code, alarm.variant) for alarm in self.shell.alarms.standing}
