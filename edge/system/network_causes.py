"""PURE. Why a connection failed, in our words: what the system and the libraries say of it is
English, and theirs."""

from __future__ import annotations

import errno
import socket
import ssl

from edge.system.causes import Cause, cause

NO_ANSWER = cause("no_answer")
REFUSED = cause("network.refused")
NO_WAY = cause("network.no_way")
NO_HOST = cause("network.no_host")
NO_TLS = cause("network.no_tls")
NOT_HTTP = cause("network.not_http")
CLOSED = cause("network.closed")
FAILED = cause("network.failed")

_BY_NUMBER = {
    errno.ECONNREFUSED: REFUSED,
    errno.ENETUNREACH: NO_WAY,
    errno.EHOSTUNREACH: NO_WAY,
    errno.ENETDOWN: NO_WAY,
    errno.ECONNRESET: CLOSED,
    errno.ECONNABORTED: CLOSED,
    errno.EPIPE: CLOSED,
    errno.ETIMEDOUT: NO_ANSWER,
}

_ENDS = ("disconnected", "peer closed", "connection closed")
"""In the words of the HTTP libraries, whose kind of error says only that it was no whole answer."""


def failure(error: BaseException) -> Cause:
    """By the error or what it came from."""
    found: BaseException | None = error
    while found is not None:
        if why := _why(found):
            return why
        found = found.__cause__ or found.__context__
    return FAILED


def _why(error: BaseException) -> Cause | None:
    if isinstance(error, socket.gaierror | UnicodeError):
        return NO_HOST
    if isinstance(error, ssl.SSLError):
        return NO_TLS
    if isinstance(error, TimeoutError):
        return NO_ANSWER
    if isinstance(error, OSError):
        return _BY_NUMBER.get(error.errno or 0)
    if "ProtocolError" in type(error).__name__:
        return CLOSED if any(words in str(error).lower() for words in _ENDS) else NOT_HTTP
    return None
