"""The shipped weights, checked by SHA-256 before they are loaded (weights.json lists them)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

SHIPPED = Path(__file__).parent
LIST = "weights.json"


class WeightsError(Exception):
    """Weights are missing or changed; the text names file and cure."""


def checked(folder: Path, name: str) -> Path:
    """The file, after its checksum (and that of the files beside it with the same stem) held.

    A folder without a list holds a user's own weights: those are not checked.
    """
    file = folder / name
    if not file.exists():
        raise WeightsError(f"{file}: missing; install the gate again or correct [vision]")
    listed = folder / LIST
    if not listed.exists():
        return file
    sums: dict[str, str] = json.loads(listed.read_text())
    for path, wanted in sums.items():
        if Path(path).with_suffix("") != Path(name).with_suffix(""):
            continue
        found = hashlib.sha256((folder / path).read_bytes()).hexdigest()
        if found != wanted:
            raise WeightsError(f"{folder / path}: changed or damaged; install the gate again")
    return file
