"""Real operations over a real gate and journal; only barriers and cameras are twins."""

from edge.domain.facts import RequestHandled
from edge.gate.requests import Requests
from edge.gate.shell import Shell
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock
from edge.vision import evidence
from edge.vision.port import CameraStatus
from tests.support.builders import a_book
from tests.support.operations_twin import A_BARRIER
from tests.support.other_process import AcrossAPipe


class Barriers:
    """Does what it is told and says so at once."""

    def __init__(self, requests):
        self.orders, self._requests = [], requests

    def guard(self, lane):
        return self

    def status(self):
        return A_BARRIER

    def order(self, order):
        self.orders.append(order)
        self._requests.take(RequestHandled("out1", order.request, "done", ""))


class Eyes:
    def __init__(self, folder):
        self._folder = folder

    def status(self, lane):
        return CameraStatus(lane, "live", "", 9.8, 21.0)

    def picture(self, lane):
        return b"\xff\xd8\xff\xd9"

    def evidence(self, name):
        return evidence.load(self._folder, name)


class RealDesk:
    """`operations`, over `journal` in the settings' data folder; `barriers` keeps its orders."""

    def __init__(self, settings):
        self.clock, requests = SystemClock(), Requests()
        self.journal = open_journal(settings.data_folder, settings.journal, "/s/g", self.clock)
        self.barriers = Barriers(requests)
        shell = Shell(
            settings, self.clock, self.journal, self.barriers, Eyes(settings.data_folder), a_book,
            health=self.journal.health, requests=requests,
        )  # fmt: skip
        self.gate, self.alarms = shell.gate, shell.alarms
        self.operations = AcrossAPipe(shell.operations)

    def acted(self):
        """What people did, as it is recorded, the first one first."""
        self.gate.round()
        rows = self.journal.recent(types=["operator.acted"], limit=10_000)
        return [row.event.data for row in reversed(rows)]

    def close(self):
        self.journal.close()
