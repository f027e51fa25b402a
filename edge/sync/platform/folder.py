"""A platform that is only a folder, on a file share: a list comes in, passages go out.

`assignments.json` (a list of the platform's items) or `assignments.csv`
(edge/sync/platform/folder_list.py) is the whole list; a new version replaces the old one. It is
taken up once it has stayed the same for `settle_s`, because shares show files that are still being
written. Rows that are not understood are named in `assignments.errors.txt` beside it; a list that
is mostly not understood is not taken. Each completed passage becomes one file,
`passages/<sequence>-<id>.json`, written whole under its name: a second write is the same file. Each
vehicle that was turned away becomes one in `turned-away/`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge.config import FolderPlatformConfig
from edge.domain.moment import iso
from edge.sync.platform.list_reader import LARGEST, ListReader
from edge.sync.platform.list_reading import CSV_FILE, JSON_FILE, Answer, UnreadableList
from edge.sync.platform.port import TURNED_AWAY, Fetched, PassageReport, PlatformDown
from edge.system.atomic_file import write_atomic
from edge.system.causes import cause, cause_of
from edge.system.clock import Clock

LISTS = (JSON_FILE, CSV_FILE)
ERRORS = "assignments.errors.txt"
PASSAGES = "passages"
PIECE = 65_536
"""Bytes that are read at once."""

Stamp = tuple[str, int, int]
"""Name, size and modification time of a list."""

log = logging.getLogger(__name__)


class FolderPlatform:
    """Implements port.PlatformDriver."""

    def __init__(self, config: FolderPlatformConfig, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._seen: Stamp | None = None
        self._seen_at = 0.0
        self._taken: Stamp | None = None
        self._broken = False
        self._note = ""
        self._reader = ListReader(config.reading)

    def __repr__(self) -> str:
        return f"<FolderPlatform {self._config.folder}>"

    def close(self) -> None:
        self._reader.stop()

    def fetch(self, cursor: str) -> Fetched:
        """A new list that has stayed the same for long enough; without a cursor also the one that
        was taken."""
        moment = self._clock.now()
        with self._reached():
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen, self._seen_at = stamp, moment.mono
            answer = None
            settled = moment.mono - self._seen_at >= self._config.settle_s
            wanted = stamp != self._taken or (not cursor and not self._broken)
            if wanted and settled:
                answer = self._take(stamp)
            # The share is there and its list is the one that was taken: it is as fresh as now. One
            # that is mostly not understood leaves the last good one to grow old.
            heard = stamp == self._taken
            as_of = moment.wall if heard and not self._broken else None
            return Fetched(heard, self._note, self._config.look_every_s, as_of, answer)

    def hand_over(self, passage: PassageReport) -> None:
        """One file under the passage's own name."""
        with self._reached():
            target = self._config.folder / PASSAGES
            target.mkdir(exist_ok=True)
            name = f"{passage.sequence:010d}-{passage.id}.json"
            _write_atomic(target / name, passage.body)

    def notify(self, what: str, key: str, body: Mapping[str, Any]) -> bool:
        """As a passage, in a folder of its own. What is not understood lies beside the list."""
        if what != TURNED_AWAY:
            return True
        with self._reached():
            target = self._config.folder / what
            target.mkdir(exist_ok=True)
            _write_atomic(target / f"{body['sequence']:010d}-{key}.json", body)
        return True

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Turns errors of the share into the link's."""
        try:
            yield
        except OSError as error:
            why = cause("platform.share", folder=self._config.folder, error=error.strerror or error)
            raise PlatformDown(why) from None

    def _stamp(self) -> Stamp:
        """The stamp of the list that is there. Raises OSError for none, and for a share that is
        away."""
        for name in LISTS:
            file = self._config.folder / name
            if file.exists():
                stat = file.stat()
                return name, stat.st_size, stat.st_mtime_ns
        next(self._config.folder.iterdir(), None)
        raise FileNotFoundError(2, cause("platform.no_list", json=JSON_FILE, csv=CSV_FILE))

    def _take(self, stamp: Stamp) -> Answer | None:
        """The list; None where it is mostly not understood. Raises OSError."""
        name, size, modified = stamp
        if size > LARGEST:
            raise OSError(27, cause("platform.long_list", file=name, bytes=size, most=LARGEST))
        try:
            with (self._config.folder / name).open("rb") as file:
                read = self._reader.read(name, "", iter(lambda: file.read(PIECE), b""))
        except UnreadableList as error:
            read = Answer(wrong=1, reported=[cause_of(error)])
        self._taken = stamp
        self._report(name, read)
        self._broken = read.mostly_wrong
        if self._broken:
            return None
        read.cursor = f"{name}:{modified}"
        log.info("platform: %s: %d assignments, %d rows refused", name, len(read.rows), read.wrong)
        return read

    def _report(self, name: str, read: Answer) -> None:
        """Writes the rows that are not understood beside the list."""
        said = cause("platform.rows_wrong", file=name, rows=read.wrong, errors=ERRORS)
        kept = cause("both", first=said, second=cause("platform.list_kept"))
        self._note = (kept if read.mostly_wrong else said) if read.wrong else ""
        file = self._config.folder / ERRORS
        if not read.wrong:
            file.unlink(missing_ok=True)
            return
        reported = [f"{iso(self._clock.now().wall)} {name}", *read.reported]
        if read.wrong > len(read.reported):
            reported.append(f"and {read.wrong - len(read.reported)} more")
        file.write_text("\n".join(reported) + "\n", encoding="utf-8")


def _write_atomic(file: Path, body: Mapping[str, Any]) -> None:
    write_atomic(file, json.dumps(body, ensure_ascii=False, indent=1).encode())
