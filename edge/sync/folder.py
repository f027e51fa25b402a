"""A platform that is only a folder, on a file share: a list comes in, passages go out.

`assignments.json` (a list of the platform's items) or `assignments.csv` (edge/sync/folder_list.py)
is the whole list; a new version replaces the old one. It is taken up once it has stayed the same
for `settle_s`, because shares show files that are still being written. Rows that are not understood
are named in `assignments.errors.txt` beside it. Each completed passage becomes one file,
`passages/<sequence>-<id>.json`, written whole under its name: a second write is the same file.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.clock import Clock, iso
from edge.config import FolderPlatformConfig
from edge.sync.book import KeptBook
from edge.sync.folder_list import read_csv, read_json
from edge.sync.port import Fetched, Passage, PlatformDown
from edge.whole_file import write_whole

LISTS = {"assignments.json": read_json, "assignments.csv": read_csv}
ERRORS = "assignments.errors.txt"
PASSAGES = "passages"
LARGEST = 50_000_000
"""Bytes; a larger list is a mistake."""

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

    def __repr__(self) -> str:
        return f"<FolderPlatform {self._config.folder}>"

    def close(self) -> None:
        """Nothing here waits."""

    def fetch(self, kept: KeptBook) -> Fetched:
        """Takes up a new list that has stayed the same for long enough."""
        moment = self._clock.now()
        with self._reached():
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen, self._seen_at = stamp, moment.mono
            settled = moment.mono - self._seen_at >= self._config.settle_s
            if stamp != self._taken and settled:
                self._take(stamp, moment.wall, kept)
            elif stamp == self._taken and not self._broken:
                # The share is there and its list is the same: it is as fresh as this look.
                kept.confirmed(moment.wall)
            return Fetched(stamp == self._taken, self._note, self._config.look_every_s)

    def hand_over(self, passage: Passage) -> None:
        """One file under the passage's own name."""
        with self._reached():
            target = self._config.folder / PASSAGES
            target.mkdir(exist_ok=True)
            name = f"{passage.sequence:010d}-{passage.id}.json"
            _write_whole(target / name, passage.body)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """What the share cannot do, as the link hears it."""
        try:
            yield
        except OSError as error:
            why = f"{self._config.folder}: {error.strerror or error}; is the share mounted?"
            raise PlatformDown(why) from None

    def _stamp(self) -> Stamp:
        """Of the list that is there. Raises OSError for none, and for a share that is away."""
        for name in LISTS:
            file = self._config.folder / name
            if file.exists():
                stat = file.stat()
                return name, stat.st_size, stat.st_mtime_ns
        next(self._config.folder.iterdir(), None)
        raise FileNotFoundError(2, f"neither {' nor '.join(LISTS)} is there")

    def _take(self, stamp: Stamp, now: datetime, kept: KeptBook) -> None:
        name, size, modified = stamp
        if size > LARGEST:
            raise OSError(27, f"{name} has {size} bytes, more than {LARGEST}")
        text = (self._config.folder / name).read_text(encoding="utf-8-sig", errors="replace")
        items, wrong = LISTS[name](text, self._config.words)
        self._taken = stamp
        self._tell(name, wrong)
        self._broken = bool(wrong) and not items
        if self._broken:
            # Nothing of it can be read: the good one is kept, and grows old.
            return
        kept.merge(items, True, f"{name}:{modified}", now)
        log.info("platform: %s: %d assignments, %d rows refused", name, len(items), len(wrong))

    def _tell(self, name: str, wrong: list[str]) -> None:
        """Beside the list, for whoever writes it."""
        self._note = f"{name}: {len(wrong)} rows not understood; see {ERRORS}" if wrong else ""
        file = self._config.folder / ERRORS
        if wrong:
            head = f"{iso(self._clock.now().wall)} {name}\n"
            file.write_text(head + "\n".join(wrong) + "\n", encoding="utf-8")
        else:
            file.unlink(missing_ok=True)


def _write_whole(file: Path, body: Mapping[str, Any]) -> None:
    write_whole(file, json.dumps(body, ensure_ascii=False, indent=1).encode())
