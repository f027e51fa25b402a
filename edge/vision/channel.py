"""What the vision process and the service say to each other, over one pipe.

Vision decodes what comes over a network, so the service believes it no more than a camera: what it
says is JSON, bounded and checked against the types of the facts, and a live picture follows its
line as bytes. What the service says to vision is JSON too. Neither reads a pickle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, get_args

from pydantic import TypeAdapter

from edge.domain.facts import CameraChanged, VisionFact
from edge.domain.strict_json import strict_json
from edge.system import causes
from edge.system.supervision import Beat
from edge.vision.port import CameraStatus

MOST_SAID = 4 * 1024 * 1024
"""Bytes of one message: a live picture has some 60 kB, one of pure noise less than a megabyte."""

MOST_ASKED = 4096
"""Bytes of one word of the service."""

END = b"\n"
"""Of the JSON; what follows is the picture."""


@dataclass(frozen=True, slots=True)
class LivePicture:
    """The newest picture of a view, as people see it."""

    lane: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """Vision cannot go on, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class ThreadEnded:
    name: str


Said = VisionFact | CameraStatus | Beat | LivePicture | Fault | ThreadEnded


class Word(StrEnum):
    """See port.Eyes."""

    DOUBT = "doubt"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the pictures of a view are to be believed. `lane`: the view."""

    word: Word
    lane: str


_KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Said)}
_SAID: Mapping[str, TypeAdapter[Any]] = {n: TypeAdapter(kind) for n, kind in _KINDS.items()}
_ASKED = TypeAdapter(Asked)


def packed(said: Said) -> bytes:
    """Raises ValueError for what cannot be said: a number that is none."""
    body = asdict(said)
    picture: bytes = body.pop("jpeg", b"")
    message = {
        "kind": type(said).__name__,
        "body": body,
        "phrase": causes.kept(body.get("why", "")),
    }
    text = json.dumps(message, default=_plain, allow_nan=False, ensure_ascii=False)
    # Half a character, as a broken file name has, stops nobody.
    return text.encode("utf-8", "replace") + END + picture


def unpacked(message: bytes) -> Said:
    """Raises ValueError for what is not understood."""
    line, _, picture = message.partition(END)
    match strict_json(line, MOST_SAID):
        case {"kind": str(kind), "body": dict(body), "phrase": phrase} if kind in _KINDS:
            pass
        case _:
            raise ValueError("no message of vision's")
    if kind == LivePicture.__name__:
        return LivePicture(_lane(body), picture)
    if picture or body.keys() - {field.name for field in fields(_KINDS[kind])}:
        raise ValueError(f"{kind} with more than belongs to it")
    found: Said = _SAID[kind].validate_json(json.dumps(body), strict=True)
    if isinstance(found, CameraStatus | CameraChanged | Fault) and phrase is not None:
        return replace(found, why=causes.revived(found.why, phrase))
    return found


def packed_word(asked: Asked) -> bytes:
    return json.dumps(asdict(asked)).encode()


def unpacked_word(message: bytes) -> Asked:
    """Raises ValueError."""
    return _ASKED.validate_json(message, strict=True)


def _lane(body: Mapping[str, Any]) -> str:
    match body:
        case {"lane": str(lane)} if len(body) == 1:
            return lane
    raise ValueError("a picture of nothing")


def _plain(value: Any) -> Any:
    """Sets, and numbers of numpy's."""
    return sorted(value) if isinstance(value, frozenset) else value.item()
