"""A twin MQTT cover, as ESPHome's: retained state and availability, obeys OPEN, CLOSE, STOP."""

from __future__ import annotations

import threading

from simulator.barrier.lane_place import Hardware, LanePlace
from simulator.barrier.mqtt_client import Device
from simulator.contacts import LaneHardware

PRESS_S = 0.05


class MqttCover:
    """Topics: `<topic>/set`, `<topic>/state`, `<topic>/availability`. `deaf`: it obeys nothing."""

    def __init__(self, hardware: LaneHardware, broker: tuple[str, int], topic: str) -> None:
        self.topic = topic
        self.deaf = False
        self._hardware = hardware
        self._last = "stopped"
        self._reported = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="twin cover", daemon=True)
        self._device = Device(
            broker,
            [f"{topic}/set"],
            (f"{topic}/availability", "offline"),
            self._obey,
            self._birth,
        )

    def start(self) -> None:
        self._device.start()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self.vanish()
        self._device.stop()

    def vanish(self) -> None:
        """As the broker tells it when the device's power fails."""
        self._device.publish(f"{self.topic}/availability", "offline", retain=True)

    def _birth(self) -> None:
        self._device.publish(f"{self.topic}/availability", "online", retain=True)
        self._report(again=True)

    def _obey(self, topic: str, text: str) -> None:
        if self.deaf or text not in ("OPEN", "CLOSE", "STOP"):
            return
        name = text.lower()
        self._last = {"open": "opening", "close": "closing", "stop": "stopped"}[name]
        self._hardware.drive(name, True)
        self._stop.wait(PRESS_S)
        self._hardware.drive(name, False)
        self._report(again=True)

    def _run(self) -> None:
        while not self._stop.wait(0.02):
            self._report()

    def _report(self, again: bool = False) -> None:
        sensed = self._hardware.sense()
        state = self._last
        if sensed.get("limit_open") and state != "closing":
            state = "open"
        elif sensed.get("limit_closed") and state != "opening":
            state = "closed"
        if again or state != self._reported:
            self._reported = state
            self._device.publish(f"{self.topic}/state", state, retain=True)


def before_lane(place: LanePlace) -> Hardware:
    topic = f"barrier/{place.lane}"
    below = (
        f'[lanes.{place.lane}.barrier.cover]\ncommand = "{topic}/set"\n'
        f'state = "{topic}/state"\navailability = "{topic}/availability"\n'
    )
    return Hardware([MqttCover(place.world, place.broker, topic)], place.mqtt, place.apart, below)
