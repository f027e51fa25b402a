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
NEVER = frozenset({400, 413, 415, 422})
"""Answers to a post that speak of the passage itself: it will never be taken. All others may be
the platform's or the permission's fault, and are worth another try."""

QUICK_S = 1.0
"""An answer to a long poll that says nothing new and comes sooner is not a long poll's."""

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
        outbox.expect(PLATFORM)
        self._changed: Callable[[AssignmentBook], None] = lambda book: None
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._why, self._note, self._post_why = "not yet asked", "", ""
        self._contact: datetime | None = None
        self._token: tuple[str, float] | None = None
        self._client: httpx.Client | None = None
        self._making = threading.Lock()
        loops = {
            "assignments": (self._poll, self._cannot_ask),
            "passages": (self._post, self._cannot_post),
        }
        self._threads = [
            threading.Thread(target=self._loop, args=does, name=name, daemon=True)
            for name, does in loops.items()
        ]

    def start(self, changed: Callable[[AssignmentBook], None]) -> None:
        self._changed = changed
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        with self._making:
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
        why = self._why or self._post_why or self._note
        return LinkStatus("platform", not self._why, why, waiting, self._contact)

    # --- the two threads ---

    def _cannot_ask(self, why: str) -> None:
        self._why = why

    def _cannot_post(self, why: str) -> None:
        self._post_why = why

    def _loop(self, once: Callable[[], None], cannot: Callable[[str], None]) -> None:
        told = ""
        backoff = Backoff(1.0, 30.0, random.Random())
        while not self._stopping.is_set():
            try:
                once()
                backoff.reset()
                told = ""
                continue
            except PlatformDown as error:
                if self._stopping.is_set():
                    return
                if str(error) != told:
                    log.warning("platform: %s", error)
                told = str(error)
            except Exception:
                if self._stopping.is_set():
                    return
                log.exception("the platform's client failed; trying again")
                told = "the client failed; see the log"
            cannot(told)
            self._stopping.wait(backoff.next())

    def _poll(self) -> None:
        """One long poll."""
        asked, cursor_before = time.monotonic(), self._kept.cursor
        query = {"cursor": cursor_before, "wait": str(self._config.wait_s)}
        path = f"/v1/gates/{self._gate}/assignments"
        answer = self._ask("GET", path, self._config.wait_s + EXTRA_WAIT_S, params=query)
        if answer.status_code == 410 and cursor_before:
            # The cursor is too old for the platform: the whole list again.
            self._kept.cursor = ""
            return
        if answer.status_code != 200:
            raise PlatformDown(f"{answer.request.url}: answers {answer.status_code}")
        try:
            body = answer.json()
            cursor, full, raw = str(body["cursor"]), body["full"], body["items"]
            if not isinstance(full, bool) or not isinstance(raw, list):
                raise TypeError("full is true or false, items a list")
        except (ValueError, KeyError, TypeError) as error:
            raise PlatformDown(
                f"{answer.request.url}: the answer is not understood ({error}); ask the platform"
            ) from None
        items, wrong, doubted = _understood(raw)
        now = self._clock.now().wall
        before = self._kept.current
        book = self._kept.merge(items, full, cursor, now, doubted, asked)
        self._contact, self._why = now, ""
        if wrong:
            log.warning("platform: %d items not understood, the first: %s", len(wrong), wrong[0])
        if wrong or full:
            self._note = wrong[0] if wrong else ""
        if book.items != before.items or before.as_of is None:
            self._changed(book)
        idle = cursor == cursor_before and time.monotonic() - asked < QUICK_S
        self._stopping.wait(self._config.poll_pause_s if idle else 0.0)

    def _post(self) -> None:
        """The completed passages that wait, in order."""
        while not self._stopping.is_set():
            through = self._outbox.through(PLATFORM)
            rows = self._outbox.after(through, 20, PASSAGE_COMPLETED)
            if not rows:
                break
            for sequence, _, _, text in rows:
                event = json.loads(text)
                self._post_one(event)
                self._outbox.acknowledge(PLATFORM, sequence)
                self._kept.reported(str(event["data"].get("assignment", "")), time.monotonic())
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
        elif code in NEVER:
            # It will never be taken; the passage stays in the journal and with customs.
            self._post_why = f"the platform refused a passage ({code}): {answer.text[:100]}"
            log.error("platform: %s", self._post_why)
        else:
            raise PlatformDown(f"{answer.request.url}: answers {code}")

    # --- HTTP ---

    def _ask(self, method: str, path: str, timeout: float, **options: Any) -> httpx.Response:
        headers = dict(options.pop("headers", {}))
        where = f"{self._config.url}{path}"
        try:
            client = self._connection()
            if self._config.oauth is not None:
                headers["Authorization"] = f"Bearer {self._bearer(client, self._config.oauth)}"
            answer = client.request(
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

    def _connection(self) -> httpx.Client:
        """The HTTP client; made when it is first needed, so that a certificate that is not there
        yet is told and tried again. Raises PlatformDown."""
        with self._making:
            if self._client is None and not self._stopping.is_set():
                self._client = httpx.Client(base_url=self._config.url, verify=self._verify())
            if self._client is None:
                raise PlatformDown("stopping")
            return self._client

    def _bearer(self, client: httpx.Client, oauth: OAuthConfig) -> str:
        """The access token, fetched anew before it expires (OAuth 2 client credentials)."""
        if self._token is not None and time.monotonic() < self._token[1]:
            return self._token[0]
        try:
            secret = oauth.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise PlatformDown(f"platform.oauth.client_secret_file: {error}") from None
        form = {"grant_type": "client_credentials", "scope": oauth.scope}
        answer = client.post(
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


def _understood(raw: list[object]) -> tuple[list[Assignment], list[str], frozenset[str]]:
    """The items that are assignments, what is wrong with the others, and whose they are."""
    items, wrong, doubted = [], [], set()
    for one in raw:
        try:
            items.append(read_item(one))
        except NotUnderstood as error:
            wrong.append(str(error))
            if isinstance(one, dict):
                doubted.add(str(one.get("assignment_id", "")))
    return items, wrong, frozenset(doubted)
