"""What goes wrong, one kind at a time: each begins with one closing and is over before the next
but one, so that each closing of a kind is a trial of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from edge.domain.commands import Action
from tests.barrier.second_world.board import sealed
from tests.barrier.second_world.line import SLOWEST

if TYPE_CHECKING:
    from tests.barrier.second_world.site import Site

ANSWER_S, WAY_S = 0.3, 0.03
"""How long an answer is waited for, and how long question and answer are on their way at most."""

Inject = Callable[["Site", Random], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """`at_close`: called for each closing pulse of the gate. `always`: once at the beginning.
    `slow_s`: what the fault itself adds to the time of a reaction. `tcp`: behind a network.
    `minds`: who comes, instead of the ordinary. `provoke`: the share of closings that a vehicle
    comes under on purpose."""

    name: str
    always: Inject | None = None
    at_close: Inject | None = None
    slow_s: float = 0.0
    tcp: bool = False
    minds: dict[str, float] | None = None
    provoke: float = 0.8


def _soon(site: Site, dice: Random, longest: float | None = None) -> float:
    """Some moment of this closing."""
    return site.world.t + dice.uniform(0.0, longest or site.arm.make.down_s * 1.1)


def _later(site: Site, dice: Random, action: Callable[[], None]) -> None:
    site.world.at(_soon(site, dice), action)


# --- the arm and its switches ---


def _closed_glitch(site: Site, dice: Random) -> None:
    """One short sample of the lower switch while it falls."""
    at = _soon(site, dice, site.arm.make.down_s)
    site.contacts["limit_closed"].flips.append((at, at + dice.choice((0.008, 0.03, 0.06))))


def _half_way(site: Site, dice: Random) -> None:
    site.arm.make.lower = dice.uniform(0.3, 0.7)


def _open_glitch(site: Site, dice: Random) -> None:
    at = _soon(site, dice, site.arm.make.down_s)
    site.contacts["limit_open"].flips.append((at, at + dice.choice((0.008, 0.03, 0.06))))


def _open_stuck(site: Site, dice: Random) -> None:
    c = site.contacts["limit_open"]
    c.lies = True
    site.world.after(dice.uniform(2, 12), lambda: setattr(c, "lies", None))


def _closed_dead(site: Site, dice: Random) -> None:
    c = site.contacts["limit_closed"]
    c.lies = False
    site.world.after(dice.uniform(5, 15), lambda: setattr(c, "lies", None))


def _stop_bounce(site: Site, dice: Random) -> None:
    at = _soon(site, dice, site.arm.make.down_s)
    site.contacts["stop"].flips.append((at, at + dice.choice((0.03, 0.1))))


def _stop_torn(site: Site, dice: Random) -> None:
    c = site.contacts["stop"]
    _later(site, dice, lambda: setattr(c, "lies", True))
    site.world.after(dice.uniform(10, 15), lambda: setattr(c, "lies", None))


def _auto_close(site: Site, dice: Random) -> None:
    site.arm.auto_close_s = dice.uniform(4.0, 12.0)


def _welded(site: Site, dice: Random) -> None:
    arm = site.arm

    def weld() -> None:
        arm.welded = "close"

    _later(site, dice, weld)
    site.world.after(dice.uniform(6, 14), lambda: setattr(arm, "welded", None))


def _remote(site: Site, dice: Random) -> None:
    """Somebody has a radio remote and presses it when the arm is up."""
    when = site.world.t + dice.uniform(4.0, 25.0)
    site.world.at(when, lambda: site.arm.command("close", "remote", site.world.t))


def _blocked(site: Site, dice: Random) -> None:
    arm = site.arm
    arm.blocked_at = dice.uniform(0.1, 0.9)
    site.world.after(dice.uniform(2, 20), lambda: setattr(arm, "blocked_at", None))


def _slow(site: Site, dice: Random) -> None:
    arm = site.arm
    arm.slow = dice.uniform(0.4, 0.8)
    site.world.after(dice.uniform(5, 20), lambda: setattr(arm, "slow", 1.0))


def _torn_off(site: Site, dice: Random) -> None:
    arm = site.arm

    def tear() -> None:
        arm.torn = True

    _later(site, dice, tear)
    site.world.after(dice.uniform(10, 20), lambda: setattr(arm, "torn", False))


# --- sensors ---


def _stuck(name: str, shown: bool) -> Inject:
    def inject(site: Site, dice: Random) -> None:
        c = site.contacts[name]
        c.lies = shown
        site.world.after(dice.uniform(5, 20), lambda: setattr(c, "lies", None))

    return inject


def _drops(site: Site, dice: Random) -> None:
    """Limited presence: a standing vehicle is tuned out."""
    site.safety.drops_s = dice.uniform(5, 20)
    site.entry.drops_s = dice.uniform(8, 30)


def _flicker(site: Site, dice: Random) -> None:
    for name in ("safety_loop", "photocell", "entry_loop"):
        at = _soon(site, dice)
        for _ in range(dice.randrange(1, 5)):
            at += dice.uniform(0.02, 0.6)
            site.contacts[name].flips.append((at, at + dice.uniform(0.005, 0.06)))


# --- the board and its line ---


def _noise(**shares: float) -> Inject:
    def inject(site: Site, dice: Random) -> None:
        for key, share in shares.items():
            setattr(site.cable.noise, key, share)

    return inject


def _second_master(site: Site, dice: Random) -> None:
    """Another program asks another board on the same line, and both are heard."""
    cable, world = site.cable, site.world

    def asks() -> None:
        bits = dice.randrange(256)
        cable.heard(sealed(bytes([7, 2, 0, 0, 0, 8])), 0.0)
        cable.heard(sealed(bytes([7, 2, 1, bits])), 0.015)
        world.after(dice.uniform(0.2, 1.5), asks)

    world.after(1.0, asks)


def _power_cut(site: Site, dice: Random) -> None:
    _later(site, dice, lambda: site.board.power_cut(dice.uniform(0.3, 4.0)))


def _unplugged(site: Site, dice: Random) -> None:
    _later(site, dice, lambda: site.cable.unplug(dice.uniform(0.1, 5.0)))


def _dead_network(site: Site, dice: Random) -> None:
    _later(site, dice, lambda: site.cable.die(dice.choice((0.2, 1.0, 5.0, 25.0)) * dice.random()))


def _slow_board(site: Site, dice: Random) -> None:
    """With the way there and back it may take longer than anybody waits for an answer."""
    board, world, was = site.board, site.world, site.board.works_s
    board.works_s = dice.uniform(0.05, 0.3)
    lasts_s = dice.uniform(2, 10)
    world.after(lasts_s, lambda: setattr(board, "works_s", was))
    if board.works_s * SLOWEST + WAY_S > ANSWER_S:
        world.deaf.append((world.t, world.t + lasts_s, "board slower than it is waited for"))


# --- the process ---


def _pause(shortest: float, longest: float) -> Inject:
    def inject(site: Site, dice: Random) -> None:
        site.computer.pause(_soon(site, dice), dice.uniform(shortest, longest), dice.randrange(25))

    return inject


def _term(site: Site, dice: Random) -> None:
    _later(site, dice, lambda: site.computer.end(dice.uniform(1.0, 15.0)))


def _kill(site: Site, dice: Random) -> None:
    site.computer.kill(_soon(site, dice), dice.randrange(25), dice.uniform(1.0, 15.0))


# --- people ---


def _orders(site: Site, dice: Random) -> None:
    for _ in range(dice.randrange(1, 4)):
        action = dice.choice(
            (Action.OPEN, Action.CLOSE, Action.CLOSE, Action.STOP, Action.HOLD_OPEN, Action.RELEASE)
        )
        site.world.at(
            site.world.t + dice.uniform(0, 20), lambda a=action: site.lane.order(a, "at random")
        )


def _two_at_once(site: Site, dice: Random) -> None:
    """Any two of the faults that come with a closing and go again."""
    passing = [k for k in KINDS.values() if k.at_close is not None and not k.slow_s and not k.tcp]
    for kind in dice.sample([k for k in passing if k.at_close is not _two_at_once], 2):
        assert kind.at_close is not None
        kind.at_close(site, dice)


KINDS = {
    k.name: k
    for k in (
        Kind("none", provoke=0.0),
        Kind("intruders"),
        Kind("limit_closed glitch", at_close=_closed_glitch),
        Kind("limit_closed half way", always=_half_way),
        Kind("limit_open glitch", at_close=_open_glitch),
        Kind("limit_open stuck", at_close=_open_stuck),
        Kind("limit_closed dead", at_close=_closed_dead),
        Kind("stop bounces", at_close=_stop_bounce),
        Kind("stop wire torn", at_close=_stop_torn),
        Kind("auto-close", always=_auto_close),
        Kind("close welded", at_close=_welded),
        Kind("radio remote", at_close=_remote),
        Kind("arm blocked", at_close=_blocked),
        Kind("arm slow", at_close=_slow),
        Kind("arm torn off", at_close=_torn_off),
        Kind("safety loop dead", at_close=_stuck("safety_loop", False)),
        Kind("safety loop stuck", at_close=_stuck("safety_loop", True)),
        Kind("beam dead", at_close=_stuck("photocell", False)),
        Kind("beam stuck", at_close=_stuck("photocell", True)),
        Kind("entry loop dead", at_close=_stuck("entry_loop", False)),
        Kind("entry loop stuck", at_close=_stuck("entry_loop", True)),
        Kind("limited presence", always=_drops),
        Kind("sensors flicker", at_close=_flicker),
        Kind("15 % lost", always=_noise(answer_lost=0.08, question_lost=0.07), slow_s=0.5),
        Kind("15 % late", always=_noise(late=0.15), slow_s=0.5),
        Kind("15 % doubled", always=_noise(doubled=0.15), slow_s=0.5),
        Kind("15 % foreign", always=_noise(foreign=0.15), slow_s=0.5),
        Kind("15 % garbled", always=_noise(garbled=0.15), slow_s=0.5),
        Kind("second master", always=_second_master, slow_s=0.9),
        Kind("power cut", at_close=_power_cut),
        Kind("unplugged", at_close=_unplugged),
        Kind("network dead", at_close=_dead_network, tcp=True),
        Kind("board slow", at_close=_slow_board, slow_s=0.9),
        Kind("short pauses", at_close=_pause(0.05, 1.0)),
        Kind("long pauses", at_close=_pause(1.0, 10.0)),
        Kind("SIGTERM", at_close=_term),
        Kind("SIGKILL", at_close=_kill),
        Kind("breaks through", minds={"breaks": 0.5, "orderly": 0.5}, provoke=0.2),
        Kind("creeps through, the next behind", minds={"creeps": 0.5, "presses": 0.5}, provoke=0.0),
        Kind("two at once", at_close=_two_at_once),
        Kind("random orders", at_close=_orders),
    )
}
