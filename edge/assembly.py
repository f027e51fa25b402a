"""The composition root: the only place that picks concrete classes and wires them together.

`open` starts the guards and opens the journal, `start` the rest; `stop` goes the other way round.
"""

from __future__ import annotations

import logging
import queue
import random
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

from edge.barrier.boards import registry
from edge.barrier.port import Stance
from edge.config import Settings
from edge.console.channel import Listening
from edge.console.first_user import FirstUser
from edge.console.process import ConsoleProcess
from edge.console.users import UserStore
from edge.display.displays import displays
from edge.domain.alarm_codes import AlarmCode
from edge.domain.assignment import AssignmentBook, Assignments
from edge.domain.events import GATE_SUBJECT
from edge.domain.facts import AssignmentsChanged
from edge.gate.gate import Inbox
from edge.gate.lanes import SPENT
from edge.gate.local_commands import LocalCommands
from edge.gate.monitors.all_of import Monitors
from edge.gate.remote_commands import Remote
from edge.gate.requests import Requests
from edge.gate.shadowed import read_shadowed, write_shadowed
from edge.gate.shell import Shell
from edge.scanner.scanners import scanners
from edge.sync.customs.keyring import Keyring
from edge.sync.customs.learning import first_above
from edge.sync.customs.receipts import KEY as RECEIPT
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal.journal import SqliteJournal, open_journal
from edge.sync.journal.occupied import Alone
from edge.sync.journal.outbox import consumers_of
from edge.sync.journal.restoring import RESTORED
from edge.sync.partners.answers import Answers, Receiver
from edge.sync.partners.server import PartnerServer
from edge.sync.platform.drivers import driver_of
from edge.sync.platform.link import PlatformLink
from edge.sync.port import LinkStatus
from edge.system import scheduling
from edge.system.backoff import Backoff, Retries
from edge.system.clock import Clock, SystemClock, clock_trusted
from edge.system.local_socket import LocalServer
from edge.vision.evidence_files import KeptFiles
from edge.vision.process import VisionProcess

STILL_S = 10.0
"""Seconds without a round of the gate's thread after which the gate is not ready, as with a disk
that hangs."""

log = logging.getLogger(__name__)


class Phase(StrEnum):
    """How far a start is. The guards work in all of them."""

    CHECKING = "the barriers are guarded; the journal is being checked, nobody is admitted yet"
    ASKING = "the barriers are guarded; the receivers are asked how far they are, for half a minute"
    STARTING = "the barriers are guarded; the gate starts"
    READY = "ready"


class Assembly:
    """A whole gate, built from its settings."""

    def __init__(self, settings: Settings) -> None:
        """Raises BoardError."""
        self.settings = settings
        self._clock = SystemClock()
        self.guards = registry.build(settings, self._clock)
        # Before the first of them writes anything.
        for lane in read_shadowed(settings.data_folder) & set(settings.lanes):
            self.guards.guard(lane).stand(Stance.LISTENS)
        self._guarding = False
        self._built = False
        self.on_console: Callable[[Listening], None] = lambda where: None
        """Told where the console listens, each time that it does."""
        self._inbox: Inbox = queue.SimpleQueue()
        self._requests = Requests()

    def open(self, phase: Callable[[Phase], None] = lambda phase: None) -> None:
        """The guards work as soon as the journal can be written, before it is checked: they need
        none, and arms are guarded however long that takes. Nobody is admitted before `start`.
        Raises Unrecorded, OSError; then no guard works."""
        settings, clock = self.settings, self._clock

        def guard() -> None:
            self.guards.start(self._requests.before(self._inbox.put))
            self._guarding = True
            phase(Phase.CHECKING)

        self._alone = Alone(settings.data_folder)
        try:
            self.journal: SqliteJournal = open_journal(
                settings.data_folder,
                settings.journal,
                f"/{settings.site}/{settings.gate}",
                clock,
                clock_trusted,
                guard,
            )
            self._after_restoring(phase)
            self._build(settings, clock)
            self._built = True
        except BaseException:
            if self._guarding:
                self.guards.stop()
            self._alone.leave()
            raise
        phase(Phase.STARTING)

    def _after_restoring(self, phase: Callable[[Phase], None]) -> None:
        """A journal that was put back gives no number before the receivers were asked. Raises
        Unrecorded."""
        if self.journal.state(RESTORED) is None:
            return
        phase(Phase.ASKING)
        settings = self.settings
        above = first_above(
            self.journal, settings.customs, settings.site, settings.gate, self._clock
        )
        self.journal.begin_above(above)

    def _build(self, settings: Settings, clock: Clock) -> None:
        folder, keyring = settings.data_folder, Keyring(settings.data_folder / "keys")
        self.eyes = VisionProcess(settings)
        self.platform = self._platform(clock)
        self.relay: MqttRelay | None = None
        shell = Shell(
            settings,
            clock,
            self.journal,
            self.guards,
            self.eyes,
            self._book,
            self._spend,
            self._committed,
            links=self._links,
            health=self.journal.health,
            ready=self._ready,
            platform=self.platform,
            requests=self._requests,
            inbox=self._inbox,
            note_shadowed=partial(write_shadowed, folder),
            shadowed=read_shadowed(folder),
            find_key=keyring.find,
        )
        self.gate, self.alarms, self._commits = shell.gate, shell.alarms, shell.commits
        self.operations = shell.operations
        self.remote = Remote(
            settings,
            keyring,
            self.journal,
            self.guards,
            self._commits.record,
            self._requests,
            clock,
            shell.governing.refuses,
            shell.gate.changed_meanwhile,
        )
        if settings.customs is not None:
            self.relay = MqttRelay(
                settings.customs,
                settings.site,
                settings.gate,
                self.journal,
                self.remote.take,
                clock,
            )
            self.remote.answer = self.relay.answer
        commands = LocalCommands(
            shell.parked,
            self.journal.let_go,
            consumers_of(settings),
            shell.governing,
            shell.cameras.confirm,
        )
        self._local = LocalServer(folder, commands.answer)
        self.partners = self._partners(settings, clock)
        self.displays = displays(settings, shell.views.line)
        self.scanners = scanners(settings, self.gate.report)
        self.users = UserStore(folder)
        self._first = FirstUser(self.users)
        self.monitors = Monitors(
            settings,
            clock,
            self.journal,
            self._commits,
            self.alarms,
            shell.views,
            self._book,
            shell.parked,
            self.relay,
            lambda: len(self.users.all()),
            lambda: len(keyring.all()),
            self.eyes.doubt,
            self._guide,
            shell.policies,
        )
        self.console = ConsoleProcess(
            settings, self.operations, self._first, self._console_up, self._console_down
        )
        self._started = False

    def start(self) -> None:
        """Everything but the guards, which work since `open`."""
        self.gate.start()
        if self.journal.quarantined is not None:
            kept = {"file": str(self.journal.quarantined)}
            self.alarms.raise_alarm(AlarmCode.JOURNAL_QUARANTINED, GATE_SUBJECT, kept)
        self.eyes.start(self.gate.report)
        if self.platform is not None:
            self.platform.start(
                lambda book: self.gate.report(AssignmentsChanged()), self.monitors.platform.parked
            )
        self.remote.resume()
        if self.relay is not None:
            self.relay.start()
        for display in self.displays:
            display.start()
        for scanner in self.scanners:
            scanner.start()
        self.monitors.start()
        self._started = True
        self._local.start()
        if self.partners is not None:
            self.partners.start()
        self.console.start()
        scheduling.spare_what_is_made()

    def stop(self) -> None:
        self.monitors.stop()
        for display in self.displays:
            display.stop()
        for scanner in self.scanners:
            scanner.stop()
        self.console.stop()
        if self.partners is not None:
            self.partners.stop()
        self._local.stop()
        self.eyes.stop()
        self.gate.stop()
        self.guards.stop()
        if self.relay is not None:
            self.relay.stop()
        if self.platform is not None:
            self.platform.stop()
        self.journal.close()
        self._alone.leave()

    def first_administrator(self) -> str | None:
        """The path of a link that makes an administrator, once, where there is no user at all and
        the gate is new."""
        return self._first.offer(self.journal)

    # --- what the parts need of each other ---

    def _partners(self, settings: Settings, clock: Clock) -> PartnerServer | None:
        if settings.partners is None:
            return None
        kept = {
            "pictures_days": settings.vision.evidence_days,
            "pictures_mb": settings.vision.evidence_mb,
            "history_days": settings.journal.keep_days,
            "history_mb": settings.journal.max_mb,
        }
        answers = Answers(
            self.journal,
            KeptFiles(settings.data_folder / "evidence"),
            self._receivers,
            kept,
            lambda: clock.now().wall,
        )
        backoff = Backoff(Retries(1.0, 60.0), random.Random())
        return PartnerServer(settings.partners, answers, backoff)

    def _receivers(self) -> list[Receiver]:
        """Everybody for whom events are kept."""
        last = self.relay.positions.last_at if self.relay is not None else {}
        return [
            Receiver(name, through, last.get(name), self.journal.state(f"{RECEIPT}{name}"))
            for name, through in self.journal.consumers().items()
        ]

    def _platform(self, clock: Clock) -> PlatformLink | None:
        """The link that the settings name, knowing what was used before a crash."""
        settings = self.settings
        if settings.platform is None:
            return None
        link = PlatformLink(
            driver_of(settings.platform, settings.gate, clock),
            settings.data_folder,
            self.journal,
            clock,
            keep_ended_days=settings.platform.keep_ended_days,
        )
        states = self.journal.states_under(SPENT)
        spent = {key.removeprefix(SPENT): int(s["revision"]) for key, s in states.items()}
        for past in link.restore_spent(spent):
            self.journal.forget(SPENT + past)
        return link

    def _book(self) -> Assignments:
        return self.platform.book() if self.platform is not None else AssignmentBook()

    def _spend(self, assignment: str) -> None:
        if self.platform is not None:
            self.platform.spend(assignment)

    def _guide(self, lane: str, key: str, body: Mapping[str, Any]) -> None:
        if self.platform is not None:
            self.platform.guide(lane, key, body)

    def _committed(self) -> None:
        if self.relay is not None:
            self.relay.wake()
        if self.platform is not None:
            self.platform.wake()

    def _links(self) -> tuple[LinkStatus, ...]:
        links: list[Callable[[], LinkStatus]] = []
        if self.relay is not None:
            links.append(self.relay.status)
        if self.platform is not None:
            links.append(self.platform.status)
        return tuple(link() for link in links)

    def still_for_s(self) -> float:
        """How long the gate's thread has not come round; 0 before it is there."""
        return self.gate.still_for_s if self._built else 0.0

    def _ready(self) -> bool:
        """Barriers are looked at and no commit waits: vehicles can be served."""
        served = self._commits.stuck == 0 and self.gate.still_for_s < STILL_S
        return self._started and served

    def _console_up(self, where: Listening) -> None:
        self.alarms.clear_alarm(AlarmCode.CONSOLE_DOWN, GATE_SUBJECT)
        self.on_console(where)

    def _console_down(self, why: str) -> None:
        params = {"why": why}
        self.alarms.raise_alarm(AlarmCode.CONSOLE_DOWN, GATE_SUBJECT, params, again=True)
