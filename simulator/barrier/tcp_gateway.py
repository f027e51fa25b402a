"""Twin boards behind Modbus TCP, on a real port."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Mapping

from simulator.barrier.modbus_board import Board
from simulator.barrier.own_processor import as_a_device


class TcpGateway:
    """Boards by unit address; `port` is known at once."""

    def __init__(self, boards: Mapping[int, Board]) -> None:
        self.boards = boards
        gateway = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                as_a_device()
                while (head := _exactly(self.request, 7)) is not None:
                    size = int.from_bytes(head[4:6]) - 1
                    pdu = _exactly(self.request, size)
                    board = gateway.boards.get(head[6])
                    if pdu is None:
                        return
                    if board is None:
                        continue
                    answer = board.handle(pdu)
                    length = (len(answer) + 1).to_bytes(2)
                    self.request.sendall(head[:4] + length + head[6:7] + answer)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._tick, daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    def _tick(self) -> None:
        as_a_device()
        while not self._stop.wait(0.01):
            for board in self.boards.values():
                board.tick()


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    """So many bytes, or None at the end of the connection."""
    data = b""
    while len(data) < count:
        try:
            more = connection.recv(count - len(data))
        except OSError:
            return None
        if not more:
            return None
        data += more
    return data
