"""The surroundings of a gate on real wires: boards on a pty, cameras, platform, broker, customs.

`Rig(...).start()` writes a configuration for the real service into its folder; `gate_config` is the
file. The service then runs as a process of its own (simulator/service.py).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from simulator.barrier.hardware import OUTPUTS, Twin, hardware
from simulator.barrier.lane_sign import LaneSign
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.broker import Broker, Embedded
from simulator.camera import Cameras
from simulator.customs import Customs
from simulator.faults.switches import Switches
from simulator.platform import Platform
from simulator.recorded import RecordedLane, Recording
from simulator.rendered import RenderedView, rear_camera_of
from simulator.rtsp import RtspCameras
from simulator.traffic import Mix, Traffic
from simulator.viewpoint import REAR, WAITING_BEHIND
from simulator.weather import Weather
from simulator.world import LaneWorld

INPUTS = {
    "entry_loop": 1,
    "safety_loop": 2,
    "photocell": 3,
    "limit_open": 4,
    "limit_closed": 5,
    "stop": 6,
}
EXIT_LOOP = {"exit_loop": 7}
STOP = {"stop": 5}
SITE, GATE = "kim-thanh", "demo"
DECIDED = "passage.decided"
SECRET = "platform.secret"
"""Beside the configuration: the gate's, for the platform's tokens."""

FRAMES_A_SECOND = 8.0
QUEUE = 2
"""So many vehicles are kept in a lane's queue while traffic flows."""


@dataclass(frozen=True, slots=True)
class LanePlan:
    """A lane to build. `video`: a recording in place of the rendered camera; `rtsp`: the rendered
    camera speaks RTSP in place of MJPEG over HTTP. `barrier`: one of barrier.hardware.KINDS;
    `exit_loop`: one is wired behind the arm; `stop`: the barrier's stop hangs on the lane's board
    on the bus; `arm_s`: the arm's travel; `rear_camera`: a second one looks at the rears of those
    who wait."""

    name: str
    direction: str
    title: str
    night: bool = False
    video: Path | None = None
    rtsp: bool = False
    barrier: str = "serial"
    weather: Weather = "clear"
    exit_loop: bool = False
    stop: bool = False
    arm_s: float = 1.2
    rear_camera: bool = False
    mix: Mix = field(default_factory=Mix)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the surroundings are to be found; 0 and None: wherever there is room."""

    cameras: int = 0
    platform: int = 0
    broker: int = 0
    console: int = 0
    serial: Path | None = None


class Rig:
    """`worlds`, `platform`, `customs`, `cameras`, `boards`, `signs`, `broker`: the parts to
    play with. `ready`: pictures (number, JPEG) by lane in place of rendered ones, which cost the
    computer what a real camera does not. `client`: id and secret without which the platform gives
    no token."""

    def __init__(
        self,
        folder: Path,
        lanes: Sequence[LanePlan],
        seed: int = 1,
        broker: Broker | None = None,
        places: Places = Places(),
        ready: Mapping[str, Callable[[], tuple[int, bytes]]] | None = None,
        client: tuple[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.lanes = lanes
        self.seed = seed
        self.switches = Switches()
        self.jumps: list[tuple[float, float]] = []
        """When the gate's clock has jumped, by how many seconds."""
        self.broker = broker or Embedded(folder / "broker", places.broker or None)
        self.worlds = {p.name: LaneWorld(p.name, time.monotonic, p.arm_s) for p in lanes}
        self.traffic = {p.name: Traffic(p.name, p.direction, seed, p.mix) for p in lanes}
        rng = random.Random(seed)
        self._recorded = {
            p.name: RecordedLane(
                p.video, self.worlds[p.name], time.monotonic, partial(self._assign, p.name)
            )
            for p in lanes
            if p.video is not None
        }
        self._views: dict[str, RenderedView | Recording] = {
            p.name: RenderedView(self.worlds[p.name], rng.randrange(1000), p.night, p.weather)
            for p in lanes
            if p.video is None and ready is None
        }
        self._views |= {name: lane.view for name, lane in self._recorded.items()}
        self._views |= {
            rear_camera_of(p.name): RenderedView(
                self.worlds[p.name], rng.randrange(1000), p.night, p.weather, REAR
            )
            for p in lanes
            if p.rear_camera and ready is None
        }
        drawn = {n: v.frame for n, v in self._views.items()}
        self.pictures: dict[str, Callable[[], tuple[int, bytes]]] = dict(ready or drawn)
        self.cameras = Cameras(self.pictures, FRAMES_A_SECOND, places.cameras)
        spoken = {p.name for p in lanes if p.rtsp}
        self.rtsp = RtspCameras(
            {n: frame for n, frame in self.pictures.items() if n in spoken}, FRAMES_A_SECOND
        )
        # One camera, however it is asked.
        self.rtsp.faults = {n: self.cameras.faults[n] for n in self.rtsp.frames}
        self.platform = Platform(places.platform, client=client)
        self._client = client
        boards = {
            n: Board(self.worlds[p.name], _outputs(p), _inputs(p), ("stop",))
            for n, p in enumerate(lanes, 1)
        }
        self.boards = SerialBoards(boards, places.serial)
        self._board_of = {p.name: boards[n] for n, p in enumerate(lanes, 1)}
        at = (self.broker.host, self.broker.port)
        self.hardware = {
            p.name: hardware(p.barrier, p.name, self.worlds[p.name], boards[n], at, folder)
            for n, p in enumerate(lanes, 1)
        }
        self.signs = {p.name: LaneSign() for p in lanes}
        self.flowing = False
        self.sent = 0
        self.gate_config = folder / "gate.toml"
        self._console_port = places.console
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._physics, name="physics", daemon=True),
            threading.Thread(target=self._pictures, name="pictures", daemon=True),
        ]
        self.customs: Customs

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.broker.start()
        self.customs = Customs(
            self.broker.host, self.broker.port, SITE, GATE, self.folder / "customs.db"
        )
        self.customs.start()
        self.platform.start()
        self.boards.start()
        for twin in self._twins():
            twin.start()
        for thread in self._threads:
            thread.start()
        self.cameras.start()
        self.rtsp.start()
        if self._client is not None:
            (self.folder / SECRET).write_text(self._client[1], encoding="utf-8")
            (self.folder / SECRET).chmod(0o600)
        self.gate_config.write_text(self._config(), encoding="utf-8")

    def stop(self) -> None:
        self.flowing = False
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=5)
        self.cameras.stop()
        self.rtsp.stop()
        self.platform.stop()
        for twin in self._twins():
            twin.stop()
        self.boards.stop()
        self.customs.stop()
        self.broker.stop()

    def wall(self, mono: float) -> datetime:
        """A moment of the worlds by the gate's clock."""
        jumped = sum(seconds for at, seconds in self.jumps if at <= mono)
        return datetime.now(UTC) + timedelta(seconds=mono + jumped - time.monotonic())

    def board(self, lane: str) -> Board:
        """The lane's on the serial bus."""
        return self._board_of[lane]

    def address(self, lane: str) -> int:
        """Of that board."""
        return 1 + [plan.name for plan in self.lanes].index(lane)

    def _twins(self) -> list[Twin]:
        return [
            *(twin for part in self.hardware.values() for twin in part.twins),
            *self.signs.values(),
        ]

    def send(self, lane: str) -> str:
        """One more vehicle into a lane, declared as its traffic wants; its plate."""
        vehicle, item = self.traffic[lane].next()
        if item is not None:
            self.platform.put(item)
        self.worlds[lane].add(vehicle)
        self.sent += 1
        return vehicle.look.plate

    def _assign(self, lane: str, plate: str, round_: int) -> None:
        """An assignment for a vehicle of a recording, in its round."""
        item = self.traffic[lane].item(plate, "VN", "truck")
        self.platform.put({**item, "assignment_id": f"A-{plate}-{round_}"})

    def _decided(self, lane: str) -> list[dict[str, Any]]:
        """The gate's decisions in the lane, as customs has them."""
        return [e["data"] for e in self.customs.events(DECIDED) if e["subject"] == lane]

    def platform_duplicates(self) -> int:
        """Passages that the platform got twice under different keys."""
        passages = [p.get("passage") for p in self.platform.posted.values()]
        return len(passages) - len(set(passages))

    # --- threads ---

    def _physics(self) -> None:
        while not self._stopping.wait(0.04):
            for name, world in self.worlds.items():
                world.step()
                if name in self._recorded:
                    self.sent += self._recorded[name].drive(partial(self._decided, name))
                elif self.flowing and world.waiting() < QUEUE:
                    self.send(name)
                    if self.traffic[name].closes_up():
                        self.send(name)

    def _pictures(self) -> None:
        while not self._stopping.wait(0.8 / FRAMES_A_SECOND):
            for view in self._views.values():
                view.draw(self.flowing)

    def _config(self) -> str:
        lanes = "".join(self._lane(n, plan) for n, plan in enumerate(self.lanes, 1))
        wires = "".join(part.wires for part in self.hardware.values())
        return f'''# Written by the simulator; the service runs on this.
site = "{SITE}"
gate = "{GATE}"
data_folder = "data"

[wires.bus]
kind = "serial"
port = "{self.boards.port}"

{wires}{lanes}
[customs]
host = "{self.broker.host}"
port = {self.broker.port}
version = "3.1.1"
ack_timeout_s = 5.0

[platform]
url = "{self.platform.url}"
wait_s = 10
{self._oauth()}
[journal]
max_mb = 512
ballast_mb = 4

[console]
port = {self._console_port}
'''

    def _oauth(self) -> str:
        if self._client is None:
            return ""
        return f'''
[platform.oauth]
token_url = "{self.platform.url}/oauth/token"
client_id = "{self._client[0]}"
client_secret_file = "{SECRET}"
'''

    def _rear(self, plan: LanePlan) -> str:
        if not plan.rear_camera:
            return ""
        return f'''[lanes.{plan.name}.cameras.rear]
source = "{self.cameras.url(rear_camera_of(plan.name))}"
sees = "rear"
max_frames_per_s = 8

[lanes.{plan.name}.cameras.rear.ways]
waiting = {_corners(WAITING_BEHIND)}

'''

    def _lane(self, address: int, plan: LanePlan) -> str:
        camera = (self.rtsp if plan.rtsp else self.cameras).url(plan.name)
        # Nobody stands on a loop before a recording: there the camera tells of arrivals.
        wired = {n: c for n, c in _inputs(plan).items() if n != "entry_loop" or plan.video is None}
        part = self.hardware[plan.name]
        inputs = ", ".join(f"{name} = {channel}" for name, channel in wired.items())
        outputs = ", ".join(f"{name} = {channel}" for name, channel in _outputs(plan).items())
        return f'''[lanes.{plan.name}]
name = "{plan.title}"
direction = "{plan.direction}"
read_wait_s = 8.0
{_trailer(plan)}
[lanes.{plan.name}.camera]
source = "{camera}"
stop_line = {0.35 if plan.video else 0.7}
max_frames_per_s = 8

{self._rear(plan)}[lanes.{plan.name}.display]
kind = "alpha"
port = "{self.signs[plan.name].port}"

[lanes.{plan.name}.barrier]
{part.keys}address = {address}
outputs = {{ {outputs} }}
inputs = {{ {inputs} }}
travel_s = {max(2.0, plan.arm_s + 0.5)}
entry_timeout_s = 30

{part.below}
'''


def _trailer(plan: LanePlan) -> str:
    """Drawn rears are surely read too seldom to wait for (docs/accuracy.md)."""
    return "trailer_needed = false\n" if plan.rear_camera else ""


def _corners(polygon: Sequence[tuple[float, float]]) -> str:
    return f"[{', '.join(f'[{x}, {y}]' for x, y in polygon)}]"


def _outputs(plan: LanePlan) -> dict[str, int]:
    return {**OUTPUTS, **STOP} if plan.stop else OUTPUTS


def _inputs(plan: LanePlan) -> dict[str, int]:
    return {**INPUTS, **EXIT_LOOP} if plan.exit_loop else INPUTS
