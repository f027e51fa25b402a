"""Cameras whose pictures and connections fail at random, before the real vision process: when each
fault is told and over, and what the process uses meanwhile."""

import itertools
import os
import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from edge.config import load
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import CameraChanged, PicturesJudged, VehicleSeen
from edge.vision import view_memory
from edge.vision.codec import decode
from edge.vision.picture_health import PictureHealth
from edge.vision.process import VisionProcess
from simulator.camera import Cameras
from simulator.rtsp import RtspCameras
from simulator.scene import Scene
from simulator.spoilt_pictures import PictureFault
from tests.support.waiting import wait_for

RATE = 5.0
FAILED = "failed"
TOLD_AS = {
    "still": AlarmCode.CAMERA_FROZEN,
    "black": AlarmCode.CAMERA_BLACK,
    "blinded": AlarmCode.CAMERA_BLINDED,
    "blurred": AlarmCode.CAMERA_BLURRED,
    "covered": AlarmCode.CAMERA_COVERED,
    "moved": AlarmCode.CAMERA_MOVED,
    "garbled": FAILED,
    "silent": FAILED,
    "cut": FAILED,
    "gone": FAILED,
}
SWITCHES = {"silent": "frozen", "cut": "cut", "gone": "dark"}

LANE = """
[lanes.{name}]
direction = "export"
camera = {{ source = "{source}", stall_after_s = 4, max_frames_per_s = 5 }}
[lanes.{name}.barrier]
wire = "w"
address = {number}
outputs = {{ open = 1 }}
inputs = {{ safety_loop = 1 }}
"""


class Film:
    """The same empty lane for ever, with a sensor's noise; day or night."""

    def __init__(self, seed, night):
        scene = Scene(seed, night)
        self.pictures = [scene.render([])[0] for _ in range(8)]
        kept = [cv2.imencode(".jpg", p, [cv2.IMWRITE_JPEG_QUALITY, 88])[1] for p in self.pictures]
        self._jpegs, self._began = [data.tobytes() for data in kept], time.monotonic()

    def frame(self):
        number = int((time.monotonic() - self._began) * RATE)
        return number, self._jpegs[number % len(self._jpegs)]

    def learned(self):
        """What the gate has learned of it in a good minute."""
        health = PictureHealth()
        for now, jpeg in zip(range(40), itertools.cycle(self._jpegs)):
            health.check(decode(jpeg), float(now))
        assert health.learned
        return health.learned


@dataclass
class Told:
    """`after_s`: how long after it began each fault was told; `over_s`: and was over."""

    after_s: list = field(default_factory=list)
    over_s: list = field(default_factory=list)


class Soak:
    """`lanes`: name -> (RTSP or MJPEG server, its faults)."""

    def __init__(self, folder):
        films = {"day": Film(3, False), "night": Film(4, True)}
        self._servers = [
            Cameras({"day": films["day"].frame}, 10.0),
            RtspCameras({"night": films["night"].frame}, 10.0),
        ]
        self.faults = {**self._servers[0].faults, **self._servers[1].faults}
        config = 'site = "s"\ngate = "g"\n[wires.w]\nkind = "serial"\nport = "/dev/none"\n'
        for number, (name, server) in enumerate(zip(films, self._servers, strict=True), 1):
            config += LANE.format(name=name, source=server.url(name), number=number)
            view_memory.keep(folder / "data" / "views", name, films[name].learned())
        (folder / "gate.toml").write_text(config, encoding="utf-8")
        self._now = dict.fromkeys(films, frozenset())
        self.told, self.phantoms, self.deaths = Told(), [], 0
        self.eyes = VisionProcess(load(folder / "gate.toml"))

    def start(self):
        for server in self._servers:
            server.start()
        self.eyes.start(self._take)
        wait_for(lambda: self.live("day") and self.live("night"), 120.0)

    def stop(self):
        self.eyes.stop()
        for server in self._servers:
            server.stop()

    def live(self, lane):
        return self.eyes.status(lane).state == "live"

    def _take(self, fact):
        if isinstance(fact, VehicleSeen):
            self.phantoms.append(fact)
        elif isinstance(fact, PicturesJudged):
            kept = self._now[fact.lane] & {FAILED}
            self._now[fact.lane] = kept | set(fact.faults)
        elif isinstance(fact, CameraChanged):
            self._now[fact.lane] = self._now[fact.lane] - {FAILED} | (
                set() if fact.ok else {FAILED}
            )

    def fail(self, lane, fault, most_s):
        """One fault from its beginning until the camera is believed again."""
        self._set(lane, fault, True)
        began = time.monotonic()
        wait_for(lambda: TOLD_AS[fault] in self._now[lane], most_s, every=0.05)
        self.told.after_s.append((fault, lane, time.monotonic() - began))
        self._set(lane, fault, False)
        began = time.monotonic()
        wait_for(lambda: self.live(lane) and not self._now[lane], 4 * most_s, every=0.05)
        self.told.over_s.append((fault, lane, time.monotonic() - began))

    def _set(self, lane, fault, on):
        faults = self.faults[lane]
        if switch := SWITCHES.get(fault):
            setattr(faults, switch, on)
        else:
            faults.spoiling.fault = PictureFault(fault) if on else PictureFault.NONE

    def strike(self, blow, most_s):
        """The vision process itself is stopped or killed."""
        old = self.eyes.pid
        os.kill(old, blow)
        wait_for(lambda: self.eyes.pid not in (None, old), most_s)
        wait_for(lambda: all(self.live(lane) for lane in self._now), 120.0)

    def used(self):
        """(bytes, threads, open files) of the vision process."""
        place = Path(f"/proc/{self.eyes.pid}")
        status = (place / "status").read_text()
        of = {
            line.split(":")[0]: line.split()[1]
            for line in status.splitlines()
            if len(line.split()) > 1
        }
        return int(of["VmRSS"]) * 1024, int(of["Threads"]), len(list((place / "fd").iterdir()))


def at_random(soak, seconds, seed, most_s, blows=True):
    """Faults, lane after lane, for so long; what was used after each."""
    rng, until, used = random.Random(seed), time.monotonic() + seconds, []
    rounds = 0
    while time.monotonic() < until:
        lane = rng.choice(list(soak.faults))
        soak.fail(lane, rng.choice(list(TOLD_AS)), most_s)
        rounds += 1
        if blows and rounds % 15 == 0:
            soak.strike(rng.choice([signal.SIGSTOP, signal.SIGKILL]), 15.0)
            used.clear()
        used.append(soak.used())
    return used
