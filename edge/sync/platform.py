"""The border-gate platform over HTTP (docs/platform.openapi.yaml): assignments by long poll, each
completed passage under its event id as idempotency key.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from typing import Any

import httpx

from edge.assignment import Assignment
from edge.clock import Clock
from edge.config import OAuthConfig, PlatformConfig, PlatformWords
from edge.config.address import masked
from edge.config.secret import SecretError, secret_of
from edge.sync.assignments_wire import NotUnderstood, read_item
from edge.sync.book import KeptBook
from edge.sync.port import Fetched, Passage, PassageRefused, PlatformDown

EXTRA_WAIT_S = 10.0
POST_S = 15.0
TOKEN_MARGIN_S = 60.0
REFUSED = frozenset({400, 413, 415, 422})
"""Answers to a post that speak of the passage itself. All others may be the platform's or the
permission's fault."""

SHOWN = 100
"""So many characters of an answer are worth showing."""

QUICK_S = 1.0
"""An answer to a long poll that says nothing new and comes sooner is not a long poll's."""

log = logging.getLogger(__name__)


class HttpPlatform:
    """Implements port.PlatformDriver."""

    def __init__(self, config: PlatformConfig, gate: str, clock: Clock) -> None:
        self._config, self._gate, self._clock = config, gate, clock
        self._note = ""
        self._token: tuple[str, float] | None = None
        self._client: httpx.Client | None = None
        self._closed = False
        self._making = threading.Lock()

    def __repr__(self) -> str:
        return f"<HttpPlatform {masked(self._config.url)}>"

    def close(self) -> None:
        with self._making:
            self._closed = True
            if self._client is not None:
                self._client.close()

    def fetch(self, kept: KeptBook) -> Fetched:
        """One long poll."""
        asked, cursor_before = self._clock.now(), kept.cursor
        query = {"cursor": cursor_before, "wait": str(self._config.wait_s)}
        path = f"/v1/gates/{self._gate}/assignments"
        answer = self._ask("GET", path, self._config.wait_s + EXTRA_WAIT_S, params=query)
        if answer.status_code == 410 and cursor_before:
            # The cursor is too old for the platform: the whole list again.
            kept.cursor = ""
            return Fetched(False, self._note, 0.0)
        if answer.status_code != 200:
            raise PlatformDown(f"{masked(str(answer.request.url))}: answers {answer.status_code}")
        cursor, full, raw = _body(answer)
        items, wrong, doubted = _understood(raw, self._config.words)
        now = self._clock.now()
        kept.merge(items, full, cursor, now.wall, doubted, asked.mono)
        if wrong:
            log.warning("platform: %d items not understood, the first: %s", len(wrong), wrong[0])
        if wrong or full:
            self._note = wrong[0] if wrong else ""
        idle = cursor == cursor_before and now.mono - asked.mono < QUICK_S
        return Fetched(True, self._note, self._config.poll_pause_s if idle else 0.0)

    def hand_over(self, passage: Passage) -> None:
        answer = self._ask(
            "POST",
            f"/v1/gates/{self._gate}/passages",
            POST_S,
            json=passage.body,
            headers={"Idempotency-Key": passage.id},
        )
        code = answer.status_code
        why = f"{masked(str(answer.request.url))}: answers {code} {answer.text[:SHOWN]}".strip()
        if code in REFUSED:
            raise PassageRefused(why)
        if code >= 300:
            raise PlatformDown(why)

    # --- HTTP ---

    def _ask(self, method: str, path: str, timeout: float, **options: Any) -> httpx.Response:
        headers = dict(options.pop("headers", {}))
        where = f"{masked(self._config.url)}{path}"
        try:
            client = self._connection()
            if self._config.oauth is not None:
                headers["Authorization"] = f"Bearer {self._bearer(client, self._config.oauth)}"
            answer = client.request(
                method, path, timeout=httpx.Timeout(timeout), headers=headers, **options
            )
        except httpx.TimeoutException:
            raise PlatformDown(f"{where}: no answer within {timeout:.0f} s") from None
        except httpx.InvalidURL:
            raise PlatformDown(f"{where}: no address; correct platform.url") from None
        except (httpx.HTTPError, RuntimeError) as error:
            raise PlatformDown(
                f"{where}: no connection ({error}); check platform.url and the network"
            ) from None
        if answer.status_code == 401:
            self._token = None
        return answer

    def _connection(self) -> httpx.Client:
        """The HTTP client; made when it is first needed, so that a certificate that is not there
        yet is told and tried again. Raises PlatformDown."""
        with self._making:
            if self._closed:
                raise PlatformDown("stopping")
            if self._client is None:
                self._client = httpx.Client(base_url=self._config.url, verify=self._verify())
            return self._client

    def _bearer(self, client: httpx.Client, oauth: OAuthConfig) -> str:
        """The access token, fetched anew before it expires (OAuth 2 client credentials)."""
        if self._token is not None and time.monotonic() < self._token[1]:
            return self._token[0]
        try:
            secret = secret_of(oauth.client_secret_file)
        except SecretError as error:
            raise PlatformDown(f"platform.oauth.client_secret_file: {error}") from None
        form = {"grant_type": "client_credentials", "scope": oauth.scope}
        answer = client.post(
            oauth.token_url, data=form, auth=(oauth.client_id, secret), timeout=POST_S
        )
        try:
            body = answer.json()
            token, seconds = str(body["access_token"]), float(body.get("expires_in", 300))
            if not (token.isascii() and token.isprintable()):
                raise ValueError("no token")
        except (ValueError, KeyError, TypeError):
            why = f"no token ({answer.status_code}); check the client's secret"
            raise PlatformDown(f"{masked(oauth.token_url)}: {why}") from None
        self._token = (token, time.monotonic() + max(5.0, seconds - TOKEN_MARGIN_S))
        return token

    def _verify(self) -> ssl.SSLContext | bool:
        """What the server is checked by, and our own certificate. Raises PlatformDown."""
        config = self._config
        if config.ca_file is None and config.cert_file is None:
            return True
        try:
            context = ssl.create_default_context(
                cafile=str(config.ca_file) if config.ca_file else None
            )
            if config.cert_file is not None:
                context.load_cert_chain(config.cert_file, config.key_file)
        except (OSError, ssl.SSLError) as error:
            raise PlatformDown(
                f"platform: ca_file, cert_file or key_file cannot be used ({error}); "
                "check that they are there and belong together"
            ) from None
        return context


def _body(answer: httpx.Response) -> tuple[str, bool, list[object]]:
    """Cursor, full and items of an answer. Raises PlatformDown."""
    try:
        body = answer.json()
        cursor, full, raw = str(body["cursor"]), body["full"], body["items"]
        if not isinstance(full, bool) or not isinstance(raw, list):
            raise TypeError("full is true or false, items a list")
    except (ValueError, KeyError, TypeError) as error:
        where = masked(str(answer.request.url))
        raise PlatformDown(
            f"{where}: the answer is not understood ({error}); ask the platform"
        ) from None
    return cursor, full, raw


def _understood(
    raw: list[object], words: PlatformWords
) -> tuple[list[Assignment], list[str], frozenset[str]]:
    """The items that are assignments, what is wrong with the others, and whose they are."""
    items, wrong, doubted = [], [], set()
    for one in raw:
        try:
            items.append(read_item(one, words))
        except NotUnderstood as error:
            wrong.append(str(error))
            if isinstance(one, dict):
                doubted.add(str(one.get("assignment_id", "")))
    return items, wrong, frozenset(doubted)
