"""What the gate publishes beside its events: results of commands, and the state of each lane."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

MOST_RESULTS = 1000
"""Maximum results of commands that wait for a connection; the oldest go."""

Publish = Callable[[str, bytes, bool], None]
"""Topic, payload, whether the broker keeps it (retained)."""


class Announcements:
    """Any thread; `send` is called on the relay's."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._lock = threading.Lock()
        self._states: dict[str, bytes] = {}
        self._unsent_states: set[str] = set()
        self._results: list[tuple[str, bytes]] = []

    def result(self, command_id: str, result: Mapping[str, Any]) -> None:
        with self._lock:
            body = json.dumps(dict(result)).encode()
            self._results.append((f"{self._base}/command/{command_id}/result", body))
            del self._results[:-MOST_RESULTS]

    def state(self, lane: str, state: Mapping[str, Any]) -> bool:
        """The newest state of a lane counts. Whether it is another than before."""
        body = json.dumps(dict(state)).encode()
        with self._lock:
            if self._states.get(lane) == body:
                return False
            self._states[lane] = body
            self._unsent_states.add(lane)
            return True

    def begin(self) -> None:
        """A new connection: every lane's state is sent anew."""
        with self._lock:
            self._unsent_states = set(self._states)

    def send(self, publish: Publish) -> None:
        """All that waits."""
        with self._lock:
            results, self._results = self._results, []
            states = [(lane, self._states[lane]) for lane in self._unsent_states]
            self._unsent_states.clear()
        for topic, body in results:
            publish(topic, body, False)
        for lane, body in states:
            publish(f"{self._base}/state/{lane}", body, True)
