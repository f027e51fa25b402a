"""The sessions' file: hashes of cookies, and whose sessions they are. Written behind, by a thread
of its own, so that neither a page nor a stop waits for the disk."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.system.atomic_file import write_atomic

FILE = "sessions.json"
MOST = 10_000
"""Sessions that are read; a larger file is not ours."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptSession:
    """`ends`, `seen`: seconds since 1970, by the computer's clock."""

    user: str
    of: str
    ends: float
    seen: float
    language: str


class KeptSessions:
    """One file in the data folder, for the service's user alone."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._next: Mapping[str, KeptSession] | None = None
        self._writer: threading.Thread | None = None

    def read(self) -> dict[str, KeptSession]:
        """By the cookie's hash. None where the file is damaged: everybody signs in again."""
        try:
            rows = json.loads(self._file.read_text(encoding="utf-8"))
            return {
                str(key): KeptSession(
                    str(row["user"]),
                    str(row["of"]),
                    float(row["ends"]),
                    float(row["seen"]),
                    str(row["language"]),
                )
                for key, row in list(rows.items())[:MOST]
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.error("%s cannot be read (%s); everybody signs in again", self._file, error)
            return {}

    def write(self, sessions: Mapping[str, KeptSession]) -> None:
        """Has these written; the last ones count."""
        with self._lock:
            self._next = sessions
            if self._writer is None:
                self._writer = threading.Thread(
                    target=self._run, name="console sessions", daemon=True
                )
                self._writer.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                rows, self._next = self._next, None
                if rows is None:
                    self._writer = None
                    return
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                text = json.dumps({key: asdict(row) for key, row in rows.items()})
                write_atomic(self._file, text.encode(), 0o600)
            except OSError as error:
                log.error("%s cannot be written: %s", self._file, error)
