"""One service a data folder: who changes the journal under a running one must be refused."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path
from types import TracebackType

from edge.sync.journal.port import Unrecorded

FILE = ".lock"

log = logging.getLogger(__name__)


class Occupied(Unrecorded):
    """A service, or a command that must be alone, works in the folder."""


class Alone:
    """Held from its making until `leave`, or until the process ends, however that happens. Raises
    Occupied."""

    def __init__(self, folder: Path) -> None:
        self._file = -1
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(folder / FILE, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.leave()
            raise Occupied(
                f"a gate runs with {folder}; stop it first (systemctl stop gate)"
            ) from None
        except OSError as error:
            # A full or read-only disk is told by who wants to write there.
            log.warning("%s cannot be locked: %s", folder / FILE, error)

    def leave(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Alone:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()


def is_occupied(folder: Path) -> bool:
    """Whether somebody else works there just now."""
    try:
        with (folder / FILE).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
