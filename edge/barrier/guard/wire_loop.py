"""The guards of one wire: a thin shell around the pure core, one owner thread per wire.

The thread polls its lanes as edge/barrier/core/polling.py says, feeds each core with what it reads
and what is asked of it, and writes what the core decides (lane_loop.py). Nobody else touches the
driver.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from edge.barrier.core.polling import pick
from edge.barrier.core.safety import Input, Stalled
from edge.barrier.core.table import Phase
from edge.barrier.guard.guard import Guard
from edge.barrier.guard.lane_loop import IDLE_S, LaneLoop
from edge.barrier.guard.link import WireLink
from edge.barrier.guard.site_inputs import SiteInputs
from edge.barrier.wires.port import BoardDriver, Wire
from edge.config import BarrierConfig
from edge.domain.facts import BarrierFact
from edge.system import scheduling
from edge.system.clock import Clock

LEAVE_EVERY_S = 0.01
"""Seconds between two checks, at the end, whether a pulse is over."""

log = logging.getLogger(__name__)


class WireGuards:
    """All guards of one wire and the thread that owns it. `round` is one round of it, for tests
    that have their own clock and no thread."""

    def __init__(
        self,
        wire: Wire,
        lanes: Sequence[tuple[str, BarrierConfig, BoardDriver]],
        clock: Clock,
        site: SiteInputs | None = None,
    ) -> None:
        self.wire = wire
        self._clock = clock
        self._link = WireLink(wire, clock)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._beat = clock.now().mono
        self.guards: dict[str, Guard] = {}
        self._lanes: list[LaneLoop] = []
        for name, config, driver in lanes:
            inbox: queue.SimpleQueue[Input] = queue.SimpleQueue()
            self.guards[name] = guard = Guard(name, inbox, self._wake, clock)
            lane = LaneLoop(guard, inbox, config, driver, self._link, clock, site)
            lane.unanswered = partial(self._unread_beside, lane)
            self._lanes.append(lane)
        self._thread = threading.Thread(target=self._run, name=f"guard {wire.place}", daemon=True)

    def report_to(self, report: Callable[[BarrierFact], None]) -> None:
        for lane in self._lanes:
            lane.report = report

    def record_to(self, lane: str, record: Callable[[Input, float], None]) -> None:
        """Where the steps of that lane's core are written down."""
        next(x for x in self._lanes if x.barrier.lane == lane).record = record

    def start(self, report: Callable[[BarrierFact], None]) -> None:
        self.report_to(report)
        self._beat = self._clock.now().mono
        self._thread.start()

    def end(self) -> None:
        """Asks the thread to end; `stop` waits for it."""
        self._stopping.set()
        self._wake.set()

    def stop(self) -> None:
        """Ends the thread: an arm on its way down is halted, what has been said is not cut."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(timeout=self._leave_s() + 5)

    def silent_s(self) -> float:
        """How long the thread has not come round."""
        return self._clock.now().mono - self._beat

    def round(self) -> float:
        """One round: the watchdog, what was asked, at most one poll; how long nothing is due."""
        now = self._clock.now().mono
        stood, self._beat = now - self._beat, now
        for lane in self._lanes:
            if stood > lane.config.watchdog_s:
                self._safely(lane, partial(lane.step, Stalled(stood)))
        self._connect()
        for lane in self._lanes:
            self._safely(lane, lane.ask)
        chosen, wait = pick([lane.poll_slot() for lane in self._lanes], self._clock.now().mono)
        if chosen is not None:
            self._safely(self._lanes[chosen], partial(self._poll, self._lanes[chosen]))
        for lane in self._lanes:
            self._safely(lane, lane.tend)
        return min(wait, IDLE_S)

    def leave(self, sleep: Callable[[float], None] = time.sleep) -> None:
        """At the end: no arm that could still be halted is left on its way down, and no opening or
        stopping pulse is cut; then the outputs are released and the wire is closed. A wire that is
        lost with what halts such an arm is opened once more."""
        until = self._clock.now().mono + self._leave_s()
        while self._clock.now().mono < until:
            falls = any(lane.falls for lane in self._lanes)
            if falls:
                self._connect()
            elif not self._link.open:
                break
            busy = falls and not self._link.open
            for lane in self._lanes:
                self._safely(lane, lane.leave)
                busy |= lane.busy()
            if not busy:
                break
            sleep(LEAVE_EVERY_S)
        for lane in self._lanes:
            lane.release()
        self.wire.close()

    # --- the owner thread ---

    def _run(self) -> None:
        log.info("guards at %s: priority %s", self.wire.place, scheduling.raise_guard())
        while not self._stopping.is_set():
            wait = self.round()
            if wait > 0:
                self._wake.wait(wait)
            self._wake.clear()
        self.leave()

    def _safely(self, lane: LaneLoop, go: Callable[[], object]) -> None:
        """A mistake in one lane's round makes that lane unknown; the others go on."""
        try:
            go()
        except Exception:
            log.exception("lane %s at %s failed in a round", lane.barrier.lane, self.wire.place)
            lane.lost("internal error, see the log")

    def _unread_beside(self, lane: LaneLoop) -> None:
        """A write of that lane was not answered, and may be said again at once: an arm beside it
        that comes down is not left without a look for all of them."""
        now = self._clock.now().mono
        if now - self._beat <= min(x.config.watchdog_s for x in self._lanes):
            self._beat = now
        for other in self._lanes:
            if other is not lane and other.coming_down:
                self._safely(other, other.unread)

    def _connect(self) -> None:
        if self._link.connect(self._all_lost):
            for lane in self._lanes:
                lane.reopened()
        # Opening may take as long as a connection takes; the lanes are lost meanwhile anyway.
        self._beat = self._clock.now().mono

    def _all_lost(self, why: str) -> None:
        for lane in self._lanes:
            lane.lost(why)

    def _poll(self, lane: LaneLoop) -> None:
        lane.poll()
        if not any(other.barrier.phase is Phase.CLOSING for other in self._lanes):
            lane.set_lamps()
            lane.check_relays()

    def _leave_s(self) -> float:
        """What a halt may take at most: a dead time, its pulse, the one before, the answers."""
        return 2 + max(2 * x.config.pulse_s + x.config.dead_time_s for x in self._lanes)
