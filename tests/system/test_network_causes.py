"""A connection that fails is told in our words, in the reader's language."""

import socket
import threading

import httpcore
import pytest

from edge.system.causes import texts
from edge.system.network_causes import failure


def answered(data):
    """Whatever is asked of it."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}/", server


def failed(url):
    with pytest.raises((httpcore.NetworkError, httpcore.ProtocolError)) as caught:
        httpcore.request("GET", url)
    return failure(caught.value)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "closed"),
        (b"220 a mail server\r\n\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\n\0nonsense\r\n\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "closed"),
    ],
)
def test_what_is_no_whole_answer_is_told_without_a_library_s_words(data, key):
    url, server = answered(data)
    assert failed(url) == texts("en")[f"cause.network.{key}"]
    server.close()


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://127.0.0.1:9/", "refused"),
        ("http://no-such-computer.invalid/", "no_host"),
    ],
)
def test_who_is_not_there_is_told_without_the_system_s_words(url, key):
    assert failed(url) == texts("en")[f"cause.network.{key}"]


def test_a_server_that_does_not_speak_tls_is_told_so():
    url, server = answered(b"no TLS at all")
    assert failed(url.replace("http", "https")) == texts("en")["cause.network.no_tls"]
    server.close()


def test_whatever_else_fails_is_told_as_that():
    assert failure(RuntimeError("of somebody else")) == texts("en")["cause.network.failed"]
    assert "somebody" not in failure(OSError(999, "of somebody else"))
