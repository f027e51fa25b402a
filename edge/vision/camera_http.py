"""HTTP to cameras, the only place of vision that speaks it.

One deadline covers everything up to the next whole thing that is awaited (connecting, headers,
parts without it), so that no camera keeps a reader for ever, whatever it sends. A camera that asks
for Digest gets it; else the password goes as Basic, as its address says.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from edge.system.causes import Cause, cause, cause_of
from edge.system.network_causes import failure
from edge.system.timed_network import Deadline, TimedNetwork
from edge.system.tls import client_context
from edge.vision.jpeg_stream import NoJpeg

FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    OSError,
)

CLOCK_GAP_S = 0.5
"""Seconds to which a `Date` tells the time, on the average: it has whole ones."""

OnClock = Callable[[float], None]
"""Told by how many seconds the camera's clock is ahead of ours, whenever it says what time it has.
"""


def no_clock(ahead_s: float) -> None:
    """For who does not care."""


def ahead_s(date: str) -> float | None:
    """By how much a clock that writes this `Date` (RFC 9110) is ahead of ours; None for no date."""
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (at - datetime.now(UTC)).total_seconds() + CLOCK_GAP_S


class NoPictures(Exception):
    """The stream has ended; the text says why, and what to do, without naming the place."""


class CameraHttp:
    """Requests to one camera over one connection at a time. User and password stand in `url`,
    percent-encoded. `patience_s`: of the deadline, which `begin` begins anew."""

    def __init__(self, url: str, patience_s: float, on_clock: OnClock = no_clock) -> None:
        """Raises NoPictures for what is no address."""
        try:
            self._url = httpx.URL(url)
        except httpx.InvalidURL:
            raise NoPictures(cause("camera.address")) from None
        self._deadline, self._on_clock = Deadline(patience_s), on_clock
        self._digest: httpx.DigestAuth | None = None
        self._pool = httpcore.ConnectionPool(
            ssl_context=client_context() if self._url.scheme == "https" else None,
            network_backend=TimedNetwork(self._deadline),
        )

    def begin(self) -> None:
        self._deadline.begin()

    def left(self) -> float:
        """Seconds. Raises TimeoutError."""
        return self._deadline.left()

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def answer(
        self, method: str = "GET", path: str = "", body: bytes = b"", kind: str = ""
    ) -> Iterator[httpcore.Response]:
        """The answer 200 to a request for the address, or for `path` there. Raises NoPictures."""
        with mapped(self._deadline.seconds):
            url = self._url.copy_with(raw_path=path.encode()) if path else self._url
            given, asked = self._sign_in(method, url), False
            while True:
                with self._asked(method, url, _headers(url, given, kind, body), body) as answer:
                    self._take_time(answer)
                    challenge = _digest(answer) if answer.status == 401 and not asked else None
                    if challenge is not None and url.userinfo:
                        asked, given = True, self._digested(method, url, challenge)
                        continue
                    if answer.status != 200:
                        raise NoPictures(_refusal(answer.status))
                    yield answer
                    return

    @contextmanager
    def _asked(
        self, method: str, url: httpx.URL, headers: list[tuple[str, str]], body: bytes
    ) -> Iterator[httpcore.Response]:
        """Once more, over a new connection, where one that was kept is gone as the question goes
        out: a camera may close it at any moment, without a word (RFC 9112 9.3.1)."""
        kept = bool(self._pool.connections)
        with ExitStack() as asked:
            try:
                answer = asked.enter_context(self._stream(method, url, headers, body))
            except (httpcore.NetworkError, httpcore.RemoteProtocolError):
                if not kept or method != "GET":
                    raise
                answer = asked.enter_context(self._stream(method, url, headers, body))
            yield answer

    def _stream(
        self, method: str, url: httpx.URL, headers: list[tuple[str, str]], body: bytes
    ) -> AbstractContextManager[httpcore.Response]:
        return self._pool.stream(method, _where(url), headers=headers, content=body)

    def _sign_in(self, method: str, url: httpx.URL) -> str:
        if not url.userinfo:
            return ""
        if self._digest is not None:
            return next(self._flow(method, url)).headers.get("Authorization", "")
        secret = base64.b64encode(f"{url.username}:{url.password}".encode())
        return f"Basic {secret.decode()}"

    def _digested(self, method: str, url: httpx.URL, challenge: str) -> str:
        self._digest = httpx.DigestAuth(url.username, url.password)
        flow = self._flow(method, url)
        try:
            refused = httpx.Response(
                401, headers={"WWW-Authenticate": challenge}, request=next(flow)
            )
            return flow.send(refused).headers.get("Authorization", "")
        except (httpx.ProtocolError, StopIteration):
            raise NoPictures(cause("camera.refuses_user")) from None

    def _flow(self, method: str, url: httpx.URL) -> Generator[httpx.Request, httpx.Response, None]:
        assert self._digest is not None
        return self._digest.sync_auth_flow(httpx.Request(method, url))

    def _take_time(self, answer: httpcore.Response) -> None:
        date = header(answer, b"date")
        ahead = ahead_s(date) if date else None
        if ahead is not None:
            self._on_clock(ahead)


@contextmanager
def mapped(patience_s: float) -> Iterator[None]:
    """What libraries raise, as NoPictures."""
    try:
        yield
    except (httpcore.TimeoutException, TimeoutError):
        raise NoPictures(cause("camera.not_whole_within", seconds=patience_s)) from None
    except NoJpeg as error:
        raise NoPictures(cause_of(error)) from None
    except httpx.InvalidURL:
        raise NoPictures(cause("camera.address")) from None
    except FAILURES as error:
        raise NoPictures(failure(error)) from None


def header(answer: httpcore.Response, name: bytes) -> str:
    """The first of that name, which is given in lower case; "" for none."""
    return next((v.decode("latin-1") for k, v in answer.headers if k.lower() == name), "")


def _refusal(code: int) -> Cause:
    """What an answer says that is no picture, and what to do (RFC 9110 15)."""
    if code == 401:
        return cause("camera.refuses_user")
    if code == 403:
        return cause("camera.forbids", code=code)
    if 300 <= code < 400:
        return cause("camera.elsewhere", code=code)
    if code >= 500:
        return cause("camera.troubled", code=code)
    return cause("camera.answers", code=code)


def _digest(answer: httpcore.Response) -> str | None:
    """The challenge for Digest, where there is one."""
    asked = (v.decode("latin-1") for k, v in answer.headers if k.lower() == b"www-authenticate")
    return next((a for a in asked if a.lower().startswith("digest ")), None)


def _headers(url: httpx.URL, given: str, kind: str, body: bytes) -> list[tuple[str, str]]:
    made = [("Host", url.netloc.decode()), ("Accept-Encoding", "identity")]
    if given:
        made.append(("Authorization", given))
    if body:
        made += [("Content-Type", kind), ("Content-Length", str(len(body)))]
    return made


def _where(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
