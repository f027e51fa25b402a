"""A process of its own that records on a nearly full disk until it is refused; it says how far it
came. Run as `full_writer.py FOLDER FREE_KB HELD_MB`: so much is left free, and meanwhile a reader
holds the log until it has so many MB."""

import os
import sqlite3
import sys
from pathlib import Path

from edge.config import JournalConfig
from edge.domain.events import ALARM_RAISED, Event
from edge.sync.journal.journal import FILE, open_journal
from edge.sync.journal.port import Unrecorded
from edge.system.clock import SystemClock


def leave(folder, free):
    """Another program takes the rest."""
    with (folder / "glutton").open("ab") as file:
        disk = os.statvfs(folder)
        more = disk.f_bavail * disk.f_frsize - free
        while more > 0:
            try:
                os.posix_fallocate(file.fileno(), 0, more)
                return
            except OSError:
                # The file system wants some for itself.
                more -= 4096


def main(place, free_kb, held_mb):
    folder, clock = Path(place), SystemClock()
    made = 0
    try:
        if not held_mb:
            leave(folder, free_kb * 1024)
        config = JournalConfig(max_mb=200, ballast_mb=0)
        journal = open_journal(folder / "j", config, "/s/g", clock)
        if held_mb:
            journal.record([], {"state": {"filler": "x" * 200_000}})
            reader = sqlite3.connect(folder / "j" / FILE)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchone()
            while journal.log_bytes() < held_mb * 1_000_000:
                made += 1
                journal.record([], {"state": {"filler": f"{made:09}" * 10_000}})
            leave(folder, free_kb * 1024)
        while True:
            journal.record([Event(ALARM_RAISED, "o", clock.now().wall, {"filler": "x" * 300})])
            made += 1
    except Unrecorded as error:
        print("refused", made, error, flush=True)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
