"""MJPEG over HTTP, the only place of vision that speaks HTTP; the parts are separated by their
JPEGs.

One deadline covers everything up to the next whole picture (connecting, headers, parts without a
picture), so that no camera keeps a reader for ever, whatever it sends.
"""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from edge.domain.foreign_text import shown
from edge.system.causes import cause, cause_of
from edge.vision.jpeg_stream import JpegStream, NoJpeg

PICTURE_S = 10.0
"""Seconds without a whole picture after which the connection is given up."""

FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    OSError,
)


class NoPictures(Exception):
    """The stream has ended; the text says why, and what to do, without naming the place."""


def pictures(url: str) -> Iterator[bytes]:
    """Whole JPEGs until the answer ends. User and password stand in the address, percent-encoded.
    Raises NoPictures."""
    deadline = _Deadline()
    try:
        address = httpx.URL(url)
        headers = [("Host", address.netloc.decode()), ("Accept-Encoding", "identity")]
        if address.userinfo:
            secret = base64.b64encode(f"{address.username}:{address.password}".encode())
            headers.append(("Authorization", f"Basic {secret.decode()}"))
        where = httpcore.URL(
            scheme=address.raw_scheme,
            host=address.raw_host,
            port=address.port,
            target=address.raw_path,
        )
        pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context() if address.scheme == "https" else None,
            network_backend=_Backend(deadline),
        )
        with pool, pool.stream("GET", where, headers=headers) as answer:
            if answer.status != 200:
                if answer.status == 401:
                    raise NoPictures(cause("camera.refuses_user"))
                raise NoPictures(cause("camera.answers", code=answer.status))
            stream, came = JpegStream(), False
            for chunk in answer.iter_stream():
                for picture in stream.feed(chunk):
                    deadline.begin()
                    came = True
                    yield picture
                deadline.left()
            if not came:
                kinds = [v for k, v in answer.headers if k.lower() == b"content-type"]
                kind = shown(b"".join(kinds[:1]).decode("latin-1"))
                raise NoPictures(cause("camera.no_picture_in", kind=kind))
    except (httpcore.TimeoutException, TimeoutError):
        raise NoPictures(cause("camera.not_whole_within", seconds=PICTURE_S)) from None
    except NoJpeg as error:
        raise NoPictures(cause_of(error)) from None
    except httpx.InvalidURL:
        raise NoPictures(cause("camera.address")) from None
    except FAILURES as error:
        raise NoPictures(
            cause("at", place=type(error).__name__, why=str(error) or cause("no_answer"))
        ) from None


class _Deadline:
    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._until = time.monotonic() + PICTURE_S

    def left(self) -> float:
        """Seconds. Raises TimeoutError."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Stream(httpcore.NetworkStream):
    """No call to it takes longer than until the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left()
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: _Deadline) -> None:
        self._backend, self._deadline = httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left()
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self._deadline)
