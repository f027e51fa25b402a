"""Settings that are allowed and seldom meant: reported by `gate config check` and `gate doctor`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from edge.config.barrier import BarrierConfig
from edge.config.board_kinds import kind_of
from edge.config.camera import CameraConfig
from edge.config.channels import contacts
from edge.config.lane import Display, camera_key
from edge.config.links import CustomsConfig, PlatformConfig
from edge.config.problem import Problem
from edge.config.settings import ConsoleConfig, JournalConfig, Settings
from edge.config.ways import share_ground
from edge.config.wires import RATES, Wire

BARRIER_TIMES = {
    "fresh_s": (0.0, 1.0, "a vehicle may be under the arm for so long before it is known"),
    "clear_before_close_s": (1.0, 30.0, "the arm comes down while a driver still starts"),
    "watchdog_s": (0.0, 5.0, "an arm is left alone for so long when the gate hangs"),
    "quiet_gap_s": (0.2, 1.0, "a late answer may be taken for the next one"),
    "dead_time_s": (0.3, 5.0, "both contacts come close to each other, or a turn waits long"),
    "entry_timeout_s": (10.0, 300.0, "an admitted driver has no time, or the arm stays up"),
    "travel_margin_s": (1.0, 10.0, "an arm that is slow in the cold fails, or a stuck one is late"),
}
LANE_TIMES = {
    "read_wait_s": (2.0, 60.0, "a person is asked too soon, or a driver waits for nothing"),
    "offline_hold_s": (0.0, 86_400.0, "a list that is older than a day decides"),
}
CAMERA_TIMES = {"stall_after_s": (2.0, 30.0, "a camera counts as gone too soon, or too late")}
"""Key: least and most that is usual, and what happens outside of it."""

PERMIT_BAUD = 19200
"""A permit costs an exchange in which no loop is read: from here on one of less than 10 ms."""

_NO_SIGN_IN = "a file asks for none"

VEHICLES_A_DAY = 200
"""Vehicles of one lane in a day: Kim Thanh's control gate No. 1 plans 1,000 a day on five lanes."""

BYTES_A_VEHICLE = 10_000
"""In the journal, with its indexes: nine events of 700 bytes and their rows, measured in the
demonstration (180 kB for twelve vehicles)."""


def warnings(settings: Settings) -> Iterator[Problem]:
    """Each says what is unusual, and why it matters."""
    for name, wire in settings.wires.items():
        yield from _baud(f"wires.{name}", wire)
        if hasattr(wire, "tls"):
            yield from _in_clear(f"wires.{name}", wire)
    for name, lane in settings.lanes.items():
        key = f"lanes.{name}"
        yield from _times(key, lane, LANE_TIMES)
        yield from _baud(f"{key}.display", lane.display)
        for camera, config in lane.all_cameras.items():
            yield from _times(camera_key(name, camera), config, CAMERA_TIMES)
        yield from _times(f"{key}.barrier", lane.barrier, BARRIER_TIMES)
        yield from _barrier(f"{key}.barrier", lane.barrier, settings.wires)
        if lane.clearances_needed == () or not settings.authorities:
            yield Problem(
                f"{key}.clearances_needed", "nobody has to have cleared a vehicle that is declared"
            )
        if lane.trailer_needed and not lane.sees_rears:
            yield Problem(
                f"{key}.trailer_needed",
                'no camera has sees = "rear"; who is declared with a trailer waits for a person',
            )
    yield from _cameras(settings)
    for number, issuer in enumerate(settings.issuers):
        if not issuer.actions:
            yield Problem(
                f"issuers.{number}.actions",
                f"none; whatever {issuer.name!r} orders is refused, its codes may count",
            )
    if settings.customs is not None:
        yield from _in_clear("customs", settings.customs)
    if isinstance(settings.platform, PlatformConfig):
        yield from _platform(settings.platform)
    yield from _console(settings.console)
    yield from _journal(settings.journal, len(settings.lanes))


def only_here(host: str) -> bool:
    """Whether an address is of this computer alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _times(
    key: str, section: object, usual: dict[str, tuple[float, float, str]]
) -> Iterator[Problem]:
    for name, (least, most, why) in usual.items():
        value = getattr(section, name)
        if not least <= value <= most:
            yield Problem(
                f"{key}.{name}", f"{value:g} is outside of {least:g} to {most:g} s: {why}"
            )


def _baud(key: str, wire: Wire | Display | None) -> Iterator[Problem]:
    baud: int | None = getattr(wire, "baud", None)
    if baud is not None and baud not in RATES:
        near = min(RATES, key=lambda rate: abs(rate - baud))
        yield Problem(f"{key}.baud", f"{baud} is no usual baud rate; {near}?")


def _barrier(key: str, barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[Problem]:
    by_name = kind_of(barrier, wires).commands
    used = {(c.kind, c.name) for c in contacts(barrier, wires)}
    if ("input", "stop") in used and "stop" not in barrier.inverted:
        why = (
            "stop is not in it; a normally open button whose wire breaks stops nothing, and nobody "
            "knows"
        )
        yield Problem(f"{key}.inverted", why)
    for kind, given in (("output", barrier.outputs), ("input", barrier.inputs)):
        if f"{kind}s" not in barrier.model_fields_set:
            continue
        lost = [n for n in given if (kind, n) not in used]
        lost = [n for n in lost if kind == "input" or by_name is None or n not in by_name]
        if lost:
            names, where = ", ".join(lost), "inputs_wire" if not barrier.inputs_wire else "wire"
            yield Problem(
                f"{key}.{kind}s", f"{names} hangs on nothing that has contacts; see {where}"
            )
    if by_name is None and "open" not in barrier.outputs:
        yield Problem(f"{key}.outputs", "no open; nobody is let in here")
    if (barrier.warn_s > 0) != (("output", "warning") in used):
        dark = "no warning is wired; nobody is warned" if barrier.warn_s else "the warning is dark"
        yield Problem(f"{key}.warn_s", f"{barrier.warn_s:g}, and {dark}")
    slow = {c.wire for c in contacts(barrier, wires) if c.name == "permit"}
    for name in slow:
        baud: int | None = getattr(wires[name], "baud", None)
        if baud is not None and baud < PERMIT_BAUD:
            why = (
                f"permit at {baud} baud: the loops are not read for one exchange twice in its "
                f"length; take {PERMIT_BAUD} baud or more"
            )
            yield Problem(f"{key}.outputs", why)
    closes = by_name is not None or "close" in barrier.outputs
    stops = "stop" in (by_name or ()) or ("output", "stop") in used
    if closes and not stops and not barrier.never_closes:
        yield Problem(f"{key}.outputs", "no stop; a closing arm can only be turned, not halted")


def _cameras(settings: Settings) -> Iterator[Problem]:
    first: dict[str, tuple[str, CameraConfig]] = {}
    for name, lane in settings.lanes.items():
        for camera, config in lane.all_cameras.items():
            key = camera_key(name, camera)
            if config.username and (not config.source.scheme or config.source.signs_in):
                why = "that in the source is not used" if config.source.scheme else _NO_SIGN_IN
                yield Problem(f"{key}.username", f"{why}; remove one of them")
            other, theirs = first.setdefault(config.source.camera, (name, config))
            if other != name and not (config.ways.areas and theirs.ways.areas):
                why = (
                    f"is lane {other}'s camera too; each then needs a zone or ways of its own, and "
                    "one fault blinds both"
                )
                yield Problem(f"{key}.source", why)
            elif other != name and share_ground(config.ways, theirs.ways):
                why = (
                    f"overlaps that of lane {other} in the same picture; a vehicle there is both "
                    "lanes'"
                )
                yield Problem(f"{key}.ways", why)


def _in_clear(key: str, broker: CustomsConfig | Wire) -> Iterator[Problem]:
    user, tls, host = (getattr(broker, name, "") for name in ("username", "tls", "host"))
    if user and not tls and not only_here(host):
        yield Problem(f"{key}.tls", "false, and the password crosses the network in clear")


def _platform(platform: PlatformConfig) -> Iterator[Problem]:
    if platform.oauth is not None and any(
        url.startswith("http://") and not only_here(url[7:].partition("/")[0].partition(":")[0])
        for url in (platform.url, platform.oauth.token_url)
    ):
        yield Problem("platform.url", "http://, and secret and token cross the network in clear")


def _console(console: ConsoleConfig) -> Iterator[Problem]:
    if only_here(console.host) or console.cert_file is not None:
        return
    if console.insecure:
        yield Problem("console.insecure", "passwords cross the network in clear")
    else:
        why = (
            f"{console.host!r} is open to the network and no cert_file is named: the gate makes a "
            "certificate of its own, which browsers ask about once (compare its fingerprint: gate "
            "doctor)"
        )
        yield Problem("console.host", why)


def _journal(journal: JournalConfig, lanes: int) -> Iterator[Problem]:
    held = journal.max_mb * 1e6 / (lanes * VEHICLES_A_DAY * BYTES_A_VEHICLE)
    if journal.keep_days > held:
        why = (
            f"{journal.max_mb} MB hold about {held:.0f} days of {lanes} lanes with "
            f"{VEHICLES_A_DAY} vehicles a day each, not {journal.keep_days}; raise max_mb"
        )
        yield Problem("journal.keep_days", why)
