"""A lane's barrier hardware of each kind: its twins, and how the gate's settings name them.

Where a kind has no inputs of its own (LCUS, cover, Tasmota, ISAPI) the lane's board on the serial
bus has them, and the lamps that the kind lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from simulator.barrier.controlbyweb import ControlByWeb
from simulator.barrier.isapi import Isapi
from simulator.barrier.lcus import LcusRelays
from simulator.barrier.modbus_board import Board
from simulator.barrier.mqtt_cover import MqttCover
from simulator.barrier.onvif import Onvif
from simulator.barrier.shelly import Shelly
from simulator.barrier.tasmota import Tasmota
from simulator.barrier.tcp_gateway import TcpGateway
from simulator.contacts import LaneHardware

KINDS = ("serial", "tcp", "lcus", "cover", "tasmota", "isapi", "shelly", "controlbyweb", "onvif")
OUTPUTS = {"open": 1, "close": 2, "green": 3, "red": 4}
PASSWORD = "12345abc"


RELAYS = {"shelly": Shelly, "controlbyweb": ControlByWeb, "onvif": Onvif}


class Twin(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Hardware:
    """`wires`: TOML for [wires]; `keys`: for the lane's barrier section, without its inputs;
    `below`: sections below it."""

    twins: Sequence[Twin] = ()
    wires: str = ""
    keys: str = 'wire = "bus"\n'
    below: str = ""


def hardware(
    kind: str, lane: str, world: LaneHardware, board: Board, broker: tuple[str, int], folder: Path
) -> Hardware:
    """The hardware of one lane beside the serial bus. Raises ValueError for an unknown kind."""
    mqtt = f'[wires.{lane}]\nkind = "mqtt"\nhost = "{broker[0]}"\nport = {broker[1]}\n\n'
    apart = f'wire = "{lane}"\ninputs_wire = "bus"\n'
    match kind:
        case "serial":
            return Hardware()
        case "tcp":
            gateway = TcpGateway({n: board for n in range(1, 9)})
            wires = f'[wires.{lane}]\nkind = "tcp"\nhost = "127.0.0.1"\nport = {gateway.port}\n\n'
            return Hardware([gateway], wires, f'wire = "{lane}"\n')
        case "lcus":
            relays = LcusRelays(world, OUTPUTS)
            wires = f'[wires.{lane}]\nkind = "lcus"\nport = "{relays.port}"\n\n'
            return Hardware([relays], wires, apart + "bench = true\n")
        case "cover":
            cover = MqttCover(world, broker, f"barrier/{lane}")
            below = (
                f'[lanes.{lane}.barrier.cover]\ncommand = "barrier/{lane}/set"\n'
                f'state = "barrier/{lane}/state"\navailability = "barrier/{lane}/availability"\n'
            )
            return Hardware([cover], mqtt, apart, below)
        case "tasmota":
            tasmota = Tasmota(world, broker, f"barrier-{lane}", OUTPUTS)
            below = f'[lanes.{lane}.barrier.tasmota]\ntopic = "barrier-{lane}"\n'
            return Hardware([tasmota], mqtt, apart, below)
        case "isapi":
            camera = Isapi({1: world}, password=PASSWORD)
            secret = _secret(folder, lane)
            wires = (
                f'[wires.{lane}]\nkind = "isapi"\nurl = "{camera.url}"\n'
                f'password_file = "{secret}"\nanswer_s = 1.0\n\n'
            )
            return Hardware([camera], wires, apart)
        case "shelly" | "controlbyweb" | "onvif":
            device = RELAYS[kind](world, OUTPUTS, password=PASSWORD)
            secret = _secret(folder, lane)
            wires = (
                f'[wires.{lane}]\nkind = "{kind}"\nurl = "{device.url}"\n'
                f'password_file = "{secret}"\nanswer_s = 0.9\n\n'
            )
            return Hardware([device], wires, apart)
        case _:
            raise ValueError(f"no kind {kind!r} of barrier; known: {', '.join(KINDS)}")


def _secret(folder: Path, lane: str) -> Path:
    """The file of the device's password."""
    secret = folder / f"{lane}.password"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    return secret
