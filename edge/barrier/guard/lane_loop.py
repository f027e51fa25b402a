"""One lane on its wire's thread: its core fed with what is read and asked, and obeyed."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from edge.barrier.core import siren
from edge.barrier.core.contacts import Contacts, Fall
from edge.barrier.core.outputs import WARNING, Outputs
from edge.barrier.core.permit import PERMIT
from edge.barrier.core.polling import DEAD_AFTER, PollSlot
from edge.barrier.core.requests import only_looking
from edge.barrier.core.safety import (
    Authorised,
    Elapsed,
    Input,
    Missed,
    Ordered,
    Sampled,
    WireLost,
    begin,
    step,
)
from edge.barrier.core.self_test import TEST
from edge.barrier.core.sensing import blocked
from edge.barrier.core.signals import whereabouts
from edge.barrier.core.state import Barrier
from edge.barrier.core.status import snapshot
from edge.barrier.core.table import Phase
from edge.barrier.guard.guard import Guard, fall_s, limits_of, may_fall_s, permit_of
from edge.barrier.guard.link import WireLink
from edge.barrier.guard.listening import ListeningBoard
from edge.barrier.guard.site_inputs import SiteInputs
from edge.barrier.guard.surroundings import Surroundings
from edge.barrier.guard.tally import Tally
from edge.barrier.port import Stance
from edge.barrier.wires.port import BoardDriver, NoAnswer, Pulse, Set, WireGone, Write
from edge.config import BarrierConfig
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import Arm, ArmMoved, BarrierFact, GuardAlarm, RequestHandled
from edge.domain.guard_refusal import GuardRefusal
from edge.system.causes import cause, cause_of
from edge.system.clock import Clock
from edge.system.timings import TIMINGS, Figure

IDLE_S = 0.1
"""Seconds between two runs of a lane's timers where nothing is read."""

LOST_S = 2.0
"""A board is lost after so long without a good reading; before, readings fail (and nothing is
believed that is not fresh)."""

FOREIGN = frozenset(
    {
        AlarmCode.MOVES_BY_ITSELF,
        AlarmCode.LEFT_OPEN,
        AlarmCode.CLOSE_OVERDUE,
        AlarmCode.HELD_LONG,
        AlarmCode.TRAVEL_TIMEOUT,
        AlarmCode.OUTPUT_STUCK,
    }
)
"""Alarms about an arm that does not do what this guard has asked of it."""

log = logging.getLogger(__name__)


class LaneLoop:
    """What the thread does for one lane, a piece at a time. `fresh`: read since the wire was
    opened. `report`: where facts go; `record`: where each step of the core is written down;
    `unanswered`: called after each write without an answer."""

    def __init__(
        self,
        guard: Guard,
        inbox: queue.SimpleQueue[Input],
        config: BarrierConfig,
        driver: BoardDriver,
        link: WireLink,
        clock: Clock,
        site: SiteInputs | None = None,
    ) -> None:
        now = clock.now().mono
        self.config = config
        self.driver: BoardDriver = ListeningBoard(driver, lambda: self._listens)
        self._around = Surroundings(guard.lane, config, site or SiteInputs())
        self.barrier = begin(guard.lane, limits_of(config), self._around.guarded)
        self.outputs = Outputs(
            Contacts(
                frozenset(config.output_names), config.pulse_s, config.dead_time_s, fall_s(config)
            ),
            fall=Fall(until=now + may_fall_s(config)),
        )
        self.permit = permit_of(config)
        self.fresh = False
        self.report: Callable[[BarrierFact], None] = lambda fact: None
        self.record: Callable[[Input, float], None] = lambda given, now: None
        self.unanswered: Callable[[], None] = lambda: None
        self._guard = guard
        self._inbox = inbox
        self._link = link
        self._clock = clock
        self._stepped_at = now
        self._polled_at = 0.0
        self._cycle_s: float | None = None
        self._misses = 0
        self._read_at = 0.0
        self._tally = Tally()
        self._later: list[Write] = []
        self._stance = Stance.KEEPS
        self._reported_arm: Arm | None = None

    def __repr__(self) -> str:
        return f"<LaneLoop {self.barrier.lane} {self.barrier.phase}>"

    @property
    def coming_down(self) -> bool:
        """By our doing, and not yet proved down, turned or halted."""
        return self.barrier.phase is Phase.CLOSING

    @property
    def falls(self) -> bool:
        """Whether the arm was sent down, and nothing says yet that it no longer comes down."""
        fall = self.outputs.fall
        return fall.falling and self._clock.now().mono < fall.lands_at

    def poll_slot(self) -> PollSlot:
        seen = blocked(self.barrier.input_state)
        return PollSlot(self._polled_at, self.config.fresh_s, self.coming_down, self._misses, seen)

    def reopened(self) -> None:
        """The wire was opened anew."""
        self.outputs, self.fresh = self.outputs.reopened(self._clock.now().mono), False

    def lost(self, why: str) -> None:
        self.step(WireLost(cause("wire.lane", lane=self.barrier.lane, why=why)))

    def ask(self) -> None:
        """What was asked of the lane, and its timers."""
        self._take_stance()
        while True:
            try:
                given = self._inbox.get_nowait()
            except queue.Empty:
                break
            if not self._refused(given):
                self.step(given)
        holds = self._stance is Stance.HOLDS_OPEN
        if (order := self._around.flow(self.barrier, self._clock.now().mono, holds)) is not None:
            self.step(Ordered(order))
        if self._clock.now().mono - self._stepped_at >= IDLE_S:
            self.step(Elapsed())

    @property
    def _listens(self) -> bool:
        return self._stance is Stance.LISTENS

    def _take_stance(self) -> None:
        """What we have begun is watched to its end before an arm is only listened to."""
        wanted, now = self._guard.stance, self._clock.now().mono
        busy = self.coming_down or self.outputs.fall.falling or self.outputs.busy(now)
        if wanted is self._stance or (wanted is Stance.LISTENS and self.fresh and busy):
            return
        log.info("%s: %s -> %s", self.barrier.lane, self._stance, wanted)
        if Stance.LISTENS in (self._stance, wanted):
            self.barrier = only_looking(self.barrier, wanted is Stance.LISTENS)
        self._stance = wanted
        # What the board was told, or not told, meanwhile is not known.
        self.outputs = self.outputs.reopened(now)

    def _refused(self, given: Input) -> bool:
        """Whether it is an order to an arm that is only listened to; that is told."""
        if not self._listens:
            return False
        match given:
            case Ordered(order):
                request = order.request
            case Authorised(authorisation):
                request = authorisation
            case _:
                return False
        self.report(RequestHandled(self.barrier.lane, request, "refused", GuardRefusal.LISTENS))
        return True

    def _hides(self, fact: BarrierFact) -> bool:
        """What is told otherwise, and what says of a foreign controller that it is none of ours."""
        of_ours = isinstance(fact, GuardAlarm) and fact.active and fact.code in FOREIGN
        if isinstance(fact, ArmMoved):
            # What we would have done is no motion, and the arm is where it was.
            of_ours = fact.arm in (Arm.OPENING, Arm.CLOSING, self._reported_arm)
        return (self._listens and of_ours) or self._around.hides(fact)

    def poll(self) -> None:
        """One reading, and what follows from it."""
        began = self._clock.now().mono
        self._cycle_s = began - self._polled_at if self._polled_at else None
        self._polled_at = began
        self.step(self._read())
        # After what the reading asked for at once.
        later, self._later = self._later, []
        self._write(later)
        if self.fresh and not self._misses:
            self.permit, writes = self.permit.renewed(self.coming_down, self._clock.now().mono)
            self._write(writes)

    def unread(self) -> None:
        """Another lane's write took the time in which this one was to be read: as a reading that
        failed."""
        self.step(Missed())

    def check_relays(self) -> None:
        """At rest: whether a relay is on that nobody wants."""
        now = self._clock.now().mono
        able = self.fresh and not self._misses and not self.outputs.busy(now)
        if able and self._around.relays_due(now):
            facts, writes = self._around.relays(self._link.over(self.driver.read_outputs), now)
            self._write([*writes, *self._reported(facts)])

    def set_lamps(self) -> None:
        """One lamp at a time: whoever asks for something waits for one exchange at most."""
        if self.fresh and not self._misses:
            self._write(self.outputs.lamps_due(self._clock.now().mono)[:1])

    def tend(self) -> None:
        """Pulses that are due, and those that the board does not end by itself."""
        now = self._clock.now().mono
        if self._link.open and self.fresh:
            pressed, seen = self._pressed(), blocked(self.barrier.input_state)
            self.outputs, writes = self.outputs.due(now, pressed)
            self._write(writes)
            place = whereabouts(self.barrier, now)
            self.outputs, writes = self.outputs.unwatched(place, pressed, seen, now)
            if writes:
                log.warning("%s: halted, for it may come down unwatched", self.barrier.lane)
            self._write(writes)
            self.permit, writes = self.permit.ended(self.coming_down)
            self._write(writes)
        if self._link.open:
            self._link.over(partial(self._come_later, now))
        status = snapshot(self.barrier, self._link.open, self._cycle_s)
        status = replace(
            status,
            error_rate=self._tally.error_rate,
            exchanges=self._tally.exchanges,
            failed_exchanges=self._tally.failed,
        )
        self._guard.publish(status, self.barrier.input_state.read_at, self.config.watchdog_s)

    def leave(self) -> None:
        """What a lane still needs when the service ends; nothing new is begun. On a wire that was
        opened anew an arm that comes down is looked at first."""
        if self._link.open and not self.fresh and self.falls:
            self.poll()
        now = self._clock.now().mono
        if not (self._link.open and self.fresh):
            return
        self._link.over(partial(self._come_later, now))
        pressed, seen = self._pressed(), blocked(self.barrier.input_state)
        self.outputs, writes = self.outputs.leaving(pressed, seen, now)
        if writes:
            log.warning("%s: halted, for the service ends", self.barrier.lane)
        self._write(writes)
        self.outputs, writes = self.outputs.due(now, pressed)
        self._write(writes)

    def busy(self) -> bool:
        """Whether what was said last is not over yet, or is still to be said."""
        return self.falls if not self.fresh else self.outputs.busy(self._clock.now().mono)

    def release(self) -> None:
        """Neither contact stays closed."""
        for output in ("close", PERMIT, "open", TEST, WARNING):
            if output in self.config.output_names and self._link.open and self.fresh:
                self._link.over(partial(self.driver.set, output, False))

    def step(self, given: Input) -> None:
        """One input of the core, what it decides written, what it tells reported."""
        now = self._clock.now().mono
        self.record(given, now)
        # A lost wire forgets what is held open; the other controller stays.
        before = only_looking(self.barrier, True) if self._listens else self.barrier
        done = step(before, given, now)
        self.barrier, self._stepped_at = done.barrier, now
        self._note_stop(before, given)
        for effect in done.effects:
            self.outputs, writes = self.outputs.asked(effect, now)
            self._write(writes)
        if done.barrier.phase is not before.phase:
            log.info("%s: %s -> %s", before.lane, before.phase, done.barrier.phase)
        for fact in done.facts:
            if not self._hides(fact):
                self._reported_arm = fact.arm if isinstance(fact, ArmMoved) else self._reported_arm
                self.report(fact)
        if siren.SIREN in self.config.output_names and self.fresh:
            was, on = before.input_state.on(siren.MUTE), done.barrier.input_state.on(siren.MUTE)
            self._write(siren.sounded(done.facts, self.config.siren_s))
            self._write(siren.muted(was, on))

    def _note_stop(self, before: Barrier, given: Input) -> None:
        """How long after the last reading that showed a free way a closing arm is stopped: what
        does it is written next."""
        clear_at = before.input_state.read_at
        stopped = before.phase is Phase.CLOSING and self.barrier.phase is not Phase.CLOSING
        came = blocked(self.barrier.input_state) and not blocked(before.input_state)
        if stopped and came and isinstance(given, Sampled) and clear_at is not None:
            TIMINGS.note(Figure.STOP_FRAME, before.lane, clear_at, self._clock.now().mono)

    # --- over the wire ---

    def _pressed(self) -> bool:
        return bool(self.barrier.input_state.on("stop"))

    def _read(self) -> Input:
        if not self._link.open:
            return Elapsed()
        asked_at = self._clock.now().mono
        try:
            inputs = self.driver.read_inputs()
            newer = self.driver.asked_at
        except NoAnswer as error:
            since = asked_at - self._read_at
            early = since < LOST_S if self.fresh else self._link.starts()
            self._tally.count(False)
            self._misses = min(self._misses + 1, DEAD_AFTER - 1 if early else DEAD_AFTER)
            if self._misses >= DEAD_AFTER:
                return WireLost(cause("wire.lane", lane=self.barrier.lane, why=cause_of(error)))
            return Missed()
        except WireGone as error:
            self._link.gone(cause_of(error))
            return WireLost(cause("wire.lane", lane=self.barrier.lane, why=cause_of(error)))
        self._misses, self.fresh, self._read_at = 0, True, asked_at
        self._tally.count(True)
        return Sampled(self._guarded(inputs), asked_at if newer is None else newer)

    def _guarded(self, sample: dict[str, bool]) -> dict[str, bool]:
        """What the core gets of a reading; what else it says is told now and done later."""
        seen = self._around.read(sample, self.barrier.phase, self._clock.now().mono)
        self._later = [*seen.writes, *self._reported(seen.facts)]
        return seen.inputs

    def _reported(self, facts: Sequence[BarrierFact]) -> list[Write]:
        """Facts that are not the core's; what they sound."""
        for fact in facts:
            self.report(fact)
        has_siren = siren.SIREN in self.config.output_names
        return siren.sounded(facts, self.config.siren_s) if has_siren else []

    def _write(self, writes: Sequence[Write]) -> None:
        """Each once; what a lost answer asks for next is the outputs' business."""
        for write in writes:
            if isinstance(write, Pulse) and self._link.open and not self._too_late(write):
                self.permit, first = self.permit.before(write, self._clock.now().mono)
                self._write(first)
            if not self._link.open:
                self.outputs = self.outputs.unsent(write)
                continue
            if self._too_late(write):
                log.warning("%s: %s was decided too long ago", self.barrier.lane, write)
                continue
            good = self._link.over(partial(_perform, self.driver, write))
            self._tally.count(good is not None)
            if not self._link.open and self.outputs.fall.falling:
                self._link.hurry()
            if good is None:
                self.unanswered()
            if write.output == PERMIT:
                # It falls by itself, and is renewed after the next reading.
                continue
            if good is False:
                self.outputs = self.outputs.sent(write, self._clock.now().mono)
            else:
                self._answered(write, good is True)

    def _too_late(self, write: Write) -> bool:
        """Whether a closing was decided by what is no longer fresh: the guard stood still since."""
        now, input_state = self._clock.now().mono, self.barrier.input_state
        closes = isinstance(write, Pulse) and write.output == "close"
        return closes and not input_state.fresh(now, self.config.fresh_s)

    def _answered(self, write: Write, good: bool) -> None:
        self.outputs, more = self.outputs.answered(write, good, self._clock.now().mono)
        self._write(more)

    def _come_later(self, now: float) -> bool:
        """The answers that came later than their writes."""
        for write, good in self.driver.tend(now):
            if not good:
                log.warning("lane %s: %s is not confirmed", self.barrier.lane, write)
            if write.output == PERMIT:
                continue
            self._answered(write, good)
        return True


def _perform(driver: BoardDriver, write: Write) -> bool:
    """Whether it is confirmed; False where its answer comes later."""
    match write:
        case Pulse(output, seconds):
            return driver.pulse(output, seconds)
        case Set(output, on):
            return driver.set(output, on)
