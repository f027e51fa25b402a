"""The lanes' displays: one thread each, so that a sign that hangs hinders nobody."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from edge.barrier.wires.mqtt import MqttLine
from edge.barrier.wires.port import WireGone
from edge.config import AlphaDisplay, MqttDisplay, MqttWire, Settings
from edge.display.signs import AlphaSign, MqttSign, Sign
from edge.display.text import plain

CHECK_EVERY_S = 0.2
AGAIN_S = 10.0
"""Seconds after which the text is sent again, in case the sign was off."""

REOPEN_S = 5.0

log = logging.getLogger(__name__)


class Display:
    """One lane's display. `text` gives its line as it should be now."""

    def __init__(
        self, lane: str, sign: Sign, text: Callable[[], str], reopen_s: float = REOPEN_S
    ) -> None:
        self._lane = lane
        self._sign = sign
        self._text = text
        self._reopen_s = reopen_s
        self._why = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"display {lane}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._sign.open()
                self._show_on()
                return
            except WireGone as error:
                self._lost(str(error))
                self._stopping.wait(self._reopen_s)
            finally:
                self._sign.close()

    def _lost(self, why: str) -> None:
        """Said once, until it shows again or the cause is another."""
        if why != self._why:
            log.warning("display of lane %s: %s; tried again every %g s",
                        self._lane, why, self._reopen_s)  # fmt: skip
        self._why = why

    def _show_on(self) -> None:
        """Until the end; the last word is an empty line. Raises WireGone."""
        shown: str | None = None
        shown_at = 0.0
        while not self._stopping.wait(CHECK_EVERY_S):
            text = plain(self._text()) if self._sign.ascii_only else self._text()
            if text != shown or time.monotonic() - shown_at >= AGAIN_S:
                self._sign.show(text)
                if self._why:
                    log.info("display of lane %s: it shows again", self._lane)
                self._why = ""
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
