"""A gate to show: what it is told to be, and what was asked of it."""

from datetime import UTC, datetime
from pathlib import Path

from edge.barrier.port import BarrierStatus
from edge.domain.declaration import declared
from edge.domain.events import Event
from edge.domain.facts import Arm
from edge.domain.moment import iso
from edge.gate.port import AlarmView, GateView, LaneView, ListPage, PolicyView, Unanswered
from edge.sync.journal.port import Recorded
from edge.sync.platform.port import ParkedPassage, PassageReport
from edge.sync.port import LinkStatus
from edge.system.causes import cause
from edge.system.unhandled import UNHANDLED
from edge.vision.port import CameraStatus
from tests.support.builders import a_book, an_assignment

CONFIG = Path(__file__).parents[2] / "config" / "gate.toml"
PASSWORD = "mat-khau-tot"
NOW = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)

A_BARRIER = BarrierStatus(
    "out1", Arm.CLOSED, True, False, False, False, True, wire_ok=True, age_s=0.03
)


THE_BOOK = a_book(
    an_assignment(
        "24C12346",
        priority=5,
        goods="Thanh long",
        clearances=[("customs", "done"), ("port", "pending")],
    )
)


def a_lane(**changes):
    values = {
        "lane": "out1",
        "name": "Làn xuất 1",
        "direction": "export",
        "state": "waiting",
        "passage": "p1",
        "plate": "24C12345",
        "plate_display": "24C-123.45",
        "country": "VN",
        "colour": "yellow",
        "confidence": 0.62,
        "kind": "truck",
        "verdict": "refer",
        "reason": "unsure_reading",
        "assignment": "",
        "waiting": True,
        "since": NOW,
        "evidence": (),
        "barrier": A_BARRIER,
        "camera": CameraStatus("out1", "live", "", 9.8, 21.0),
        "declared": declared(THE_BOOK, "", "24C12346", ["customs", "border_guard"]),
        **changes,
    }
    return LaneView(**values)


class JournalTwin:
    def __init__(self):
        data = {
            "passage": "p0", "plate": "24C54321", "country": "VN", "kind": "truck",
            "verdict": "allow", "reason": "assigned", "assignment": "A1", "by": "gate",
            "read_plate": "24C54321",
            "observed": True, "evidence": [],
        }  # fmt: skip
        self.rows = [Recorded(7, "id7", Event("passage.completed", "out1", NOW, data), "0", "1")]

    def recent(self, *, types=(), **_):
        return [r for r in self.rows if r.event.type in types]

    def counts_by_hour(self, type, since):
        return [(NOW, "out1", 12)]

    def last_sequence(self):
        return 7


class OperationsTwin:
    def __init__(self):
        self.asked = []
        self.refuse = self.not_settled = ""
        self.lanes = (a_lane(),)
        self.alarms = (AlarmView("camera", "out1", "no picture", NOW),)
        self.links = (LinkStatus("customs", True, "", 3, NOW),)
        self.state = ""
        self._journal = JournalTwin()
        self.book = THE_BOOK

    def view(self):
        return GateView(
            "kim-thanh", "b1", "0", NOW, NOW, True, True, self.lanes, self.alarms, self.links
        )  # fmt: skip

    def recent(self, **filter):
        return self._journal.recent(**filter)

    def counts_by_hour(self, type, since):
        return self._journal.counts_by_hour(type, since)

    def assignments(self, part="", after="", most=500):
        found = self.book.find(part, after, most)
        return ListPage(found.items, found.as_of, self.book.count)

    def assignments_near(self, text):
        return self.book.near(text)

    def assignments_not_understood(self):
        return self.book.not_understood()

    def picture(self, lane):
        return b"\xff\xd8\xff\xd9" if lane == "out1" else None

    def evidence(self, name):
        return None

    def order(self, lane, action, reason, user, seen=None, senior=False):
        if self.refuse:
            raise Unanswered(self.refuse)
        self.asked.append((lane, action, reason, user, *([seen] if seen else [])))
        return "r1"

    def decide(
        self, lane, passage, admit, plate, reason, user, version=None, assignment="", senior=False,
        who_may=None,
    ):  # fmt: skip
        self.asked.append((lane, passage, admit, plate, reason, user))
        self.decided, self.who_may = (version, assignment), who_may
        return self.state or ("ordered" if admit else "rejected")

    def show_code(self, lane, text, user):
        self.asked.append(("code", lane, text, user))

    def claim(self, lane, passage, user, senior=False):
        self.asked.append(("claim", lane, passage, user))

    def settled(self, lane, passage, admit, version, user):
        self.settling = (lane, passage, admit, version, user)
        if self.not_settled:
            raise Unanswered(self.not_settled)

    def acknowledge_alarm(self, code, lane, user):
        self.asked.append((code, lane, user))

    def parked(self, after=0, most=500):
        if after >= 9:
            return ()
        body = {"passage": "p9", "plate": "24C99999", "lane": "out1", "completed_at": iso(NOW)}
        return (
            ParkedPassage(
                PassageReport(9, "id9", body),
                cause("platform.answers", place="http://platform", code=500),
                8,
                NOW,
            ),
        )

    def hand_over_again(self, sequence, user):
        self.asked.append((sequence, "again", user))

    def settle_passage(self, sequence, reason, user):
        self.asked.append((sequence, "settle", reason, user))

    def policy(self):
        return PolicyView(2, "c0ffee", "Nights", "name = 'Nights'", "lan", "order 12", iso(NOW), "")

    def check_policy(self, text):
        return "c0ffee"

    def activate_policy(self, text, reason, user):
        self.asked.append((text, reason, user))
        return 3

    def set_mode(self, lane, mode, reason, user):
        self.asked.append((lane, mode, reason, user))

    def timings(self):
        return ()

    def unhandled(self):
        return dict(UNHANDLED.counts())

    def audit(self, user, action, data):
        self.asked.append((user, action))
