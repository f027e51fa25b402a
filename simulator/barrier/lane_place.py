"""Where a twin stands: before one lane, beside the serial bus on which the lane has a board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from simulator.barrier.modbus_board import Board
from simulator.contacts import LaneHardware

OUTPUTS = {"open": 1, "close": 2, "green": 3, "red": 4}
PASSWORD = "12345abc"


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


@dataclass(frozen=True, slots=True)
class LanePlace:
    """`kind`: as scenarios call the hardware; `board`: the lane's on the bus; `broker`: host and
    port."""

    kind: str
    lane: str
    world: LaneHardware
    board: Board
    broker: tuple[str, int]
    folder: Path

    @property
    def apart(self) -> str:
        """Keys of a lane whose arm hangs on a wire of its own and whose inputs are on the bus."""
        return f'wire = "{self.lane}"\ninputs_wire = "bus"\n'

    @property
    def mqtt(self) -> str:
        """The wire of a device that hangs on the broker."""
        host, port = self.broker
        return f'[wires.{self.lane}]\nkind = "mqtt"\nhost = "{host}"\nport = {port}\n\n'

    def http(self, url: str, answer_s: float) -> str:
        """The wire of a device that has a web address and PASSWORD."""
        secret = self.folder / f"{self.lane}.password"
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text(PASSWORD + "\n", encoding="utf-8")
        return (
            f'[wires.{self.lane}]\nkind = "{self.kind}"\nurl = "{url}"\n'
            f'password_file = "{secret}"\nanswer_s = {answer_s}\n\n'
        )
