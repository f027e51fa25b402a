"""One lane's physical truth, and the monitor that judges by it and by the bytes on the wire alone.

Shared by the plays on a wire in memory (memory_wire.py) and on a real pty (real_wire.py). Their
clocks say how late the computer itself may have been (`late`); the guard is excused for so much.
"""

import threading

from edge.config import BarrierConfig
from simulator.barrier.arm import Arm

CONFIG = BarrierConfig(
    wire="bus",
    outputs={"open": 1, "close": 2, "green": 3, "red": 4, "stop": 5},
    pulse_s=0.3, dead_time_s=0.3, travel_s=2.0, travel_margin_s=1.0, clear_before_close_s=0.3,
    entry_timeout_s=8.0,
)  # fmt: skip
CHANNELS = {channel - 1: name for name, channel in {**CONFIG.outputs, "permit": 6}.items()}

REACTION_S = 0.55
"""An answer may be an answer time old, and the next one as late; then the frame itself."""

WAITS_S = CONFIG.pulse_s + CONFIG.dead_time_s
"""So long a turning pulse may have to wait."""

SIGHT = 3
"""So many sound answers on a wire just opened show a guard what is there."""

SOUND_S = 0.16
"""An answer that comes within so long is waited for."""


def without_stop(config):
    outputs = {name: channel for name, channel in config.outputs.items() if name != "stop"}
    return config.model_copy(update={"outputs": outputs})


class Lane:
    """An arm, inputs and since when each is on, contacts with their times. Thread-safe.
    `wrong`: contacts that were energised together or too soon after one another."""

    def __init__(self, clock, dead_time_s, travel_s=1.2):
        self.lock = threading.RLock()
        self.clock = clock
        self.arm = Arm(travel_s)
        self.on = dict.fromkeys(
            ("entry_loop", "safety_loop", "photocell", "stop", "fire", "manual_open"), False
        )
        self.since = {}
        self.relays, self.fell = {}, {}
        self.wrong = []
        self.dead_time_s = dead_time_s

    def put(self, **inputs):
        with self.lock:
            self.on.update(inputs)
            on = {name for name, is_on in self.on.items() if is_on}
            if on & {"safety_loop", "photocell"}:
                on.add("blocked")
            self.since = {name: self.since.get(name, self.clock.mono) for name in on}
            if self.on["stop"]:
                self.arm.move(self.clock.mono)
                self.arm.direction = 0

    def sense(self):
        with self.lock:
            self.arm.move(self.clock.mono)
            return {**self.on, **self.arm.limits()}

    def drive(self, output, on):
        with self.lock:
            now = self.clock.mono
            self.relays[output] = on
            other = {"open": "close", "close": "open"}.get(output)
            if not on:
                self.fell[output] = now
            elif other:
                if self.relays.get(other):
                    self.wrong.append(f"{now:.3f} {output} energised together with {other}")
                fell = self.fell.get(other, -1e9)
                if now - fell < self.dead_time_s - self.clock.late(fell):
                    self.wrong.append(f"{now:.3f} {output} only {now - fell:.3f} s after {other}")
            if not self.on["stop"]:
                self.arm.drive(output, on, now)


class Monitor:
    """Judges by the bytes on the wire and the physical truth alone. `seen`: a list that the wire
    puts each good request into, as (time, address, pdu); it is emptied here."""

    def __init__(self, lane, seen):
        self.lane, self.seen = lane, seen
        self.read = self.sound = 0
        self.turned_at = -1e9
        self.closed_at = self.opened_at = -1e9
        self.excused_until = 0.0
        self.wishes = self.opens = self.closes = 0
        self.unsafe = []

    def reopened(self, seen=None):
        """The wire is opened anew, or for the first time."""
        self.read = self.sound = 0
        self.seen = self.seen if seen is None else seen

    def over(self, wire):
        """The wire, with the answers about inputs that come through sound counted."""

        def carries(answer, rng):
            pieces = wire(answer, rng)
            whole = b"".join(piece for _, piece in pieces) == answer
            if whole and answer[1] == 2 and sum(delay for delay, _ in pieces) < SOUND_S:
                self.sound += 1
            return pieces

        return carries

    def excuse(self, until):
        """The guard itself stood still, or had no wire, until then."""
        self.excused_until = max(self.excused_until, until)

    def look(self):
        with self.lane.lock:
            self._look()

    def _look(self):
        lane, now = self.lane, self.lane.clock.mono
        came = self.seen[:]
        del self.seen[: len(came)]
        for at, _, pdu in came:
            self._frame(at, pdu)
        self.unsafe += lane.wrong
        lane.wrong.clear()
        if self.sound < SIGHT:
            self.excuse(now)
        lane.arm.move(now)
        down = lane.arm.direction < 0 and lane.arm.position > 0.03 and not lane.arm.stuck
        blocked = lane.since.get("blocked")
        if down and blocked is not None:
            since = max(blocked, self.closed_at, self.excused_until)
            if self._too_long(since, now) and self.turned_at < blocked:
                self.unsafe.append(f"{now:.3f} comes down on something, and nothing is said")
        if self.opens > 2 * self.wishes + 3 * self.closes + 2:
            self.unsafe.append(f"{now:.3f} {self.opens} opening pulses on {self.wishes} wishes")

    def _too_long(self, since, now, allowed_s=REACTION_S):
        return now - since > allowed_s + self.lane.clock.late(since)

    def _frame(self, at, pdu):
        if pdu[0] == 2:
            self.read += 1
        if pdu[0] != 5 or pdu[1] != 2:
            return
        name, seconds = CHANNELS[pdu[2]], int.from_bytes(pdu[3:5]) / 10
        if not 0.2 <= seconds <= 1.0:
            self.unsafe.append(f"{at:.3f} a pulse of {seconds} s")
        if name in ("open", "close"):
            self._motion(name, at)
        if name in ("open", "stop"):
            self.turned_at = at
        # What comes while the contact is still closed makes no second pulse.
        self.opens += name == "open" and at > self.opened_at + seconds
        self.opened_at = at if name == "open" else self.opened_at
        if name == "close":
            self.closes += 1
            self.closed_at = at

    def _motion(self, name, at):
        if self.read < 1:
            self.unsafe.append(f"{at:.3f} {name} before the inputs were read")
        bars = {"open": {"stop": WAITS_S}, "close": dict.fromkeys(("stop", "blocked", "fire"), 0)}
        for bar, more_s in bars[name].items():
            since = self.lane.since.get(bar)
            if since is not None and self._too_long(
                max(since, self.excused_until), at, REACTION_S + more_s
            ):
                self.unsafe.append(f"{at:.3f} {name} although {bar} since {since:.3f}")
