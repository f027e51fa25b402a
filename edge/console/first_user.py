"""The first administrator of a new gate: whoever opens a link that is printed once sets name and
password. No password stands in any log, and the link ends with its use."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
import time
from dataclasses import dataclass

from edge.console.users import UserError, UserStore
from edge.gate.alarm_texts import RECORDED_IN, phrase_text
from edge.gate.monitors.data import Kept, users_lost

PATH = "/first"
LASTS_S = 24 * 3600.0
"""Seconds for which the link works; a restart gives another."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptLink:
    """The link without its secret, for the process that serves its page: the token's hash, and
    until when it counts by the computer's monotonic clock."""

    hash: str = ""
    until: float = 0.0


class FirstUser:
    """Any thread. `link`: one that another process has offered."""

    def __init__(self, users: UserStore, link: KeptLink = KeptLink()) -> None:
        self._users, self._link = users, link
        self._lock = threading.Lock()

    def offer(self, journal: Kept) -> str | None:
        """The path of a link with which an administrator is made, where there is no user at all and
        the gate is new; else None, with a word in the log where nobody can sign in."""
        lost = users_lost(lambda: len(self._users.all()), journal)
        if lost:
            log.error("nobody can sign in to the console: %s", phrase_text(RECORDED_IN, lost))
            return None
        try:
            if self._users.all():
                return None
        except UserError as error:
            log.error("nobody can sign in to the console: %s", error)
            return None
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._link = KeptLink(_hashed(token), time.monotonic() + LASTS_S)
        return f"{PATH}?token={token}"

    def kept(self) -> KeptLink:
        """What counts still; nothing once there is a user."""
        with self._lock:
            try:
                if self._users.all():
                    self._link = KeptLink()
            except UserError as error:
                log.error("users cannot be read: %s", error)
            return self._link

    def fits(self, token: str) -> bool:
        """Whether the link counts still. Raises UserError."""
        with self._lock:
            link = self._link
            mine = bool(link.hash) and time.monotonic() < link.until
            return mine and hmac.compare_digest(_hashed(token), link.hash) and not self._users.all()

    def make(self, token: str, name: str, password: str) -> bool:
        """Makes the administrator; False where the link does not count. Raises UserError."""
        if not self.fits(token):
            return False
        self._users.add(name, "administrator", password)
        with self._lock:
            self._link = KeptLink()
        return True


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
