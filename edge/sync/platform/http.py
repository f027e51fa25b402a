"""The border-gate platform over HTTP (docs/platform.openapi.yaml): assignments by long poll, each
completed passage under its event id as idempotency key.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote_plus

import httpx

from edge.config import OAuthConfig, PlatformConfig
from edge.config.address import masked
from edge.config.secret import SecretError, secret_of
from edge.domain.foreign_text import shown
from edge.sync.platform.answers import parsed, speaks_of_error
from edge.sync.platform.http_exchange import HttpExchange, TooLarge, body_of, encoding_of, pieces
from edge.sync.platform.list_reader import LARGEST, ListReader
from edge.sync.platform.list_reading import HTTP, UnreadableList
from edge.sync.platform.port import Fetched, PassageRefused, PassageReport, PlatformDown
from edge.system.causes import cause
from edge.system.clock import Clock
from edge.system.tls import client_context

LIST_S = 120.0
"""Beyond the poll's own wait: a long list over a slow line."""

POST_S = 15.0
TOKEN_MARGIN_S = 60.0
SHORTEST_TOKEN_S, LONGEST_TOKEN_S = 5.0, 86_400.0
LONGEST_TOKEN = 8192

DENIED = (401, 403)
"""Answers to a gate that the platform does not know, or whose permission has ended."""

TAKEN = 201
"""The only status code that means that a passage is accepted (docs/platform.openapi.yaml)."""

REFUSED = frozenset({400, 413, 415, 422})
"""Answers to a post that speak of the passage itself. All others may be the platform's or the
permission's fault."""

NO_SUCH_PLACE = frozenset({404, 405, 501})
"""Answers of a platform that knows nothing of what came later than it."""

NOTHING_NEW = frozenset({204, 304})
CURSOR_LOST = frozenset({400, 404, 410})
"""Answers to a question with a cursor after which the whole list is asked for."""

LONGEST_AFTER_S = 600.0
"""Upper bound of a Retry-After: the list grows old meanwhile."""

SMALL = 65_536
"""Bytes of every answer that is no list."""

SHOWN = 100
"""Maximum characters of an answer that are shown."""

QUICK_S = 1.0
"""Seconds under which an answer without news did not come from a long poll."""

log = logging.getLogger(__name__)


class _CursorTooOld(Exception):
    """The platform does not go on from this cursor."""


class HttpPlatform:
    """Implements port.PlatformDriver."""

    def __init__(
        self,
        config: PlatformConfig,
        gate: str,
        clock: Clock,
        list_s: float = LIST_S,
        post_s: float = POST_S,
    ) -> None:
        self._config, self._gate, self._clock = config, gate, clock
        self._list_s, self._post_s = list_s, post_s
        self._note = ""
        self._token: tuple[str, float] | None = None
        self._client: HttpExchange | None = None
        self._reader = ListReader(config.reading)
        self._closed = False
        self._making = threading.Lock()

    def __repr__(self) -> str:
        return f"<HttpPlatform {masked(self._config.url)}>"

    def close(self) -> None:
        with self._making:
            self._closed = True
            if self._client is not None:
                self._client.close()
        self._reader.stop()

    def fetch(self, cursor: str) -> Fetched:
        """One long poll; all of the list where the cursor is too old for the platform."""
        try:
            return self._fetch(cursor)
        except _CursorTooOld:
            return self._fetch("")

    def _fetch(self, cursor: str) -> Fetched:
        """Raises _CursorTooOld for a cursor that is not "", PlatformDown."""
        asked = self._clock.now().mono
        query = {"cursor": cursor, "wait": str(self._config.wait_s)}
        path = f"/v1/gates/{self._gate}/assignments"
        where = f"{masked(self._config.url)}{path}"
        with self.ask("GET", path, self._config.wait_s + self._list_s, params=query) as answer:
            code = answer.status_code
            if code in CURSOR_LOST and cursor:
                raise _CursorTooOld
            if code in NOTHING_NEW:
                # Without a cursor it says that there is nothing yet, which confirms no list.
                as_of = self._clock.now().wall if cursor else None
                return Fetched(True, self._note, self._pause(asked), as_of)
            if code != 200:
                raise PlatformDown(
                    cause("platform.answers", place=where, code=code),
                    self._after(answer),
                    denied=code in DENIED,
                )
            try:
                read = self._reader.read(HTTP, encoding_of(answer), pieces(answer, LARGEST))
            except (UnreadableList, TooLarge) as error:
                raise PlatformDown(
                    cause("platform.not_understood", place=where, error=error)
                ) from None
        if read.full and read.mostly_wrong:
            raise PlatformDown(
                cause(
                    "platform.mostly_wrong",
                    place=where,
                    wrong=read.wrong,
                    all=read.wrong + len(read.rows),
                    first=read.reported[0],
                )
            )
        if read.wrong:
            log.warning(
                "platform: %d items not understood, the first: %s", read.wrong, read.reported[0]
            )
        if read.wrong or read.full:
            first = read.reported[0] if read.wrong else ""
            said = cause("platform.items_wrong", wrong=read.wrong, first=first)
            self._note = said if read.wrong else ""
        pause_s = self._pause(asked) if read.cursor == cursor else 0.0
        return Fetched(True, self._note, pause_s, self._clock.now().wall, read, asked)

    def _after(self, answer: httpx.Response) -> float:
        """Seconds for which the platform asks to be left alone (Retry-After, RFC 9110)."""
        given = answer.headers.get("Retry-After", "").strip()
        if given.isascii() and given.isdigit():
            # A number of any length is bounded before it is one.
            return min(LONGEST_AFTER_S, float(given[:9]))
        try:
            seconds = (parsedate_to_datetime(given) - self._clock.now().wall).total_seconds()
        except (ValueError, TypeError):
            return 0.0
        return min(LONGEST_AFTER_S, max(0.0, seconds))

    def _pause(self, asked: float) -> float:
        """Seconds to wait after an answer without news."""
        quick = self._clock.now().mono - asked < QUICK_S
        return self._config.poll_pause_s if quick else 0.0

    def hand_over(self, passage: PassageReport) -> None:
        self._post("passages", passage.id, passage.body)

    def notify(self, what: str, key: str, body: Mapping[str, Any]) -> bool:
        return self._post(what, key, body, NO_SUCH_PLACE)

    def _post(
        self, what: str, key: str, given: Mapping[str, Any], unknown: Collection[int] = ()
    ) -> bool:
        """Whether the platform took it: False for the codes of `unknown`. Raises PlatformDown,
        PassageRefused for all others that are not TAKEN."""
        path = f"/v1/gates/{self._gate}/{what}"
        headers = {"Idempotency-Key": key}
        with self.ask("POST", path, self._post_s, json=dict(given), headers=headers) as answer:
            code, body, after_s = answer.status_code, _small(answer), self._after(answer)
        said = shown(body.decode(errors="replace").strip(), SHOWN) if body.strip() else ""
        where = f"{masked(self._config.url)}{path}"
        answered = f"{code} {said}".strip()
        if code in unknown:
            return False
        if code in REFUSED:
            raise PassageRefused(cause("platform.refuses", place=where, answer=answered))
        if code != TAKEN or not _accepts(body):
            raise PlatformDown(cause("platform.not_taken", place=where, answer=answered), after_s)
        return True

    # --- HTTP ---

    @contextlib.contextmanager
    def ask(
        self, method: str, path: str, seconds: float, **options: Any
    ) -> Iterator[httpx.Response]:
        """The answer, whose body must be read within the seconds too. Raises PlatformDown."""
        headers = dict(options.pop("headers", {}))
        where = f"{masked(self._config.url)}{path}"
        try:
            client = self._connection()
            if self._config.oauth is not None:
                headers["Authorization"] = f"Bearer {self._bearer(client, self._config.oauth)}"
            with client.ask(method, path, seconds, headers=headers, **options) as answer:
                if answer.status_code == 401:
                    self._token = None
                yield answer
        except httpx.TimeoutException:
            raise PlatformDown(cause("platform.not_within", place=where, seconds=seconds)) from None
        except (httpx.InvalidURL, UnicodeError):
            raise PlatformDown(cause("platform.no_address", place=where)) from None
        except (httpx.HTTPError, RuntimeError) as error:
            raise PlatformDown(cause("platform.no_connection", place=where, error=error)) from None

    def _connection(self) -> HttpExchange:
        """The HTTP client. It is made when it is first needed, so that a missing certificate is
        reported and tried again. Raises PlatformDown."""
        with self._making:
            if self._closed:
                raise PlatformDown(cause("platform.stopping"))
            if self._client is None:
                self._client = HttpExchange(self._config.url, self._verify())
            return self._client

    def _bearer(self, client: HttpExchange, oauth: OAuthConfig) -> str:
        """The access token, fetched anew before it expires (OAuth 2 client credentials)."""
        if self._token is not None and time.monotonic() < self._token[1]:
            return self._token[0]
        try:
            secret = secret_of(oauth.client_secret_file)
        except SecretError as error:
            raise PlatformDown(cause("platform.secret_file", why=error)) from None
        form = {"grant_type": "client_credentials"}
        if oauth.scope:
            form["scope"] = oauth.scope
        options: dict[str, Any] = {"data": form}
        if oauth.secret_in == "form":
            form |= {"client_id": oauth.client_id, "client_secret": secret}
        elif oauth.secret_in == "plain_header":
            options["auth"] = (oauth.client_id.encode(), secret.encode())
        else:
            options["auth"] = (quote_plus(oauth.client_id), quote_plus(secret))
        with client.ask("POST", oauth.token_url, POST_S, **options) as answer:
            code, body = answer.status_code, _small(answer)
        try:
            token, seconds = _token(body)
        except (ValueError, KeyError, TypeError, RecursionError):
            place = masked(oauth.token_url)
            raise PlatformDown(cause("platform.no_token", place=place, code=code)) from None
        self._token = (token, time.monotonic() + seconds)
        return token

    def _verify(self) -> ssl.SSLContext:
        """The context by which the server is checked, with our own certificate. Raises
        PlatformDown."""
        config = self._config
        try:
            context = client_context(config.ca_file)
            if config.cert_file is not None:
                context.load_cert_chain(config.cert_file, config.key_file)
        except (OSError, ssl.SSLError) as error:
            raise PlatformDown(cause("platform.certificates", error=error)) from None
        return context


def _small(answer: httpx.Response) -> bytes:
    """The body of an answer that is no list; of one too large or badly packed nothing."""
    try:
        return body_of(answer, SMALL)
    except (TooLarge, ValueError):
        return b"(too large, or badly compressed)"


def _accepts(body: bytes) -> bool:
    """Whether the body of a 201 contradicts it: it may be empty, or an object that reports no
    error."""
    if not body.strip():
        return True
    try:
        said = parsed(body)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(said, dict) and said.get("accepted", True) is True and not speaks_of_error(said)
    )


def _token(body: bytes) -> tuple[str, float]:
    """The token, and for how many seconds it is used. Raises ValueError, KeyError, TypeError."""
    said = json.loads(body)
    token, seconds = said["access_token"], said.get("expires_in")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN or not token.isascii():
        raise ValueError("no token")
    if not token.isprintable():
        raise ValueError("a token that no header can hold")
    whole = float(300 if seconds is None else seconds)
    if math.isnan(whole):
        raise ValueError("no time")
    return token, min(LONGEST_TOKEN_S, max(SHORTEST_TOKEN_S, whole - TOKEN_MARGIN_S))
