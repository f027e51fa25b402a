"""How a platform is asked by the kit, over the gate's own connection, and what of its answers is
right in itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from edge.config import PlatformConfig
from edge.domain.moment import iso
from edge.sync.platform.answers import parsed, speaks_of_error
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.http_exchange import TooLarge, body_of
from edge.sync.platform.list_reader import LARGEST
from edge.sync.platform.list_reading import HTTP, Answer, UnreadableList, read_list
from edge.sync.platform.port import PlatformDown
from edge.system.clock import SystemClock
from simulator.conformance.report import Refuted

ASK_S = 30.0


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    body: bytes
    seconds: float
    headers: Mapping[str, str]


class Asking:
    """`config`: how a gate reaches it; `gate`: for which it is asked."""

    def __init__(self, config: PlatformConfig, gate: str) -> None:
        self.config, self.gate = config, gate
        self.driver = HttpPlatform(config, gate, SystemClock())

    def close(self) -> None:
        self.driver.close()

    def path(self, what: str) -> str:
        return f"/v1/gates/{self.gate}/{what}"

    def body(self, key: str) -> dict[str, Any]:
        now = iso(datetime.now(UTC))
        return {
            "event": key,
            "lane": "conformance",
            "passage": key,
            "plate": "99X99999",
            "country": "VN",
            "kind": "truck",
            "verdict": "allow",
            "reason": "operator",
            "assignment": "",
            "by": "operator:conformance",
            "read_plate": "99X99999",
            "arrived_at": now,
            "decided_at": now,
            "entered_at": now,
            "completed_at": now,
            "observed": True,
            "evidence": [],
        }

    def whole(self, query: Mapping[str, str]) -> Answer:
        """Of the answer to a question with that query. Raises Refuted."""
        return self.understood(self.asked(query))

    def understood(self, said: Said) -> Answer:
        if said.code != 200:
            raise Refuted(f"it answers {said.code} {said.body[:80]!r}")
        try:
            return read_list(HTTP, said.body, self.config.reading)
        except UnreadableList as error:
            raise Refuted(f"its answer is not understood: {error}") from None

    def asked(self, query: Mapping[str, str], seconds: float = ASK_S) -> Said:
        return self.said("GET", self.path("assignments"), seconds, params=dict(query))

    def quietly(self, query: Mapping[str, str], seconds: float) -> None:
        try:
            self.asked(query, seconds)
        except Refuted:
            # Judged by its own step.
            return

    def post(self, key: str, body: Mapping[str, Any], what: str = "passages") -> Said:
        headers = {"Idempotency-Key": key}
        return self.said("POST", self.path(what), ASK_S, json=dict(body), headers=headers)

    def raw(self, payload: bytes, headers: Mapping[str, str]) -> Said:
        headers = {"Content-Type": "application/json", **headers}
        path = self.path("passages")
        return self.said("POST", path, ASK_S, content=payload, headers=headers)

    def said(self, method: str, path: str, seconds: float, **options: Any) -> Said:
        try:
            return ask(self.driver, method, path, seconds, **options)
        except PlatformDown as error:
            raise Refuted(str(error)) from None

    def taken(self, said: Said) -> None:
        """Raises Refuted."""
        if said.code != 201:
            raise Refuted(f"it answers {said.code} {said.body[:80]!r}; taken is 201 alone")
        if not said.body.strip():
            return
        try:
            body = parsed(said.body)
        except (ValueError, RecursionError):
            raise Refuted(f"201, with a body that is no JSON: {said.body[:80]!r}") from None
        if not isinstance(body, dict) or body.get("accepted", True) is not True:
            raise Refuted(f"201, with a body that takes it back: {said.body[:80]!r}")
        if speaks_of_error(body):
            raise Refuted(f"201, with a body that speaks of an error: {said.body[:80]!r}")


def ask(
    driver: HttpPlatform, method: str, path: str, seconds: float = ASK_S, **options: Any
) -> Said:
    """Raises PlatformDown, Refuted."""
    began = time.monotonic()
    with driver.ask(method, path, seconds, **options) as answer:
        try:
            body = body_of(answer, LARGEST)
        except (TooLarge, ValueError) as error:
            raise Refuted(f"the body of {path} cannot be read: {error}") from None
        took = time.monotonic() - began
        return Said(answer.status_code, body, took, dict(answer.headers))
