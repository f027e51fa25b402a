"""Browsers on which somebody once signed in: a signed cookie that names it and who that was.

It admits nobody. It only keeps strangers' wrong passwords from counting for this browser.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from fastapi import Response

from edge.system.atomic_file import write_atomic

COOKIE = "gate_browser"
FILE = "browsers.key"
KEY_BYTES = 32
LASTS_S = 400 * 24 * 3600
"""As long as browsers keep any cookie."""

MOST_NAMES = 12
"""Maximum names that are kept of those who signed in on one browser: the shifts of a booth."""

LONGEST = 2048

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Browser:
    """`id` is random; `names` signed in on it, the last one first."""

    id: str
    names: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        return name in self.names


class Browsers:
    """Signs and reads the cookies with a key of this gate's own."""

    def __init__(self, folder: Path) -> None:
        self._key = _key(folder / FILE)

    def read(self, cookie: str) -> Browser | None:
        """None for anything but a cookie of this gate."""
        body, _, signature = cookie.partition(".")
        if len(cookie) > LONGEST or not hmac.compare_digest(
            self._sign(body).encode(), signature.encode("utf-8", "replace")
        ):
            return None
        with contextlib.suppress(ValueError, TypeError, KeyError):
            reported = json.loads(base64.urlsafe_b64decode(body))
            return Browser(str(reported["id"]), tuple(str(name) for name in reported["names"]))
        return None

    def signed_in(self, browser: Browser | None, name: str) -> str:
        """The cookie after `name` has signed in."""
        before = browser or Browser(secrets.token_urlsafe(12))
        others = [other for other in before.names if other != name]
        reported = {"id": before.id, "names": [name, *others][:MOST_NAMES]}
        body = base64.urlsafe_b64encode(json.dumps(reported).encode()).decode()
        return f"{body}.{self._sign(body)}"

    def _sign(self, body: str) -> str:
        reported = body.encode("utf-8", "replace")
        return hmac.new(self._key, reported, hashlib.sha256).hexdigest()


def remember(answer: Response, cookie: str, secure: bool) -> None:
    """Hands the browser its cookie."""
    answer.set_cookie(
        COOKIE, cookie, max_age=LASTS_S, httponly=True, samesite="strict", secure=secure
    )


def _key(file: Path) -> bytes:
    """The key on disk; a fresh one where there is none, for this run only if it cannot be kept."""
    try:
        key = file.read_bytes()
        if len(key) == KEY_BYTES:
            return key
        log.error("%s is damaged; a new key is made, and known browsers are strangers", file)
    except FileNotFoundError:
        pass
    except OSError as error:
        log.error("%s cannot be read (%s); known browsers are strangers for now", file, error)
        return os.urandom(KEY_BYTES)
    key = os.urandom(KEY_BYTES)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, key, 0o600)
    except OSError as error:
        log.error("%s cannot be written: %s", file, error)
    return key
