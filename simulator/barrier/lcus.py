"""A twin LCUS relay on a pty: it obeys good frames, drops others, answers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.barrier.lane_place import OUTPUTS, Hardware, LanePlace
from simulator.barrier.pty import Listener
from simulator.contacts import LaneHardware


class LcusRelays:
    """`relays`: channel -> energised; they stay as they are when the controller dies."""

    def __init__(
        self, hardware: LaneHardware, outputs: Mapping[str, int], link: Path | None = None
    ) -> None:
        self.relays: dict[int, bool] = {}
        self._hardware = hardware
        self._names = {channel: name for name, channel in outputs.items()}
        self._held = b""
        self.wire = Listener(self._hear, link)
        self.port = self.wire.port

    def start(self) -> None:
        self.wire.start()

    def stop(self) -> None:
        self.wire.stop()

    def _hear(self, data: bytes) -> None:
        self._held = (self._held + data)[-64:]
        while len(self._held) >= 4:
            head, channel, state, total = self._held[:4]
            if head != 0xA0 or (head + channel + state) % 256 != total or state > 1:
                self._held = self._held[1:]
                continue
            self._held = self._held[4:]
            self._switch(channel, bool(state))

    def _switch(self, channel: int, on: bool) -> None:
        if self.relays.get(channel, False) == on:
            return
        self.relays[channel] = on
        if channel in self._names:
            self._hardware.drive(self._names[channel], on)


def before_lane(place: LanePlace) -> Hardware:
    relays = LcusRelays(place.world, OUTPUTS)
    wires = f'[wires.{place.lane}]\nkind = "lcus"\nport = "{relays.port}"\n\n'
    return Hardware([relays], wires, place.apart + "bench = true\n")
