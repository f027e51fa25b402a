"""The life of the console's process: HTTP on one side, the channel to the service on the other."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Protocol

from edge.config import Settings
from edge.console.asking import Channel, operations_over
from edge.console.channel import VERSION, Alive, Down, Hello, Listening, Said, ThreadEnded, Up
from edge.console.first_user import FirstUser, KeptLink
from edge.console.process import MOST_MB
from edge.console.users import UserStore
from edge.system import log_lines, memory, scheduling
from edge.system.causes import kept
from edge.system.clock import SystemClock
from edge.system.supervision import BEAT_S, Stage
from edge.system.unhandled import UNHANDLED, thread_name

PR_SET_PDEATHSIG = 1
"""prctl(2)."""


class Still(Protocol):
    """keeper.ConsoleKeeper."""

    @property
    def still_s(self) -> float: ...


def child(settings: Settings, pipe: Connection, link: KeptLink, level: int) -> None:
    """`link`: of the first administrator; `level`: of the log."""
    scheduling.give_way(scheduling.SERVICE_NICE)
    sys.setswitchinterval(scheduling.HAND_OVER_S)
    _end_with_the_service()
    log_lines.set_up(level)
    memory.give_back_what_is_freed()
    memory.first_to_go(MOST_MB * 1_000_000)
    over = threading.Event()
    channel = Channel(pipe, over.set)

    def send(message: Said) -> None:
        try:
            channel.send(message)
        except OSError:
            os._exit(0)

    def thread_ended(ended: threading.ExceptHookArgs) -> None:
        UNHANDLED.thread_ended(ended)
        send(ThreadEnded(name=thread_name(ended)))

    def down(why: str) -> None:
        send(Down(why=str(why), phrase=kept(why)))

    def up(where: Listening) -> None:
        send(Up(url=where.url, fingerprint=where.fingerprint))

    threading.excepthook = thread_ended
    send(Hello(version=VERSION))
    pulse = _Pulse()
    threading.Thread(target=pulse.beat, args=(send,), name="pulse", daemon=True).start()
    threading.Thread(target=_listen, args=(channel,), name="channel", daemon=True).start()

    # Loading it takes as long as all the rest together.
    from edge.console.app import create_app
    from edge.console.keeper import ConsoleKeeper

    users = UserStore(settings.data_folder)
    app = create_app(
        operations_over(channel, settings.data_folder), users, settings,
        first=FirstUser(users, link),
    )  # fmt: skip
    clock = SystemClock()
    keeper = ConsoleKeeper(
        app, settings.console, settings.data_folder, lambda: clock.now().wall, up, down
    )
    scheduling.spare_what_is_made()
    keeper.start()
    pulse.works(keeper)
    over.wait()
    keeper.stop()


class _Pulse:
    """Says how the server's loop comes round."""

    def __init__(self) -> None:
        self._keeper: Still | None = None

    def works(self, keeper: Still) -> None:
        self._keeper = keeper

    def beat(self, send: Callable[[Said], None]) -> None:
        while True:
            keeper = self._keeper
            if keeper is None:
                send(Alive(stage=Stage.LOADING, busy_s=0.0))
            else:
                send(Alive(stage=Stage.WORKING, busy_s=max(0.0, keeper.still_s)))
            time.sleep(BEAT_S)


def _listen(channel: Channel) -> None:
    """Until the service's end, which is ours."""
    try:
        channel.listen()
    except (EOFError, OSError):
        os._exit(0)


def _end_with_the_service() -> None:
    """A Ctrl-C, and systemd's word to the whole unit, are for the service, which ends us. Should it
    be killed while we are stopped, the kernel does."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
