"""The gate's shell, wired: what commits, what raises alarms, the gate itself, what people may ask.

The service, the virtual house of the simulator and the tests all have it from here.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from edge.barrier.port import GuardRunner
from edge.config import Settings
from edge.domain.assignment import Assignments
from edge.gate.alarms import KEY, GateAlarms
from edge.gate.audit import Audit
from edge.gate.camera_views import CameraViews
from edge.gate.commits import Commits
from edge.gate.gate import Gate, Inbox
from edge.gate.governing import Governing
from edge.gate.open_lanes import OpenLanes
from edge.gate.operations import Operations
from edge.gate.parked_passages import ParkedLink, ParkedPassages
from edge.gate.policies import Policies
from edge.gate.referrals import Referrals
from edge.gate.requests import Requests
from edge.gate.second_keys import Find, SecondKeys
from edge.gate.views import Views
from edge.sync.journal.port import Journal
from edge.sync.port import LinkStatus
from edge.system.clock import Clock, clock_trusted
from edge.vision.port import Eyes


def _nothing() -> Mapping[str, Any]:
    return {}


class Shell:
    """`committed` hears of each commit of events. `links`, `health`, `ready`: for the view.
    `platform`: where passages are parked. `requests`, `inbox`: those that the guards report to.
    `new_id` gives ids that are unique for ever; `wait`: for a guard's answer, so many seconds at
    most. `note_shadowed`: see Governing; `shadowed`: what it noted before. `find_key`: of those who
    may issue codes; `trusted`: whether a time server holds the clock."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        journal: Journal,
        guards: GuardRunner,
        eyes: Eyes,
        book: Callable[[], Assignments],
        spend: Callable[[str], None] = lambda assignment: None,
        committed: Callable[[], None] = lambda: None,
        *,
        links: Callable[[], tuple[LinkStatus, ...]] = tuple,
        health: Callable[[], Mapping[str, Any]] = _nothing,
        ready: Callable[[], bool] = lambda: True,
        platform: ParkedLink | None = None,
        requests: Requests | None = None,
        inbox: Inbox | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        note_shadowed: Callable[[Collection[str]], None] = lambda lanes: None,
        shadowed: Collection[str] = frozenset(),
        find_key: Find = lambda issuer, key: None,
        trusted: Callable[[], bool] = clock_trusted,
    ) -> None:
        self.requests = requests or Requests()
        self.commits = Commits(journal, committed)
        self.alarms = GateAlarms(journal.state(KEY), self.commits, clock)
        self.policies = Policies(settings, journal, shadowed)
        audit = Audit(self.commits.record, clock)
        self.referrals = Referrals(journal, self.policies, audit, clock, self.commits.lock)
        open_lanes = OpenLanes(settings, self.policies, guards)
        self.gate = Gate(
            settings,
            clock,
            journal,
            self.commits,
            self.alarms,
            guards,
            book,
            spend,
            self.requests.take,
            inbox,
            new_id,
            self.policies,
            self.referrals.followed,
            SecondKeys(journal, self.policies, find_key, book, clock, trusted),
            open_lanes,
        )
        self.views = Views(
            settings,
            clock,
            self.gate,
            self.alarms,
            guards,
            eyes,
            book,
            links,
            lambda: {**health(), "waiting_commits": self.commits.stuck},
            ready,
            self.policies,
            self.referrals.view,
            open_lanes,
        )
        self.governing = Governing(
            self.policies, audit, book, clock, self.gate.report, note_shadowed
        )
        self.governing.record_noted()
        self.parked = ParkedPassages(platform, audit.acted)
        self.cameras = CameraViews(settings.lanes, eyes, audit)
        self.operations = Operations(
            self.views,
            self.gate,
            guards,
            self.requests,
            self.alarms,
            audit,
            journal,
            book,
            eyes,
            self.parked,
            new_id,
            wait,
            self.governing,
            self.referrals,
        )
