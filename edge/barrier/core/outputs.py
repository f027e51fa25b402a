"""PURE. From actions to writes: never open and close at once, and a dead time between them.

A pulse that must wait for the dead time is kept until it may go; any newer action replaces it. What
may be said twice (release, stop, a lamp) is said until the board answers; an opening or closing
pulse never is, because many barriers turn on a second one. Only where the answer to a *turning*
pulse is lost, the arm may come down on somebody. Where a stop is wired, it is stopped and then
opened once more: from a standstill a second pulse has one meaning. Where none is, the pulse is said
again at once, while the one before it lasts if it came: the contact is closed then, and the barrier
sees one pulse. Where that can be held no longer, another pulse follows, and so on until one is
confirmed, or the arm is at an end or must be. A write whose answer is still to come is not said
again meanwhile, and a pulse among them counts as beginning as late as it can.

An arm that was sent down is never forgotten: where the halt that ended our watch was lost, or the
wire was gone, it is halted as soon as the inputs are known again and do not say where it ended.
A local stop that the gate hears of is no proof that the arm has stopped, for the wire may be torn:
where no stop is wired to say it ourselves, the arm is opened when something is seen under it. The
barrier's own board ranks a stop above that.
Nor is one that a service before this one may have sent down: where it is found at neither end with
something in its way, it is halted once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edge.barrier.core.contacts import LAMPS, LATEST_S, TRIES, Contacts, Fall, Lamps, Said
from edge.barrier.core.state import Drive, Effect, Light, Warn
from edge.barrier.core.table import ArmAction, Phase
from edge.barrier.wires.port import Pulse, Set, Write

_OPPOSITE = {"open": "close", "close": "open"}
_STOP = "stop"
WARNING = "warning"

APART_S = 0.1
"""Seconds between two pulses of one contact: a barrier sees the second one only where the contact
has opened, for longer than it bounces."""

AT_ONCE = 4
"""Maximum attempts in a row, before the next reading, for what keeps an arm from coming down."""

ARRIVES_S = 0.05
"""What is said so long before a pulse ends reaches the board while it lasts, in seconds."""

HELD_S = 1.5
"""Maximum seconds from the first to the last word of such a pulse: some barriers close when a
contact opens that was closed for more than 3 s."""

_ENDED = (Phase.OPEN, Phase.CLOSED)
_HALTABLE = (Phase.STOPPED, Phase.FAULT, Phase.OUT_OF_SERVICE)
"""Where nothing of ours moves the arm, and it may come down all the same."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """`ends`: when the last pulse of an output ends (monotonic). `waiting`: a pulse that waits for
    the dead time. `last`: the motion last begun, "" after a stop or where it may have come to
    nothing. `turned_at`, `said_at`: when the last pulse was said first, and last; `lost`: its
    answers that were lost, where it is to keep an arm from coming down."""

    contacts: Contacts
    ends: Mapping[str, float] = field(default_factory=dict)
    waiting: str = ""
    last: str = ""
    turned_at: float = -math.inf
    said_at: float = -math.inf
    lost: int = 0
    fall: Fall = field(default_factory=Fall)
    lamps: Lamps = field(default_factory=Lamps)
    said: Said = field(default_factory=Said)

    def asked(self, effect: Effect, now: float) -> tuple[Outputs, list[Write]]:
        """What to write for one effect, most urgent first."""
        match effect:
            case Light(green):
                out = replace(self, lamps=Lamps(green))
                return out, out.lamps_due(now)
            case Warn(on):
                return self, [Set(WARNING, on)] if WARNING in self.contacts.wired else []
            case Drive(ArmAction.OPEN):
                return self._pulse("open", now)
            case Drive(ArmAction.CLOSE):
                return self._pulse("close", now)
            case Drive(ArmAction.STOP):
                return self._stopped(now)
            case Drive(ArmAction.HALT):
                if not self._has_stop() and self.last == "close":
                    return self._pulse("open", now)
                return self._stopped(now)
            case _:
                return self._close_released()

    def due(self, now: float, stop_pressed: bool) -> tuple[Outputs, list[Write]]:
        """What is to be said again, and the pulse that waited, once its dead time is over. A local
        stop ends the waiting, but not where only this pulse keeps the arm from coming down."""
        writes: list[Write] = [w for w in self.said.again if not self.said.expects(w, now)]
        if stop_pressed and not self._must_turn():
            return replace(self, waiting=""), writes
        if not self.waiting or now < self._free_at(self.waiting, now):
            return self, writes
        name = self.waiting
        return self._started(name, now), [*writes, Pulse(name, self.contacts.pulse_s)]

    def unwatched(
        self, phase: Phase, stop_pressed: bool, blocked: bool, now: float
    ) -> tuple[Outputs, list[Write]]:
        """The halt of an arm that may still come down although nobody watches it any more.
        `blocked`: something is seen in its way."""
        if phase in _ENDED or now >= self.fall.lands_at:
            out = replace(self, waiting="", lost=0) if self.lost else self
            return replace(out, fall=replace(self.fall, falling=False, until=0.0)), []
        out = replace(self, fall=replace(self.fall, until=0.0)) if stop_pressed else self
        if phase not in _HALTABLE or out.waiting or now < out.ends.get(_STOP, 0.0):
            return out, []
        if phase is Phase.STOPPED and blocked and now < out.fall.until:
            out = replace(out, fall=replace(out.fall, falling=True), last="close")
        if not out.fall.falling or (not out._has_stop() and out.last != "close"):
            return out, []
        if stop_pressed and not blocked and not out._has_stop():
            return out, []
        return out.asked(Drive(ArmAction.HALT), now)

    def unsent(self, write: Write) -> Outputs:
        """After a write that did not go out, for the wire is gone: the arm still comes down."""
        if not isinstance(write, Pulse):
            return self
        ends = {name: end for name, end in self.ends.items() if name != write.output}
        if write.output == _STOP:
            return replace(self, ends=ends)
        if write.output == "open" and self._turns():
            return replace(self, last="close", ends=self.ends if self.lost else ends)
        return self

    def leaving(self, stop_pressed: bool, blocked: bool, now: float) -> tuple[Outputs, list[Write]]:
        """What keeps an arm that was sent down from coming down when nobody looks any more; a
        closing that waits is dropped."""
        if self.fall.falling and self.waiting == "open":
            return self, []
        out = replace(self, waiting="")
        return out.unwatched(Phase.OUT_OF_SERVICE, stop_pressed, blocked, now)

    def busy(self, now: float) -> bool:
        """Whether a pulse waits or lasts, or an answer or a repetition of a stop is to come."""
        lasts = any(now < end for end in self.ends.values())
        stops = any(write.output == _STOP for write in self.said.again)
        return bool(self.waiting) or lasts or stops or bool(self.said.under_way)

    def lamps_due(self, now: float) -> list[Write]:
        """The lamps that the board has not confirmed lately."""
        wired = [lamp for lamp in self.lamps.due(now) if lamp.output in self.contacts.wired]
        return [lamp for lamp in wired if not self.said.expects(lamp, now)]

    def sent(self, write: Write, now: float) -> Outputs:
        """After a write whose answer comes later; it takes the place of an older one."""
        ends = dict(self.ends)
        if isinstance(write, Pulse):
            ends[write.output] = now + LATEST_S + write.seconds
        return replace(self, said=self.said.sent(write, now), ends=ends)

    def answered(self, write: Write, good: bool, now: float) -> tuple[Outputs, list[Write]]:
        """After the board's answer to one write, or its loss; what follows at once."""
        if write in self.said.under_way:
            return replace(self, said=self.said.come(write)).answered(write, good, now)
        match write:
            case Set(output) if output in LAMPS:
                said_at = {**self.lamps.said_at, output: now} if good else self.lamps.said_at
                return replace(self, lamps=replace(self.lamps, said_at=said_at)), []
            case Pulse(output, seconds) if output in self.ends:
                # It began when the board got it, which may be as late as now.
                out = self._ending(output, now + seconds)
                if good and output != "close":
                    fall = replace(out.fall, falling=False, until=0.0)
                    out = replace(out, fall=fall, lost=0)
                return out._heard(write, good, now)
            case Set(output) if good and output in self.ends:
                # Only what the board has confirmed is released; until then the pulse runs its time.
                end = min(self.ends[output], now)
                return self._ending(output, end)._heard(write, good, now)
        return self._heard(write, good, now)

    def reopened(self, now: float = math.inf) -> Outputs:
        """On a wire just opened: no pulse waits, contacts are released, but for an opening pulse
        that still lasts; lamps are not known."""
        lasts = {"open"} if now < self.ends.get("open", 0.0) else set()
        held: dict[Write, int] = {
            Set(n, False): TRIES for n in _OPPOSITE if n in self.contacts.wired and n not in lasts
        }
        lamps = replace(self.lamps, said_at={})
        last = "close" if self._turns() else self.last
        return replace(self, waiting="", last=last, lamps=lamps, said=Said(held))

    # --- how ---

    def _has_stop(self) -> bool:
        return _STOP in self.contacts.wired

    def _turns(self) -> bool:
        """Whether the motion last begun is to turn an arm of which nothing says yet that it no
        longer comes down."""
        return self.last == "open" and self.fall.falling

    def _lasts(self, now: float) -> bool:
        """Whether a turning pulse whose answer was lost keeps its contact closed, if it came."""
        ends = min(self.said_at + self.contacts.pulse_s - ARRIVES_S, self.turned_at + HELD_S)
        return bool(self.lost) and now < ends

    def _must_turn(self) -> bool:
        """Whether the pulse that waits is all that can keep the arm from coming down."""
        return self.fall.falling and self.waiting == "open" and not self._has_stop()

    def _ending(self, output: str, end: float) -> Outputs:
        return replace(self, ends={**self.ends, output: end})

    def _heard(self, write: Write, good: bool, now: float) -> tuple[Outputs, list[Write]]:
        """What of this is to be said again."""
        if good:
            return replace(self, said=self.said.done(write)), []
        if write == Pulse("open", self.contacts.pulse_s) and self._turns():
            return self._turned_again(now)
        out = replace(self, said=self.said.lost(write))
        once_more = write.output == _STOP and self.fall.falling
        left = out.said.again.get(write, 0)
        return out, [write] if once_more and left > TRIES - AT_ONCE else []

    def _turned_again(self, now: float) -> tuple[Outputs, list[Write]]:
        """After the lost answer to a turning pulse."""
        if self._has_stop():
            out, writes = self._stopped(now)
            return replace(out, waiting="open"), writes
        out = replace(self, last="close", waiting="open", lost=self.lost + 1)
        if out.lost >= AT_ONCE or not out._lasts(now):
            return out, []
        return out._started("open", now), [Pulse("open", self.contacts.pulse_s)]

    def _pulse(self, name: str, now: float) -> tuple[Outputs, list[Write]]:
        other = _OPPOSITE[name]
        writes: list[Write] = []
        out = replace(self, waiting="", said=self.said.but(Set(name, False), _STOP))
        if self.waiting == other and self.last == name:
            return out, writes
        if out.ends.get(other, 0.0) > now:
            writes.append(Set(other, False))
        if name not in out.contacts.wired:
            return out, writes
        if now >= out._free_at(name, now):
            return out._started(name, now), [*writes, Pulse(name, self.contacts.pulse_s)]
        if out.last == "close" and out._has_stop():
            # The closing arm cannot be turned yet, but it can be stopped.
            out, stop = out._stop_pulse(now)
            writes = [*stop, *writes]
        return replace(out, waiting=name), writes

    def _free_at(self, name: str, now: float) -> float:
        if name == "open" and self._lasts(now):
            return now
        other, own = self.ends.get(_OPPOSITE[name]), self.ends.get(name)
        free = other + self.contacts.dead_time_s if other is not None else 0.0
        again = own + APART_S if own is not None else 0.0
        return max(free, again, self.ends.get(_STOP, 0.0))

    def _started(self, name: str, now: float) -> Outputs:
        falling = self.fall.falling or name == "close"
        lands_at = now + self.contacts.fall_s
        lasts = self._lasts(now)
        return replace(
            self,
            waiting="",
            ends={**self.ends, name: now + self.contacts.pulse_s},
            last=name,
            turned_at=self.turned_at if lasts else now,
            said_at=now,
            lost=self.lost if lasts else 0,
            fall=Fall(
                falling, 0.0, lands_at if name == "close" else min(lands_at, self.fall.lands_at)
            ),
        )

    def _stop_pulse(self, now: float) -> tuple[Outputs, list[Write]]:
        pulse_s = self.contacts.pulse_s
        return self._ending(_STOP, now + pulse_s), [Pulse(_STOP, pulse_s)]

    def _stopped(self, now: float) -> tuple[Outputs, list[Write]]:
        """The stop first, then the releases. Where none is wired, what is to turn still turns."""
        if not self._has_stop():
            return self._released()
        out, writes = self._stop_pulse(now)
        out, more = out._released()
        return replace(out, waiting="", last=""), [*writes, *more]

    def _released(self) -> tuple[Outputs, list[Write]]:
        """A pulse that is to turn a closing arm still goes out when its dead time is over."""
        writes: list[Write] = [Set(n, False) for n in _OPPOSITE if n in self.contacts.wired]
        return replace(self, waiting=self.waiting if self.last == "close" else ""), writes

    def _close_released(self) -> tuple[Outputs, list[Write]]:
        """No closing waits or goes on; what opens or stops is not cut."""
        waiting = self.waiting if self.last == "close" else ""
        return replace(self, waiting=waiting), [Set("close", False)]
