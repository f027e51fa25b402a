"""`gate doctor` checks the computer: disk, clock, models."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from edge.cli.finding import Finding
from edge.config import Settings

LEAST_FREE_GB = 2.0
SLOW_S = 0.5
"""A commit waits for the disk about as long; each admission waits for one."""

SYNCS = 5
BLOCK = bytes(4096)
UNSAFE = ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "tmpfs", "ramfs")
"""File systems that lose data they have reported as written, or on which SQLite's log does not
work."""

MOUNTS = Path("/proc/self/mounts")


def disk(folder: Path) -> Iterator[Finding]:
    """Room, right to write, kind, and how long a real write takes to be safe."""
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(existing).free / 1e9
    cure = "" if free > LEAST_FREE_GB else "make room, or lower vision.evidence_mb"
    yield Finding("disk room", not cure, f"{free:.1f} GB free at {existing}", cure)
    kind = _kind(existing)
    if kind in UNSAFE:
        cure = "put data_folder on a disk of this computer: what is written there is not safe"
        yield Finding("disk kind", False, f"{existing} is on {kind}", cure)
    try:
        slowest = _slowest_sync(existing)
    except OSError as error:
        cure = f"the service's user must be able to write there ({error.strerror}): chown, or mount"
        yield Finding("disk write", False, str(existing), cure)
        return
    cure = "" if slowest < SLOW_S else "the disk is worn, busy or broken: replace it"
    yield Finding("disk write", not cure, f"safe on the disk within {slowest * 1000:.0f} ms", cure)


def _kind(place: Path) -> str:
    """The type of the file system, "" where it is unknown."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    full = place.resolve()
    mounts = [(Path(m[1].replace("\\040", " ")), m[2]) for m in map(str.split, lines)]
    holding = [(len(at.parts), kind) for at, kind in mounts if full.is_relative_to(at)]
    # Of those mounted at one place the last one counts.
    return max(reversed(holding), key=lambda mount: mount[0], default=(0, ""))[1]


def _slowest_sync(folder: Path) -> float:
    """Seconds until a block is on the disk, the worst of some. Raises OSError."""
    file = folder / f".doctor-{uuid.uuid4().hex}"
    took = []
    try:
        with file.open("wb", buffering=0) as opened:
            for _ in range(SYNCS):
                began = time.monotonic()
                opened.write(BLOCK)
                os.fsync(opened.fileno())
                took.append(time.monotonic() - began)
    finally:
        file.unlink(missing_ok=True)
    return max(took)


def clock() -> Iterator[Finding]:
    """The kernel's word. A gate without a time server works on, so that is only advice."""
    from edge.system.clock import CREDIBLE_FROM
    from edge.system.clock_sync import synchronised

    now = datetime.now(UTC)
    if now < CREDIBLE_FROM:
        cure = "set it (timedatectl set-time), and change the battery of the mainboard"
        yield Finding("clock", False, f"{now:%Y-%m-%d}", cure)
    elif synchronised():
        yield Finding("clock", True, f"held by a time server, {now:%Y-%m-%d %H:%M} UTC")
    else:
        cure = "events say so; set up NTP (systemd-timesyncd or chrony) if the network allows"
        yield Finding("clock", True, f"no time server holds it, {now:%Y-%m-%d %H:%M} UTC", cure)


MEND = "run ./install.sh in the gate's folder: it puts back what belongs there"


def libraries() -> Iterator[Finding]:
    """OpenCV: whole, and installed once. Its two builds write the same files."""
    try:
        import cv2
    except Exception as error:  # a mixed installation fails in more ways than ImportError
        yield Finding("OpenCV", False, f"cannot be loaded: {error}", MEND)
        return
    names = ("opencv-python", "opencv-python-headless")
    found = {name: _version(name) for name in names}
    if all(found.values()) and "headless" not in found["opencv-python"]:
        reported = " and ".join(f"{name} {version}" for name, version in found.items())
        yield Finding("OpenCV", False, f"two builds overwrite each other: {reported}", MEND)
        return
    yield Finding("OpenCV", True, str(cv2.__version__))


def _version(distribution: str) -> str:
    """As installed; "" where it is not."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def models(settings: Settings) -> Iterator[Finding]:
    """Both networks, loaded from their checked files and run once."""
    import numpy as np

    from edge.vision.detectors import detector_of
    from edge.vision.recogniser import OpenVinoPlateReader
    from edge.vision.weights import SHIPPED, WeightsError

    vision = settings.vision
    try:
        detector = detector_of(vision.detector)
        reader = OpenVinoPlateReader(vision.reader or SHIPPED, vision.accept, vision.threads)
    except (WeightsError, OSError, ValueError, RuntimeError) as error:
        yield Finding("models", False, "", str(error))
        return
    began = time.monotonic()
    detector.find(np.zeros((1080, 1920, 3), np.uint8))
    reader.columns(np.zeros((64, 160, 3), np.uint8))
    took = (time.monotonic() - began) * 1000
    yield Finding("models", True, f"checksums hold; one picture took {took:.0f} ms")
