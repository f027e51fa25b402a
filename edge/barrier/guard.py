"""The guards of one wire: a thin shell around the pure core, one owner thread per wire.

The thread polls its lanes in turn, feeds each core with what it reads and what is asked of it, and
writes what the core decides. Nobody else touches the driver.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.barrier.driver import BoardDriver, NoAnswer, Wire, WireGone
from edge.barrier.outputs import Outputs, Pulse, Write
from edge.barrier.port import BarrierGuard, BarrierStatus
from edge.barrier.safety import (
    Authorised,
    Elapsed,
    Input,
    Missed,
    Ordered,
    Revoked,
    Sampled,
    Stalled,
    WireLost,
    begin,
    step,
)
from edge.barrier.state import Barrier, Limits
from edge.barrier.table import Phase
from edge.clock import Clock
from edge.commands import Order
from edge.config import BarrierConfig
from edge.facts import Arm, BarrierFact

CYCLE_S = 0.025
"""The pause after each round over a wire's lanes: 9600 baud carries some 40 polls a second."""

REOPEN_S = (0.5, 1.0, 2.0, 5.0)
"""Pauses before a lost wire is opened again."""

MISSES_TOLD = 3
"""So many failed readings in a row are told as a lost wire."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Lane:
    """What the thread keeps of one lane between rounds."""

    barrier: Barrier
    outputs: Outputs
    driver: BoardDriver
    config: BarrierConfig
    inbox: queue.SimpleQueue[Input]
    stepped_at: float
    misses: int = 0
    lamps_known: bool = False


class Guard:
    """One lane's guard as others see it; implements port.BarrierGuard."""

    def __init__(self, lane: str, inbox: queue.SimpleQueue[Input], wake: threading.Event) -> None:
        self.lane = lane
        self._inbox = inbox
        self._wake = wake
        self._status = BarrierStatus(lane)

    def __repr__(self) -> str:
        return f"<Guard {self.lane} {self._status.arm}>"

    def authorise(self, authorisation: str) -> None:
        self._put(Authorised(authorisation))

    def revoke(self, authorisation: str) -> None:
        self._put(Revoked(authorisation))

    def order(self, order: Order) -> None:
        self._put(Ordered(order))

    def status(self) -> BarrierStatus:
        return self._status

    def _put(self, given: Input) -> None:
        self._inbox.put(given)
        self._wake.set()


class WireGuards:
    """All guards of one wire and the thread that owns it."""

    def __init__(
        self,
        wire: Wire,
        lanes: Sequence[tuple[str, BarrierConfig, BoardDriver]],
        clock: Clock,
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._report: Callable[[BarrierFact], None] = lambda fact: None
        self._open = False
        self._reopen_at = 0.0
        self._reopen_tries = 0
        self._cycle_ms: float | None = None
        now = clock.now().mono
        self.guards: dict[str, Guard] = {}
        self._lanes: list[_Lane] = []
        for name, config, driver in lanes:
            inbox: queue.SimpleQueue[Input] = queue.SimpleQueue()
            self.guards[name] = Guard(name, inbox, self._wake)
            barrier = begin(name, limits_of(config), frozenset(config.inputs), now)
            outputs = Outputs(frozenset(config.outputs), config.pulse_s, config.dead_time_s)
            self._lanes.append(_Lane(barrier, outputs, driver, config, inbox, now))
        self._thread = threading.Thread(target=self._run, name=f"guard {wire.place}", daemon=True)

    def start(self, report: Callable[[BarrierFact], None]) -> None:
        self._report = report
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    # --- the owner thread ---

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._round()
            except Exception:
                log.exception("the guards at %s failed in a round; going on", self._wire.place)
            self._wake.wait(CYCLE_S)
            self._wake.clear()
        self._let_go()

    def _round(self) -> None:
        began = self._clock.now().mono
        if not self._open and began >= self._reopen_at:
            self._try_open(began)
        for lane in self._lanes:
            self._serve(lane)
        self._cycle_ms = (self._clock.now().mono - began) * 1000

    def _try_open(self, now: float) -> None:
        try:
            self._wire.open()
            self._open, self._reopen_tries = True, 0
        except WireGone as error:
            self._reopen_at = now + REOPEN_S[min(self._reopen_tries, len(REOPEN_S) - 1)]
            self._reopen_tries += 1
            self._all_lost(str(error))

    def _all_lost(self, why: str) -> None:
        for lane in self._lanes:
            self._step(lane, WireLost(f"lane {lane.barrier.lane}: {why}"))

    def _serve(self, lane: _Lane) -> None:
        """One lane's turn: the watchdog, what was asked, one reading, what is due."""
        now = self._clock.now().mono
        if now - lane.stepped_at > lane.config.watchdog_s:
            self._step(lane, Stalled(now - lane.stepped_at))
        while True:
            try:
                given = lane.inbox.get_nowait()
            except queue.Empty:
                break
            self._step(lane, given)
        self._step(lane, self._read(lane))
        now = self._clock.now().mono
        lane.outputs, writes = lane.outputs.due(now)
        self._write(lane, writes)
        if self._open:
            self._guarded(lambda: lane.driver.tend(now))
        self._publish(lane)

    def _read(self, lane: _Lane) -> Input:
        if not self._open:
            return Elapsed()
        try:
            inputs = lane.driver.read_inputs()
        except NoAnswer as error:
            lane.misses += 1
            if lane.misses >= MISSES_TOLD:
                cure = "check its power, address, baud rate and profile"
                return WireLost(f"lane {lane.barrier.lane}: {error}; {cure}")
            return Missed()
        except WireGone as error:
            self._gone(str(error))
            return Elapsed()
        lane.misses = 0
        return Sampled(inputs)

    def _step(self, lane: _Lane, given: Input) -> None:
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

    def _write(self, lane: _Lane, writes: Sequence[Write]) -> None:
        """Each once: a lost answer may hide a pulse that was given."""
        for write in writes:
            if not self._open:
                return

            def go(write: Write = write) -> None:
                if isinstance(write, Pulse):
                    lane.driver.pulse(write.output, write.seconds)
                else:
                    lane.driver.set(write.output, write.on)

            self._guarded(go)

    def _guarded(self, go: Callable[[], None]) -> None:
        try:
            go()
        except NoAnswer as error:
            log.warning("%s", error)
        except WireGone as error:
            self._gone(str(error))

    def _gone(self, why: str) -> None:
        self._open = False
        self._wire.close()
        self._reopen_at = self._clock.now().mono + REOPEN_S[0]
        self._all_lost(why)

    def _let_go(self) -> None:
        """At the end: outputs released, nothing moved, the wire closed."""
        for lane in self._lanes:
            for output in ("open", "close"):
                if output in lane.config.outputs and self._open:
                    self._guarded(lambda lane=lane, output=output: lane.driver.set(output, False))  # type: ignore[misc]
        self._wire.close()

    def _publish(self, lane: _Lane) -> None:
        """The snapshot that everybody else sees."""
        b, s = lane.barrier, lane.barrier.senses
        now = self._clock.now().mono
        arm = Arm.UNKNOWN if b.phase is Phase.UNREAD else Arm(b.phase.value)
        opened, closed = b.travel.get("open"), b.travel.get("close")
        self.guards[b.lane]._status = BarrierStatus(
            lane=b.lane,
            arm=arm,
            entry_loop=s.on("entry_loop"),
            safety_loop=s.on("safety_loop"),
            photocell=s.on("photocell"),
            limit_open=s.on("limit_open"),
            limit_closed=s.on("limit_closed"),
            stop_pressed=s.on("stop"),
            light="green" if b.green else "red",
            authorisation=b.authorisation,
            locked=b.locked,
            held_open=b.held_open,
            in_service=b.in_service,
            wire_ok=self._open and not b.lost and b.phase is not Phase.UNREAD,
            age_s=None if s.read_at is None else max(0.0, now - s.read_at),
            cycle_ms=self._cycle_ms,
            travel_open_s=opened.mean_s if opened else None,
            travel_close_s=closed.mean_s if closed else None,
            alarms={b.lost: "the board cannot be read"} if b.lost else {},
        )


def limits_of(config: BarrierConfig) -> Limits:
    """The core's times from the settings."""
    return Limits(
        config.fresh_s,
        config.travel_s,
        config.travel_margin_s,
        config.clear_before_close_s,
        config.entry_timeout_s,
        config.retries,
        config.open_on_fire,
    )


class Guards:
    """All guards of a gate; implements port.GuardRunner."""

    def __init__(self, wires: Sequence[WireGuards]) -> None:
        self._wires = wires
        self._guards: dict[str, Guard] = {n: g for w in wires for n, g in w.guards.items()}

    def start(self, report: Callable[[BarrierFact], None]) -> None:
        for wire in self._wires:
            wire.start(report)

    def stop(self) -> None:
        for wire in self._wires:
            wire.stop()

    def guard(self, lane: str) -> BarrierGuard:
        return self._guards[lane]
