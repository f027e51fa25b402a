"""What the campaign kills: the real journal and relay in a process of their own.

Records without end, and notes in `acknowledged.txt` each number that `record` has returned.
"""

import os
import sys
import threading
from pathlib import Path

from edge.config import ConsumerConfig, CustomsConfig, JournalConfig
from edge.domain.events import ALARM_RAISED, PLATE_READ, Event
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock


def main(folder, port, version, recording):
    clock = SystemClock()
    journal = open_journal(folder / "j", JournalConfig(max_mb=100, ballast_mb=0), "/s/g", clock)
    customs = CustomsConfig(
        host="127.0.0.1",
        port=port,
        version=version,
        consumers=(ConsumerConfig(name="customs"), ConsumerConfig(name="example")),
        ack_timeout_s=1.0,
        window=50,
    )
    relay = MqttRelay(customs, "s", "g", journal, lambda *m: None, clock)
    relay.start()
    print("ready", flush=True)
    notes = os.open(folder / "acknowledged.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    pause = threading.Event()
    n = 0
    while True:
        if not recording:
            pause.wait(60)
            continue
        n += 1
        type = ALARM_RAISED if n % 10 == 0 else PLATE_READ
        done = journal.record(
            [Event(type, "out1", clock.now().wall, {"n": k}) for k in range(1 + n % 3)],
            {"lane:out1": {"n": n}},
        )
        relay.wake()
        os.write(notes, "".join(f"{r.sequence} {r.id}\n" for r in done).encode())
        pause.wait(0.002)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4] == "record")
