"""A TCP line that can die and come back.

While it is dead nothing passes and nobody is told. What a sender's kernel still holds comes when
the line is back, late and all at once; what the sender has thrown away meanwhile (a reset
connection) does not.
"""

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
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one, other):
        watch = select.poll()
        watch.register(one, select.POLLIN)
        try:
            while not self._ended:
                events = watch.poll(20)
                if not events or not self.alive.is_set():
                    self.alive.wait(0.02)
                    continue
                if events[0][1] & GONE:
                    break
                data = one.recv(4096)
                if not data:
                    break
                other.sendall(data)
        except OSError:
            pass
        finally:
            for end in (one, other):
                end.close()
