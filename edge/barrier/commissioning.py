"""Trying out a lane's wiring without guards: every motion is watched, and turned where it must be.

A closing arm is looked after here as the guard would: it starts only with every safety input seen
clear, and is turned at the first reading that is occupied or fails, and by whatever ends the watch.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from edge.barrier.core.equipment import Equipment
from edge.barrier.core.self_test import NOTICE_S, PHOTOCELL, TEST
from edge.barrier.core.sensing import CLEAR_SAMPLES, SAFETY
from edge.barrier.guard.guard import permit_of
from edge.barrier.wires.port import BoardDriver, NoAnswer, Pulse, Write
from edge.config import BarrierConfig

LONGEST_S = 20.0
LIMITS = {"open": "limit_open", "close": "limit_closed"}
CHECK_EVERY_S = 0.02
SILENT_S = 0.5
"""Seconds beyond a board's watchdog for which it is left alone: its clock is not ours."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one motion: `took_s` is None where its limit switch did not come."""

    took_s: float | None
    why: str


class Trial:
    """One lane's board under trial; `barrier` is the effective configuration."""

    def __init__(self, driver: BoardDriver, barrier: BarrierConfig) -> None:
        self._driver = driver
        self._barrier = barrier
        self._free_at = 0.0
        self._last = ""
        self._permit = permit_of(barrier)
        self._equipment = Equipment("", frozenset(barrier.input_names))

    def inputs(self) -> dict[str, bool]:
        """Read now; a few failed readings are passed over. Raises NoAnswer or WireGone."""
        for _ in range(10):
            try:
                return self._driver.read_inputs()
            except NoAnswer:
                time.sleep(0.2)
        return self._driver.read_inputs()

    def refusal(self, output: str) -> str:
        """Why this output must not be pulsed now, or ""."""
        inputs = self._meant(self.inputs())
        if inputs.get("stop") and output != "stop":
            return "the local stop is pressed (or its wire is broken), or a fault halts the arm"
        if output != "close":
            return ""
        safety = [name for name in SAFETY if name in self._barrier.input_names]
        if not safety:
            return "no safety input is wired: the gate never closes this arm"
        for _ in range(CLEAR_SAMPLES):
            inputs = self._meant(self.inputs())
            if any(inputs.get(name, True) for name in safety):
                return "something is, or may be, under the arm"
            time.sleep(CHECK_EVERY_S)
        return ""

    def motion(self, output: str) -> Tried:
        """Pulses open or close and waits for the limit switch; a permit is renewed meanwhile."""
        tried = self._motion(output, renews=True)
        self._permit, back = self._permit.ended(False)
        self._say(back)
        return tried

    def cut(self) -> Tried:
        """Whether the close is cut when nobody renews the permit, as when the service is killed:
        the arm is sent down once and left alone, and is watched all the while. `took_s` is None
        where it came down, or that could not be tried."""
        barrier = self._barrier
        if "limit_closed" not in barrier.input_names:
            return Tried(
                None, "not tried: limit_closed is not wired, nobody would see it come down"
            )
        if barrier.travel_s < 1.5 * barrier.permit_s:
            return Tried(None, "not tried: the arm is down before the permit ends; lower permit_s")
        if not self.inputs().get("limit_open"):
            return Tried(None, "not tried: open the arm first")
        within = barrier.travel_s + barrier.travel_margin_s
        tried = self._motion("close", renews=False, within_s=within)
        self._permit, back = self._permit.ended(False)
        self._say(back)
        if "turned" in tried.why:
            return tried
        if tried.took_s is not None:
            return Tried(None, "NOT cut: it came down; wire the permit in series with the close")
        self._pulse("open")
        self._settle()
        return Tried(barrier.permit_s, "cut: the arm stopped on its way, and is opened again")

    def _motion(self, output: str, renews: bool, within_s: float = LONGEST_S) -> Tried:
        limit = LIMITS[output]
        if self.inputs().get(limit):
            return Tried(None, f"not measured: {limit} is on already")
        try:
            return self._watched(output, limit, renews, within_s)
        except BaseException:
            if output == "close":
                # It may have begun, and nobody would look after it.
                self._turn()
            raise

    def _turn(self) -> None:
        """Opens an arm that may come down on something: said until the board confirms it, or the
        arm must be down. Raises NoAnswer or WireGone."""
        until = time.monotonic() + self._barrier.travel_s + self._barrier.travel_margin_s
        while True:
            try:
                self._pulse("open")
                return self._settle()
            except NoAnswer:
                if time.monotonic() >= until:
                    raise
                time.sleep(CHECK_EVERY_S)

    def _watched(self, output: str, limit: str, renews: bool, within_s: float) -> Tried:
        self._pulse(output)
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            inputs = self._look()
            if renews and inputs is not None:
                self._permit, more = self._permit.renewed(output == "close", time.monotonic())
                self._say(more)
            if output == "close" and self._in_the_way(inputs):
                self._turn()
                return Tried(None, "turned: a safety input was occupied or did not answer")
            if limit not in self._barrier.input_names:
                self._settle()
                return Tried(None, f"not measured: {limit} is not wired")
            if inputs is not None and inputs.get(limit):
                took = time.monotonic() - began
                self._settle()
                return Tried(took, f"{limit} after {took:.1f} s")
        return Tried(None, f"{limit} did not come within {within_s:.0f} s; check its wiring")

    def contact(self, output: str) -> None:
        """One pulse of an output that moves no arm."""
        self._pulse(output)
        self._settle()

    def lamp(self, output: str, seconds: float = 1.5) -> None:
        self._driver.set(output, True)
        try:
            time.sleep(seconds)
        finally:
            self._driver.set(output, False)

    def drops(self, lamp: str, after_s: float) -> bool | None:
        """Whether the board releases a relay when nothing is asked of it for so long, as when the
        service is killed; None where it does not report its relays."""
        self.inputs()
        self._driver.set(lamp, True)
        try:
            time.sleep(after_s + SILENT_S)
            on = self._driver.read_outputs().get(lamp)
            return None if on is None else not on
        finally:
            self._driver.set(lamp, False)

    def beam_test(self) -> bool:
        """Whether the photocell notices that its transmitter is switched off."""
        self._driver.set(TEST, True)
        end = time.monotonic() + NOTICE_S
        try:
            while time.monotonic() < end:
                if self.inputs().get(PHOTOCELL):
                    return True
                time.sleep(CHECK_EVERY_S)
            return False
        finally:
            self._driver.set(TEST, False)

    def answers_to(self, name: str, seconds: float) -> bool:
        """Whether an input changes within so long."""
        first = self.inputs().get(name)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.inputs().get(name) != first:
                return True
            time.sleep(CHECK_EVERY_S)
        return False

    def _look(self) -> dict[str, bool] | None:
        """The inputs, or None where the board does not answer or has not confirmed a pulse."""
        try:
            self._tend()
            return self._driver.read_inputs()
        except NoAnswer:
            return None
        finally:
            time.sleep(CHECK_EVERY_S)

    def _tend(self) -> None:
        """Raises NoAnswer where a write was not confirmed."""
        for write, good in self._driver.tend(time.monotonic()):
            if not good:
                raise NoAnswer(f"the board has not confirmed {write.output}")

    def _in_the_way(self, inputs: dict[str, bool] | None) -> bool:
        if inputs is None:
            return True
        inputs = self._meant(inputs)
        return any(inputs.get(name, True) for name in SAFETY if name in self._barrier.input_names)

    def _meant(self, inputs: dict[str, bool]) -> dict[str, bool]:
        """As the guard takes them: a contradicting pair is occupied, a fault of the drive a
        stop."""
        return self._equipment.read(inputs, time.monotonic())[1]

    def _pulse(self, output: str) -> None:
        """After the dead time; what was energised is released first."""
        for other in ("open", "close"):
            if other != output and other in self._barrier.output_names:
                # An opening waits for the end of the other's pulse, and for no answer.
                with contextlib.suppress(*([NoAnswer] if output == "open" else [])):
                    self._driver.set(other, False)
        while output != self._last and (left := self._free_at - time.monotonic()) > 0:
            time.sleep(left)
        pulse = Pulse(output, self._barrier.pulse_s)
        self._permit, first = self._permit.before(pulse, time.monotonic())
        try:
            self._say([*first, pulse])
        finally:
            self._last = output
            self._free_at = time.monotonic() + self._barrier.pulse_s + self._barrier.dead_time_s

    def _say(self, writes: Sequence[Write]) -> None:
        for write in writes:
            if isinstance(write, Pulse):
                self._driver.pulse(write.output, write.seconds)
            else:
                self._driver.set(write.output, write.on)

    def _settle(self) -> None:
        """Until the pulse is over on a board that does not end it by itself."""
        while time.monotonic() < self._free_at:
            self._tend()
            time.sleep(0.01)


def snippet(lane: str, barrier: BarrierConfig, found: dict[str, float], outputs: list[str]) -> str:
    """The configuration as found: only outputs that a person has seen work."""
    lines = [f"[lanes.{lane}.barrier]"]
    pairs = ", ".join(f"{n} = {barrier.outputs[n]}" for n in outputs if n in barrier.outputs)
    if pairs:
        lines.append(f"# seen to work: {pairs}")
    for motion, seconds in found.items():
        lines.append(f"# {motion}: {seconds:.2f} s")
    if found:
        lines.append(f"travel_s = {max(0.5, max(found.values()) * 1.1):.1f}")
    return "\n".join(lines) + "\n"
