"""A twin Tasmota device: POWER<n>, PulseTime<n>, RESULT and LWT."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping

from simulator.barrier.lane_place import OUTPUTS, Hardware, LanePlace
from simulator.barrier.mqtt_client import Device
from simulator.contacts import LaneHardware


class Tasmota:
    """`deaf`: it obeys and answers nothing, while the broker still calls it online."""

    def __init__(
        self,
        hardware: LaneHardware,
        broker: tuple[str, int],
        topic: str,
        outputs: Mapping[str, int],
    ) -> None:
        self.topic = topic
        self.deaf = False
        self._hardware = hardware
        self._names = {channel: name for name, channel in outputs.items()}
        self._on: dict[int, bool] = {}
        self._pulse_s: dict[int, float] = {}
        self._ends: dict[int, float] = {}
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="twin tasmota", daemon=True)
        self._device = Device(
            broker,
            [f"cmnd/{topic}/+"],
            (f"tele/{topic}/LWT", "Offline"),
            self._obey,
            lambda: self._device.publish(f"tele/{topic}/LWT", "Online", retain=True),
        )

    def start(self) -> None:
        self._device.start()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self._device.stop()

    def _obey(self, topic: str, text: str) -> None:
        if self.deaf:
            return
        command = re.fullmatch(r"(POWER|PULSETIME)(\d+)", topic.rsplit("/", 1)[1].upper())
        if command is None:
            return
        number = int(command[2])
        with self._lock:
            if command[1] == "PULSETIME":
                value = int(text)
                # 1..111 are steps of 0.1 s; above, seconds from 100 on.
                self._pulse_s[number] = value * 0.1 if value <= 111 else value - 100.0
                self._answer({f"PulseTime{number}": {"Set": value, "Remaining": 0}})
                return
            if text.upper() in ("ON", "OFF"):
                self._switch(number, text.upper() == "ON")
            self._answer({f"POWER{number}": "ON" if self._on.get(number) else "OFF"})

    def _switch(self, number: int, on: bool) -> None:
        self._ends.pop(number, None)
        if on and self._pulse_s.get(number):
            self._ends[number] = time.monotonic() + self._pulse_s[number]
        if self._on.get(number, False) != on:
            self._on[number] = on
            if number in self._names:
                self._hardware.drive(self._names[number], on)

    def _run(self) -> None:
        while not self._stop.wait(0.01):
            with self._lock:
                for number, end in list(self._ends.items()):
                    if time.monotonic() >= end:
                        self._switch(number, False)
                        self._answer({f"POWER{number}": "OFF"})

    def _answer(self, reported: dict[str, object]) -> None:
        self._device.publish(f"stat/{self.topic}/RESULT", json.dumps(reported))


def before_lane(place: LanePlace) -> Hardware:
    topic = f"barrier-{place.lane}"
    relays = Tasmota(place.world, place.broker, topic, OUTPUTS)
    below = f'[lanes.{place.lane}.barrier.tasmota]\ntopic = "{topic}"\n'
    return Hardware([relays], place.mqtt, place.apart, below)
