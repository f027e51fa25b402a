"""The composition root: the only place that picks concrete classes and wires them together.

`open` starts the guards and opens the journal, `start` the rest; `stop` goes the other way round.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from edge.barrier.boards import registry
from edge.config import FolderPlatformConfig, PlatformConfig, Settings
from edge.console.users import UserError, UserStore
from edge.display.displays import displays
from edge.display.text import lane_text
from edge.domain.alarm_codes import AlarmCode
from edge.domain.assignment import AssignmentBook, Assignments
from edge.domain.events import GATE_SUBJECT
from edge.domain.facts import AssignmentsChanged, Fact
from edge.gate.alarm_texts import RECORDED_IN, phrase_text
from edge.gate.gate import SPENT, Gate
from edge.gate.local_commands import LocalCommands
from edge.gate.monitors.config import ConfigMonitor
from edge.gate.monitors.data import DataMonitor, users_lost
from edge.gate.monitors.disk import DiskMonitor
from edge.gate.monitors.journal import JournalMonitor
from edge.gate.monitors.parked import ParkedMonitor
from edge.gate.monitors.platform import PlatformMonitor
from edge.gate.monitors.receivers import ReceiverMonitor
from edge.gate.operations import Operations, Requests
from edge.gate.remote_commands import COUNTER, Remote
from edge.sync.customs.keyring import Keyring
from edge.sync.customs.learning import first_above
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal.journal import SqliteJournal, open_journal
from edge.sync.journal.occupied import Alone
from edge.sync.journal.outbox import consumers_of
from edge.sync.journal.restoring import RESTORED
from edge.sync.platform.folder import FolderPlatform
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.link import PlatformLink
from edge.sync.platform.port import PlatformDriver
from edge.sync.port import LinkStatus
from edge.system import scheduling
from edge.system.clock import Clock, SystemClock, clock_trusted
from edge.system.local_socket import LocalServer
from edge.vision.process import VisionProcess

if TYPE_CHECKING:
    from edge.console.keeper import Listening

STATE_EVERY_S = 1.0
STILL_S = 10.0
"""A gate that does not come round for so long, as with a disk that hangs, serves nobody."""

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
        self._guarding = False
        self._built = False
        self.on_console: Callable[[Listening], None] = lambda where: None
        """Told where the console listens, each time that it does."""
        self._inbox: queue.SimpleQueue[Fact | None] = queue.SimpleQueue()

    def open(self, phase: Callable[[Phase], None] = lambda phase: None) -> None:
        """The guards work as soon as the journal can be written, before it is checked: they need
        none, and arms are guarded however long that takes. Nobody is admitted before `start`.
        Raises Unrecorded, OSError; then no guard works."""
        settings, clock = self.settings, self._clock

        def guard() -> None:
            self.guards.start(self._inbox.put)
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
        folder = settings.data_folder
        self.eyes = VisionProcess(settings)
        self.platform = self._platform(clock)
        requests = Requests()
        self.gate = Gate(
            settings,
            clock,
            self.journal,
            self.guards,
            self.eyes,
            self._book,
            self._spend,
            self._committed,
            requests.take,
            self._inbox,
        )
        self._journal_monitor = JournalMonitor(
            self.journal,
            self.gate,
            clock,
            lambda: self.relay.positions.ahead if self.relay is not None else {},
        )
        self._disk_monitor = DiskMonitor(self.gate)
        self._platform_monitor = PlatformMonitor(self.gate, clock)
        self.remote = Remote(settings, Keyring(folder / "keys"), self.journal, self.gate, requests)
        self.relay: MqttRelay | None = None
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
            self._receivers = ReceiverMonitor(
                self.gate, self.relay, clock, settings.customs.silent_alarm_s
            )
        self.operations = Operations(
            self.gate,
            requests,
            clock,
            self._links,
            self.journal.health,
            self._ready,
            self.platform,
        )
        self._asked = ParkedMonitor(self.journal, self.operations)
        commands = LocalCommands(self.operations, self.journal.let_go, consumers_of(settings))
        self._local = LocalServer(folder, commands.answer)
        self.displays = displays(settings, self._line_of)
        self.users = UserStore(folder)
        keyring = Keyring(folder / "keys")
        self._data_monitor = DataMonitor(
            self.gate,
            self.journal,
            clock,
            lambda: len(self.users.all()),
            lambda: len(keyring.all()),
            COUNTER,
        )
        self._config_monitor = ConfigMonitor(settings, self.gate)
        # Loading it takes as long as all the rest together, and the guards did not wait for it.
        from edge.console.app import create_app
        from edge.console.keeper import ConsoleKeeper

        self.console = ConsoleKeeper(
            create_app(self.operations, self.users, settings),
            settings.console,
            folder,
            lambda: clock.now().wall,
            self._console_up,
            self._console_down,
        )
        self._stopping = threading.Event()
        self._states = threading.Thread(target=self._publish_states, name="states", daemon=True)
        self._started = False

    def start(self) -> None:
        """Everything but the guards, which work since `open`."""
        self.gate.start()
        if self.journal.quarantined is not None:
            kept = {"file": str(self.journal.quarantined)}
            self.gate.alarms.raise_alarm(AlarmCode.JOURNAL_QUARANTINED, GATE_SUBJECT, kept)
        self.eyes.start(self.gate.report)
        if self.platform is not None:
            self.platform.start(
                lambda book: self.gate.report(AssignmentsChanged()), self._platform_monitor.parked
            )
        self.remote.resume()
        if self.relay is not None:
            self.relay.start()
        for display in self.displays:
            display.start()
        self._states.start()
        self._config_monitor.start()
        self._started = True
        self._local.start()
        self.console.start()
        scheduling.spare_what_is_made()

    def stop(self) -> None:
        self._stopping.set()
        self._config_monitor.stop()
        for display in self.displays:
            display.stop()
        self.console.stop()
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

    def first_administrator(self) -> tuple[str, str] | None:
        """Makes an administrator with a random password where there is no user at all and the gate
        is new."""
        lost = users_lost(lambda: len(self.users.all()), self.journal)
        if lost:
            log.error("nobody can sign in to the console: %s", phrase_text(RECORDED_IN, lost))
            return None
        try:
            if self.users.all():
                return None
            password = secrets.token_urlsafe(9)
            self.users.add("admin", "administrator", password)
        except (UserError, OSError) as error:
            log.error("nobody can sign in to the console: %s", error)
            return None
        return "admin", password

    # --- what the parts need of each other ---

    def _platform(self, clock: Clock) -> PlatformLink | None:
        """The link that the settings name, knowing what was used before a crash."""
        settings, folder = self.settings, self.settings.data_folder
        driver: PlatformDriver
        match settings.platform:
            case None:
                return None
            case PlatformConfig() as http:
                driver = HttpPlatform(http, settings.gate, clock)
            case FolderPlatformConfig() as drop:
                driver = FolderPlatform(drop, clock)
        link = PlatformLink(
            driver, folder, self.journal, clock, keep_ended_days=settings.platform.keep_ended_days
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
        served = self.gate.stuck == 0 and self.gate.still_for_s < STILL_S
        return self._started and served

    def _console_up(self, where: Listening) -> None:
        self.gate.alarms.clear_alarm(AlarmCode.CONSOLE_DOWN, GATE_SUBJECT)
        self.on_console(where)

    def _console_down(self, why: str) -> None:
        params = {"why": why}
        self.gate.alarms.raise_alarm(AlarmCode.CONSOLE_DOWN, GATE_SUBJECT, params, again=True)

    def _line_of(self, name: str, language: str) -> str:
        """What a lane's display should show now."""
        for lane in self.operations.view().lanes:
            if lane.lane == name:
                barrier = lane.barrier
                green = barrier.light == "green"
                return lane_text(
                    lane.state,
                    lane.verdict,
                    barrier.arm,
                    green,
                    barrier.in_service,
                    lane.plate_display,
                    language,
                )
        return ""

    def _publish_states(self) -> None:
        """The alarms of journal, receivers and platform; each lane's retained state, when it
        changes."""
        while not self._stopping.wait(STATE_EVERY_S):
            try:
                self._journal_monitor.check()
                self._disk_monitor.check()
                self._data_monitor.check()
                if self.relay is not None:
                    self._receivers.check()
                if self.platform is not None:
                    self._platform_monitor.check()
                    self._asked.check()
            except Exception:
                log.exception("journal, receivers and platform were not looked at; going on")
            if self.relay is None:
                continue
            for lane in self.operations.view().lanes:
                state = {
                    "state": lane.state,
                    "plate": lane.plate,
                    "verdict": lane.verdict,
                    "reason": lane.reason,
                    "arm": lane.barrier.arm.value,
                    "light": lane.barrier.light,
                    "camera": lane.camera.state,
                }
                self.relay.publish_state(lane.lane, state)
