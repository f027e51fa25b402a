"""Sessions, with cookies that only name them; each ends by itself and with its user.

They outlive a restart: on disk stands the hash of each cookie, never the cookie, so that who reads
the file signs in nowhere. The token of a page's forms is derived from the cookie. Whoever is
disabled or gets a new password has no session any more, whether the console or `gate users` did it:
a session remembers which state of its user it began with.

Who has done nothing for `idle_s` may look and stop an arm; for all else the password is asked anew.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from fastapi import Response

from edge.console.kept_sessions import KeptSession, KeptSessions
from edge.console.users import User, UserStore

COOKIE = "gate_session"
MOST_OF_USER = 50
"""Sessions of one user: a program that signs in anew for each call ends its own oldest ones."""

MOST_NOTICES = 8
SEEN_EVERY_S = 60.0
"""Seconds between two notes on disk that a session is in use."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The result of the last action, for the next page. `error` is empty where it was done;
    `about`: lane and action, for a text before it."""

    error: str = ""
    about: tuple[str, ...] = ()


@dataclass(slots=True)
class Session:
    """`of`: the state of the user it began with, hashed; `ends`, `seen`: by time.monotonic()."""

    user: str
    of: str
    ends: float
    seen: float
    language: str
    csrf: str = ""
    written: float = 0.0
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=MOST_NOTICES))

    def notify(self, notice: Notice) -> None:
        """Keeps it for the next page of this session."""
        self.notices.append(notice)

    def take_notices(self) -> list[Notice]:
        """What waits to be shown; once."""
        found = list(self.notices)
        self.notices.clear()
        return found


class Sessions:
    """Sessions of one console. `idle_s`: 0 for no limit. `kept`: where they outlive a restart."""

    def __init__(
        self,
        users: UserStore,
        hours: float,
        language: str,
        idle_s: float = 0.0,
        kept: KeptSessions | None = None,
    ) -> None:
        self._users, self._hours, self._language, self._idle_s = users, hours, language, idle_s
        self._lock = threading.Lock()
        self._kept = kept
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        """By the cookie's hash, the longest unused first."""
        now, wall = time.monotonic(), time.time()
        for key, one in (kept.read() if kept else {}).items():
            # A clock that was set back makes no session longer.
            left = min(one.ends - wall, hours * 3600)
            if left > 0:
                seen = now - min(max(0.0, wall - one.seen), hours * 3600)
                self._sessions[key] = Session(one.user, one.of, now + left, seen, one.language)

    def begin(self, user: User, language: str = "") -> tuple[str, Session]:
        """(token, session) for one whose password was right."""
        now = time.monotonic()
        token = secrets.token_urlsafe(32)
        session = Session(
            user.name, _state(user), now + self._hours * 3600, now, language or self._language
        )
        session.csrf = _csrf(token)
        with self._lock:
            for past in [t for t, s in self._sessions.items() if s.ends <= now]:
                del self._sessions[past]
            mine = [t for t, s in self._sessions.items() if s.user == user.name]
            for oldest in mine[: max(0, len(mine) - MOST_OF_USER + 1)]:
                del self._sessions[oldest]
            self._sessions[_key(token)] = session
        self.keep()
        return token, session

    def sign_out(self, token: str) -> None:
        with self._lock:
            found = self._sessions.pop(_key(token), None)
        if found is not None:
            self.keep()

    def known(self, token: str) -> Session | None:
        """The session, without a check of its user: for rate limits, never for permissions."""
        return self._sessions.get(_key(token))

    def find(self, token: str) -> tuple[Session, User] | None:
        """The session and its user as the users' file has them now. Raises UserError."""
        key = _key(token)
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                return None
            self._sessions.move_to_end(key)
        session.csrf = session.csrf or _csrf(token)
        user = self._users.find(session.user)
        over = session.ends < time.monotonic()
        if over or user is None or user.disabled or _state(user) != session.of:
            self.sign_out(token)
            return None
        return session, user

    def idle(self, session: Session) -> bool:
        """Whether the password is to be asked anew."""
        return 0 < self._idle_s < time.monotonic() - session.seen

    def active(self, session: Session) -> None:
        """Somebody is there. An idle session does not wake by it."""
        if self.idle(session):
            return
        session.seen = time.monotonic()
        if session.seen - session.written > SEEN_EVERY_S:
            session.written = session.seen
            self.keep()

    def keep(self) -> None:
        """Has them written; waits for no disk."""
        if self._kept is None:
            return
        with self._lock:
            now, wall = time.monotonic(), time.time()
            rows = {
                key: KeptSession(s.user, s.of, wall + s.ends - now, wall + s.seen - now, s.language)
                for key, s in self._sessions.items()
            }
        self._kept.write(rows)


def set_cookie(answer: Response, token: str, secure: bool) -> None:
    """Names the session to the browser; scripts and other sites never see it."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)


def same(a: str, b: str) -> bool:
    """In the same time wherever they differ."""
    return hmac.compare_digest(*(text.encode("utf-8", "surrogatepass") for text in (a, b)))


def _key(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _csrf(token: str) -> str:
    """Of the cookie alone: a page that outlives a restart may still order."""
    return hmac.new(token.encode(), b"forms", hashlib.sha256).hexdigest()


def _state(user: User) -> str:
    return hashlib.sha256(user.stamp.encode()).hexdigest()
