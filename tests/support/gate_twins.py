"""What several tests share: AUTHORITIES, CONFIG, GuardsTwin, JournalTwin, Log, authorised."""

import threading
from pathlib import Path

from edge.barrier.port import BarrierStatus
from edge.domain.facts import Arm
from edge.sync.journal.port import Recorded, Unrecorded

CONFIG = Path(__file__).parents[2] / "config" / "gate.toml"


AUTHORITIES = ("border_guard", "customs", "quarantine", "yard")


class Log:
    """What happened, in order, across threads."""

    def __init__(self):
        self.lines = []
        self._changed = threading.Condition()

    def add(self, *line):
        with self._changed:
            self.lines.append(line)
            self._changed.notify_all()

    def wait_for(self, *start):
        """The first line that begins so."""

        def found():
            return [line for line in self.lines if line[: len(start)] == start]

        with self._changed:
            assert self._changed.wait_for(found, 60), f"no {start} in {self.lines}"
            return found()[0]

    def index(self, *start):
        return self.lines.index(self.wait_for(*start))


class JournalTwin:
    def __init__(self, log):
        self.log, self.full, self.states, self.last = log, False, {}, []

    def record(self, events, states=None):
        if self.full:
            self.log.add("refused")
            raise Unrecorded("the disk is full")
        self.states.update(states or {})
        self.last = events[-1:] or self.last
        for event in events:
            self.log.add("committed", event.type, event.data.get("code", ""))
        return [Recorded(n, str(n), e, "", "") for n, e in enumerate(events)]

    def state(self, key):
        return self.states.get(key)

    def states_under(self, prefix):
        return {key: dict(state) for key, state in self.states.items() if key.startswith(prefix)}

    def forget(self, key):
        self.states.pop(key, None)


class GuardTwin:
    def __init__(self, log):
        self.log = log

    def authorise(self, authorisation):
        self.log.add("authorised", authorisation)

    def revoke(self, authorisation):
        self.log.add("revoked", authorisation)

    def line_crossed(self, forward, sure):
        self.log.add("line crossed", forward, sure)

    def status(self):
        return BarrierStatus(
            "out1", Arm.CLOSED, entry_loop=None, safety_loop=False, wire_ok=True, age_s=0.01
        )


class GuardsTwin:
    def __init__(self, log):
        self._guard = GuardTwin(log)

    def guard(self, lane):
        return self._guard


def authorised(log):
    return [line for line in log.lines if line[0] == "authorised"]
