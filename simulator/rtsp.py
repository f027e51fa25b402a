"""Twin cameras over RTSP (RFC 2326), as network cameras speak it: JPEG in RTP (RFC 2435),
interleaved in the TCP connection, which is how the gate asks for it, or over UDP.

Each camera is one path of one server: `rtsp://127.0.0.1:<port>/<name>`. Faults are those of the
MJPEG cameras.
"""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate

from simulator.camera import CameraFaults

PAYLOAD = 1300
"""Bytes of the picture in one packet."""

JPEG_TYPE, CLOCK = 26, 90_000
TABLES_FOLLOW = 255
QUANTISATION, FRAME, SCAN = 0xDB, 0xC0, 0xDA
HALF_BOTH, HALF_WIDTH = 0x22, 0x21
"""Sampling of brightness against colour: 4:2:0 and 4:2:2."""

PORTS = re.compile(r"client_port=(\d{1,5})(?:-\d{1,5})?")
PAIRS = 50
"""Tries for two free ports that follow each other, as RTP and its reports are used to."""

REST_S = 0.0005
"""Between two datagrams, so that a receiver's buffer does not overflow with one picture."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What RFC 2435 sends of a JPEG: the rest, its receiver knows. `kind`: 0 4:2:2, 1 4:2:0."""

    kind: int
    width: int
    height: int
    tables: bytes
    scan: bytes


def parts_of(jpeg: bytes) -> Parts:
    """Takes a baseline JPEG with the standard's Huffman tables apart. Raises ValueError."""
    at, tables, kind, width, height = 2, b"", 1, 0, 0
    while at + 4 <= len(jpeg):
        mark, size = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        body = jpeg[at + 4 : at + 2 + size]
        if mark == QUANTISATION:
            tables += b"".join(body[n + 1 : n + 65] for n in range(0, len(body), 65))
        elif mark == FRAME:
            height, width = struct.unpack(">HH", body[1:5])
            if body[7] not in (HALF_BOTH, HALF_WIDTH):
                raise ValueError("only JPEG of 4:2:0 or 4:2:2 goes into RTP")
            kind = int(body[7] == HALF_BOTH)
        elif mark == SCAN:
            return Parts(kind, width, height, tables, jpeg[at + 2 + size : -2])
        at += 2 + size
    raise ValueError("no JPEG")


def packets(jpeg: bytes, sequence: int, timestamp: int, source: int = 1) -> Iterator[bytes]:
    """The RTP packets of one picture."""
    parts = parts_of(jpeg)
    for offset in range(0, len(parts.scan), PAYLOAD):
        piece = parts.scan[offset : offset + PAYLOAD]
        last = offset + PAYLOAD >= len(parts.scan)
        head = struct.pack(
            ">BBHII", 0x80, JPEG_TYPE | (0x80 if last else 0), sequence & 0xFFFF, timestamp, source
        )
        size = (TABLES_FOLLOW, parts.width // 8, parts.height // 8)
        head += struct.pack(">I", offset) + struct.pack(">BBBB", parts.kind, *size)
        if offset == 0:
            head += struct.pack(">BBH", 0, 0, len(parts.tables)) + parts.tables
        yield head + piece
        sequence += 1


class RtspCameras:
    """`frames`: camera name -> a function that gives (number, JPEG).

    Width and height of the pictures must be multiples of 8. `served`: pictures sent, by name.
    """

    def __init__(
        self, frames: dict[str, Callable[[], tuple[int, bytes]]], rate: float = 10.0, port: int = 0
    ) -> None:
        self.frames, self.rate = frames, rate
        self.faults = {name: CameraFaults() for name in frames}
        self.closing = False
        self.served: Counter[str] = Counter()
        cameras = self

        class Session(_Session):
            owner = cameras

        self._server = _Server(("127.0.0.1", port), Session)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def url(self, name: str) -> str:
        return f"rtsp://127.0.0.1:{self._server.server_address[1]}/{name}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.closing = True
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


class _Session(socketserver.StreamRequestHandler):
    """One client's connection."""

    owner: RtspCameras

    def handle(self) -> None:
        self._writing = threading.Lock()
        self._playing = False
        self._datagrams: tuple[socket.socket, socket.socket] | None = None
        self._client_port = 0
        try:
            while self._request():
                pass
        except (OSError, ValueError, IndexError):
            pass  # the client is gone or speaks something else
        self._playing = False
        if self._datagrams is not None:
            for port in self._datagrams:
                port.close()

    def _request(self) -> bool:
        """Answers one request; whether the session goes on."""
        first = self.rfile.read(1)
        if first == b"$":  # a report of the receiver's, between the requests
            head = self.rfile.read(3)
            self.rfile.read(int.from_bytes(head[1:], "big"))
            return True
        if not first:
            return False
        line = first + self.rfile.readline(4096)
        method, address = line.decode("ascii", "replace").split()[:2]
        wanted: dict[str, str] = {}
        while (header := self.rfile.readline(4096).strip()) != b"":
            key, _, value = header.decode("ascii", "replace").partition(":")
            wanted[key.lower()] = value.strip()
        name = address.split("://", 1)[-1].partition("/")[2].split("/")[0]
        known = name in self.owner.frames and not self.owner.faults[name].dark
        status, headers, body = self._answer(method, address, wanted, known)
        text = f"RTSP/1.0 {status}\r\nCSeq: {wanted.get('cseq', '0')}\r\n"
        faults = self.owner.faults.get(name)
        at = time.time() + (faults.clock_ahead_s if faults else 0.0)
        text += f"Date: {formatdate(at, usegmt=True)}\r\n"
        text += "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        if body:
            text += f"Content-Length: {len(body)}\r\n"
        self._send(f"{text}\r\n{body}".encode())
        if method == "PLAY" and status.startswith("200"):
            self._playing = True
            threading.Thread(target=self._play, args=(name,), daemon=True).start()
        return method != "TEARDOWN"

    def _answer(
        self, method: str, address: str, wanted: dict[str, str], known: bool
    ) -> tuple[str, dict[str, str], str]:
        """Status, headers and body."""
        if method == "OPTIONS":
            public = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
            return "200 OK", {"Public": public}, ""
        if not known:
            return "404 Not Found", {}, ""
        session = {"Session": "1;timeout=60"}
        if method == "DESCRIBE":
            lines = (
                "v=0",
                "o=- 0 0 IN IP4 127.0.0.1",
                "s=camera",
                "t=0 0",
                f"m=video 0 RTP/AVP {JPEG_TYPE}",
                "c=IN IP4 0.0.0.0",
                "a=control:track1",
            )
            kind = {"Content-Type": "application/sdp", "Content-Base": f"{address}/"}
            return "200 OK", kind, "\r\n".join(lines) + "\r\n"
        if method == "SETUP":
            transport = self._transport(wanted.get("transport", ""))
            if not transport:
                return "461 Unsupported Transport", {}, ""
            return "200 OK", {**session, "Transport": transport}, ""
        if method in ("PLAY", "GET_PARAMETER", "TEARDOWN"):
            return "200 OK", session, ""
        return "405 Method Not Allowed", {}, ""

    def _transport(self, wanted: str) -> str:
        """The first of what the client offers that is possible; "" for none."""
        for one in wanted.split(","):
            if "interleaved" in one:
                return "RTP/AVP/TCP;unicast;interleaved=0-1"
            ports = PORTS.search(one)
            if ports is None or "multicast" in one or not 1024 <= int(ports[1]) < 65535:
                continue
            self._client_port = int(ports[1])
            self._datagrams = self._datagrams or _two_ports()
            here = self._datagrams[0].getsockname()[1]
            there = f"{self._client_port}-{self._client_port + 1}"
            return f"RTP/AVP;unicast;client_port={there};server_port={here}-{here + 1}"
        return ""

    def _play(self, name: str) -> None:
        """Sends every new picture until the client or the camera ends."""
        shown, sequence, began = -1, 0, time.monotonic()
        while self._playing and not self.owner.closing and not self.owner.faults[name].dark:
            time.sleep(0.5 / self.owner.rate)
            if self.owner.faults[name].frozen:
                continue
            number, jpeg = self.owner.frames[name]()
            if number == shown:
                continue
            shown = number
            stamp = round((time.monotonic() - began) * CLOCK) & 0xFFFFFFFF
            try:
                sent = list(packets(self.owner.faults[name].spoiling.out(jpeg), sequence, stamp))
            except (ValueError, IndexError, struct.error):
                # What is no JPEG goes into no packet: nonsense in their place.
                sent = [struct.pack(">BBHII", 0x80, 0x80 | JPEG_TYPE, sequence & 0xFFFF, stamp, 1)]
            if self.owner.faults[name].cut:
                sent = sent[: len(sent) // 2]
            sequence += len(sent)
            self.owner.served[name] += 1
            try:
                for packet in sent:
                    self._send_packet(packet)
            except OSError:
                return
        self.connection.close()

    def _send_packet(self, packet: bytes) -> None:
        if self._datagrams is None:
            self._send(b"$\0" + struct.pack(">H", len(packet)) + packet)
            return
        with contextlib.suppress(ConnectionRefusedError):
            self._datagrams[0].sendto(packet, (self.client_address[0], self._client_port))
        time.sleep(REST_S)

    def _send(self, data: bytes) -> None:
        with self._writing:
            self.wfile.write(data)


def _two_ports() -> tuple[socket.socket, socket.socket]:
    """For RTP and its reports, the second after the first. Raises OSError."""
    for _ in range(PAIRS):
        first = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        second = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            first.bind(("127.0.0.1", 0))
            second.bind(("127.0.0.1", first.getsockname()[1] + 1))
        except (OSError, OverflowError):
            first.close()
            second.close()
            continue
        return first, second
    raise OSError("no two ports beside each other are free")
