"""PURE. The name of a kept file says all of it: its day, the lane, when its picture was taken, the
SHA-256 of its bytes, how many these are, and what it shows. So an event that names a file vouches
for its content.

    20261130-out1-20261130T031500123Z-<64 hex digits>-10792-plate.jpg

Files of before have no number of bytes in their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from edge.domain.moment import iso

STAMP = "%Y%m%dT%H%M%S"
DIGITS = 64
SIZE = re.compile(r"[1-9][0-9]{0,8}|0", re.ASCII)


class Kind(StrEnum):
    """What a file shows, and its ending."""

    OVERVIEW = "overview.jpg"
    VEHICLE = "vehicle.jpg"
    PLATE = "plate.jpg"
    CLIP = "clip.mp4"
    READS = "reads.json"


MEDIA_TYPES = {"jpg": "image/jpeg", "mp4": "video/mp4", "json": "application/json"}
"""By the ending of a kind."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """`captured_at`: when its picture, or the last of it, came from the camera. `bytes`: how many
    it has; None where its name does not say so."""

    name: str
    kind: Kind
    sha256: str
    captured_at: datetime
    bytes: int | None = None


def name_of(day: str, lane: str, captured_at: datetime, data: bytes, kind: Kind) -> str:
    at = captured_at.astimezone(UTC)
    stamp = (
        f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}"
        f"{at.microsecond // 1000:03}Z"
    )
    return f"{day}-{lane}-{stamp}-{sha256(data).hexdigest()}-{len(data)}-{kind}"


def parsed(name: str) -> EvidenceFile | None:
    """None for what has no such name: files of before this format, and anything else."""
    head, _, kind = name.rpartition("-")
    before, _, size = head.rpartition("-")
    sized = SIZE.fullmatch(size) is not None
    parts = (before if sized else head).rsplit("-", 2)
    if len(parts) != 3 or kind not in set(Kind) or len(parts[0]) < 10:
        return None
    _, stamp, digest = parts
    if len(digest) != DIGITS or digest.strip("0123456789abcdef") or len(stamp) != 19:
        return None
    try:
        at = datetime.strptime(stamp[:15], STAMP).replace(tzinfo=UTC)
        at = at.replace(microsecond=1000 * int(stamp[15:18]))
    except ValueError:
        return None
    return EvidenceFile(name, Kind(kind), digest, at, int(size) if sized else None)


def described(names: Iterable[str]) -> list[dict[str, Any]]:
    """The files as events name them."""
    return [
        {
            "name": file.name,
            "kind": file.kind.partition(".")[0],
            "sha256": file.sha256,
            **({} if file.bytes is None else {"bytes": file.bytes}),
            "media_type": MEDIA_TYPES[file.kind.rpartition(".")[2]],
            "captured_at": iso(file.captured_at),
        }
        for file in map(parsed, names)
        if file is not None
    ]
