"""The lanes' displays: one thread each, so that a sign that hangs hinders nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from edge.barrier.wires.mqtt import MqttLine
from edge.barrier.wires.port import WireGone
from edge.config import AlphaDisplay, MqttDisplay, MqttWire, Settings
from edge.display.signs import AlphaSign, MqttSign, Sign
from edge.display.text import plain
from edge.system.attached import REOPEN_S, Attached

CHECK_EVERY_S = 0.2
AGAIN_S = 10.0
"""Seconds after which the text is sent again, in case the sign was off."""


class Display:
    """One lane's display. `text` gives its line as it should be now."""

    def __init__(
        self, lane: str, sign: Sign, text: Callable[[], str], reopen_s: float = REOPEN_S
    ) -> None:
        self._sign, self._text = sign, text
        self._attached = Attached(
            f"display of lane {lane}", self._session, WireGone, reopen_s=reopen_s
        )
        self.start, self.stop = self._attached.start, self._attached.stop

    def _session(self, stopping: threading.Event) -> None:
        """The last word is an empty line. Raises WireGone."""
        try:
            self._sign.open()
            self._show(stopping)
        finally:
            self._sign.close()

    def _show(self, stopping: threading.Event) -> None:
        shown: str | None = None
        shown_at = 0.0
        while not stopping.wait(CHECK_EVERY_S):
            text = plain(self._text()) if self._sign.ascii_only else self._text()
            if text != shown or time.monotonic() - shown_at >= AGAIN_S:
                self._sign.show(text)
                self._attached.works()
                shown, shown_at = text, time.monotonic()
        self._sign.show("")


def displays(settings: Settings, text: Callable[[str, str], str]) -> list[Display]:
    """All displays that the settings name; `text` of lane and language."""
    made = []
    for lane, config in settings.lanes.items():
        if config.display is not None:
            language = config.display.language
            if isinstance(config.display, AlphaDisplay) and language == "zh":
                # These signs have no Chinese characters.
                language = "en"
            made.append(Display(lane, sign(settings, lane), partial(text, lane, language)))
    return made


def sign(settings: Settings, lane: str) -> Sign:
    """The sign of a lane that has one."""
    how = settings.lanes[lane].display
    assert how is not None
    if isinstance(how, AlphaDisplay):
        return AlphaSign(how.port, how.baud, how.parity, how.stop_bits)
    return _mqtt(settings, how)


def _mqtt(settings: Settings, how: MqttDisplay) -> MqttSign:
    wire = settings.wires[how.wire]
    assert isinstance(wire, MqttWire)
    line = MqttLine(wire.host, wire.port, wire.username, wire.password_file, wire.tls, wire.ca_file)
    return MqttSign(line, how.topic)
