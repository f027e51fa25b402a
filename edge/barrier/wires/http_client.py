"""The HTTP client of a device at the barrier, as every line to one makes it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from pathlib import Path

import httpx

from edge.barrier.wires.port import WireGone
from edge.config.secret import SecretError
from edge.system.causes import cause
from edge.system.tls import client_context

DISCARD = [(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))]
"""What a dead line holds when a connection is given up is thrown away, not sent later."""


def http_client(
    place: str, url: str, ca_file: Path | None, auth: Callable[[], httpx.Auth | None]
) -> httpx.AsyncClient:
    """Without a time limit of its own: each exchange has a deadline. `place`: the address without
    its secrets; `auth` reads them. Raises WireGone for files that cannot be read."""
    try:
        verify = client_context(ca_file)
        signed_in = auth()
    except SecretError as error:
        raise WireGone(cause("wire.password_file", place=place, error=error)) from None
    except OSError as error:
        why = error.strerror or cause("no_pem")
        raise WireGone(cause("wire.ca_file", place=place, file=ca_file, why=why)) from None
    try:
        return httpx.AsyncClient(
            base_url=url,
            auth=signed_in,
            timeout=None,
            trust_env=False,
            transport=httpx.AsyncHTTPTransport(verify=verify, socket_options=DISCARD),
        )
    except httpx.InvalidURL:
        raise WireGone(cause("wire.no_address", place=place)) from None
