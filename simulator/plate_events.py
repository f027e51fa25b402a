"""Twins of cameras that read plates themselves, by their makers' public documents: Hikvision's
alert stream (ISAPI) and ONVIF PullPoint events, both behind Digest.

`says` gives the next plate; faults are switches.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulator.barrier.http_relays import Digest

ALERTS = "/ISAPI/Event/notification/alertStream"
EVENTS, PULL = "/onvif/event_service", "/onvif/pullpoint/7"
HEARTBEAT_S = 0.5

ANPR = """<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
<ipAddress>127.0.0.1</ipAddress><channelID>1</channelID><dateTime>{at}</dateTime>
<eventType>ANPR</eventType><eventState>active</eventState>
<eventDescription>ANPR</eventDescription><channelName>Camera 01</channelName>
<ANPR><country>255</country><licensePlate>{plate}</licensePlate><line>1</line>
<direction>forward</direction><confidenceLevel>{percent}</confidenceLevel>
<plateType>unknown</plateType><plateColor>unknown</plateColor>
<pictureInfoList><pictureInfo><fileName>licensePlatePicture.jpg</fileName></pictureInfo>
</pictureInfoList></ANPR></EventNotificationAlert>"""
IDLE = """<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
<dateTime>{at}</dateTime><eventType>videoloss</eventType><eventState>inactive</eventState>
</EventNotificationAlert>"""

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope '
    'xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:wsa5="http://www.w3.org/2005/08/addressing" '
    'xmlns:tev="http://www.onvif.org/ver10/events/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:tns1="http://www.onvif.org/ver10/topics">'
    "<SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)
MESSAGE = (
    "<wsnt:NotificationMessage>"
    '<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
    "tns1:RuleEngine/Recognition/LicensePlate</wsnt:Topic>"
    '<wsnt:Message><tt:Message UtcTime="{at}">'
    '<tt:Source><tt:SimpleItem Name="VideoSource" Value="VideoSource_1"/></tt:Source>'
    '<tt:Data><tt:SimpleItem Name="Likelihood" Value="{share}"/>'
    '<tt:SimpleItem Name="PlateNumber" Value="{plate}"/></tt:Data>'
    "</tt:Message></wsnt:Message></wsnt:NotificationMessage>"
)


class PlateReader:
    """A camera of either kind on one port. `say` has it read a plate; `dark`: it answers nothing
    more and ends its stream; `garbled`: what it sends is no document; `clock_ahead_s`: its own."""

    def __init__(self, user: str = "admin", password: str = "12345abc") -> None:
        self.dark = self.garbled = False
        self.clock_ahead_s = 0.0
        self.subscribed = self.renewed = self.open = 0
        self._digest = Digest(user, password, "MD5")
        self._said: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._closing = threading.Event()
        twin = self

        class Handler(_Handler):
            owner = twin

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Who hangs up is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def say(self, plate: str, percent: int = 92) -> None:
        self._said.put((plate, percent))

    # --- the device ---

    def signed(self, method: str, path: str, given: str) -> str:
        """ "" where the sign-in is right, else the challenge."""
        return "" if self._digest.good(method, path, given) else self._digest.challenge()

    def alerts(self, send: Callable[[bytes], None]) -> None:
        """The multipart answer, until it is dark or the client has gone."""
        self.open += 1
        try:
            while not self.dark and not self._closing.is_set():
                try:
                    plate, percent = self._said.get(timeout=HEARTBEAT_S)
                    text = ANPR.format(at=self._now(), plate=plate, percent=percent)
                    parts = [_part("application/xml", text.encode())]
                    parts.append(_part("image/jpeg", b"\xff\xd8\xff\xe0 a picture \xff\xd9"))
                except queue.Empty:
                    parts = [_part("application/xml", IDLE.format(at=self._now()).encode())]
                for part in parts:
                    send(part[::-1] if self.garbled else part)
        finally:
            self.open -= 1

    def events(self, body: str) -> str | None:
        """The answer to a SOAP request; None for one that is not known."""
        if self.garbled:
            return "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"
        if "CreatePullPointSubscription" in body:
            self.subscribed += 1
            # What it thinks its address is, as many do behind a router, is nobody's.
            where = f"http://192.0.2.1{PULL}"
            return ENVELOPE.format(
                body="<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
                f"<wsa5:Address>{where}</wsa5:Address></tev:SubscriptionReference>"
                "</tev:CreatePullPointSubscriptionResponse>"
            )
        if "Renew" in body:
            self.renewed += 1
            return ENVELOPE.format(body="<wsnt:RenewResponse/>")
        if "PullMessages" in body:
            return ENVELOPE.format(
                body=f"<tev:PullMessagesResponse>{self._pulled()}</tev:PullMessagesResponse>"
            )
        return None

    def _pulled(self) -> str:
        try:
            plate, percent = self._said.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            return ""
        return MESSAGE.format(at=self._now(), plate=plate, share=percent / 100)

    def _now(self) -> str:
        at = datetime.fromtimestamp(time.time() + self.clock_ahead_s, UTC)
        return at.isoformat(timespec="seconds")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: PlateReader

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_GET(self) -> None:
        if not self._allowed("GET"):
            return
        if self.path != ALERTS:
            self._answer(404, b"")
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/mixed; boundary=boundary")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.owner.alerts(self._send)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if not self._allowed("POST"):
            return
        said = self.owner.events(body) if self.path in (EVENTS, PULL) else None
        self._answer(200 if said is not None else 400, (said or "").encode())

    def _send(self, data: bytes) -> None:
        self.wfile.write(data)

    def _allowed(self, method: str) -> bool:
        if self.owner.dark:
            self._answer(503, b"")
            return False
        challenge = self.owner.signed(method, self.path, self.headers.get("Authorization", ""))
        if challenge:
            self._answer(401, b"", challenge)
        return not challenge

    def _answer(self, code: int, body: bytes, challenge: str = "") -> None:
        self.send_response(code)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "application/soap+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _part(kind: str, body: bytes) -> bytes:
    head = f"--boundary\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n"
