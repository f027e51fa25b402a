"""What several tests share: Line."""

from edge.config import CustomsConfig, JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock
from simulator.broker import Embedded, Nats
from simulator.customs import Customs
from tests.support.builders import NOON


class Line:
    """A journal, a relay, a broker and customs."""

    def __init__(self, folder, broker, receiver=True, **settings):
        self.folder, self.broker = folder, broker
        self.settings = {"ack_timeout_s": 2.0, "window": 20, **settings}
        if isinstance(broker, Nats):
            self.settings |= {"version": "3.1.1", "dots_in_topics": False}
        if isinstance(broker, Embedded):
            self.settings |= {"version": "3.1.1"}
        self.backoff = None
        broker.start()
        self.customs = Customs(broker.host, broker.port, "s", "g", folder / "customs.db")
        if receiver:
            self.customs.start()
        self.commands = []
        self.open()

    def open(self):
        config = JournalConfig(max_mb=50, ballast_mb=0)
        self.journal = open_journal(self.folder / "j", config, "/s/g", SystemClock())
        customs = CustomsConfig(host=self.broker.host, port=self.broker.port, **self.settings)
        self.relay = MqttRelay(
            customs,
            "s",
            "g",
            self.journal,
            lambda *m: self.commands.append(m),
            SystemClock(),
            self.backoff,
        )
        self.relay.start()

    def shut(self):
        self.relay.stop()
        self.journal.close()

    def record(self, count, type=PLATE_READ):
        for n in range(count):
            self.journal.record([Event(type, "out1", NOON, {"plate": f"24C{n:05d}"})])
            self.relay.wake()

    def delivered(self):
        last = self.journal.last_sequence()
        return self.customs.through >= last and self.relay.status().waiting == 0

    def close(self):
        self.shut()
        self.customs.stop()
        self.broker.stop()
