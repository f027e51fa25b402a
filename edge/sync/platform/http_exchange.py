"""HTTP with a system that is not ours: every exchange has an end, and every answer a size.

A compressed answer counts as large as it becomes.
"""

from __future__ import annotations

import contextlib
import ssl
import zlib
from collections.abc import Iterable, Iterator
from math import inf
from typing import Any

import httpcore
import httpx

from edge.system.timed_network import Deadline, DeadlineOfThread, TimedNetwork

PIECE = 65536
"""Bytes that are unpacked at once."""

GZIP_OR_ZLIB = 47
"""zlib's window bits for both."""


class TooLarge(Exception):
    """An answer has more bytes than it may have."""


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


class _Transport(httpx.BaseTransport):
    def __init__(self, context: ssl.SSLContext, deadline: Deadline) -> None:
        self._pool = httpcore.ConnectionPool(context, network_backend=TimedNetwork(deadline))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        with _as_httpx():
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=url,
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


@contextlib.contextmanager
def _as_httpx() -> Iterator[None]:
    """httpcore's errors as httpx's."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
        httpcore.ConnectionNotAvailable,
    ) as error:
        raise httpx.TransportError(str(error)) from error


class HttpExchange:
    """Any thread; each has its own exchange."""

    def __init__(self, base_url: str, context: ssl.SSLContext) -> None:
        self._deadline = DeadlineOfThread()
        self._client = httpx.Client(
            base_url=base_url,
            transport=_Transport(context, self._deadline),
            headers={"Accept-Encoding": "gzip"},
            timeout=None,
        )

    def close(self) -> None:
        self._client.close()

    @contextlib.contextmanager
    def ask(
        self, method: str, url: str, seconds: float, **options: Any
    ) -> Iterator[httpx.Response]:
        """An answer whose body has not been read; all of it must be over within the seconds. Raises
        httpx.HTTPError, httpx.InvalidURL, RuntimeError when closed."""
        self._deadline.begin(seconds)
        try:
            auth = options.pop("auth", None)
            request = self._client.build_request(method, url, **options)
            answer = self._client.send(request, stream=True, auth=auth)
            try:
                yield answer
            finally:
                answer.close()
        finally:
            self._deadline.begin(inf)


def body_of(answer: httpx.Response, most: int) -> bytes:
    """The whole body, unpacked. Raises TooLarge, and what `ask` raises."""
    return b"".join(unpacked(pieces(answer, most), encoding_of(answer), most))


def pieces(answer: httpx.Response, most: int) -> Iterator[bytes]:
    """The body as it comes. Raises TooLarge."""
    size = 0
    for piece in answer.iter_raw():
        size += len(piece)
        if size > most:
            raise TooLarge(f"more than {most} bytes")
        yield piece


def encoding_of(answer: httpx.Response) -> str:
    return answer.headers.get("Content-Encoding", "identity").strip().lower()


def unpacked(pieces: Iterable[bytes], encoding: str, most: int) -> Iterator[bytes]:
    """The content. Raises TooLarge, ValueError for what is packed in another way or is damaged."""
    if encoding in ("", "identity"):
        yield from pieces
        return
    if encoding not in ("gzip", "deflate", "x-gzip"):
        raise ValueError("it is compressed in a way that was not asked for")
    unpacker, size = zlib.decompressobj(GZIP_OR_ZLIB), 0
    try:
        for piece in pieces:
            while piece:
                out = unpacker.decompress(piece, PIECE)
                size += len(out)
                if size > most:
                    raise TooLarge(f"more than {most} bytes when unpacked")
                yield out
                piece = unpacker.unconsumed_tail
    except zlib.error as error:
        raise ValueError(f"its compression is damaged ({error})") from None
    if not unpacker.eof:
        raise ValueError("its compression is cut short")
