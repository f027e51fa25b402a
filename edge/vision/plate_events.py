"""PURE. What cameras say of the plates that they read themselves.

Hikvision's ISAPI sends `EventNotificationAlert` documents of the type ANPR within a multipart
answer that does not end; ONVIF cameras answer PullMessages with notifications whose topic ends in
LicensePlate (ONVIF Analytics Service Specification, recognition of license plates). Every document
is of a stranger: no document type and no entities, bounded in bytes, depth and elements, and each
value bounded where it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

from edge.domain.plate import StrangePlate, canonical, parse

LARGEST = 262_144
"""Bytes of a document; ANPR events have some 5,000."""

DEEPEST, MOST_ELEMENTS, LONGEST_VALUE = 32, 4000, 200
BEGIN, END = b"<EventNotificationAlert", b"</EventNotificationAlert>"
PLATES = {"platenumber", "plate", "licenseplate", "licenseplatenumber"}
SURENESS = {"likelihood", "confidence", "confidencelevel"}
UNKNOWN = {"", "unknown", "noplate", "none", "null"}


class StrangeEvent(ValueError):
    """No document that may be read."""


@dataclass(frozen=True, slots=True)
class CameraReading:
    """`text` canonical; `country` of the format that it fits, "?" for none; `confidence`: the
    camera's own, 0 to 1, which nobody has calibrated, None where it says none; `at`: by the
    camera's clock."""

    text: str
    country: str
    confidence: float | None = None
    at: datetime | None = None


@dataclass(slots=True)
class Element:
    """`name` without its namespace, in lower case."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def all(self) -> Iterator[Element]:
        yield self
        for element in self.inside:
            yield from element.all()

    def value(self, name: str) -> str:
        """The text of the first element of that name, or ""."""
        return next((e.text.strip() for e in self.all() if e.name == name), "")


def document(data: bytes) -> Element:
    """Raises StrangeEvent."""
    if len(data) > LARGEST:
        raise StrangeEvent("more than a document may have")
    top = Element("", {})
    open_ones, count = [top], 0
    parser = expat.ParserCreate()

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST_ELEMENTS or len(open_ones) > DEEPEST:
            raise StrangeEvent("more elements than a document may have")
        given = {_local(k): v[:LONGEST_VALUE] for k, v in attributes.items()}
        made = Element(_local(name), given)
        open_ones[-1].inside.append(made)
        open_ones.append(made)

    def end(name: str) -> None:
        open_ones.pop()

    def text(piece: str) -> None:
        if len(open_ones[-1].text) < LONGEST_VALUE:
            open_ones[-1].text += piece[:LONGEST_VALUE]

    def refused(*given: object) -> None:
        raise StrangeEvent("a document type")

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refused
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise StrangeEvent(str(error)) from None
    return top


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


# --- Hikvision ---


class AlertStream:
    """Feed it the answer of /ISAPI/Event/notification/alertStream; it gives whole documents. Parts
    in between (pictures, boundaries) are passed over."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._held += data
        while True:
            begin = self._held.find(BEGIN)
            if begin < 0:
                del self._held[: max(0, len(self._held) - len(BEGIN) + 1)]
                return
            del self._held[:begin]
            end = self._held.find(END)
            if end < 0:
                if len(self._held) > LARGEST:
                    # No document is so large: the next one may begin within.
                    del self._held[: len(BEGIN)]
                    continue
                return
            # One that was cut off is dropped where the next begins.
            begin = self._held.rfind(BEGIN, 0, end)
            yield bytes(self._held[begin : end + len(END)])
            del self._held[: end + len(END)]


def isapi_reading(data: bytes) -> CameraReading | None:
    """None for an event of another kind, and for a vehicle whose plate the camera did not read.
    Raises StrangeEvent."""
    event = document(data)
    if event.value("eventtype").lower() != "anpr":
        return None
    sure = _number(event.value("confidencelevel"))
    confidence = None if sure is None else sure / 100
    return _reading(event.value("licenseplate"), confidence, event.value("datetime"))


# --- ONVIF ---


def onvif_readings(data: bytes) -> list[CameraReading]:
    """Of an answer to PullMessages. Raises StrangeEvent."""
    found = []
    for message in document(data).all():
        if message.name != "notificationmessage":
            continue
        if not message.value("topic").lower().endswith("licenseplate"):
            continue
        items = _items(message)
        plate = next((items[name] for name in items if name in PLATES), "")
        sure = next((_number(items[name]) for name in items if name in SURENESS), None)
        if sure is not None and sure > 1:
            sure /= 100
        at = next(
            (e.attributes.get("utctime", "") for e in message.all() if "utctime" in e.attributes),
            "",
        )
        if (reading := _reading(plate, sure, at)) is not None:
            found.append(reading)
    return found


def _items(message: Element) -> dict[str, str]:
    """Simple items by their name, and elements of the same names."""
    items: dict[str, str] = {}
    for element in message.all():
        if element.name == "simpleitem":
            items.setdefault(
                element.attributes.get("name", "").lower(), element.attributes.get("value", "")
            )
        elif element.name in PLATES | SURENESS:
            items.setdefault(element.name, element.text.strip())
            if "likelihood" in element.attributes:
                items.setdefault("likelihood", element.attributes["likelihood"])
    return items


def address(data: bytes) -> str:
    """Where the subscription's messages are to be pulled; "" where nothing is said. Raises
    StrangeEvent."""
    return document(data).value("address")


def _reading(plate: str, confidence: float | None, at: str) -> CameraReading | None:
    if plate.strip().lower() in UNKNOWN:
        return None
    try:
        text = canonical(plate.strip())
    except StrangePlate:
        return None
    known = parse(text)
    bounded = None if confidence is None else min(1.0, max(0.0, confidence))
    return (
        CameraReading(text, known.country if known else "?", bounded, _time(at)) if text else None
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 100 else None


def _time(text: str) -> datetime | None:
    """With its zone; None for what is no time, and for one without a zone."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
