"""Commands on this computer ask the running service, over a socket in its data folder.

One JSON object a line: a question, then its answer. Only root and the service's own user, as the
kernel names them, are answered.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from edge.system.unhandled import UNHANDLED

FILE = "service.sock"
LONGEST = 65_536
"""Maximum bytes of a question or an answer."""

READ_S = 2.0
"""Seconds that a question may take to come: one command is served at a time."""

ANSWER_S = 30.0
"""Seconds that a command waits for its answer; a commit on a slow disk takes long."""

PEER = "iII"
"""struct ucred: process, user and group."""

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""The answer to a question."""

log = logging.getLogger(__name__)


class NoLocalAnswer(Exception):
    """A service listens and cannot be asked; the text says what to do."""


class LocalServer:
    """`answer` is called on the server's thread."""

    def __init__(self, folder: Path, answer: Answer) -> None:
        self._folder, self._answer = folder, answer
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="local", daemon=True)

    def start(self) -> None:
        """A disk that lets no socket be made is logged; the service goes on without."""
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _address(self._folder) as address:
                Path(address).unlink(missing_ok=True)
                made.bind(address)
                Path(address).chmod(0o600)
            made.listen(8)
        except OSError as error:
            made.close()
            log.warning("%s: no commands from this computer (%s)", self._folder / FILE, error)
            return
        self._socket = made
        self._thread.start()

    def stop(self) -> None:
        made, self._socket = self._socket, None
        if made is None:
            return
        with contextlib.suppress(OSError):
            made.shutdown(socket.SHUT_RDWR)
        made.close()
        self._thread.join(READ_S + ANSWER_S)
        with contextlib.suppress(OSError):
            (self._folder / FILE).unlink()

    def _serve(self) -> None:
        while True:
            listening = self._socket
            if listening is None:
                return
            try:
                connection, _ = listening.accept()
            except OSError:
                if self._socket is None:
                    return
                raise
            with connection, contextlib.suppress(OSError):
                connection.settimeout(READ_S)
                said = self._reply(connection)
                connection.sendall(json.dumps(said).encode() + b"\n")

    def _reply(self, connection: socket.socket) -> Mapping[str, Any]:
        """Raises OSError."""
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize(PEER))
        _, user, _ = struct.unpack(PEER, peer)
        try:
            # Read whoever asks: a connection closed on what was sent would lose the answer.
            question = json.loads(_line(connection))
            if not isinstance(question, dict):
                raise ValueError("an object is expected")
        except (ValueError, RecursionError) as error:
            return {"error": f"not understood: {error}"}
        if user not in (0, os.geteuid()):
            return {"error": "only root and the service's user may ask it: use sudo"}
        try:
            return self._answer(question)
        except Exception:
            UNHANDLED.note("a command on this computer")
            return {"error": "the service failed; see its log"}


def ask(
    folder: Path, question: Mapping[str, Any], wait_s: float = ANSWER_S
) -> dict[str, Any] | None:
    """The answer of the service that works in the folder; None where none listens. An answer with
    `error` is a refusal. Raises NoLocalAnswer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(wait_s)
        try:
            with _address(folder) as address:
                asking.connect(address)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            return None
        except PermissionError:
            why = "only root and the service's user may ask it: use sudo"
            raise NoLocalAnswer(f"{folder / FILE}: {why}") from None
        except OSError as error:
            raise NoLocalAnswer(f"{folder / FILE}: {error}") from None
        try:
            asking.sendall(json.dumps(question).encode() + b"\n")
            said = json.loads(_line(asking))
        except (OSError, ValueError) as error:
            why = f"the service does not answer ({error}); see its log"
            raise NoLocalAnswer(f"{folder / FILE}: {why}") from None
    return dict(said)


@contextlib.contextmanager
def _address(folder: Path) -> Iterator[str]:
    """A short name of the socket's file: the kernel takes 107 bytes, and folders lie deep."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{opened}/{FILE}"
    finally:
        os.close(opened)


def _line(connection: socket.socket) -> bytes:
    """Raises OSError, ValueError for one that is too long or not whole."""
    got = b""
    while not got.endswith(b"\n"):
        more = connection.recv(4096)
        got += more
        if not more or len(got) > LONGEST:
            raise ValueError("no whole line")
    return got
