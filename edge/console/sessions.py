"""Sign-in: sessions kept here, cookies that only name them, and patience with guessers."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from dataclasses import dataclass

from fastapi import Response

from edge.console.users import User, UserStore

COOKIE = "gate_session"
TRIES = 5
LOCKED_S = 60.0
"""After so many wrong passwords for a name it is locked for so long."""


@dataclass(slots=True)
class Session:
    user: str
    csrf: str
    ends: float
    language: str


class Sessions:
    """Sessions of one running service; a restart signs everybody out."""

    def __init__(self, users: UserStore, hours: float, language: str) -> None:
        self._users, self._hours, self._language = users, hours, language
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._wrong: dict[str, list[float]] = {}

    def sign_in(self, name: str, password: str) -> tuple[str, Session] | None:
        """(token, session), or None for wrong, disabled or locked."""
        now = time.monotonic()
        with self._lock:
            recent = [t for t in self._wrong.get(name, []) if t > now - LOCKED_S]
            self._wrong = {n: ts for n, ts in self._wrong.items() if ts[-1] > now - LOCKED_S}
            if len(recent) >= TRIES:
                return None
        user = self._users.verify(name, password)
        with self._lock:
            if user is None:
                self._wrong[name] = [*recent, now]
                return None
            self._wrong.pop(name, None)
            token = secrets.token_urlsafe(32)
            ends = now + self._hours * 3600
            session = Session(user.name, secrets.token_urlsafe(24), ends, self._language)
            self._sessions = {t: s for t, s in self._sessions.items() if s.ends > now}
            self._sessions[token] = session
            return token, session

    def sign_out(self, token: str) -> None:
        with self._lock:
            self._sessions.pop(token, None)

    def find(self, token: str) -> tuple[Session, User] | None:
        """The session and its user as the users' file has them now."""
        with self._lock:
            session = self._sessions.get(token)
        if session is None or session.ends < time.monotonic():
            return None
        user = self._users.find(session.user)
        return None if user is None or user.disabled else (session, user)


def set_cookie(answer: Response, token: str, secure: bool) -> None:
    """Names the session to the browser; scripts and other sites never see it."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)


def same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode())
