"""Signing in, for pages and programs alike: patience first, then a hash, then a session."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request, Response

from edge.console import appearance, browsers
from edge.console.browsers import Browsers
from edge.console.doors import site_of
from edge.console.patience import Patience
from edge.console.sessions import Session, Sessions, set_cookie
from edge.console.users import User, UserStore

HASHES = 1
"""Passwords that are checked at once for strangers, and as many for known browsers: of two cores
one is the guard's."""

MOST_AT_ONCE = 16
"""Tries under way, for strangers and for known browsers; 16 hashes take a second."""

REPORTED_EVERY_S = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` names the session, `browser` is the browser's cookie from now on."""

    token: str
    session: Session
    browser: str

    def hand_over(self, answer: Response, secure: bool) -> None:
        """`secure`: the cookies only go over HTTPS."""
        set_cookie(answer, self.token, secure)
        browsers.remember(answer, self.browser, secure)


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """`wait_s`: 0 for a wrong name or password, else when it may be tried again."""

    wait_s: int = 0


class _Queue:
    """Passwords are checked one after the other, HASHES at once."""

    def __init__(self) -> None:
        self.under_way = 0
        self._hashes = CapacityLimiter(HASHES)

    async def verify(self, users: UserStore, name: str, password: str) -> User | None:
        self.under_way += 1
        try:
            return await run_sync(users.verify, name, password, limiter=self._hashes)
        finally:
            self.under_way -= 1


class SigningIn:
    """On the server's thread; the hashes on threads of their own."""

    def __init__(
        self,
        users: UserStore,
        sessions: Sessions,
        known: Browsers,
        failed: Callable[[str, str], None] = lambda name, address: None,
    ) -> None:
        """`failed`: is told the name and the address of each wrong password."""
        self._users, self._sessions, self._known = users, sessions, known
        self._failed = failed
        self._patience = Patience()
        self._strangers, self._friends = _Queue(), _Queue()
        self._reported_at = -REPORTED_EVERY_S

    async def __call__(
        self, request: Request, name: str, password: str, language: str = ""
    ) -> SignedIn | NotSignedIn:
        """Raises UserError where the users cannot be read."""
        address = site_of(request.client.host if request.client else "")
        browser = self._known.read(request.cookies.get(browsers.COOKIE, ""))
        friend = browser is not None and browser.knows(name)
        queue = self._friends if friend else self._strangers
        if queue.under_way >= MOST_AT_ONCE:
            return NotSignedIn(wait_s=1)
        own = browser.id if browser is not None and friend else ""
        tried = self._patience.begin(name, address, own, time.monotonic())
        if isinstance(tried, float):
            self._report(address)
            return NotSignedIn(wait_s=max(1, math.ceil(tried)))
        user = await queue.verify(self._users, name, password)
        if user is None:
            await run_sync(self._failed, name, address)
            return NotSignedIn()
        self._patience.right(tried)
        token, session = self._sessions.begin(
            user, language or appearance.chosen(request, appearance.LANGUAGE, "")
        )
        return SignedIn(token, session, self._known.signed_in(browser, user.name))

    def _report(self, address: str) -> None:
        now = time.monotonic()
        if now - self._reported_at > REPORTED_EVERY_S:
            self._reported_at = now
            log.warning("too many wrong passwords, the last ones from %s", address)
