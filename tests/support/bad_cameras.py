"""Cameras that send anything but pictures, over raw sockets; each counts its connections."""

import contextlib
import socket
import struct
import threading
import time

import cv2
import numpy as np

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
CHUNKED = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
GOOD = cv2.imencode(".jpg", np.full((90, 160, 3), 90, np.uint8))[1].tobytes()

GRAIN = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
WHOLE = cv2.imencode(".jpg", cv2.GaussianBlur(GRAIN, (9, 9), 0))[1].tobytes()
HOLED = WHOLE[: len(WHOLE) // 3] + WHOLE[len(WHOLE) // 2 :]


def eight_k():
    """A JPEG of 33 million pixels."""
    large = cv2.resize(GRAIN, (7680, 4320), interpolation=cv2.INTER_NEAREST)
    return cv2.imencode(".jpg", large)[1].tobytes()


def part(body):
    return b"--b\r\nContent-Type: image/jpeg\r\n\r\n" + body + b"\r\n"


def sized(width, height):
    """A good JPEG that says that it is so large."""
    at = GOOD.index(b"\xff\xc0") + 5
    return GOOD[:at] + struct.pack(">HH", height, width) + GOOD[at + 4 :]


def forever(head, piece, pause=0.02):
    def serve(connection):
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return serve


def silent(connection):
    time.sleep(1000)


def closes(connection):
    connection.close()


def trickles(connection):
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000:
        connection.sendall(bytes([byte]))
        time.sleep(0.2)


def trickles_tls(connection):
    """The beginning of a TLS record, then one byte of it after the other."""
    connection.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        connection.sendall(b"\x02")
        time.sleep(0.2)


KINDS = {
    "TLS that trickles": trickles_tls,
    "undecodable": forever(HEAD, part(b"\xff\xd8\xff\xda\x00\x02nonsense\xff\xd9")),
    "damaged": forever(HEAD, part(GOOD[:200] + b"\xff\xda\x00\x0c" + b"\x01" * 30 + b"\xff\xd9")),
    "a hole in the middle": forever(HEAD, part(HOLED)),
    "huge": forever(HEAD, part(sized(20_000, 20_000))),
    "empty parts": forever(HEAD, part(b"")),
    "no end": forever(HEAD + part(GOOD[:-2])[:-2], b"\x11" * 1000),
    "a flood without an end": forever(HEAD + GOOD[:-2], b"\x11" * 50_000, 0.0),
    "start marks": forever(HEAD, b"\xff\xd8" * 20_000),
    "end marks": forever(HEAD + b"\xff\xd8", b"\xff\xd9" * 20_000),
    "endless segments": forever(HEAD + b"\xff\xd8", b"\xff\xe0\x00\x02" * 5000),
    "endless headers": forever(b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 1000 + b"\r\n"),
    "endless header": forever(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 1000),
    "trickles": trickles,
    "silent": silent,
    "silent later": forever(HEAD, b"", 1.0),
    "closes": closes,
    "an impossible chunk": forever(CHUNKED, b"FFFFFFFFFFFFFFFFFFFFFFFF\r\n"),
    "a huge chunk": forever(CHUNKED + b"7FFFFFFF\r\n", b"\x00" * 1000),
    "no HTTP": forever(b"", b"\x00\x01\x02" * 100),
}


class BadCamera:
    """Serves every connection in the same way."""

    def __init__(self, serve):
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if serve is trickles_tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}/c"
        self.served = self.open = self.most = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with self._lock:
                    self.served += 1
                    self.open += 1
                    self.most = max(self.most, self.open)
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()
                # The other side has gone when nothing more can be read.
                threading.Thread(target=self._watch, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with contextlib.suppress(OSError):
            self._serve(connection)

    def _watch(self, connection):
        with contextlib.suppress(OSError):
            while connection.recv(4096):
                pass
        with self._lock:
            self.open -= 1
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._socket.close()
