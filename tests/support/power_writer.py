"""A process that records events and says so: the subject of the power-loss test."""

import os
import sys
from pathlib import Path

from edge.config import JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock

folder, calls = Path(sys.argv[1]), int(sys.argv[2])
clock = SystemClock()
journal = open_journal(folder, JournalConfig(max_mb=50, ballast_mb=0), "/s/g", clock)
for n in range(calls):
    # Now and then a large one, so that SQLite carries its log over into the file.
    more = {"filler": "x" * 350_000} if n % 4 == 1 else {}
    event = Event(PLATE_READ, "out1", clock.now().wall, {"plate": f"24C{n:05d}", **more})
    (recorded,) = journal.record([event], {"lane:out1": {"n": n}})
    os.write(1, b"recorded %d\n" % recorded.sequence)
    if n % 7 == 3:
        journal.acknowledge("customs", recorded.sequence)
os._exit(0)
