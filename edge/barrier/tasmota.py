"""Tasmota relays over MQTT: cmnd/<t>/POWER<n>, stat/<t>/RESULT, tele/<t>/LWT.

The device ends a pulse by itself (its PulseTime, told before each pulse in steps of 0.1 s) and
answers every command. It has no inputs that a gate could trust: they come over another wire.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from edge.barrier.driver import NoAnswer
from edge.barrier.mqtt_line import MqttLine
from edge.config import TasmotaConfig

ANSWER_S = 0.4
ASK_EVERY_S = 1.0
"""So often the device is asked whether it is there ..."""

SILENT_S = 4.0
"""... and so long after its last answer it counts as gone."""


class TasmotaBoard:
    """Implements driver.BoardDriver; `outputs`: name -> relay from 1."""

    def __init__(self, line: MqttLine, config: TasmotaConfig, outputs: Mapping[str, int]) -> None:
        self._line = line
        self._topic = config.topic
        self._outputs = outputs
        self._result = f"stat/{config.topic}/RESULT"
        self._will = f"tele/{config.topic}/LWT"
        self._asked_at = 0.0
        line.listen(self._result)
        line.listen(self._will)

    def __repr__(self) -> str:
        return f"<TasmotaBoard {self._topic} at {self._line.place}>"

    def read_inputs(self) -> dict[str, bool]:
        self._present()
        now = time.monotonic()
        if now - self._asked_at >= ASK_EVERY_S:
            self._asked_at = now
            self._line.say(f"cmnd/{self._topic}/POWER1", "")
        heard = self._line.newest(self._result)
        if heard is None or heard.retained or now - heard.at > SILENT_S:
            raise NoAnswer(f"{self} does not answer; is its topic right?")
        return {}

    def pulse(self, output: str, seconds: float) -> None:
        self._present()
        # 1..111 are tenths of a second, from 112 on seconds + 100.
        time_code = max(1, round(seconds * 10)) if seconds <= 11.1 else 100 + round(seconds)
        self._line.say(f"cmnd/{self._topic}/PulseTime{self._outputs[output]}", str(time_code))
        self._power(output, "ON")

    def set(self, output: str, on: bool) -> None:
        self._present()
        self._power(output, "ON" if on else "OFF")

    def tend(self, now: float) -> None: ...

    def _power(self, output: str, word: str) -> None:
        """Said once; the device's own answer to it is awaited."""
        relay = self._outputs[output]
        said = time.monotonic()
        until = said + ANSWER_S
        self._line.say(f"cmnd/{self._topic}/POWER{relay}", word)
        after = said
        while (left := until - time.monotonic()) > 0:
            heard = self._line.wait_for(self._result, after, left)
            if heard is None:
                break
            if _power_of(heard.text, relay) == word:
                return
            after = heard.at + 1e-6
        raise NoAnswer(f"{self} has not confirmed POWER{relay} {word}")

    def _present(self) -> None:
        self._line.check()
        told = self._line.newest(self._will)
        if told is None or told.text != "Online":
            raise NoAnswer(f"{self} is not online ({self._will}); check its power and its Wi-Fi")


def _power_of(text: str, relay: int) -> str:
    """What a RESULT says of one relay; single-relay devices leave the number out."""
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    return str(told.get(f"POWER{relay}", told.get("POWER", "") if relay == 1 else ""))
