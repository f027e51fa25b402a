"""Sessions kept here, with cookies that only name them; each ends by itself and with its user.

Whoever is disabled or gets a new password has no session any more, whether the console or `gate
users` did it: a session remembers which state of its user it began with.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from fastapi import Response

from edge.console.users import User, UserStore

COOKIE = "gate_session"
MOST_OF_USER = 50
"""Sessions of one user: a program that signs in anew for each call ends its own oldest ones."""

MOST_NOTICES = 8


@dataclass(frozen=True, slots=True)
class Notice:
    """The result of the last action, for the page after it. `error` is empty where it was done."""

    error: str = ""


@dataclass(slots=True)
class Session:
    """`of`: the state of the user (User.stamp) it began with; `ends` by time.monotonic()."""

    user: str
    of: str
    csrf: str
    ends: float
    language: str
    notices: OrderedDict[str, Notice] = field(default_factory=OrderedDict)

    def tell(self, notice: Notice) -> str:
        """Keeps it for a page; the number by which the page asks for it."""
        number = secrets.token_urlsafe(6)
        self.notices[number] = notice
        while len(self.notices) > MOST_NOTICES:
            self.notices.popitem(last=False)
        return number


class Sessions:
    """Sessions of one running service; a restart signs everybody out."""

    def __init__(self, users: UserStore, hours: float, language: str) -> None:
        self._users, self._hours, self._language = users, hours, language
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        """By token, the longest unused first."""

    def begin(self, user: User) -> tuple[str, Session]:
        """(token, session) for one whose password was right."""
        now = time.monotonic()
        token = secrets.token_urlsafe(32)
        session = Session(
            user.name,
            user.stamp,
            secrets.token_urlsafe(24),
            now + self._hours * 3600,
            self._language,
        )
        with self._lock:
            for past in [t for t, s in self._sessions.items() if s.ends <= now]:
                del self._sessions[past]
            mine = [t for t, s in self._sessions.items() if s.user == user.name]
            for oldest in mine[: max(0, len(mine) - MOST_OF_USER + 1)]:
                del self._sessions[oldest]
            self._sessions[token] = session
        return token, session

    def sign_out(self, token: str) -> None:
        with self._lock:
            self._sessions.pop(token, None)

    def known(self, token: str) -> Session | None:
        """The session, without a check of its user: for rate limits, never for permissions."""
        return self._sessions.get(token)

    def find(self, token: str) -> tuple[Session, User] | None:
        """The session and its user as the users' file has them now. Raises UserError."""
        with self._lock:
            session = self._sessions.get(token)
            if session is None:
                return None
            self._sessions.move_to_end(token)
        user = self._users.find(session.user)
        over = session.ends < time.monotonic()
        if over or user is None or user.disabled or user.stamp != session.of:
            self.sign_out(token)
            return None
        return session, user


def set_cookie(answer: Response, token: str, secure: bool) -> None:
    """Names the session to the browser; scripts and other sites never see it."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)


def same(a: str, b: str) -> bool:
    """In the same time wherever they differ."""
    return hmac.compare_digest(*(text.encode("utf-8", "surrogatepass") for text in (a, b)))
