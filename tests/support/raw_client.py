"""Clients that no library would be: they send what they like, and as slowly as they like."""

import contextlib
import socket
import ssl

STRANGER, BOOTH = "127.0.0.66", "127.0.0.2"
"""Any address of 127/8 is this computer's own."""


WAIT_S = 60.0


class Clients:
    """Call it for one more connection; `close` closes all of them."""

    def __init__(self):
        self._made = []

    def __call__(self, port, source=STRANGER, tls=False):
        made = socket.create_connection(
            ("127.0.0.1", port), timeout=WAIT_S, source_address=(source, 0)
        )
        self._made.append(made)
        if tls:
            made = ssl._create_unverified_context().wrap_socket(made)
            self._made.append(made)
        return made

    def close(self):
        for made in self._made:
            made.close()


def still_open(client):
    """Whether the other side holds the connection; what it has answered is thrown away."""
    client.setblocking(False)
    try:
        while client.recv(65536):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        client.settimeout(WAIT_S)
    return False


def exchange(client, *parts):
    """Sends the parts, as far as they are taken, and gives all that is answered; b"" if nothing."""
    with contextlib.suppress(OSError):
        for part in parts:
            client.sendall(part)
    answer = b""
    with contextlib.suppress(OSError):
        while part := client.recv(65536):
            answer += part
    return answer


def request(client, method="GET", path="/healthz", head="", body=b""):
    """One request; the status of its answer, or 0 if there is none."""
    lines = f"{method} {path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n{head}"
    if body:
        lines += f"Content-Length: {len(body)}\r\n"
    answer = exchange(client, f"{lines}\r\n".encode() + body)
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
