"""A twin Hikvision device with barriers: ISAPI behind HTTP Digest (RFC 7616, MD5, qop auth).

The digest is checked here on its own; `lock` persists and refuses later openings. It may think
long before it does what it is told; that the asker has hung up meanwhile changes nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Mapping
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulator.barrier.lane_place import PASSWORD, Hardware, LanePlace
from simulator.contacts import LaneHardware

REALM = "IP Camera(C1234)"
PRESS_S = 0.05


class Isapi:
    """Channels from 1, each with its lane. `log`: what was put.

    `slow_s`: it thinks so long before it does a thing, only about requests that contain `slow_at`
    in path or body; `drip_s`: between the bytes of its answers; `mute`: it does what it is told
    and answers nothing.
    """

    def __init__(
        self,
        channels: Mapping[int, LaneHardware],
        user: str = "admin",
        password: str = "12345abc",
        port: int = 0,
    ) -> None:
        self.channels = channels
        self.slow_s = 0.0
        self.slow_at = ""
        self.drip_s = 0.0
        self.mute = False
        self.log: list[tuple[int, str]] = []
        self.locked: set[int] = set()
        self._user, self._password = user, password
        self._nonces: dict[str, set[str]] = {}
        twin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve("GET")

            def do_PUT(self) -> None:
                self._serve("PUT")

            def log_message(self, format: str, *args: Any) -> None: ...

            def _serve(self, method: str) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                given = self.headers.get("Authorization", "")
                if not twin.signed(method, self.path, given):
                    nonce = twin.fresh_nonce()
                    challenge = f'Digest realm="{REALM}", qop="auth", nonce="{nonce}"'
                    self._answer(401, _status(4, "unauthorized"), challenge)
                    return
                if twin.slow_s and twin.slow_at in self.path + body:
                    time.sleep(twin.slow_s)
                answer = twin.handle(method, self.path, body)
                while twin.mute:
                    time.sleep(0.05)
                self._answer(*answer)

            def _answer(self, code: int, text: str, challenge: str = "") -> None:
                body = '<?xml version="1.0" encoding="UTF-8"?>\n' + text
                reported = f"\r\nWWW-Authenticate: {challenge}" if challenge else ""
                data = (
                    f"HTTP/1.1 {code} {responses[code]}\r\nContent-Type: application/xml\r\n"
                    f"Content-Length: {len(body.encode())}{reported}\r\n\r\n{body}"
                ).encode()
                if not twin.drip_s:
                    self.wfile.write(data)
                    return
                for n in range(len(data)):
                    self.wfile.write(data[n : n + 1])
                    time.sleep(twin.drip_s)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A controller that hangs up early is no news."""

        self._server = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="twin isapi", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # --- the device ---

    def fresh_nonce(self) -> str:
        nonce = secrets.token_hex(16)
        self._nonces[nonce] = set()
        return nonce

    def signed(self, method: str, path: str, given: str) -> bool:
        """Whether the digest is right, its nonce ours and its count not used before."""
        if not given.startswith("Digest "):
            return False
        parts = {k: q or p for k, q, p in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', given)}
        used = self._nonces.get(parts.get("nonce", ""))
        if used is None or parts.get("nc", "") in used or parts.get("uri") != path:
            return False
        if parts.get("username") != self._user or parts.get("realm") != REALM:
            return False
        ha1 = _md5(f"{self._user}:{REALM}:{self._password}")
        ha2 = _md5(f"{method}:{path}")
        chain = [ha1, parts["nonce"], parts.get("nc", ""), parts.get("cnonce", ""), "auth", ha2]
        if _md5(":".join(chain)) != parts.get("response"):
            return False
        used.add(parts["nc"])
        return True

    def handle(self, method: str, path: str, body: str) -> tuple[int, str]:
        if (method, path) == ("GET", "/ISAPI/System/deviceInfo"):
            return 200, "<DeviceInfo><model>DS-TMG4B0</model></DeviceInfo>"
        place = re.fullmatch(
            r"/ISAPI/Parking/channels/(\d+)/barrierGate(/barrierGateStatus)?", path
        )
        if place is None or int(place[1]) not in self.channels:
            return 404, _status(4, "notSupport")
        channel = int(place[1])
        if method == "GET" and place[2]:
            return 200, self._state(channel)
        mode = re.search(r"<ctrlMode>(\w+)</ctrlMode>", body)
        if method != "PUT" or place[2] or mode is None:
            return 400, _status(6, "badXmlContent")
        return self._act(channel, mode[1])

    def _state(self, channel: int) -> str:
        sensed = self.channels[channel].sense()
        state = 2 if sensed.get("limit_open") else 1 if sensed.get("limit_closed") else 0
        return f"<BarrierGate><barrierGateStatus>{state}</barrierGateStatus></BarrierGate>"

    def _act(self, channel: int, mode: str) -> tuple[int, str]:
        self.log.append((channel, mode))
        if mode == "lock":
            self.locked.add(channel)
        elif mode == "unlock":
            self.locked.discard(channel)
        elif mode in ("open", "close"):
            if channel in self.locked and mode == "open":
                return 403, _status(4, "barrierGateLocked")
            hardware = self.channels[channel]
            hardware.drive(mode, True)
            time.sleep(PRESS_S)
            hardware.drive(mode, False)
        else:
            return 400, _status(6, "badParameters")
        return 200, _status(1, "ok")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _status(code: int, sub: str) -> str:
    return (
        '<ResponseStatus version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">'
        f"<statusCode>{code}</statusCode><subStatusCode>{sub}</subStatusCode></ResponseStatus>"
    )


def before_lane(place: LanePlace) -> Hardware:
    camera = Isapi({1: place.world}, password=PASSWORD)
    return Hardware([camera], place.http(camera.url, 1.0), place.apart)
