"""The monitors that a gate of these settings has, and their runners."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edge.config import Settings
from edge.domain.assignment import Assignments
from edge.gate.alarms import GateAlarms
from edge.gate.commits import Commits
from edge.gate.monitors.config import CHECK_EVERY_S as CONFIG_EVERY_S
from edge.gate.monitors.config import ConfigMonitor
from edge.gate.monitors.data import CHECK_EVERY_S as DATA_EVERY_S
from edge.gate.monitors.data import DataMonitor
from edge.gate.monitors.disk import DiskMonitor
from edge.gate.monitors.guidance import GuidanceMonitor, Guide
from edge.gate.monitors.journal import JournalMonitor
from edge.gate.monitors.lane_states import LaneStates
from edge.gate.monitors.parked import ParkedMonitor
from edge.gate.monitors.pictures import PictureMonitor
from edge.gate.monitors.platform import PlatformMonitor
from edge.gate.monitors.policy import KeptPolicy, PolicyMonitor
from edge.gate.monitors.port import Monitor
from edge.gate.monitors.receivers import ReceiverMonitor
from edge.gate.monitors.runner import EVERY_S, MonitorRunner
from edge.gate.parked_passages import ParkedPassages
from edge.gate.port import GateView
from edge.gate.remote_commands import COUNTER
from edge.lane.policy import policy_of
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal.journal import SqliteJournal
from edge.sync.journal.outbox import consumers_of
from edge.system.clock import Clock


class Monitors:
    """`users`, `issuers`: how many there are; see DataMonitor. `doubt`: see Eyes. `guide`: see
    GuidanceMonitor. `platform` hears of passages parked, `data` is asked by those who want to know
    at once."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        journal: SqliteJournal,
        commits: Commits,
        alarms: GateAlarms,
        view: Callable[[], GateView],
        book: Callable[[], Assignments],
        parked: ParkedPassages,
        relay: MqttRelay | None,
        users: Callable[[], int],
        issuers: Callable[[], int],
        doubt: Callable[[str], None],
        guide: Guide,
        kept_policy: KeptPolicy,
    ) -> None:
        def ahead() -> Mapping[str, int]:
            return relay.positions.ahead if relay is not None else {}

        policies = {name: policy_of(settings, name, lane) for name, lane in settings.lanes.items()}
        self.platform = PlatformMonitor(alarms, clock, policies, book)
        self.data = DataMonitor(alarms, journal, users, issuers, COUNTER)
        waiting, configured = (lambda: commits.stuck), consumers_of(settings)
        monitors: list[tuple[Monitor, float]] = [
            (
                JournalMonitor(journal, alarms, commits.record, waiting, configured, clock, ahead),
                EVERY_S,
            ),
            (DiskMonitor(settings, alarms), EVERY_S),
            (PictureMonitor(view, doubt, clock), EVERY_S),
            (PolicyMonitor(kept_policy, alarms), EVERY_S),
            (self.data, DATA_EVERY_S),
        ]
        if relay is not None and settings.customs is not None:
            silent_s = settings.customs.silent_alarm_s
            receivers = ReceiverMonitor(alarms, relay, journal.last_sequence, clock, silent_s)
            monitors.append((receivers, EVERY_S))
            monitors.append((LaneStates(view, relay.publish_state), EVERY_S))
        if settings.platform is not None:
            monitors.append((self.platform, EVERY_S))
            monitors.append((ParkedMonitor(journal, parked), EVERY_S))
            monitors.append((GuidanceMonitor(view, guide), EVERY_S))
        self._runners = (
            MonitorRunner("monitors", monitors, clock),
            # What reads files that the configuration names may hang, as on a share that is gone.
            MonitorRunner(
                "configuration", [(ConfigMonitor(settings, alarms), CONFIG_EVERY_S)], clock
            ),
        )

    def start(self) -> None:
        for runner in self._runners:
            runner.start()

    def stop(self) -> None:
        for runner in self._runners:
            runner.stop()
