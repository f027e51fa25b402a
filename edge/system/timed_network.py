"""A network for httpcore on which an exchange has an end.

The timeouts of httpx and httpcore count each read by itself, so one byte a second never ends. Here
no call takes longer than until the deadline of the whole.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from math import inf, isinf
from typing import Any

import httpcore

PIECE = 65536
"""Bytes that are sent at once; each piece may take only what is left."""


class Deadline:
    """`seconds` from `begin` on."""

    def __init__(self, seconds: float = inf) -> None:
        self.seconds = seconds
        self.begin()

    def begin(self, seconds: float | None = None) -> None:
        """Anew, for as long as before or for so many seconds."""
        self.seconds = self.seconds if seconds is None else seconds
        self._until = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds. Raises TimeoutError."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class DeadlineOfThread(threading.local, Deadline):
    """Each thread's own: its exchanges go over one pool of connections."""


class TimedNetwork(httpcore.NetworkBackend):
    """Raises httpcore's timeouts where the deadline is over."""

    def __init__(self, deadline: Deadline) -> None:
        self._backend, self._deadline = httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        made = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(made, self._deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            left = _left(self._deadline, timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + PIECE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(
    deadline: Deadline, timeout: float | None, over: type[httpcore.TimeoutException]
) -> float | None:
    """How long the next step may take; None: for ever. Raises `over`."""
    try:
        left = deadline.left()
    except TimeoutError:
        raise over("the time for the whole exchange is over") from None
    left = left if timeout is None else min(left, timeout)
    return None if isinf(left) else left
