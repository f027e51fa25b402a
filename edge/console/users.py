"""Console users: a JSON file of names, roles and scrypt hashes, written whole and atomically."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

from edge.system.atomic_file import write_atomic
from edge.system.causes import Cause, cause

FILE = "users.json"
SHORTEST = 8
LONGEST = 256
"""Characters of a password; more is no password but work for the computer."""

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
SCRYPT = {"n": 2**14, "r": 8, "p": 1}
"""16 MB and 50 ms for each try."""

MOST_USERS = 1000


class Role(IntEnum):
    """Each may all that the ones before may."""

    VIEWER = 1
    OPERATOR = 2
    SUPERVISOR = 3
    ADMINISTRATOR = 4


ROLES = {role.name.lower(): role for role in Role}


class UserError(Exception):
    """A user cannot be made or changed; the cause says what to do."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class User:
    """`changes`: how often it was disabled, enabled or given a password."""

    name: str
    role: str
    salt: str
    hash: str
    disabled: bool = False
    changes: int = 0

    @property
    def rank(self) -> Role:
        return ROLES[self.role]

    @property
    def stamp(self) -> str:
        """Changes with every password, and when the user is disabled or enabled."""
        return f"{self.salt}:{self.changes}"


def _nothing() -> None:
    """Before a change that nobody records."""


class UserStore:
    """The users of one gate; a changed file is read anew, so `gate users` counts at once.

    Changes hold a lock that other processes heed. `first` is called once a change may be made and
    before it is: to record it. What it raises prevents the change.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, ...], dict[str, User]] = ((), {})

    def all(self) -> list[User]:
        """Raises UserError."""
        return list(self._users().values())

    def find(self, name: str) -> User | None:
        """Raises UserError."""
        return self._users().get(name)

    def add(
        self, name: str, role: str, password: str, first: Callable[[], None] = _nothing
    ) -> None:
        if not NAME.fullmatch(name):
            raise UserError(cause("users.name"))
        if role not in ROLES:
            raise UserError(cause("users.no_role", roles=", ".join(ROLES)))
        salt, hash = _hashed(password)
        with self._changing() as users:
            if name in users:
                raise UserError(cause("users.there", name=repr(name)))
            if len(users) >= MOST_USERS:
                raise UserError(cause("users.most", most=MOST_USERS))
            first()
            self._save([*users.values(), User(name, role, salt, hash)])

    def passwd(self, name: str, password: str, first: Callable[[], None] = _nothing) -> None:
        """Ends the user's sessions."""
        salt, hash = _hashed(password)
        self._change(name, first, salt=salt, hash=hash)

    def disable(
        self, name: str, disabled: bool = True, first: Callable[[], None] = _nothing
    ) -> None:
        """Ends the user's sessions."""
        self._change(name, first, disabled=disabled)

    def verify(self, name: str, password: str) -> User | None:
        """The user, if the password is right and the user not disabled. Raises UserError."""
        user = self.find(name)
        # The same work for unknown names, so that time tells nothing.
        salt = user.salt if user else "00" * 16
        given = password.encode("utf-8", "surrogatepass")
        found = hashlib.scrypt(given, salt=bytes.fromhex(salt), **SCRYPT).hex()
        good = user is not None and hmac.compare_digest(found, user.hash) and not user.disabled
        return user if good else None

    def _change(self, name: str, first: Callable[[], None], **to: Any) -> None:
        with self._changing() as users:
            user = users.get(name)
            if user is None:
                raise UserError(cause("users.none"))
            others = [u for u in users.values() if u.name != name and not u.disabled]
            if to.get("disabled") and not any(u.role == "administrator" for u in others):
                raise UserError(cause("users.last_administrator"))
            first()
            users[name] = replace(user, changes=user.changes + 1, **to)
            self._save(list(users.values()))

    def _users(self) -> dict[str, User]:
        """By name; parsed again only when the file is another one."""
        try:
            at = self._file.stat()
            now = (at.st_mtime_ns, at.st_ino, at.st_size)
            known, users = self._read
            if known != now:
                rows = json.loads(self._file.read_text(encoding="utf-8"))
                users = {row["name"]: _user(row) for row in rows}
                self._read = now, users
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError(cause("unreadable", file=self._file, error=error)) from None
        return dict(users)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, User]]:
        """The users as they are, while nobody else changes them: neither a thread nor a process.
        The lock is on the folder, because the file is replaced by each change."""
        with self._lock:
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                folder = os.open(self._file.parent, os.O_RDONLY)
            except OSError as error:
                raise UserError(cause("unwritable", file=self._file, error=error)) from None
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield self._users()
            finally:
                os.close(folder)

    def _save(self, users: list[User]) -> None:
        try:
            text = json.dumps([asdict(u) for u in users], indent=1)
            write_atomic(self._file, text.encode(), 0o600)
        except OSError as error:
            raise UserError(cause("unwritable", file=self._file, error=error)) from None


KNOWN = frozenset(field.name for field in fields(User))


def _user(row: dict[str, Any]) -> User:
    """Fields of a later version are left alone. Raises ValueError and the like."""
    user = User(**{key: value for key, value in row.items() if key in KNOWN})
    if user.role not in ROLES:
        raise ValueError(f"{user.name} has no known role")
    bytes.fromhex(user.salt)
    return user


def _hashed(password: str) -> tuple[str, str]:
    """(salt, hash). Raises UserError."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UserError(cause("users.password", shortest=SHORTEST, longest=LONGEST))
    try:
        given = password.encode()
    except UnicodeEncodeError:
        raise UserError(cause("users.no_character")) from None
    salt = os.urandom(16)
    return salt.hex(), hashlib.scrypt(given, salt=salt, **SCRYPT).hex()
