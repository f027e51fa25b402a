"""From the last needed camera frame to the opening frame on the wire, end to end.

The real service with four lanes and its vision process, on cameras over HTTP and on a bus with the
pace of 9600 baud. Declared vehicles stand before the arm one after the other. The frame
that completes a reading is named by the service, which notes when the whole of it had come; the
opening frame's moment is the twin board's. Both clocks are the computer's monotonic one.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

from edge.system import scheduling
from edge.system.local_socket import ask
from edge.system.timings import Figure
from simulator.bench import figure
from simulator.rig import LanePlan, Rig
from simulator.scene import Placed, Scene
from simulator.service import Service
from simulator.traffic import Traffic
from simulator.world import (
    ARM_CLEAR,
    CAMERA_AT,
    GONE_AT,
    STOP_AT,
    Driver,
    LaneWorld,
    Vehicle,
)

DIRECTIONS = {"out1": "export", "out2": "export", "in1": "import", "in2": "import"}
LANES = tuple(DIRECTIONS)
OPENINGS = 120
LONGEST_S = 600.0
SPARE = 5
"""So many more vehicles wait in each lane: some lanes are quicker."""

RATE = 10
"""The cameras' frames a second."""

QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 88]
BAUD = 9600
BITS = 10
BOARD_S = 0.003
"""What a board thinks before it answers."""

OPEN_FRAME = bytes((5, 2, 0))
"""Flash-on of relay 1: how the frame that opens begins."""

WARM_S = 15.0
OVER_LOOP_S = 0.3
FORGOTTEN_S = 1.6
"""So long the road stays empty, until vision has forgotten the last vehicle ..."""

BETWEEN_S = 4.0
"""... and up to so long more, at random: lanes do not keep step."""


def figures() -> Iterator[dict[str, Any]]:
    roads = [_Road(lane) for lane in LANES]
    lanes = [LanePlan(n, DIRECTIONS[n], n) for n in LANES]
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        rig = Rig(Path(folder), lanes, ready={road.lane: road.frame for road in roads})
        service = Service(rig.gate_config)
        try:
            rig.boards.fault = _Pace()
            rig.start()
            for road in roads:
                for item in road.items:
                    rig.platform.put(item)
            _hasten(rig)
            service.add_user()
            service.start()
            service.wait_ready()
            opened = _open_and_open(rig, roads)
            measured = _authorised(service)
        finally:
            service.stop()
            rig.stop()
        yield from _reported(measured, opened)


class _Pace:
    """The wire's answers at the pace of its baud rate. The boards' thread comes first on the
    processor: a real board does not wait for its camera to be drawn."""

    def __init__(self) -> None:
        self._first = False

    def __call__(self, answer: bytes, rng: random.Random) -> list[tuple[float, bytes]]:
        if not self._first:
            self._first = True
            scheduling.raise_guard()
        return [((8 + len(answer)) * BITS / BAUD + BOARD_S, answer)]


def _hasten(rig: Rig) -> None:
    """A quick arm, and no long wait behind a vehicle: neither is measured."""
    text = rig.gate_config.read_text(encoding="utf-8")
    quick = text.replace("travel_s = 2.0\n", "travel_s = 2.0\nclear_before_close_s = 0.3\n")
    quick = quick.replace("max_frames_per_s = 8\n", "max_frames_per_s = 10\n")
    rig.gate_config.write_text(quick, encoding="utf-8")
    for world in rig.worlds.values():
        world.arm.travel_s = 0.6


class _Road:
    """One lane's camera and vehicles: each stands there, and is gone as soon as it was let in. The
    pictures are drawn beforehand, as no computer draws what a real camera sees."""

    def __init__(self, lane: str) -> None:
        self.lane = lane
        self._rng = random.Random(lane)
        self._scene = Scene(self._rng.randrange(1000))
        self._empty = self._drawn([])
        traffic = Traffic(lane, DIRECTIONS[lane], 1)
        self._coming: list[tuple[Vehicle, list[bytes]]] = []
        self.items: list[dict[str, Any]] = []
        for _ in range(OPENINGS // len(LANES) + SPARE):
            vehicle, item = traffic.next()
            assert item is not None
            vehicle.driver = Driver(patience_s=1e9)
            self.items.append(item)
            self._coming.append((vehicle, self._drawn([Placed(vehicle.look, CAMERA_AT - STOP_AT)])))
        self._shown = self._empty
        self._now: Vehicle | None = None
        self._due = 0.0
        self.passed = 0

    def frame(self) -> tuple[int, bytes]:
        """The camera's newest."""
        number = int(time.monotonic() * RATE)
        return number, self._shown[number % len(self._shown)]

    def begin(self) -> None:
        """The first vehicle comes when it likes."""
        self._due = time.monotonic() + BETWEEN_S * self._rng.random()

    def step(self, world: LaneWorld, now: float) -> None:
        if now < self._due:
            return
        arm, vehicle = world.arm.position, self._now
        if vehicle is None:
            if arm < 0.02 and self._coming:
                self._now, self._shown = self._coming.pop()
                world.add(self._now)
                self._now.front = STOP_AT
        elif vehicle.front < 0:
            if arm > ARM_CLEAR:
                vehicle.front, self._due = 0.5, now + OVER_LOOP_S
        else:
            vehicle.front = GONE_AT + vehicle.length + 0.1
            self._now, self._shown = None, self._empty
            self._due = now + FORGOTTEN_S + BETWEEN_S * self._rng.random()
            self.passed += 1

    def _drawn(self, placed: list[Placed]) -> list[bytes]:
        """A few pictures of the same, which differ in the sensor's noise."""
        jpegs = []
        for _ in range(3):
            picture, _ = self._scene.render(placed)
            jpegs.append(cv2.imencode(".jpg", picture, QUALITY)[1].tobytes())
        return jpegs


def _open_and_open(rig: Rig, roads: list[_Road]) -> list[tuple[float, int]]:
    """(moment, board) of every opening frame."""
    # Vision loads its models, and the list comes.
    time.sleep(WARM_S)
    for road in roads:
        road.begin()
    until = time.monotonic() + LONGEST_S
    opened: list[tuple[float, int]] = []
    looked_at = 0.0
    while sum(road.passed for road in roads) < OPENINGS:
        now = time.monotonic()
        if now > until:
            raise RuntimeError(f"the bench's vehicles do not pass: {[r.passed for r in roads]}")
        for road in roads:
            road.step(rig.worlds[road.lane], now)
        for at, board, pdu in reversed(rig.boards.seen[:]):
            if at <= looked_at:
                break
            if pdu.startswith(OPEN_FRAME):
                opened.append((at, board))
        looked_at = now
        time.sleep(0.05)
    if any(world.truth.violations for world in rig.worlds.values()):
        raise RuntimeError("an arm came down on a vehicle")
    return sorted(opened)


def _authorised(service: Service) -> list[dict[str, Any]]:
    """Every authorisation as the service has measured it: `of` the lane, `at` of the picture that
    completed what was needed, `seconds` until then."""
    question = {"do": "measured", "figure": Figure.AUTHORISATION.value, "user": "bench"}
    answer = ask(service.data, question)
    if answer is None or "measured" not in answer:
        raise RuntimeError(f"the service does not tell its measurements: {answer}")
    return list(answer["measured"])


def _reported(
    measured: list[dict[str, Any]], opened: list[tuple[float, int]]
) -> Iterator[dict[str, Any]]:
    """The figures, from what the service has measured and the opening frames."""
    whole, inside = [], []
    for one in measured:
        board, frame_at = LANES.index(one["of"]) + 1, float(one["at"])
        sent = min((t for t, n in opened if n == board and t > frame_at), default=None)
        if sent is not None:
            whole.append(1000 * (sent - frame_at))
            inside.append(1000 * float(one["seconds"]))
    if len(whole) < OPENINGS / 2:
        raise RuntimeError(f"only {len(whole)} openings followed a frame: the figure is void")
    for what, waits in (("open frame on the wire", whole), ("authorised", inside)):
        for name, share in (("p50", 0.5), ("p99", 0.99), ("most", 1.0)):
            value = sorted(waits)[min(len(waits) - 1, int(share * len(waits)))]
            yield figure(f"last needed frame -> {what}, {name} of {len(waits)}", value, "ms")
