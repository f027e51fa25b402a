"""`gate-sim check-platform`: is a platform as docs/platform.openapi.yaml and platform.md have it?

It is asked as a gate asks, over the gate's own connection: certificates and tokens of the gate's
configuration. It gets passages of a vehicle that does not exist; try it on a test system.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from datetime import UTC, datetime

from edge.config import PlatformConfig
from edge.domain.moment import iso
from edge.sync.platform.answers import parsed
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.port import PlatformDown
from edge.system.clock import SystemClock
from simulator.conformance.platform_asking import ASK_S, Asking, Said, ask
from simulator.conformance.report import Refuted, Step, Unreachable, steps_of

POLL_S = 3
LATE_S = 10.0
"""So much later than asked for the answer of a long poll may come."""

NOT_THIS = range(400, 500)
"""The codes that tell the sender that the request is wrong."""

UNKNOWN_HERE = (404, 405, 501)
REQUIRED = {
    "assignment_id",
    "revision",
    "state",
    "direction",
    "plates",
    "lanes",
    "valid_from",
    "valid_to",
}
"""Of an item (docs/platform.openapi.yaml)."""

NOTHING_NEW = (204, 304)
CURSOR_LOST = (400, 404, 410)


STEPS = (
    "whole-list",
    "items",
    "cursor",
    "long-poll",
    "lost-cursor",
    "unknown-parameter",
    "stranger",
    "passage",
    "repeated",
    "at-once",
    "while-polling",
    "grows",
    "any-text",
    "wrong-passage",
    "no-key",
    "turned-away",
    "guidance",
)
"""In this order; each is a method, whose first paragraph is what is asked."""


class PlatformKit(Asking):
    """See Asking."""

    def __init__(self, config: PlatformConfig, gate: str) -> None:
        super().__init__(config, gate)
        self._key, self._cursor = str(uuid.uuid4()), ""

    def steps(self) -> list[Step]:
        return steps_of(self, STEPS)

    def goes_on(self) -> bool:
        return True

    # --- the list ---

    def whole_list(self) -> None:
        """A question without a cursor is answered with 200 and the whole list: cursor, full true,
        items."""
        answer = self.whole({})
        if not answer.full:
            raise Refuted("full is false, though no cursor was named")
        if not answer.cursor:
            raise Refuted("it names no cursor, so that each answer must be the whole list")
        self._cursor = answer.cursor

    def items(self) -> None:
        """Every item is understood: required fields, plates of Vietnam or China, moments with their
        zone."""
        said = self.asked({"cursor": "", "wait": "0"})
        answer = self.understood(said)
        if answer.wrong:
            raise Refuted(
                f"{answer.wrong} of {answer.wrong + len(answer.rows)} items are not understood; "
                f"the first: {answer.reported[0]}"
            )
        for item in parsed(said.body)["items"]:
            if lacks := REQUIRED - item.keys():
                raise Refuted(f"{item['assignment_id']} lacks {', '.join(sorted(lacks))}")

    def cursor(self) -> None:
        """A question with the cursor is answered with the changes since, or 204 or 304."""
        said = self.asked({"cursor": self._cursor, "wait": "0"})
        if said.code in NOTHING_NEW:
            return
        answer = self.understood(said)
        if answer.full and answer.rows:
            raise Refuted("it sent the whole list once more (full), though the cursor was its own")

    def long_poll(self) -> None:
        """With `wait` it answers when something changes, or after so many seconds."""
        said = self.asked({"cursor": self._cursor, "wait": str(POLL_S)}, POLL_S + ASK_S)
        if said.code not in (200, *NOTHING_NEW):
            raise Refuted(f"it answers {said.code}")
        news = said.code == 200 and self.understood(said).rows
        if not news and said.seconds < POLL_S / 2:
            raise Refuted(f"asked to wait for {POLL_S} s it answers at once that nothing is new")
        if said.seconds > POLL_S + LATE_S:
            raise Refuted(f"asked to wait for {POLL_S} s it answered after {said.seconds:.0f} s")

    def lost_cursor(self) -> None:
        """A cursor that it does not know is answered with 410 (or 400, 404), or with the whole
        list."""
        for cursor in ("no-such-cursor", "9" * 300, "\u2603"):
            said = self.asked({"cursor": cursor, "wait": "0"})
            if said.code not in CURSOR_LOST and not (
                said.code == 200 and self.understood(said).full
            ):
                raise Refuted(f"to the cursor {cursor[:20]!r} it answers {said.code}, no 410")

    def unknown_parameter(self) -> None:
        """Parameters that came later are ignored (contract.md)."""
        self.whole({"cursor": "", "wait": "0", "later": "1"})

    def stranger(self) -> None:
        """A client without credentials is answered with 401 or 403, or gets no connection."""
        if self.config.oauth is None and self.config.cert_file is None:
            raise Unreachable("this configuration names no credentials: everybody is let in")
        bare = {"oauth": None, "cert_file": None, "key_file": None}
        stranger = HttpPlatform(self.config.model_copy(update=bare), self.gate, SystemClock())
        try:
            said = ask(stranger, "GET", self.path("assignments"), params={"wait": "0"})
        except PlatformDown:
            return
        finally:
            stranger.close()
        if said.code not in (401, 403):
            raise Refuted(f"a client without credentials gets {said.code}")

    # --- passages ---

    def passage(self) -> None:
        """A completed passage is answered with 201."""
        self.taken(self.post(self._key, self.body(self._key)))

    def repeated(self) -> None:
        """The same passage under the same Idempotency-Key is answered with 201 again."""
        for _ in range(2):
            self.taken(self.post(self._key, self.body(self._key)))

    def at_once(self) -> None:
        """The same passage twice at once is answered with 201 both times."""
        key = str(uuid.uuid4())
        said: list[Said | str] = []

        def post() -> None:
            try:
                said.append(self.post(key, self.body(key)))
            except Refuted as error:
                said.append(str(error))

        threads = [threading.Thread(target=post) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in said:
            if isinstance(one, str):
                raise Refuted(one)
            self.taken(one)

    def while_polling(self) -> None:
        """A passage is taken while a question for the list waits."""
        wait = 2 * POLL_S
        poll = threading.Thread(
            target=lambda: self.quietly({"cursor": self._cursor, "wait": str(wait)}, wait + ASK_S)
        )
        poll.start()
        time.sleep(0.5)
        key = str(uuid.uuid4())
        said = self.post(key, self.body(key))
        # Both answers may come at once; which of their threads ends first says nothing.
        poll.join(0.5)
        waiting = poll.is_alive()
        poll.join()
        self.taken(said)
        if not waiting and said.seconds > POLL_S:
            raise Refuted(f"it took {said.seconds:.1f} s: only after the list was answered")

    def grows(self) -> None:
        """Fields that came later are ignored (contract.md)."""
        key = str(uuid.uuid4())
        self.taken(self.post(key, {**self.body(key), "later": {"of": ["today"]}}))

    def any_text(self) -> None:
        """Chinese plates, Vietnamese texts and empty values are taken as they are."""
        key = str(uuid.uuid4())
        body = {**self.body(key), "plate": "桂A1234挂", "country": "CN", "assignment": ""}
        body |= {"by": "operator:Đặng Thị Ánh", "detail": "giấy tờ \u2028 \U0001f69a", "reason": ""}
        self.taken(self.post(key, body))

    def wrong_passage(self) -> None:
        """What is no passage is refused as wrong (400, 413, 415 or 422), and is no failure of the
        platform."""
        for payload in (b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe"):
            said = self.raw(payload, {"Idempotency-Key": str(uuid.uuid4())})
            if said.code not in NOT_THIS:
                raise Refuted(f"the body {payload!r} is answered with {said.code}")

    def no_key(self) -> None:
        """A passage without an Idempotency-Key is refused as wrong."""
        body = json.dumps(self.body(str(uuid.uuid4()))).encode()
        said = self.raw(body, {})
        if said.code not in NOT_THIS:
            raise Refuted(f"it is answered with {said.code}")

    def turned_away(self) -> None:
        """A vehicle that was turned away is answered with 201, or with 404, 405 or 501 by a
        platform that does not want to hear of them."""
        key = str(uuid.uuid4())
        body = {**self.body(key), "verdict": "refuse", "reason": "not_declared"}
        body |= {"outcome": "refused_left", "why": "backed_off"}
        del body["completed_at"], body["entered_at"], body["observed"]
        said = self.post(key, body, "turned-away")
        if said.code in UNKNOWN_HERE:
            return
        self.taken(said)
        self.taken(self.post(key, body, "turned-away"))

    def guidance(self) -> None:
        """That a vehicle in the wrong lane is sent to another one is answered with 201, or with
        404, 405 or 501 by a platform that does not want to hear of it."""
        key = str(uuid.uuid4())
        body = {
            "lane": "conformance",
            "passage": key,
            "plate": "99X99999",
            "assignment": "conformance",
            "to": "elsewhere",
            "reason": "wrong_lane",
            "at": iso(datetime.now(UTC)),
        }
        said = self.post(f"{key}:elsewhere", body, "guidance")
        if said.code in UNKNOWN_HERE:
            return
        self.taken(said)
        self.taken(self.post(f"{key}:elsewhere", body, "guidance"))
