"""Console users: a JSON file of names, roles and hashes, written whole and atomically."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

from edge.console import passwords
from edge.domain.events import GATE_SUBJECT
from edge.system.atomic_file import write_atomic
from edge.system.causes import Cause, cause

FILE = "users.json"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
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
    """`changes`: how often it was disabled, enabled or given a password. `salt`: of a hash of
    before, else only what tells one password from the next. `lanes`: where the user may act; none
    named: everywhere."""

    name: str
    role: str
    salt: str
    hash: str
    disabled: bool = False
    changes: int = 0
    lanes: tuple[str, ...] = ()

    @property
    def rank(self) -> Role:
        return ROLES[self.role]

    @property
    def stamp(self) -> str:
        """Changes with every password, and when the user is disabled or enabled."""
        return f"{self.salt}:{self.changes}"

    def may_act_in(self, lane: str) -> bool:
        return not self.lanes or lane in self.lanes

    def may_act_in_or_gate(self, lane: str) -> bool:
        """What is the gate's as a whole is everybody's."""
        return lane == GATE_SUBJECT or self.may_act_in(lane)


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
        self,
        name: str,
        role: str,
        password: str,
        first: Callable[[], None] = _nothing,
        lanes: Sequence[str] = (),
    ) -> None:
        if not NAME.fullmatch(name):
            raise UserError(cause("users.name"))
        if role not in ROLES:
            raise UserError(cause("users.no_role", roles=", ".join(ROLES)))
        salt, hash = _hashed(password, name)
        with self._changing() as users:
            if name in users:
                raise UserError(cause("users.there", name=repr(name)))
            if len(users) >= MOST_USERS:
                raise UserError(cause("users.most", most=MOST_USERS))
            first()
            self._save([*users.values(), User(name, role, salt, hash, lanes=tuple(lanes))])

    def passwd(self, name: str, password: str, first: Callable[[], None] = _nothing) -> None:
        """Ends the user's sessions."""
        salt, hash = _hashed(password, name)
        self._change(name, first, salt=salt, hash=hash)

    def restrict(
        self, name: str, lanes: Sequence[str], first: Callable[[], None] = _nothing
    ) -> None:
        """Where the user may act; none named: everywhere. Ends the user's sessions."""
        self._change(name, first, lanes=tuple(lanes))

    def disable(
        self, name: str, disabled: bool = True, first: Callable[[], None] = _nothing
    ) -> None:
        """Ends the user's sessions."""
        self._change(name, first, disabled=disabled)

    def verify(self, name: str, password: str) -> User | None:
        """The user, if the password is right and the user not disabled. Raises UserError."""
        user = self.find(name)
        kept, salt = (user.hash, user.salt) if user else (passwords.NOBODYS, "")
        if not passwords.matches(password, kept, salt) or user is None or user.disabled:
            return None
        if passwords.outdated(user.hash):
            self._renew(user, password)
        return user

    def _renew(self, user: User, password: str) -> None:
        """Keeps the same password by today's hash; no session ends by that."""
        with contextlib.suppress(UserError), self._changing() as users:
            now = users.get(user.name)
            if now is not None and now.hash == user.hash:
                users[user.name] = replace(now, hash=passwords.hashed(password))
                self._save(list(users.values()))

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
    user = replace(user, lanes=tuple(str(lane) for lane in user.lanes))
    if user.role not in ROLES:
        raise ValueError(f"{user.name} has no known role")
    bytes.fromhex(user.salt)
    return user


def _hashed(password: str, name: str) -> tuple[str, str]:
    """(salt, hash). Raises UserError."""
    if why := passwords.unfit(password, name):
        raise UserError(why)
    return os.urandom(16).hex(), passwords.hashed(password)
