"""Console users: a JSON file of names, roles and scrypt hashes, written whole and atomically."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import threading
from dataclasses import asdict, dataclass, replace
from enum import IntEnum
from pathlib import Path

from edge.whole_file import write_whole

FILE = "users.json"
SHORTEST = 8
NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,31}$")
SCRYPT = {"n": 2**14, "r": 8, "p": 1}


class Role(IntEnum):
    """Each may all that the ones before may."""

    VIEWER = 1
    OPERATOR = 2
    SUPERVISOR = 3
    ADMINISTRATOR = 4


ROLES = {role.name.lower(): role for role in Role}


class UserError(Exception):
    """A user cannot be made or changed; the text says what to do."""


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: str
    salt: str
    hash: str
    disabled: bool = False

    @property
    def rank(self) -> Role:
        return ROLES[self.role]


class UserStore:
    """The users of one gate; the file is read anew each time, so `gate users` counts at once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()

    def all(self) -> list[User]:
        try:
            return [User(**row) for row in json.loads(self._file.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{self._file}: cannot be read ({error}); restore it") from None

    def find(self, name: str) -> User | None:
        return next((u for u in self.all() if u.name == name), None)

    def add(self, name: str, role: str, password: str) -> None:
        if not NAME.match(name):
            raise UserError("a name has 1 to 32 of a-z, 0-9, dot, dash and underscore")
        if role not in ROLES:
            raise UserError(f"no role {role!r}; roles: {', '.join(ROLES)}")
        if self.find(name) is not None:
            raise UserError(f"there is already a user {name!r}; use `gate users passwd`")
        salt, hash = _hashed(password)
        self._save([*self.all(), User(name, role, salt, hash)])

    def passwd(self, name: str, password: str) -> None:
        salt, hash = _hashed(password)
        self._change(name, lambda u: replace(u, salt=salt, hash=hash))

    def disable(self, name: str, disabled: bool = True) -> None:
        others = [u for u in self.all() if u.name != name and not u.disabled]
        if disabled and not any(u.role == "administrator" for u in others):
            raise UserError("the last administrator cannot be disabled; make another one first")
        self._change(name, lambda u: replace(u, disabled=disabled))

    def verify(self, name: str, password: str) -> User | None:
        """The user, if the password is right and the user not disabled."""
        user = self.find(name)
        # The same work for unknown names, so that time tells nothing.
        salt = user.salt if user else "00" * 16
        found = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **SCRYPT).hex()
        good = user is not None and hmac.compare_digest(found, user.hash) and not user.disabled
        return user if good else None

    def _change(self, name: str, change: object) -> None:
        assert callable(change)
        if self.find(name) is None:
            raise UserError(f"there is no user {name!r}; `gate users list` shows them")
        self._save([change(u) if u.name == name else u for u in self.all()])

    def _save(self, users: list[User]) -> None:
        with self._lock:
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                text = json.dumps([asdict(u) for u in users], indent=1)
                write_whole(self._file, text.encode(), 0o600)
            except OSError as error:
                raise UserError(f"{self._file}: cannot be written ({error})") from None


def _hashed(password: str) -> tuple[str, str]:
    if len(password) < SHORTEST:
        raise UserError(f"a password has at least {SHORTEST} characters")
    salt = os.urandom(16)
    return salt.hex(), hashlib.scrypt(password.encode(), salt=salt, **SCRYPT).hex()
