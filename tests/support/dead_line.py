"""A TCP line that can die and come back.

While it is dead nothing passes and nobody is told. What a sender's kernel still holds comes when
the line is back, late and all at once; what the sender has thrown away meanwhile (a reset
connection) does not.
"""

import contextlib
import select
import socket
import threading

GONE = select.POLLERR | select.POLLHUP


class DeadLine:
    """`port` leads to `target` while the line is alive."""

    def __init__(self, target):
        self.target = target
        self.alive = threading.Event()
        self.alive.set()
        self._ended = False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._ended = True
        self.alive.set()
        self._server.close()

    def _accept(self):
        while not self._ended:
            try:
                near, _ = self._server.accept()
                self.alive.wait()
                far = socket.create_connection(self.target)
            except OSError:
                continue
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near, far):
        """Both ways, in one thread: nobody else closes what it waits on."""
        watch, other = select.poll(), {near.fileno(): (near, far), far.fileno(): (far, near)}
        with near, far, contextlib.suppress(OSError):
            for end in other:
                watch.register(end, select.POLLIN)
            while not self._ended:
                events = watch.poll(20)
                if not events or not self.alive.is_set():
                    self.alive.wait(0.02)
                    continue
                for number, event in events:
                    if event & GONE:
                        return
                    one, to = other[number]
                    data = one.recv(4096)
                    if not data:
                        return
                    to.sendall(data)
