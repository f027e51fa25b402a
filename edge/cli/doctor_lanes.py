"""`gate doctor` checks a lane: its camera, its barrier's wire, its display."""

from __future__ import annotations

import time
from collections.abc import Iterator

from edge.barrier.wires.port import BoardDriver
from edge.cli.finding import Finding
from edge.cli.running import RunningService
from edge.config import Settings

PRESENT_S = 2.0
"""Seconds that a device behind a broker has to report itself."""

TRIALS = 50
"""Readings that tell what a wire is like: some two seconds at 9600 baud."""

BAD_SHARE = 0.02
"""Share of failed exchanges from which on a wire is reported."""

PICTURES = 5
BLACK = 5.0
"""A picture whose mean brightness, of 255, is below shows nothing."""


def camera(settings: Settings, lane: str, which: str = "") -> Iterator[Finding]:
    """Some real pictures of the lane's camera, or of a further one of it."""
    from edge.config.secret import SecretError
    from edge.vision.capture import CameraError, frames

    config = settings.lanes[lane].all_cameras[which]
    what = f"camera {lane}" + (f" {which}" if which else "")
    place = str(config.source)
    began, pictures = time.monotonic(), []
    try:
        for picture in frames(config.signed(), config.loop, True, config.snapshots_per_s):
            pictures.append(picture)
            if len(pictures) == PICTURES:
                break
    except (CameraError, SecretError) as error:
        if not pictures:
            why = str(error).removeprefix(f"{place}: ")
            cure = f"{why}; is its power on, its cable in, camera.source right?"
            yield Finding(what, False, place, cure)
            return
    if not pictures:
        yield Finding(what, False, place, "no picture; is this the right source?")
        return
    size = f"{pictures[0].shape[1]}x{pictures[0].shape[0]}"
    if max(float(picture.mean()) for picture in pictures) < BLACK:
        cure = "the picture is black: lens cover, exposure, night light?"
        yield Finding(what, False, f"{place}, {size}", cure)
        return
    rate = len(pictures) / (time.monotonic() - began)
    yield Finding(what, True, f"{size}, {rate:.0f} pictures a second at first")


def second_reader(settings: Settings, lane: str, which: str = "") -> Iterator[Finding]:
    """Whether the camera gives its own readings of plates, where it is to."""
    from edge.config.secret import SecretError
    from edge.vision.camera_http import NoPictures
    from edge.vision.plate_events import StrangeEvent
    from edge.vision.second_reader import tried

    config = settings.lanes[lane].all_cameras[which].second_reader
    if config is None:
        return
    what = f"second reader {lane}" + (f" {which}" if which else "")
    place = f"{config.kind} at {config.url}"
    try:
        tried(config)
    except (NoPictures, SecretError, StrangeEvent) as error:
        cure = (
            f"{error}; are its address, user and password for events right, "
            "and its plate recognition switched on?"
        )
        yield Finding(what, False, place, cure)
        return
    text = f"{place} answers; whether it reads plates only a vehicle shows"
    yield Finding(what, True, text)


def barrier(settings: Settings, lane: str, service: RunningService | None) -> Iterator[Finding]:
    """The inputs, read from the board; where the service holds the wire, its own word."""
    from edge.barrier.boards.registry import board
    from edge.barrier.wires.port import NoAnswer, WireGone
    from edge.config.board import BoardError

    what, line = f"barrier {lane}", _line(settings, lane)
    if service is not None and lane in service.wires:
        cure = "" if service.wires[lane] else "see the alarms of the console for what to do"
        answers = "answers" if service.wires[lane] else "does not answer"
        text = f"the service holds the wire{line}, its board {answers}"
        yield Finding(what, not cure, text, cure)
        yield from _errors(lane, service.errors.get(lane))
        return
    try:
        wire, driver = board(settings, lane)
        wire.open()
    except (BoardError, WireGone) as error:
        yield Finding(what, False, line.removeprefix(", "), str(error))
        return
    try:
        inputs = _read(driver)
        failed = _failures(driver)
    except (NoAnswer, WireGone) as error:
        yield Finding(what, False, f"{wire.place}{line}", str(error))
        return
    finally:
        wire.close()
    on = ", ".join(name for name, value in inputs.items() if value) or "all inputs off"
    yield Finding(what, True, f"{on}{line}")
    yield from _errors(lane, failed / TRIALS)


def _errors(lane: str, share: float | None) -> Iterator[Finding]:
    """What its wire is like."""
    if share is None:
        return
    cure = "check wires A and B, termination, shield, a second master, two boards of one address"
    bad = share > BAD_SHARE
    text = f"{100 * share:.1f} % of the exchanges fail"
    yield Finding(f"wire of {lane}", not bad, text, cure if bad else "")


def _failures(driver: BoardDriver) -> int:
    """How many of TRIALS readings fail. Raises WireGone."""
    from edge.barrier.wires.port import NoAnswer

    failed = 0
    for _ in range(TRIALS):
        try:
            driver.read_inputs()
        except NoAnswer:
            failed += 1
    return failed


def _line(settings: Settings, lane: str) -> str:
    """How its serial lines are set, as ", 9600 8N1"; "" where it has none."""
    barrier = settings.lanes[lane].barrier
    wires = [settings.wires[n] for n in (barrier.wire, barrier.inputs_wire) if n]
    return "".join(f", {w.framing}" for w in wires if hasattr(w, "framing"))


def _read(driver: BoardDriver) -> dict[str, bool]:
    from edge.barrier.wires.port import NoAnswer

    until = time.monotonic() + PRESENT_S
    while time.monotonic() < until:
        try:
            return driver.read_inputs()
        except NoAnswer:
            time.sleep(0.2)
    return driver.read_inputs()


def display(settings: Settings, lane: str) -> Iterator[Finding]:
    from edge.barrier.wires.port import WireGone
    from edge.display.displays import sign

    what = f"display {lane}"
    made = sign(settings, lane)
    try:
        made.open()
        made.show("")
    except WireGone as error:
        yield Finding(what, False, "", str(error))
        return
    finally:
        made.close()
    yield Finding(what, True, "written to; it answers nothing, so look at it")
