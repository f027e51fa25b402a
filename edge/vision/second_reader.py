"""Listens to a camera's own readings: one thread a camera, connected again for ever.

A camera that refuses the sign-in is left alone for a minute, because cameras lock accounts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Protocol
from urllib.parse import urlsplit

import httpcore

from edge.config.second_reader import SecondReaderConfig
from edge.config.secret import SecretError
from edge.system.backoff import Retries
from edge.vision.camera_http import CameraHttp, NoPictures, OnClock, mapped, no_clock
from edge.vision.plate_events import (
    LARGEST,
    AlertStream,
    CameraReading,
    StrangeEvent,
    address,
    isapi_reading,
    onvif_readings,
)

SILENT_S = 30.0
"""Seconds without a byte after which the connection is given up; alert streams have a heartbeat
every ten."""

PULL_S = 5
"""Seconds for which a camera may keep an answer back until there is something to tell."""

SUBSCRIBED_S = 60
RENEW_AFTER_S = 25.0
MOST_MESSAGES = 20
REOPEN = Retries(1.0, 60.0)
STEADY_S = 30.0
ALERTS = "/ISAPI/Event/notification/alertStream"
EVENTS = "/onvif/event_service"
SOAP = "application/soap+xml; charset=utf-8"

Hear = Callable[[CameraReading], None]

log = logging.getLogger(__name__)


class Listening(Protocol):
    """Reads until the connection ends; `worked` is called whenever the camera has answered."""

    def __call__(self, camera: CameraHttp, hear: Hear, worked: Callable[[], None]) -> None: ...


class SecondReader:
    """`fault`: why nothing is heard from the camera, "" while it answers. `hear` is called on this
    reader's thread."""

    def __init__(self, config: SecondReaderConfig, hear: Hear, on_clock: OnClock) -> None:
        self.fault = ""
        self._config, self._hear, self._on_clock = config, hear, on_clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"second reader {config.url}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        listen: Listening = LISTENING[self._config.kind]
        tries = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                url = _whole(self._config.signed().opened(), self._config.kind)
                with closing(CameraHttp(url, SILENT_S, self._on_clock)) as camera:
                    listen(camera, self._hear, self._worked)
                why = "the stream has ended"
            except (NoPictures, SecretError, StrangeEvent) as error:
                why = str(error)
            except Exception as error:
                log.exception("the second reader at %s failed", self._config.url)
                why = type(error).__name__
            if why != self.fault:
                log.warning("the second reader at %s: %s", self._config.url, why)
            self.fault = why
            tries = 0 if time.monotonic() - began > STEADY_S else tries + 1
            self._stopping.wait(REOPEN.pause_s(tries))

    def _worked(self) -> None:
        if self.fault:
            log.info("the second reader at %s answers again", self._config.url)
        self.fault = ""
        if self._stopping.is_set():
            raise NoPictures("stopping")


class _Answers(Exception):
    """The camera has answered."""


def tried(config: SecondReaderConfig) -> None:
    """Returns once the camera gives its events. Raises NoPictures, SecretError, StrangeEvent: why
    it does not."""

    def worked() -> None:
        raise _Answers

    url = _whole(config.signed().opened(), config.kind)
    listen: Listening = LISTENING[config.kind]
    with (
        suppress(_Answers),
        closing(CameraHttp(url, SILENT_S, no_clock)) as camera,
    ):
        listen(camera, lambda reading: None, worked)


def _whole(url: str, kind: str) -> str:
    """The service's usual path where none is named."""
    return url if urlsplit(url).path.strip("/") else url.rstrip("/") + USUAL[kind]


def _alerts(camera: CameraHttp, hear: Hear, worked: Callable[[], None]) -> None:
    """Raises NoPictures."""
    with camera.answer() as answer, mapped(SILENT_S):
        stream = AlertStream()
        worked()
        for chunk in answer.iter_stream():
            camera.begin()
            worked()
            for data in stream.feed(chunk):
                try:
                    reading = isapi_reading(data)
                except StrangeEvent as error:
                    log.info("an event that cannot be read: %s", error)
                    continue
                if reading is not None:
                    hear(reading)


def _pulled(camera: CameraHttp, hear: Hear, worked: Callable[[], None]) -> None:
    """Raises NoPictures, StrangeEvent."""
    made = _ask(camera, "", "CreatePullPointSubscription", _SUBSCRIBE)
    # The address is a stranger's: of it only the path is used, at the camera that was named.
    at = urlsplit(address(made))
    path = (at.path or EVENTS) + (f"?{at.query}" if at.query else "")
    renewed = time.monotonic()
    while True:
        worked()
        for reading in onvif_readings(_ask(camera, path, "PullMessages", _PULL)):
            hear(reading)
        if time.monotonic() - renewed > RENEW_AFTER_S:
            renewed = time.monotonic()
            _ask(camera, path, "Renew", _RENEW)


def _ask(camera: CameraHttp, path: str, action: str, body: str) -> bytes:
    """Raises NoPictures, StrangeEvent."""
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
    camera.begin()
    kind = f'{SOAP}; action="{_ACTIONS[action]}"'
    with camera.answer("POST", path, envelope.encode(), kind) as answer:
        return _bounded(answer)


def _bounded(answer: httpcore.Response) -> bytes:
    data = bytearray()
    with mapped(SILENT_S):
        for chunk in answer.iter_stream():
            data += chunk
            if len(data) > LARGEST:
                raise StrangeEvent("an answer that does not end")
    return bytes(data)


USUAL = {"isapi": ALERTS, "onvif": EVENTS}
LISTENING: dict[str, Listening] = {"isapi": _alerts, "onvif": _pulled}

_WSN = "http://docs.oasis-open.org/wsn/b-2"
_EVENTS = "http://www.onvif.org/ver10/events/wsdl"
_ACTIONS = {
    "CreatePullPointSubscription": f"{_EVENTS}/EventPortType/CreatePullPointSubscriptionRequest",
    "PullMessages": f"{_EVENTS}/PullPointSubscription/PullMessagesRequest",
    "Renew": "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest",
}
_SUBSCRIBE = (
    f'<CreatePullPointSubscription xmlns="{_EVENTS}">'
    f"<InitialTerminationTime>PT{SUBSCRIBED_S}S</InitialTerminationTime>"
    "</CreatePullPointSubscription>"
)
_PULL = (
    f'<PullMessages xmlns="{_EVENTS}"><Timeout>PT{PULL_S}S</Timeout>'
    f"<MessageLimit>{MOST_MESSAGES}</MessageLimit></PullMessages>"
)
_RENEW = f'<Renew xmlns="{_WSN}"><TerminationTime>PT{SUBSCRIBED_S}S</TerminationTime></Renew>'
