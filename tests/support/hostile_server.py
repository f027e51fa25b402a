"""An HTTP server of raw sockets that answers as a test likes, well-formed or not."""

import contextlib
import socket
import threading
import time


class HostileServer:
    """`answer(connection)` writes whatever it likes after a whole request has come."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self._over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            while request := _request(connection):
                self.asked.append(request)
                self.answer(connection)

    def stop(self):
        self._over.set()
        self._listening.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def _request(connection):
    """Head and body, or nothing where the client is gone."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65536)
        if not more:
            return b""
        got += more
    head, body = got.split(b"\r\n\r\n", 1)
    length = next(
        (int(line[15:]) for line in head.lower().split(b"\r\n") if b"content-length:" in line), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def whole(status, body=b"", headers=()):
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    text = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(text)


def nothing(connection):
    connection.shutdown(socket.SHUT_RDWR)


def trickle(text, every_s=0.1):
    """One byte at a time."""

    def answer(connection):
        for n in range(len(text)):
            connection.sendall(text[n : n + 1])
            time.sleep(every_s)

    return answer


def flood(head, piece, most):
    """A chunked body of `most` pieces; the client may close before."""

    def answer(connection):
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        for _ in range(most):
            connection.sendall(chunk)
        connection.sendall(b"0\r\n\r\n")

    return answer
