"""The client of the border-gate platform over HTTP (docs/platform.openapi.yaml).

Two threads: one long-polls assignments, one posts completed passages from the journal, in order,
each under its event id as idempotency key. The platform may be away for hours; nothing is lost.
"""

from __future__ import annotations

import json
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from edge.assignment import Assignment, AssignmentBook
from edge.clock import Clock
from edge.config import OAuthConfig, PlatformConfig
from edge.events import PASSAGE_COMPLETED
from edge.sync.assignments_wire import NotUnderstood, read_item
from edge.sync.backoff import Backoff
from edge.sync.book import KeptBook
from edge.sync.outbox import PLATFORM, Outbox
from edge.sync.port import LinkStatus

EXTRA_WAIT_S = 10.0
POST_S = 15.0
TOKEN_MARGIN_S = 60.0
LATER = frozenset({401, 408, 409, 425, 429})
"""Answers to a post that are worth another try; other 4xx never are."""

log = logging.getLogger(__name__)


class PlatformDown(Exception):
    """No useful answer; the text names the address and what to do."""


class HttpPlatform:
    """Implements port.PlatformLink."""

    def __init__(
        self, config: PlatformConfig, gate: str, folder: Path, outbox: Outbox, clock: Clock
    ) -> None:
        self._config, self._gate, self._outbox, self._clock = config, gate, outbox, clock
        self._kept = KeptBook(folder)
        self._changed: Callable[[AssignmentBook], None] = lambda book: None
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._why = "not yet asked"
        self._post_why = ""
        self._contact: datetime | None = None
        self._token: tuple[str, float] | None = None
        self._client: httpx.Client | None = None
        self._threads = [
            threading.Thread(
                target=self._loop, args=(self._poll,), name="assignments", daemon=True
            ),
            threading.Thread(target=self._loop, args=(self._post,), name="passages", daemon=True),
        ]

    def start(self, changed: Callable[[AssignmentBook], None]) -> None:
        self._changed = changed
        self._client = httpx.Client(base_url=self._config.url, verify=self._verify())
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._client is not None:
            self._client.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)

    def wake(self) -> None:
        self._wake.set()

    def book(self) -> AssignmentBook:
        return self._kept.current

    def spend(self, assignment: str) -> None:
        self._kept.spend(assignment)

    def restore_spent(self, spent: dict[str, int]) -> list[str]:
        return self._kept.restore_spent(spent)

    def status(self) -> LinkStatus:
        start = self._outbox.through(PLATFORM)
        waiting = len(self._outbox.after(start, 1000, PASSAGE_COMPLETED))
        why = self._why or self._post_why
        return LinkStatus("platform", not self._why, why, waiting, self._contact)

    # --- the two threads ---

    def _loop(self, once: Callable[[], None]) -> None:
        backoff = Backoff(1.0, 30.0, random.Random())
        while not self._stopping.is_set():
            try:
                once()
                backoff.reset()
                continue
            except PlatformDown as error:
                if self._stopping.is_set():
                    return
                if str(error) != self._why:
                    log.warning("platform: %s", error)
                self._why = str(error)
            except Exception:
                if self._stopping.is_set():
                    return
                log.exception("the platform's client failed; trying again")
                self._why = "the client failed; see the log"
            self._stopping.wait(backoff.next())

    def _poll(self) -> None:
        """One long poll."""
        query = {"cursor": self._kept.cursor, "wait": str(self._config.wait_s)}
        path = f"/v1/gates/{self._gate}/assignments"
        answer = self._ask("GET", path, self._config.wait_s + EXTRA_WAIT_S, params=query)
        if answer.status_code == 410:
            # The cursor is too old for the platform: the whole list again.
            self._kept.cursor = ""
            return
        if answer.status_code != 200:
            raise PlatformDown(f"{answer.request.url}: answers {answer.status_code}")
        try:
            body = answer.json()
            cursor, full, raw = str(body["cursor"]), bool(body["full"]), list(body["items"])
        except (ValueError, KeyError, TypeError) as error:
            raise PlatformDown(
                f"{answer.request.url}: the answer is not understood ({error}); ask the platform"
            ) from None
        items, wrong = _understood(raw)
        now = self._clock.now().wall
        before = self._kept.current
        book = self._kept.merge(items, full, cursor, now)
        self._contact, self._why = now, ""
        if wrong:
            log.warning("platform: %d items not understood, the first: %s", len(wrong), wrong[0])
            self._post_why = wrong[0]
        if book.items != before.items or before.as_of is None:
            self._changed(book)
        self._stopping.wait(0.0 if raw or self._config.wait_s else self._config.poll_pause_s)

    def _post(self) -> None:
        """The completed passages that wait, in order."""
        while not self._stopping.is_set():
            through = self._outbox.through(PLATFORM)
            rows = self._outbox.after(through, 20, PASSAGE_COMPLETED)
            if not rows:
                break
            for sequence, _, _, text in rows:
                self._post_one(json.loads(text))
                self._outbox.acknowledge(PLATFORM, sequence)
        self._wake.wait(5.0)
        self._wake.clear()

    def _post_one(self, event: dict[str, Any]) -> None:
        answer = self._ask(
            "POST",
            f"/v1/gates/{self._gate}/passages",
            POST_S,
            json={"event": event["id"], "lane": event["subject"], **event["data"]},
            headers={"Idempotency-Key": event["id"]},
        )
        code = answer.status_code
        if code < 300:
            self._post_why = ""
        elif 400 <= code < 500 and code not in LATER:
            # It will never be taken; the passage stays in the journal and with customs.
            self._post_why = f"the platform refused a passage ({code}): {answer.text[:100]}"
            log.error("platform: %s", self._post_why)
        else:
            raise PlatformDown(f"{answer.request.url}: answers {code}")

    # --- HTTP ---

    def _ask(self, method: str, path: str, timeout: float, **options: Any) -> httpx.Response:
        assert self._client is not None
        headers = dict(options.pop("headers", {}))
        where = f"{self._config.url}{path}"
        try:
            if self._config.oauth is not None:
                headers["Authorization"] = f"Bearer {self._bearer(self._config.oauth)}"
            answer = self._client.request(
                method, path, timeout=httpx.Timeout(timeout), headers=headers, **options
            )
        except httpx.TimeoutException:
            raise PlatformDown(f"{where}: no answer within {timeout:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
            raise PlatformDown(
                f"{where}: no connection ({error}); check platform.url and the network"
            ) from None
        if answer.status_code == 401:
            self._token = None
        return answer

    def _bearer(self, oauth: OAuthConfig) -> str:
        """The access token, fetched anew before it expires (OAuth 2 client credentials)."""
        assert self._client is not None
        if self._token is not None and time.monotonic() < self._token[1]:
            return self._token[0]
        secret = oauth.client_secret_file.read_text(encoding="utf-8").strip()
        form = {"grant_type": "client_credentials", "scope": oauth.scope}
        answer = self._client.post(
            oauth.token_url, data=form, auth=(oauth.client_id, secret), timeout=POST_S
        )
        try:
            body = answer.json()
            token, seconds = str(body["access_token"]), float(body.get("expires_in", 300))
        except (ValueError, KeyError, TypeError):
            raise PlatformDown(
                f"{oauth.token_url}: no token ({answer.status_code}); check the client's secret"
            ) from None
        self._token = (token, time.monotonic() + max(5.0, seconds - TOKEN_MARGIN_S))
        return token

    def _verify(self) -> ssl.SSLContext | bool:
        config = self._config
        if config.ca_file is None and config.cert_file is None:
            return True
        context = ssl.create_default_context(cafile=str(config.ca_file) if config.ca_file else None)
        if config.cert_file is not None:
            context.load_cert_chain(config.cert_file, config.key_file)
        return context


def _understood(raw: list[object]) -> tuple[list[Assignment], list[str]]:
    """The items that are assignments, and what is wrong with the others."""
    items, wrong = [], []
    for one in raw:
        try:
            items.append(read_item(one))
        except NotUnderstood as error:
            wrong.append(str(error))
    return items, wrong
