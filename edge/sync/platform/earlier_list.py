"""The file in which earlier versions kept the assignments; it is read once and then removed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.domain.assignment import Assignment
from edge.sync.platform.items import NotUnderstood, read_item

FILE = "assignments.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EarlierList:
    """`as_of`: when the platform had last answered; None: never. The rest: see spent.py."""

    items: list[Assignment]
    as_of: datetime | None
    spent: dict[str, int]
    reported: list[str]
    released: dict[str, int]


def earlier_list(file: Path) -> EarlierList | None:
    """None where the file is damaged, which is logged."""
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        return EarlierList(
            list(_understood(body["items"])),
            moment_of(body["as_of"]) if body["as_of"] else None,
            {str(k): int(v) for k, v in body["spent"].items()},
            [str(id) for id in body.get("reported", ())],
            {str(k): int(v) for k, v in body.get("released", {}).items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.error("%s is damaged (%s); fetched anew from the platform", file, error)
        return None


def moment_of(text: str) -> datetime:
    """Raises ValueError for text that is no time with its zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return moment


def _understood(raw: list[object]) -> Iterator[Assignment]:
    """Those of the items that are still understood; an earlier version may have kept others."""
    strange: list[str] = []
    for one in raw:
        try:
            yield read_item(one)
        except NotUnderstood as error:
            strange.append(str(error))
    if strange:
        log.error("%d items were not taken over, the first: %s", len(strange), strange[0])
