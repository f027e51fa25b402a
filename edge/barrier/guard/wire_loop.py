"""The guards of one wire: a thin shell around the pure core, one owner thread per wire.

The thread polls its lanes as edge/barrier/core/polling.py says, feeds each core with what it reads
and what is asked of it, and writes what the core decides. Nobody else touches the driver.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from edge.barrier.core import siren
from edge.barrier.core.outputs import Outputs
from edge.barrier.core.permit import PERMIT
from edge.barrier.core.polling import DEAD_AFTER, pick
from edge.barrier.core.safety import Elapsed, Input, Missed, Sampled, Stalled, WireLost, begin, step
from edge.barrier.core.sensing import blocked
from edge.barrier.core.signals import whereabouts
from edge.barrier.core.status import snapshot
from edge.barrier.core.table import Phase
from edge.barrier.guard.guard import Guard, GuardedLane, fall_s, limits_of, may_fall_s, permit_of
from edge.barrier.wires.port import (
    REOPEN_S,
    BoardDriver,
    NoAnswer,
    Pulse,
    Set,
    Wire,
    WireGone,
    Write,
)
from edge.config import BarrierConfig
from edge.domain.facts import BarrierFact
from edge.system import scheduling
from edge.system.clock import Clock

START_S = 2.0
"""So long after the wire was opened a board may be silent before that is told: a device behind a
network has to be connected to first."""

STOOD_S = 2.0
"""A wire that has been up for so long and is lost is opened again at once, for the first time."""

LEAVE_EVERY_S = 0.01
"""So often it is looked, at the end, whether a pulse is over."""

IDLE_S = 0.1
"""So often a lane's timers run although nothing is read."""

log = logging.getLogger(__name__)


class WireGuards:
    """All guards of one wire and the thread that owns it. `round` is one round of it, for tests
    that have their own clock and no thread."""

    def __init__(
        self,
        wire: Wire,
        lanes: Sequence[tuple[str, BarrierConfig, BoardDriver]],
        clock: Clock,
    ) -> None:
        self.wire = wire
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._report: Callable[[BarrierFact], None] = lambda fact: None
        self._open = False
        self._opened_at = 0.0
        self._gone_why = ""
        self._reopen_at = 0.0
        self._reopen_tries = 0
        self._beat = clock.now().mono
        self.guards: dict[str, Guard] = {}
        self._lanes: list[GuardedLane] = []
        for name, config, driver in lanes:
            inbox: queue.SimpleQueue[Input] = queue.SimpleQueue()
            self.guards[name] = Guard(name, inbox, self._wake, clock)
            barrier = begin(name, limits_of(config), frozenset(config.input_names))
            outputs = Outputs(
                frozenset(config.output_names),
                config.pulse_s,
                config.dead_time_s,
                falls_until=self._beat + may_fall_s(config),
                fall_s=fall_s(config),
            )
            lane = GuardedLane(barrier, outputs, driver, config, inbox, self._beat)
            lane.permit = permit_of(config)
            self._lanes.append(lane)
        self._thread = threading.Thread(target=self._run, name=f"guard {wire.place}", daemon=True)

    def report_to(self, report: Callable[[BarrierFact], None]) -> None:
        self._report = report

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

    def _leave_s(self) -> float:
        """What a halt may take at most: a dead time, its pulse, the one before, the answers."""
        return 2 + max(2 * x.config.pulse_s + x.config.dead_time_s for x in self._lanes)

    def silent_s(self) -> float:
        """How long the thread has not come round."""
        return self._clock.now().mono - self._beat

    # --- the owner thread ---

    def _run(self) -> None:
        log.info("guards at %s: priority %s", self.wire.place, scheduling.raise_guard())
        while not self._stopping.is_set():
            wait = self.round()
            if wait > 0:
                self._wake.wait(wait)
            self._wake.clear()
        self._leave()

    def round(self) -> float:
        """One round: the watchdog, what was asked, at most one poll; how long nothing is due."""
        now = self._clock.now().mono
        stood, self._beat = now - self._beat, now
        for lane in self._lanes:
            if stood > lane.config.watchdog_s:
                self._safely(lane, partial(self._step, given=Stalled(stood)))
        self._connect(now)
        for lane in self._lanes:
            self._safely(lane, self._ask)
        chosen, wait = pick([lane.poll_slot() for lane in self._lanes], self._clock.now().mono)
        if chosen is not None:
            self._safely(self._lanes[chosen], self._poll)
        for lane in self._lanes:
            self._safely(lane, self._tend)
        return min(wait, IDLE_S)

    def _safely(self, lane: GuardedLane, go: Callable[[GuardedLane], None]) -> None:
        """A mistake in one lane's round makes that lane unknown; the others go on."""
        try:
            go(lane)
        except Exception:
            log.exception("lane %s at %s failed in a round", lane.barrier.lane, self.wire.place)
            self._step(lane, WireLost(f"lane {lane.barrier.lane}: internal error, see the log"))

    def _connect(self, now: float) -> None:
        if self._gone_why:
            why, self._gone_why = self._gone_why, ""
            self._all_lost(why)
        if self._open or now < self._reopen_at:
            return
        try:
            self.wire.open()
        except WireGone as error:
            self._reopen_at = now + REOPEN_S[min(self._reopen_tries, len(REOPEN_S) - 1)]
            self._reopen_tries += 1
            self._all_lost(str(error))
        else:
            self._open, self._opened_at, self._reopen_tries = True, now, 0
            for lane in self._lanes:
                lane.outputs, lane.fresh = lane.outputs.reopened(now), False
        # Opening may take as long as a connection takes; the lanes are lost meanwhile anyway.
        self._beat = self._clock.now().mono

    def _all_lost(self, why: str) -> None:
        for lane in self._lanes:
            self._step(lane, WireLost(f"lane {lane.barrier.lane}: {why}"))

    def _ask(self, lane: GuardedLane) -> None:
        """What was asked of a lane, and its timers."""
        while True:
            try:
                given = lane.inbox.get_nowait()
            except queue.Empty:
                break
            self._step(lane, given)
        if self._clock.now().mono - lane.stepped_at >= IDLE_S:
            self._step(lane, Elapsed())

    def _poll(self, lane: GuardedLane) -> None:
        """One reading, and what follows from it."""
        began = self._clock.now().mono
        lane.cycle_s = began - lane.polled_at if lane.polled_at else None
        lane.polled_at = began
        self._step(lane, self._read(lane))
        if lane.fresh and not lane.misses:
            now = self._clock.now().mono
            lane.permit, writes = lane.permit.renewed(lane.coming_down, now)
            self._write(lane, writes)
        closing = any(other.barrier.phase is Phase.CLOSING for other in self._lanes)
        if lane.fresh and not lane.misses and not closing:
            # One at a time: whoever asks for something waits for one exchange at most.
            self._write(lane, lane.outputs.lamps_due(self._clock.now().mono)[:1])

    def _tend(self, lane: GuardedLane) -> None:
        """Pulses that are due, and those that the board does not end by itself."""
        now = self._clock.now().mono
        if self._open and lane.fresh:
            barrier, pressed = lane.barrier, bool(lane.barrier.input_state.on("stop"))
            lane.outputs, writes = lane.outputs.due(now, pressed)
            self._write(lane, writes)
            lane.outputs, writes = lane.outputs.unwatched(
                whereabouts(barrier, now), pressed, blocked(barrier.input_state), now
            )
            if writes:
                log.warning("%s: halted, for it may come down unwatched", barrier.lane)
            self._write(lane, writes)
            lane.permit, writes = lane.permit.ended(lane.coming_down)
            self._write(lane, writes)
        if self._open:
            self._guarded(partial(self._come_later, lane, now))
        status = snapshot(lane.barrier, self._open, lane.cycle_s)
        self.guards[lane.barrier.lane].publish(
            status, lane.barrier.input_state.read_at, lane.config.watchdog_s
        )

    def _come_later(self, lane: GuardedLane, now: float) -> bool:
        """The answers that came later than their writes."""
        for write, good in lane.driver.tend(now):
            if not good:
                log.warning("lane %s: %s is not confirmed", lane.barrier.lane, write)
            if write.output == PERMIT:
                continue
            self._answered(lane, write, good)
        return True

    def _read(self, lane: GuardedLane) -> Input:
        if not self._open:
            return Elapsed()
        asked_at = self._clock.now().mono
        try:
            inputs = lane.driver.read_inputs()
            newer = lane.driver.asked_at
        except NoAnswer as error:
            early = not lane.fresh and self._clock.now().mono - self._opened_at < START_S
            lane.misses = min(lane.misses + 1, DEAD_AFTER - 1 if early else DEAD_AFTER)
            if lane.misses >= DEAD_AFTER:
                return WireLost(f"lane {lane.barrier.lane}: {error}")
            return Missed()
        except WireGone as error:
            self._gone(str(error))
            return WireLost(f"lane {lane.barrier.lane}: {error}")
        lane.misses, lane.fresh = 0, True
        return Sampled(inputs, asked_at if newer is None else newer)

    def _step(self, lane: GuardedLane, given: Input) -> None:
        now = self._clock.now().mono
        before = lane.barrier
        done = step(before, given, now)
        lane.barrier, lane.stepped_at = done.barrier, now
        for effect in done.effects:
            lane.outputs, writes = lane.outputs.asked(effect, now)
            self._write(lane, writes)
        if done.barrier.phase is not before.phase:
            log.info("%s: %s -> %s", before.lane, before.phase, done.barrier.phase)
        for fact in done.facts:
            self._report(fact)
        if siren.SIREN in lane.config.output_names and lane.fresh:
            was, on = before.input_state.on(siren.MUTE), done.barrier.input_state.on(siren.MUTE)
            self._write(lane, siren.sounded(done.facts, lane.config.siren_s))
            self._write(lane, siren.muted(was, on))

    def _write(self, lane: GuardedLane, writes: Sequence[Write]) -> None:
        """Each once; what a lost answer asks for next is the outputs' business."""
        for write in writes:
            if isinstance(write, Pulse) and self._open and not self._too_late(lane, write):
                lane.permit, first = lane.permit.before(write, self._clock.now().mono)
                self._write(lane, first)
            if not self._open:
                lane.outputs = lane.outputs.unsent(write)
                continue
            if self._too_late(lane, write):
                log.warning("%s: %s was decided too long ago", lane.barrier.lane, write)
                continue
            good = self._guarded(partial(_perform, lane.driver, write))
            if write.output == PERMIT:
                # It falls by itself, and is renewed after the next reading.
                continue
            if good is False:
                lane.outputs = lane.outputs.sent(write, self._clock.now().mono)
            else:
                self._answered(lane, write, good is True)

    def _too_late(self, lane: GuardedLane, write: Write) -> bool:
        """Whether a closing was decided by what is no longer fresh: the guard stood still since."""
        now, input_state = self._clock.now().mono, lane.barrier.input_state
        closes = isinstance(write, Pulse) and write.output == "close"
        return closes and not input_state.fresh(now, lane.config.fresh_s)

    def _answered(self, lane: GuardedLane, write: Write, good: bool) -> None:
        lane.outputs, more = lane.outputs.answered(write, good, self._clock.now().mono)
        self._write(lane, more)

    def _guarded(self, go: Callable[[], bool]) -> bool | None:
        """What it gives, or None where the board does not answer."""
        try:
            return go()
        except NoAnswer as error:
            log.warning("%s", error)
        except WireGone as error:
            self._gone(str(error))
        return None

    def _gone(self, why: str) -> None:
        self._open = False
        self.wire.close()
        now = self._clock.now().mono
        stood = now - self._opened_at >= STOOD_S
        self._reopen_at = now if stood else now + REOPEN_S[0]
        self._gone_why = why

    def _leave(self) -> None:
        """At the end: no arm that could still be halted is left on its way down, and no opening or
        stopping pulse is cut; then the outputs are released and the wire is closed."""
        until = self._clock.now().mono + self._leave_s()
        while self._open and (now := self._clock.now().mono) < until:
            for lane in self._lanes:
                self._safely(lane, self._leave_lane)
            if not any(lane.fresh and lane.outputs.busy(now) for lane in self._lanes):
                break
            time.sleep(LEAVE_EVERY_S)
        for lane in self._lanes:
            for output in ("close", PERMIT, "open"):
                if output in lane.config.output_names and self._open and lane.fresh:
                    self._guarded(partial(lane.driver.set, output, False))
        self.wire.close()

    def _leave_lane(self, lane: GuardedLane) -> None:
        """What a lane still needs; nothing new is begun."""
        now = self._clock.now().mono
        if not (self._open and lane.fresh):
            return
        self._guarded(partial(self._come_later, lane, now))
        input_state = lane.barrier.input_state
        pressed, seen = bool(input_state.on("stop")), blocked(input_state)
        lane.outputs, writes = lane.outputs.leaving(pressed, seen, now)
        if writes:
            log.warning("%s: halted, for the service ends", lane.barrier.lane)
        self._write(lane, writes)
        lane.outputs, writes = lane.outputs.due(now, pressed)
        self._write(lane, writes)


def _perform(driver: BoardDriver, write: Write) -> bool:
    """Whether it is confirmed; False where its answer comes later."""
    match write:
        case Pulse(output, seconds):
            return driver.pulse(output, seconds)
        case Set(output, on):
            return driver.set(output, on)
