"""Tasmota relays over MQTT: cmnd/<t>/POWER<n>, stat/<t>/RESULT, tele/<t>/LWT.

The device ends a pulse by itself (its PulseTime, set before each pulse in steps of 0.1 s) and
answers every command. Nothing waits for the answer; `tend` reports it. It has no inputs that a gate
could trust: they come over another wire.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.barrier.boards.lane_part import LanePart
from edge.barrier.boards.mqtt_cover import line
from edge.barrier.wires.mqtt import LONGEST_TEXT, Heard, MqttLine
from edge.barrier.wires.port import Answered, NoAnswer, Pulse, Set, Write
from edge.config import TasmotaConfig
from edge.domain.strict_json import strict_json
from edge.system.causes import cause

ANSWER_S = 0.4
ASK_EVERY_S = 1.0
"""Seconds between two questions whether the device is there."""

SILENT_S = 4.0
"""Seconds after its last answer from which on the device counts as gone."""


__all__ = ["TasmotaBoard", "board", "line"]

WORDS = ("ON", "OFF")


@dataclass(frozen=True, slots=True)
class _Said:
    """A command that the device has still to confirm."""

    write: Write
    relay: int
    word: str
    at: float


class TasmotaBoard:
    """Implements port.BoardDriver; `outputs`: name -> relay from 1."""

    def __init__(self, line: MqttLine, config: TasmotaConfig, outputs: Mapping[str, int]) -> None:
        self._line = line
        self._topic = config.topic
        self._outputs = outputs
        self._result = f"stat/{config.topic}/RESULT"
        self._will = f"tele/{config.topic}/LWT"
        self._asked_at = 0.0
        self._said: dict[str, _Said] = {}
        self._confirmed: dict[tuple[int, str], float] = {}
        line.listen(self._result, self._hear)
        line.listen(self._will)

    def __repr__(self) -> str:
        return f"<TasmotaBoard {self._topic} at {self._line.place}>"

    @property
    def asked_at(self) -> None:
        return None

    def read_inputs(self) -> dict[str, bool]:
        self._present()
        now = time.monotonic()
        if now - self._asked_at >= ASK_EVERY_S:
            self._asked_at = now
            self._line.publish(f"cmnd/{self._topic}/POWER1", "")
        heard = self._line.newest(self._result)
        if heard is None or heard.retained or now - heard.at > SILENT_S:
            raise NoAnswer(cause("wire.topic_silent", board=self))
        return {}

    def read_outputs(self) -> dict[str, bool]:
        return {}

    def pulse(self, output: str, seconds: float) -> bool:
        self._present()
        # 1..111 are tenths of a second, from 112 on seconds + 100.
        time_code = max(1, round(seconds * 10)) if seconds <= 11.1 else 100 + round(seconds)
        self._line.publish(f"cmnd/{self._topic}/PulseTime{self._outputs[output]}", str(time_code))
        return self._power(Pulse(output, seconds), "ON")

    def set(self, output: str, on: bool) -> bool:
        self._present()
        return self._power(Set(output, on), "ON" if on else "OFF")

    def tend(self, now: float) -> Sequence[Answered]:
        answers = []
        for output, said in list(self._said.items()):
            good = self._confirmed.get((said.relay, said.word), 0.0) >= said.at
            if good or now - said.at > ANSWER_S:
                del self._said[output]
                answers.append((said.write, good))
        return answers

    def _power(self, write: Write, word: str) -> bool:
        """Said once; the device's own answer to it comes later."""
        relay = self._outputs[write.output]
        self._said[write.output] = _Said(write, relay, word, time.monotonic())
        try:
            self._line.publish(f"cmnd/{self._topic}/POWER{relay}", word)
        except Exception:
            del self._said[write.output]
            raise
        return False

    def _hear(self, heard: Heard) -> None:
        """Called on the library's thread: the states of the relays in a RESULT; single-relay
        devices leave the number out."""
        if heard.retained:
            return
        try:
            reported = strict_json(heard.text.encode(), LONGEST_TEXT)
        except ValueError:
            return
        for relay in self._outputs.values() if isinstance(reported, dict) else ():
            for name in (f"POWER{relay}", *(["POWER"] if relay == 1 else [])):
                if (word := reported.get(name)) in WORDS:
                    self._confirmed[relay, word] = heard.at

    def _present(self) -> None:
        self._line.check()
        reported = self._line.newest(self._will)
        if reported is None or reported.text != "Online":
            raise NoAnswer(cause("wire.not_online", board=self, topic=self._will))


def board(line: MqttLine, part: LanePart) -> TasmotaBoard:
    assert part.barrier.tasmota is not None
    return TasmotaBoard(line, part.barrier.tasmota, part.outputs)
