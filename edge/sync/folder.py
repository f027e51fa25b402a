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
import os
import random
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from edge.assignment import AssignmentBook
from edge.clock import Clock, iso
from edge.config import FolderPlatformConfig
from edge.events import PASSAGE_COMPLETED
from edge.sync.backoff import Backoff
from edge.sync.book import KeptBook
from edge.sync.folder_list import read_csv, read_json
from edge.sync.outbox import PLATFORM, Outbox
from edge.sync.port import LinkStatus

LISTS = {"assignments.json": read_json, "assignments.csv": read_csv}
ERRORS = "assignments.errors.txt"
PASSAGES = "passages"
LARGEST = 50_000_000
"""Bytes; a larger list is a mistake."""

Stamp = tuple[str, int, int]
"""Name, size and modification time of a list."""

log = logging.getLogger(__name__)


class FolderPlatform:
    """Implements port.PlatformLink."""

    def __init__(
        self, config: FolderPlatformConfig, folder: Path, outbox: Outbox, clock: Clock
    ) -> None:
        self._config, self._outbox, self._clock = config, outbox, clock
        self._kept = KeptBook(folder)
        outbox.expect(PLATFORM)
        self._changed: Callable[[AssignmentBook], None] = lambda book: None
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._seen: Stamp | None = None
        self._seen_at = 0.0
        self._taken: Stamp | None = None
        self._why, self._note = "not yet looked at", ""
        self._contact: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="folder", daemon=True)

    def __repr__(self) -> str:
        return f"<FolderPlatform {self._config.folder}>"

    def start(self, changed: Callable[[AssignmentBook], None]) -> None:
        self._changed = changed
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def wake(self) -> None:
        self._wake.set()

    def book(self) -> AssignmentBook:
        return self._kept.current

    def spend(self, assignment: str) -> None:
        self._kept.spend(assignment)

    def restore_spent(self, spent: dict[str, int]) -> list[str]:
        return self._kept.restore_spent(spent)

    def status(self) -> LinkStatus:
        start = self._outbox.through(PLATFORM)
        waiting = len(self._outbox.after(start, 1000, PASSAGE_COMPLETED))
        return LinkStatus(
            "platform", not self._why, self._why or self._note, waiting, self._contact
        )

    # --- the thread ---

    def _run(self) -> None:
        backoff = Backoff(self._config.look_every_s, 60.0, random.Random())
        while not self._stopping.is_set():
            try:
                self._look()
                self._deliver()
                backoff.reset()
                pause = self._config.look_every_s
            except OSError as error:
                why = f"{self._config.folder}: {error.strerror or error}; is the share mounted?"
                if why != self._why:
                    log.warning("platform: %s", why)
                self._why = why
                pause = backoff.next()
            except Exception:
                log.exception("the folder's client failed; trying again")
                self._why, pause = "the client failed; see the log", backoff.next()
            self._wake.wait(pause)
            self._wake.clear()

    def _look(self) -> None:
        """Takes up a new list that has stayed the same for long enough."""
        moment = self._clock.now()
        now, stamp = moment.wall, self._stamp()
        if stamp != self._seen:
            self._seen, self._seen_at = stamp, moment.mono
        if stamp != self._taken and moment.mono - self._seen_at < self._config.settle_s:
            return
        self._contact, self._why = now, ""
        if stamp == self._taken:
            # The share is there and its list is the same: the list is as fresh as this look.
            self._kept.confirmed(now)
            return
        self._take(stamp, now)

    def _stamp(self) -> Stamp:
        """Of the list that is there. Raises OSError for none, and for a share that is away."""
        for name in LISTS:
            file = self._config.folder / name
            if file.exists():
                stat = file.stat()
                return name, stat.st_size, stat.st_mtime_ns
        next(self._config.folder.iterdir(), None)
        raise FileNotFoundError(2, f"neither {' nor '.join(LISTS)} is there")

    def _take(self, stamp: Stamp, now: datetime) -> None:
        name, size, modified = stamp
        if size > LARGEST:
            raise OSError(27, f"{name} has {size} bytes, more than {LARGEST}")
        text = (self._config.folder / name).read_text(encoding="utf-8-sig", errors="replace")
        items, wrong = LISTS[name](text)
        self._taken = stamp
        self._tell(name, wrong)
        if not items and wrong:
            # Nothing of it can be read: a broken list is no reason to forget the good one.
            return
        before = self._kept.current
        book = self._kept.merge(items, True, f"{name}:{modified}", now)
        log.info("platform: %s: %d assignments, %d rows refused", name, len(items), len(wrong))
        if book.items != before.items or before.as_of is None:
            self._changed(book)

    def _tell(self, name: str, wrong: list[str]) -> None:
        """Beside the list, for whoever writes it."""
        self._note = f"{name}: {len(wrong)} rows not understood; see {ERRORS}" if wrong else ""
        file = self._config.folder / ERRORS
        if wrong:
            head = f"{iso(self._clock.now().wall)} {name}\n"
            file.write_text(head + "\n".join(wrong) + "\n", encoding="utf-8")
        else:
            file.unlink(missing_ok=True)

    def _deliver(self) -> None:
        """The passages that wait, in order, each as a file of its own."""
        target = self._config.folder / PASSAGES
        while not self._stopping.is_set():
            rows = self._outbox.after(self._outbox.through(PLATFORM), 50, PASSAGE_COMPLETED)
            if not rows:
                return
            target.mkdir(exist_ok=True)
            moment = self._clock.now()
            for sequence, _, lane, text in rows:
                event = json.loads(text)
                body = {"event": event["id"], "lane": lane, **event["data"]}
                _write_whole(target / f"{sequence:010d}-{event['id']}.json", body)
                self._outbox.acknowledge(PLATFORM, sequence)
                self._kept.reported(str(event["data"].get("assignment", "")), moment.mono)


def _write_whole(file: Path, body: dict[str, object]) -> None:
    """Under another name, to disk, then renamed: no reader ever sees half a file."""
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("w", encoding="utf-8") as out:
        json.dump(body, out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
