"""uvicorn behind limits: every connection is counted from its first packet on, TLS or not.

uvicorn has neither a deadline for a request nor a limit on connections in their TLS handshake. So
each socket is accepted here, and its protocol reports when the client owes a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from edge.console.doors import CONNECTION, REQUEST_S, Connection, Doors, site_of

SWEEP_EVERY = 5
"""Number of uvicorn's ticks of 0.1 s between two sweeps."""

NO_DESCRIPTORS_PAUSE_S = 0.5
REFUSED_PAUSE_S = 0.005
"""Whoever is refused comes again at once; a full backlog still waits for less than a second."""

log = logging.getLogger(__name__)


class DoorProtocol(H11Protocol):
    """HTTP/1.1 over one connection that the doors hold."""

    def __init__(self, *args: Any, held: Connection, doors: Doors, **named: Any) -> None:
        super().__init__(*args, **named)
        self._held, self._doors = held, doors

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        self._held.end = transport.abort
        self._held.unsent = transport.get_write_buffer_size

    def connection_lost(self, exc: Exception | None) -> None:
        self._doors.leave(self._held)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._held.owes_since is not None and not self._held.begun:
            self._held.begun, self._held.owes_since = True, time.monotonic()
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def _look(self) -> None:
        """Whether the client owes a request, or the rest of one."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and not cycle.more_body:
            self._held.owes_since, self._held.begun = None, False
        elif self._held.owes_since is None:
            self._held.owes_since = time.monotonic()


class DoorServer(uvicorn.Server):
    """uvicorn's server over one listening socket."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.doors = Doors()
        self.turned_at = time.monotonic()
        self._accepting: asyncio.Task[None] | None = None
        self._greeted: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.lifespan.startup()
        self.servers = []
        listener = (sockets or [])[0]
        listener.setblocking(False)
        listener.listen(self.config.backlog)
        self._accepting = asyncio.create_task(self._accept(listener))
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in (self._accepting, *self._greeted):
            if task is not None:
                task.cancel()
        self.doors.close()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        self.turned_at = time.monotonic()
        if counter % SWEEP_EVERY == 0:
            self.doors.sweep(self.turned_at)
        return await super().on_tick(counter)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, address = await loop.sock_accept(listener)
            except OSError as error:
                # No descriptors are left, or the client has gone already.
                log.warning("a connection could not be accepted: %s", error)
                await asyncio.sleep(NO_DESCRIPTORS_PAUSE_S)
                continue
            now = time.monotonic()
            site = site_of(str(address[0]))
            held = Connection(site, now, client.close, lambda: 0, came=now)
            if self.doors.admit(held, now):
                self._begin(client, held)
            else:
                client.close()
                await asyncio.sleep(REFUSED_PAUSE_S)

    def _begin(self, client: socket.socket, held: Connection) -> None:
        task = asyncio.create_task(self._greet(client, held))
        held.end = task.cancel

        def ended(task: asyncio.Task[None]) -> None:
            self._greeted.discard(task)
            if task.cancelled() or task.exception() is not None:
                self.doors.leave(held)
                client.close()

        self._greeted.add(task)
        task.add_done_callback(ended)

    async def _greet(self, client: socket.socket, held: Connection) -> None:
        """The TLS handshake, if any, and the protocol over it."""
        loop = asyncio.get_running_loop()
        secure = self.config.ssl

        def protocol() -> DoorProtocol:
            return DoorProtocol(
                config=self.config,
                server_state=self.server_state,
                app_state={**self.lifespan.state, CONNECTION: held},
                held=held,
                doors=self.doors,
            )

        client.setblocking(False)
        with contextlib.suppress(OSError):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.connect_accepted_socket(
            protocol, client, ssl=secure, ssl_handshake_timeout=REQUEST_S if secure else None
        )
