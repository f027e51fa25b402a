"""Hikvision ISAPI: the barrier behind a camera or an entrance controller, over HTTP Digest.

Source: ISAPI, Parking service: `barrierGate` (PUT ctrlMode) and `barrierGateStatus` (0 none,
1 closed, 2 open). `lock` at the device persists and refuses later openings; it is somebody else's
and is never undone here. The device has no safety inputs that we can read: they need another wire.
"""

from __future__ import annotations

import re
import ssl
import time
from pathlib import Path

import httpx

from edge.barrier.driver import NoAnswer, WireGone

STATUS_EVERY_S = 0.2
"""The status is asked so often; in between the last one is given."""

LOCKOUT_S = 60.0
"""After a refused sign-in nothing is tried for so long: devices lock accounts after a few."""

MODES = ("open", "close")


class IsapiLine:
    """The device; implements driver.Wire. Not thread-safe."""

    def __init__(
        self, url: str, username: str, password_file: Path, answer_s: float, ca_file: Path | None
    ) -> None:
        self.place = url.rstrip("/")
        self._username = username
        self._password_file = password_file
        self._answer_s = answer_s
        self._ca_file = ca_file
        self._client: httpx.Client | None = None
        self._not_before = 0.0

    def __repr__(self) -> str:
        return f"<IsapiLine {self.place} {'open' if self._client else 'closed'}>"

    def open(self) -> None:
        self.close()
        if time.monotonic() < self._not_before:
            raise WireGone(self._refused())
        try:
            secret = self._password_file.read_text(encoding="utf-8").strip()
            verify: ssl.SSLContext | bool = True
            if self._ca_file is not None:
                verify = ssl.create_default_context(cafile=str(self._ca_file))
        except OSError as error:
            raise WireGone(
                f"{self.place}: cannot read {error.filename}: {error.strerror}"
            ) from None
        self._client = httpx.Client(
            base_url=self.place,
            auth=httpx.DigestAuth(self._username, secret),
            timeout=self._answer_s,
            verify=verify,
            trust_env=False,
        )
        try:
            self.ask("GET", "/ISAPI/System/deviceInfo")
        except NoAnswer as error:
            self.close()
            raise WireGone(str(error)) from None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def check(self) -> None:
        """Raises WireGone unless it is open."""
        if self._client is None:
            raise WireGone(f"{self.place} is not connected")

    def ask(self, method: str, path: str, body: str = "") -> str:
        """One exchange, once. Raises NoAnswer (it may have happened) or WireGone."""
        if self._client is None:
            raise WireGone(f"{self.place} is not connected")
        try:
            answer = self._client.request(
                method, path, content=body, headers={"Content-Type": "application/xml"}
            )
        except httpx.TimeoutException:
            raise NoAnswer(f"{self.place} does not answer within {self._answer_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise WireGone(
                f"{self.place}: no connection ({error}); check the url, the cable and its power"
            ) from None
        if answer.status_code == 401:
            self._not_before = time.monotonic() + LOCKOUT_S
            raise WireGone(self._refused())
        if answer.status_code in (404, 405, 501) or "notSupport" in answer.text:
            raise NoAnswer(
                f"{self.place} does not support {path}; has this device a barrier on that channel "
                "(lane's address), and is ISAPI enabled?"
            )
        if not answer.is_success:
            why = _element(answer.text, "subStatusCode") or f"HTTP {answer.status_code}"
            raise NoAnswer(f"{self.place} refuses {method} {path}: {why}")
        return answer.text

    def _refused(self) -> str:
        return (
            f"{self.place} refuses the user {self._username!r} (401); correct username or "
            f"{self._password_file}; not tried again for {LOCKOUT_S:.0f} s"
        )


class IsapiBarrier:
    """One channel; implements driver.BoardDriver. Its status stands in for limit switches."""

    def __init__(self, line: IsapiLine, channel: int) -> None:
        self._line = line
        self._path = f"/ISAPI/Parking/channels/{channel}/barrierGate"
        self._status = ""
        self._asked_at = float("-inf")

    def __repr__(self) -> str:
        return f"<IsapiBarrier {self._path} at {self._line.place}>"

    def read_inputs(self) -> dict[str, bool]:
        self._line.check()
        now = time.monotonic()
        if now - self._asked_at >= STATUS_EVERY_S:
            self._asked_at = float("-inf")
            text = self._line.ask("GET", f"{self._path}/barrierGateStatus")
            self._status = _element(text, "barrierGateStatus") or _element(text, "status")
            if self._status not in ("0", "1", "2"):
                raise NoAnswer(f"{self._line.place}: a status that is none: {self._status!r}")
            self._asked_at = now
        return {"limit_open": self._status == "2", "limit_closed": self._status == "1"}

    def pulse(self, output: str, seconds: float) -> None:
        if output not in MODES:
            return
        body = f"<BarrierGate><ctrlMode>{output}</ctrlMode></BarrierGate>"
        told = self._line.ask("PUT", self._path, body)
        if (code := _element(told, "statusCode")) not in ("", "1"):
            raise NoAnswer(f"{self._line.place} has not done {output}: statusCode {code}")

    def set(self, output: str, on: bool) -> None:
        """A command is over when done: there is nothing to release."""

    def tend(self, now: float) -> None: ...


def _element(text: str, name: str) -> str:
    """The text of an element without children, or ""."""
    found = re.search(rf"<{name}(?:\s[^>]*)?>\s*([^<]*?)\s*</{name}>", text)
    return found.group(1) if found else ""
