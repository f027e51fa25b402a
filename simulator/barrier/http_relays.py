"""Relays behind HTTP: what the twins of Shelly, ControlByWeb and ONVIF devices share, a server on a
real port with sign-in, and relays that end their pulses by themselves."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from simulator.contacts import LaneHardware

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class SignIn(Protocol):
    """How a device asks who is there."""

    def challenge(self) -> str: ...

    def good(self, method: str, path: str, given: str) -> bool: ...


class Basic:
    def __init__(self, user: str, password: str) -> None:
        self._wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def challenge(self) -> str:
        return 'Basic realm="relays"'

    def good(self, method: str, path: str, given: str) -> bool:
        return given == self._wanted


class Digest:
    """RFC 7616 with quality of protection "auth", checked here on its own; a count is used once."""

    def __init__(self, user: str, password: str, algorithm: str) -> None:
        self._user, self._password, self._algorithm = user, password, algorithm
        self._realm = "device-1234"
        self._used: dict[str, set[str]] = {}

    def challenge(self) -> str:
        nonce = secrets.token_hex(16)
        self._used[nonce] = set()
        return (
            f'Digest realm="{self._realm}", qop="auth", nonce="{nonce}", '
            f"algorithm={self._algorithm}"
        )

    def good(self, method: str, path: str, given: str) -> bool:
        parts = {k: q or p for k, q, p in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', given)}
        used = self._used.get(parts.get("nonce", ""))
        if used is None or parts.get("nc", "") in used or parts.get("uri") != path:
            return False
        ha1 = self._hash(f"{self._user}:{self._realm}:{self._password}")
        chain = (ha1, parts["nonce"], parts["nc"], parts.get("cnonce", ""), "auth")
        wanted = self._hash(":".join((*chain, self._hash(f"{method}:{path}"))))
        if parts.get("username") != self._user or parts.get("response") != wanted:
            return False
        used.add(parts["nc"])
        return True

    def _hash(self, text: str) -> str:
        return HASHES[self._algorithm](text.encode()).hexdigest()


class Relays:
    """Relays by number from 1; `pulse` is ended here, whoever began it. `log`: what was done."""

    def __init__(self, hardware: LaneHardware, outputs: Mapping[str, int]) -> None:
        self.on: dict[int, bool] = {}
        self.log: list[tuple[int, float | bool]] = []
        self._hardware = hardware
        self._names = {channel: name for name, channel in outputs.items()}
        self._round: dict[int, int] = {}
        self._lock = threading.Lock()

    def switch(self, relay: int, on: bool) -> None:
        self.log.append((relay, on))
        with self._lock:
            self._round[relay] = self._round.get(relay, 0) + 1
        self._set(relay, on)

    def pulse(self, relay: int, seconds: float) -> None:
        self.log.append((relay, seconds))
        with self._lock:
            self._round[relay] = mine = self._round.get(relay, 0) + 1
        self._set(relay, True)

        def end() -> None:
            with self._lock:
                ours = self._round[relay] == mine
            if ours:
                self._set(relay, False)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()

    def _set(self, relay: int, on: bool) -> None:
        if self.on.get(relay, False) == on:
            return
        self.on[relay] = on
        if relay in self._names:
            self._hardware.drive(self._names[relay], on)


class Device(ABC):
    """A device on a port of its own; a kind says what it answers. `slow_s`: it thinks so long about
    requests that contain `slow_at`; `mute`: it does what it is told and answers nothing. `asked`:
    path and body of each request that was let in."""

    content_type = "application/json"

    def __init__(
        self, hardware: LaneHardware, outputs: Mapping[str, int], sign_in: SignIn | None
    ) -> None:
        self.relays = Relays(hardware, outputs)
        self.slow_s = 0.0
        self.slow_at = ""
        self.mute = False
        self.asked: list[str] = []
        self._over = False
        self._sign_in = sign_in
        twin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve("GET")

            def do_POST(self) -> None:
                self._serve("POST")

            def log_message(self, format: str, *args: Any) -> None: ...

            def _serve(self, method: str) -> None:
                if twin._over:
                    # Kept connections end with the device.
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                given = self.headers.get("Authorization", "")
                gate = twin._sign_in
                if gate is not None and not gate.good(method, self.path, given):
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", gate.challenge())
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                twin.asked.append(self.path + body)
                if twin.slow_s and twin.slow_at in self.path + body:
                    time.sleep(twin.slow_s)
                code, text = twin.handle(method, self.path, body)
                while twin.mute:
                    time.sleep(0.05)
                self.send_response(code)
                self.send_header("Content-Type", twin.content_type)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A controller that hangs up early is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="twin relays", daemon=True
        )

    @abstractmethod
    def handle(self, method: str, path: str, body: str) -> tuple[int, str]: ...

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over = True
        self._server.shutdown()
        self._server.server_close()
