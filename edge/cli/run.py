"""`gate run`: the service."""

from __future__ import annotations

import faulthandler
import logging
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.config import ConfigError, load
from edge.system import log_lines
from edge.system.unhandled import UNHANDLED

if TYPE_CHECKING:
    from edge.assembly import Assembly
    from edge.console.channel import Listening

WATCHDOG_S = 5.0
STILL_S = 30.0
"""Seconds of standstill of the gate's thread after which systemd may restart the service."""

HANGS_S = 15.0
"""Seconds without a round after which a guard hangs and is not merely slow."""


def run(
    config: Annotated[Path, typer.Option(help="The gate's configuration file.")],
    verbose: Annotated[bool, typer.Option("--verbose", help="Log more.")] = False,
) -> None:
    """Run the gate until SIGTERM or Ctrl-C. Ends with 2 where the configuration leaves a motion
    unsafe or unknown (syntax, wires, boards, channels), with 1 where this computer does not let it
    start, as with a read-only disk: then no arm is moved. Whatever else is wrong is an alarm, and
    tried again: a certificate or a model that is gone, a broker, the console's port.

    Example: gate run --config /etc/gate/gate.toml
    """
    # A signal that ends the process, as SIGBUS from a disk, leaves a word in the log.
    faulthandler.enable()
    log_lines.set_up(logging.DEBUG if verbose else logging.INFO)
    threading.excepthook = UNHANDLED.thread_ended
    try:
        settings = load(config)
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None
    from edge.assembly import Assembly, Phase
    from edge.config.board import BoardError
    from edge.sync.journal.port import Unrecorded
    from edge.system import memory, scheduling
    from edge.system.ending import ended_by_signal

    ended = ended_by_signal()

    def phase(now: Phase) -> None:
        logging.getLogger(__name__).info("%s", now.value)
        _notify_systemd(f"STATUS={now.value}")
        if now is Phase.CHECKING:
            # What must not wait works; a large journal may take longer than systemd's patience.
            _notify_systemd("READY=1")

    memory.give_back_what_is_freed()
    try:
        scheduling.raise_service()
        gate = Assembly(settings)
        threading.Thread(target=_watchdog, args=(gate, ended), daemon=True).start()
        gate.open(phase)
    except BoardError as error:
        typer.echo(f"{config}: {error}", err=True)
        raise typer.Exit(2) from None
    except (Unrecorded, OSError) as error:
        typer.echo(f"the gate does not start and moves no arm: {error}", err=True)
        raise typer.Exit(1) from None
    link = gate.first_administrator()

    def console_listens(where: Listening) -> None:
        _print_address(where)
        if link is not None:
            typer.echo(f"no users yet; set the administrator, once, at: {where.url}{link}")

    gate.on_console = console_listens
    try:
        gate.start()
    except BaseException:
        # The barriers are the first to start: none is left on its way down.
        gate.guards.stop()
        raise
    phase(Phase.READY)
    ended.wait()
    typer.echo("stopping")
    gate.stop()


def _print_address(where: Listening) -> None:
    typer.echo(f"console: {where.url}")
    if where.fingerprint:
        typer.echo(f"its own certificate (SHA-256): {where.fingerprint}")


def _watchdog(gate: Assembly, ended: threading.Event) -> None:
    """A gate or a barrier's owner thread that hangs is worth a restart."""
    while not ended.wait(WATCHDOG_S):
        if gate.still_for_s() < STILL_S and gate.guards.silent_s() < HANGS_S:
            _notify_systemd("WATCHDOG=1")


def _notify_systemd(state: str) -> None:
    """sd_notify(3), where systemd listens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        try:
            notify.sendto(state.encode(), path)
        except OSError as error:
            logging.getLogger(__name__).debug("systemd does not listen: %s", error)
