"""Which lanes are in shadow mode, in a file of its own: guards begin before the journal can be
read, and an arm that another controller moves is not written to meanwhile."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from pathlib import Path

from edge.system.atomic_file import write_atomic

FILE = "shadowed.json"
LARGEST = 65_536

log = logging.getLogger(__name__)


def read_shadowed(folder: Path) -> frozenset[str]:
    """None where the file is missing or not understood; the journal says it a moment later."""
    try:
        with (folder / FILE).open("rb") as file:
            lanes = json.loads(file.read(LARGEST))
        if not isinstance(lanes, list):
            raise ValueError("no list")
        return frozenset(str(lane) for lane in lanes)
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError) as error:
        log.error("%s is not understood: %s", folder / FILE, error)
        return frozenset()


def write_shadowed(folder: Path, lanes: Collection[str]) -> None:
    """Raises OSError."""
    write_atomic(folder / FILE, json.dumps(sorted(lanes)).encode())
