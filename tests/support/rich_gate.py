"""A gate with something of everything to show, for tests of what pages say and for pictures."""

import dataclasses
from datetime import timedelta
from functools import lru_cache

from edge.barrier.port import BarrierStatus
from edge.domain.alarm_codes import AlarmCode
from edge.domain.declaration import declared
from edge.domain.events import Event
from edge.domain.facts import Arm
from edge.domain.guard_refusal import GuardRefusal
from edge.gate.port import AlarmView, ReferralView
from edge.sync.journal.port import Recorded
from edge.sync.port import LinkStatus
from tests.support.builders import a_book, an_assignment
from tests.support.operations_twin import NOW, OperationsTwin, a_lane

GOODS = "榴莲 西瓜 香蕉"


@lru_cache
def a_jpeg():
    """A vehicle's picture, plainly drawn."""
    import cv2
    import numpy as np

    picture = np.full((360, 640, 3), (92, 84, 78), np.uint8)
    cv2.rectangle(picture, (0, 0), (640, 150), (170, 150, 120), -1)
    cv2.fillPoly(picture, [np.array([[0, 360], [250, 150], [390, 150], [640, 360]])], (70, 70, 70))
    cv2.rectangle(picture, (210, 90), (430, 290), (180, 110, 40), -1)
    cv2.rectangle(picture, (235, 110), (405, 170), (60, 50, 40), -1)
    cv2.rectangle(picture, (270, 240), (370, 270), (40, 190, 240), -1)
    cv2.rectangle(picture, (266, 236), (374, 274), (90, 220, 90), 2)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def barrier(lane, **changes):
    plain = BarrierStatus(
        lane, Arm.CLOSED, False, False, False, None, None, True, wire_ok=True, age_s=0.031,
        travel_open_s=3.42, travel_close_s=3.61, error_rate=0.0042,
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)


def lanes():
    book = a_book(
        an_assignment(
            "24C12346", priority=5, goods=GOODS,
            clearances=[("customs", "done"), ("border_guard", "pending")],
        )
    )  # fmt: skip
    claim = ReferralView("p1", "pending", "", 600.0, "binh", "", "", True, "")
    return (
        a_lane(
            declared=declared(book, "", "24C12346", ["customs", "border_guard"]),
            sign="24C-123.45 XIN CHỜ", barrier=barrier("out1", entry_loop=True), referral=claim,
            evidence=("one.jpg", "two.jpg"), row="unsure_reading",
        ),
        a_lane(
            lane="in1", name="Làn nhập 1", direction="import", passage="q1", plate="粤Z1234港",
            plate_display="粤Z·1234港", country="CN", colour="black", reason="barrier_refused",
            verdict="refer", detail=GuardRefusal.STOP_PRESSED.value, mode="attended",
            declared=None, sign="DỪNG LẠI", evidence=("one.jpg",), version=3,
            barrier=barrier("in1", arm=Arm.OPEN, locked=True, entry_loop=True, wire_ok=True),
            row="assigned",
        ),
    )  # fmt: skip


def alarms():
    since = NOW - timedelta(minutes=12)
    codes = (AlarmCode.TAILGATE, AlarmCode.CAMERA, AlarmCode.DISK_LOW)
    return tuple(
        AlarmView(code.value, lane, "", since, by, severity=severity)
        for code, lane, severity, by in zip(
            codes, ("in1", "out1", "gate"), ("high", "medium", "low"), ("", "", "lan"), strict=True
        )
    )


def events():
    """What people did and what passed, newest first."""
    at = [NOW - timedelta(minutes=n) for n in range(9)]
    passed = {
        "passage": "p0", "plate": "24C54321", "country": "VN", "kind": "truck", "verdict": "allow",
        "reason": "operator", "assignment": "A1", "by": "operator:lan", "read_plate": "24C54321",
        "observed": True, "evidence": ["one.jpg"], "outcome": "admitted",
    }  # fmt: skip
    gone = {
        **passed, "by": "gate", "verdict": "refuse", "reason": "not_declared",
        "plate": "云G13832", "read_plate": "云G13832", "outcome": "refused",
    }  # fmt: skip
    acted = {"user": "lan", "action": "close", "reason": "", "request": "r1", "data": {}}
    refused = {
        "command": "r1", "issuer": "operator:lan", "action": "close", "outcome": "refused",
        "why": GuardRefusal.OCCUPIED.value, "count": 1,
    }  # fmt: skip
    remote = {**refused, "issuer": "remote:customs", "action": "open", "outcome": "done", "why": ""}
    rows = [
        ("passage.completed", "out1", passed), ("passage.abandoned", "in1", gone),
        ("command.handled", "out1", refused), ("operator.acted", "out1", acted),
        ("command.handled", "in1", remote),
        ("operator.acted", "gate", {**acted, "action": "sign_in"}),
        ("operator.acted", "gate", {**acted, "action": "sign_in_failed"}),
    ]  # fmt: skip
    return [
        Recorded(20 - n, f"id{n}", Event(type, lane, at[n], data), "0", "1")
        for n, (type, lane, data) in enumerate(rows)
    ]


class RichGate(OperationsTwin):
    def __init__(self):
        super().__init__()
        self.lanes, self.alarms = lanes(), alarms()
        self._journal.rows = events()
        self.book = a_book(an_assignment("24C12346", priority=5, goods=GOODS))
        self.links = (
            LinkStatus("customs", True, "", 3, NOW),
            LinkStatus("platform", False, "", 0, NOW),
        )

    def picture(self, lane):
        return a_jpeg()

    def evidence(self, name):
        return a_jpeg()
